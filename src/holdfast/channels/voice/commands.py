"""What somebody of the staff does with a call. What concerns the conversation is done here, in the request's own
transaction; what concerns sound is written down for the process that conducts the call, and told to it."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import Role, StaffViewer
from holdfast.channels.voice import keeping, keypad, listing, passing_on, queries, stages
from holdfast.channels.voice.channel import call_changed
from holdfast.channels.voice.errors import CallNotReady, CallUnknown, NotASupervisor, NotInCall
from holdfast.channels.voice.models import Call, CallCommand
from holdfast.conversations import operations as conversations
from holdfast.conversations import queries as conversation_queries
from holdfast.conversations.errors import NothingChosen
from holdfast.routing import operations as routing
from holdfast.routing.transfer import transfer as pass_on
from holdfast.verification import operations as verification
from holdfast.verification import phone_codes
from holdfast.verification.catalogue import ON_THE_PHONE


async def seen(session: AsyncSession, viewer: StaffViewer, call_id: UUID) -> Call:
    """The call, locked, if the viewer may see its conversation. Raises CallUnknown, ConversationNotFound."""
    call = await queries.call(session, call_id, lock=True)
    if call is None or call.conversation_id is None or call.ended_at is not None:
        raise CallUnknown
    await conversation_queries.conversation(session, viewer, call.conversation_id)
    return call


async def answer(session: AsyncSession, viewer: StaffViewer, call_id: UUID, device: str | None) -> None:
    """Take the conversation of a caller who waits; then the viewer's phone rings. Raises what taking it raises."""
    call = await seen(session, viewer, call_id)
    if call.conversation_id is None or call.stage != stages.WAITING:
        raise CallNotReady
    keeping.keep_place(call, device=device or "")
    offer_id = await listing.ringing_offer(session, viewer.id, call.conversation_id)
    if offer_id is not None:
        await routing.accept(session, viewer, offer_id)
    else:
        await routing.take(session, viewer, call.conversation_id)


async def _in_talk(session: AsyncSession, viewer: StaffViewer, call_id: UUID) -> Call:
    """Who is asked (consult) or attends is in the call, whether or not the conversation is theirs to see. Raises
    CallUnknown, ConversationNotFound, CallNotReady, NotInCall."""
    call = await queries.call(session, call_id, lock=True)
    if call is None or call.ended_at is not None:
        raise CallUnknown
    if viewer.id not in {leg.agent_id for leg in await queries.legs(session, call.id) if leg.state == "up"}:
        await seen(session, viewer, call_id)
        raise NotInCall
    if call.stage != stages.TALKING:
        raise CallNotReady
    return call


def _tell(session: AsyncSession, viewer: StaffViewer, call: Call, verb: str, detail: dict[str, Any]) -> None:
    session.add(CallCommand(call_id=call.id, agent_id=viewer.id, verb=verb, detail=detail))
    call_changed(session, call.id)


async def command(session: AsyncSession, viewer: StaffViewer, call_id: UUID, verb: str, **detail: Any) -> None:
    """By somebody who is in the call: hang_up, mute, hold, keys, consult, end_consult, conference or hand_over."""
    await _command(session, viewer, call_id, verb, detail)


async def record_call(session: AsyncSession, viewer: StaffViewer, call_id: UUID, *, on: bool) -> None:
    """What is not recorded cannot be heard later, so whoever pauses stands in the audit log."""
    call = await _command(session, viewer, call_id, "record", {"on": on})
    record(session, viewer, "call.recorded", ("conversation", call.conversation_id), call=str(call.id), on=on)


async def _command(
    session: AsyncSession, viewer: StaffViewer, call_id: UUID, verb: str, detail: dict[str, Any]
) -> Call:
    call = await _in_talk(session, viewer, call_id)
    if verb not in {"hang_up", "mute"} and call.agent_id != viewer.id:
        raise NotInCall
    _tell(session, viewer, call, verb, detail)
    return call


async def ask_code(session: AsyncSession, viewer: StaffViewer, call_id: UUID, *, on: bool) -> None:
    """The viewer wants to know who is calling: the customer is asked for the code that their app shows. A chat that the
    number belongs to says so, with a button to the code. Raises NotInCall, CallNotReady, AlreadyResolved."""
    call = await _in_talk(session, viewer, call_id)
    if call.agent_id != viewer.id or call.conversation_id is None:
        raise NotInCall
    if on:
        if not keypad.may_be_asked(call):
            raise CallNotReady
        await verification.ask(session, viewer, call.conversation_id, ON_THE_PHONE.key)
    else:
        await phone_codes.no_longer_asked(session, viewer, call.conversation_id)
    _tell(session, viewer, call, "code", {"on": on})


async def transfer(
    session: AsyncSession,
    viewer: StaffViewer,
    call_id: UUID,
    *,
    queue_id: UUID | None,
    agent_id: UUID | None,
    emergency: bool,
) -> None:
    """Without words (blind). Raises NothingChosen, NotThere, SkillMissing, NotInCall."""
    call = await _in_talk(session, viewer, call_id)
    if call.conversation_id is None or call.agent_id != viewer.id:
        raise NotInCall
    if emergency:
        if queue_id or agent_id:
            raise NothingChosen
        call.emergency = True
        await conversations.raise_emergency(session, viewer, call.conversation_id)
    else:
        await pass_on(session, viewer, call.conversation_id, queue_id=queue_id, agent_id=agent_id)
    way = "emergency" if emergency else "agent" if agent_id else "queue"
    _tell(session, viewer, call, "transfer", {"way": way})


async def supervise(session: AsyncSession, viewer: StaffViewer, call_id: UUID, mode: str) -> None:
    """Written into the audit log before a word is heard. Raises NotASupervisor, CallUnknown, CallNotReady."""
    if not viewer.holds(Role.LEAD):
        raise NotASupervisor
    call = await seen(session, viewer, call_id)
    if call.stage != stages.TALKING or call.agent_id == viewer.id:
        raise CallNotReady
    record(session, viewer, f"call.{mode}", ("conversation", call.conversation_id), call=str(call.id))
    _tell(session, viewer, call, "supervise", {"mode": mode})


async def end_wrap_up(session: AsyncSession, viewer: StaffViewer, call_id: UUID) -> None:
    """The agent has room again, before their time is over. Raises CallUnknown, NotInCall."""
    call = await queries.call(session, call_id, lock=True)
    if call is None:
        raise CallUnknown
    if call.agent_id == viewer.id and call.wrap_until is not None:
        await keeping.wrap_up_over(session, call_id)
    elif not await passing_on.passed_on_done(session, call, viewer.id):
        raise NotInCall
