"""Every SELECT about promises."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, bindparam, case, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.types import Text, Uuid

from holdfast.access.viewer import Role, StaffViewer
from holdfast.conversations.models import Conversation, Inbox, Queue, Topic
from holdfast.conversations.visibility import visible
from holdfast.core.due import Due
from holdfast.people.models import Customer
from holdfast.promises.model import Kind
from holdfast.promises.models import PromiseBook, PromiseCalendar, Promised, PromisePolicy

# --- policies and calendars: administrators change them, leads and auditors read them ---

_READERS = (Role.LEAD, Role.ADMINISTRATOR, Role.AUDITOR)


async def shown_policies(session: AsyncSession, viewer: StaffViewer) -> list[PromisePolicy]:
    """The newest version of each."""
    return list({row.key: row for row in await policies(session)}.values()) if viewer.holds(*_READERS) else []


async def shown_calendars(session: AsyncSession, viewer: StaffViewer) -> list[PromiseCalendar]:
    """Every version of each."""
    return list(await calendars(session)) if viewer.holds(*_READERS) else []


async def zone_of(session: AsyncSession, conversation_id: UUID) -> str:
    """The zone of the opening hours by which its promises are kept; UTC where they run at all hours."""
    kept = (
        select(PromiseCalendar.zone)
        .join(PromisePolicy, PromisePolicy.calendar_id == PromiseCalendar.id)
        .join(Promised, Promised.policy_id == PromisePolicy.id)
        .where(Promised.conversation_id == conversation_id, Promised.stopped_at.is_(None))
        .limit(1)
    )
    return await session.scalar(kept) or "UTC"


async def update_due(session: AsyncSession, conversation_id: UUID) -> datetime | None:
    """By when the customer is written to again while the technical team has it; None if nobody has promised that, or
    the matter rests."""
    found: datetime | None = await session.scalar(
        select(Promised.due_at).where(
            Promised.conversation_id == conversation_id,
            Promised.kind == Kind.UPDATE,
            Promised.stopped_at.is_(None),
            Promised.state != "resting",
        )
    )
    return found


async def policies(session: AsyncSession) -> Sequence[PromisePolicy]:
    """Every version of each."""
    return (await session.scalars(select(PromisePolicy).order_by(PromisePolicy.key, PromisePolicy.version))).all()


async def calendars(session: AsyncSession) -> Sequence[PromiseCalendar]:
    """Every version of each."""
    return (await session.scalars(select(PromiseCalendar).order_by(PromiseCalendar.key, PromiseCalendar.version))).all()


# --- the reader: nobody asks, nothing is shown ---


async def unread(session: AsyncSession, limit: int) -> list[UUID]:
    """Conversations whose timeline is longer than it was read: one pass over all, at start and after a lost line."""
    return list(
        await session.scalars(
            select(Conversation.id)
            .outerjoin(PromiseBook, PromiseBook.conversation_id == Conversation.id)
            .where(Conversation.seq > func.coalesce(PromiseBook.seq, 0))
            .limit(limit)
        )
    )


async def unread_of(session: AsyncSession, ids: Collection[UUID]) -> list[UUID]:
    """Those of ``ids`` in whose timeline something is new: most notices are of what was read already."""
    return list(
        await session.scalars(
            select(Conversation.id)
            .outerjoin(PromiseBook, PromiseBook.conversation_id == Conversation.id)
            .where(Conversation.id.in_(ids), Conversation.seq > func.coalesce(PromiseBook.seq, 0))
        )
    )


async def locked_books(
    session: AsyncSession, ids: Collection[UUID], *, wait: bool
) -> dict[UUID, tuple[int, dict[str, Any] | None]]:
    """How far each was read, and its book; locked in the order of their ids, so that two readers never wait for each
    other in a circle."""
    found = await session.execute(
        select(PromiseBook.conversation_id, PromiseBook.seq, PromiseBook.book)
        .where(PromiseBook.conversation_id.in_(ids))
        .order_by(PromiseBook.conversation_id)
        .with_for_update(skip_locked=not wait)
    )
    return {conversation_id: (seq, book) for conversation_id, seq, book in found}


# Half of the scripts' question marks, and the ending that asks in Japanese; a mark inside of a link asks nothing.
_ASKS = r"[？؟]|か。|\?[\"'»”’)\]]*(\s|$)"

# Each conversation's own index range of the primary key, never the whole table.
_ENTRIES = text("""
SELECT c.id, m.seq, m.kind, m.author, m.created_at,
  m.kind = 'public' AND m.author = 'agent' AND m.body ~ :asks AS asks,
  CASE WHEN m.kind = 'system' OR m.event ? 'told' THEN m.event END AS line
