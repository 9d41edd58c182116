"""The client against a stand-in: order, waiting, loss and return, refusals (the real engine: test_engine.py)."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from holdfast.channels.voice import ari_connection
from holdfast.channels.voice.ari import ApplicationTaken, Ari, Lost, Moment, Synced
from holdfast.channels.voice.ari_shapes import (
    ChannelDestroyed,
    ChannelDtmfReceived,
    Other,
    PlaybackFinished,
    StasisStart,
)
from holdfast.channels.voice.errors import (
    CallGone,
    CallNotReady,
    EngineRefused,
    EngineUnreachable,
    NobodyRegistered,
)
from tests.support.ari_stand_in import StandIn, channel, running, stand_in
from tests.support.waiting import eventually

pytestmark = pytest.mark.engine


@pytest.fixture
async def engine() -> AsyncIterator[StandIn]:
    async with stand_in() as it:
        yield it


@pytest.fixture
async def ari(engine: StandIn) -> AsyncIterator[Ari]:
    it = Ari(lambda: engine.access, "desk")
    async with running(it):
        await asyncio.wait_for(it.connected.wait(), 5)
        yield it


async def take(ari: Ari, number: int) -> list[Moment]:
    """The next moments."""
    moments = ari.moments()
    async with asyncio.timeout(5):
        return [await anext(moments) for _ in range(number)]


def kinds(moments: list[Moment]) -> list[str]:
    return [type(moment).__name__ for moment in moments]


async def test_the_first_word_is_what_there_is(engine: StandIn) -> None:
    engine.answers["GET channels"] = (200, [channel("one", "desk"), channel("two")])
    engine.answers["GET applications/desk"] = (200, {"name": "desk", "channel_ids": ["one"]})
    ari = Ari(lambda: engine.access, "desk")
    async with running(ari):
        (synced,) = await take(ari, 1)
    assert isinstance(synced, Synced)
    assert [it.id for it in synced.ours("desk")] == ["one"]
    assert synced.channels[0].stasis == ("desk", "trunk", "+18005550100")
    assert synced.channels[0].created.isoformat() == "2026-07-01T10:20:30.250000+00:00"
    assert synced.subscribed == {"one"}
    assert engine.seen == ["/ari/events?app=desk desk:s3cret"]
    assert "s3cret" not in repr(engine.access)


async def test_events_during_the_first_look_come_after_it(engine: StandIn) -> None:
    asked = asyncio.Event()

    def answer_later(request: dict[str, Any]) -> None:
        asked.set()

    engine.answers["GET channels"] = answer_later
    ari = Ari(lambda: engine.access, "desk")
    async with running(ari):
        await asyncio.wait_for(asked.wait(), 5)
        await engine.tell("StasisStart", channel=channel("one", "desk"), args=["trunk"])
        await engine.sockets[-1].send(engine.response(engine.requests[-1], 200, []))
        moments = await take(ari, 2)
    assert kinds(moments) == ["Synced", "StasisStart"]


async def test_events_are_typed_and_in_order(engine: StandIn, ari: Ari) -> None:
    await engine.tell("StasisStart", channel=channel("one"), args=["trunk", "+1"])
    for digit in "4821":
        await engine.tell("ChannelDtmfReceived", channel=channel("one"), digit=digit, duration_ms=100)
    await engine.tell("SomethingOfVersion30", channel={"id": "one"}, more=[1])
    await engine.tell("ChannelDestroyed", channel=channel("one"), cause=16, cause_txt="Normal Clearing", tech_cause=0)
    _, started, *digits, other, ended = await take(ari, 8)
    assert isinstance(started, StasisStart)
    assert started.args == ("trunk", "+1")
    assert started.subject == "channel:one"
    assert "".join(event.digit for event in digits if isinstance(event, ChannelDtmfReceived)) == "4821"
    assert isinstance(other, Other)
    assert (other.type, other.fields["more"]) == ("SomethingOfVersion30", [1])
    assert isinstance(ended, ChannelDestroyed)
    assert ended.cause == 16


async def test_an_event_that_cannot_be_read_does_not_end_the_others(engine: StandIn, ari: Ari) -> None:
    await engine.tell("ChannelDtmfReceived", channel=channel("one"), digit=["what"])
    await engine.tell("ChannelDtmfReceived", channel=channel("one"), digit="5", duration_ms=1)
    assert kinds(await take(ari, 2)) == ["Synced", "ChannelDtmfReceived"]


async def test_the_waiter_is_there_before_the_request(engine: StandIn, ari: Ari) -> None:
    """The event comes before the answer to the request that brought it about."""

    def play(request: dict[str, Any]) -> tuple[int, Any]:
        identifier = request["uri"].rpartition("/")[2]
        playback = {"id": identifier, "media_uri": "x", "target_uri": "channel:one", "state": "done"}
        asyncio.ensure_future(engine.tell("PlaybackFinished", playback=playback))  # noqa: RUF006 - sent within the test
        return 201, {**playback, "state": "queued"}

    engine.answers = _Any(play)
    assert await ari.play_to_end("channel:one", "sound:a", "sound:b", language="es", seconds=5)
    assert {pair["name"]: pair["value"] for pair in engine.requests[-1]["query_strings"]} == {
        "media": "sound:a,sound:b",
        "lang": "es",
    }


class _Any(dict[str, Any]):
    """One answer for every request."""

    def __init__(self, answer: Any) -> None:
        super().__init__()
        self.answer = answer

    def get(self, key: str, default: Any = None) -> Any:
        return self.answer


async def test_only_the_event_that_fits_is_waited_for(engine: StandIn, ari: Ari) -> None:
    with ari.expect(PlaybackFinished, lambda event: event.playback.id == "p2", seconds=5) as finished:
        for identifier, state in (("p1", "done"), ("p2", "failed")):
            playback = {"id": identifier, "media_uri": "x", "target_uri": "channel:one", "state": state}
            await engine.tell("PlaybackFinished", playback=playback)
        assert (await finished).playback.state == "failed"


async def test_what_does_not_come_is_said(ari: Ari) -> None:
    with ari.expect(PlaybackFinished, seconds=0.05) as finished, pytest.raises(TimeoutError):
        await finished


@pytest.mark.parametrize(
    ("status", "said", "error"),
    [
        (404, "Channel not found", CallGone),
        (400, "Channel not found", CallGone),
        (409, "Channel not in Stasis application", CallNotReady),
        (422, "Channel not in Stasis application", CallNotReady),
        (400, "Invalid media", EngineRefused),
        (500, "Allocation failed", EngineRefused),
    ],
)
async def test_refusals_are_told_apart(
    engine: StandIn, ari: Ari, status: int, said: str, error: type[Exception]
) -> None:
    engine.answers["POST channels/one%2Ftwo/answer"] = (status, {"message": said})
    with pytest.raises(error) as caught:
        await ari.answer("one/two")
    assert type(caught.value) is error
    assert said in caught.value.params["answer"]  # type: ignore[attr-defined]  # of every HoldfastError


async def test_nobody_is_registered(engine: StandIn, ari: Ari) -> None:
    engine.answers = _Any((500, {"error": "Allocation failed"}))
    with pytest.raises(NobodyRegistered):
        await ari.originate("PJSIP/a1", "leg", originator="one")
    sent = {pair["name"]: pair["value"] for pair in engine.requests[-1]["query_strings"]}
    assert sent == {"endpoint": "PJSIP/a1", "app": "desk", "appArgs": "leg", "timeout": "30", "originator": "one"}


async def test_what_ends_twice_is_no_fault(engine: StandIn, ari: Ari) -> None:
    engine.answers["DELETE channels/one"] = (404, {"message": "Channel not found"})
    engine.answers["POST applications/desk/subscription"] = (422, {"message": "Event source does not exist"})
    assert not await ari.hang_up("one")
    assert not await ari.follow("one")


async def test_a_lost_engine_is_told_to_everybody_and_comes_back(engine: StandIn, ari: Ari) -> None:
    engine.answers["POST channels/one/answer"] = lambda request: None
    asked = asyncio.create_task(ari.answer("one"))
    with ari.expect(PlaybackFinished, seconds=60) as finished:
        await eventually(lambda: engine.requests[-1]["uri"] == "channels/one/answer", 5, "the request arrives")
        engine.answers["GET channels"] = (200, [channel("three", "desk")])
        engine.sockets[-1].transport.abort()
        with pytest.raises(EngineUnreachable):
            await asked
        with pytest.raises(EngineUnreachable):
            await finished
    first, lost, again = await take(ari, 3)
    assert [type(it) for it in (first, lost, again)] == [Synced, Lost, Synced]
    assert isinstance(again, Synced)
    assert [it.id for it in again.channels] == ["three"]
    with pytest.raises(CallGone):
        await ari.answer("two")


async def test_without_a_connection_a_request_fails_at_once(engine: StandIn) -> None:
    with pytest.raises(EngineUnreachable):
        await Ari(lambda: engine.access, "desk").answer("one")


async def test_an_engine_that_cannot_be_looked_at_is_tried_again(engine: StandIn) -> None:
    answers = iter([(500, {"message": "not yet"})])
    engine.answers["GET channels"] = lambda request: next(answers, (200, []))
    ari = Ari(lambda: engine.access, "desk")
    async with running(ari):
        assert kinds(await take(ari, 1)) == ["Synced"]
    assert len(engine.seen) == 2


async def test_silence_is_an_error_after_a_while(engine: StandIn, ari: Ari, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ari_connection, "_REQUEST_SECONDS", 0.05)
    engine.answers["POST channels/one/answer"] = lambda request: None
    with pytest.raises(EngineUnreachable):
        await ari.answer("one")
    assert not ari._answers, "an answer that comes later is of no interest"


async def test_who_falls_behind_begins_anew(engine: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ari_connection, "_MOMENTS", 3)  # one of which is Synced
    ari = Ari(lambda: engine.access, "desk")
    async with running(ari):
        await asyncio.wait_for(ari.connected.wait(), 5)
        for _ in range(4):
            await engine.tell("ChannelDtmfReceived", channel=channel("one"), digit="5", duration_ms=1)
        await eventually(lambda: len(engine.seen) == 2, 5, "it connects again")
        assert kinds(await take(ari, 2)) == ["Lost", "Synced"]


async def test_a_full_queue_has_room_for_the_loss(engine: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ari_connection, "_MOMENTS", 2)
    ari = Ari(lambda: engine.access, "desk")
    async with running(ari):
        await asyncio.wait_for(ari.connected.wait(), 5)
        with ari.expect(ChannelDtmfReceived) as pressed:
            await engine.tell("ChannelDtmfReceived", channel=channel("one"), digit="5", duration_ms=1)
            await pressed
        engine.sockets[-1].transport.abort()
        await eventually(lambda: len(engine.seen) == 2, 5, "it connects again")
        assert kinds(await take(ari, 2)) == ["Lost", "Synced"]


async def test_what_is_no_asterisk_is_tried_again(engine: StandIn, ari: Ari) -> None:
    await engine.sockets[-1].send("this is no JSON")
    assert kinds(await take(ari, 3)) == ["Synced", "Lost", "Synced"]


async def test_two_processes_under_one_name_is_an_error(engine: StandIn) -> None:
    ari = Ari(lambda: engine.access, "desk")
    running = asyncio.create_task(ari.run())
    await asyncio.wait_for(ari.connected.wait(), 5)
    await engine.tell("ApplicationReplaced")
    with pytest.raises(ApplicationTaken, match="desk"):
        await asyncio.wait_for(running, 5)
