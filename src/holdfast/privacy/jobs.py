"""The jobs: one that does requests step by step, one that sweeps what has run out."""

import asyncio
import logging
from collections.abc import Collection
from pathlib import Path
from uuid import UUID

from holdfast.access.viewer import SystemViewer
from holdfast.channels.mail.sealed_words import key_folder
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.files import FileStore
from holdfast.core.settings import Settings
from holdfast.privacy import erasure, export, ledger, queries, retention, review

logger = logging.getLogger(__name__)

_SYSTEM = SystemViewer("privacy")
# Seconds between two looks whether a sweep or a review is due.
LOOK = 600.0


def uploads(settings: Settings) -> FileStore:
    return FileStore(settings.data_dir / "files")


def archives(settings: Settings) -> FileStore:
    return FileStore(settings.data_dir / "exports")


def places(settings: Settings) -> erasure.Places:
    return erasure.Places(uploads(settings), archives(settings), key_folder(settings))


def ledger_path(settings: Settings) -> Path:
    return settings.data_dir / "erasures.jsonl"


async def work(settings: Settings, database: Database, *, request: str) -> None:
    """Do a request to its end, or until it is stopped; each step is a transaction, so that a killed worker's job goes
    on where it was."""
    while True:
        async with database.transaction() as session:
            row = await queries.request(session, _SYSTEM, UUID(request), lock=True)
            if row.state not in {"ready", "running"}:
                return
            row.state = "running"
            if row.kind == "export":
                over = await export.step(session, archives(settings), uploads(settings), row)
            else:
                over = await erasure.step(session, places(settings), ledger_path(settings), row)
            if over:
                row.finished_at = now()
                if row.state == "running":
                    row.state = "done"
                return


async def replay(settings: Settings, database: Database, also: Collection[UUID] = ()) -> int:
    """Erase again everybody of the ledger (and of ``also``) whom this database does not know as erased: a restored
    backup has brought them back. How many had something left."""
    async with database.transaction() as session:
        erased = await queries.erased_customers(session)
    count = 0
    for customer_id in sorted((ledger.customers(ledger_path(settings)) | set(also)) - erased):
        async with database.transaction() as session:
            count += bool(await erasure.replay(session, customer_id, places(settings)))
    return count


async def expire(settings: Settings, database: Database) -> None:
    """Archives whose week is over, and those that somebody stopped and left for as long."""
    while True:
        async with database.transaction() as session:
            row = await queries.expired_archive(session, now())
            if row is None:
                return
            await asyncio.to_thread(export.discard, archives(settings), row)
            row.state, row.finished_at = "expired", row.finished_at or now()


async def watch(settings: Settings, database: Database) -> None:
    """Until cancelled: the daily sweep, the expiry of archives, and the review when its day has come."""
    while True:
        try:
            await replay(settings, database)
            await expire(settings, database)
            if await _sweep_is_due(database):
                await retention.sweep(database, uploads(settings))
            await review.make_if_due(settings, database)
        except Exception:
            logger.warning("the privacy watch failed, trying again", exc_info=True)
        await asyncio.sleep(LOOK)


async def _sweep_is_due(database: Database) -> bool:
    async with database.transaction() as session:
        runs = await queries.last_runs(session)
    last = min((runs[kind].at for kind in retention.KINDS if kind in runs), default=None)
    return len(runs) < len(retention.KINDS) or last is None or last < now() - retention.EVERY
