"""What is kept of a call, each function in the caller's transaction: it arrives, becomes a conversation, is answered,
goes back to the queue, is over. ``conducting.py`` says when."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.keys import key_ring
from holdfast.access.viewer import CustomerViewer, SystemViewer
from holdfast.channels.voice import call_backs, queries, stages, waits
from holdfast.channels.voice.channel import VOICE, calls_changed, phone_changed
from holdfast.channels.voice.models import Call, CallBack, CallEvent, CallLeg, Line
from holdfast.conversations import operations as conversations
from holdfast.conversations import queries as conversation_queries
from holdfast.conversations.intake import IncomingMessage
from holdfast.conversations.models import Conversation, Inbox
from holdfast.core.clock import now
from holdfast.core.database import tell
from holdfast.core.due import set_due
from holdfast.core.i18n import translate
from holdfast.core.ids import new_id
from holdfast.people import customers
from holdfast.people.models import Customer
from holdfast.routing import operations as routing
from holdfast.verification import phone_codes

SOURCE = "voice"
SYSTEM = SystemViewer("voice")
# The kind of the deadline that ends an agent's wrap-up (of who passed it on: ``passing_on.py``).
WRAP_UP = "call_wrap_up"
# The kind of the deadline at which somebody is called back.
CALL_BACK = "call_back"
# How a conversation is held that began on the phone, once nobody is on it: it is no longer all of somebody's attention.
IN_WRITING = "email"


def number_indexes(number: str) -> list[bytes]:
    """Under every key there is, the newest first."""
    return key_ring().blind_indexes("".join(filter(str.isdigit, number)), "call.number")


async def arrive(
    session: AsyncSession, *, channel: str, application: str, line: Line | None, number: str, language: str
) -> tuple[Call, str | None]:
    """A new call, and why it is refused: blocked or flooding. ``number`` is empty when it was withheld."""
    indexes = number_indexes(number) if number else []
    refused = None
    if indexes:
        blocked, calls = await queries.known_of(session, indexes)
        if blocked:
            refused = "blocked"
        elif waits.is_flooding(calls, line.hourly if line else 10, now()):
            refused = "flooding"
    emergency = line is not None and line.kind == "emergency"
    if emergency and refused == "flooding":
        # Who is being robbed calls again and again.
        refused = None
    call = Call(
        id=new_id(),
        line_id=line.id if line else None,
        application=application,
        channel=channel,
        number=number or None,
        number_index=indexes[0] if indexes else None,
        language=line.language if line else language,
        emergency=emergency,
        place={},
        wrap_seconds=line.wrap_seconds if line else 60,
        started_at=now(),
    )
    session.add(call)
    await session.flush()
    session.add(CallLeg(call_id=call.id, role="caller", channel=channel, state="up", answered_at=now()))
    if refused:
        over(call, "refused")
        await note(session, call, "call_refused", why=refused)
    return call, refused


async def locked(session: AsyncSession, conversation_id: UUID) -> Conversation:
    """The row; asked for once in a transaction, so that what is written to it is one statement as well."""
    held: dict[UUID, Conversation] = session.info.setdefault("voice_conversations", {})
    if conversation_id not in held:
        held[conversation_id] = await conversation_queries.locked(session, SYSTEM, conversation_id)
    return held[conversation_id]


async def note(session: AsyncSession, call: Call, kind: str, **detail: Any) -> None:
    """Something happened: kept with the call, and in its conversation's timeline as soon as there is one. ``detail``
    holds ids, counts and stable words, never a number or what somebody said."""
    event = CallEvent(id=new_id(), call_id=call.id, kind=kind, detail=detail, at=now())
    session.add(event)
    if call.conversation_id is not None:
        conversation = await locked(session, call.conversation_id)
        _write(session, conversation, event)
    calls_changed(session)


def _write(session: AsyncSession, conversation: Conversation, event: CallEvent) -> None:
    event.noted = True
    agent = event.detail.get("agent")
    conversations.append(
        session,
        conversation,
        author="agent" if agent else "system",
        author_id=UUID(agent) if agent else None,
        event={"type": event.kind, "call": str(event.call_id), **event.detail},
    )


async def enter(
    session: AsyncSession, call: Call, *, queue: str = "", topic: str = "", emergency: bool = False, live: bool = True
) -> Conversation:
    """The call's conversation: the open one of whose number it is, else a new one; it waits for an agent. ``live``: a
    caller is on the line, which takes all of somebody's attention. Harmless when it is entered already."""
    if call.conversation_id is not None:
        conversation = await locked(session, call.conversation_id)
    else:
        conversation = await _conversation(session, call, queue, topic, emergency or call.emergency)
        call.conversation_id = conversation.id
        session.info.setdefault("voice_conversations", {})[conversation.id] = conversation
        with session.no_autoflush:
            events = await queries.unnoted(session, call.id)
        for event in events:
            _write(session, conversation, event)
    if emergency or call.emergency:
        call.emergency = True
        await conversations.raise_emergency(session, SYSTEM, conversation.id)
    if live:
        conversation.channel = SOURCE
        call.queued_at = call.queued_at or now()
    await session.flush()
    return conversation


