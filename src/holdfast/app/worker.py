"""The worker process: jobs, deadlines, routing, and the sweep of processes that died."""

import asyncio
import logging
import signal
from contextlib import suppress
from datetime import timedelta
from functools import partial

from holdfast.access import customer_keys, grants
from holdfast.access.http import VERIFY
from holdfast.app import audit_sealing, sealing, texts
from holdfast.app.letters import Letters
from holdfast.app.second_level import SecondLevel
from holdfast.app.start import start
from holdfast.app.tesseract import Tesseract
from holdfast.automation import following, followups, scheduled, trials
from holdfast.automation.reader import RuleReader
from holdfast.channels.mail.entering import CHANNEL as MAIL
from holdfast.channels.voice import keeping as calls
from holdfast.channels.voice import passing_on
from holdfast.channels.webhooks import operations as webhooks
from holdfast.channels.webhooks import unseen
from holdfast.channels.webhooks.courier import Courier
from holdfast.channels.webhooks.reader import Reader
from holdfast.conversations import fragments
from holdfast.conversations import housekeeping as conversations
from holdfast.conversations.pictures import Readings
from holdfast.core import jobs
from holdfast.core.database import Database
from holdfast.core.due import Claimer, Handler
from holdfast.core.files import FileStore
from holdfast.core.jobs import Task
from holdfast.core.notify import AUTOMATION, DUE, KEYS, LIVE, PICTURES, ROUTING, WEBHOOKS, Listener
from holdfast.core.outgoing import outgoing_of
from holdfast.core.settings import Settings
from holdfast.paging import coverage, pages, rotas
from holdfast.paging.channel import PAGING
from holdfast.paging.contacts import TEST_KIND
from holdfast.paging.courier import Courier as Pager
from holdfast.paging.sending import RealSender
from holdfast.people import housekeeping, invitations, mail, presence
from holdfast.privacy import jobs as privacy
from holdfast.privacy import operations as requests
from holdfast.privacy.models import WORK
from holdfast.promises import operations as promises
from holdfast.promises import turns
from holdfast.promises.keeping import TURN
from holdfast.promises.reader import PromiseReader
from holdfast.routing import operations as routing
from holdfast.routing.router import Router
from holdfast.technical.channel import TECHNICAL
from holdfast.verification import operations as verification

logger = logging.getLogger(__name__)

DEADLINES: dict[str, Handler] = {
    "offer": routing.expire,
    "silence": routing.silence,
    "presence_grace": presence.grace_over,
    grants.DUE: grants.end_of_time,
    fragments.RELEASE: fragments.release,
    fragments.FORGET: fragments.forget,
    fragments.SHRED: fragments.shred,
    requests.BEGIN: requests.begin,
    verification.OVER: verification.over,
    TURN: turns.turn,
    unseen.DUE: unseen.told,
    pages.DUE: pages.climb,
    TEST_KIND: pages.weekly_test,
    following.TIMER: following.time_over,
    scheduled.DUE: scheduled.send,
    followups.DUE: followups.come_back,
    calls.WRAP_UP: calls.wrap_up_over,
    passing_on.PASSED_ON: passing_on.passed_on_over,
    calls.CALL_BACK: calls.call_back_due,
}


def tasks(settings: Settings, database: Database) -> dict[str, Task]:
    """The jobs by name."""
    return {
        mail.SEND: partial(mail.send, settings, database),
        texts.SEND: partial(texts.send, settings, database, outgoing_of(settings)),
        invitations.RESET: partial(invitations.send_reset, settings, database),
        sealing.TASK: sealing.task(settings, database),
        VERIFY: partial(audit_sealing.verify, settings, database),
        WORK: partial(privacy.work, settings, database),
        trials.TASK: partial(trials.work, database),
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
                await sealing.begin_customers(settings, database)
            except Exception:
                logger.warning("the sweep failed, trying again", exc_info=True)
            await asyncio.sleep(presence.BEAT_EVERY.total_seconds())
    finally:
        if process_id is not None:
            with suppress(Exception):
                async with database.transaction() as session:
                    await presence.leave_process(session, process_id)


async def _housekeep(settings: Settings, database: Database, letters: Letters) -> None:
    """Every hour: delete what no longer counts, and look whether somebody is on call."""
    files = FileStore(settings.data_dir / "files")
    while True:
        try:
            async with database.transaction() as session:
                await housekeeping.purge(session)
                await webhooks.purge(session)
                await verification.purge(session)
                await pages.purge(session)
                await rotas.purge(session)
                await following.purge(session)
            async with database.transaction() as session:
                await coverage.check(session)
                await pages.keep_testing(session)
            await conversations.purge(database, files)
            await letters.purge()
        except Exception:
            logger.warning("housekeeping failed, trying again in an hour", exc_info=True)
        await asyncio.sleep(housekeeping.EVERY)


async def _shipped(database: Database) -> None:
    """What a newer version brings and an older installation has not: without policies nothing would be promised."""
    async with database.transaction() as session:
        await promises.seed(session)


async def _verify_daily(database: Database) -> None:
    """Ask for a look over the whole audit log once a day, from an hour after the start on."""
    wait = 3600.0
    while True:
        await asyncio.sleep(wait)
        wait = audit_sealing.VERIFY_EVERY
        try:
            async with database.transaction() as session:
                await jobs.defer(session, VERIFY)
        except Exception:
            logger.warning("the audit log's daily look could not be asked for", exc_info=True)
            wait = 600.0


async def run(settings: Settings, dsn: str) -> None:
    """Until cancelled."""
    database = start(settings, dsn)
    await _shipped(database)
    letters = Letters(settings, database)
    claimer = Claimer(database, {**DEADLINES, **letters.deadlines})
    router = Router(database)
    reader, courier = Reader(database), Courier(database, outgoing_of(settings))
    keeper, rules = PromiseReader(database), RuleReader(database)
    pager = Pager(database, RealSender(settings, database, outgoing_of(settings)), settings.origin)

    second_level = SecondLevel(settings, database)

    def live(payload: str) -> None:
        reader.notice(payload)
        keeper.notice(payload)
        rules.notice(payload)
        letters.outbox.notice(payload)

    def webhooks_changed(word: str) -> None:
        courier.wake()
        if "changed" in word:
            reader.look_again()

    pictures = Readings(database, FileStore(settings.data_dir / "files"), Tesseract())

    async def look_again() -> None:
        await customer_keys.noticed_nothing()
        for waits in (claimer, router, pictures, courier, pager, second_level):
            waits.wake()
        for follows in (reader, keeper, rules, letters):
            follows.look_again()

    channels = {
        DUE: lambda _: claimer.wake(),
        ROUTING: lambda _: router.wake(),
        LIVE: live,
        MAIL: letters.changed,
        WEBHOOKS: webhooks_changed,
        PAGING: lambda _: pager.wake(),
        AUTOMATION: lambda _: rules.look_again(),
        TECHNICAL: lambda _: second_level.wake(),
        KEYS: customer_keys.notice,
        PICTURES: lambda _: pictures.wake(),
    }
    listener = Listener(dsn, channels, look_again)
    try:
        async with asyncio.TaskGroup() as group:
            for part in (listener, claimer, router, reader, keeper, rules, courier, pager, pictures):
                group.create_task(part.run())
            second_level.start(group)
            letters.start(group)
            group.create_task(_sweep(settings, database))
            group.create_task(_housekeep(settings, database, letters))
            group.create_task(audit_sealing.run(settings, database))
            group.create_task(_verify_daily(database))
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
