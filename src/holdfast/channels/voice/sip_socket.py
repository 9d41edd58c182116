"""/ws/phone: a browser's SIP over WebSocket, handed on to the engine, whose own WebSocket listens on loopback only.

One origin with one certificate carries console and phone. Only somebody who is signed in gets through, only with a
device of theirs, and only what speaks in this device's name (``sip_frames``). What comes back is passed on as it is.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from holdfast.authenticity.rates import Rate
from holdfast.channels.voice import queries
from holdfast.channels.voice.access import Access
from holdfast.channels.voice.app_names import name_of
from holdfast.channels.voice.errors import EngineUnreachable
from holdfast.channels.voice.in_app import PASSWORD, AppPhones
from holdfast.channels.voice.sip_frames import LONGEST, may_pass
from holdfast.conversations.tokens import open_token
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.errors import HoldfastError, RateLimited
from holdfast.core.http import cookie_name
from holdfast.core.settings import Settings
from holdfast.people import queries as people
from holdfast.people.sessions import authenticate, sessions_alive, viewer_of

logger = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PATH = "/ws/phone"
MALFORMED, UNAUTHORISED, FORBIDDEN, TOO_MANY, REPLACED, AWAY = 4400, 4401, 4403, 4429, 4409, 1013
_SIP = Subprotocol("sip")
# The widget's second subprotocol: an address ends up in logs, and a browser sends no header of ours.
_CUSTOMER = re.compile(rf"call\.(?P<token>[A-Za-z0-9_-]{{20,100}})\.(?P<password>{PASSWORD.pattern})")
# A minute, with one token: whoever tries again after a fault needs some.
_CALLS = Rate(10)
# Seconds between two looks whether the session lives and the device is still theirs, as the console's socket has it.
CHECK_SECONDS = 15.0
# Asterisk does not answer a goodbye; once the line is cut it knows that the phone is gone.
_CONNECT_SECONDS, _CLOSE_SECONDS = 5.0, 0.2
# A call is set up with about 6 messages and ended with 2; somebody who presses keys sends 10 a second.
_RATE, _BURST = 20.0, 100.0
# Phones of one web process. An idle one costs 60 KB: the two sockets.
_MOST = 2_000


class Ended(Exception):
    """The socket is to be closed with ``code``."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose phone this is: their device's ``name``. ``alive``: whether it may still speak. ``password``: the
    engine is to know the device as long as the socket is open."""

    name: str
    may_call: bool
    alive: Callable[[], Awaitable[bool]]
    password: str | None = None


@dataclass
class SipProxy:
    """Of one web process. ``access``: the engine's address, None while there is no engine."""

    settings: Settings
    database: Database
    access: Callable[[], Access | None]
    app_phones: AppPhones
    open: dict[str, asyncio.Event] = field(default_factory=dict)

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Until one of the two sides ends it."""
        if (await receive())["type"] != "websocket.connect":
            return
        if _SIP not in scope.get("subprotocols", ()):
            await send({"type": "websocket.close", "code": MALFORMED})
            return
        await send({"type": "websocket.accept", "subprotocol": _SIP})
        code = AWAY
        try:
            await self._serve(scope, receive, send)
        except Ended as ended:
            code = ended.code
        except (WebSocketException, OSError, TimeoutError, EngineUnreachable) as lost:
            logger.info("a phone lost the engine: %s", type(lost).__name__)
        except Exception:
            logger.exception("a phone's connection failed")
        await _close(send, code)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
        query = {key: values[0] for key, values in parse_qs(scope["query_string"].decode("latin-1")).items()}
        given = [_CUSTOMER.fullmatch(word) for word in scope["subprotocols"]]
        credentials = next(filter(None, given), None)
        caller = await (self.customer(credentials) if credentials else self.agent(headers, query))
        access = self.access()
        if access is None:
            raise Ended(AWAY)
        if len(self.open) >= _MOST:
            raise Ended(TOO_MANY)
        replaced = asyncio.Event()
        before = self.open.pop(caller.name, None)
        if before is not None:
            before.set()
        self.open[caller.name] = replaced
        try:
            if caller.password is not None:
                await self.app_phones.push(caller.name, caller.password)
            async with connect(
                f"ws{access.url.removeprefix('http').rstrip('/')}/ws",
                subprotocols=[_SIP],
                compression=None,
                proxy=None,
                max_size=LONGEST,
                open_timeout=_CONNECT_SECONDS,
                close_timeout=_CLOSE_SECONDS,
                user_agent_header=None,
            ) as engine:
                try:
                    await _first(
                        _out(caller, receive, engine),
                        _back(engine, send),
                        _watch(caller),
                        _until(replaced),
                    )
                except Ended as ended:
                    # Now: the engine takes its time to say goodbye.
                    await _close(send, ended.code)
                    raise
        finally:
            if self.open.get(caller.name) is replaced:
                del self.open[caller.name]
                if caller.password is not None:
                    await self.app_phones.withdraw(caller.name)

    async def agent(self, headers: Mapping[str, str], query: Mapping[str, str]) -> Caller:
        """A signed-in agent's tab. Raises Ended."""
        if headers.get("origin") != self.settings.origin:
            # A page of another origin would ride on the agent's cookie.
            raise Ended(FORBIDDEN)
        cookies = SimpleCookie(headers.get("cookie", ""))
        cookie = cookies.get(cookie_name(self.settings))
        name = query.get("device", "")

        async with self.database.transaction() as session:
            found = await authenticate(session, cookie.value if cookie else None)
        if found is None:
            raise Ended(UNAUTHORISED)
        viewer, session_id = found[0], found[1].id

        async def alive() -> bool:
            # Looking does not count as using: a phone that is left open must not keep its session alive.
            async with self.database.transaction() as session:
                if session_id not in await sessions_alive(session, [session_id]):
                    return False
                agent = await people.agent_by_id(session, viewer.id)
                device = await queries.device(session, name)
                return (
                    agent is not None
                    and viewer_of(agent).answers
                    and device is not None
                    and device.agent_id == viewer.id
                    and device.kind == "browser"
                    and (device.expires_at is None or device.expires_at > now())
                )

        if not await alive():
            raise Ended(FORBIDDEN)
        return Caller(name, may_call=False, alive=alive)

    async def customer(self, given: re.Match[str]) -> Caller:
        """The customer of a conversation, from any page: the token proves them, as at /ws/widget. Raises Ended."""
        token, password = given["token"], given["password"]
        try:
            _CALLS.take(token)
            async with self.database.transaction() as session:
                viewer = await open_token(session, token)
        except RateLimited:
            raise Ended(TOO_MANY) from None
        except HoldfastError:
            raise Ended(UNAUTHORISED) from None

        async def alive() -> bool:
            try:
                async with self.database.transaction() as session:
                    return (await open_token(session, token)).conversation_id == viewer.conversation_id
            except HoldfastError:
                return False

        return Caller(name_of(viewer.conversation_id), may_call=True, alive=alive, password=password)


