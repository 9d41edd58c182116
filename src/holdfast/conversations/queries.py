"""Every SELECT on conversations. What a viewer may see is part of the base query."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import Row as SqlRow
from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from holdfast.access.viewer import StaffViewer, Viewer
from holdfast.conversations.errors import ConversationNotFound, InboxUnknown
from holdfast.conversations.masking import finds, row_for
from holdfast.conversations.models import (
    Conversation,
    Episode,
    Inbox,
    Queue,
    Rating,
    Topic,
)
from holdfast.conversations.schemas import Counters, Keyed, Named, Row
from holdfast.conversations.visibility import EMERGENCY_STAFF, category, queued, visible
from holdfast.core.clock import now
from holdfast.core.ids import parse_reference
from holdfast.people.models import Agent, Customer, Presence

_Assignee = aliased(Agent)

_ROW: Select[Conversation, str | None, str, str, str, str, str, bool] = (
    select(
        Conversation,
        Customer.name,
        Queue.key,
        Queue.name,
        Topic.key,
        Topic.name,
        _Assignee.name,
        Customer.proven,
    )
    .join(Customer, Customer.id == Conversation.customer_id)
    .join(Queue, Queue.id == Conversation.queue_id)
    .outerjoin(Topic, Topic.id == Conversation.topic_id)
    .outerjoin(_Assignee, _Assignee.id == Conversation.assignee_id)
)


def _row(found: SqlRow[Conversation, str | None, str, str, str, str, str, bool]) -> Row:
    c: Conversation
    c, customer, queue_key, queue_name, topic_key, topic_name, assignee, proven = found
    holds = c.verified_until is not None and c.verified_until > now()
    return Row(
        id=c.id,
        reference=c.reference,
        customer=Named(c.customer_id, customer or None, erased=customer == ""),
        language=c.language,
        channel=c.channel,
        queue=Keyed(c.queue_id, queue_key, queue_name),
        topic=Keyed(c.topic_id, topic_key, topic_name) if c.topic_id else None,
        category=category(c),
        priority=c.priority,
        emergency=c.emergency,
        assignee=Named(c.assignee_id, assignee) if c.assignee_id else None,
        preview=c.preview,
        last_from=c.last_from,
        last_at=c.last_at,
        waiting_since=c.waiting_since,
        next_due=c.next_due,
        seq=c.seq,
        agent_read=c.agent_read,
        customer_read=c.customer_read,
        episode=c.episode,
        tags=c.tags,
        verification=c.verification if holds else 0,
        verified_until=c.verified_until if holds else None,
        signed_in=proven,
        opened_at=c.opened_at,
        resolved_at=c.resolved_at,
        version=c.version,
    )


async def rows(session: AsyncSession, viewer: Viewer, ids: Sequence[UUID]) -> list[Row]:
    """The rows of ``ids`` that the viewer may see, in no order."""
    found = await session.execute(_ROW.where(Conversation.id.in_(ids), visible(viewer)))
    return [row_for(viewer, _row(r)) for r in found]


async def pictures(session: AsyncSession, viewer: Viewer, ids: Sequence[UUID]) -> list[tuple[Conversation, Row]]:
    """Conversations beside their rows, read afresh and as they are stored: whoever shows them masks them for each
    that they are shown to (``masking.row_for``)."""
    found = await session.execute(_ROW.where(Conversation.id.in_(ids), visible(viewer)))
    return [(r[0], _row(r)) for r in found]


async def row(session: AsyncSession, viewer: Viewer, conversation_id: UUID) -> Row:
    """One row. Raises ConversationNotFound also for what the viewer may not see."""
    found = await rows(session, viewer, [conversation_id])
    if not found:
        raise ConversationNotFound
    return found[0]


async def listing(
    session: AsyncSession,
    viewer: StaffViewer,
    view: str,
    *,
    queue: UUID | None = None,
    language: str | None = None,
    before: datetime | None = None,
    limit: int = 50,
) -> list[Row]:
    """A page of the inbox: ``view`` is mine, queue, all, resolved or inbox; resolved pages go backwards from
    ``before``.

    Open ones are ordered by what must happen first: emergency, then the promise soonest due, then waiting longest.
    The inbox is all of them, but the viewer's own come first, then what waits for an agent.
    """
    query = _ROW.where(visible(viewer))
    match view:
        case "mine":
            query = query.where(Conversation.assignee_id == viewer.id, Conversation.category != "resolved")
        case "queue":
            query = query.where(queued())
        case "resolved":
            query = query.where(Conversation.category == "resolved")
        case _:
            query = query.where(Conversation.category != "resolved")
    if queue:
        query = query.where(Conversation.queue_id == queue)
    if language:
        query = query.where(Conversation.language == language)
    if view == "resolved":
        query = query.order_by(Conversation.resolved_at.desc())
        if before:
            query = query.where(Conversation.resolved_at < before)
    else:
        if view == "inbox":
            # A long queue must not push out what the agent has in hand.
            query = query.order_by(Conversation.assignee_id.is_not_distinct_from(viewer.id).desc(), queued().desc())
        query = query.order_by(
            Conversation.emergency.desc(),
            Conversation.next_due.asc().nulls_last(),
            Conversation.waiting_since.asc().nulls_last(),
            Conversation.last_at.desc(),
        )
    return [row_for(viewer, _row(r)) for r in await session.execute(query.limit(limit))]


async def search(
    session: AsyncSession,
    viewer: StaffViewer,
    text: str,
    customers: Sequence[UUID] = (),
    *,
    resolved: bool = False,
    limit: int = 50,
) -> list[Row]:
    """What the viewer may see and has this reference or these words, or is one of these ``customers``; open or
    resolved ones, the latest first."""
    reference = parse_reference(text)
    query = _ROW.where(
        visible(viewer),
        Conversation.category == "resolved" if resolved else Conversation.category != "resolved",
        or_(
            Conversation.reference == reference,
            Conversation.customer_id.in_(customers),
            Conversation.preview.icontains(text, autoescape=True),
        ),
    ).order_by(Conversation.last_at.desc())
    rows = [row_for(viewer, _row(r)) for r in await session.execute(query.limit(limit))]
    return [row for row in rows if row.reference == reference or row.customer.id in customers or finds(row, text)]


async def inbox(session: AsyncSession, viewer: StaffViewer, limit: int = 200) -> list[Row]:
    """What an agent's console opens with: theirs, then what waits in their queues, most urgent first."""
    return await listing(session, viewer, "inbox", limit=limit) if viewer.answers else []


