"""Captions of calls: begun with the talk, deaf while the customer is on hold or asked for a secret, kept as entries.

They are of use only beside the talk, so that what cannot be written down in time is left out, and the timeline says
that it is. The call itself never waits for them.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.channels.voice import keeping, queries, stages
from holdfast.channels.voice.ari import Ari
from holdfast.channels.voice.ari_shapes import Bridge
from holdfast.channels.voice.captions import ears
from holdfast.channels.voice.captions.audiosocket import Receiver, Stream
from holdfast.channels.voice.captions.hearing import Hearing, Utterance, Who
from holdfast.channels.voice.captions.transcription import Transcriber, TranscriptionFailed
from holdfast.channels.voice.captions.utterances import Cutter
from holdfast.channels.voice.channel import phone_changed
from holdfast.channels.voice.conducting import Conductor
from holdfast.channels.voice.errors import CallGone, CallNotReady, EngineRefused, EngineUnreachable
from holdfast.channels.voice.models import Call
from holdfast.conversations import operations as conversations
from holdfast.conversations.intake import LIMIT, IncomingMessage, Taken, take
from holdfast.core.database import Database
from holdfast.core.ids import new_id

logger = logging.getLogger(__name__)

# The prompt without which nobody is written down.
TOLD = "captioned"
SOURCE, KIND = "captions", "spoken"
# Utterances of one voice that wait for the endpoint; the oldest goes when there are more.
_WAITING = 6
# Without a frame for so long (a phone sends none while nobody speaks), an utterance is over.
_GAP = 1.0
# At most so many utterances must have gone well before that is noted.
_ENOUGH = 16
# What the database did not take is tried again so often, so many seconds later, and later each time.
_TRIES, _PAUSE = 5, 1.0

# What a slow engine, and a caller who leaves, are good for.
_EXPECTED = (CallGone, CallNotReady, EngineRefused, EngineUnreachable, TimeoutError)

# What of the customer's channel is whose voice.
_SIDES: tuple[tuple[Who, Literal["in", "out"]], ...] = (("customer", "in"), ("agent", "out"))


class Captions:
    """One for each process; without a ``transcriber`` nothing is written down."""

    def __init__(
        self, database: Database, transcriber: Transcriber | None = None, listen: tuple[str, int] = ("127.0.0.1", 0)
    ) -> None:
        self._database = database
        self._transcriber = transcriber
        self._receiver = Receiver(*listen)
        self._hearings: dict[UUID, Hearing] = {}

    async def run(self) -> None:
        """Until cancelled. Without a port to listen at, calls go on without captions."""
        if self._transcriber is None:
            return
        try:
            await self._receiver.run()
        except OSError as error:
            logger.error("there are no captions: %s", error)

    # A call ----------------------------------------------------------------------------------------------------------

    async def wanted(self, c: Conductor) -> bool:
        """Whether the call's line has captions, and they can be had."""
        return self._transcriber is not None and await c.desk.directory.captions(c.call.line_id)

    async def begin(self, c: Conductor) -> None:
        """From now on what both say is written down, if that is wanted and the caller was told; what an earlier process
        had begun ends. A fault of the engine is noted, and the talk goes on without."""
        if c.call.conversation_id is None or not c.informed(TOLD):
            return
        # Also if it is no longer wanted: what whoever conducted the call before had begun would go on.
        await _silence(c)
        if not await self.wanted(c):
            return
        hearing = self._hearings[c.call.id] = Hearing(c.call.id, c.call.language, c.call.agent_id)
        await self.watch(c)
        # Beside the talk: an engine that is slow with it keeps nobody from hanging up, or pausing.
        hearing.beginning = asyncio.create_task(self._listen(c, hearing))

    async def _listen(self, c: Conductor, hearing: Hearing) -> None:
        try:
            for who, spy in _SIDES:
                await ears.listen(c, self._receiver, spy, partial(self._hear, hearing, who), hearing.made)
            hearing.settled = True
            await self._tell(hearing, "on")
        except Exception as error:
            hearing.settled = True
            logger.warning("call %s has no captions: %s", c.call.id, error, exc_info=not isinstance(error, _EXPECTED))
            with suppress(EngineUnreachable):
                # Whoever has just left is not told that they are not written down.
                if await c.ari.follow(c.call.channel):
                    await self._tell(hearing, "failed")
            self._forget(hearing)
            with suppress(EngineUnreachable):
                await _silence(c, hearing.made)

    def _forget(self, hearing: Hearing) -> None:
        if self._hearings.get(hearing.call_id) is hearing:
            del self._hearings[hearing.call_id]

    async def watch(self, c: Conductor) -> None:
        """Look whether anything may be heard now. A line that is switched off is so at once."""
        hearing = self._hearings.get(c.call.id)
        if hearing is None:
            return
        if not await self.wanted(c):
            await self.end(c)
            await _change(c, "off")
            return
        async with self._database.transaction() as session:
            asked = await queries.proof_is_asked(session, c.call)
        hearing.agent_id = c.call.agent_id or hearing.agent_id
        place = c.call.place
        if place.get("captions") == "paused":
            hearing.hear("paused")
        else:
            # Until the customer is back: the proof may be given before they have heard that it was.
            asked = asked or bool(place.get("asks"))
            hearing.hear("asked" if asked else "held" if place.get("held") else None)

    async def pause(self, c: Conductor, *, on: bool) -> None:
        """By the agent's wish, with the recording."""
        if c.call.id in self._hearings:
            self._hearings[c.call.id].failing = False
            await _change(c, "paused" if on else "on")
            await self.watch(c)

    def deafen(self, call_id: UUID) -> None:
        """Nobody conducts the call here now. Harmless when it has ended."""
        if (hearing := self._hearings.pop(call_id, None)) is not None:
            hearing.hear("left")
            hearing.stop()

    async def end(self, c: Conductor) -> None:
        """Nobody hears any more; what was said is still written."""
        if (hearing := self._hearings.pop(c.call.id, None)) is not None:
            if (beginning := hearing.stop()) is not None:
                await asyncio.wait({beginning})
            await _silence(c, hearing.made)

    async def over(self, ari: Ari, call: Call) -> None:
        """It has ended while nobody conducted it: what heard it is left."""
        if TOLD in call.place.get("informed", ()):
            await ears.silence(ari, call.id)

    async def tidy(self, ari: Ari, bridges: Iterable[Bridge]) -> None:
        """At the engine there is this."""
        await ears.tidy(ari, self._database, bridges)

    # One voice -------------------------------------------------------------------------------------------------------

    async def _hear(self, hearing: Hearing, who: Who, stream: Stream) -> None:
        said: asyncio.Queue[Utterance | None] = asyncio.Queue()
        cutter = Cutter()

        def cut(*ended: bytes | None) -> None:
            for sound in ended:
                if sound is not None:
                    if said.qsize() >= _WAITING and (oldest := said.get_nowait()) is not None:
                        logger.warning("the speech endpoint is slower than people speak: something was left out")
                        hearing.done(oldest)
                        group.create_task(self._fails(hearing, is_so=True))
                    said.put_nowait(hearing.cut(sound, who))

        def pauses() -> None:
            # What has begun is thrown away while nobody may hear it: the next words may be a secret.
            if hearing.deaf:
                cutter.reset()
            else:
                cut(cutter.flush())

        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._write_down(hearing, said))
                coming = group.create_task(stream.sound())
                while True:
                    done, _ = await asyncio.wait({coming}, timeout=_GAP)
                    if not done:
                        pauses()
                    elif (sound := coming.result()) is None:
                        break
                    else:
                        coming = group.create_task(stream.sound())
                        if hearing.deaf:
                            cutter.reset()
                        else:
                            cut(*cutter.take(sound))
                pauses()
                said.put_nowait(None)
        finally:
            # The other voice does not wait for what this one will not say any more.
            for utterance in [each for each in hearing.under_way if each.who == who]:
                hearing.done(utterance)

    async def _write_down(self, hearing: Hearing, said: asyncio.Queue[Utterance | None]) -> None:
        while (utterance := await said.get()) is not None:
            try:
                await self._written(hearing, utterance)
            except Exception as failed:
                # Whatever it is costs this utterance; the next one may fare better.
                known = isinstance(failed, TranscriptionFailed)
                logger.warning("the speech endpoint failed: %s", failed, exc_info=not known)
                await self._fails(hearing, is_so=True)
            finally:
                hearing.done(utterance)

    async def _written(self, hearing: Hearing, utterance: Utterance) -> None:
        if self._transcriber is None or utterance.pauses != hearing.pauses:
            return
        text = await self._transcriber.text(utterance.sound, hearing.language)
        await self._fails(hearing, is_so=False)
        if text:
            await hearing.turn(utterance)
            await self._keep(hearing, utterance, text[:LIMIT])

    async def _fails(self, hearing: Hearing, *, is_so: bool) -> None:
        """Noted when it changes; what cannot be noted now is the next time. Each time that it fails anew it must go
        well for longer before that is noted: an endpoint that comes and goes would fill the timeline."""
        hearing.good = 0 if is_so else hearing.good + 1
        hearing.left_out = hearing.left_out or is_so
        # Changed before it is noted: both voices may fail at once, and one line is enough.
        if hearing.left_out and not hearing.failing:
            hearing.failing = True
            hearing.failing = await self._tell(hearing, "failed")
        hearing.left_out = hearing.left_out and not hearing.failing
        if hearing.failing and hearing.good >= hearing.enough:
            hearing.failing = False
            if await self._tell(hearing, "on"):
                hearing.enough = min(2 * hearing.enough, _ENOUGH)
            else:
                hearing.failing = True

    async def _tell(self, hearing: Hearing, state: str) -> bool:
        """Whether it could be noted: captions go on without."""
        try:
            await self._state(hearing, state)
        except Exception:
            logger.warning("the state of captions was not noted", exc_info=True)
            return False
        return True

    async def _state(self, hearing: Hearing, state: str) -> None:
        """Beside the conductor: what the agent has paused stays so, and what comes after the talk is not noted."""
        if self._hearings.get(hearing.call_id) is not hearing:
            return
        async with self._database.transaction() as session:
            call = await queries.call(session, hearing.call_id, lock=True)
            if call is not None and call.stage == stages.TALKING and call.place.get("captions") != "paused":
                await _noted(session, call, state)

    async def _keep(self, hearing: Hearing, utterance: Utterance, text: str) -> None:
        """Redacted as every text is; words that may be a phrase in pieces wait for the next ones."""
        who, source_id = utterance.who, new_id().bytes
        taken = take(text, may_be_empty=True, running=who in hearing.phrases)
        (hearing.phrases.add if taken.may_go_on else hearing.phrases.discard)(who)
        for attempt in range(_TRIES):
            try:
                async with self._database.transaction() as session:
                    await _kept(session, hearing.call_id, who, utterance.agent_id, taken, source_id)
            except Exception:
                logger.warning("a caption was not kept, trying again", exc_info=True)
                await asyncio.sleep(_PAUSE * (attempt + 1))
            else:
                return
        await self._fails(hearing, is_so=True)


