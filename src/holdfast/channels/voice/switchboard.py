"""A voice process: takes calls that come, and has each conducted until it is over.

It holds no state of its own. Killed, it finds its calls again in the database and the engine when it comes back; when
the engine was away, each call that was up then is told of in its conversation, and its caller is called back.
"""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID
from zlib import crc32

from holdfast.channels.voice import (
    answering,
    calling_back,
    ending,
    keeping,
    provisioning,
    queries,
    recording,
    stages,
    talking,
    voicemail,
    waiting,
)
from holdfast.channels.voice.ari import Lost, Moment, Synced
from holdfast.channels.voice.ari_shapes import (
    CallBroadcast,
    Channel,
    ContactStatusChange,
    Event,
    StasisStart,
)
from holdfast.channels.voice.channel import phone_changed
from holdfast.channels.voice.conducting import Conductor, Desk, Look, Stage
from holdfast.channels.voice.errors import CallGone, CallNotReady, EngineRefused, EngineUnreachable
from holdfast.channels.voice.leases import Lease
from holdfast.channels.voice.models import Call
from holdfast.channels.voice.speaking import refusal
from holdfast.core.database import tell
from holdfast.core.notify import ROUTING

logger = logging.getLogger(__name__)

WAYS: dict[str, Stage] = {
    stages.MENU: answering.menu,
    stages.WAITING: waiting.waiting,
    stages.CONNECTING: waiting.connecting,
    stages.TALKING: talking.talking,
    stages.CALLING: calling_back.calling,
    stages.SURVEY: ending.survey,
    stages.MESSAGE: ending.message,
    stages.CALLBACK: ending.callback,
}
_ENGINE_FAULTS = (EngineUnreachable, CallGone, CallNotReady, EngineRefused)
_LOOK_SECONDS = 5.0
# A caller hears that it rings for so long before we answer, or the dialplan does.
_BEGIN_SECONDS = 8.0
# After 1 s nobody may claim a call any more.
_CLAIM_SECONDS = 0.8
_SIGNED_OUT = frozenset({"Removed", "Unreachable"})