async def counters(session: AsyncSession, viewers: Sequence[StaffViewer]) -> dict[UUID, Counters]:
    """The counters of several viewers in two statements."""
    waiting_for: dict[tuple[UUID, bool], int] = {
        (queue_id, emergency): count
        for queue_id, emergency, count in await session.execute(
            select(Conversation.queue_id, Conversation.emergency, func.count())
            .where(queued())
            .group_by(Conversation.queue_id, Conversation.emergency)
        )
    }
    own = {
        agent_id: (mine, waiting, urgent)
        for agent_id, mine, waiting, urgent in await session.execute(
            select(
                Conversation.assignee_id,
                func.count(),
                func.count(Conversation.waiting_since),
                func.count().filter(Conversation.emergency),
            )
            .where(Conversation.assignee_id.in_([v.id for v in viewers]), Conversation.category != "resolved")
            .group_by(Conversation.assignee_id)
        )
    }
    result = {}
    for viewer in viewers:
        mine, waiting, urgent = own.get(viewer.id, (0, 0, 0))
        sees_emergency = viewer.holds(*EMERGENCY_STAFF)
        by_queue: dict[str, int] = {}
        for (queue_id, emergency), count in waiting_for.items() if viewer.answers else ():
            if sees_emergency or not emergency:
                by_queue[str(queue_id)] = by_queue.get(str(queue_id), 0) + count
        waiting_emergencies = sum(n for (_, emergency), n in waiting_for.items() if emergency and sees_emergency)
        result[viewer.id] = Counters(mine, waiting, sum(by_queue.values()), urgent + waiting_emergencies, by_queue)
    return result


