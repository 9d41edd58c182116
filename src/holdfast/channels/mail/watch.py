"""Who listens to the silence: a mailbox that has not worked for five minutes pages whoever has the hotline's health,
and writes to the administrators, once."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.channels.mail import queries
from holdfast.channels.mail.models import Mailbox
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.i18n import translate
from holdfast.paging import pages
from holdfast.people.mail import send_later

logger = logging.getLogger(__name__)

SILENT_AFTER = timedelta(minutes=5)
_EVERY = 15.0


def about(mailbox_id: UUID) -> str:
    """What the page of a silent mailbox is about."""
    return f"mailbox:{mailbox_id}"


async def run(database: Database, listening: Callable[[], bool]) -> None:
    """Until cancelled. ``listening``: this process takes letters from a server of the house."""
    while True:
        try:
            async with database.transaction() as session:
                if listening():
                    await _beat(session)
                await alarm(session)
        except Exception:
            logger.warning("mailboxes could not be looked after, trying again", exc_info=True)
        await asyncio.sleep(_EVERY)


async def _beat(session: AsyncSession) -> None:
    """A mailbox that is delivered to works as long as somebody listens."""
    for mailbox in await queries.all_mailboxes(session):
        if mailbox.way == "lmtp" and mailbox.active and mailbox.alarmed_at is not None:
            await pages.resolve_about(session, about(mailbox.id))
    await session.execute(
        update(Mailbox)
        .where(Mailbox.way == "lmtp", Mailbox.active)
        .values(succeeded_at=now(), failure=None, alarmed_at=None)
    )


async def alarm(session: AsyncSession) -> int:
    """Tell the administrators of mailboxes that have become silent; how many."""
    silent = [
        mailbox
        for mailbox in await queries.all_mailboxes(session)
        if mailbox.active and mailbox.alarmed_at is None and mailbox.succeeded_at < now() - SILENT_AFTER
    ]
    count = 0
    for found in silent:
        mailbox = await queries.mailbox(session, found.id, lock=True)
        if mailbox is None or mailbox.alarmed_at is not None:
            continue
        mailbox.alarmed_at = now()
        count += 1
        await pages.raise_page(session, "health_alarm", "health", about(mailbox.id))
        for agent in await queries.administrators(session):
            language = agent.interface_language
            subject = translate("The mailbox {address} is silent", language, address=mailbox.address)
            text = translate(
                "No letters could be fetched from it or delivered to it for five minutes. What customers write waits "
                "at the mail server. The page “Mail” of the console says why.",
                language,
            )
            await send_later(session, agent.email, subject, f"{text}\n")
    return count
