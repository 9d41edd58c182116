"""What fails while a call is written down, and what is left of it: without an engine."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import cast
from uuid import uuid4

import pytest

from holdfast.channels.voice import recording, talking
from holdfast.channels.voice.ari import Ari
from holdfast.channels.voice.captions import captioning
from holdfast.channels.voice.captions.transcription import TranscriptionFailed
from holdfast.channels.voice.errors import CallGone, EngineRefused
from holdfast.channels.voice.switchboard import Switchboard
from tests.channels.voice.captioned import begin, said
from tests.support.voiceless import House, again
from tests.support.waiting import eventually, eventually_so

# What fails -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [TranscriptionFailed("503"), RuntimeError("of a new kind")])
async def test_what_fails_once_costs_one_utterance(
    talk: House, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    """Whatever it is, and also if the database is away when it is to be noted."""
    state = talk.voice.captions._state

    async def away(*_: object) -> None:
        raise OSError("the database is away")

    talk.scribe.says, talk.scribe.fault = lambda _: "I am here again", lambda: fault
    await begin(talk)
    customer, _ = talk.engine.sides
    monkeypatch.setattr(talk.voice.captions, "_state", away)
    for heard in (1, 2):
        await customer.hears(said())
        await eventually(lambda: len(talk.scribe.heard) == heard, 5, "it has failed")  # noqa: B023 - within the turn
        monkeypatch.setattr(talk.voice.captions, "_state", state)
    await eventually_so(lambda: has(talk, ["on", "failed"]), 5, "it is noted")
    talk.scribe.fault = None
    await customer.hears(said())
    await customer.ends()
    assert [entry.body for entry in await talk.spoken()] == ["I am here again"]
    assert await talk.events() == ["on", "failed", "on"]


async def test_what_is_left_out_is_told(talk: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """An endpoint that is slower than people speak."""
    monkeypatch.setattr(captioning, "_WAITING", 2)
    talk.scribe.may.clear()
    await begin(talk)
    customer, _ = talk.engine.sides
    for _ in range(4):
        await customer.hears(said(0.5))
    await eventually_so(lambda: has(talk, ["on", "failed"]), 10, "it is told")
    talk.scribe.may.set()
    await customer.ends()
    assert len(talk.scribe.heard) == 3


async def test_what_could_not_be_kept_is_told_when_the_database_is_back(
    talk: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(captioning, "_PAUSE", 0)
    kept, state = captioning._kept, talk.voice.captions._state
    away = True

    async def tried(work: Callable[..., Awaitable[None]], *given: object) -> None:
        if away:
            raise OSError("the database is away")
        await work(*given)

    words = iter(("this is lost", "this is not"))
    talk.scribe.says = lambda _: next(words)
    await begin(talk)
    monkeypatch.setattr(captioning, "_kept", partial(tried, kept))
    monkeypatch.setattr(talk.voice.captions, "_state", partial(tried, state))
    customer, ours = talk.engine.sides
    await customer.hears(said())
    await customer.ends()
    away = False
    await ours.hears(said())
    await ours.ends()
    assert [entry.body for entry in await talk.spoken()] == ["this is not"]
    assert await talk.events() == ["on", "failed", "on"]


async def test_an_endpoint_that_comes_and_goes_does_not_fill_the_timeline(talk: House) -> None:
    await begin(talk)
    hearing = talk.voice.captions._hearings[talk.conductor.call.id]
    for _ in range(50):
        for fails in (True, False):
            await talk.voice.captions._fails(hearing, is_so=fails)
    assert await talk.events() == ["on", "failed", "on", "failed"]
    await talk.voice.captions._fails(hearing, is_so=False)
    assert (await talk.events())[-1] == "on"


async def has(talk: House, states: list[str]) -> bool:
    return await talk.events() == states


async def test_a_slow_engine_does_not_keep_the_talk_waiting(talk: House) -> None:
    """What is done meanwhile is done; at the end nothing is left of what had begun."""
    reached = asyncio.Event()

    async def slow(*_: object) -> None:
        reached.set()
        await asyncio.Event().wait()

    talk.engine.waits["add"] = slow
    await asyncio.wait_for(talk.voice.captions.begin(talk.conductor), 1)
    await asyncio.wait_for(reached.wait(), 5)
    await talk.voice.captions.pause(talk.conductor, on=True)
    await asyncio.wait_for(talk.voice.captions.end(talk.conductor), 1)
    assert talk.engine.made == {}
    assert set(talk.engine.streams) <= set(talk.engine.hung_up)
    assert talk.voice.captions._receiver._expected == {}
    assert await talk.events() == ["paused"]


async def test_who_leaves_while_it_begins_had_no_fault(talk: House) -> None:
    talk.engine.fails["snoop"], talk.engine.gone = CallGone, True
    await begin(talk)
    assert await talk.events() == []
    assert talk.engine.made == {}


async def test_what_comes_after_the_talk_is_not_noted(talk: House) -> None:
    talk.scribe.may.clear()
    talk.scribe.fault = lambda: TranscriptionFailed("time")
    await begin(talk)
    customer, _ = talk.engine.sides
    await customer.hears(said())
    await eventually(lambda: len(talk.scribe.heard) == 1, 5, "it was said in time")
    await talk.voice.captions.end(talk.conductor)
    talk.scribe.may.set()
    await asyncio.wait_for(customer.reader.read(), 5)
    assert await talk.events() == ["on"]


# Nothing is left ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["stream_out", "add", "snoop"])
async def test_what_could_not_begin_leaves_nothing(talk: House, verb: str) -> None:
    """Neither a name that is still waited for, nor a channel that was in no bridge yet."""
    talk.engine.fails[verb] = EngineRefused
    await begin(talk)
    assert talk.voice.captions._receiver._expected == {}
    assert talk.engine.made == {}
    assert set(talk.engine.streams) <= set(talk.engine.hung_up)
    assert verb != "add" or talk.engine.streams
    assert await talk.events() == ["failed"]


async def test_a_name_is_waited_for_only_while_it_may_come(talk: House) -> None:
    await begin(talk)
    assert talk.voice.captions._receiver._expected == {}
    assert len(talk.engine.streams) == 2


async def test_of_a_call_that_ended_while_the_engine_was_away_nothing_is_left(talk: House) -> None:
    call = talk.conductor.call
    await begin(talk)
    talk.voice.captions.deafen(call.id)
    assert len(talk.engine.made) == 2
    await Switchboard(talk.voice)._resume_or_end(call, set())
    assert talk.engine.made == {}
    assert set(talk.engine.streams) <= set(talk.engine.hung_up)


async def test_what_a_killed_process_left_is_removed(talk: House) -> None:
    """Of calls that are over; those of another process go on."""
    for call_id in (talk.conductor.call.id, uuid4()):
        await talk.engine.create_bridge(name=f"captions-{call_id}")
    await talk.engine.create_bridge(name="holdfast-waiting")
    await talk.voice.captions.tidy(cast(Ari, talk.engine), await talk.engine.bridges())
    assert {bridge.name for bridge in talk.engine.made.values()} == {
        f"captions-{talk.conductor.call.id}",
        "holdfast-waiting",
    }


async def test_a_recording_that_cannot_be_kept_lets_nobody_listen(talk: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(_: object) -> None:
        raise OSError("no space left on device")

    await begin(talk)
    monkeypatch.setattr(recording, "end", full)
    with pytest.raises(OSError, match="no space"):
        await talking._no_longer_kept(talk.conductor)
    assert talk.engine.made == {}


async def test_an_engine_that_refuses_to_end_them_ends_no_call(talk: House) -> None:
    await begin(talk)
    talk.engine.fails["bridges"] = EngineRefused
    await talk.voice.captions.end(talk.conductor)
    await begin(talk)
    assert (await again(talk)).ended_at is None