async def conversation(session: AsyncSession, viewer: Viewer, conversation_id: UUID) -> Conversation:
    """The row as a model, unlocked. Raises ConversationNotFound."""
    found = await session.scalar(select(Conversation).where(Conversation.id == conversation_id, visible(viewer)))
    if found is None:
        raise ConversationNotFound
    return found


async def locked(session: AsyncSession, viewer: Viewer, conversation_id: UUID) -> Conversation:
    """The row, locked until the end of the transaction and read afresh. Raises ConversationNotFound."""
    found = await session.scalar(
        select(Conversation)
        .where(Conversation.id == conversation_id, visible(viewer))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise ConversationNotFound
    return found


async def customer_conversations(
    session: AsyncSession, customer_ids: Sequence[UUID], but: Sequence[UUID] = (), limit: int = 20
) -> list[Conversation]:
    """A customer's conversations, newest first (the caller has shown that they are the viewer's)."""
    found = await session.scalars(
        select(Conversation)
        .where(Conversation.customer_id.in_(customer_ids), Conversation.id.not_in(but))
        .order_by(Conversation.opened_at.desc())
        .limit(limit)
    )
    return list(found)


async def earlier(session: AsyncSession, viewer: Viewer, of: Row, limit: int = 10) -> list[Row]:
    """The same customer's other conversations. Whoever may see ``of`` may see that they exist, not their words."""
    found = await session.execute(
        _ROW.where(Conversation.customer_id == of.customer.id, Conversation.id != of.id)
        .order_by(Conversation.opened_at.desc())
        .limit(limit)
    )
    return [msgspec.structs.replace(row_for(viewer, _row(r)), preview="") for r in found]


async def position(session: AsyncSession, conversation: Conversation) -> int | None:
    """The place in the queue from 1, or None when it does not wait there."""
    if conversation.assignee_id is not None or category(conversation) != "open":
        return None
    ahead = await session.scalar(
        select(func.count()).where(
            Conversation.queue_id == conversation.queue_id,
            queued(),
            Conversation.waiting_since < conversation.waiting_since,
        )
    )
    return (ahead or 0) + 1


async def inbox_by_key(session: AsyncSession, key: str) -> Inbox:
    """Raises InboxUnknown."""
    found = await session.scalar(select(Inbox).where(Inbox.key == key))
    if found is None:
        raise InboxUnknown(key=key)
    return found


async def queue(session: AsyncSession, queue_id: UUID) -> Queue | None:
    return await session.get(Queue, queue_id)


async def queues(session: AsyncSession) -> list[Queue]:
    return list(await session.scalars(select(Queue).order_by(Queue.emergency.desc(), Queue.name)))


async def topics(session: AsyncSession) -> list[Topic]:
    return list(await session.scalars(select(Topic).order_by(Topic.name)))


async def topic(session: AsyncSession, topic_id: UUID) -> Topic | None:
    return await session.get(Topic, topic_id)


async def topic_by_key(session: AsyncSession, key: str) -> Topic | None:
    found: Topic | None = await session.scalar(select(Topic).where(Topic.key == key))
    return found


async def episodes(session: AsyncSession, conversation_id: UUID) -> list[Episode]:
    return list(
        await session.scalars(
            select(Episode).where(Episode.conversation_id == conversation_id).order_by(Episode.number)
        )
    )


async def ratings(session: AsyncSession, conversation_id: UUID) -> list[Rating]:
    return list(
        await session.scalars(select(Rating).where(Rating.conversation_id == conversation_id).order_by(Rating.at))
    )


async def rated(session: AsyncSession, conversation_id: UUID, episode: int) -> bool:
    return bool(
        await session.scalar(
            select(func.count()).where(Rating.conversation_id == conversation_id, Rating.episode == episode)
        )
    )


async def anyone_online(session: AsyncSession) -> bool:
    """Whether any agent could answer now."""
    return bool(await session.scalar(select(func.count()).where(Presence.state == "online")))