FROM unnest(:ids, :seqs) AS c(id, seq) CROSS JOIN LATERAL (
  SELECT seq, kind, author, created_at, body, event FROM message
  WHERE conversation_id = c.id AND seq > c.seq ORDER BY seq LIMIT :each
) m ORDER BY c.id, m.seq
""").bindparams(bindparam("ids", type_=ARRAY(Uuid())), bindparam("seqs"), bindparam("asks", _ASKS, type_=Text()))


async def entries(session: AsyncSession, after: dict[UUID, int], each: int) -> Sequence[Any]:
    """``(conversation_id, seq, kind, author, at, asks, line)`` after the given sequences, in order.

    A sequence is taken under the conversation's row lock, which is held until the commit: whoever sees 7 sees 6.
    """
    return (await session.execute(_ENTRIES, {"ids": list(after), "seqs": list(after.values()), "each": each})).all()


def standing(ids: Collection[UUID]) -> Select[*tuple[Any, ...]]:
    """How these conversations stand now: what decides about policies, and the two queues of their inbox."""
    first, emergency = aliased(Queue), aliased(Queue)
    return (
        select(
            Conversation.id,
            Conversation.seq,
            Conversation.channel,
            Conversation.priority,
            Conversation.emergency,
            Conversation.category,
            Conversation.waiting_since,
            Queue.key.label("queue"),
            Topic.key.label("topic"),
            first.key.label("first_queue"),
            emergency.key.label("emergency_queue"),
            case((Customer.proven, "proven"), else_="anonymous").label("group"),
            Customer.segment,
        )
        .join(Queue, Queue.id == Conversation.queue_id)
        .join(Inbox, Inbox.id == Conversation.inbox_id)
        .join(first, first.id == Inbox.queue_id)
        .join(emergency, emergency.id == Inbox.emergency_queue_id)
        .join(Customer, Customer.id == Conversation.customer_id)
        .outerjoin(Topic, Topic.id == Conversation.topic_id)
        .where(Conversation.id.in_(ids))
    )


async def cases(session: AsyncSession, ids: Collection[UUID]) -> Sequence[Any]:
    """What decides about the policies of these conversations, and what their rows promise now."""
    shown = standing(ids).add_columns(Conversation.next_due, Conversation.answer_seconds)
    return (await session.execute(shown)).all()


async def names(session: AsyncSession) -> tuple[dict[str, str], dict[str, str], frozenset[str]]:
    """Keys of queues and of topics by their names; the keys of technical queues."""
    queues = (await session.execute(select(Queue.name, Queue.key, Queue.skill))).all()
    topics = (await session.execute(select(Topic.name, Topic.key))).all()
    technical = frozenset(key for _, key, skill in queues if skill == "technical")
    return {name: key for name, key, _ in queues}, {name: key for name, key in topics}, technical  # noqa: C416 - rows


async def lock_if_free(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Conversation]:
    """Those conversations that nobody holds at this moment, locked and read afresh."""
    found = await session.scalars(
        select(Conversation)
        .where(Conversation.id.in_(ids))
        .order_by(Conversation.id)
        .with_for_update(key_share=True, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return {conversation.id: conversation for conversation in found}


# --- turns ---


async def due_refs(session: AsyncSession, kind: str, moment: datetime, limit: int) -> list[UUID]:
    """Further deadlines that have come and that nobody handles, locked."""
    return list(
        await session.scalars(
            select(Due.ref)
            .where(Due.kind == kind, Due.at <= moment)
            .order_by(Due.at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )


async def conversations_of(session: AsyncSession, promise_ids: Collection[UUID]) -> set[UUID]:
    return set(await session.scalars(select(Promised.conversation_id).where(Promised.id.in_(promise_ids))))


async def by_id(session: AsyncSession, promise_ids: Collection[UUID]) -> Sequence[Promised]:
    return (
        await session.scalars(
            select(Promised)
            .where(Promised.id.in_(promise_ids))
            .order_by(Promised.id)
            .execution_options(populate_existing=True)
        )
    ).all()


# --- what staff see ---


async def promises_of(session: AsyncSession, viewer: StaffViewer, conversation_id: UUID) -> Sequence[Promised]:
    """Of a conversation, if the viewer may see it; the newest first."""
    return (
        await session.scalars(
            select(Promised)
            .join(Conversation, Conversation.id == Promised.conversation_id)
            .where(Promised.conversation_id == conversation_id, visible(viewer))
            .order_by(Promised.started_at.desc(), Promised.seq.desc(), Promised.kind)
            .execution_options(populate_existing=True)
        )
    ).all()


async def attainment(
    session: AsyncSession, viewer: StaffViewer, since: datetime
) -> Sequence[Row[datetime, str, int, int]]:
    """``(month, kind, kept, broken)`` by the month (UTC) in which each promise was made. What still runs counts as
    neither."""
    if not viewer.holds(*_READERS):
        return []
    return (await session.execute(_kept(since))).all()


async def public_attainment(
    session: AsyncSession, since: datetime, until: datetime
) -> Sequence[Row[datetime, str, int, int]]:
    """For everybody, where it is switched on: what customers are promised, made before ``until``."""
    return (
        await session.execute(_kept(since).where(Promised.started_at < until, Promised.kind != Kind.INTERNAL.value))
    ).all()


async def at_risk(session: AsyncSession) -> tuple[int, int]:
    """How many promises to customers have used up four fifths of their time, and how many are broken and still owed."""
    found = await session.execute(
        select(
            func.count().filter(Promised.state == "running", Promised.told >= 80),
            func.count().filter(Promised.state == "broken"),
        ).where(Promised.stopped_at.is_(None), Promised.kind != Kind.INTERNAL.value)
    )
    running, broken = found.one()
    return running, broken


def _kept(since: datetime) -> Select[datetime, str, int, int]:
    month = func.date_trunc("month", Promised.started_at).label("month")
    return (
        select(
            month,
            Promised.kind,
            func.count().filter(Promised.state.in_(("kept", "resting"))).label("kept"),
            func.count().filter(Promised.state == "broken").label("broken"),
        )
        .where(Promised.started_at >= since)
        .group_by(month, Promised.kind)
        .order_by(month.desc(), Promised.kind)
    )
