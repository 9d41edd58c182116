"""Calls that are passed on without words: in the console to a colleague or a queue, by a desk phone's own key to the
emergency team."""

from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from holdfast.access.viewer import Role, StaffViewer
from holdfast.channels.voice import commands, queries
from holdfast.channels.voice.errors import CallGone
from holdfast.channels.voice.models import Call, CallLeg
from holdfast.routing.loads import load_of
from tests.support import baresip, phones
from tests.support.hotline import DIRECT, EMERGENCY, Hotline
from tests.support.phones import Exchange
from tests.support.waiting import eventually, eventually_so

pytestmark = pytest.mark.engine


async def talks_with(desk: Hotline, *agents: StaffViewer) -> Call:
    """Wait until the caller talks with one of them, and both hear each other."""

    async def talking() -> bool:
        call = await desk.call()
        return call.stage == "talking" and call.agent_id in {agent.id for agent in agents}

    await eventually_so(talking, 30, f"a talk with {' or '.join(agent.name for agent in agents)}")
    call = await desk.call()
    await desk.talked(call.channel)
    return call


async def accept(desk: Hotline, *agents: StaffViewer) -> None:
    """Whoever it rings at takes it."""
    await desk.offer_to(*agents)
    for agent in agents:
        for offer in await desk.offers(agent):
            await desk.desk.accept(agent, offer)


async def test_a_call_is_passed_on(desk: Hotline, exchange: Exchange) -> None:
    """To a colleague, to the queue, and with the phone's own key to the emergency team and to nobody."""
    agents = [await desk.agent(name) for name in ("Ann", "Ben", "Cleo")]
    eva = await desk.agent("Eva", Role.EMERGENCY_AGENT, skills=("emergency",))

    async def passed(call: Call, agent_id: UUID | None, queue_id: UUID | None = None) -> None:
        had = next(agent for agent in agents if agent.id == call.agent_id)
        async with desk.desk.database.transaction() as session:
            await commands.transfer(session, had, call.id, queue_id=queue_id, agent_id=agent_id, emergency=False)

    async with AsyncExitStack() as phones_there:
        places = {}
        for agent in (*agents, eva):
            places[agent.id] = await phones_there.enter_async_context(desk.phone(agent, f"{agent.name}-desk".lower()))
        calling = phones.caller(exchange.engine.reach, DIRECT, "until-bye", caller="+15550030")
        caller = await phones_there.enter_async_context(calling)
        await desk.at("waiting")
        await accept(desk, *agents)
        call = await talks_with(desk, *agents)
        # Who has passed it on has time for the rest: nobody is asked again.
        second, third = (agent for agent in agents if agent.id != call.agent_id)
        await passed(call, second.id)
        call = await talks_with(desk, second)
        await passed(call, None, desk.desk.queue.id)
        await desk.at("waiting")
        await accept(desk, third)
        await talks_with(desk, third)

        host = f"127.0.0.1:{exchange.engine.reach.sip}"
        await baresip.press(places[third.id], "transfer", f"sip:{EMERGENCY}@{host}")
        call = await talks_with(desk, eva)
        assert call.emergency
        assert (await desk.conversation(call)).assignee_id == eva.id
        (leg,) = desk.voice.by_call[call.id].of_role("agent")
        await baresip.press(places[eva.id], "transfer", f"sip:4711@{host}")
        log = places[eva.id] / "log"
        await eventually(lambda: "603 Decline" in log.read_text(errors="replace"), 10, "the phone is told no")
        # This phone ends a call that it could not pass on; another one would talk on.
        with suppress(CallGone):
            await desk.voice.ari.hang_up(leg.channel)
        assert await caller.result() == 0
    types = await desk.timeline(await desk.call())
    assert types.count("call_transferred") == 3


async def test_who_leaves_while_the_next_phone_rings_was_handled_once(desk: Hotline, exchange: Exchange) -> None:
    """Passed on to a colleague who does not answer: the talk ended when the first one left, who wraps up once."""
    ann, ben = await desk.agent("Ann"), await desk.agent("Ben")
    async with (
        desk.phone(ann, "ann-desk"),
        phones.caller(exchange.engine.reach, DIRECT, "until-bye", caller="+15550031") as caller,
    ):
        await desk.at("waiting")
        await accept(desk, ann)
        call = await talks_with(desk, ann)
        async with desk.phone(ben, "ben-desk", answers=False):
            async with desk.desk.database.transaction() as session:
                await commands.transfer(session, ann, call.id, queue_id=None, agent_id=ben.id, emergency=False)

            async def rings() -> bool:
                async with desk.desk.database.transaction() as session:
                    return [leg.agent_id for leg in await queries.legs(session, call.id)][1:] == [ben.id]

            await eventually_so(rings, 15, "the colleague's phone rings")
            await desk.voice.ari.hang_up(call.channel)
            assert await caller.result() == 0
        call = await desk.at("over")
    async with desk.desk.database.transaction() as session:
        legs = await session.scalars(select(CallLeg).where(CallLeg.call_id == call.id, CallLeg.agent_id == ann.id))
        assert (call.agent_id, call.talked_until) == (None, legs.one().ended_at)
        assert call.talked_until is not None
        assert call.wrap_until == call.talked_until + timedelta(seconds=call.wrap_seconds)
        assert await load_of(session, [ann.id]) == {ann.id: {"voice": 1}}, "one wrap-up"
