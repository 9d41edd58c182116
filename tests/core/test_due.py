"""Deadlines come at their instant, once, whatever one of them does."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.core import clock
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.due import Claimer, Due, clear_due, set_due
from holdfast.core.ids import new_id
from holdfast.core.notify import DUE, Listener
from tests.support.waiting import eventually_so


class Handled:
    """Keeps what came and when; kind ``bad`` fails the first time."""

    def __init__(self) -> None:
        self.came: list[tuple[UUID, datetime]] = []
        self.failures = 0
        self._more = asyncio.Event()

    async def good(self, _session: AsyncSession, ref: UUID) -> None:
        self.came.append((ref, now()))
        self._more.set()

    async def bad(self, _session: AsyncSession, _ref: UUID) -> None:
        self.failures += 1
        raise RuntimeError("on purpose")

    async def until(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self.came) < count:
                self._more.clear()
                await self._more.wait()


@pytest.fixture
async def database(fresh_database_url: str) -> AsyncIterator[Database]:
    made = Database(fresh_database_url)
    yield made
    await made.close()


@pytest.fixture
async def handled(database: Database) -> AsyncIterator[Handled]:
    """Two claimers, as two workers have, woken by NOTIFY."""
    kept = Handled()
    claimers = [Claimer(database, {"good": kept.good, "bad": kept.bad}) for _ in range(2)]

    def wake(_payload: str) -> None:
        for claimer in claimers:
            claimer.wake()

    listener = Listener(database.dsn, {DUE: wake})
    tasks = [asyncio.create_task(work) for work in (listener.run(), *(c.run() for c in claimers))]
    await listener.connected.wait()
    yield kept
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_deadline_comes_at_its_instant_and_once(database: Database, handled: Handled) -> None:
    at = now() + timedelta(milliseconds=300)
    refs = [new_id() for _ in range(20)]
    async with database.transaction() as session:
        for ref in refs:
            await set_due(session, "good", ref, at)
    await handled.until(20)
    assert sorted(ref for ref, _ in handled.came) == sorted(refs)
    assert all(moment >= at for _, moment in handled.came)

    async def none_is_left() -> bool:
        async with database.transaction() as session:
            return await session.scalar(select(func.count()).select_from(Due)) == 0

    # The last handler's transaction may just end.
    await eventually_so(none_is_left, 5, "none is left")


async def test_a_deadline_set_while_the_claimer_sleeps_wakes_it(database: Database, handled: Handled) -> None:
    far, near = new_id(), new_id()
    async with database.transaction() as session:
        await set_due(session, "good", far, now() + timedelta(hours=1))
    async with database.transaction() as session:
        await set_due(session, "good", near, now() + timedelta(milliseconds=50))
    await handled.until(1)
    assert [ref for ref, _ in handled.came] == [near]


async def test_moving_and_clearing(database: Database, handled: Handled) -> None:
    moved, cleared, last = new_id(), new_id(), new_id()
    async with database.transaction() as session:
        await set_due(session, "good", moved, now() + timedelta(milliseconds=100))
        await set_due(session, "good", cleared, now() + timedelta(milliseconds=100))
        await set_due(session, "good", moved, now() + timedelta(hours=1))
        await clear_due(session, "good", cleared)
        await set_due(session, "good", last, now() + timedelta(milliseconds=300))
    await handled.until(1)
    assert [ref for ref, _ in handled.came] == [last]


async def test_a_failing_handler_is_tried_again_and_holds_up_nobody(database: Database, handled: Handled) -> None:
    bad, good = new_id(), new_id()
    async with database.transaction() as session:
        await set_due(session, "bad", bad, now() - timedelta(seconds=2))
        await set_due(session, "good", good, now() - timedelta(seconds=1))
    await handled.until(1)
    assert handled.failures >= 1
    at = now()
    async with asyncio.timeout(10):
        while at <= now() + timedelta(seconds=3):
            async with database.transaction() as session:
                at = (await session.get_one(Due, ("bad", bad))).at


async def test_a_rolled_back_deadline_never_comes(database: Database, handled: Handled) -> None:
    never, after = new_id(), new_id()
    with pytest.raises(RuntimeError):
        async with database.transaction() as session:
            await set_due(session, "good", never, now())
            raise RuntimeError("on purpose")
    async with database.transaction() as session:
        await set_due(session, "good", after, now())
    await handled.until(1)
    assert [ref for ref, _ in handled.came] == [after]


@pytest.fixture
def moment() -> Iterator[datetime]:
    """The clock stands still."""
    stopped = now()
    clock.set_source(lambda: stopped)
    yield stopped
    clock.set_source(None)


async def test_a_deadline_that_another_process_holds_is_not_asked_for_without_end(
    database: Database, moment: datetime
) -> None:
    kept = Handled()
    claimer = Claimer(database, {"good": kept.good})
    held, free = new_id(), new_id()
    async with database.transaction() as session:
        await set_due(session, "good", held, moment - timedelta(seconds=1))
    async with database.transaction() as other:
        await other.get_one(Due, ("good", held), with_for_update=True)
        pauses = [await claimer._look() for _ in range(10)]
        assert pauses == sorted(pauses)
        # Long enough to cost nothing; and whoever dies with it is noticed in time.
        assert 0.1 <= pauses[-1] <= 0.5
        # What comes meanwhile, and nobody holds, is in time.
        async with database.transaction() as session:
            await set_due(session, "good", free, moment)
        await claimer._look()
        assert [ref for ref, _ in kept.came] == [free]
        async with database.transaction() as session:
            await set_due(session, "good", free, moment + timedelta(milliseconds=40))
        assert [await claimer._look() for _ in range(10)][-1] == 0.04
    # Freed without a notice, as by a process that was killed.
    assert await claimer._look() == 0.04
    assert [ref for ref, _ in kept.came] == [free, held]


async def test_a_deadline_that_comes_while_one_was_looked_for_is_not_taken_for_held(
    database: Database, moment: datetime
) -> None:
    async with database.transaction() as session:
        await set_due(session, "good", new_id(), moment)
    just_before = moment - timedelta(microseconds=1)
    assert await Claimer(database, {})._pause(just_before) == timedelta(milliseconds=1)
