"""The queue: a caller hears music and where they stand until somebody has their conversation, and until that somebody's
phone is answered. An emergency rings at everybody certified at once."""

import asyncio
from datetime import timedelta
from uuid import UUID

from holdfast.channels.voice import keeping, queries, recording, stages, waits
from holdfast.channels.voice.ari_shapes import ChannelDtmfReceived, ContactStatusChange, StasisStart
from holdfast.channels.voice.captions import captioning
from holdfast.channels.voice.conducting import RING_SECONDS, Conductor, Gone, here
from holdfast.channels.voice.errors import CallGone, CallNotReady
from holdfast.channels.voice.facts import EmergencyCallUnanswered
from holdfast.channels.voice.models import CallLeg
from holdfast.channels.voice.waits import Prompt
from holdfast.core.clock import now
from holdfast.core.database import happened
from holdfast.core.errors import HoldfastError
from holdfast.people import queries as people
from holdfast.people.sessions import viewer_of
from holdfast.routing import operations as routing
from holdfast.routing import queries as routing_queries
from holdfast.routing.choice import explain, may_have

_SIGNED_IN = frozenset({"Created", "Reachable", "NonQualified"})


async def waiting(c: Conductor) -> str:
    """Until somebody has the conversation, or the caller chooses another way."""
    if c.call.emergency:
        return await _emergency(c)
    await _music(c)
    pressed: str | None = None
    if not c.call.place.get("told"):
        await _announce(c)
        pressed = await c.say(Prompt("please-wait"), unless=lambda: _has_somebody(c))
    while True:
        if await _assignee(c) is not None:
            return stages.CONNECTING
        if not pressed and await _time_to_tell(c):
            pressed = await _where_they_stand(c)
        if not pressed:
            found = await c.next(waits.ANNOUNCE_EVERY.total_seconds())
            mine = isinstance(found, ChannelDtmfReceived) and found.channel.id == c.call.channel
            pressed = found.digit if isinstance(found, ChannelDtmfReceived) and mine else None
        match pressed:
            case "0":
                async with c.change() as (session, call):
                    await keeping.note(session, call, "call_menu", node="queue", key="0")
                    await keeping.enter(session, call, emergency=True)
                return await _emergency(c)
            case "1":
                return stages.CALLBACK
            case "2":
                return stages.MESSAGE
        pressed = None


async def _announce(c: Conductor) -> None:
    """Before anything is recorded, and nobody can skip it. What they heard is kept: of what they were not told, since
    there is no voice or a line was changed later, nothing is done in the talk."""
    heard = set(c.call.place.get("informed", ()))
    for prompt, wanted in ((recording.TOLD, recording.wanted), (captioning.TOLD, c.desk.captions.wanted)):
        if await wanted(c) and await c.tell(Prompt(prompt)):
            heard.add(prompt)
    if heard != set(c.call.place.get("informed", ())):
        async with c.change() as (_, call):
            keeping.keep_place(call, informed=sorted(heard))


async def _music(c: Conductor) -> None:
    """Into the bridge where all wait. Harmless when they are in it."""
    with here():
        await c.ari.answer(c.call.channel)
        await c.ari.add(c.desk.waiting, c.call.channel)


async def leave_music(c: Conductor) -> None:
    await c.ari.remove(c.desk.waiting, c.call.channel)


async def _assignee(c: Conductor) -> UUID | None:
    async with c.desk.database.transaction() as session:
        return await queries.assignee(session, _conversation(c))


async def _has_somebody(c: Conductor) -> bool:
    return await _assignee(c) is not None


def _conversation(c: Conductor) -> UUID:
    if c.call.conversation_id is None:
        raise ValueError("who waits has a conversation")
    return c.call.conversation_id


async def _time_to_tell(c: Conductor) -> bool:
    told = c.call.place.get("told", "")
    return not told or told <= (now() - waits.ANNOUNCE_EVERY).isoformat()


async def _where_they_stand(c: Conductor) -> str | None:
    team = await c.desk.directory.team()
    async with c.change() as (session, call):
        conversation = await keeping.locked(session, _conversation(c))
        position = await queries.callers_ahead(session, conversation) + 1
        one = (await routing_queries.waiting(session, [conversation.id]))[conversation.id]
        agents = [
            agent
            for agent in team.agents
            if agent.capacity.get(keeping.SOURCE, 0) > 0
            and keeping.SOURCE not in agent.out_of_reach
            and next(may_have(one, agent), None) is None
        ]
        wait = waits.expected(position, len(agents), team.handled)
        keeping.keep_place(call, told=now().isoformat())
        minutes = wait // timedelta(minutes=1) if wait else None
        promised = conversation.next_due - now() if conversation.next_due else None
        await keeping.note(session, call, "call_waits", position=position, minutes=minutes)
    return await c.say(*waits.where_they_stand(position, wait, promised), patience=3.0, unless=lambda: _has_somebody(c))


# The agent's phone ---------------------------------------------------------------------------------------------------


