"""We call: whoever asked to be called back, when an agent has their conversation in its turn.

The customer is told when we ring and the code first, in the conversation, and hears the code on the phone: an impostor
who calls them does not know it. They press one to be connected, so that no answering machine talks to an agent.
"""

import secrets
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.channels.voice import call_backs, keeping, queries, stages
from holdfast.channels.voice.ari_shapes import StasisStart
from holdfast.channels.voice.conducting import Conductor, Desk, Gone
from holdfast.channels.voice.engine.trunk import Trunk
from holdfast.channels.voice.errors import CallGone, CallNotReady, EngineRefused, NobodyRegistered
from holdfast.channels.voice.models import Call, CallBack, CallLeg
from holdfast.channels.voice.waits import Digits, Prompt
from holdfast.conversations import queries as conversations
from holdfast.conversations.automatic import say
from holdfast.core.clock import now
from holdfast.core.due import set_due
from holdfast.core.i18n import translate
from holdfast.core.ids import new_id

# Seconds that the customer's phone rings, how often they hear what to press, and how long they have.
_RINGS, _TRIES, _PATIENCE = 30, 3, 6.0
# Nobody waits longer beside the phone for what was announced: then it is announced anew.
_LATE = timedelta(minutes=10)
# Somebody called meanwhile: the agent decides.
_OPEN = "call_back_open"


async def begin(desk: Desk, conversation_id: UUID) -> Call | None:
    """The call, if somebody has the conversation now, its customer waits for one, and the time that was announced has
    come; one process makes it. Whom an agent wants to call now is told so, and called at once."""
    async with desk.database.transaction() as session:
        back = await queries.call_back_of(session, conversation_id)
        if back is None or not back.number or back.why == "message":
            return None
        conversation = await conversations.locked(session, keeping.SYSTEM, conversation_id)
        if conversation.assignee_id is None or await queries.is_called_in(session, conversation_id):
            return None
        if back.why != "agent" and (spoken := await queries.answered_since(session, back)) is not None:
            # Perhaps it was they, perhaps somebody with their number: whoever spoke with them knows.
            if not await queries.is_noted(session, spoken.id, _OPEN):
                await keeping.note(session, spoken, _OPEN)
            return None
        at_once = back.why == "agent" or not desk.settings.call_back_notice
        if at_once or back.rings_at is None or back.rings_at < now() - _LATE:
            await _announce(
                session, back, conversation.language, timedelta() if at_once else desk.settings.call_back_notice
            )
        if back.rings_at is None or back.rings_at > now():
            return None
        back.state, back.tries = "ringing", back.tries + 1
        identifier = new_id()
        before = conversation.channel if conversation.channel != keeping.SOURCE else keeping.IN_WRITING
        call = Call(
            id=new_id(),
            direction="back",
            application=desk.application,
            channel=str(identifier),
            number=back.number,
            number_index=keeping.number_indexes(back.number)[0],
            conversation_id=conversation_id,
            language=conversation.language,
            emergency=conversation.emergency,
            stage=stages.CALLING,
            place={"back": str(back.id)},
            channel_before=before,
            started_at=now(),
            queued_at=back.since,
        )
        conversation.channel = keeping.SOURCE
        session.add(call)
        await session.flush()
        session.add(CallLeg(call_id=call.id, role="caller", channel=call.channel))
        await keeping.note(session, call, "call_back_begins", agent=str(conversation.assignee_id))
    return call


async def _announce(session: AsyncSession, back: CallBack, language: str, notice: timedelta) -> None:
    """In the conversation, and from there as all of our words go. The deadline is in the table of all deadlines."""
    back.code, back.rings_at = back.code or f"{secrets.randbelow(10_000):04d}", now() + notice
    if notice:
        words = translate(
            "We will call you in {minutes} min. You will hear this code: {code}. Hang up if you hear another.",
            language,
            code=back.code,
            minutes=int(notice.total_seconds() // 60),
        )
        await set_due(session, keeping.CALL_BACK, back.id, back.rings_at)
    else:
        words = translate(
            "We are calling you now. You will hear this code: {code}. Hang up if you hear another.",
            language,
            code=back.code,
        )
    source_id = back.id.bytes + back.rings_at.isoformat().encode()
    await say(session, keeping.SYSTEM, back.conversation_id, words, source_id, public=True)


async def calling(c: Conductor) -> str:
    """Ring at the customer, say who we are, and wait until they want to be connected."""
    try:
        return await _calling(c)
    except Gone:
        return await _unanswered(c)


async def _calling(c: Conductor) -> str:
    async with c.desk.database.transaction() as session:
        back = await session.get(CallBack, UUID(c.call.place["back"]))
        code = back.code if back is not None else ""
    if not c.call.place.get("dialled"):
        async with c.change() as (_, call):
            keeping.keep_place(call, dialled=True)
        await _dial(c)
    if not c.call.place.get("up"):
        while not isinstance(found := await c.next(_RINGS + 5.0), StasisStart):
            if found is None:
                raise Gone
        async with c.change() as (_, call):
            keeping.keep_place(call, up=True)
    said = (Prompt("callback-here"), Prompt("code-is"), Digits(code))
    for _ in range(_TRIES):
        if await c.say(*said, patience=_PATIENCE) == "1":
            return stages.CONNECTING
    raise Gone


def endpoint(number: str, trunk: Trunk | None) -> str:
    """Over the trunk, by its address: a provider that does not answer OPTIONS counts as absent by its name."""
    if trunk is None:
        return f"PJSIP/{number}@trunk"
    return f"PJSIP/trunk/{trunk.uri.replace('sip:', f'sip:{number}@', 1)}"


async def _dial(c: Conductor) -> None:
    where = endpoint(c.call.number or "", c.desk.settings.trunk)
    try:
        await c.ari.originate(where, "leg", str(c.call.id), "caller", seconds=_RINGS, channel=c.call.channel)
    except (NobodyRegistered, EngineRefused, CallGone, CallNotReady) as refused:
        raise Gone from refused


async def _unanswered(c: Conductor) -> str:
    """They did not answer, or did not want to be connected: the agent has the conversation, and may write."""
    async with c.change() as (session, call):
        await call_backs.decide(session, call, "failed")
        await keeping.note(session, call, "call_back_unanswered")
        await keeping.finish(session, call, "abandoned")
    return stages.OVER
