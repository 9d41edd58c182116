"""Text messages to customers' telephones: queued in the transaction that wants them, sent by a job.

They go by the services that pages go by, and by an account of their own: a flood of codes must not use up what wakes
the people on call.
"""

import logging
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.core import jobs
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.outgoing import Outgoing
from holdfast.core.settings import Settings
from holdfast.paging import apprise_way
from holdfast.people.models import OutgoingText
from holdfast.verification.codes import LIFETIME

SEND = "text.send"
# A provider that is away for longer would deliver a code that opens nothing any more, and frighten.
_OF_USE: timedelta = LIFETIME

logger = logging.getLogger(__name__)


class QueuedTexts:
    """What ``verification/ports.py`` asks for."""

    async def send(self, session: AsyncSession, to: str, text: str) -> None:
        row = OutgoingText(to=to, text=text)
        session.add(row)
        await session.flush()
        await jobs.defer(session, SEND, text=str(row.id))


async def send(settings: Settings, database: Database, outgoing: Outgoing, text: str) -> None:
    """The job ``text.send``. A crash between the provider's answer and the commit sends one twice, rather than never.

    Raises PermanentFailure when the provider refuses it for good, RuntimeError to be tried again.
    """
    async with database.transaction() as session:
        row = await session.get(OutgoingText, UUID(text), with_for_update=True)
        if row is None:
            return
        if row.created_at < now() - _OF_USE:
            logger.warning("text %s could not be sent in time", text)
            await session.delete(row)
            return
        if settings.sms_url is None:
            raise RuntimeError("texts cannot be sent: HOLDFAST_SMS_URL is not set")
        outcome = await apprise_way.send(outgoing, apprise_way.with_target(settings.sms_url, row.to), "", row.text)
        if not outcome.sent and not outcome.final:
            raise RuntimeError(f"the provider of texts failed: {outcome.reason}")
        await session.delete(row)
    if not outcome.sent:
        # No number in the log: it is personal.
        logger.warning("text %s was refused for good: %s", text, outcome.reason)
        raise jobs.PermanentFailure(outcome.reason)
