"""Whose call it is turns out in the middle of it: the call goes on in the conversation of whoever typed their code.

What was said before in the conversation that its number had led to stays there: a number proves nobody, so it may be
somebody else's.
"""

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import CustomerViewer
from holdfast.channels.voice import keeping, queries
from holdfast.channels.voice.conducting import Conductor
from holdfast.channels.voice.models import Call, Recording
from holdfast.conversations import operations as conversations
from holdfast.conversations import queries as conversation_queries
from holdfast.conversations.intake import IncomingMessage
from holdfast.core.clock import now
from holdfast.core.i18n import translate
from holdfast.routing import operations as routing


async def join(c: Conductor, conversation_id: UUID) -> None:
    """The call belongs there from now on; one that has no conversation yet enters it when it leaves the menu. Its agent
    has it. Two transactions, since no two conversations are ever locked together. Raises SkillMissing."""
    before, in_writing = c.call.conversation_id, c.call.channel_before
    if before is None or before == conversation_id:
        return
    async with c.change() as (session, call):
        await _enter(session, call, conversation_id)
    async with c.desk.database.transaction() as session:
        await _leave(session, c.call, before, in_writing)


async def _enter(session: AsyncSession, call: Call, conversation_id: UUID) -> None:
    conversation = await conversation_queries.locked(session, keeping.SYSTEM, conversation_id)
    if call.agent_id is not None:
        await routing.must_be_certified(session, call.agent_id, conversation_id)
    call.channel_before = conversation.channel if conversation.channel != keeping.SOURCE else keeping.IN_WRITING
    # As if it had come in here: one that was settled is open again.
    words = translate("Phone call", call.language)
    source_id = call.id.bytes + b"joined"
    message = IncomingMessage(keeping.SOURCE, source_id, "customer", conversation.customer_id, words)
    viewer = CustomerViewer(conversation.customer_id, conversation.id, call.language)
    conversation, _ = await conversations.post(session, viewer, conversation.id, message)
    conversation.channel, call.conversation_id = keeping.SOURCE, conversation.id
    await session.execute(update(Recording).where(Recording.call_id == call.id).values(conversation_id=conversation.id))
    if call.agent_id is not None:
        if conversation.assignee_id != call.agent_id:
            await conversations.transfer(session, keeping.SYSTEM, conversation.id, agent_id=call.agent_id)
        conversation.waiting_since = conversation.next_due = None
        conversation.answered_at = conversation.answered_at or now()
    await keeping.note(session, call, "call_joined")


async def _leave(session: AsyncSession, call: Call, conversation_id: UUID, in_writing: str) -> None:
    """Nobody is on the phone there any more. One that began with this call is settled."""
    conversation = await conversation_queries.locked(session, keeping.SYSTEM, conversation_id)
    conversations.append(session, conversation, event={"type": "call_left", "call": str(call.id)})
    if conversation.channel == keeping.SOURCE and not await queries.calls_of(session, conversation.id):
        conversation.channel = in_writing or keeping.IN_WRITING
    if call.place.get("began") and conversation.category != "resolved":
        await conversations.resolve(session, keeping.SYSTEM, conversation.id)
