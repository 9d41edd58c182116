"""Calls from inside the app: the customer's browser or WebView speaks SIP with us, in the name of its conversation.

The browser makes the password itself, from its own random bits; the engine knows it as long as the socket is open, and
nobody writes it down. Whose call it is, the device's name says: it was given to whoever holds the conversation's token.
"""

import asyncio
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import CustomerViewer
from holdfast.channels.voice import keeping, queries, stages
from holdfast.channels.voice.access import Access
from holdfast.channels.voice.app_names import conversation_of
from holdfast.channels.voice.ari import Ari
from holdfast.channels.voice.ari_shapes import Channel
from holdfast.channels.voice.conducting import Conductor
from holdfast.channels.voice.engine import devices
from holdfast.channels.voice.errors import EngineUnreachable
from holdfast.channels.voice.models import Call
from holdfast.channels.voice.settings import VoiceSettings
from holdfast.channels.voice.switchboard import WAYS, Switchboard
from holdfast.conversations import operations as conversations
from holdfast.conversations import queries as conversation_queries
from holdfast.conversations.intake import IncomingMessage
from holdfast.conversations.models import Conversation
from holdfast.core.i18n import translate

# 192 bits in URL-safe signs, at least.
PASSWORD = re.compile(r"[A-Za-z0-9_-]{32,64}")
_CONNECT_SECONDS = 5.0


class AppPhones:
    """What a web process tells the engine about them. Connects when the first customer calls."""

    def __init__(self, access: Callable[[], Access | None], settings: Callable[[], VoiceSettings]) -> None:
        # Not one of the voice processes' names: their calls are given to names that begin with holdfast.
        self._ari = Ari(access, f"app-phones-{secrets.token_hex(4)}")
        self._settings = settings
        self._running: asyncio.Task[None] | None = None

    async def push(self, name: str, password: str) -> None:
        """It may sign in now. Raises EngineUnreachable."""
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                await self._ari.connected.wait()
        except TimeoutError:
            raise EngineUnreachable from None
        await devices.push_browser(self._ari, self._settings(), name, password, devices.CUSTOMERS)

    async def withdraw(self, name: str) -> None:
        """A call that it is in goes on, until no sound comes."""
        with suppress(EngineUnreachable):
            await devices.withdraw(self._ari, name)

    async def close(self) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def _run(self) -> None:
        async def read() -> None:
            # Nobody needs them; unread they would pile up.
            async for _ in self._ari.moments():
                pass

        async with asyncio.TaskGroup() as group:
            group.create_task(self._ari.run())
            group.create_task(read())


class AppSwitchboard(Switchboard):
    """A switchboard that takes calls from inside the app as well: no menu, since who calls and in which language is
    known; they wait in the queue of their conversation."""

    arrivals = Switchboard.arrivals | {("app",)}

    async def _take_in(self, channel: Channel, args: tuple[str, ...]) -> None:
        await (self._from_app(channel, *args[1:]) if args[:1] == ("app",) else super()._take_in(channel, args))

    async def _from_app(self, channel: Channel, name: str = "") -> None:
        """``name``: of the device that calls."""
        whose = conversation_of(name)
        if whose is None or not await self.desk.ari.follow(channel.id):
            await self.desk.ari.hang_up(channel.id)
            return
        await self._only_one(whose)
        async with self.desk.database.transaction() as session:
            call = await arrive(session, channel.id, self.desk.application, whose)
        self._start(Conductor(self.desk, call).run(WAYS), self._conducting)

    async def _only_one(self, conversation_id: UUID) -> None:
        """Who calls anew has lost the call before, which the engine would notice only when no sound has come."""
        async with self.desk.database.transaction() as session:
            before = [await session.get_one(Call, each) for each in await queries.calls_of(session, conversation_id)]
        for call in before:
            if call.place.get("app"):
                await self.desk.ari.hang_up(call.channel)


async def arrive(session: AsyncSession, channel: str, application: str, whose: UUID) -> Call:
    """A call from the app of that conversation, waiting in it; in one of its own if somebody is on the phone there, by
    the customer's number or code."""
    before = await conversation_queries.locked(session, keeping.SYSTEM, whose)
    taken = await queries.is_called_in(session, whose, apps=False)
    call, _ = await keeping.arrive(
        session, channel=channel, application=application, line=None, number="", language=before.language
    )
    call.emergency = before.emergency
    keeping.keep_place(call, app=True)
    if taken:
        keeping.keep_place(call, beside=str(whose))
    else:
        await _into(session, call, before)
    await keeping.enter(session, call)
    call.stage = stages.WAITING
    return call


async def _into(session: AsyncSession, call: Call, before: Conversation) -> None:
    call.channel_before = before.channel if before.channel != keeping.SOURCE else keeping.IN_WRITING
    viewer = CustomerViewer(before.customer_id, before.id, before.language)
    words = translate("Phone call", before.language)
    message = IncomingMessage(keeping.SOURCE, call.id.bytes, "customer", before.customer_id, words)
    conversation, _ = await conversations.post(session, viewer, before.id, message)
    # Whoever has it in writing is asked first, if they can take a call now.
    await conversations.release(session, keeping.SYSTEM, conversation.id, why="called")
    call.conversation_id = conversation.id
