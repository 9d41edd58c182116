"""An installation whose sealing job a real worker does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

from sqlalchemy import text

from holdfast.access import installation_keys
from holdfast.access.customer_keys import cache
from holdfast.access.key_sources import FileSource, key_source
from holdfast.access.keys import key_ring
from holdfast.app import sealing
from holdfast.conversations.files import upload
from holdfast.conversations.models import Attachment
from holdfast.core import jobs
from holdfast.core.database import Database
from holdfast.core.files import FileStore
from holdfast.core.settings import Settings
from tests.conversations.support import Desk, desk
from tests.support.waiting import eventually_so

MASTER = b"k" * 32


@dataclass
class Installation:
    desk: Desk
    settings: Settings
    store: FileStore
    source: FileSource

    @property
    def database(self) -> Database:
        return self.desk.database

    async def run(self) -> str:
        """Let a real worker do the job; how it ended."""
        worker = asyncio.create_task(
            jobs.run_worker(self.desk.dsn, {sealing.TASK: sealing.task(self.settings, self.database)})
        )
        try:
            await eventually_so(self.is_over, 60, "the end of the job")
        finally:
            worker.cancel()
            with suppress(asyncio.CancelledError):
                await worker
        return await self.state()

    async def is_over(self) -> bool:
        # A job that was told to stop still has to be taken up, to end without doing anything.
        return await self.state() != "running" and not await self.jobs()

    async def jobs(self) -> int:
        async with self.database.transaction() as session:
            return int(await session.scalar(text("SELECT count(*) FROM procrastinate_jobs")) or 0)

    async def state(self) -> str:
        async with self.database.transaction() as session:
            return str(await session.scalar(text("SELECT state FROM key_work")))

    async def status(self) -> sealing.Status:
        async with self.database.transaction() as session:
            return await sealing.status(session, sealing.every_step(self.store))

    async def begin(self) -> None:
        async with self.database.transaction() as session:
            await sealing.begin(session)

    async def upload(self, conversation_id: UUID, data: bytes = b"some words") -> Attachment:
        return await upload(
            self.database,
            self.store,
            self.desk.viewer(conversation_id),
            conversation_id,
            data=data,
            name="note.txt",
            declared_type="text/plain",
        )

    async def retire(self, **options: bool) -> list[str]:
        purposes = sealing.retirable(await self.status(), forget_subjects=options.get("forget_subjects", False))
        gone = installation_keys.retire(self.desk.dsn, purposes)
        key_ring().read_again()
        return gone


@asynccontextmanager
async def installation(dsn: str, folder: Path) -> AsyncIterator[Installation]:
    settings = replace(Settings(), data_dir=folder)
    settings.key_file.parent.mkdir(mode=0o700)
    settings.key_file.write_text(MASTER.hex())
    source = key_source(settings)
    assert isinstance(source, FileSource)
    async with desk(dsn) as made:
        cache.clear()
        yield Installation(made, settings, FileStore(folder / "files"), source)