async def connecting(c: Conductor) -> str:
    """Ring at whoever has the conversation: the device that they chose, or all of theirs."""
    agent_id = await _assignee(c)
    if agent_id is None:
        await c.drop(*(leg.channel for leg in c.of_role("agent")))
        return stages.WAITING
    await c.drop(*(leg.channel for leg in c.of_role("agent") if leg.agent_id != agent_id))
    up = next((leg for leg in c.of_role("agent", state="up")), None)
    if up is not None:
        return await connected(c, up)
    await ring(c, [agent_id])
    loop = asyncio.get_running_loop()
    end = loop.time() + RING_SECONDS
    while c.of_role("agent") and (left := end - loop.time()) > 0:
        found = await c.next(left)
        match found:
            case StasisStart() if found.channel.id in c.legs:
                leg = await c.leg_up(found.channel.id)
                if leg is not None:
                    return await connected(c, leg)
            case ContactStatusChange():
                # A tab that was loaded again rings again.
                await ring(c, [agent_id])
            case _:
                if await _assignee(c) != agent_id:
                    return stages.WAITING
    await c.drop(*(leg.channel for leg in c.of_role("agent")))
    async with c.change() as (session, call):
        keeping.keep_place(call, device="")
        await keeping.note(session, call, "call_unanswered", agent=str(agent_id))
        await keeping.back_to_queue(session, call, "phone_silent")
    return stages.WAITING


async def ring(c: Conductor, agents: list[UUID], role: str = "agent") -> bool:
    """At every device of theirs that is signed in and does not ring yet; whether any rings."""
    async with c.desk.database.transaction() as session:
        phones = await queries.phones(session, agents)
    owners = {phone.name: phone.agent_id for phone in phones}
    ringing = {leg.device for leg in c.legs.values()}
    for name in waits.who_rings(phones, agents, c.call.place.get("device", "")):
        if name not in ringing and await c.dial(f"PJSIP/{name}", role, owners[name], name) is not None:
            ringing.add(name)
    return any(leg.device in owners for leg in c.of_role(role))


async def connected(c: Conductor, leg: CallLeg) -> str:
    """The first who answers: the others stop, and the two hear each other."""
    await c.drop(*(other.channel for other in c.of_role("agent") if other.channel != leg.channel))
    await leave_music(c)
    bridge = await c.ari.create_bridge(name=f"call-{c.call.id}")
    try:
        await c.ari.add(bridge.id, c.call.channel, leg.channel)
    except (CallGone, CallNotReady):
        # One of them has just left; which one is in the inbox.
        await c.ari.destroy_bridge(bridge.id)
        found = await c.next(1.0)
        while found is not None and leg.channel in c.legs:
            found = await c.next(1.0)
        return stages.WAITING
    if leg.agent_id is None:
        raise ValueError("an agent's leg has an agent")
    async with c.change() as (session, call):
        call.bridge = bridge.id
        keeping.keep_place(call, device="", told="")
        await keeping.answered(session, call, leg.agent_id)
    return stages.TALKING


# Emergencies ---------------------------------------------------------------------------------------------------------


async def _emergency(c: Conductor) -> str:
    """Ring at all who may have it, again every 20 s; the first who answers has it. Who accepts it in the console has it
    as well."""
    await _music(c)
    if not c.call.place.get("told"):
        await ring(c, await _certified(c))
        await _announce(c)
        await c.say(Prompt("emergency-ringing"), keys=False, unless=lambda: _is_there(c))
        async with c.change() as (_, call):
            keeping.keep_place(call, told=now().isoformat())
    loop = asyncio.get_running_loop()
    again = loop.time()
    while True:
        for leg in c.of_role("agent", state="up"):
            if await _take(c, leg):
                return await connected(c, leg)
        if await _assignee(c) is not None:
            return stages.CONNECTING
        if loop.time() >= again:
            again = loop.time() + RING_SECONDS
            # A device that rings is not rung at: what is about to end would leave it silent for as long again.
            await c.drop(*(leg.channel for leg in c.of_role("agent", state="ringing")))
            await ring(c, await _certified(c))
        found = await c.next(again - loop.time())
        if found is None:
            async with c.change() as (session, call):
                await keeping.note(session, call, "call_emergency_unanswered")
                happened(session, EmergencyCallUnanswered(_conversation(c)))
        elif isinstance(found, StasisStart):
            await c.leg_up(found.channel.id)
        elif isinstance(found, ContactStatusChange) and found.contact_info.contact_status in _SIGNED_IN:
            await ring(c, await _certified(c))


async def _is_there(c: Conductor) -> bool:
    return bool(c.of_role("agent", state="up")) or await _has_somebody(c)


async def _certified(c: Conductor) -> list[UUID]:
    """Everybody who may be asked, whoever declined it before."""
    async with c.desk.database.transaction() as session:
        one = (await routing_queries.waiting(session, [_conversation(c)]))[_conversation(c)]
        agents = await routing_queries.candidates(session, online_only=True, but=_conversation(c))
        found = explain(one, agents, now())
    refused = {"declined"}
    return [a.agent_id for a in found if a.eligible or {reason.id for reason in a.reasons} <= refused]


async def _take(c: Conductor, leg: CallLeg) -> bool:
    """Whether the one who answered has it now; else their phone is let go."""
    try:
        async with c.desk.database.transaction() as session:
            agent = await people.agent_by_id(session, leg.agent_id) if leg.agent_id else None
            if agent is None:
                raise Gone
            await routing.take(session, viewer_of(agent), _conversation(c))
    except (HoldfastError, Gone):
        if await _assignee(c) == leg.agent_id:
            return True
        await c.drop(leg.channel)
        return False
    return True
