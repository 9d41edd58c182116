"""What is said in a call, written down while it is said: a real engine sends the sound, an endpoint that speaks
OpenAI's API takes it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, update

from holdfast.access.disposable_keys import KeyFolder
from holdfast.access.viewer import StaffViewer
from holdfast.channels.voice import commands
from holdfast.channels.voice.captions import transcription, utterances
from holdfast.channels.voice.channel import VOICE
from holdfast.channels.voice.models import Call, Line
from holdfast.channels.voice.waits import Prompt, Said
from holdfast.conversations import ports, presenting, timeline
from holdfast.conversations.models import Exposure, Message
from holdfast.conversations.schemas import Entry
from holdfast.core.database import tell
from holdfast.core.settings import Settings
from holdfast.verification.models import Verification
from tests.redaction.ways import PHRASE
from tests.support import baresip, dtmf, phones, speech
from tests.support.hotline import DIRECT, Hotline, hotline
from tests.support.phones import Exchange
from tests.support.speech import Endpoint, Utterance
from tests.support.waiting import eventually, eventually_so

pytestmark = pytest.mark.engine

AGENT = 440.0
PROOF = UUID(int=1)
FIRST, REST = " ".join(PHRASE.split()[:6]), " ".join(PHRASE.split()[6:])


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    async with speech.endpoint() as made:
        yield made


@pytest.fixture
async def desk(
    fresh_database_url: str, exchange: Exchange, tmp_path: Path, endpoint: Endpoint
) -> AsyncIterator[Hotline]:
    """Whose lines have captions."""
    given = transcription.Endpoint(endpoint.url, "whisper-of-a-test", speech.KEY, ("127.0.0.1", 0))
    exchange = replace(exchange, settings=replace(exchange.settings, speech=given))
    settings = Settings(outgoing_networks=("127.0.0.0/8",), outgoing_clear=(endpoint.host,))
    ports.use_keys(KeyFolder(tmp_path / "keys"))
    async with hotline(fresh_database_url, exchange, tmp_path, settings=settings) as made:
        async with made.desk.database.transaction() as session:
            await session.execute(update(Line).values(captions=True))
        made.voice.directory.forget()
        yield made


def is_agents(utterance: Utterance) -> bool:
    return baresip.share(utterance.samples, AGENT) > 0.5


async def spoken(desk: Hotline, call: Call) -> list[Entry]:
    """As staff see it, in order."""
    async with desk.desk.database.transaction() as session:
        assert call.conversation_id is not None
        rows = await timeline.entries_after(session, call.conversation_id, 0)
        return [
            entry for entry in await presenting.entries(session, call.conversation_id, rows) if entry.kind == "spoken"
        ]


async def states(desk: Hotline, call: Call) -> list[str]:
    """What the timeline says of the captions."""
    async with desk.desk.database.transaction() as session:
        events = await session.scalars(
            select(Message.event)
            .where(Message.conversation_id == call.conversation_id, Message.event["type"].astext == "call_captions")
            .order_by(Message.seq)
        )
        return [event["how"] for event in events if event]


async def do(desk: Hotline, viewer: StaffViewer, call: Call, verb: str, **detail: object) -> None:
    async with desk.desk.database.transaction() as session:
        await commands.command(session, viewer, call.id, verb, **detail)


async def is_back(desk: Hotline) -> bool:
    return not (await desk.call()).place.get("held")


async def nothing_left(desk: Hotline) -> bool:
    ari = desk.voice.ari
    bridges = [bridge for bridge in await ari.bridges() if bridge.name.startswith("captions-")]
    ears = [channel for channel in await ari.channels() if channel.name.startswith(("Snoop/", "AudioSocket/"))]
    return not bridges and not ears


async def test_both_sides_are_written_down_and_no_clock_runs(
    desk: Hotline, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The agent's phone speaks a tone without a pause: what is cut after 15 s is cut after 3.
    monkeypatch.setattr(utterances, "_LONGEST", 150)
    announced: list[Said] = []
    speak = desk.voice.speaker.media

    async def spy(language: str, said: Sequence[Said]) -> list[str]:
        announced.extend(said)
        return await speak(language, said)

    monkeypatch.setattr(desk.voice.speaker, "media", spy)
    endpoint.says = lambda it: "I look at it" if is_agents(it) else "My wallet does not open"
    async with talk(desk, "until-told", "speak") as (caller, ann, call):
        assert Prompt("captioned") in announced, "they are told before"
        caller.tell()

        async def both() -> bool:
            return {entry.author for entry in await spoken(desk, call)} == {"customer", "agent"}

        await eventually_so(both, 30, "both are written down")
        said = await spoken(desk, call)
        assert {(entry.author, entry.b) for entry in said} == {
            ("customer", "My wallet does not open"),
            ("agent", "I look at it"),
        }
        assert {entry.by.id for entry in said if entry.by} == {ann.id}
        assert all(presenting.for_customer(entry) is None for entry in said)
        assert await states(desk, call) == ["on"]
        conversation = await desk.conversation(call)
        assert conversation.waiting_since is None
        assert conversation.next_due is None

        await do(desk, ann, call, "hang_up")
        await desk.at("survey")
        await eventually_so(lambda: nothing_left(desk), 10, "nothing of it is left in the engine")
        await desk.voice.ari.hang_up(call.channel)
        assert await caller.result() == 0
    fields = endpoint.heard[0].fields
    assert fields == {"model": "whisper-of-a-test", "language": "en", "response_format": "json", "temperature": "0"}
    assert {utterance.rate for utterance in endpoint.heard} == {8000}
    customers = [utterance for utterance in endpoint.heard if not is_agents(utterance)]
    assert all(max(map(abs, utterance.samples)) > 1000 for utterance in customers), "it is speech"
    assert max(utterance.seconds for utterance in endpoint.heard) <= 3


def key_of(utterance: Utterance) -> str:
    """Which key's tones it is; empty if none."""
    return next((key for key in "123" if dtmf.frames(utterance.samples, key) > 20), "")