async def _kept(
    session: AsyncSession, call_id: UUID, who: Who, agent_id: UUID | None, taken: Taken, source_id: bytes
) -> None:
    """In the conversation that the call is in by now."""
    call = await queries.call(session, call_id)
    if call is None or call.conversation_id is None:
        return
    conversation = await keeping.locked(session, call.conversation_id)
    author_id = conversation.customer_id if who == "customer" else agent_id
    if author_id is None:
        raise ValueError("who talks with a customer is an agent")
    words = IncomingMessage(SOURCE, source_id, who, author_id, taken.body, taken.event, (), KIND, taken.seal)
    await conversations.write_down(session, conversation, words)


async def _silence(c: Conductor, made: Sequence[str] = ()) -> None:
    try:
        await ears.silence(c.ari, c.call.id, made)
    except (CallGone, CallNotReady, EngineRefused) as refused:
        logger.warning("the captions of call %s are not ended: %s", c.call.id, refused)


async def _change(c: Conductor, state: str) -> None:
    async with c.change() as (session, call):
        await _noted(session, call, state)


async def _noted(session: AsyncSession, call: Call, state: str) -> None:
    """``state``: on, paused (by the agent), failed or off (by whoever keeps the line)."""
    keeping.keep_place(call, captions="" if state == "off" else state)
    await keeping.note(session, call, "call_captions", how=state)
    phone_changed(session, call.agent_id)