async def _conversation(session: AsyncSession, call: Call, queue: str, topic: str, emergency: bool) -> Conversation:
    customer, known = await _whose(session, call)
    words = translate("Phone call", call.language)
    message = IncomingMessage(SOURCE, call.id.bytes, "customer", customer.id, words)
    if known is not None:
        before = await locked(session, known)
        call.channel_before = before.channel if before.channel != SOURCE else IN_WRITING
        viewer = CustomerViewer(customer.id, known, call.language)
        conversation, _ = await conversations.post(session, viewer, known, message)
        # Whoever has it in writing is asked first, if they can take a call now.
        await conversations.release(session, SYSTEM, known, why="called")
        return conversation
    found = await queries.topic_by_key(session, topic) if topic else None
    inbox = await _inbox(session, call)
    conversation, _ = await conversations.open_conversation(
        session, inbox, customer, message, language=call.language, emergency=emergency, topic=found
    )
    call.channel_before = IN_WRITING
    keep_place(call, began=True)
    if call.place.get("same_number"):
        await _perhaps_the_same(session, call, conversation, UUID(call.place["same_number"]))
    wanted = await queries.queue_by_key(session, queue) if queue and not emergency else None
    if wanted is not None:
        conversation.queue_id, conversation.answer_seconds = wanted.id, wanted.answer_seconds
        if conversation.waiting_since is not None:
            conversation.next_due = conversation.waiting_since + timedelta(seconds=wanted.answer_seconds)
    return conversation


async def _perhaps_the_same(session: AsyncSession, call: Call, conversation: Conversation, other_id: UUID) -> None:
    """Their line broke, and they call anew before the engine has noticed; or somebody else has faked their number. Who
    talks in the other conversation is asked first, and both say so: only people can tell."""
    other = await locked(session, other_id)
    conversation.preferred_agent_id = other.assignee_id or conversation.preferred_agent_id
    for here, there in ((conversation, other), (other, conversation)):
        event = {"type": "call_same_number", "call": str(call.id), "reference": there.reference}
        conversations.append(session, here, event=event)


async def _whose(session: AsyncSession, call: Call) -> tuple[Customer, UUID | None]:
    """The caller, and their conversation if they have one: that whose code they typed, else as their number says. In
    which somebody is on the phone, nobody else comes: what the one proves, or is asked, would count for the other."""
    if call.place.get("beside"):
        return await _customer_of(session, call.place["beside"]), None
    if call.place.get("joined"):
        return await _customer_of(session, call.place["joined"]), UUID(call.place["joined"])
    indexes = customers.value_indexes("phone", call.number) if call.number else []
    customer_id = await queries.customer_by_phone(session, indexes) if indexes else None
    if customer_id is None:
        keep_place(call, stranger=True)
        return await _stranger(session, call), None
    known = await queries.open_conversation(session, customer_id)
    if known is not None:
        # Of two who come at once, the second one waits here for the first.
        await locked(session, known)
        if await queries.is_called_in(session, known, but=call.id):
            keep_place(call, same_number=str(known))
            known = None
    return await session.get_one(Customer, customer_id), known


async def _customer_of(session: AsyncSession, conversation_id: str) -> Customer:
    conversation = await session.get_one(Conversation, UUID(conversation_id))
    return await session.get_one(Customer, conversation.customer_id)