class Switchboard:
    """One per process. ``arrivals``: the first words with which the dialplan gives us a channel that calls."""

    arrivals: frozenset[tuple[str, ...]] = frozenset({("trunk",), ("agent",)})

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._spool = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._conducting: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until cancelled. Raises ApplicationTaken."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.desk.ari.run())
            group.create_task(self.desk.captions.run())
            group.create_task(self._follow())
            group.create_task(self._look_for_messages())
            group.create_task(Lease(self.desk, self._adopt).hold())

    async def _look_for_messages(self) -> None:
        """Whoever began to speak while nobody was here may end after we came."""
        alone: set[UUID] = set()
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            if self.desk.ari.connected.is_set():
                await self._tried(self._take_spool())
                with suppress(Exception):  # the database is away: at the next look
                    alone = await self._conduct_again(alone)

    async def _conduct_again(self, before: set[UUID]) -> set[UUID]:
        """Calls that nobody conducts: the engine or the database answered too late once. Only those that were alone at
        the last look, too: one may just begin."""
        async with self.desk.database.transaction() as session:
            calls = await queries.calls_up(session, self.desk.application)
        alone = [call for call in calls if call.id not in self.desk.by_call]
        if again := [call for call in alone if call.id in before]:
            up = {channel.id for channel in await self.desk.ari.channels()}
            for call in again:
                if call.id not in self.desk.by_call:
                    await self._tried(self._resume_or_end(call, up))
        return {call.id for call in alone}

    async def _resume_or_end(self, call: Call, up: set[str], *, ours: bool = True) -> None:
        await (self._resume(call, up, ours=ours) if call.channel in up else self._ended_without_us(call))

    async def _follow(self) -> None:
        try:
            async for moment in self.desk.ari.moments():
                await self._take(moment)
        finally:
            await self._stop(self._tasks | self._conducting)

    @staticmethod
    async def _stop(tasks: set[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, work: Coroutine[Any, Any, None], among: set[asyncio.Task[None]]) -> None:
        task = asyncio.create_task(work)
        among.add(task)
        task.add_done_callback(among.discard)

    def _aside(self, work: Coroutine[Any, Any, None]) -> None:
        self._start(self._tried(work), self._tasks)

    @staticmethod
    async def _tried(work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except _ENGINE_FAULTS as fault:
            logger.info("not done: %s", fault)
        except Exception:
            logger.exception("a notice of the phone engine could not be followed")

    # Notices ---------------------------------------------------------------------------------------------------------

    def notice(self, payload: str) -> None:
        """A notice of the channel VOICE (channel.py)."""
        for word in payload.split(" "):
            kind, _, rest = word.partition(":")
            if kind == "call":
                self._look(UUID(rest))
            elif kind == "conversation":
                self._look_at(UUID(rest))
                self._aside(self._call_back(UUID(rest)))
            elif kind == "devices":
                self._aside(provisioning.push_devices(self.desk))
            elif kind == "lines":
                self.desk.directory.forget()
                # A talk whose line has no captions any more.
                for call_id in tuple(self.desk.by_call):
                    self._look(call_id)
                self._aside(provisioning.write_lines(self.desk))

    def live(self, payload: str) -> None:
        """A notice of the channel LIVE: a conversation changed, in which something may be asked of the customer."""
        for word in payload.split(" ") if self.desk.by_call else ():
            kind, _, rest = word.partition(":")
            if kind == "c":
                self._look_at(UUID(rest.partition(":")[0]))

    def _look_at(self, conversation_id: UUID) -> None:
        for conductor in tuple(self.desk.by_call.values()):
            if conductor.call.conversation_id == conversation_id:
                conductor.inbox.put_nowait(Look())

    def _look(self, call_id: UUID) -> None:
        conductor = self.desk.by_call.get(call_id)
        if conductor is not None:
            conductor.inbox.put_nowait(Look())

    def look_again(self) -> None:
        """Notices may have been lost."""
        for call_id in tuple(self.desk.by_call):
            self._look(call_id)
        if self.desk.ari.connected.is_set():
            self._aside(provisioning.push_devices(self.desk))

    # The engine ------------------------------------------------------------------------------------------------------

    async def _take(self, moment: Moment) -> None:
        match moment:
            case Synced():
                await self._synced(moment)
            case Lost():
                # Calls go on without us; they are taken up again with the next Synced.
                await self._stop(set(self._conducting))
            case CallBroadcast():
                self._aside(self._claim(moment.channel.id))
            case StasisStart() if moment.args[:1] in self.arrivals and moment.channel.id not in self.desk.by_channel:
                self._aside(self._begin(moment.channel, moment.args))
            case ContactStatusChange():
                self._aside(self._signed(moment))
            case Event():
                self._give(moment)

    def _give(self, event: Event) -> None:
        kind, _, identifier = event.subject.partition(":")
        conductor = self.desk.by_channel.get(identifier) if kind == "channel" else None
        if conductor is not None:
            conductor.inbox.put_nowait(event)

    async def _claim(self, channel: str) -> None:
        """Each process is the first for its part of the calls; the others wait, and claim what it leaves."""
        workers, number = self.desk.settings.workers, self.desk.application.rpartition("-")[2]
        turn = (crc32(channel.encode()) + int(number)) % workers
        await asyncio.sleep(_CLAIM_SECONDS * turn / workers)
        await self.desk.ari.claim(channel)

    async def _synced(self, there: Synced) -> None:
        """Begin with what there is."""
        try:
            await self._waiting_bridge(there)
            async with self.desk.database.transaction() as session:
                calls = await queries.calls_up(session, self.desk.application)
            await self._take_up(there, calls, self.desk.application)
            await self.desk.captions.tidy(self.desk.ari, there.bridges)
        except _ENGINE_FAULTS as fault:
            logger.warning("the phone engine was lost again: %s", fault)
            return
        self._aside(provisioning.push_devices(self.desk))
        self._aside(provisioning.write_lines(self.desk))
        self._aside(self._take_spool())
        self._aside(provisioning.warm(self.desk))
        async with self.desk.database.transaction() as session:
            ready = await queries.call_backs_ready(session)
        for conversation_id in ready:
            self._aside(self._call_back(conversation_id))

    async def _waiting_bridge(self, there: Synced) -> None:
        name = f"{self.desk.application}-waiting"
        known = next((bridge.id for bridge in there.bridges if bridge.name == name), None)
        self.desk.waiting = known or (await self.desk.ari.create_bridge("holding", name)).id
        await self.desk.ari.start_music(f"bridge:{self.desk.waiting}")

    async def _take_up(self, there: Synced, calls: Sequence[Call], application: str) -> None:
        """Calls that are still up go on where they stood; those that are not have ended without us. What came to
        ``application`` and is no call yet begins now."""
        up = {channel.id for channel in there.channels}
        for call in calls:
            await self._resume_or_end(call, up, ours=application == self.desk.application)
        for channel in there.ours(application):
            if channel.id not in self.desk.by_channel and channel.stasis[1:2] in self.arrivals:
                self._aside(self._found(channel))

    async def _adopt(self, there: Synced, calls: Sequence[Call], application: str) -> None:
        """Those of a process that is gone. What we still conduct was taken from us and has come back."""
        await self._take_up(there, [call for call in calls if call.channel not in self.desk.by_channel], application)

    async def _found(self, channel: Channel) -> None:
        """It waits for us. A call that was over when we went is let go now."""
        async with self.desk.database.transaction() as session:
            known = await queries.call_by_channel(session, channel.id)
        if known is None:
            await self._begin(channel, channel.stasis[1:])
        elif known.ended_at is not None:
            await self.desk.ari.hang_up(channel.id)

    async def _begin(self, channel: Channel, args: tuple[str, ...]) -> None:
        """A fault of ours, or a database that does not answer, leaves nobody in silence."""
        try:
            async with asyncio.timeout(_BEGIN_SECONDS):
                await self._take_in(channel, args)
        except _ENGINE_FAULTS:
            raise
        except Exception:
            logger.exception("a call could not be begun")
            await self._give_back(channel, args)

    async def _take_in(self, channel: Channel, args: tuple[str, ...]) -> None:
        if args[:1] == ("agent",):
            # Whom an agent calls, and why, is chosen in the console.
            await self.desk.ari.hang_up(channel.id, "rejected")
        else:
            await self._arrived(channel, args)

    async def _give_back(self, channel: Channel, args: tuple[str, ...]) -> None:
        """The dialplan answers, says so and takes a message; unless the call is kept already, by whomever."""
        known = None
        with suppress(Exception):
            async with asyncio.timeout(_BEGIN_SECONDS), self.desk.database.transaction() as session:
                known = await queries.call_by_channel(session, channel.id)
        if known is None:
            # By its extension: a variable set from outside would forbid the channel's dialplan to write files.
            await self.desk.ari.go_on(channel.id, "unattended", args[1] if len(args) > 1 else "none")
        elif known.application == self.desk.application and channel.id not in self.desk.by_channel:
            await self._resume(known, {channel.id}, ours=True)

    async def _resume(self, call: Call, up: set[str], *, ours: bool) -> None:
        """``ours``: what rings was dialled under our name."""
        conductor = Conductor(self.desk, call)
        async with self.desk.database.transaction() as session:
            for leg in await queries.legs(session, call.id):
                if leg.role == "caller":
                    continue
                if leg.channel in up and (leg.state == "up" or ours):
                    conductor.legs[leg.channel] = leg
                    self.desk.by_channel[leg.channel] = conductor
                else:
                    keeping.end_leg(session, leg)
                    # Whoever answered it now would be connected with a process that is gone.
                    await self.desk.ari.hang_up(leg.channel)
        for channel in (call.channel, *conductor.legs):
            await self.desk.ari.follow(channel)
        logger.info("call %s goes on: %s", call.id, call.stage)
        self._start(conductor.run(WAYS), self._conducting)

    async def _ended_without_us(self, call: Call) -> None:
        """The engine or we were away when it ended: their conversation says so, and they are called back."""
        await self.desk.captions.over(self.desk.ari, call)
        if call.stage == stages.MESSAGE:
            await voicemail.keep(self.desk, call, f"message-{call.id}")
        async with self.desk.database.transaction() as session:
            recorded = await queries.recording_up(session, call.id)
        if recorded is not None:
            await recording.keep(self.desk, recorded)
        async with self.desk.database.transaction() as session:
            row = await queries.call(session, call.id, lock=True)
            if row is None or row.ended_at is not None:
                return
            if row.stage in {stages.MENU, stages.CALLBACK, *stages.LIVE}:
                if row.stage == stages.TALKING:
                    await keeping.back_to_queue(session, row, "phone_lost")
                await keeping.enter(session, row)
                if row.number:
                    await keeping.ask_back(session, row, "lost")
            # Who was being asked how it was had been answered.
            await keeping.finish(session, row, "answered" if row.stage == stages.SURVEY else "lost")

    async def _arrived(self, channel: Channel, args: tuple[str, ...]) -> None:
        """Somebody calls a number of ours."""
        number = args[1] if len(args) > 1 else ""
        caller = channel.caller.number
        caller = caller if any(map(str.isdigit, caller)) else ""
        if not await self.desk.ari.follow(channel.id):
            return
        line = await self.desk.directory.line(number) if number else None
        async with self.desk.database.transaction() as session:
            call, refused = await keeping.arrive(
                session,
                channel=channel.id,
                application=self.desk.application,
                line=line,
                number=caller,
                language=self.desk.settings.language,
            )
            if call.emergency and refused is None:
                await keeping.enter(session, call, emergency=True)
                call.stage = stages.WAITING
        conductor = Conductor(self.desk, call)
        if refused:
            self._start(self._refuse(conductor, refused), self._conducting)
        else:
            self._start(conductor.run(WAYS), self._conducting)

    async def _call_back(self, conversation_id: UUID) -> None:
        """Somebody has it, or lost it: perhaps its customer waits for our call."""
        if not self.desk.ari.connected.is_set():
            return
        call = await calling_back.begin(self.desk, conversation_id)
        if call is not None:
            self._start(Conductor(self.desk, call).run(WAYS), self._conducting)

    async def _refuse(self, conductor: Conductor, why: str) -> None:
        """Say why, and no more."""

        async def said(c: Conductor) -> str:
            await self.desk.ari.answer(c.call.channel)
            await c.say(refusal(why, c.call.language), keys=False)
            return stages.OVER

        conductor.call.stage = stages.MENU
        await conductor.run({**WAYS, stages.MENU: said})

    async def _signed(self, moment: ContactStatusChange) -> None:
        """A device signed in or out: who rings at it, or talks through it, must know at once."""
        online = moment.contact_info.contact_status not in _SIGNED_OUT
        async with self.desk.database.transaction() as session:
            device = await queries.device(session, moment.endpoint.resource)
            if device is None:
                return
            device.online = online
            # Who could not be reached may be offered calls now.
            tell(session, ROUTING, "phones")
            phone_changed(session, device.agent_id)
        for conductor in tuple(self.desk.by_call.values()):
            conductor.inbox.put_nowait(moment)

    async def _take_spool(self) -> None:
        async with self._spool:
            taken = await voicemail.take_spool(self.desk)
        if taken:
            logger.info("%d calls came while nobody was here", taken)
