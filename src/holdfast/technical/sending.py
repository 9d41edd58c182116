"""Sends what was released: one conversation, one transaction, so that a worker that is killed has sent each once or
not yet, and the next one goes on."""

import logging
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import SystemViewer
from holdfast.conversations import operations as conversations
from holdfast.conversations import queries as conversation_queries
from holdfast.conversations.announcing import announce
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.errors import HoldfastError
from holdfast.core.looking import Looking
from holdfast.technical import queries
from holdfast.technical.announcing import language_for
from holdfast.technical.cases import note
from holdfast.technical.errors import LanguagesMissing
from holdfast.technical.models import TechnicalAnnouncement, TechnicalDelivery

logger = logging.getLogger(__name__)

SOURCE = "technical"
_LATER = timedelta(seconds=30)
_LONGEST_SLEEP = timedelta(seconds=30)


class Announcer(Looking):
    """One per worker process."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database

    async def _look(self) -> float:
        while await self.send_next():
            pass
        async with self._database.transaction() as session:
            # Also one whose last message was sent by a worker that died right afterwards.
            for row in await queries.all_sent(session):
                await _finish(session, row)
            following = await queries.next_delivery(session)
        wait = _LONGEST_SLEEP if following is None else min(max(following - now(), timedelta()), _LONGEST_SLEEP)
        return max(wait.total_seconds(), 0.05)

    async def send_next(self) -> bool:
        """One delivery; whether there was one. What fails is tried again later and holds up no other."""
        key = None
        try:
            async with self._database.transaction() as session:
                delivery = await queries.delivery_to_send(session)
                if delivery is None:
                    return False
                key = (delivery.announcement_id, delivery.conversation_id)
                await _send(session, delivery)
        except Exception:
            if key is None:
                raise
            logger.exception("an announcement did not reach conversation %s, trying again in 30 s", key[1])
            async with self._database.transaction() as session:
                failed = await session.get(TechnicalDelivery, key)
                if failed is not None:
                    failed.next_at = now() + _LATER
        return True


async def _send(session: AsyncSession, delivery: TechnicalDelivery) -> None:
    row = await session.get_one(TechnicalAnnouncement, delivery.announcement_id)
    if row.released_by_id is None:
        raise RuntimeError("nobody has released this")
    case = await queries.case_named(session, [row.case_id])
    reference = case[row.case_id]
    if row.kind == "reopened":
        conversation = await conversation_queries.locked(session, SystemViewer(SOURCE), delivery.conversation_id)
        line = {"type": "case_reopened", "case": reference, "case_id": str(row.case_id)}
        conversations.append(session, conversation, author="agent", author_id=row.released_by_id, event=line)
    else:
        conversation = await conversation_queries.conversation(session, SystemViewer(SOURCE), delivery.conversation_id)
        delivery.language = language_for(row.texts, conversation.language)
        if delivery.language is None:
            # It has changed since the release, which looked at all of them: shown, never told in another one.
            delivery.state, delivery.reason = "refused", LanguagesMissing.id
            return
        try:
            async with session.begin_nested():
                await announce(
                    session,
                    delivery.conversation_id,
                    row.texts[delivery.language],
                    by_id=row.released_by_id,
                    source=SOURCE,
                    source_id=row.id.bytes + delivery.conversation_id.bytes,
                    event={"told": row.kind, "case": reference},
                )
        except HoldfastError as error:
            # A link that was taken out of the register meanwhile: shown, never sent all the same.
            delivery.state, delivery.reason = "refused", error.id
            return
    delivery.state, delivery.sent_at = "sent", now()


async def _finish(session: AsyncSession, row: TechnicalAnnouncement) -> None:
    """When the last one is sent, the case's customers are told."""
    row.state = "sent"
    case = await queries.case_locked(session, row.case_id)
    if row.kind == "reopened":
        return
    note(session, case, f"sent_{row.kind}")
    if row.kind == "solved" and case.state == "solved":
        case.state = "told"