async def _inbox(session: AsyncSession, call: Call) -> Inbox:
    """Of its line. A call from the app came over none: that of the conversation which it stands beside."""
    if call.line_id is None and call.place.get("beside"):
        conversation = await session.get_one(Conversation, UUID(call.place["beside"]))
        return await session.get_one(Inbox, conversation.inbox_id)
    return await queries.inbox_of(session, call.line_id)


async def _stranger(session: AsyncSession, call: Call) -> Customer:
    contacts = {"phone": call.number} if call.number else {}
    return await customers.find_or_create(
        session, subject=None, name=None, language=call.language, contacts=contacts, proven=False
    )


async def answered(session: AsyncSession, call: Call, agent_id: UUID) -> None:
    """The agent and the caller hear each other: that is the answer that was promised."""
    if call.conversation_id is None:
        raise ValueError("a call is answered in its conversation")
    waited = int((now() - (call.queued_at or call.started_at)).total_seconds())
    if call.talked_until is not None:
        call.requeued_seconds += int((now() - call.talked_until).total_seconds())
    call.agent_id, call.stage = agent_id, stages.TALKING
    call.answered_at = call.answered_at or now()
    call.wrap_until = call.wrapped_at = call.talked_until = None
    conversation = await locked(session, call.conversation_id)
    conversation.waiting_since = conversation.next_due = None
    conversation.answered_at = conversation.answered_at or now()
    await note(session, call, "call_answered", agent=str(agent_id), seconds=max(0, waited))
    await call_backs.decide(session, call, "done")
    phone_changed(session, agent_id)


async def back_to_queue(session: AsyncSession, call: Call, why: str) -> None:
    """Nobody is with the caller any more: to the head of the queue, since their conversation waits as long as before.
    ``why``: phone_silent (it was not answered; others are asked first), phone_lost or transferred."""
    if call.conversation_id is None:
        return
    conversation = await locked(session, call.conversation_id)
    # The queue is ordered by it: as long as the caller has been waiting in all.
    conversation.waiting_since = call.queued_at or now()
    conversation.next_due = conversation.waiting_since + timedelta(seconds=conversation.answer_seconds)
    conversation.channel = SOURCE
    await conversations.release(session, SYSTEM, conversation.id, why=why)
    phone_changed(session, call.agent_id)
    await left_alone(session, call, passed_on=why == "transferred")
    call.stage = stages.WAITING


async def left_alone(session: AsyncSession, call: Call, *, passed_on: bool) -> None:
    """The caller waits for somebody else: the talk, if there was one, ended with whoever left last. ``passed_on``: by
    them, so that they have a wrap-up."""
    if call.answered_at is not None and call.talked_until is None:
        call.talked_until = await queries.agent_left(session, call.id) or now()
        keep_place(call, passed_by=str(call.agent_id) if passed_on else "")
    call.agent_id = None


async def agent_done(session: AsyncSession, call: Call, agent_id: UUID) -> None:
    """The agent's part is over; their wrap-up begins, in which nothing rings at them."""
    call.talked_until = now()
    call.wrap_until = now() + timedelta(seconds=call.wrap_seconds)
    await set_due(session, WRAP_UP, call.id, call.wrap_until)
    phone_changed(session, agent_id)


async def wrap_up_over(session: AsyncSession, call_id: UUID) -> None:
    """The handler of the deadline: the agent has room again. Harmless before the call is over, and twice."""
    call = await queries.call(session, call_id, lock=True)
    if call is None or call.wrapped_at is not None or call.conversation_id is None:
        return
    call.wrapped_at = now()
    await _in_writing(session, call)
    if call.agent_id is not None:
        await routing.no_longer_idle(session, call.agent_id)
        routing.call(session, call.agent_id)
    phone_changed(session, call.agent_id)
    routing.wake_router(session, "wrap_up")


async def call_back_due(session: AsyncSession, call_back_id: UUID) -> None:
    """The handler of the deadline: the voice processes look; one calls if it still has to be."""
    back = await session.get(CallBack, call_back_id)
    if back is not None and back.state == "waiting":
        tell(session, VOICE, f"conversation:{back.conversation_id.hex}")