@asynccontextmanager
async def talk(desk: Hotline, *steps: str) -> AsyncIterator[tuple[phones.Phone, StaffViewer, Call]]:
    """Ann talks with a customer, who does ``steps``."""
    ann = await desk.agent("Ann")
    async with (
        desk.phone(ann, "ann-desk", AGENT),
        phones.caller(desk.exchange.engine.reach, DIRECT, *steps, "until-bye", caller="+15550060") as caller,
    ):
        yield caller, ann, await desk.answered_by(ann, "ann-desk")


async def test_a_phrase_that_is_spoken_in_pieces_is_hidden(desk: Hotline, endpoint: Endpoint) -> None:
    endpoint.says = lambda it: {"1": "I read it to you", "2": FIRST, "3": REST}.get(key_of(it), "")
    steps = [step for key in "123" for step in (f"tones:{key}", "pause:2500")]
    async with talk(desk, "until-told", *steps) as (caller, _, call):
        caller.tell()

        async def told() -> bool:
            return "redacted" in await desk.timeline(call)

        await eventually_so(told, 30, "the phrase is found")
        said = [entry.b for entry in await spoken(desk, call)]
        assert said[0] == "I read it to you"
        assert all(words.startswith("[⛔ recovery_phrase") for words in said[1:])
        async with desk.desk.database.transaction() as session:
            (exposure,) = await session.scalars(select(Exposure))
            assert (exposure.place, exposure.author, exposure.word_count) == ("speech", "customer", 12)
            bodies = list(await session.scalars(select(Message.body)))
            assert not any(word in body for body in bodies for word in PHRASE.split())


async def test_what_is_held_asked_or_paused_is_not_sent_and_a_fault_is_said(desk: Hotline, endpoint: Endpoint) -> None:
    endpoint.says = lambda it: {"1": "not this", "2": "but this", "3": "and this"}.get(key_of(it), "")

    async def at(state: str) -> None:
        async def is_so() -> bool:
            return (await states(desk, call))[-1:] == [state]

        await eventually_so(is_so, 20, f"the captions are {state}")

    async def says_unheard(caller: phones.Phone) -> None:
        await eventually(lambda: desk.voice.captions._hearings[call.id].deaf is not None, 10, "nobody hears it")
        before = (await desk.voice.ari.rtp_statistics(call.channel)).rxcount

        async def has_come() -> bool:
            return (await desk.voice.ari.rtp_statistics(call.channel)).rxcount >= before + 50

        caller.tell()
        await eventually_so(has_come, 10, "the engine has got what was said")

    async def proof(state: str) -> None:
        async with desk.desk.database.transaction() as session:
            asked = await session.merge(
                Verification(id=PROOF, conversation_id=call.conversation_id, purpose="x", level=1)
            )
            asked.state = state
            tell(session, VOICE, f"conversation:{asked.conversation_id.hex}")

    steps = [step for key in "111233" for step in ("until-told", f"tones:{key}")]
    async with talk(desk, *steps) as (caller, ann, call):
        await at("on")
        await do(desk, ann, call, "hold", on=True)
        await says_unheard(caller)
        await proof("waiting")
        await do(desk, ann, call, "hold", on=False)
        await eventually_so(lambda: is_back(desk), 10, "they are back from hold")
        await says_unheard(caller)
        await do(desk, ann, call, "record", on=False)
        await at("paused")
        await proof("withdrawn")
        await says_unheard(caller)
        await do(desk, ann, call, "record", on=True)
        await at("on")
        await desk.restart()

        caller.tell()
        await eventually(lambda: "2" in map(key_of, endpoint.heard), 20, "it is heard, after a restart too")
        assert "1" not in map(key_of, endpoint.heard)

        endpoint.status = 503
        caller.tell()
        await at("failed")
        endpoint.status = 200
        caller.tell()
        await at("on")
        await eventually(lambda: "3" in map(key_of, endpoint.heard), 20, "it is heard again")
        assert (await desk.call()).stage == "talking", "the call does not wait for it"


async def test_what_we_say_to_who_types_a_code_is_nobodys_word(
    desk: Hotline, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof is given up before they hear that there was no code: the ear at our side hears that as well."""
    monkeypatch.setattr(utterances, "_LONGEST", 150)
    async with talk(desk, "until-told", "key:#", "pause:1000") as (caller, ann, call):
        await eventually(lambda: bool(endpoint.heard), 20, "the agent is heard")
        async with desk.desk.database.transaction() as session:
            await commands.ask_code(session, ann, call.id, on=True)

        async def asked() -> bool:
            return bool((await desk.call()).place.get("asks"))

        async def over() -> bool:
            return "call_code" in await desk.timeline(call) and not await asked()

        await eventually_so(asked, 10, "they are asked")
        caller.tell()
        await eventually_so(over, 30, "they have heard that there was none")
        before = len(endpoint.heard)
        await eventually(lambda: any(map(is_agents, endpoint.heard[before:])), 20, "the agent is heard again")
        assert all(map(is_agents, endpoint.heard)), "nothing else was heard"
