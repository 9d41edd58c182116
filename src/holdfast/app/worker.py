"""The worker process: jobs, deadlines, routing, and the sweep of processes that died."""

import asyncio
import logging
import signal
from contextlib import suppress
from datetime import timedelta
from functools import partial

from holdfast.app.start import start
from holdfast.conversations import fragments
from holdfast.conversations import housekeeping as conversations
from holdfast.core import jobs
from holdfast.core.database import Database
from holdfast.core.due import Claimer, Handler
from holdfast.core.files import FileStore
from holdfast.core.jobs import Task
from holdfast.core.notify import DUE, ROUTING, Listener
from holdfast.core.settings import Settings
from holdfast.people import housekeeping, invitations, mail, presence
from holdfast.privacy import jobs as privacy
from holdfast.privacy import operations as requests
from holdfast.routing import operations as routing
from holdfast.routing.router import Router

logger = logging.getLogger(__name__)

DEADLINES: dict[str, Handler] = {
    "offer": routing.expire,
    "silence": routing.silence,
    "presence_grace": presence.grace_over,
    fragments.RELEASE: fragments.release,
    fragments.FORGET: fragments.forget,
    fragments.SHRED: fragments.shred,
    requests.BEGIN: requests.begin,
}


def tasks(settings: Settings, database: Database) -> dict[str, Task]:
    """The jobs by name."""
    return {
        mail.SEND: partial(mail.send, settings, database),
        invitations.RESET: partial(invitations.send_reset, settings, database),
        requests.WORK: partial(privacy.work, settings, database),
    }


async def _sweep(settings: Settings, database: Database) -> None:
    """Every 5 s: beat, and remove processes that no longer do."""
    grace = timedelta(seconds=settings.presence_grace)
    process_id = None
    try:
        while True:
            try:
                async with database.transaction() as session:
                    if process_id is None or not await presence.beat(session, process_id):
                        process_id = await presence.register_process(session, "worker")
                    await presence.sweep(session, grace)
            except Exception:
                logger.warning("the sweep failed, trying again", exc_info=True)
            await asyncio.sleep(presence.BEAT_EVERY.total_seconds())
    finally:
        if process_id is not None:
            with suppress(Exception):
                async with database.transaction() as session:
                    await presence.leave_process(session, process_id)


async def _housekeep(settings: Settings, database: Database) -> None:
    """Every hour: delete what no longer counts."""
    files = FileStore(settings.data_dir / "files")
    while True:
        try:
            async with database.transaction() as session:
                await housekeeping.purge(session)
            await conversations.purge(database, files)
        except Exception:
            logger.warning("housekeeping failed, trying again in an hour", exc_info=True)
        await asyncio.sleep(housekeeping.EVERY)


async def run(settings: Settings, dsn: str) -> None:
    """Until cancelled."""
    database = start(settings, dsn)
    claimer = Claimer(database, DEADLINES)
    router = Router(database)

    async def look_again() -> None:
        claimer.wake()
        router.wake()

    listener = Listener(dsn, {DUE: lambda _: claimer.wake(), ROUTING: lambda _: router.wake()}, look_again)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(listener.run())
            group.create_task(claimer.run())
            group.create_task(router.run())
            group.create_task(_sweep(settings, database))
            group.create_task(_housekeep(settings, database))
            group.create_task(privacy.watch(settings, database))
            group.create_task(jobs.run_worker(dsn, tasks(settings, database)))
    finally:
        await database.close()


def main(settings: Settings, dsn: str) -> int:
    """Work until SIGTERM."""

    async def until_told() -> None:
        work = asyncio.create_task(run(settings, dsn))
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, work.cancel)
        with suppress(asyncio.CancelledError):
            await work

    asyncio.run(until_told())
    return 0
