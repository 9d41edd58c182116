"""How routing answers facts; ``app/reactions.py`` lists these functions. Each runs in the fact's own transaction."""

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.conversations.facts import (
    ConversationAssigned,
    ConversationOpened,
    ConversationQueued,
    ConversationResolved,
)
from holdfast.core.clock import now
from holdfast.people.facts import AgentAbsent, AgentAvailable, AgentUnreachable
from holdfast.routing import operations, queries
from holdfast.routing.models import Assignment, Offer
from holdfast.training.facts import RightRevoked


async def on_opened(session: AsyncSession, fact: ConversationOpened) -> None:
    """It waits: somebody must be asked."""
    await operations.end_assignment(session, fact.conversation_id, "reopened")
    operations.wake_router(session, "opened")


async def on_queued(session: AsyncSession, fact: ConversationQueued) -> None:
    """Whoever had it has it no longer; whoever is being asked may no longer be the right one."""
    await operations.end_assignment(session, fact.conversation_id, fact.why)
    await operations.withdraw(session, fact.why, Offer.conversation_id == fact.conversation_id)
    operations.wake_router(session, "queued")


async def on_assigned(session: AsyncSession, fact: ConversationAssigned) -> None:
    """It rings nowhere else any more, and the agent is watched for silence."""
    await operations.withdraw(session, "assigned", Offer.conversation_id == fact.conversation_id)
    await operations.end_assignment(session, fact.conversation_id, "replaced")
    session.add(
        Assignment(
            conversation_id=fact.conversation_id,
            agent_id=fact.agent_id,
            from_at=now(),
            how=await queries.how_assigned(session, fact.conversation_id),
        )
    )
    conversation = await queries.conversation_now(session, fact.conversation_id)
    if conversation is not None:
        await operations.watch_silence(session, conversation)
    await operations.no_longer_idle(session, fact.agent_id)
    operations.call(session, fact.agent_id)


async def on_resolved(session: AsyncSession, fact: ConversationResolved) -> None:
    """The agent has room again."""
    await operations.end_assignment(session, fact.conversation_id, "resolved")
    await operations.withdraw(session, "resolved", Offer.conversation_id == fact.conversation_id)
    if fact.agent_id is not None:
        await operations.no_longer_idle(session, fact.agent_id)
        operations.call(session, fact.agent_id)
    operations.wake_router(session, "resolved")


async def on_agent_available(session: AsyncSession, fact: AgentAvailable) -> None:  # noqa: ARG001 - whoever it is
    operations.wake_router(session, "available")


async def on_agent_unreachable(session: AsyncSession, fact: AgentUnreachable) -> None:
    """What rings there rings elsewhere at once; what they have stays theirs for the grace."""
    await operations.withdraw_for_agent(session, fact.agent_id, "unreachable")
    operations.wake_router(session, "unreachable")


async def on_agent_absent(session: AsyncSession, fact: AgentAbsent) -> None:
    """They hold nothing any more."""
    await operations.withdraw_for_agent(session, fact.agent_id, "absent")
    await operations.release_all(session, fact.agent_id)
    operations.wake_router(session, "absent")


async def on_right_revoked(session: AsyncSession, fact: RightRevoked) -> None:
    """What rings at them and needs that skill rings elsewhere at once."""
    offers = [o for o in await queries.ringing(session) if o.agent_id == fact.agent_id]
    waiting = await queries.waiting(session, [o.conversation_id for o in offers])
    lost = [o.id for o in offers if fact.skill in waiting[o.conversation_id].skills]
    await operations.withdraw(session, "revoked", Offer.id.in_(lost), wait=False)
    operations.wake_router(session, "revoked")
