"""What is written down of a call, and what must not be: without an engine (``test_captions.py`` has one)."""

import asyncio
from uuid import uuid4

import pytest

from holdfast.channels.voice import keeping, recording, talking, waiting
from holdfast.channels.voice.captions import captioning
from holdfast.channels.voice.captions import hearing as hearings
from holdfast.channels.voice.captions.utterances import Cutter
from holdfast.channels.voice.conducting import Look, Taken
from holdfast.channels.voice.errors import EngineUnreachable
from holdfast.channels.voice.models import CallCommand
from holdfast.channels.voice.switchboard import Switchboard
from holdfast.verification.models import Verification
from tests.channels.voice.captioned import begin, cuts, said
from tests.channels.voice.test_keeping import with_phone
from tests.channels.voice.test_utterances import tone
from tests.support.voiceless import House, again
from tests.support.waiting import eventually

# Told before ----------------------------------------------------------------------------------------------------------


async def begun(talk: House) -> tuple[bool, bool]:
    """Whether the talk is written down, and recorded, when both are begun."""
    await begin(talk)
    await recording.begin(talk.conductor)
    return len(talk.engine.streams) == 2, "record" in talk.engine.snooped


async def test_who_was_not_told_is_neither_written_down_nor_recorded(talk: House) -> None:
    """The line was switched on, or an endpoint was named, after the caller had heard what there is to hear."""
    await talk.change(informed=[])
    assert await begun(talk) == (False, False)
    await talk.change(informed=["captioned", "recorded"])
    assert await begun(talk) == (True, True)


@pytest.mark.parametrize(
    ("language", "finishes", "informed"),
    [("en", "done", ["captioned", "recorded"]), ("pt", "done", []), ("en", "failed", [])],
)
async def test_told_is_who_has_heard_it(talk: House, language: str, finishes: str, informed: list[str]) -> None:
    """Without a voice in their language nothing is said, and nothing that would have to be said is done."""
    await talk.change(informed=[])
    async with talk.conductor.change() as (_, call):
        call.language = language
    talk.engine.finishes = finishes
    await waiting._announce(talk.conductor)
    assert [talk.conductor.informed(what) for what in ("captioned", "recorded")] == [bool(informed)] * 2
    assert talk.conductor.call.place["informed"] == informed
    assert await begun(talk) == (bool(informed), bool(informed))


async def test_a_line_that_does_neither_says_neither(talk: House) -> None:
    await talk.change(informed=[])
    async with talk.desk.database.transaction() as session:
        line = await session.merge(talk.line)
        line.captions = line.records = False
    await waiting._announce(talk.conductor)
    assert talk.engine.played == []
    assert await begun(talk) == (False, False)


# Who hears -----------------------------------------------------------------------------------------------------------


async def test_what_is_said_is_written_down(talk: House) -> None:
    talk.scribe.says = lambda _: "My wallet does not open"
    await begin(talk)
    customer, ours = talk.engine.sides
    await customer.hears(said())
    await customer.ends()
    await ours.hears(said())
    await ours.ends()
    assert [entry.author for entry in await talk.spoken()] == ["customer", "agent"]
    assert await talk.events() == ["on"]


@pytest.mark.parametrize("why", [EngineUnreachable, Taken, asyncio.CancelledError])
async def test_a_call_that_goes_on_without_us_is_not_heard(
    talk: House, monkeypatch: pytest.MonkeyPatch, why: type[BaseException]
) -> None:
    """Its sound still comes, and nobody would see that a proof is asked in it."""

    async def lost(_: object) -> None:
        await eventually(lambda: len(talk.engine.streams) == 2, 5, "both are heard")
        customer, _ = talk.engine.sides
        await customer.hears(tone(1, 3000))
        raise why

    monkeypatch.setattr(talking, "_obey", lost)
    with pytest.raises(why):
        await talking.talking(talk.conductor)
    for each in talk.engine.sides:
        await each.hears(said())
        await each.ends()
    assert talk.scribe.heard == []


