"""The client and our configuration against the real engine: calls of sipp and baresip, packets counted both ways."""

import asyncio
import wave
from array import array
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from holdfast.channels.voice.ari import Ari, Lost, Synced
from holdfast.channels.voice.ari_shapes import (
    CallBroadcast,
    ChannelDestroyed,
    ChannelDtmfReceived,
    PlaybackFinished,
    PlaybackStarted,
    RecordingFinished,
    StasisEnd,
    StasisStart,
)
from holdfast.channels.voice.engine import devices, messages, trial
from holdfast.channels.voice.engine.lines import set_lines
from holdfast.channels.voice.engine.trunk import trunk_of
from holdfast.channels.voice.errors import CallGone, NobodyRegistered
from holdfast.channels.voice.prompts.store import Prompts
from holdfast.channels.voice.settings import load
from tests.support import baresip, phones
from tests.support.phones import Exchange
from tests.support.waiting import eventually, eventually_so

pytestmark = pytest.mark.engine

NUMBER = "+18005550100"


async def counted(ari: Ari, channel: str, at_least: int) -> None:
    """Wait until so many packets have gone to the phone and come back."""

    async def enough() -> bool:
        found = await ari.rtp_statistics(channel)
        return min(found.txcount, found.rxcount) >= at_least

    await eventually_so(enough, 10, f"{at_least} packets both ways")


def loudest(file: Path) -> int:
    with wave.open(str(file)) as sound:
        return max(map(abs, array("h", sound.readframes(sound.getnframes()))), default=0)


async def test_a_call_through_prompt_keypad_bridge_and_recording(exchange: Exchange, line: Ari) -> None:
    reach, layout = exchange.engine.reach, exchange.engine.layout
    prompts = Prompts(layout, exchange.settings.cache)
    steps = ("pause:700", "key:4", "until-bye")
    with line.expect(StasisStart) as arrived:
        async with (
            phones.answering(exchange.network) as agent_phone,
            phones.caller(reach, NUMBER, *steps) as caller_phone,
        ):
            start = await arrived
            caller = start.channel
            assert start.args == ("trunk", NUMBER)
            assert (caller.caller.number, caller.caller.name) == ("+15550001", "Alice")
            assert caller.stasis == ("holdfast", "trunk", NUMBER)
            assert await line.follow(caller.id)

            media = [await prompts.prompt("es", "welcome"), *await prompts.digits("es", "48")]
            with line.expect(ChannelDtmfReceived) as pressed, line.expect(PlaybackStarted) as playing:
                await line.answer(caller.id)
                playback = await line.play(f"channel:{caller.id}", *media, language="es")
                assert (await playing).playback.id == playback.id
                assert (await pressed).digit == "4"
            with line.expect(PlaybackFinished) as finished:
                await line.stop_playback(playback.id)
                assert (await finished).playback.id == playback.id

            waiting = await line.create_bridge("holding")
            await line.add(waiting.id, caller.id)
            await line.start_music(f"bridge:{waiting.id}")
            await counted(line, caller.id, 50)
            assert await line.play_to_end(f"channel:{caller.id}", await prompts.number("es", 3))

            with line.expect(StasisStart, lambda event: event.args[:1] == ("leg",)) as answered:
                leg = await line.originate("PJSIP/desk@trunk", "leg", caller.id, originator=caller.id)
                assert (await answered).channel.id == leg.id
            talk = await line.create_bridge(name="talk")
            await line.remove(waiting.id, caller.id)
            await line.add(talk.id, caller.id, leg.id)
            await line.start_music(f"bridge:{talk.id}")
            await line.record(f"bridge:{talk.id}", "talk")
            spy = await line.snoop(leg.id, "spy", spy="both")
            await counted(line, leg.id, 100)
            assert {each.id for each in await line.channels()} >= {caller.id, leg.id, spy.id}

            with line.expect(RecordingFinished) as recorded:
                await line.stop_recording("talk")
                await recorded
            with line.expect(ChannelDestroyed, lambda event: event.channel.id == caller.id) as gone:
                assert await line.hang_up(leg.id)
                assert await line.hang_up(caller.id)
                assert (await gone).cause == 16
            assert not await line.hang_up(caller.id)
            assert await caller_phone.result() == 0
            await eventually(lambda: agent_phone.over, 10, "the agent's call is over")
    assert loudest(layout.recordings / "talk.wav") > 1000


async def test_what_has_ended_is_refused_as_gone(line: Ari) -> None:
    with pytest.raises(CallGone):
        await line.answer("no-such-channel")
    bridge = await line.create_bridge()
    with pytest.raises(CallGone):
        await line.add(bridge.id, "no-such-channel")
    assert await line.destroy_bridge(bridge.id)
    assert not await line.destroy_bridge(bridge.id)
    assert not await line.follow("no-such-channel")


