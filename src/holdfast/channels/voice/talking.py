"""The conversation itself: who hears whom, and what is done at the wish of those of ours who are in it.

The customer and the agent are in the call's bridge. On hold the customer hears music in the waiting bridge. Whom the
agent asks (consult) is in a bridge with them while the customer is on hold; a supervisor hears through a snoop channel.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from holdfast.channels.voice import keeping, keypad, passing_on, queries, recording, stages, supervising
from holdfast.channels.voice.ari_shapes import (
    ChannelDestroyed,
    ChannelTransfer,
    ContactStatusChange,
    Event,
    StasisEnd,
    StasisStart,
)
from holdfast.channels.voice.channel import calls_changed, phone_changed
from holdfast.channels.voice.conducting import Conductor, Look, Taken
from holdfast.channels.voice.errors import CallGone, CallNotReady, EngineRefused, EngineUnreachable
from holdfast.channels.voice.models import CallCommand
from holdfast.channels.voice.referring import referred
from holdfast.channels.voice.waiting import ring
from holdfast.channels.voice.waits import Prompt
from holdfast.conversations import operations as conversations
from holdfast.core.clock import now
from holdfast.core.errors import HoldfastError
from holdfast.routing import operations as routing

# Q.850: hung up, busy, refused. Anything else ends a leg whose owner did not want it to.
_WANTED = frozenset({0, 16, 17, 21})
_SIGNED_OUT = frozenset({"Removed", "Unreachable"})


async def talking(c: Conductor) -> str:
    """Until the agent leaves, passes the call on, or is lost."""
    try:
        return await _talk(c)
    except (EngineUnreachable, Taken):
        raise
    except Exception:
        # They have left, or it is a fault of ours: nothing that was said stays in the clear.
        await _no_longer_kept(c)
        raise
    finally:
        # The call may go on without us, and its sound comes: nobody would see that a secret is asked, or a pause.
        c.desk.captions.deafen(c.call.id)


async def _no_longer_kept(c: Conductor) -> None:
    # Also if the sound cannot be kept: a full disk is no reason to go on listening.
    try:
        await c.desk.captions.end(c)
    finally:
        await recording.end(c)


async def _talk(c: Conductor) -> str:
    await recording.begin(c)
    await c.desk.captions.begin(c)
    asking = keypad.Asking(c)
    while True:
        if not c.of_role("agent"):
            # They left while we were away.
            return await _agent_left(c, wanted=True)
        await recording.watch_secrets(c)
        following = await _obey(c)
        if following is not None:
            return following
        await c.desk.captions.watch(c)
        await asking.look()
        found = await c.next(asking.seconds)
        await asking.take(found)
        following = await _happens(c, found)
        if following is not None:
            return following


async def _happens(c: Conductor, found: Event | Look | None) -> str | None:
    match found:
        case ChannelDestroyed() | StasisEnd():
            if found.channel.id == c.call.place.get("consult"):
                await _end_consult(c)
            await supervising.let_go(c, found.channel.id)
            if isinstance(found, ChannelDestroyed) and not c.of_role("agent"):
                return await _agent_left(c, wanted=found.cause in _WANTED)
        case ContactStatusChange():
            lost = [leg for leg in c.of_role("agent") if leg.device == found.endpoint.resource]
            if lost and found.contact_info.contact_status in _SIGNED_OUT:
                # Its channel would end only when no sound has come for seconds.
                await c.drop(*(leg.channel for leg in lost))
                return await _agent_left(c, wanted=False)
        case StasisStart() if found.channel.id in c.legs:
            try:
                await _joined(c, found.channel.id)
            except (CallGone, CallNotReady, EngineRefused, TimeoutError):
                # Answered and hung up at once: the talk goes on without them.
                await c.drop(found.channel.id)
        case ChannelTransfer():
            await referred(c, found)
    return None


async def _agent_left(c: Conductor, *, wanted: bool) -> str:
    """``wanted``: by hanging up; the caller is asked how it was. Else they come first."""
    await _no_longer_kept(c)
    await keypad.stop(c)
    await _resume(c)
    await _end_consult(c)
    await _nobody_attends(c)
    await _no_bridge(c)
    if wanted:
        async with c.change() as (session, call):
            if call.agent_id is not None:
                await keeping.agent_done(session, call, call.agent_id)
        return stages.SURVEY if not c.call.emergency else stages.OVER
    await c.say(Prompt("connection-lost"), keys=False)
    async with c.change() as (session, call):
        await keeping.note(session, call, "call_agent_lost", agent=str(call.agent_id) if call.agent_id else "")
        await keeping.back_to_queue(session, call, "phone_lost")
    return stages.WAITING


async def _nobody_attends(c: Conductor) -> None:
    for leg in c.of_role("supervisor"):
        await supervising.let_go(c, leg.channel)
        await c.drop(leg.channel)


async def _no_bridge(c: Conductor) -> None:
    if c.call.bridge:
        await c.ari.destroy_bridge(c.call.bridge)
        async with c.change() as (_, call):
            call.bridge = ""


# What is wished ------------------------------------------------------------------------------------------------------


async def _obey(c: Conductor) -> str | None:
    """Do what waits to be done; where the call goes if it leaves this stage."""
    async with c.desk.database.transaction() as session:
        waiting = await queries.commands(session, c.call.id)
    for command in waiting:
        fault, following = None, None
        try:
            if command.verb not in _BESIDE_A_CODE:
                await keypad.stop(c)
            following = await _WAYS[command.verb](c, command, command.detail)
        except (CallGone, CallNotReady, EngineRefused) as error:
            fault = error.id
        async with c.desk.database.transaction() as session:
            done = await session.get_one(CallCommand, command.id)
            done.done_at, done.fault = now(), fault
            phone_changed(session, command.agent_id)
        if following is not None:
            return following
    return None


def _leg(c: Conductor, agent_id: UUID) -> str:
    """The channel of an agent's leg. Raises CallGone."""
    for leg in c.of_role("agent", "consult", "supervisor", state="up"):
        if leg.agent_id == agent_id:
            return leg.channel
    raise CallGone


