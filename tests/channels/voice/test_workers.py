"""Two voice processes at one engine: they share calls, each is conducted by one, none is lost with a process."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from holdfast.channels.voice import leases
from tests.support import phones
from tests.support.hotline import DIRECT, HOTLINE, Hotline, another, hotline
from tests.support.phones import Exchange
from tests.support.waiting import eventually, eventually_so

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def shared() -> Iterator[Exchange]:
    """An engine that offers each call to both."""
    port = phones.free_port()
    given = phones.settings(port, workers=2)
    with phones.engine(given) as engine:
        yield Exchange(engine, given, port)


@pytest.fixture
async def two(
    fresh_database_url: str, shared: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Hotline, Hotline]]:
    monkeypatch.setattr(leases, "RENEW_SECONDS", 0.2)
    monkeypatch.setattr(leases, "LASTS", timedelta(seconds=2))
    async with (
        hotline(fresh_database_url, shared, tmp_path, "holdfast-1") as one,
        another(one, "holdfast-2") as other,
    ):
        yield one, other


async def test_calls_are_shared_and_each_is_conducted_by_one(two: tuple[Hotline, Hotline], shared: Exchange) -> None:
    one, other = two

    def conducted(calls: int) -> bool:
        return len(one.voice.by_call) + len(other.voice.by_call) == calls

    async with AsyncExitStack() as callers:
        for number in range(16):
            caller = phones.caller(shared.engine.reach, HOTLINE, "until-bye", caller=f"+155510{number:02d}")
            await callers.enter_async_context(caller)
            # One after the other: whom nobody claims within a second the dialplan takes.
            await eventually(partial(conducted, number + 1), 30, "it is conducted")
        assert not set(one.voice.by_call) & set(other.voice.by_call)
        assert min(len(one.voice.by_call), len(other.voice.by_call)) >= 2
        of = {call.id: call.application for call in await one.calls()}
        assert of == {
            **dict.fromkeys(one.voice.by_call, "holdfast-1"),
            **dict.fromkeys(other.voice.by_call, "holdfast-2"),
        }


async def test_the_calls_of_a_killed_process_go_to_the_other(two: tuple[Hotline, Hotline], shared: Exchange) -> None:
    """One caller talks and one waits; both go on, and the killed process leaves them alone when it comes back."""
    one, other = two
    await other.stop()
    ann, ben = await one.agent("Ann"), await one.agent("Ben")
    reach = shared.engine.reach
    async with (
        one.phone(ann, "ann-desk"),
        one.phone(ben, "ben-desk"),
        phones.caller(reach, DIRECT, "until-bye", caller="+15551010"),
        AsyncExitStack() as second_caller,
    ):
        await one.at("waiting")
        await one.offer_to(ann, ben)
        for agent in (ann, ben):
            if offers := await one.offers(agent):
                await one.desk.accept(agent, offers[0])
        talk = await one.at("talking")
        await second_caller.enter_async_context(phones.caller(reach, DIRECT, "until-bye", caller="+15551011"))
        waits = await one.at("waiting", number=1)
        await one.stop()
        await other.restart()

        async def taken_over() -> bool:
            return {call.application for call in await other.calls()} == {"holdfast-2"}

        await eventually_so(taken_over, 10, "the other has taken them over")
        await eventually(lambda: set(other.voice.by_call) == {talk.id, waits.id}, 5, "and conducts them")
        await other.talked(talk.channel)

        await one.restart()
        free = ben if talk.agent_id == ann.id else ann
        await other.desk.accept(free, await other.offer(free))
        second = await other.at("talking", number=1)
        await other.talked(second.channel)
        assert not one.voice.by_call
        for call in (talk, second):
            (leg,) = other.voice.by_call[call.id].of_role("agent")
            await other.voice.ari.hang_up(leg.channel)
        await other.at("survey")
        await other.at("survey", number=1)
