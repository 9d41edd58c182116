"""What no person does at that moment: a public message or a note of a rule, which goes the one way out and past the
same filter; and a conversation that comes back on its date."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import SystemViewer
from holdfast.conversations import outgoing, queries, timeline
from holdfast.conversations.errors import AlreadyResolved
from holdfast.conversations.facts import ConversationQueued
from holdfast.conversations.intake import IncomingMessage, chat_source, take
from holdfast.conversations.models import Message
from holdfast.conversations.operations import append, post, release
from holdfast.core.clock import now
from holdfast.core.database import happened
from holdfast.core.ids import new_id

SOURCE = "automation"


async def say(
    session: AsyncSession, viewer: SystemViewer, conversation_id: UUID, text: str, source_id: bytes, *, public: bool
) -> Message:
    """Said once for each ``source_id``. It is no answer: a customer who waits goes on waiting, and lists show their
    words. Raises AlreadyResolved, and what ``outgoing.refusal`` gives."""
    conversation = await queries.locked(session, viewer, conversation_id)
    known = await timeline.message_by_source(session, SOURCE, source_id)
    if known is not None:
        return known
    if public:
        if conversation.category == "resolved":
            raise AlreadyResolved
        if (stopped := outgoing.refusal(text)) is not None:
            raise stopped
    said = append(
        session, conversation, kind="public" if public else "note", body=text, source=SOURCE, source_id=source_id
    )
    await session.flush()
    return said


async def call_back(
    session: AsyncSession, viewer: SystemViewer, conversation_id: UUID, *, agent_id: UUID, note: str, there: set[UUID]
) -> None:
    """The date of a follow-up has come: from now on the matter waits for us, as if its customer had written. Its agent
    has it again if they are ``there``; else whoever takes it from the queue. Harmless when it is resolved."""
    conversation = await queries.locked(session, viewer, conversation_id)
    if conversation.category == "resolved":
        return
    append(session, conversation, event={"type": "follow_up"})
    if note:
        # Looked at together with what its writer wrote in notes before.
        key, words = chat_source(conversation_id, new_id()), take(note)
        message = IncomingMessage("follow_up", key, "agent", agent_id, words.body, words.event, (), "note", words.seal)
        await post(session, viewer, conversation_id, message)
    conversation.waiting_since = conversation.waiting_since or now()
    if conversation.assignee_id is not None and conversation.assignee_id not in there:
        await release(session, viewer, conversation_id, why="follow_up")
    elif conversation.assignee_id is None:
        conversation.preferred_agent_id = agent_id
        happened(session, ConversationQueued(conversation.id, conversation.queue_id, "follow_up"))
    await session.flush()