async def test_a_desk_phone_signs_in_and_hears_and_is_heard(exchange: Exchange, line: Ari, tmp_path: Path) -> None:
    reach = exchange.engine.reach
    with pytest.raises(CallGone):
        await line.endpoint("desk201")
    await devices.push_desk_phone(line, exchange.settings, "desk201", "a-password")
    with pytest.raises(NobodyRegistered):
        await line.originate("PJSIP/desk201", "leg")
    async with baresip.desk_phone(reach, "desk201", "a-password", tmp_path) as log:

        async def online() -> bool:
            return (await line.endpoint("desk201")).state == "online"

        await eventually_so(online, 15, "baresip has signed in")
        with line.expect(StasisStart) as answered:
            leg = await line.originate("PJSIP/desk201", "leg")
            await answered
        await line.start_music(f"channel:{leg.id}")
        await counted(line, leg.id, 100)
        await line.record(f"channel:{leg.id}", "desk")
        await counted(line, leg.id, 150)
        with line.expect(RecordingFinished) as recorded:
            await line.hang_up(leg.id)
            await recorded
    assert loudest(exchange.engine.layout.recordings / "desk.wav") > 1000, "the phone's tone"
    assert b"incoming rtp for 'audio' established" in log.read_bytes(), "it heard our music"
    await devices.withdraw(line, "desk201")

    async def unknown() -> bool:
        try:
            await line.endpoint("desk201")
        except CallGone:
            return True
        return False

    # The engine forgets it with the last of its calls.
    await eventually_so(unknown, 10, "the phone is unknown")


async def test_a_wrong_password_does_not_sign_in(exchange: Exchange, line: Ari, tmp_path: Path) -> None:
    await devices.push_desk_phone(line, exchange.settings, "desk202", "a-password")
    async with baresip.desk_phone(exchange.engine.reach, "desk202", "another", tmp_path) as log:
        await eventually(lambda: b"401" in log.read_bytes(), 15, "baresip is refused")
        assert (await line.endpoint("desk202")).state == "offline"
    await devices.withdraw(line, "desk202")


async def test_strangers_reach_nothing(exchange: Exchange, line: Ari) -> None:
    """A call from an address that is not the trunk's, and without a name that may sign in."""
    async with phones.caller(exchange.engine.reach, NUMBER, "bye", host="127.0.0.9") as stranger:
        assert await stranger.result() != 0
    assert await line.channels() == ()


async def test_while_we_are_down_the_caller_is_told_in_the_lines_language(exchange: Exchange) -> None:
    layout, reach = exchange.engine.layout, exchange.engine.reach
    async with phones.connected(exchange.engine, "another-application") as ari:
        await set_lines(ari, exchange.settings, layout, {NUMBER: "es"})
        async with phones.caller(reach, NUMBER, "until-bye", caller="+15550007") as phone:

            async def speaking() -> bool:
                found = await ari.channels()
                return [(each.language, each.dialplan.app_name) for each in found] == [("es", "Playback")]

            await eventually_so(speaking, 10, "the dialplan speaks Spanish")
            (channel,) = await ari.channels()
            assert channel.dialplan.app_data == "holdfast/es/unattended"
            # sipp sends back what it hears: the message is the echo of the tone, then silence ends it.
            await counted(ari, channel.id, 100)
            assert await phone.result(40) == 0
        await eventually(lambda: bool(list(messages.left(layout))), 5, "the message is whole")
    (message,) = messages.left(layout)
    assert (message.line, message.language, message.caller) == (NUMBER, "es", "+15550007")
    assert message.seconds > 1
    assert abs(message.at.timestamp() - message.sound.stat().st_mtime) < 60
    messages.done(message)
    assert list(layout.messages.iterdir()) == []


async def test_who_hangs_up_without_a_word_has_called_all_the_same(exchange: Exchange) -> None:
    layout = exchange.engine.layout
    async with phones.caller(exchange.engine.reach, "+18005550199", "pause:6500", "bye", caller="anonymous") as phone:
        assert await phone.result() == 0
    await eventually(lambda: bool(list(messages.left(layout))), 5, "the call is noted")
    (message,) = messages.left(layout)
    assert (message.caller, message.language, message.line) == ("", "en", "+18005550199")
    messages.done(message)


