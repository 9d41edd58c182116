"""How the phone answers what happens to a conversation; ``app/reactions.py`` lists these."""

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.channels.voice import keeping, lines, queries
from holdfast.channels.voice.channel import VOICE
from holdfast.conversations import queries as conversations
from holdfast.conversations.facts import ConversationAssigned, ConversationQueued, ConversationResolved
from holdfast.conversations.models import Episode
from holdfast.core.database import tell


async def on_moved(session: AsyncSession, fact: ConversationAssigned | ConversationQueued) -> None:
    """Somebody has it, or nobody has it any more: whoever conducts its call looks."""
    tell(session, VOICE, f"conversation:{fact.conversation_id.hex}")


async def on_resolved(session: AsyncSession, fact: ConversationResolved) -> None:
    """Whoever says that it is settled says that nobody has to be called for it. A rule cannot know that."""
    episode = await session.get_one(Episode, (fact.conversation_id, fact.episode))
    if episode.resolved_by_id is None:
        return
    back = await queries.call_back_of(session, fact.conversation_id)
    if back is not None:
        conversation = await conversations.locked(session, keeping.SYSTEM, fact.conversation_id)
        await lines.not_called(session, conversation, back)
