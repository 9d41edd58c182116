"""Passing a conversation on: to another queue, or straight to a person who is there and may have it."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import StaffViewer
from holdfast.conversations import operations as conversations
from holdfast.conversations import queries
from holdfast.conversations.errors import NothingChosen
from holdfast.conversations.models import Conversation
from holdfast.people import presence
from holdfast.routing import operations
from holdfast.routing.errors import NotThere


async def transfer(
    session: AsyncSession,
    viewer: StaffViewer,
    conversation_id: UUID,
    *,
    queue_id: UUID | None,
    agent_id: UUID | None,
) -> Conversation:
    """Exactly one of ``queue_id`` and ``agent_id`` says where to. The customer's clocks are not touched.

    Raises NothingChosen, NotThere, SkillMissing, ConversationNotFound, NotAssignedToYou, AlreadyResolved.
    """
    if (queue_id is None) == (agent_id is None):
        raise NothingChosen
    record(session, viewer, "conversation.transferred", ("conversation", conversation_id))
    if agent_id is not None:
        if (await presence.state_of(session, agent_id)).state != presence.ONLINE:
            raise NotThere
        # Not before the lock: it may be raised to an emergency at this moment.
        await queries.locked(session, viewer, conversation_id)
        await operations.must_be_certified(session, agent_id, conversation_id)
    return await conversations.transfer(session, viewer, conversation_id, queue_id=queue_id, agent_id=agent_id)
