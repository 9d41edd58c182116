"""Every SELECT about rules, scheduled messages and follow-ups."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, exists, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Uuid

from holdfast.access.viewer import Role, StaffViewer
from holdfast.automation.models import (
    AutomationCursor,
    AutomationFiring,
    AutomationRule,
    AutomationTimer,
    AutomationTrial,
    FollowUp,
    ScheduledMessage,
)
from holdfast.conversations.models import Attachment, Conversation, Message, Queue, Topic
from holdfast.conversations.visibility import visible
from holdfast.people.models import Agent, Presence
from holdfast.promises import queries as promises

EDITORS = (Role.LEAD, Role.ADMINISTRATOR)
WAITING, STOPPED = "waiting", "stopped"

# --- rules ---

_NEWEST = (
    select(AutomationRule)
    .ext(distinct_on(AutomationRule.rule_id))
    .order_by(AutomationRule.rule_id, AutomationRule.version.desc())
)


async def newest(session: AsyncSession) -> list[AutomationRule]:
    """The newest version of each that was not removed, in their order."""
    found = await session.scalars(_NEWEST)
    return sorted((row for row in found if not row.removed), key=lambda row: (row.position, row.rule_id))


async def shown_rules(session: AsyncSession, viewer: StaffViewer) -> list[AutomationRule]:
    return await newest(session) if viewer.holds(*EDITORS) else []


async def version(session: AsyncSession, version_id: UUID) -> AutomationRule:
    return await session.get_one(AutomationRule, version_id)


async def versions(session: AsyncSession, version_ids: Collection[UUID]) -> dict[UUID, AutomationRule]:
    if not version_ids:
        return {}
    found = await session.scalars(select(AutomationRule).where(AutomationRule.id.in_(version_ids)))
    return {row.id: row for row in found}


async def names_of(session: AsyncSession, version_ids: Collection[UUID]) -> dict[UUID, tuple[str, int]]:
    found = await session.execute(
        select(AutomationRule.id, AutomationRule.name, AutomationRule.version).where(AutomationRule.id.in_(version_ids))
    )
    return {row[0]: (row[1], row[2]) for row in found}


# --- the reader: nobody asks, nothing is shown ---


async def unread(session: AsyncSession, limit: int) -> list[UUID]:
    """Conversations whose timeline is longer than it was followed."""
    return list(
        await session.scalars(
            select(Conversation.id)
            .outerjoin(AutomationCursor, AutomationCursor.conversation_id == Conversation.id)
            .where(Conversation.seq > func.coalesce(AutomationCursor.seq, 0))
            .limit(limit)
        )
    )


async def cursors(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, int]:
    """How far these were followed, locked in the order of their ids: two readers never wait in a circle."""
    found = await session.execute(
        select(AutomationCursor.conversation_id, AutomationCursor.seq)
        .where(AutomationCursor.conversation_id.in_(ids))
        .order_by(AutomationCursor.conversation_id)
        .with_for_update()
    )
    return {row[0]: row[1] for row in found}


# Each conversation's own index range of the primary key; words of customers alone.
_ENTRIES = text("""
SELECT c.id, m.seq, m.kind, m.author, m.created_at,
  CASE WHEN m.kind = 'public' AND m.author = 'customer' THEN m.body ELSE '' END AS said,
  CASE WHEN m.kind = 'system' THEN m.event END AS line
