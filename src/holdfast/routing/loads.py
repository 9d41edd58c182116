"""How much each agent has: conversations, what rings at them, and what they still wrap up."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.conversations.models import Conversation
from holdfast.core.clock import now
from holdfast.routing.models import Offer, WrapUp

RINGING = Offer.outcome.is_(None)


async def load_of(session: AsyncSession, agent_ids: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    """How many unresolved conversations each agent has, by channel; what they still wrap up counts as well."""
    has = (
        select(Conversation.assignee_id, Conversation.channel, func.count())
        .where(Conversation.assignee_id.in_(agent_ids), Conversation.category != "resolved")
        .group_by(Conversation.assignee_id, Conversation.channel)
    )
    wraps_up = (
        select(WrapUp.agent_id, WrapUp.channel, func.count())
        .where(WrapUp.agent_id.in_(agent_ids), WrapUp.until > now())
        .group_by(WrapUp.agent_id, WrapUp.channel)
    )
    return _counted(await session.execute(union_all(has, wraps_up)))


async def wrap_ups(session: AsyncSession, agent_id: UUID) -> dict[UUID, datetime]:
    """Until when the agent still wraps up what they gave away, by its ``ref``."""
    found = await session.execute(
        select(WrapUp.ref, WrapUp.until).where(WrapUp.agent_id == agent_id, WrapUp.until > now())
    )
    return {row.ref: row.until for row in found}


async def ringing_load(
    session: AsyncSession, agent_ids: Collection[UUID], but: UUID | None
) -> dict[UUID, dict[str, int]]:
    return _counted(
        await session.execute(
            select(Offer.agent_id, Conversation.channel, func.count())
            .join(Conversation, Conversation.id == Offer.conversation_id)
            .where(Offer.agent_id.in_(agent_ids), RINGING, Offer.conversation_id.is_distinct_from(but))
            .group_by(Offer.agent_id, Conversation.channel)
        )
    )


def _counted(found: Any) -> dict[UUID, dict[str, int]]:
    result: dict[UUID, dict[str, int]] = defaultdict(dict)
    for agent_id, channel, count in found:
        result[agent_id][channel] = result[agent_id].get(channel, 0) + count
    return result


def both(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return {channel: one.get(channel, 0) + other.get(channel, 0) for channel in one.keys() | other.keys()}
