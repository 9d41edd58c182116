"""Calls of the public network through the real engine: menu, queue, agent, survey; emergencies; what failed."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from holdfast.access.viewer import Role
from holdfast.channels.voice import conducting, keeping, lines, waiting
from holdfast.channels.voice.ari_shapes import ContactInfo, ContactStatusChange, Endpoint
from holdfast.channels.voice.engine import devices, trial
from holdfast.channels.voice.models import BlockedNumber, CallBack, CallLeg, SurveyAnswer
from holdfast.channels.voice.waits import Number, Prompt, Said
from holdfast.conversations.models import Attachment, Message
from holdfast.core import clock
from holdfast.core.database import tell
from holdfast.core.due import Due
from holdfast.core.notify import DUE
from holdfast.paging.models import Page
from holdfast.routing.loads import load_of
from tests.support import phones
from tests.support.hotline import DIRECT, EMERGENCY, HOTLINE, Hotline, hotline
from tests.support.phones import Exchange
from tests.support.waiting import eventually, eventually_so

pytestmark = pytest.mark.engine


def keys(key: str, times: int = 10) -> tuple[str, ...]:
    """Pressed again and again, until it is asked for."""
    return ("pause:900", f"key:{key}") * times


async def test_a_call_from_the_menu_to_the_survey(desk: Hotline, exchange: Exchange) -> None:
    ann = await desk.agent("Ann", languages={"ja": "native"})
    # A key ends the greeting, the next one chooses the language.
    steps = ("pause:700", "key:*", "pause:700", "key:3", "pause:12000", *keys("4", 20), "until-bye")
    async with (
        desk.phone(ann, "ann-desk"),
        phones.caller(exchange.engine.reach, HOTLINE, *steps, caller="+15550001"),
    ):
        await desk.at("waiting")
        await desk.desk.accept(ann, await desk.offer(ann))
        call = await desk.at("talking")
        assert call.agent_id == ann.id
        await desk.talked(call.channel)
        conversation = await desk.conversation(call)
        assert (conversation.channel, conversation.language) == ("voice", "ja")
        assert conversation.waiting_since is None, "answered"

        (leg,) = desk.voice.by_call[call.id].of_role("agent")
        await desk.voice.ari.hang_up(leg.channel)
        await desk.at("survey")
        await desk.at("over", 40)
    call = await desk.call()
    assert (call.outcome, call.agent_id) == ("answered", ann.id)
    types = await desk.timeline(call)
    assert types[:2] == ["opened", "said"]
    assert [kind for kind in types if kind in {"call_menu", "call_answered", "call_survey", "call_ended"}] == [
        "call_menu",
        "call_menu",
        "call_answered",
        "call_survey",
        "call_ended",
    ]
    async with desk.desk.database.transaction() as session:
        assert [answer.score for answer in await session.scalars(select(SurveyAnswer))] == [4]
        assert await load_of(session, [ann.id]) == {ann.id: {"voice": 1}}, "their wrap-up"


async def test_emergency_rings_at_all_and_wakes_those_on_call(desk: Hotline, exchange: Exchange) -> None:
    """Nobody is there at first: the pager goes after 20 s. Then two sign in, and the first who answers has it."""
    skills = ("emergency", "general")
    async with phones.caller(exchange.engine.reach, EMERGENCY, "until-bye", caller="+15550002") as caller:
        call = await desk.at("waiting")
        assert call.emergency

        async def paged() -> bool:
            async with desk.desk.database.transaction() as session:
                return (await session.scalars(select(Page.kind))).first() == "emergency_requested"

        await eventually_so(paged, 40, "those on call are paged")
        ann = await desk.agent("Ann", Role.EMERGENCY_AGENT, skills=skills)
        ben = await desk.agent("Ben", Role.EMERGENCY_AGENT, skills=skills)
        async with desk.phone(ann, "ann-desk"), desk.phone(ben, "ben-desk"):
            call = await desk.at("talking", 30)
            assert call.agent_id in {ann.id, ben.id}
            await desk.talked(call.channel)
            legs = desk.voice.by_call[call.id].of_role("agent")
            assert [leg.agent_id for leg in legs] == [call.agent_id], "the other stopped ringing"
            conversation = await desk.conversation(call)
            assert (conversation.emergency, conversation.assignee_id) == (True, call.agent_id)
            await desk.voice.ari.hang_up(legs[0].channel)
            assert await caller.result() == 0
    assert (await desk.at("over")).outcome == "answered"


async def test_an_emergency_that_rings_in_vain_is_paged(
    desk: Hotline, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody could have it, so that the router pages nobody; their phone rings and is not answered."""
    monkeypatch.setattr(waiting, "RING_SECONDS", 2)
    ann = await desk.agent("Ann", Role.EMERGENCY_AGENT, skills=("emergency", "general"))
    async with (
        desk.phone(ann, "ann-desk", answers=False),
        phones.caller(exchange.engine.reach, EMERGENCY, "until-bye", caller="+15550012") as caller,
    ):
        call = await desk.at("waiting")

        async def paged() -> bool:
            async with desk.desk.database.transaction() as session:
                return (await session.scalars(select(Page.kind))).first() == "emergency_requested"

        await eventually(lambda: bool(desk.voice.by_call[call.id].of_role("agent")), 20, "it rings")
        async with desk.desk.database.transaction() as session:
            assert (await session.scalars(select(Page.kind))).first() is None
        await eventually_so(paged, 20, "those on call are paged")
        assert "call_emergency_unanswered" in await desk.timeline(call)
        await desk.voice.ari.hang_up(call.channel)
        assert await caller.result() == 0