FROM unnest(:ids, :seqs) AS c(id, seq) CROSS JOIN LATERAL (
  SELECT seq, kind, author, created_at, body, event FROM message
  WHERE conversation_id = c.id AND seq > c.seq ORDER BY seq LIMIT :each
) m ORDER BY c.id, m.seq
""").bindparams(bindparam("ids", type_=ARRAY(Uuid())), bindparam("seqs"))


async def entries(session: AsyncSession, after: dict[UUID, int], each: int) -> Sequence[Any]:
    """``(conversation_id, seq, kind, author, at, said, line)`` after the given sequences, in order."""
    return (await session.execute(_ENTRIES, {"ids": list(after), "seqs": list(after.values()), "each": each})).all()


async def case_of(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Any]:
    """How these conversations stand now, as rules see it."""
    seen = promises.standing(ids).add_columns(Conversation.reference, Conversation.language, Conversation.tags)
    found = await session.execute(seen.execution_options(populate_existing=True))
    return {row.id: row for row in found}


async def messages(session: AsyncSession, conversation_id: UUID, upto: int) -> int:
    return (
        await session.scalar(
            select(func.count()).where(
                Message.conversation_id == conversation_id, Message.kind == "public", Message.seq <= upto
            )
        )
    ) or 0


async def last_said(session: AsyncSession, conversation_id: UUID, upto: int) -> str:
    """What the customer wrote last, as it is stored: redacted."""
    words: str | None = await session.scalar(
        select(Message.body)
        .where(
            Message.conversation_id == conversation_id,
            Message.kind == "public",
            Message.author == "customer",
            Message.seq <= upto,
        )
        .order_by(Message.seq.desc())
        .limit(1)
    )
    return words or ""


async def fired(session: AsyncSession, conversation_id: UUID, since: datetime) -> dict[UUID, tuple[int, int]]:
    """How often each rule fired in a conversation: ever, and since then."""
    found = await session.execute(
        select(
            AutomationFiring.rule_id, func.count(), func.count().filter(AutomationFiring.at > since)
        ).where(AutomationFiring.conversation_id == conversation_id, AutomationFiring.stopped.is_(None))
        .group_by(AutomationFiring.rule_id)
    )  # fmt: skip
    return {row[0]: (row[1], row[2]) for row in found}


async def had(session: AsyncSession, conversation_id: UUID, seq: int) -> frozenset[UUID]:
    """The rules that were decided for an event."""
    return frozenset(
        await session.scalars(
            select(AutomationFiring.rule_id).where(
                AutomationFiring.conversation_id == conversation_id, AutomationFiring.seq == seq
            )
        )
    )


async def keys(session: AsyncSession) -> tuple[dict[str, Queue], dict[str, Topic]]:
    queues = await session.scalars(select(Queue))
    topics = await session.scalars(select(Topic))
    return {row.key: row for row in queues}, {row.key: row for row in topics}


async def timer(session: AsyncSession, timer_id: UUID) -> AutomationTimer | None:
    return await session.get(AutomationTimer, timer_id)


# --- what fired ---


def _firings() -> Select[AutomationFiring, str]:
    return select(AutomationFiring, Conversation.reference).join(
        Conversation, Conversation.id == AutomationFiring.conversation_id
    )


async def _page(session: AsyncSession, query: Select[AutomationFiring, str], limit: int) -> Sequence[Any]:
    # Ids are made in the order of time.
    return (await session.execute(query.order_by(AutomationFiring.id.desc()).limit(limit))).all()


async def firings_of_rule(
    session: AsyncSession, viewer: StaffViewer, rule_id: UUID, before: UUID | None, limit: int
) -> Sequence[Any]:
    """The newest first."""
    if not viewer.holds(*EDITORS):
        return []
    query = _firings().where(AutomationFiring.rule_id == rule_id)
    return await _page(session, query if before is None else query.where(AutomationFiring.id < before), limit)


async def firings_in(session: AsyncSession, viewer: StaffViewer, conversation_id: UUID, limit: int) -> Sequence[Any]:
    """Of a conversation, if the viewer may see it; the newest first."""
    return await _page(
        session, _firings().where(AutomationFiring.conversation_id == conversation_id, visible(viewer)), limit
    )


# --- trials ---


async def trial(
    session: AsyncSession, viewer: StaffViewer, trial_id: UUID, *, lock: bool = False
) -> AutomationTrial | None:
    if not viewer.holds(*EDITORS):
        return None
    return await locked_trial(session, trial_id) if lock else await session.get(AutomationTrial, trial_id)


async def locked_trial(session: AsyncSession, trial_id: UUID) -> AutomationTrial | None:
    found: AutomationTrial | None = await session.scalar(
        select(AutomationTrial)
        .where(AutomationTrial.id == trial_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found


async def newest_trials(session: AsyncSession, version_ids: Collection[UUID]) -> dict[UUID, AutomationTrial]:
    """The latest of each version."""
    found = await session.scalars(
        select(AutomationTrial).where(AutomationTrial.version_id.in_(version_ids)).order_by(AutomationTrial.id)
    )
    return {row.version_id: row for row in found}


def _past(since: datetime) -> ColumnElement[bool]:
    return Conversation.last_at >= since


async def past_count(session: AsyncSession, since: datetime) -> int:
    return (await session.scalar(select(func.count()).where(_past(since)))) or 0


async def past(session: AsyncSession, since: datetime, before: UUID | None, limit: int) -> list[UUID]:
    """Conversations in which something was said since then, the newest first, before one of them."""
    query = select(Conversation.id).where(_past(since)).order_by(Conversation.id.desc()).limit(limit)
    return list(await session.scalars(query if before is None else query.where(Conversation.id < before)))


# --- for later ---


async def scheduled_in(
    session: AsyncSession, viewer: StaffViewer, conversation_id: UUID
) -> list[tuple[ScheduledMessage, str]]:
    """What waits, and what was stopped and not looked at yet; with the name of who wrote it."""
    found = await session.execute(
        select(ScheduledMessage, Agent.name)
        .join(Agent, Agent.id == ScheduledMessage.agent_id)
        .join(Conversation, Conversation.id == ScheduledMessage.conversation_id)
        .where(
            ScheduledMessage.conversation_id == conversation_id,
            ScheduledMessage.state.in_((WAITING, STOPPED)),
            visible(viewer),
        )
        .order_by(ScheduledMessage.at)
    )
    return [(row[0], row[1]) for row in found]


async def scheduled(session: AsyncSession, scheduled_id: UUID) -> ScheduledMessage | None:
    """Locked and read afresh."""
    found: ScheduledMessage | None = await session.scalar(
        select(ScheduledMessage)
        .where(ScheduledMessage.id == scheduled_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found


async def files_of(session: AsyncSession, rows: Collection[ScheduledMessage]) -> dict[UUID, Attachment]:
    ids = [file for row in rows for file in row.files]
    if not ids:
        return {}
    found = await session.scalars(select(Attachment).where(Attachment.id.in_(ids)))
    return {file.id: file for file in found}


async def waiting_count(session: AsyncSession, conversation_id: UUID) -> int:
    return (
        await session.scalar(
            select(func.count()).where(
                ScheduledMessage.conversation_id == conversation_id, ScheduledMessage.state == WAITING
            )
        )
    ) or 0


def overtaken() -> ColumnElement[bool]:
    """The customer has written since it was scheduled."""
    return exists().where(
        Message.conversation_id == ScheduledMessage.conversation_id,
        Message.seq > ScheduledMessage.seq,
        Message.kind == "public",
        Message.author == "customer",
    )


async def overtaken_in(session: AsyncSession, ids: Collection[UUID]) -> list[tuple[UUID, UUID]]:
    """``(scheduled message, conversation)`` that wait, in which the customer has written, and that are not to be sent
    anyway."""
    found = await session.execute(
        select(ScheduledMessage.id, ScheduledMessage.conversation_id).where(
            ScheduledMessage.conversation_id.in_(ids),
            ScheduledMessage.state == WAITING,
            ScheduledMessage.anyway.is_(False),
            overtaken(),
        )
    )
    return [(row[0], row[1]) for row in found]


async def is_overtaken(session: AsyncSession, scheduled_id: UUID) -> bool:
    return bool(await session.scalar(select(func.count()).where(ScheduledMessage.id == scheduled_id, overtaken())))


async def follow_up(session: AsyncSession, conversation_id: UUID, *, lock: bool = False) -> FollowUp | None:
    query = select(FollowUp).where(FollowUp.conversation_id == conversation_id)
    found: FollowUp | None = await session.scalar(
        (query.with_for_update() if lock else query).execution_options(populate_existing=True)
    )
    return found


async def is_there(session: AsyncSession, agent_id: UUID) -> bool:
    presence = await session.get(Presence, agent_id)
    return presence is not None and presence.state == "online"


async def agent_name(session: AsyncSession, agent_id: UUID) -> str:
    return (await session.get_one(Agent, agent_id)).name
