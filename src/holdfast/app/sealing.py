"""The job that brings everything that is stored under the newest keys: batch by batch, each one a job and a
transaction that enqueues the next. It can be stopped, and after a kill the next one goes on."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access import installation_keys
from holdfast.access.key_sources import key_source
from holdfast.access.keys import CUSTOMERS, FIELDS, INDEX, key_ring
from holdfast.access.models import CustomerKey, InstallationKey, KeyWork
from holdfast.access.resealing import Step, steps
from holdfast.app.schema import METADATA
from holdfast.channels.voice.models import BlockedNumber, Call
from holdfast.channels.voice.reindexing import NumberIndexes
from holdfast.conversations.sealing import FileKeys, FileOwners, Files
from holdfast.core import jobs
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.files import FileStore
from holdfast.core.ids import new_id
from holdfast.core.settings import Settings
from holdfast.people.models import Process
from holdfast.people.presence import DEAD_AFTER
from holdfast.people.reindexing import ContactIndexes, SubjectIndexes

TASK = "app.seal"
_NAME = "seal"
# Passes that do nothing, one after the other, though something is left: it cannot be moved.
_IDLE_PASSES = 3
_FIRST = UUID(int=0)

logger = logging.getLogger(__name__)


def every_step(store: FileStore) -> list[Step]:
    """In an order in which none leaves work for one before it."""
    return [FileOwners(), *steps(METADATA), FileKeys(), Files(store), *_indexes()]


def _indexes() -> list[Step]:
    return [ContactIndexes(), SubjectIndexes(), NumberIndexes(Call), NumberIndexes(BlockedNumber)]


def task(settings: Settings, database: Database) -> jobs.Task:
    return partial(work, database, every_step(FileStore(settings.data_dir / "files")))


async def begin_customers(settings: Settings, database: Database) -> None:
    """Once no process of the first version lives: give customers keys of their own, and move what there is.

    Called now and then by the worker of an installation that was upgraded; nothing to do in any other.
    """
    if key_ring().has(CUSTOMERS):
        return
    async with database.transaction() as session:
        old = select(func.count()).where(Process.keys == 0, Process.beat_at > now() - DEAD_AFTER)
        if await session.scalar(old):
            return
    await asyncio.to_thread(installation_keys.begin_customers, database.dsn, key_source(settings))
    key_ring().read_again()
    async with database.transaction() as session:
        await begin(session)


async def begin(session: AsyncSession) -> None:
    """Start the job, from the beginning. One that runs already ends with its batch."""
    run = new_id()
    row = await session.get(KeyWork, _NAME, with_for_update=True)
    if row is None:
        row = KeyWork(job=_NAME)
        session.add(row)
    row.run, row.state, row.doing, row.done, row.failed = run, "running", "", 0, 0
    row.started_at = row.at = now()
    await session.flush()
    await jobs.defer(session, TASK, run=str(run), step=0, after=str(_FIRST), progress=False)


async def stop(session: AsyncSession) -> None:
    """End the job after its batch."""
    row = await session.get(KeyWork, _NAME, with_for_update=True)
    if row is not None and row.state == "running":
        row.state, row.at = "stopped", now()


async def work(
    database: Database, all_steps: Sequence[Step], run: str, step: int, after: str, progress: bool, idle: int = 0
) -> None:
    """The job ``app.seal``: one batch. ``progress`` says whether this pass over the steps has done anything; ``idle``
    how many passes in a row before it have not, though something was left.

    Passes are repeated until one finds nothing to do: others write meanwhile, and locked rows are passed over. What
    came between a pass and the count of what is left is no reason to end.
    """
    async with database.transaction() as session:
        row = await session.get(KeyWork, _NAME, with_for_update=True)
        if row is None or row.run != UUID(run) or row.state != "running":
            return
        found = await all_steps[step].batch(session, UUID(after))
        row.done, row.failed, row.at = row.done + found.done, row.failed + found.failed, now()
        row.doing = all_steps[step].name
        progress = progress or found.done > 0
        following, cursor = (step, found.last) if found.last else (step + 1, _FIRST)
        if following == len(all_steps):
            if not progress:
                left = await remaining(session, all_steps)
                idle += 1
            if not progress and (not left or row.failed or idle == _IDLE_PASSES):
                row.state, row.doing = ("incomplete" if left else "done"), ""
                if left:
                    logger.warning("the sealing job ends with rows that it cannot move: %s", left)
                return
            following, idle, progress, row.failed = 0, 0 if progress else idle, False, 0
        await jobs.defer(session, TASK, run=run, step=following, after=str(cursor), progress=progress, idle=idle)


async def remaining(session: AsyncSession, all_steps: Sequence[Step]) -> dict[str, int]:
    """What is not under the newest keys, by step; steps with nothing left are not in it."""
    counted = {step.name: await step.left(session) for step in all_steps}
    return {name: count for name, count in counted.items() if count}


@dataclass(frozen=True, slots=True)
class Status:
    """What ``holdfast keys status`` shows. ``behind`` counts living processes that seal with an older generation."""

    master: str
    generations: dict[str, list[int]]
    customers: int
    erased: int
    remaining: dict[str, int]
    work: KeyWork | None
    behind: int


async def status(session: AsyncSession, all_steps: Sequence[Step]) -> Status:
    ring = key_ring()
    newest = ring.newest(FIELDS)
    keys = (await session.scalars(select(InstallationKey))).all()
    behind = select(func.count()).select_from(Process)
    destroyed = func.count(CustomerKey.destroyed_at)
    customers, erased = (await session.execute(select(func.count(), destroyed).select_from(CustomerKey))).one()
    return Status(
        master=keys[0].master,
        generations={p: ring.generations(p) for p in sorted({key.purpose for key in keys})},
        customers=customers - erased,
        erased=erased,
        remaining=await remaining(session, all_steps),
        work=await session.get(KeyWork, _NAME),
        behind=await session.scalar(behind.where(Process.keys < newest, Process.beat_at > now() - DEAD_AFTER)) or 0,
    )


def retirable(found: Status, *, forget_subjects: bool) -> list[str]:
    """The purposes whose older keys nothing uses. ``forget_subjects``: customers of whom only the index of their user
    id is kept become new ones when they come back."""
    indexes = {step.name for step in _indexes()}
    ignored = {SubjectIndexes().name} if forget_subjects else set()
    values, kept_indexes = found.remaining.keys() - indexes, (found.remaining.keys() & indexes) - ignored
    purposes = [] if values or found.behind else [FIELDS, CUSTOMERS]
    return purposes if kept_indexes else [*purposes, INDEX]
