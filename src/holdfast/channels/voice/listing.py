"""What the console lists of calls: every SELECT of it."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Row, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import StaffViewer, Viewer
from holdfast.channels.voice import queries, stages
from holdfast.channels.voice.models import (
    BlockedNumber,
    Call,
    CallBack,
    CallCommand,
    CallLeg,
)
from holdfast.conversations.models import Conversation
from holdfast.conversations.visibility import visible
from holdfast.core.clock import now
from holdfast.people.models import Agent
from holdfast.routing.models import Offer


async def ringing_offer(session: AsyncSession, agent_id: UUID, conversation_id: UUID) -> UUID | None:
    found: UUID | None = await session.scalar(
        select(Offer.id).where(
            Offer.agent_id == agent_id, Offer.conversation_id == conversation_id, Offer.outcome.is_(None)
        )
    )
    return found


async def offered_calls(session: AsyncSession, agent_id: UUID) -> Sequence[Call]:
    """Calls up whose conversation rings at the agent's console."""
    rings = select(Offer.conversation_id).where(Offer.agent_id == agent_id, Offer.outcome.is_(None))
    statement = select(Call).where(Call.conversation_id.in_(rings), Call.ended_at.is_(None))
    return (await session.scalars(statement.order_by(Call.id))).all()


async def conversation_calls(session: AsyncSession, conversation_id: UUID, most: int = 50) -> Sequence[Call]:
    """The latest first."""
    statement = select(Call).where(Call.conversation_id == conversation_id)
    return (await session.scalars(statement.order_by(Call.started_at.desc()).limit(most))).all()


async def missed(
    session: AsyncSession, agent_id: UUID, most: int = 50
) -> Sequence[Row[UUID, str, datetime, str | None]]:
    """Offers of calls that the agent let ring out or declined, the latest first, of a week."""
    called = select(Call.id).where(Call.conversation_id == Offer.conversation_id, Call.queued_at <= Offer.offered_at)
    found = await session.execute(
        select(Offer.conversation_id, Conversation.reference, Offer.offered_at, Offer.outcome)
        .join(Conversation, Conversation.id == Offer.conversation_id)
        .where(
            Offer.agent_id == agent_id,
            Offer.outcome.in_(("expired", "declined")),
            Offer.offered_at > now() - timedelta(days=7),
            called.exists(),
        )
        .order_by(Offer.offered_at.desc())
        .limit(most)
    )
    return found.all()


async def call_backs(session: AsyncSession, viewer: StaffViewer) -> Sequence[Row[CallBack, str, str]]:
    """Those that wait, of conversations that the viewer may see, with reference and language; the longest first."""
    found = await session.execute(
        select(CallBack, Conversation.reference, Conversation.language)
        .join(Conversation, Conversation.id == CallBack.conversation_id)
        .where(CallBack.state == "waiting", visible(viewer))
        .order_by(CallBack.since)
    )
    return found.all()


async def names(session: AsyncSession, agent_ids: Collection[UUID]) -> dict[UUID, str]:
    found = await session.execute(select(Agent.id, Agent.name).where(Agent.id.in_(agent_ids)))
    return {row.id: row.name for row in found}


async def last_faults(session: AsyncSession, call_ids: Collection[UUID]) -> dict[UUID, str | None]:
    """How the last command that was done with each ended."""
    found = await session.execute(
        select(CallCommand.call_id, CallCommand.fault)
        .where(CallCommand.call_id.in_(call_ids), CallCommand.done_at.is_not(None))
        .distinct(CallCommand.call_id)
        .order_by(CallCommand.call_id, CallCommand.done_at.desc())
    )
    return {row.call_id: row.fault for row in found}


async def agents_in(session: AsyncSession, call_ids: Collection[UUID]) -> Sequence[CallLeg]:
    """The legs of ours that have not ended, of all these calls."""
    statement = select(CallLeg).where(
        CallLeg.call_id.in_(call_ids), CallLeg.state != "ended", CallLeg.agent_id.is_not(None)
    )
    return (await session.scalars(statement.order_by(CallLeg.id))).all()


def _seen_calls(viewer: StaffViewer) -> Select[Call]:
    return select(Call).join(Conversation, Conversation.id == Call.conversation_id).where(visible(viewer))


async def live_calls(session: AsyncSession, viewer: StaffViewer, most: int = 300) -> Sequence[Call]:
    """Those that wait or talk, of conversations that the viewer may see: the longest first."""
    statement = _seen_calls(viewer).where(Call.ended_at.is_(None), Call.stage.in_(stages.LIVE))
    return (await session.scalars(statement.order_by(Call.started_at, Call.id).limit(most))).all()


async def lost_calls(session: AsyncSession, viewer: StaffViewer, most: int = 100) -> Sequence[Call]:
    """Those of a day that nobody answered, of conversations that the viewer may see: the latest first."""
    statement = _seen_calls(viewer).where(
        Call.outcome.in_(("abandoned", "missed", "lost")), Call.ended_at > now() - timedelta(days=1)
    )
    return (await session.scalars(statement.order_by(Call.ended_at.desc(), Call.id).limit(most))).all()


async def blocked_numbers(session: AsyncSession, viewer: Viewer) -> Sequence[BlockedNumber]:
    statement = select(BlockedNumber).where(or_(BlockedNumber.until.is_(None), BlockedNumber.until > now()))
    return (await session.scalars(statement.where(queries.oversees(viewer)).order_by(BlockedNumber.at.desc()))).all()
