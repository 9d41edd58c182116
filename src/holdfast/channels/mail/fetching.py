"""Fetches letters from IMAP servers: one task for each mailbox, woken by IDLE, with a look each 20 seconds beside it.

How far a folder was read stands in the mailbox's row (UIDVALIDITY and UID). A letter is marked as read on the server
only after its commit, and one that is fetched twice is known by its content: neither a crash here nor one there loses
or doubles any.
"""

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from holdfast.channels.mail import queries, watch
from holdfast.channels.mail.imap import FAILURES, Account, Folder, reason
from holdfast.channels.mail.intake import Intake
from holdfast.channels.mail.models import Mailbox
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.looking import Looking
from holdfast.paging import pages

logger = logging.getLogger(__name__)

_LOOK_EVERY = 20.0
_MAILBOXES_EVERY = 30.0
# A worker that dies gives its mailboxes free after this; each look makes it longer.
_HOLD = timedelta(seconds=60)
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
# When a folder was made anew, everything of the last days is looked at once more.
_OVERLAP = timedelta(days=3)


class Fetching(Looking):
    """One per worker process; several may run, a mailbox is fetched from by one at a time."""

    def __init__(self, database: Database, intake: Intake) -> None:
        super().__init__()
        self._database = database
        self._intake = intake
        self._tasks: dict[UUID, tuple[object, asyncio.Task[None]]] = {}

    async def run(self) -> None:
        """Until cancelled, and its tasks with it."""
        try:
            await super().run()
        finally:
            tasks = [task for _, task in self._tasks.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _look(self) -> float:
        """Begin with new mailboxes, end with those that are gone, begin anew with those that have changed."""
        async with self._database.transaction() as session:
            wanted = {
                mailbox.id: account(mailbox)
                for mailbox in await queries.all_mailboxes(session)
                if mailbox.active and mailbox.way == "imap"
            }
        for mailbox_id, (known, task) in list(self._tasks.items()):
            if wanted.get(mailbox_id) != known or task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                del self._tasks[mailbox_id]
        for mailbox_id, its_account in wanted.items():
            if mailbox_id not in self._tasks:
                task = asyncio.get_running_loop().create_task(self._keep(mailbox_id, its_account))
                self._tasks[mailbox_id] = (its_account, task)
        return _MAILBOXES_EVERY

    async def _keep(self, mailbox_id: UUID, its_account: Account) -> None:
        """Connect, fetch, wait, for ever."""
        pause = _FIRST_PAUSE
        held = False
        try:
            while True:
                try:
                    held = await self._hold(mailbox_id, held)
                    if held:
                        await self._fetch(mailbox_id, its_account)
                except FAILURES as error:
                    await self._note(mailbox_id, reason(error))
                except Exception as error:
                    # The database is away, or a letter could not be stored: nothing was marked, it comes again.
                    logger.warning("fetching broke off: %s", type(error).__name__)
                else:
                    pause = _FIRST_PAUSE
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
        finally:
            if held:
                with suppress(Exception):
                    await self._let_go(mailbox_id)

    async def _hold(self, mailbox_id: UUID, held: bool) -> bool:
        async with self._database.transaction() as session:
            mailbox = await queries.mailbox(session, mailbox_id, lock=True)
            if mailbox is None or (not held and mailbox.held_until and mailbox.held_until > now()):
                return False
            mailbox.held_until = now() + _HOLD
            return True

    async def _let_go(self, mailbox_id: UUID) -> None:
        async with self._database.transaction() as session:
            mailbox = await queries.mailbox(session, mailbox_id, lock=True)
            if mailbox is not None:
                mailbox.held_until = None

    async def _fetch(self, mailbox_id: UUID, its_account: Account) -> None:
        """One connection, until it is lost."""
        folder = await asyncio.to_thread(Folder, its_account)
        try:
            while True:
                await self._take_new(mailbox_id, folder)
                await self._works(mailbox_id)
                await asyncio.to_thread(folder.wait, _LOOK_EVERY)
                if not folder.idles:
                    await asyncio.sleep(_LOOK_EVERY)
        finally:
            # Also when this task is told to stop: a thread that waits for the server ends by it.
            folder.close()

    async def _take_new(self, mailbox_id: UUID, folder: Folder) -> None:
        async with self._database.transaction() as session:
            mailbox = await queries.mailbox(session, mailbox_id)
        if mailbox is None:
            return
        known = mailbox.uid_validity == folder.validity
        if known:
            uids = await asyncio.to_thread(folder.after, mailbox.uid)
        else:
            # The first look takes what nobody has read: a mailbox may be full of old letters. If the numbers have
            # changed, what was read meanwhile is taken too.
            since = (mailbox.succeeded_at - _OVERLAP).date() if mailbox.uid_validity is not None else None
            uids = await asyncio.to_thread(folder.unseen, since)
        for uid in uids:
            letter = await asyncio.to_thread(folder.fetch, uid)
            if letter is not None:
                raw, arrived = letter
                await self._intake.take(mailbox_id, raw, arrived=arrived)
                await asyncio.to_thread(folder.done, uid)
            await self._works(mailbox_id, folder.validity, uid) if known else await self._works(mailbox_id)
        if not known:
            # Before the first look there was nothing after this number.
            await self._works(mailbox_id, folder.validity, max([folder.next_uid - 1, *uids]))

    async def _works(self, mailbox_id: UUID, validity: int | None = None, uid: int = 0) -> None:
        """Note that it works, hold it longer, and how far it was read."""
        async with self._database.transaction() as session:
            mailbox = await queries.mailbox(session, mailbox_id, lock=True)
            if mailbox is None:
                return
            mailbox.succeeded_at, mailbox.held_until = now(), now() + _HOLD
            if mailbox.alarmed_at is not None:
                await pages.resolve_about(session, watch.about(mailbox_id))
            mailbox.failure = mailbox.alarmed_at = None
            if validity is not None:
                mailbox.uid_validity, mailbox.uid = validity, uid

    async def _note(self, mailbox_id: UUID, failure: str) -> None:
        with suppress(Exception):
            async with self._database.transaction() as session:
                mailbox = await queries.mailbox(session, mailbox_id, lock=True)
                if mailbox is not None:
                    mailbox.failure = failure


def account(mailbox: Mailbox) -> Account:
    return Account(
        mailbox.host,
        mailbox.port,
        mailbox.security,
        mailbox.username,
        mailbox.password or "",
        mailbox.folder,
        mailbox.deletes,
    )
