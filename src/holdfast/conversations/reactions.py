"""How access answers what happens to a conversation; ``app/reactions.py`` lists these. Each runs in the fact's own
transaction: a grant never outlives the case that gave it."""

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access import grants
from holdfast.conversations.facts import ConversationAssigned, ConversationQueued, ConversationResolved


async def on_queued(session: AsyncSession, fact: ConversationQueued) -> None:
    """Nobody has it."""
    await grants.end_of_case(session, fact.conversation_id, fact.why)


async def on_assigned(session: AsyncSession, fact: ConversationAssigned) -> None:
    """Somebody has it: what others were shown closes."""
    await grants.end_of_case(session, fact.conversation_id, "transferred", but=fact.agent_id)


async def on_resolved(session: AsyncSession, fact: ConversationResolved) -> None:
    """The matter is settled."""
    await grants.end_of_case(session, fact.conversation_id, "resolved")
