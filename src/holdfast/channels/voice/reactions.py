"""How the phone answers what happens to a conversation; ``app/reactions.py`` lists these."""

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.channels.voice.channel import VOICE
from holdfast.conversations.facts import ConversationAssigned, ConversationQueued
from holdfast.core.database import tell


async def on_moved(session: AsyncSession, fact: ConversationAssigned | ConversationQueued) -> None:
    """Somebody has it, or nobody has it any more: whoever conducts its call looks."""
    tell(session, VOICE, f"conversation:{fact.conversation_id.hex}")
