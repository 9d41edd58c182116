"""Conversations of a visitor who turned out to be somebody that is known."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.conversations import timeline
from holdfast.conversations.facts import ConversationsMoved
from holdfast.conversations.models import Conversation
from holdfast.core.database import happened


async def move_to_customer(session: AsyncSession, conversation_ids: Sequence[UUID], into_id: UUID) -> None:
    """An anonymous visitor was proven to be a known customer: these conversations of theirs are one person's, and what
    their files are sealed with is sealed for that person."""
    await session.execute(
        update(Conversation)
        .where(Conversation.id.in_(conversation_ids))
        .values(customer_id=into_id, version=Conversation.version + 1)
    )
    for file in await timeline.attachments_of_conversations(session, conversation_ids):
        # Read with the visitor's key; the flush seals with the key of the new owner.
        name, file_key = file.name, file.file_key
        file.customer_id, file.name, file.file_key = into_id, name, file_key
    if conversation_ids:
        happened(session, ConversationsMoved(tuple(conversation_ids), into_id))
