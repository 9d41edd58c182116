"""A call that is conducted without an engine: what is asked of one is done at once and remembered, sound goes the way
that it goes with a real one. For what a real engine does not do on demand."""

import asyncio
import struct
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import select

from holdfast.channels.voice import keeping, queries, stages
from holdfast.channels.voice.ari import Ari
from holdfast.channels.voice.ari_shapes import Bridge, Playback, PlaybackFinished
from holdfast.channels.voice.captions.captioning import Captions
from holdfast.channels.voice.conducting import Conductor
from holdfast.channels.voice.conducting import Desk as VoiceDesk
from holdfast.channels.voice.directory import Directory
from holdfast.channels.voice.engine.layout import Layout
from holdfast.channels.voice.models import Call, CallLeg, Line
from holdfast.channels.voice.prompts.voices import NoVoice
from holdfast.channels.voice.settings import VoiceSettings
from holdfast.channels.voice.speaking import Speaker
from holdfast.channels.voice.waits import Prompt, Said
from holdfast.conversations import operations as conversations
from holdfast.conversations.models import Message
from holdfast.core.files import FileStore
from tests.routing.support import Desk


class _Come:
    """What was waited for has come."""

    def __await__(self) -> Iterator[None]:
        yield from ()


@dataclass
class Stream:
    """What a channel of the engine hears, as it sends it to us."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def frame(self, kind: int, content: bytes = b"") -> None:
        self.writer.write(struct.pack("!BH", kind, len(content)) + content)
        await self.writer.drain()

    async def hears(self, sound: bytes) -> None:
        for at in range(0, len(sound), 320):
            await self.frame(0x10, sound[at : at + 320])

    async def ends(self) -> None:
        """Until everything that was heard is done with."""
        await self.frame(0x00)
        await asyncio.wait_for(self.reader.read(), 10)


@dataclass
class Engine:
    """``fails``: raised by the verb of that name; ``waits``: awaited by it. ``streams``: that of the
    customer's voice, then that of ours."""

    made: dict[str, Bridge] = field(default_factory=dict)
    streams: dict[str, Stream] = field(default_factory=dict)
    snooped: list[str] = field(default_factory=list)
    hung_up: list[str] = field(default_factory=list)
    fails: dict[str, Callable[[], Exception]] = field(default_factory=dict)
    waits: dict[str, Callable[[], Awaitable[None]]] = field(default_factory=dict)
    played: list[str] = field(default_factory=list)
    finishes: str = "done"
    inbox: "asyncio.Queue[Any] | None" = None
    gone: bool = False

    async def _verb(self, name: str) -> None:
        if name in self.waits:
            await self.waits[name]()
        if name in self.fails:
            raise self.fails[name]()

    @contextmanager
    def expect(self, *_: Any, **__: Any) -> Iterator[_Come]:
        yield _Come()

    async def follow(self, _: str) -> bool:
        return not self.gone

    async def answer(self, _: str) -> None:
        await self._verb("answer")

    async def play(self, where: str, *media: str) -> Playback:
        self.played += media
        playback = Playback(id=uuid4().hex, media_uri=media[0], target_uri=where, state=self.finishes)
        if self.inbox is not None:
            self.inbox.put_nowait(PlaybackFinished(playback=playback))
        return playback

    async def record(self, *_: str) -> None:
        await self._verb("record")

    async def stop_recording(self, _: str) -> bool:
        await self._verb("stop_recording")
        return True

    async def create_bridge(self, kind: str = "", name: str = "") -> Bridge:
        await self._verb("create_bridge")
        bridge = Bridge(id=uuid4().hex, name=name, bridge_type=kind, channels=())
        self.made[bridge.id] = bridge
        return bridge

    async def bridges(self) -> tuple[Bridge, ...]:
        await self._verb("bridges")
        return tuple(self.made.values())

    async def destroy_bridge(self, bridge: str) -> bool:
        return self.made.pop(bridge, None) is not None

    async def add(self, bridge: str, *channels: str) -> None:
        await self._verb("add")
        if bridge not in self.made:
            return  # of the talk, or of those who wait
        before = self.made[bridge]
        self.made[bridge] = Bridge(id=bridge, name=before.name, bridge_type="", channels=(*before.channels, *channels))

    async def remove(self, *_: str) -> bool:
        return True

    async def stream_out(self, channel: str, address: str) -> None:
        await self._verb("stream_out")
        host, _, port = address.rpartition(":")
        self.streams[channel] = Stream(*await asyncio.open_connection(host, int(port)))
        await self.streams[channel].frame(0x01, UUID(channel).bytes)

    async def snoop(self, _: str, *arguments: str, ear: str = "", **__: str) -> Any:
        await self._verb("snoop")
        self.snooped.append(arguments[0])
        return type("Ear", (), {"id": ear or f"ear-{uuid4().hex}"})()

    async def hang_up(self, channel: str) -> bool:
        self.hung_up.append(channel)
        stream = self.streams.get(channel)
        if stream is not None:
            await stream.frame(0x00)
        return True

    @property
    def sides(self) -> tuple[Stream, Stream]:
        customer, ours = self.streams.values()
        return customer, ours


