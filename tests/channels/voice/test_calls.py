"""Calls of the public network through the real engine: menu, queue, agent, survey; emergencies; what failed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from holdfast.access.viewer import Role
from holdfast.channels.voice.models import CallBack, SurveyAnswer
from holdfast.routing.queries import load_of
from tests.channels.voice.conftest import Exchange
from tests.support import phones
from tests.support.hotline import EMERGENCY, HOTLINE, Hotline, hotline
from tests.support.waiting import eventually_so

# A key ends the greeting, the next one chooses the language.
INTO_QUEUE = ("pause:700", "key:5", "pause:700", "key:1")


@pytest.fixture
async def desk(fresh_database_url: str, exchange: Exchange, tmp_path: Path) -> AsyncIterator[Hotline]:
    async with hotline(fresh_database_url, exchange, tmp_path) as made:
        yield made


async def test_a_call_from_the_menu_to_the_survey(desk: Hotline, exchange: Exchange) -> None:
    ann = await desk.agent("Ann")
    async with (
        desk.phone(ann, "ann-desk"),
        phones.caller(exchange.engine.reach, HOTLINE, *INTO_QUEUE, "until-bye", caller="+15550001") as caller,
    ):
        await desk.at("waiting")
        await desk.desk.accept(ann, await desk.offer(ann))
        call = await desk.at("talking")
        assert call.agent_id == ann.id
        await desk.talked(call.channel)
        conversation = await desk.conversation(call)
        assert (conversation.channel, conversation.waiting_since) == ("voice", None), "answered"

        (leg,) = desk.voice.by_call[call.id].of_role("agent")
        await desk.voice.ari.hang_up(leg.channel)
        await desk.at("survey")
        await desk.at("over", 40)
        assert await caller.result() == 0
    call = await desk.call()
    assert (call.outcome, call.agent_id) == ("answered", ann.id)
    types = await desk.timeline(call)
    assert types[:2] == ["opened", "said"]
    assert [t for t in types if t.startswith("call_") and t != "call_menu"] == [
        "call_waits",
        "call_answered",
        "call_ended",
    ]
    async with desk.desk.database.transaction() as session:
        assert await load_of(session, [ann.id]) == {ann.id: {"voice": 1}}, "their wrap-up"