async def test_an_emergency_rings_without_a_gap(
    desk: Hotline, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A phone that is not answered rings again as soon as it stops, not one time later."""
    ring = 2
    for each in (conducting, waiting):
        monkeypatch.setattr(each, "RING_SECONDS", ring)
    ann = await desk.agent("Ann", Role.EMERGENCY_AGENT, skills=("emergency", "general"))
    async with (
        desk.phone(ann, "ann-desk", answers=False),
        phones.caller(exchange.engine.reach, EMERGENCY, "until-bye", caller="+15550014") as caller,
    ):
        call = await desk.at("waiting")
        rung: list[CallLeg] = []

        async def often() -> bool:
            async with desk.desk.database.transaction() as session:
                mine = select(CallLeg).where(CallLeg.agent_id == ann.id, CallLeg.ended_at.is_not(None))
                rung[:] = await session.scalars(mine.order_by(CallLeg.started_at))
            return len(rung) >= 4

        await eventually_so(often, 30, "it rang four times")
        await desk.voice.ari.hang_up(call.channel)
        assert await caller.result() == 0
    # The first one rings beside words that take longer than these two seconds.
    ends = [leg.ended_at for leg in rung[1:] if leg.ended_at]
    silent = [(leg.started_at - end).total_seconds() for end, leg in zip(ends, rung[2:], strict=False)]
    assert max(silent) < ring / 2, silent


async def test_who_waits_hears_what_is_left_of_their_promise(
    desk: Hotline, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside the expected wait, while Ann lets it ring."""
    told: list[Sequence[Said]] = []
    speak = desk.voice.speaker.media

    async def media(language: str, said: Sequence[Said]) -> list[str]:
        # Prompts alone are made ahead, at start; a caller is told numbers with them.
        if Prompt("position") in said and any(isinstance(one, Number) for one in said):
            told.append(said)
        return await speak(language, said)

    monkeypatch.setattr(desk.voice.speaker, "media", media)
    ann = await desk.agent("Ann")
    async with (
        desk.phone(ann, "ann-desk"),
        phones.caller(exchange.engine.reach, DIRECT, "until-bye", caller="+15550042") as caller,
    ):
        call = await desk.at("waiting")
        promised = (await desk.conversation(call)).answer_seconds
        await eventually(lambda: bool(told), 20, "they hear where they stand")
        position, first, wait, _, promise, minutes = told[0][:6]
        assert (position, first, wait) == (Prompt("position"), Number(1), Prompt("wait-minutes"))
        assert promise == Prompt("promise-minutes")
        assert isinstance(minutes, Number)
        # The greeting and the first words took less than a minute of it.
        assert promised - 60 < minutes.value * 60 < promised + 60
        await desk.voice.ari.hang_up(call.channel)
        assert await caller.result() == 0


async def test_instead_of_waiting(desk: Hotline, exchange: Exchange) -> None:
    """A call-back keeps the place; who leaves has called; the next call of a number joins its open conversation."""
    reach = exchange.engine.reach
    async with phones.caller(reach, DIRECT, *keys("1"), "until-bye", caller="+15550003"):
        call = await desk.at("over", 40)
    conversation = await desk.conversation(call)
    assert (call.outcome, conversation.channel) == ("callback", "voice"), "it waits for somebody with a phone"
    async with desk.desk.database.transaction() as session:
        (back,) = await session.scalars(select(CallBack))
        assert (back.number, back.since, back.state) == ("+15550003", call.queued_at, "waiting")

    async with phones.caller(reach, DIRECT, "pause:500", "bye", caller="+15550003") as caller:
        assert await caller.result() == 0
        second = await desk.at("over", number=1)
    assert second.conversation_id in {None, call.conversation_id}
    async with phones.caller(reach, HOTLINE, "pause:500", "key:0", "pause:2500", "bye", caller="anonymous") as caller:
        assert await caller.result() == 0
        third = await desk.at("over", number=2)
    assert (third.number, third.outcome, third.emergency) == (None, "abandoned", True), "zero at any time"
    assert third.conversation_id != call.conversation_id


async def test_a_message_is_a_sealed_file_of_a_conversation(desk: Hotline, exchange: Exchange) -> None:
    # They go on speaking for so long that the prompt is over before.
    said = ("type:2", "pause:700", "speak", "pause:7000", "speak", "pause:5000", "type:#")
    steps = ("until-told", *said, "until-bye")
    async with phones.caller(exchange.engine.reach, DIRECT, *steps, caller="+15550004") as caller:

        async def offered() -> bool:
            return any(call.place.get("told") for call in await desk.calls())

        await eventually_so(offered, 30, "they were told what they may press")
        caller.tell()
        call = await desk.at("over", 40)
    assert call.outcome == "message"
    async with desk.desk.database.transaction() as session:
        (file,) = await session.scalars(select(Attachment))
        assert (file.conversation_id, file.media_type) == (call.conversation_id, "audio/wav")
        content = desk.voice.files.read(file.key, file.file_key)
    assert content[:4] == b"RIFF"
    stored = next((desk.folder / "files").rglob(file.key)).read_bytes()
    assert b"RIFF" not in stored
    assert list(exchange.engine.layout.recordings.iterdir()) == [], "the plain one is gone"


async def test_a_number_is_blocked_with_a_spoken_reason(desk: Hotline, exchange: Exchange) -> None:
    ann = await desk.agent("Ann")
    async with desk.desk.database.transaction() as session:
        index = keeping.number_indexes("+15550005")[0]
        session.add(BlockedNumber(number="+15550005", number_index=index, why="abuse", by_id=ann.id))
    async with phones.caller(exchange.engine.reach, HOTLINE, "until-bye", caller="+15550005") as caller:
        assert await caller.result() == 0, "answered, told, hung up"
    call = await desk.call()
    assert (call.outcome, call.conversation_id) == ("refused", None)


async def test_killed_in_a_talk_it_goes_on(desk: Hotline, exchange: Exchange) -> None:
    """Killed while a caller waits, and again while they talk."""
    ann = await desk.agent("Ann")
    async with (
        desk.phone(ann, "ann-desk"),
        phones.caller(exchange.engine.reach, DIRECT, "until-bye", caller="+15550006") as caller,
    ):
        await desk.at("waiting")
        await desk.restart()
        await desk.desk.accept(ann, await desk.offer(ann))
        call = await desk.at("talking")
        await desk.restart()
        await desk.talked(call.channel)
        (leg,) = desk.voice.by_call[call.id].of_role("agent")
        assert (leg.agent_id, leg.state) == (ann.id, "up")
        await desk.voice.ari.hang_up(leg.channel)
        await desk.at("survey")
        await desk.voice.ari.hang_up(call.channel)
        assert await caller.result() == 0
    assert (await desk.at("over")).outcome == "answered"


async def test_a_lost_engine_leaves_nobody_behind(fresh_database_url: str, tmp_path: Path) -> None:
    """Within 10 s of its return each call that was up has its entry and a call-back."""
    port = phones.free_port()
    given = phones.settings(port)
    with phones.engine(given) as engine:
        async with hotline(fresh_database_url, Exchange(engine, given, port), tmp_path) as desk:
            async with phones.caller(engine.reach, DIRECT, "until-bye", caller="+15550007"):
                await desk.at("waiting")
                async with phones.caller(engine.reach, HOTLINE, "until-bye", caller="+15550008"):
                    await desk.at("menu", number=1)
                    engine.process.kill()
                    engine.process.wait()
            # In a thread: the process under test goes on in this one's loop.
            again = await asyncio.to_thread(trial.start, given, engine.layout)
            try:
                begun = asyncio.get_running_loop().time()
                calls = [await desk.at("over", 10, number) for number in range(2)]
                assert asyncio.get_running_loop().time() - begun < 10
                assert {call.outcome for call in calls} == {"lost"}
                for call in calls:
                    assert "call_ended" in await desk.timeline(call)
                async with desk.desk.database.transaction() as session:
                    backs = list(await session.scalars(select(CallBack)))
                assert {back.conversation_id for back in backs} == {call.conversation_id for call in calls}
            finally:
                trial.stop(again)


@pytest.mark.parametrize("now", [False, True], ids=["in their turn", "now"])
async def test_we_call_back_whoever_asked_for_it(desk: Hotline, exchange: Exchange, now: bool) -> None:
    """When their turn comes they are told so two minutes ahead, with the code that they hear, and one connects. An
    agent who wants to call now does not wait: they are told at once."""
    reach = exchange.engine.reach
    async with phones.caller(reach, DIRECT, *keys("1"), "until-bye", caller="+15550010"):
        first = await desk.at("over", 40)
    ann = await desk.agent("Ann")
    answer = ("pause:3000", *keys("1", 3), "until-bye")
    async with desk.phone(ann, "ann-desk"), phones.answering(exchange.network, *answer):
        begun = clock.now()
        await desk.desk.accept(ann, await desk.offer(ann))
        back = await announced(desk)
        assert timedelta(minutes=2) <= (back.rings_at or begun) - begun < timedelta(minutes=2, seconds=15)
        assert len(await desk.calls()) == 1, "nobody rings yet"
        async with desk.desk.database.transaction() as session:
            due = await session.get_one(Due, (keeping.CALL_BACK, back.id))
            assert due.at == back.rings_at
            if now:
                await lines.ask_call_back(session, ann, back.conversation_id)
            else:
                later = timedelta(minutes=2)
                clock.set_source(lambda: datetime.now(UTC) + later)
                tell(session, DUE, "the clock was moved")
        call = await desk.at("talking", 20, number=1)
        assert (call.direction, call.conversation_id, call.agent_id) == ("back", first.conversation_id, ann.id)
        (leg,) = desk.voice.by_call[call.id].of_role("agent")
        await desk.talked(leg.channel)
        await desk.voice.ari.hang_up(call.channel)
        await desk.at("over", number=1)
    async with desk.desk.database.transaction() as session:
        (done,) = await session.scalars(select(CallBack))
        said = await session.scalars(
            select(Message.body).where(Message.conversation_id == call.conversation_id, Message.kind == "public")
        )
        assert (done.state, done.code) == ("done", back.code), "one code, whenever it is said"
        told = [body for body in said if back.code in body]
    assert [body.split(".")[0] for body in told] == ["We will call you in 2 min", *["We are calling you now"] * now]


async def announced(desk: Hotline) -> CallBack:
    found: list[CallBack] = []

    async def is_() -> bool:
        async with desk.desk.database.transaction() as session:
            found[:] = await session.scalars(select(CallBack).where(CallBack.rings_at.is_not(None)))
        return bool(found)

    await eventually_so(is_, 10, "it is announced")
    return found[0]


async def test_a_killed_tab_gives_the_caller_back_to_the_head_of_the_queue(desk: Hotline, exchange: Exchange) -> None:
    """The engine says that the agent's device is gone; its channel would live on for seconds."""
    ann = await desk.agent("Ann")
    async with (
        desk.phone(ann, "ann-desk"),
        phones.caller(exchange.engine.reach, DIRECT, "until-bye", caller="+15550011") as caller,
    ):
        await desk.at("waiting")
        await desk.desk.accept(ann, await desk.offer(ann))
        call = await desk.at("talking")
        since = (await desk.conversation(call)).opened_at
        await devices.withdraw(desk.voice.ari, "ann-desk")
        await desk.voice.by_call[call.id].inbox.put(
            ContactStatusChange(
                endpoint=Endpoint(technology="PJSIP", resource="ann-desk", state="offline"),
                contact_info=ContactInfo(uri="sip:ann-desk@127.0.0.3", contact_status="Removed", aor="ann-desk"),
            )
        )
        await desk.at("waiting", 20)
        assert "call_agent_lost" in await desk.timeline(call)
        conversation = await desk.conversation(call)
        assert conversation.assignee_id is None
        assert conversation.waiting_since is not None
        assert (conversation.waiting_since - since).total_seconds() < 5, "they wait since they came, not since now"
        await desk.voice.ari.hang_up(call.channel)
        assert await caller.result() == 0
