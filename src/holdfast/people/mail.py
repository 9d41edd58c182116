"""Mails of the application: queued in the transaction that wants them, sent by a job, kept in a demo."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.core import jobs
from holdfast.core import mail as smtp
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.settings import Settings
from holdfast.people import queries
from holdfast.people.models import OutgoingMail, OutgoingText

SEND = "mail.send"
_KEPT = timedelta(days=30)

logger = logging.getLogger(__name__)


async def send_later(session: AsyncSession, to: str, subject: str, text: str) -> None:
    """Queue a mail: it is sent soon after this transaction's commit, and never after its rollback."""
    mail = OutgoingMail(to=to, subject=subject, text=text)
    session.add(mail)
    await session.flush()
    await jobs.defer(session, SEND, mail=str(mail.id))


def can_send(settings: Settings) -> bool:
    """True if mails arrive somewhere."""
    return settings.demo or settings.smtp_url is not None


async def send(settings: Settings, database: Database, mail: str) -> None:
    """The job ``mail.send``: send and delete one mail. A crash between the two sends it twice, under the same
    Message-ID.

    Raises PermanentFailure when the server refuses it for good, anything else to be tried again.
    """
    async with database.transaction() as session:
        row = await queries.outgoing_mail(session, UUID(mail))
        if row is None or row.kept_at is not None:
            return
        if settings.demo:
            row.kept_at = now()
            return
        if settings.smtp_url is None:
            raise RuntimeError("mail cannot be sent: HOLDFAST_SMTP_URL is not set")
        message = smtp.compose(row.id, settings.mail_from, row.to, row.subject, row.text)
        try:
            await smtp.send(smtp.smtp_server(settings.smtp_url), message)
        except smtp.Refused as error:
            # No address in the log: it is personal.
            logger.warning("mail %s was refused for good: %s", mail, error)
            raise jobs.PermanentFailure(str(error)) from error
        await session.delete(row)


async def purge(session: AsyncSession) -> None:
    """Delete mails that could not be sent within a month, and a demo's old ones."""
    await session.execute(delete(OutgoingMail).where(OutgoingMail.created_at < now() - _KEPT))
    await session.execute(delete(OutgoingText).where(OutgoingText.created_at < now() - _KEPT))


@dataclass(frozen=True, slots=True)
class KeptMail:
    """A mail of a demo, as it would have been sent."""

    id: UUID
    to: str
    subject: str
    text: str
    at: datetime


async def sink_mails(session: AsyncSession, limit: int = 100) -> Sequence[KeptMail]:
    """The mails a demo has kept, the newest first."""
    rows = await queries.sink_mails(session, limit)
    return [KeptMail(row.id, row.to, row.subject, row.text, row.created_at) for row in rows]
