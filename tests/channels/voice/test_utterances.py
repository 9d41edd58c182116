"""Sound cut into utterances, streams of the engine, and the endpoint's answers: without an engine."""

import asyncio
import math
import random
import struct
from collections.abc import AsyncIterator
from contextlib import suppress
from ipaddress import ip_network
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.channels.voice.captions.audiosocket import Receiver, Stream
from holdfast.channels.voice.captions.transcription import Endpoint, OpenAITranscriber, TranscriptionFailed
from holdfast.channels.voice.captions.utterances import FRAME, Cutter
from holdfast.channels.voice.prompts.sound import NARROW as RATE
from holdfast.channels.voice.settings import load
from holdfast.core.ids import new_id
from holdfast.core.outgoing import Outgoing, Rules
from holdfast.core.settings import SettingsError
from tests.support import speech
from tests.support.outside import answering, outside
from tests.support.servers import wait_for_connections
from tests.support.waiting import eventually


def tone(seconds: float, loud: float) -> bytes:
    samples = (loud * math.sin(2 * math.pi * 300 * n / RATE) for n in range(round(seconds * RATE)))
    return b"".join(struct.pack("<h", round(sample)) for sample in samples)


def noise(seconds: float, loud: float, seed: int = 1) -> bytes:
    made = random.Random(seed)
    return b"".join(struct.pack("<h", round(made.gauss(0, loud))) for _ in range(round(seconds * RATE)))


def seconds(sound: bytes) -> float:
    return len(sound) / 2 / RATE


def test_what_is_said_between_pauses_is_an_utterance() -> None:
    cutter = Cutter()
    said = [
        utterance
        for part in (noise(1, 20), tone(2, 3000), noise(1, 20), tone(1, 3000), noise(1, 20))
        for utterance in cutter.take(part)
    ]
    # With 300 ms before it, and the 700 ms of quiet that end it.
    assert [round(seconds(utterance), 1) for utterance in said] == [2.9, 1.9]
    assert cutter.flush() is None


@pytest.mark.parametrize("loud", [0, 20, 100, 400])
def test_what_does_not_change_is_no_speech(loud: float) -> None:
    """Silence, and the noise of a line; a loud one (of a street) is taken for speech once, and never again."""
    cutter = Cutter()
    said = [utterance for turn in range(60) for utterance in cutter.take(noise(1, loud, turn))]
    assert len(said) <= (1 if loud > 150 else 0)
    assert all(seconds(utterance) <= 15 for utterance in said)


def test_speech_is_heard_above_a_loud_street() -> None:
    cutter = Cutter()
    cutter.take(noise(30, 400))
    said = cutter.take(tone(2, 6000) + noise(1, 400))
    assert [round(seconds(utterance), 1) for utterance in said] == [2.9]


def test_a_click_is_none_and_a_monologue_is_cut() -> None:
    cutter = Cutter()
    assert cutter.take(tone(0.1, 8000) + bytes(2 * RATE * 2)) == []
    words = b"".join(tone(0.4, 3000) + bytes(2 * RATE // 5) for _ in range(60))
    said = cutter.take(words)
    assert [seconds(utterance) for utterance in said] == [15.0, 15.0]


def test_what_is_forgotten_is_in_no_utterance() -> None:
    cutter = Cutter()
    cutter.take(tone(2, 3000))
    cutter.reset()
    assert cutter.flush() is None
    cutter.take(tone(1, 3000))
    assert round(seconds(cutter.flush() or b""), 1) == 1.0


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=40), st.integers(0, 5))
@settings(deadline=None, max_examples=40)
def test_how_sound_comes_makes_no_difference(parts: list[int], seed: int) -> None:
    """Frames of any size give the same utterances, and these are pieces of what came."""
    sound = b"".join((tone(0.5, 3000), noise(0.9, 10, seed), tone(0.3, 2000), noise(1, 10, seed + 1)))
    whole, pieces, at = Cutter(), Cutter(), 0
    said: list[bytes] = []
    while at < len(sound):
        size = parts[at % len(parts)]
        said += pieces.take(sound[at : at + size])
        at += size
    assert said == whole.take(sound)
    assert len(said) == 2
    assert all(utterance in sound and len(utterance) % FRAME == 0 for utterance in said)


# Streams --------------------------------------------------------------------------------------------------------------


def framed(kind: int, content: bytes = b"") -> bytes:
    return struct.pack("!BH", kind, len(content)) + content


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver("127.0.0.1", 0)
    work = asyncio.create_task(made.run())
    await eventually(lambda: bool(made.address), 5, "it listens")
    yield made
    work.cancel()
    with suppress(asyncio.CancelledError):
        await work


async def sent(receiver: Receiver, *frames: bytes) -> bytes:
    """What comes back until it hangs up."""
    host, _, port = receiver.address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"".join(frames))
    writer.write_eof()
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return answer


async def test_a_stream_comes_to_whoever_asked_for_it_once(receiver: Receiver) -> None:
    name, came = new_id(), []

    async def take(stream: Stream) -> None:
        while (sound := await stream.sound()) is not None:
            came.append(sound)

    receiver.expect(name, take)
    # DTMF (0x03) is none of ours.
    await sent(receiver, framed(1, name.bytes), framed(0x10, b"ab"), framed(3, b"5"), framed(0x10, b"cd"), framed(0))
    assert came == [b"ab", b"cd"]
    await sent(receiver, framed(1, name.bytes), framed(0x10, b"again"))
    assert came == [b"ab", b"cd"]


