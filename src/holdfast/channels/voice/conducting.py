"""One call, conducted: its stages one after the other, each able to begin again after a restart.

What a conductor knows is in the database and in the engine; in memory it has only what it waits for. Everything that
concerns the call comes through one inbox, in order: the engine's events, and notices to look at the database.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from holdfast.channels.voice import keeping, queries, stages
from holdfast.channels.voice.ari import Ari
from holdfast.channels.voice.ari_shapes import (
    ChannelDestroyed,
    ChannelDtmfReceived,
    Event,
    PlaybackFinished,
    StasisEnd,
    StasisStart,
)
from holdfast.channels.voice.channel import phone_changed
from holdfast.channels.voice.directory import Directory
from holdfast.channels.voice.engine.layout import Layout
from holdfast.channels.voice.errors import CallGone, CallNotReady, EngineRefused, EngineUnreachable, NobodyRegistered
from holdfast.channels.voice.models import Call, CallLeg
from holdfast.channels.voice.prompts.voices import NoVoice
from holdfast.channels.voice.settings import VoiceSettings
from holdfast.channels.voice.speaking import Speaker
from holdfast.channels.voice.waits import Prompt, Said
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.files import FileStore
from holdfast.core.ids import new_id

if TYPE_CHECKING:
    from holdfast.channels.voice.captions.captioning import Captions

logger = logging.getLogger(__name__)

# Seconds that a device rings, and after which those on call are woken.
RING_SECONDS = 20


@dataclass
class Desk:
    """What conductors share in one process. ``waiting``: the bridge in which callers hear music."""

    ari: Ari
    database: Database
    speaker: Speaker
    settings: VoiceSettings
    layout: Layout
    files: FileStore
    application: str
    directory: Directory
    captions: "Captions"
    waiting: str = ""
    by_channel: dict[str, "Conductor"] = field(default_factory=dict)
    by_call: dict[UUID, "Conductor"] = field(default_factory=dict)


class Look:
    """Look at the database again."""


class Gone(Exception):
    """The caller is no longer there."""


class Taken(Exception):
    """Another process conducts the call: we were taken for dead."""


@contextmanager
def here() -> Iterator[None]:
    """What is asked of a caller who has just left is no fault."""
    try:
        yield
    except (CallGone, CallNotReady) as gone:
        raise Gone from gone


# What ``say`` gives when it was cut: no key.
CUT = ""
Condition = Callable[[], Awaitable[bool]]
Stage = Callable[["Conductor"], Awaitable[str]]


class Conductor:
    """``call`` is the row as it was last read; change it by ``change`` only."""

    def __init__(self, desk: Desk, call: Call) -> None:
        self.desk = desk
        self.call = call
        self.ari = desk.ari
        self.inbox: asyncio.Queue[Event | Look] = asyncio.Queue()
        self.legs: dict[str, CallLeg] = {}
        desk.by_call[call.id] = self
        desk.by_channel[call.channel] = self

    async def run(self, ways: dict[str, Stage]) -> None:
        """Until the call is over. A lost engine ends this conductor, not the call: another one begins with the next
        Synced."""
        try:
            while self.call.stage != stages.OVER:
                try:
                    following = await ways[self.call.stage](self)
                except Gone:
                    await self._caller_left()
                    break
                if following == stages.OVER:
                    async with self.change() as (session, call):
                        await keeping.finish(session, call, "answered" if call.answered_at else "abandoned")
                elif following != self.call.stage:
                    async with self.change() as (_, call):
                        call.stage = following
            await self._clear()
        except Taken:
            logger.warning("call %s was taken over by another process", self.call.id)
        except EngineUnreachable:
            logger.info("call %s waits for the phone engine", self.call.id)
        except Exception:
            logger.exception("call %s failed", self.call.id)
            await self._failed()
        finally:
            self._forget()

    # Waiting ---------------------------------------------------------------------------------------------------------

    async def next(self, seconds: float | None = None) -> Event | Look | None:
        """What comes next; None after ``seconds``. Raises Gone when the caller is no longer there."""
        try:
            async with asyncio.timeout(seconds):
                found = await self.inbox.get()
        except TimeoutError:
            return None
        if isinstance(found, ChannelDestroyed | StasisEnd) and found.channel.id == self.call.channel:
            raise Gone
        if isinstance(found, ChannelDestroyed) and found.channel.id in self.legs:
            await self.leg_ended(found.channel.id, found.cause)
        return found

    async def say(
        self, *said: Said, patience: float = 0.0, keys: bool = True, unless: Condition | None = None
    ) -> str | None:
        """Say it to the caller; the key that they press meanwhile, or within ``patience`` seconds after it. Without
        ``keys`` it is said to its end, ``unless`` a notice comes and this is true: then it is cut."""
        playback = await self.begin_saying(*said)
        if playback is not None:
            key = await self._until_said(playback, unless, keys=keys)
            if key is not None:
                return key
        return await self.key(patience, unless) if patience else None

    async def tell(self, *said: Said) -> bool:
        """Say it to its end, whatever they press; whether it could be heard. Without a voice it could not, and whoever
        tells something because it is owed may not take it for told."""
        playback = await self.begin_saying(*said)
        while playback is not None:
            found = await self.next()
            if isinstance(found, PlaybackFinished) and found.playback.id == playback:
                return found.playback.state == "done"
            await self._cut(found, None)
        return False

    def informed(self, prompt: str) -> bool:
        """Whether the caller was told so (``waiting.py``), in this process or in one before it."""
        return prompt in self.call.place.get("informed", ())

    async def begin_saying(self, *said: Said) -> str | None:
        """The playback, whose end comes as an event; None if there is no voice."""
        try:
            media = await self.desk.speaker.media(self.call.language, said)
        except NoVoice:
            logger.warning("there is no voice for %s", self.call.language)
            return None
        with here():
            return (await self.ari.play(f"channel:{self.call.channel}", *media)).id

    async def _until_said(self, playback: str, unless: Condition | None, *, keys: bool) -> str | None:
        while True:
            found = await self.next()
            if isinstance(found, PlaybackFinished) and found.playback.id == playback:
                return None
            if keys and isinstance(found, ChannelDtmfReceived) and found.channel.id == self.call.channel:
                await self.ari.stop_playback(playback)
                return found.digit
            if await self._cut(found, unless):
                await self.ari.stop_playback(playback)
                return CUT

    async def _cut(self, found: Event | Look | None, unless: Condition | None) -> bool:
        """What comes while something is said. A stage looks at the database when it has been said, so that a notice
        needs nothing now; an agent's leg that is answered meanwhile is noted."""
        if isinstance(found, StasisStart):
            await self.leg_up(found.channel.id)
        return isinstance(found, Look | StasisStart) and unless is not None and await unless()

    async def key(self, seconds: float, unless: Condition | None = None) -> str | None:
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while (left := end - loop.time()) > 0:
            found = await self.next(left)
            if isinstance(found, ChannelDtmfReceived) and found.channel.id == self.call.channel:
                return found.digit
            if await self._cut(found, unless):
                return CUT
        return None

    # The database ----------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def change(self) -> AsyncIterator[tuple[Any, Call]]:
        """A transaction with the call's row, locked; afterwards ``call`` is what was written."""
        async with self.desk.database.transaction() as session:
            call = await queries.call(session, self.call.id, lock=True)
            if call is None:
                raise Gone
            if call.application != self.desk.application:
                raise Taken
            yield session, call
        self.call = call

    async def note(self, kind: str, **detail: Any) -> None:
        async with self.change() as (session, call):
            await keeping.note(session, call, kind, **detail)

    # Legs ------------------------------------------------------------------------------------------------------------

    async def dial(self, endpoint: str, role: str, agent_id: UUID | None, device: str = "") -> CallLeg | None:
        """Ring there; None if nobody is signed in. The channel's id is the leg's."""
        leg = CallLeg(id=new_id(), call_id=self.call.id, role=role, channel="", agent_id=agent_id, device=device)
        leg.channel = str(leg.id)
        async with self.desk.database.transaction() as session:
            session.add(leg)
            phone_changed(session, agent_id)
        self.legs[leg.channel] = leg
        self.desk.by_channel[leg.channel] = self
        try:
            await self.ari.originate(
                endpoint,
                "leg",
                str(self.call.id),
                role,
                seconds=RING_SECONDS,
                channel=leg.channel,
                formats="alaw,ulaw,opus" if role == "agent" else None,
                variables={
                    "PJSIP_HEADER(add,X-Holdfast-Call)": str(self.call.id),
                    "PJSIP_TRANSFER_HANDLING()": "ari-only",
                },
            )
        except (NobodyRegistered, EngineRefused, CallGone, CallNotReady) as refused:
            logger.info("%s does not ring: %s", device or role, refused.id)
            await self.leg_ended(leg.channel, 20)
            return None
        return leg

    async def leg_up(self, channel: str) -> CallLeg | None:
        leg = self.legs.get(channel)
        if leg is None:
            return None
        async with self.desk.database.transaction() as session:
            leg = await session.merge(leg)
            leg.state, leg.answered_at = "up", leg.answered_at or now()
            phone_changed(session, leg.agent_id)
        self.legs[channel] = leg
        return leg

    async def leg_ended(self, channel: str, cause: int | None) -> None:
        leg = self.legs.pop(channel, None)
        self.desk.by_channel.pop(channel, None)
        if leg is not None:
            async with self.desk.database.transaction() as session:
                keeping.end_leg(session, await session.merge(leg), cause)

    async def drop(self, *channels: str) -> None:
        """Hang up these legs; their ends are noted now, and not looked at when they come."""
        for channel in channels:
            await self.ari.hang_up(channel)
            await self.leg_ended(channel, 16)

    def of_role(self, *roles: str, state: str | None = None) -> list[CallLeg]:
        return [leg for leg in self.legs.values() if leg.role in roles and state in {None, leg.state}]

    # The end ---------------------------------------------------------------------------------------------------------

    async def _caller_left(self) -> None:
        outcome = "answered" if self.call.answered_at else "abandoned"
        async with self.change() as (session, call):
            await keeping.finish(session, call, outcome)

    async def _clear(self) -> None:
        """Nothing of the call is left in the engine."""
        await self.drop(*self.legs)
        await self.ari.hang_up(self.call.channel)
        if self.call.bridge:
            await self.ari.destroy_bridge(self.call.bridge)

    async def _failed(self) -> None:
        """A fault of ours: the caller hears it, and is called back."""
        try:
            async with self.change() as (session, call):
                if call.ended_at is None:
                    await keeping.ask_back(session, call, "lost")
                    await keeping.finish(session, call, "lost")
        except Exception:
            logger.exception("call %s could not be kept", self.call.id)
        with suppress(Gone, EngineUnreachable, CallGone, CallNotReady, EngineRefused, TimeoutError):
            async with asyncio.timeout(15):
                await self.say(Prompt("fault"), keys=False)
            await self._clear()

    def _forget(self) -> None:
        self.desk.by_call.pop(self.call.id, None)
        for channel in (self.call.channel, *self.legs):
            if self.desk.by_channel.get(channel) is self:
                del self.desk.by_channel[channel]
