"""Calls that are passed on without words: in the console to a colleague or a queue, by a desk phone's own key to the
emergency team."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from holdfast.access.viewer import Role, StaffViewer
from holdfast.channels.voice import commands
from holdfast.channels.voice.models import Call
from tests.channels.voice.conftest import Exchange
from tests.support import baresip, phones
from tests.support.hotline import EMERGENCY, HOTLINE, INTO_QUEUE, Hotline, hotline
from tests.support.waiting import eventually_so


@pytest.fixture
async def desk(fresh_database_url: str, exchange: Exchange, tmp_path: Path) -> AsyncIterator[Hotline]:
    async with hotline(fresh_database_url, exchange, tmp_path) as made:
        yield made


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
    ann, ben = await desk.agent("Ann"), await desk.agent("Ben")
    eva = await desk.agent("Eva", Role.EMERGENCY_AGENT, skills=("emergency",))
    async with (
        desk.phone(ann, "ann-desk") as phone,
        desk.phone(ben, "ben-desk"),
        desk.phone(eva, "eva-desk"),
        phones.caller(exchange.engine.reach, HOTLINE, *INTO_QUEUE, "until-bye", caller="+15550030") as caller,
    ):
        await desk.at("waiting")
        await accept(desk, ann, ben)
        call = await talks_with(desk, ann, ben)
        first, second = (ann, ben) if call.agent_id == ann.id else (ben, ann)
        async with desk.desk.database.transaction() as session:
            await commands.transfer(session, first, call.id, queue_id=None, agent_id=second.id, emergency=False)
        await talks_with(desk, second)
        async with desk.desk.database.transaction() as session:
            queue = desk.desk.queue.id
            await commands.transfer(session, second, call.id, queue_id=queue, agent_id=None, emergency=False)
        await desk.at("waiting")
        await accept(desk, ann, ben)
        call = await talks_with(desk, ann, ben)

        if call.agent_id == ben.id:
            async with desk.desk.database.transaction() as session:
                await commands.transfer(session, ben, call.id, queue_id=None, agent_id=ann.id, emergency=False)
            await talks_with(desk, ann)
        host = f"127.0.0.1:{exchange.engine.reach.sip}"
        await baresip.press(phone, "transfer", f"sip:4711@{host}")
        await baresip.press(phone, "transfer", f"sip:{EMERGENCY}@{host}")
        call = await talks_with(desk, eva)
        assert call.emergency
        assert (await desk.conversation(call)).assignee_id == eva.id
        (leg,) = desk.voice.by_call[call.id].of_role("agent")
        await desk.voice.ari.hang_up(leg.channel)
        assert await caller.result() == 0
    types = await desk.timeline(await desk.call())
    assert types.count("call_transferred") >= 3
