"""Follow-ups: a date on which a conversation comes back."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import StaffViewer, SystemViewer
from holdfast.automation import queries
from holdfast.automation.errors import TimeRefused
from holdfast.automation.models import FollowUp
from holdfast.conversations import automatic, exposures, operations
from holdfast.conversations import queries as conversations
from holdfast.conversations.intake import clean
from holdfast.core.clock import now
from holdfast.core.due import clear_due, set_due

DUE = "follow_up"
_SOONEST, _LATEST = timedelta(seconds=30), timedelta(days=90, minutes=1)
VIEWER = SystemViewer("follow_up")


async def set_follow_up(
    session: AsyncSession, viewer: StaffViewer, conversation_id: UUID, *, at: datetime, note: str
) -> None:
    """One for a conversation: the next one takes its place. Raises ConversationNotFound, NotAssignedToYou,
    AlreadyResolved, TimeRefused."""
    await operations.must_have_open(session, viewer, conversation_id)
    if not _SOONEST <= at - now() <= _LATEST:
        raise TimeRefused
    words, event = clean(note, may_be_empty=True)
    exposures.state(session, conversation_id, event)
    values = {"agent_id": viewer.id, "at": at, "note": words.strip(), "made_at": now()}
    await session.execute(
        insert(FollowUp)
        .values(conversation_id=conversation_id, **values)
        .on_conflict_do_update(index_elements=["conversation_id"], set_=values)
    )
    await set_due(session, DUE, conversation_id, at)
    record(session, viewer, "conversation.follow_up_set", ("conversation", conversation_id), at=at.isoformat())


async def drop(session: AsyncSession, viewer: StaffViewer, conversation_id: UUID) -> None:
    """Harmless if there is none. Raises ConversationNotFound, NotAssignedToYou."""
    await operations.must_have(session, viewer, conversation_id)
    await session.execute(delete(FollowUp).where(FollowUp.conversation_id == conversation_id))
    await clear_due(session, DUE, conversation_id)
    record(session, viewer, "conversation.follow_up_dropped", ("conversation", conversation_id))


async def come_back(session: AsyncSession, conversation_id: UUID) -> None:
    """The handler of the deadline: back to whoever has it and is there, else to the queue."""
    row = await queries.follow_up(session, conversation_id, lock=True)
    if row is None:
        return
    if row.at > now():
        await set_due(session, DUE, conversation_id, row.at)
        return
    agent_id, note = row.agent_id, row.note
    await session.delete(row)
    conversation = await conversations.conversation(session, VIEWER, conversation_id)
    people = {agent_id, conversation.assignee_id} - {None}
    there = {one for one in people if one is not None and await queries.is_there(session, one)}
    await automatic.call_back(session, VIEWER, conversation_id, agent_id=agent_id, note=note, there=there)