class Speaks(Speaker):
    """With a voice for English and Spanish."""

    async def media(self, language: str, said: Sequence[Said]) -> list[str]:
        if language not in {"en", "es"}:
            raise NoVoice(language)
        return [one.name for one in said if isinstance(one, Prompt)]


@dataclass
class Scribe:
    """Writes down what ``says`` makes of a sound, once ``may`` is set; ``fault`` is raised instead."""

    says: Callable[[bytes], str] = lambda _: ""
    fault: Callable[[], Exception] | None = None
    may: asyncio.Event = field(default_factory=asyncio.Event)
    heard: list[bytes] = field(default_factory=list)

    async def text(self, sound: bytes, language: str) -> str:
        self.heard.append(sound)
        await self.may.wait()
        if self.fault is not None:
            raise self.fault()
        return self.says(sound)


@dataclass
class House:
    """A desk with a voice process whose engine is ``engine``, and one call with ``agent_id``."""

    desk: Desk
    engine: Engine
    voice: VoiceDesk
    scribe: Scribe
    line: Line
    conductor: Conductor

    async def change(self, **place: Any) -> None:
        async with self.conductor.change() as (_, call):
            keeping.keep_place(call, **place)

    async def events(self, kind: str = "call_captions") -> list[str]:
        async with self.desk.database.transaction() as session:
            found = await session.scalars(
                select(Message.event)
                .where(Message.conversation_id == self.conductor.call.conversation_id)
                .order_by(Message.seq)
            )
            return [event["how"] for event in found if event and event.get("type") == kind]

    async def spoken(self) -> list[Message]:
        async with self.desk.database.transaction() as session:
            found = await session.scalars(
                select(Message)
                .where(Message.conversation_id == self.conductor.call.conversation_id, Message.kind == "spoken")
                .order_by(Message.seq)
            )
            return list(found)


def voice_desk(desk: Desk, engine: Engine, folder: Path, scribe: Scribe | None) -> VoiceDesk:
    """A voice process."""
    return VoiceDesk(
        cast(Ari, engine),
        desk.database,
        Speaks(cast(Any, None)),
        VoiceSettings(),
        Layout(folder),
        FileStore(folder / "files"),
        "holdfast",
        Directory(desk.database),
        Captions(desk.database, scribe),
    )


async def house_with_call(desk: Desk, folder: Path, agent_id: UUID) -> House:
    """A customer and the agent talk; the customer was told of everything, nothing is begun."""
    engine, scribe = Engine(), Scribe()
    scribe.may.set()
    voice = voice_desk(desk, engine, folder, scribe)
    async with desk.database.transaction() as session:
        line = Line(number="+18005550100", name="x", inbox_id=desk.inbox.id, captions=True, records=True)
        session.add(line)
        await session.flush()
        call, _ = await keeping.arrive(
            session, channel=uuid4().hex, application="holdfast", line=line, number="+15550001", language="en"
        )
        keeping.keep_place(call, informed=["captioned", "recorded"])
        conversation = await keeping.enter(session, call)
        await conversations.assign(session, keeping.SYSTEM, conversation.id, agent_id, how="taken")
        await keeping.answered(session, call, agent_id)
        call.bridge = "talk"
        session.add(CallLeg(call_id=call.id, role="agent", channel=uuid4().hex, agent_id=agent_id, state="up"))
    async with desk.database.transaction() as session:
        row = await queries.call(session, call.id)
        assert row is not None
        assert row.stage == stages.TALKING
        conductor = Conductor(voice, row)
        for leg in await queries.legs(session, row.id):
            if leg.role == "agent":
                conductor.legs[leg.channel] = leg
    engine.inbox = conductor.inbox
    return House(desk, engine, voice, scribe, line, conductor)


async def again(house: House) -> Call:
    """The row as it is."""
    async with house.desk.database.transaction() as session:
        return await session.get_one(Call, house.conductor.call.id)