async def test_what_was_begun_before_ends_also_if_nothing_is_wanted_now(talk: House) -> None:
    bridge = await talk.engine.create_bridge(name=f"captions-{talk.conductor.call.id}")
    await talk.engine.add(bridge.id, "an-ear")
    async with talk.desk.database.transaction() as session:
        (await session.merge(talk.line)).captions = False
    await begin(talk)
    assert talk.engine.hung_up == ["an-ear"]
    assert talk.engine.made == {}


@pytest.mark.parametrize("ends", [True, False])
async def test_a_piece_that_was_begun_does_not_leave_while_nobody_hears(
    talk: House, monkeypatch: pytest.MonkeyPatch, ends: bool
) -> None:
    """A phone sends nothing while nobody speaks, and a stream may end: neither cuts what was begun before a pause."""
    monkeypatch.setattr(captioning, "_GAP", 0.05)
    talk.scribe.says = lambda _: "the first word of"
    await begin(talk)
    hearing = talk.voice.captions._hearings[talk.conductor.call.id]
    forgotten: list[bool] = []
    reset = Cutter.reset

    def noted(self: Cutter) -> None:
        forgotten.append(True)
        reset(self)

    customer, _ = talk.engine.sides
    await customer.hears(tone(1, 3000))
    monkeypatch.setattr(Cutter, "reset", noted)
    await talk.voice.captions.pause(talk.conductor, on=True)
    assert hearing.deaf == "paused"
    if not ends:
        await eventually(lambda: len(forgotten) > 3, 5, "nothing comes for so long that it would be cut")
    await customer.ends()
    assert talk.scribe.heard == []


@pytest.mark.parametrize(("why", "left"), [("pause", 1), ("asked", 1), ("held", 3)])
async def test_what_waits_when_a_secret_is_asked_does_not_go(
    talk: House, monkeypatch: pytest.MonkeyPatch, why: str, left: int
) -> None:
    """What was said before hold is nobody's secret; what was said just before a pause may be why there is one."""
    cut = cuts(monkeypatch)
    talk.scribe.may.clear()
    await begin(talk)
    customer, _ = talk.engine.sides
    for _ in range(3):
        await customer.hears(said(0.5))
    await eventually(lambda: (len(cut), len(talk.scribe.heard)) == (3, 1), 5, "the first goes, the others wait")
    hearing = talk.voice.captions._hearings[talk.conductor.call.id]
    if why == "asked":
        async with talk.desk.database.transaction() as session:
            session.add(Verification(conversation_id=talk.conductor.call.conversation_id, purpose="x", level=1))
        await talk.voice.captions.watch(talk.conductor)
    elif why == "held":
        await talk.change(held="2026-07-01")
        await talk.voice.captions.watch(talk.conductor)
    else:
        await talk.voice.captions.pause(talk.conductor, on=True)
    assert hearing.deaf
    talk.scribe.may.set()
    await customer.ends()
    assert len(talk.scribe.heard) == left


async def test_nobody_hears_while_they_type_a_code(talk: House) -> None:
    """Also when the proof is decided, since we speak until they are back."""
    await begin(talk)
    hearing = talk.voice.captions._hearings[talk.conductor.call.id]
    for asks, deaf in ((True, "asked"), (False, None)):
        await talk.change(asks=asks)
        await talk.voice.captions.watch(talk.conductor)
        assert hearing.deaf == deaf


