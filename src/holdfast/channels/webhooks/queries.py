"""Every SELECT about webhooks."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, exists, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from holdfast.access.viewer import Role, StaffViewer
from holdfast.channels.webhooks.models import WebhookCursor, WebhookDelivery, WebhookEndpoint
from holdfast.conversations.models import Conversation, Message
from holdfast.people.models import Agent

WAITING = "waiting"

# --- what administrators see ---


async def endpoints(session: AsyncSession, viewer: StaffViewer) -> Sequence[WebhookEndpoint]:
    if not viewer.holds(Role.ADMINISTRATOR):
        return []
    return (await session.scalars(select(WebhookEndpoint).order_by(WebhookEndpoint.id))).all()


async def endpoint(
    session: AsyncSession, viewer: StaffViewer, endpoint_id: UUID, *, lock: bool = False
) -> WebhookEndpoint | None:
    if not viewer.holds(Role.ADMINISTRATOR):
        return None
    statement = select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id)
    return await session.scalar(statement.with_for_update() if lock else statement)


async def deliveries(
    session: AsyncSession, endpoint_id: UUID, before: int | None, limit: int
) -> list[Row[WebhookDelivery, str | None]]:
    """Of an endpoint the viewer may see, the newest first, each with its conversation's reference."""
    statement = (
        select(WebhookDelivery, Conversation.reference)
        .outerjoin(Conversation, Conversation.id == WebhookDelivery.conversation_id)
        .where(WebhookDelivery.endpoint_id == endpoint_id)
        .order_by(WebhookDelivery.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(WebhookDelivery.id < before)
    return list(await session.execute(statement))


async def delivery(session: AsyncSession, endpoint_id: UUID, delivery_id: int) -> WebhookDelivery | None:
    found: WebhookDelivery | None = await session.scalar(
        select(WebhookDelivery)
        .where(WebhookDelivery.id == delivery_id, WebhookDelivery.endpoint_id == endpoint_id)
        .with_for_update()
    )
    return found


async def waiting_counts(session: AsyncSession, viewer: StaffViewer) -> dict[UUID, int]:
    if not viewer.holds(Role.ADMINISTRATOR):
        return {}
    rows = await session.execute(
        select(WebhookDelivery.endpoint_id, func.count())
        .where(WebhookDelivery.state == WAITING)
        .group_by(WebhookDelivery.endpoint_id)
    )
    return {row[0]: row[1] for row in rows}


async def administrators(session: AsyncSession) -> Sequence[Agent]:
    """Who is told when an endpoint was stopped."""
    return (
        await session.scalars(select(Agent).where(Agent.active, Agent.roles.contains([Role.ADMINISTRATOR.value])))
    ).all()


# --- the reader: nobody asks, nothing is shown ---


async def active_endpoints(session: AsyncSession) -> Sequence[WebhookEndpoint]:
    return (await session.scalars(select(WebhookEndpoint).where(WebhookEndpoint.active))).all()


async def endpoint_count(session: AsyncSession) -> int:
    return (await session.scalar(select(func.count()).select_from(WebhookEndpoint))) or 0


async def unread_conversations(session: AsyncSession, limit: int) -> list[UUID]:
    """Conversations whose timeline is longer than it was read: one pass over all, at start and after a lost line."""
    return list(
        await session.scalars(
            select(Conversation.id)
            .outerjoin(WebhookCursor, WebhookCursor.conversation_id == Conversation.id)
            .where(Conversation.seq > func.coalesce(WebhookCursor.seq, 0))
            .limit(limit)
        )
    )


# Each conversation's own index range of the primary key, never the whole table.
_UNREAD = text("""
SELECT c.conversation_id, m.seq, m.kind, m.author, m.event, m.created_at
FROM webhook_cursor c CROSS JOIN LATERAL (
  SELECT seq, kind, author, event, created_at FROM message
  WHERE conversation_id = c.conversation_id AND seq > c.seq ORDER BY seq LIMIT :each
) m WHERE c.conversation_id = ANY(:ids) ORDER BY c.conversation_id, m.seq
""")


async def unread_entries(session: AsyncSession, ids: Collection[UUID], each: int) -> Sequence[Any]:
    """``(conversation_id, seq, kind, author, event, created_at)`` after the cursors of ``ids``, which the caller has
    locked.

    A sequence is taken under the conversation's row lock, which is held until the commit: whoever sees 7 sees 6.
    """
    return (await session.execute(_UNREAD, {"ids": list(ids), "each": each})).all()


async def told_of(session: AsyncSession, conversation_id: UUID, event: str, seq: int) -> set[UUID]:
    """The endpoints that were told this of the entry."""
    return set(
        await session.scalars(
            select(WebhookDelivery.endpoint_id).where(
                WebhookDelivery.conversation_id == conversation_id,
                WebhookDelivery.event == event,
                WebhookDelivery.seq == seq,
            )
        )
    )


async def lock_cursors(session: AsyncSession, ids: Collection[UUID]) -> None:
    """In the order of their ids, so that two readers never wait for each other."""
    await session.execute(
        select(WebhookCursor.seq)
        .where(WebhookCursor.conversation_id.in_(ids))
        .order_by(WebhookCursor.conversation_id)
        .with_for_update()
    )


# --- the courier ---


async def ready_endpoint(session: AsyncSession, moment: datetime, but: Collection[UUID]) -> WebhookEndpoint | None:
    """An endpoint with something to send now and nobody sending, locked."""
    waits = exists().where(
        WebhookDelivery.endpoint_id == WebhookEndpoint.id,
        WebhookDelivery.state == WAITING,
        WebhookDelivery.next_at <= moment,
    )
    found: WebhookEndpoint | None = await session.scalar(
        select(WebhookEndpoint)
        .where(
            WebhookEndpoint.active,
            WebhookEndpoint.id.not_in(but),
            func.coalesce(WebhookEndpoint.retry_at, moment) <= moment,
            func.coalesce(WebhookEndpoint.held_until, moment) <= moment,
            waits,
        )
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return found


async def heads(session: AsyncSession, endpoint_id: UUID, moment: datetime, limit: int) -> Sequence[WebhookDelivery]:
    """The first waiting delivery of each conversation, if its time has come: what follows waits for it."""
    earlier = aliased(WebhookDelivery)
    first = ~exists().where(
        and_(
            earlier.endpoint_id == WebhookDelivery.endpoint_id,
            earlier.conversation_id == WebhookDelivery.conversation_id,
            earlier.state == WAITING,
            earlier.id < WebhookDelivery.id,
        )
    )
    return (
        await session.scalars(
            select(WebhookDelivery)
            .where(
                WebhookDelivery.endpoint_id == endpoint_id,
                WebhookDelivery.state == WAITING,
                WebhookDelivery.next_at <= moment,
                first,
            )
            .order_by(WebhookDelivery.id)
            .limit(limit)
        )
    ).all()


async def earliest(session: AsyncSession) -> datetime | None:
    """When something will be ready to be sent, of what is not ready now."""
    found: datetime | None = await session.scalar(
        select(func.min(func.greatest(WebhookDelivery.next_at, WebhookEndpoint.retry_at, WebhookEndpoint.held_until)))
        .join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
        .where(WebhookDelivery.state == WAITING, WebhookEndpoint.active)
    )
    return found


async def locked_endpoint(session: AsyncSession, endpoint_id: UUID) -> WebhookEndpoint | None:
    found: WebhookEndpoint | None = await session.scalar(
        select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id).with_for_update()
    )
    return found


async def subject(
    session: AsyncSession, conversation_id: UUID, seq: int | None
) -> tuple[Conversation, Message | None] | None:
    """What a delivery is about, as it is now."""
    row = (
        await session.execute(
            select(Conversation, Message)
            .outerjoin(Message, and_(Message.conversation_id == Conversation.id, Message.seq == seq))
            .where(Conversation.id == conversation_id)
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1])