async def test_it_ends_beside_streams_that_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call outlives the process that listens to it."""
    wait_for_connections(monkeypatch)
    receiver = Receiver("127.0.0.1", 0)
    work = asyncio.create_task(receiver.run())
    await eventually(lambda: bool(receiver.address), 5, "it listens")
    host, _, port = receiver.address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    name = new_id()

    async def take(stream: Stream) -> None:
        await stream.sound()

    came = receiver.expect(name, take)
    writer.write(framed(1, name.bytes))
    await came.wait()
    work.cancel()
    await asyncio.wait({work}, timeout=5)
    assert work.cancelled()
    with suppress(ConnectionError):
        assert await asyncio.wait_for(reader.read(), 5) == b"", "the engine learns it"
    writer.close()


@pytest.mark.parametrize("fault", [TimeoutError, OSError, ConnectionResetError])
async def test_a_stream_whose_engine_is_gone_has_ended(fault: type[OSError]) -> None:
    reader = asyncio.StreamReader()
    reader.set_exception(fault())
    assert await Stream(reader).sound() is None


@pytest.mark.parametrize(
    "frames",
    [
        (),
        (b"\x01",),
        (framed(1, b"short"),),
        (framed(0x10, b"sound"),),
        (framed(1, UUID(int=1).bytes),),
        (b"GET / HTTP",),
    ],
)
async def test_a_stranger_is_hung_up_on(receiver: Receiver, frames: tuple[bytes, ...]) -> None:
    assert await sent(receiver, *frames) == b""


# The endpoint ---------------------------------------------------------------------------------------------------------


def transcriber(url: str, host: str, key: str = speech.KEY) -> OpenAITranscriber:
    async def resolve(_host: str, _port: int) -> list[str]:
        return ["127.0.0.1"]

    rules = Rules(networks=(ip_network("127.0.0.0/8"),), clear=frozenset({host}))
    return OpenAITranscriber(Outgoing(rules, resolve), Endpoint(url, "whisper-1", key, ("127.0.0.1", 0)))


async def test_what_the_endpoint_says_is_taken_and_a_fault_has_a_reason() -> None:
    async with speech.endpoint() as endpoint:
        endpoint.says = lambda _: "hello "
        assert await transcriber(endpoint.url, endpoint.host).text(tone(1, 3000), "zh-Hans") == "hello"
        (heard,) = endpoint.heard
        assert heard.fields["language"] == "zh"
        assert heard.seconds == 1.0
        with pytest.raises(TranscriptionFailed, match="401"):
            await transcriber(endpoint.url, endpoint.host, "another key").text(b"", "en")
    with pytest.raises(TranscriptionFailed, match="connect"):
        await transcriber(endpoint.url, endpoint.host).text(b"", "en")


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [(500, b"", "500"), (200, b"<html>", "answer"), (200, b'{"text": 5}', "answer"), (200, b"x" * (1 << 17), "size")],
)
async def test_an_endpoint_that_is_none(status: int, body: bytes, reason: str) -> None:
    async with outside(answering(status, body)) as server:
        host = f"127.0.0.1:{server.port}"
        with pytest.raises(TranscriptionFailed) as failed:
            await transcriber(f"http://{host}/v1/", host).text(b"", "en")
        assert failed.value.reason == reason
        assert server.heard[0].path == "/v1/audio/transcriptions"


async def test_an_endpoint_in_clear_must_be_allowed() -> None:
    with pytest.raises(TranscriptionFailed, match="scheme"):
        await transcriber("http://127.0.0.1:9/v1", "127.0.0.1:10").text(b"", "en")


def test_settings_of_the_endpoint() -> None:
    assert load({}).speech is None
    given = load({"HOLDFAST_SPEECH_URL": "https://speech.example/v1", "HOLDFAST_SPEECH_KEY": "sk-x"}).speech
    assert given == Endpoint("https://speech.example/v1", "whisper-1", "sk-x", ("127.0.0.1", 0))
    assert "sk-x" not in repr(given)
    more = {"HOLDFAST_SPEECH_MODEL": "large-v3", "HOLDFAST_SPEECH_LISTEN": "10.0.0.2:9092"}
    given = load({"HOLDFAST_SPEECH_URL": "http://10.0.0.3:8000/v1", **more}).speech
    assert given == Endpoint("http://10.0.0.3:8000/v1", "large-v3", "", ("10.0.0.2", 9092))
    for wrong in ("speech.example", "ftp://speech.example", "https://"):
        with pytest.raises(SettingsError, match="HOLDFAST_SPEECH_URL"):
            load({"HOLDFAST_SPEECH_URL": wrong})
    for wrong in ("nowhere", "0.0.0.0:9000", "[::]:9000"):
        with pytest.raises(SettingsError, match="HOLDFAST_SPEECH_LISTEN"):
            load({"HOLDFAST_SPEECH_URL": "https://speech.example", "HOLDFAST_SPEECH_LISTEN": wrong})