async def _hang_up(c: Conductor, command: CallCommand, detail: Mapping[str, Any]) -> str | None:  # noqa: ARG001
    leg = _leg(c, command.agent_id)
    role = c.legs[leg].role
    if role != "agent":
        await supervising.let_go(c, leg)
        await c.drop(leg)
        if role == "consult":
            await _end_consult(c)
        return None
    await c.drop(leg)
    return await _agent_left(c, wanted=True)


async def _mute(c: Conductor, command: CallCommand, detail: Mapping[str, Any]) -> str | None:
    channel, on = _leg(c, command.agent_id), bool(detail.get("on"))
    await (c.ari.mute(channel) if on else c.ari.unmute(channel))
    async with c.desk.database.transaction() as session:
        leg = await session.merge(c.legs[channel])
        leg.muted = on
    c.legs[channel] = leg
    return None


async def _hold(c: Conductor, command: CallCommand, detail: Mapping[str, Any]) -> str | None:
    if detail.get("on"):
        await _park(c, command.agent_id)
    else:
        await _resume(c)
    return None


async def _park(c: Conductor, agent_id: UUID) -> None:
    if c.call.place.get("held"):
        return
    await c.ari.remove(c.call.bridge, c.call.channel)
    await c.ari.add(c.desk.waiting, c.call.channel)
    async with c.change() as (session, call):
        keeping.keep_place(call, held=now().isoformat())
        await keeping.note(session, call, "call_hold", agent=str(agent_id))
    # Before a colleague is rung at, which takes a while: music is nobody's word.
    await c.desk.captions.watch(c)


async def _resume(c: Conductor) -> None:
    held = c.call.place.get("held")
    if not held:
        return
    await c.ari.remove(c.desk.waiting, c.call.channel)
    if c.call.bridge and c.of_role("agent"):
        await c.ari.add(c.call.bridge, c.call.channel)
    async with c.change() as (session, call):
        seconds = int((now() - datetime.fromisoformat(held)).total_seconds())
        call.held_seconds += seconds
        keeping.keep_place(call, held="")
        await keeping.note(session, call, "call_resumed", seconds=seconds)


async def _keys(c: Conductor, command: CallCommand, detail: Mapping[str, Any]) -> str | None:  # noqa: ARG001
    await c.ari.send_keys(c.call.channel, str(detail["digits"]))
    return None


async def _blind(c: Conductor, command: CallCommand, detail: Mapping[str, Any]) -> str | None:
    """The conversation was passed on (``commands.transfer``): the caller waits for whoever has it now."""
    await _no_longer_kept(c)
    await _resume(c)
    await _nobody_attends(c)
    await c.drop(*c.legs)
    await _no_bridge(c)
    async with c.change() as (session, call):
        await keeping.note(session, call, "call_transferred", agent=str(command.agent_id), how=detail["way"])
        if detail["way"] == "agent":
            call.stage = stages.CONNECTING
            await keeping.left_alone(session, call, passed_on=True)
        else:
            await keeping.back_to_queue(session, call, "transferred")
        await passing_on.passed_on(session, call, command.agent_id)
    return stages.CONNECTING if detail["way"] == "agent" else stages.WAITING


# Consult, transfer with words, conference ----------------------------------------------------------------------------


async def _consult(c: Conductor, command: CallCommand, detail: Mapping[str, Any]) -> str | None:
    """Ring at a colleague while the customer hears music."""
    asked = UUID(detail["agent"])
    if c.of_role("consult"):
        raise CallNotReady
    await _park(c, command.agent_id)
    if not await ring(c, [asked], role="consult"):
        await _resume(c)
        raise CallNotReady
    await c.note("call_consult", agent=str(command.agent_id), asked=str(asked))
    return None


