"""Tags, topic, priority and language of a conversation; each change is a line in its timeline."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import CustomerViewer, StaffViewer, SystemViewer
from holdfast.conversations import queries
from holdfast.conversations.errors import ConversationNotFound
from holdfast.conversations.facts import ConversationQueued
from holdfast.conversations.models import Conversation
from holdfast.conversations.operations import append, must_have
from holdfast.core.database import happened


async def change(
    session: AsyncSession,
    viewer: StaffViewer | SystemViewer,
    conversation_id: UUID,
    *,
    tags: list[str] | None = None,
    topic_id: UUID | None = None,
    priority: int | None = None,
    language: str | None = None,
) -> Conversation:
    """Tags, topic, priority (0 low to 3 urgent) or language; each change is a line in the timeline.

    Raises ConversationNotFound (also for an unknown topic), NotAssignedToYou.
    """
    conversation = await queries.locked(session, viewer, conversation_id)
    await must_have(session, viewer, conversation_id)
    events: list[dict[str, Any]] = []
    if tags is not None and tags != conversation.tags:
        conversation.tags = tags
        events.append({"type": "tagged", "tags": tags})
    if topic_id is not None and topic_id != conversation.topic_id:
        topic = await queries.topic(session, topic_id)
        if topic is None:
            raise ConversationNotFound
        conversation.topic_id = topic.id
        events.append({"type": "topic", "topic": topic.name})
    if priority is not None and priority != conversation.priority:
        conversation.priority = priority
        events.append({"type": "priority", "priority": priority})
    if language is not None and language != conversation.language:
        conversation.language = language
        events.append({"type": "language", "language": language})
        if conversation.assignee_id is None:
            happened(session, ConversationQueued(conversation.id, conversation.queue_id, "language"))
    by = ("agent", viewer.id) if isinstance(viewer, StaffViewer) else ("system", None)
    for event in events:
        append(session, conversation, author=by[0], author_id=by[1], event=event)
    if events:
        # What was changed, not to what: tags are free words, and may hold a name.
        changed = [event["type"] for event in events]
        record(session, viewer, "conversation.labelled", ("conversation", conversation.id), changed=changed)
    await session.flush()
    return conversation


async def choose_language(session: AsyncSession, viewer: CustomerViewer, language: str) -> Conversation:
    """The customer picks another language; it decides who is asked to answer."""
    conversation = await queries.locked(session, viewer, viewer.conversation_id)
    if conversation.language != language:
        conversation.language = language
        append(
            session,
            conversation,
            author="customer",
            author_id=viewer.id,
            event={"type": "language", "language": language},
        )
        if conversation.assignee_id is None and conversation.waiting_since is not None:
            happened(session, ConversationQueued(conversation.id, conversation.queue_id, "language"))
    return conversation