@pytest.mark.parametrize("passed_on", ["to Ben", "to the queue"])
async def test_words_stay_those_of_who_said_them(talk: House, monkeypatch: pytest.MonkeyPatch, passed_on: str) -> None:
    """The endpoint's answer may come when somebody else has the call, or nobody."""
    ann, ben = talk.conductor.call.agent_id, (await with_phone(talk.desk, "Ben")).id
    cut = cuts(monkeypatch)
    talk.scribe.says = lambda _: "I look at it"
    talk.scribe.may.clear()
    await begin(talk)
    _, ours = talk.engine.sides
    await ours.hears(said())
    await eventually(lambda: len(cut) == 1, 5, "it is said")
    async with talk.conductor.change() as (session, call):
        if passed_on == "to Ben":
            await keeping.answered(session, call, ben)
        else:
            await keeping.back_to_queue(session, call, "transferred")
    await talk.voice.captions.watch(talk.conductor)
    if passed_on == "to Ben":
        await ours.hears(said())
    talk.scribe.may.set()
    await ours.ends()
    assert [entry.author_id for entry in await talk.spoken()] == ([ann, ben] if passed_on == "to Ben" else [ann])


async def test_a_line_that_is_switched_off_is_so_at_once(talk: House) -> None:
    board = Switchboard(talk.voice)
    await begin(talk)
    async with talk.desk.database.transaction() as session:
        (await session.merge(talk.line)).captions = False
    while not talk.conductor.inbox.empty():
        talk.conductor.inbox.get_nowait()
    board.notice("lines")
    assert isinstance(talk.conductor.inbox.get_nowait(), Look), "who talks looks"
    await talk.voice.captions.watch(talk.conductor)
    assert talk.engine.made == {}
    assert await talk.events() == ["on", "off"]
    assert (await again(talk)).place["captions"] == "", "nothing is there to be paused"
    await board._stop(board._tasks)


async def test_nobody_hears_while_a_colleague_is_rung_at(talk: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The customer has music then."""
    await begin(talk)
    hearing = talk.voice.captions._hearings[talk.conductor.call.id]
    deaf: list[object] = []

    async def ring(*_: object, **__: object) -> bool:
        deaf.append(hearing.deaf)
        return True

    monkeypatch.setattr(talking, "ring", ring)
    command = CallCommand(agent_id=talk.conductor.call.agent_id, verb="consult")
    await talking._consult(talk.conductor, command, {"agent": str(uuid4())})
    assert deaf == ["held"]


async def test_two_who_speak_are_written_down_in_order(talk: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The endpoint answers one of them later than the other."""
    cut = cuts(monkeypatch)
    question_may = asyncio.Event()
    write = talk.scribe.text

    async def slow(sound: bytes, language: str) -> str:
        if sound is cut[0]:
            await question_may.wait()
        await write(sound, language)
        return ("Which network was it?", "It was another one", "Thank you")[[each is sound for each in cut].index(True)]

    monkeypatch.setattr(talk.scribe, "text", slow)
    await begin(talk)
    customer, ours = talk.engine.sides
    for number, voice in enumerate((ours, customer, ours), 1):
        await voice.hears(said())
        await eventually(lambda: len(cut) == number, 5, "it is said")  # noqa: B023 - within the turn
    await eventually(lambda: any(sound is cut[1] for sound in talk.scribe.heard), 5, "the answer is heard first")
    await customer.frame(0x00)
    question_may.set()
    await ours.ends()
    await customer.ends()
    assert [(each.author, each.body) for each in await talk.spoken()] == [
        ("agent", "Which network was it?"),
        ("customer", "It was another one"),
        ("agent", "Thank you"),
    ]


@pytest.mark.parametrize("end", ["it is left out", "it takes too long"])
async def test_nobody_waits_for_words_that_do_not_come(monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    monkeypatch.setattr(hearings, "_TURN", 0.2 if end == "it takes too long" else 20)
    one = hearings.Hearing(uuid4(), "en", None)
    first, second = one.cut(b"1", "agent"), one.cut(b"2", "customer")
    turn = asyncio.ensure_future(one.turn(second))
    if end != "it takes too long":
        one.done(first)
    await asyncio.wait_for(turn, 5)
    one.done(second)
    assert (first in one.under_way, second in one.under_way) == (end == "it takes too long", False)
