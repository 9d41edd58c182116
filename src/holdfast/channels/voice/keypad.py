"""The app's code on the telephone's keypad: in a menu, or when an agent asks for it in a talk. Then the agent is left
alone meanwhile and hears nothing, the recording is paused (``recording.watch_secrets``), and what is typed goes from
the engine's events into the comparison, and nowhere else.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from holdfast.channels.voice import joining, keeping, menus, queries
from holdfast.channels.voice.ari_shapes import ChannelDtmfReceived, Event, PlaybackFinished
from holdfast.channels.voice.channel import phone_changed
from holdfast.channels.voice.conducting import Conductor, Look
from holdfast.channels.voice.models import Call
from holdfast.channels.voice.waits import Prompt
from holdfast.conversations import queries as conversations
from holdfast.core.clock import now
from holdfast.core.errors import HoldfastError
from holdfast.verification import phone_codes

# Wrong codes in one call: of a caller alone, and when an agent asks.
ALONE, ASKED = 3, 6
# Wrong codes in an hour, in menus: of one number, and of all, withheld ones too. An agent may ask beyond it.
OF_NUMBER, OF_ALL = 6, 100
# Seconds until the first key, since the app has to be opened, and between two.
_FIRST, _BETWEEN = 45.0, 8.0
_LONGEST = 16
JOINED = frozenset({"code-right", "code-found"})


@dataclass
class Typing:
    """Keys, until the hash key, which alone says that there is no code. A star begins again. ``again``: something was
    typed before, so that one hash key more is no answer."""

    digits: str = ""
    again: bool = False

    def press(self, key: str) -> str | None:
        """What was typed, when it is done."""
        if key == "*":
            self.digits = ""
        elif key != "#":
            self.digits += key
        if len(self.digits) < _LONGEST and (key != "#" or (self.again and not self.digits)):
            return None
        return self.taken()

    def taken(self) -> str:
        done, self.digits, self.again = self.digits, "", True
        return done


async def compared(c: Conductor, digits: str) -> str:
    """Whose code it is: the name of the prompt that the caller hears, one of ``JOINED`` if it is somebody's. Then the
    call belongs to their conversation, unless somebody else is on the phone in it."""
    async with c.change() as (session, call):
        found = await phone_codes.typed(
            session, digits, call.conversation_id, lambda place: queries.is_called_in(session, place, but=call.id)
        )
        if found.refused == phone_codes.TAKEN:
            keeping.keep_place(call, beside=str(found.conversation_id))
        elif found.conversation_id is not None:
            # From now on: else somebody with the same number could come into it before this call does.
            keeping.keep_place(call, joined=str(found.conversation_id), beside="")
    if found.conversation_id is None:
        async with c.change() as (session, call):
            keeping.keep_place(call, wrong=call.place.get("wrong", 0) + 1)
            await keeping.note(session, call, "call_code", how=found.outcome)
        return f"code-{found.outcome}"
    how = "right" if found.refused is None else "beside" if found.refused == phone_codes.TAKEN else "found"
    try:
        if how != "beside":
            await joining.join(c, found.conversation_id)
    except HoldfastError:
        # An emergency, for which the agent is not certified: the call stays, so that it proves nothing there.
        how = "elsewhere"
        async with c.desk.database.transaction() as session:
            conversation = await conversations.locked(session, keeping.SYSTEM, found.conversation_id)
            await phone_codes.call_over(session, conversation)
    async with c.change() as (session, call):
        if how == "elsewhere":
            keeping.keep_place(call, joined="")
        keeping.keep_place(call, proven=how == "right")
        await keeping.note(session, call, "call_code", how=how)
    return "code-right" if how == "right" else "code-found"


# In a menu -----------------------------------------------------------------------------------------------------------


async def in_menu(c: Conductor) -> bool:
    """Whoever has no code goes on without. True: they pressed zero."""
    said, typing = "code-enter", Typing()
    while not await _too_many(c):
        digits = None
        key = await c.say(Prompt(said), patience=_FIRST)
        while key is not None and digits is None:
            if key == menus.EMERGENCY_KEY:
                return True
            digits = typing.press(key)
            key = await c.key(_BETWEEN) if digits is None else None
        digits = digits or typing.taken()
        if not digits:
            return False
        said = await compared(c, digits)
        if said in JOINED:
            await c.say(Prompt(said), keys=False)
            return False
    await c.say(Prompt("code-many"), keys=False)
    return False


async def _too_many(c: Conductor) -> bool:
    if c.call.place.get("wrong", 0) >= ALONE:
        return True
    since = now() - timedelta(hours=1)
    async with c.desk.database.transaction() as session:
        return await queries.wrong_codes(session, since) >= OF_ALL or (
            c.call.number_index is not None
            and await queries.wrong_codes(session, since, c.call.number_index) >= OF_NUMBER
        )


# In a talk -----------------------------------------------------------------------------------------------------------


class Asking:
    """``place["asks"]`` says that the agent asks; after a restart it is asked anew. ``take`` is given everything that
    happens in the talk, so that the rest of it goes on."""

    def __init__(self, c: Conductor) -> None:
        self._c = c
        self._typing: Typing | None = None
        self._until = 0.0
        self._playback = ""
        self._closing = False

    @property
    def seconds(self) -> float | None:
        """Until it must be looked at again."""
        return max(0.0, self._until - asyncio.get_running_loop().time()) if self._typing else None

    async def look(self) -> None:
        """Begin, or end, as the place says."""
        if self._c.call.place.get("asks"):
            if self._typing is None:
                self._typing, self._closing = Typing(), False
                await self._c.ari.remove(self._c.call.bridge, self._c.call.channel)
                await self._say("code-enter")
        elif self._typing is not None:
            self._typing = None
            await self._quiet()

    async def take(self, found: Event | Look | None) -> None:
        """None: the time is over."""
        if self._typing is None:
            return
        if self._closing:
            if found is None or (isinstance(found, PlaybackFinished) and found.playback.id == self._playback):
                await stop(self._c)
        elif isinstance(found, ChannelDtmfReceived) and found.channel.id == self._c.call.channel:
            await self._quiet()
            self._wait(_BETWEEN)
            digits = self._typing.press(found.digit)
            if digits is not None:
                await self._compare(digits)
        elif found is None:
            await self._compare(self._typing.taken())

    async def _compare(self, digits: str) -> None:
        if not digits:
            await self._c.note("call_code", how="none")
            await self._close("code-none")
        elif (said := await compared(self._c, digits)) in JOINED:
            await self._close(said)
        elif self._c.call.place.get("wrong", 0) % ALONE == 0:
            await self._close("code-many")
        else:
            await self._say(said)

    async def _close(self, said: str) -> None:
        if said not in JOINED and self._c.call.conversation_id is not None:
            async with self._c.desk.database.transaction() as session:
                await phone_codes.given_up(session, self._c.call.conversation_id, wrong=said == "code-many")
        self._closing = True
        await self._say(said)

    async def _say(self, said: str) -> None:
        self._wait(_FIRST)
        self._playback = await self._c.begin_saying(Prompt(said)) or ""
        if self._closing and not self._playback:
            await stop(self._c)

    def _wait(self, seconds: float) -> None:
        self._until = asyncio.get_running_loop().time() + seconds

    async def _quiet(self) -> None:
        if self._playback:
            await self._c.ari.stop_playback(self._playback)
            self._playback = ""


async def stop(c: Conductor) -> None:
    """It is no longer asked: the caller hears the agent again. Harmless when it is not."""
    if not c.call.place.get("asks"):
        return
    async with c.change() as (session, call):
        keeping.keep_place(call, asks=False)
        if call.conversation_id is not None:
            # Else the recording would go on waiting for it.
            await phone_codes.given_up(session, call.conversation_id)
        phone_changed(session, call.agent_id)
    if c.call.bridge and c.of_role("agent", state="up"):
        await c.ari.add(c.call.bridge, c.call.channel)


def may_be_asked(call: Call) -> bool:
    """Whoever calls from the app has no keypad, and is known there."""
    return not call.place.get("app") and bool(call.place.get("wrong", 0) < ASKED)