async def _close(send: Send, code: int) -> None:
    """Harmless when it is closed, by whomever."""
    with suppress(Exception):
        await send({"type": "websocket.close", "code": code})


async def _first(*ways: Any) -> None:
    """The first that ends ends all; what it raises is raised."""
    tasks = [asyncio.ensure_future(way) for way in ways]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _out(caller: Caller, receive: Receive, engine: ClientConnection) -> None:
    loop = asyncio.get_running_loop()
    left, at = _BURST, loop.time()
    while True:
        event = await receive()
        if event["type"] != "websocket.receive":
            return
        left = min(_BURST, left + (loop.time() - at) * _RATE) - 1
        at = loop.time()
        if left < 0:
            raise Ended(TOO_MANY)
        text = event.get("text") or (event.get("bytes") or b"").decode("utf-8", "replace")
        if not may_pass(text, caller.name, may_call=caller.may_call):
            raise Ended(FORBIDDEN)
        await engine.send(text)


async def _back(engine: ClientConnection, send: Send) -> None:
    async for message in engine:
        text = message if isinstance(message, str) else message.decode("utf-8", "replace")
        await send({"type": "websocket.send", "text": text})


async def _watch(caller: Caller) -> None:
    while True:
        await asyncio.sleep(CHECK_SECONDS)
        if not await caller.alive():
            raise Ended(UNAUTHORISED)


async def _until(replaced: asyncio.Event) -> None:
    await replaced.wait()
    raise Ended(REPLACED)