async def test_a_call_goes_on_while_we_are_away_and_a_new_one_is_told(exchange: Exchange) -> None:
    """An application that is gone while a call of its own goes on is still known to the engine."""
    reach, layout = exchange.engine.reach, exchange.engine.layout
    async with AsyncExitStack() as calls, phones.connected(exchange.engine, "another-application") as looking:
        async with phones.connected(exchange.engine) as ari:
            with ari.expect(StasisStart) as arrived:
                phone = await calls.enter_async_context(
                    phones.caller(reach, NUMBER, "pause:3000", "key:7", "until-bye")
                )
                channel = (await arrived).channel
                assert await ari.follow(channel.id)
                await ari.answer(channel.id)
        late = await calls.enter_async_context(phones.caller(reach, NUMBER, "pause:1500", "bye", caller="+15550008"))

        async def told() -> bool:
            return "unattended" in [each.dialplan.context for each in await looking.channels()]

        await eventually_so(told, 10, "the second caller is told")
        async with phones.connected(exchange.engine) as ari:
            moment = await anext(ari.moments())
            assert isinstance(moment, Synced)
            assert [each.id for each in moment.ours("holdfast")] == [channel.id]
            with ari.expect(ChannelDtmfReceived) as pressed:
                assert await ari.follow(channel.id)
                assert (await pressed).digit == "7"
            with ari.expect(StasisEnd, lambda event: event.channel.id == channel.id) as ended:
                await ari.hang_up(channel.id)
                await ended
            assert await phone.result() == 0
            assert await late.result() == 0
    for message in messages.left(layout):
        messages.done(message)


async def test_one_of_two_workers_gets_the_call(exchange: Exchange) -> None:
    given = phones.settings(exchange.network, workers=2)
    with phones.engine(given) as engine:
        async with (
            phones.connected(engine, "holdfast-1") as one,
            phones.connected(engine, "holdfast-2") as two,
        ):
            with (
                one.expect(CallBroadcast) as first,
                two.expect(CallBroadcast) as second,
                one.expect(StasisStart) as for_one,
                two.expect(StasisStart) as for_two,
            ):
                async with phones.caller(engine.reach, NUMBER, "until-bye") as phone:
                    channel = (await first).channel.id
                    assert (await second).channel.id == channel
                    claims = await asyncio.gather(one.claim(channel), two.claim(channel))
                    assert sorted(claims) == [False, True]
                    winner, started = (one, for_one) if claims[0] else (two, for_two)
                    assert (await started).args == ("trunk", NUMBER)
                    await winner.answer(channel)
                    # sipp takes a BYE in the millisecond of its ACK for a fault.
                    await eventually(lambda: phone.answered, 5, "they hear us")
                    await winner.hang_up(channel)
                    assert await phone.result() == 0


async def test_a_killed_engine_is_noticed_and_found_again() -> None:
    given = phones.settings(phones.free_port())
    with phones.engine(given) as engine:
        async with phones.connected(engine) as ari:
            moments = ari.moments()
            assert isinstance(await anext(moments), Synced)
            (engine.layout.messages / "1.2.from").write_text("1700000000 +1800 en ")
            engine.process.kill()
            async with asyncio.timeout(10):
                assert isinstance(await anext(moments), Lost)
            engine.process.wait()
            again = trial.start(given, engine.layout)
            try:
                assert again.reach == engine.reach
                async with asyncio.timeout(10):
                    assert isinstance(await anext(moments), Synced)
                assert [each.identifier for each in messages.left(engine.layout)] == ["1.2"], "nobody is lost"
            finally:
                trial.stop(again)


async def test_a_trunk_signs_in_and_is_called_and_calls() -> None:
    """The provider is another engine of ours, at which our trunk is a phone."""
    with phones.engine(phones.settings(phones.free_port())) as provider:
        async with phones.connected(provider) as there:
            await devices.push_desk_phone(there, phones.settings(0), "account", "pass@word")
            url = f"sip://account:pass%40word@127.0.0.1:{provider.reach.sip}?number=%2B18005550100"
            given = replace(load({}), trunk=trunk_of(url))
            with phones.engine(given) as ours:
                async with phones.connected(ours) as here:

                    async def online() -> bool:
                        return (await there.endpoint("account")).state == "online"

                    await eventually_so(online, 15, "the trunk has signed in")
                    with here.expect(StasisStart) as called, there.expect(StasisStart) as answered:
                        leg = await there.originate("PJSIP/account", "out", caller="<+15550042>")
                        arrived = await called
                        assert arrived.args == ("trunk", "account")
                        assert arrived.channel.caller.number == "+15550042"
                        await here.answer(arrived.channel.id)
                        assert (await answered).channel.id == leg.id
                        await there.hang_up(leg.id)
                    with there.expect(StasisStart) as called:
                        await here.originate("PJSIP/+4930123456@trunk", "out", caller="<+18005550100>")
                        arrived = await called
                        assert arrived.args == ("agent", "+4930123456")
                        assert arrived.channel.caller.number == "account"
