"""Calls that nobody conducts: the dialplan takes a message, or they are found again."""

import pytest

from holdfast.channels.voice import keeping, switchboard
from holdfast.channels.voice.app_names import name_of
from holdfast.channels.voice.conducting import Look
from holdfast.channels.voice.errors import EngineUnreachable
from tests.support import phones
from tests.support.hotline import DIRECT, HOTLINE, Hotline
from tests.support.phones import Exchange
from tests.support.waiting import eventually

pytestmark = pytest.mark.engine


async def test_whom_we_cannot_take_the_dialplan_does(
    desk: Hotline, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours before there is a call: nobody hears it ring for ever."""
    with monkeypatch.context() as broken:
        broken.setattr(keeping, "number_indexes", lambda _: 1 / 0)
        async with phones.caller(exchange.engine.reach, HOTLINE, "pause:500", "bye", caller="+15550013") as caller:
            assert await caller.result() == 0
    call = await desk.at("over")
    assert (call.number, call.outcome) == ("+15550013", "missed")
    assert {"call_unattended", "call_back_asked"} <= set(await desk.timeline(call))


async def test_what_was_said_while_nobody_was_here_is_kept(desk: Hotline, exchange: Exchange) -> None:
    await desk.stop()
    async with phones.caller(exchange.engine.reach, HOTLINE, "pause:9000", "bye", caller="+15550009") as caller:
        assert await caller.result() == 0
    await desk.restart()
    call = await desk.at("over")
    assert call.outcome in {"message", "missed"}
    assert {"call_unattended", "call_message", "call_back_asked"} <= set(await desk.timeline(call))
    await eventually(lambda: not list(exchange.engine.layout.messages.iterdir()), 5, "the spool is empty")


async def test_a_message_from_the_app_is_kept_in_its_conversation(desk: Hotline, exchange: Exchange) -> None:
    """What the dialplan writes of it: the device instead of a line, whose digits are nobody's number."""
    conversation = await desk.desk.open()
    place = exchange.engine.layout.messages / "1.1"
    place.with_name("1.1.from").write_text(f"1700000000 {name_of(conversation)} en 0123456789")
    place.with_name("1.1.end").write_text("1")
    call = await desk.at("over")
    assert (call.conversation_id, call.number, call.outcome) == (conversation, None, "missed")


async def test_a_call_that_nobody_conducts_is_found(
    desk: Hotline, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine answered too late once: its conductor gave up, and no word came of it."""
    monkeypatch.setattr(switchboard, "_LOOK_SECONDS", 0.5)
    await desk.restart()
    ann = await desk.agent("Ann")
    async with desk.phone(ann, "ann-desk"), phones.caller(exchange.engine.reach, DIRECT, "until-bye") as caller:
        call = await desk.at("waiting")
        conductor = desk.voice.by_call[call.id]
        monkeypatch.setattr(conductor, "next", _too_late)
        conductor.inbox.put_nowait(Look())
        await eventually(lambda: desk.voice.by_call.get(call.id) not in {None, conductor}, 10, "another conducts it")
        await desk.desk.accept(ann, await desk.offer(ann))
        await desk.at("talking")
        await desk.voice.ari.hang_up(call.channel)
        assert await caller.result() == 0


async def _too_late(seconds: float | None = None) -> None:
    raise EngineUnreachable