async def _joined(c: Conductor, channel: str) -> None:
    """A leg that was dialled was answered."""
    leg = await c.leg_up(channel)
    if leg is None:
        return
    if leg.role == "supervisor":
        others = [other for other in c.of_role("supervisor", state="ringing") if other.agent_id == leg.agent_id]
        await c.drop(*(other.channel for other in others))
        await supervising.attend(c, leg)
    elif leg.role == "consult":
        await c.drop(*(other.channel for other in c.of_role("consult", state="ringing")))
        # The customer is elsewhere, so that the call's own bridge is the two agents'.
        await c.ari.add(c.call.bridge, channel)
        async with c.change() as (_, call):
            keeping.keep_place(call, consult=channel)


async def _end_consult(c: Conductor) -> None:
    await c.drop(*(leg.channel for leg in c.of_role("consult")))
    if c.call.place.get("consult"):
        async with c.change() as (_, call):
            keeping.keep_place(call, consult="")


async def _conference(c: Conductor, command: CallCommand, detail: Mapping[str, Any]) -> str | None:  # noqa: ARG001
    """All three hear each other."""
    if not c.of_role("consult", state="up"):
        raise CallNotReady
    await _resume(c)
    await c.note("call_conference", agent=str(command.agent_id))
    return None


async def _hand_over(c: Conductor, command: CallCommand, detail: Mapping[str, Any]) -> str | None:  # noqa: ARG001
    """The colleague has the call and the conversation from now on; the agent leaves."""
    asked = next(iter(c.of_role("consult", state="up")), None)
    if asked is None or asked.agent_id is None or c.call.conversation_id is None:
        raise CallNotReady
    try:
        async with c.change() as (session, call):
            await routing.must_be_certified(session, asked.agent_id, c.call.conversation_id)
            await keeping.note(session, call, "call_transferred", agent=str(command.agent_id), how="attended")
            await conversations.transfer(session, keeping.SYSTEM, c.call.conversation_id, agent_id=asked.agent_id)
            leg = await session.merge(asked)
            leg.role = "agent"
            keeping.keep_place(call, consult="")
            await keeping.answered(session, call, asked.agent_id)
            await passing_on.passed_on(session, call, command.agent_id)
    except HoldfastError as error:
        raise CallNotReady(answer=error.id) from error
    c.legs[leg.channel] = leg
    await c.drop(*(other.channel for other in c.of_role("agent") if other.channel != leg.channel))
    await _resume(c)
    for listening in c.of_role("supervisor", state="up"):
        # They heard through the leg of who has left.
        await supervising.attend(c, listening)
    return None


async def _end_asking(c: Conductor, command: CallCommand, detail: Mapping[str, Any]) -> str | None:  # noqa: ARG001
    await _end_consult(c)
    await _resume(c)
    return None


async def _supervise(c: Conductor, command: CallCommand, detail: Mapping[str, Any]) -> str | None:
    mine = [leg for leg in c.of_role("supervisor") if leg.agent_id == command.agent_id]
    if not mine and not await ring(c, [command.agent_id], role="supervisor"):
        raise CallNotReady
    async with c.change() as (session, call):
        keeping.keep_place(
            call, supervision={**call.place.get("supervision", {}), str(command.agent_id): detail["mode"]}
        )
        calls_changed(session)
    for leg in mine:
        if leg.state == "up":
            await supervising.attend(c, leg)
    return None


async def _record(c: Conductor, command: CallCommand, detail: Mapping[str, Any]) -> str | None:  # noqa: ARG001
    await recording.pause(c, "agent", on=not detail["on"])
    await c.desk.captions.pause(c, on=not detail["on"])
    return None


async def _code(c: Conductor, command: CallCommand, detail: Mapping[str, Any]) -> str | None:  # noqa: ARG001
    """Ask the customer for the app's code, or no longer."""
    if not detail["on"]:
        await keypad.stop(c)
        return None
    await _end_consult(c)
    await _resume(c)
    # What was asked for is in the same transaction as this command: not a key is recorded.
    await recording.watch_secrets(c)
    async with c.change() as (_, call):
        keeping.keep_place(call, asks=True)
    return None


# What does not end it.
_BESIDE_A_CODE = frozenset({"code", "mute", "record", "supervise"})
_WAYS = {
    "code": _code,
    "record": _record,
    "hang_up": _hang_up,
    "mute": _mute,
    "hold": _hold,
    "keys": _keys,
    "transfer": _blind,
    "consult": _consult,
    "conference": _conference,
    "hand_over": _hand_over,
    "end_consult": _end_asking,
    "supervise": _supervise,
}