async def _in_writing(session: AsyncSession, call: Call) -> None:
    """Nobody is on the phone: the conversation goes on as it was held before."""
    if call.conversation_id is None:
        return
    conversation = await locked(session, call.conversation_id)
    others = [other for other in await queries.calls_of(session, conversation.id) if other != call.id]
    if not others and conversation.channel == SOURCE:
        conversation.channel = call.channel_before or IN_WRITING
        conversations.touch(session, conversation)


async def ask_back(session: AsyncSession, call: Call, why: str) -> None:
    """The caller is called back; their conversation keeps its place. ``why``: asked or lost (we call once somebody has
    it in its turn), or message (whoever has heard it calls). Twice is once."""
    conversation = await enter(session, call, live=why != "message")
    if why == "message":
        # Also if it was our call: they would rather say it than wait.
        await call_backs.decide(session, call, "cancelled")
    elif (kind := await call_backs.not_done(session, call, asked=why == "asked")) is not None:
        await note(session, call, "call_back_asked" if why == "asked" else kind)
        return
    known = await queries.call_back_of(session, conversation.id)
    if known is not None:
        if known.why != "message" or why == "message":
            # Whose call was lost after they had been answered waits because of this one.
            known.call_id = known.call_id if why == "message" else call.id
            return
        # Whoever left a message wants to be called now.
        known.state, known.decided_at = "cancelled", now()
        await session.flush()
    session.add(
        CallBack(
            call_id=call.id,
            conversation_id=conversation.id,
            number=call.number,
            why=why,
            since=call.queued_at or call.started_at,
        )
    )
    await note(session, call, "call_back_offered" if why == "lost" else "call_back_asked")


def over(call: Call, outcome: str) -> None:
    call.stage, call.ended_at = stages.OVER, now()
    call.outcome = call.outcome or outcome


async def finish(session: AsyncSession, call: Call, outcome: str) -> None:
    """The call is over; ``outcome`` unless one was kept before."""
    if call.ended_at is not None:
        call.stage = stages.OVER
        return
    over(call, outcome)
    for leg in await queries.legs(session, call.id):
        end_leg(session, leg)
    if call.answered_at is not None and call.wrap_until is None:
        await _last_agent_done(session, call)
    talked = (
        int((call.talked_until - call.answered_at).total_seconds()) if call.answered_at and call.talked_until else 0
    )
    await note(session, call, "call_ended", how=call.outcome, seconds=talked)
    if (kind := await call_backs.not_done(session, call) or await call_backs.called_in(session, call)) is not None:
        await note(session, call, kind)
    # Also of who typed the code in the menu, and left from there.
    proven_in = call.place.get("joined") or call.conversation_id
    if proven_in is not None:
        conversation = await conversation_queries.locked(session, SYSTEM, UUID(str(proven_in)))
        await phone_codes.call_over(session, conversation)
    if call.conversation_id is not None and call.agent_id is None:
        back = await queries.call_back_of(session, call.conversation_id)
        if back is None or back.why == "message":
            # Nobody needs to sit at a phone for it.
            await _in_writing(session, call)
        else:
            # Who has taken it meanwhile could not be connected as long as this call was up.
            tell(session, VOICE, f"conversation:{call.conversation_id.hex}")
    phone_changed(session, call.agent_id)


async def _last_agent_done(session: AsyncSession, call: Call) -> None:
    """Who had it, or had it last: nobody came after them."""
    if call.agent_id is not None:
        await agent_done(session, call, call.agent_id)
        return
    await left_alone(session, call, passed_on=False)
    if call.talked_until is not None:
        wrap = call.wrap_seconds if call.place.get("passed_by") else 0
        call.wrap_until = call.talked_until + timedelta(seconds=wrap)


def end_leg(session: AsyncSession, leg: CallLeg, cause: int | None = None) -> None:
    leg.state, leg.ended_at, leg.cause = "ended", now(), cause
    phone_changed(session, leg.agent_id)


def keep_place(call: Call, **place: Any) -> None:
    """A new value, so that the change is seen."""
    merged: Mapping[str, Any] = {**call.place, **place}
    call.place = dict(merged)
