"""/ws/phone: SIP of an agent's browser, handed on to the engine, whose own HTTP stays on loopback.

Only who is signed in to the console gets through; the engine judges what they say, by the credentials of their tab.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from http.cookies import SimpleCookie
from typing import Any
from uuid import UUID

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from holdfast.channels.voice.access import Access
from holdfast.core.database import Database
from holdfast.core.http import cookie_name
from holdfast.core.settings import Settings
from holdfast.people.sessions import authenticate, sessions_alive

logger = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_SIP = Subprotocol("sip")
FORBIDDEN, UNAUTHORISED, UNREACHABLE = 4403, 4401, 1013
# Seconds between two looks whether the session still lives.
_SESSION_CHECK = 15.0
# A SIP message with its SDP has some kilobytes.
_LARGEST = 1 << 16


class SipSocket:
    """One per web process."""

    def __init__(self, settings: Settings, database: Database, access: Callable[[], Access | None]) -> None:
        self._settings, self._database, self._access = settings, database, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection until it ends."""
        if (await receive())["type"] != "websocket.connect":
            return
        headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
        session_id = await self._signed_in(headers.get("cookie", ""))
        access = self._access()
        # A page of another origin would ride on the agent's cookie.
        if headers.get("origin") != self._settings.origin or _SIP not in scope.get("subprotocols", ()):
            await send({"type": "websocket.close", "code": FORBIDDEN})
        elif session_id is None:
            await send({"type": "websocket.close", "code": UNAUTHORISED})
        elif access is None:
            await send({"type": "websocket.close", "code": UNREACHABLE})
        else:
            await self._hand_on(access, session_id, receive, send)

    async def _signed_in(self, cookies: str) -> UUID | None:
        cookie = SimpleCookie(cookies).get(cookie_name(self._settings))
        async with self._database.transaction() as session:
            found = await authenticate(session, cookie.value) if cookie else None
        return found[1].id if found is not None and found[0].answers else None

    async def _hand_on(self, access: Access, session_id: UUID, receive: Receive, send: Send) -> None:
        url = f"ws{access.url.removeprefix('http')}/ws"
        try:
            async with connect(url, subprotocols=[_SIP], max_size=_LARGEST, compression=None) as engine:
                await send({"type": "websocket.accept", "subprotocol": _SIP})
                ways = [
                    asyncio.create_task(way)
                    for way in (_out(engine, receive), _back(engine, send), self._while_signed_in(session_id))
                ]
                try:
                    await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for way in ways:
                        way.cancel()
                    await asyncio.gather(*ways, return_exceptions=True)
        except (OSError, TimeoutError, WebSocketException) as error:
            logger.info("the phone engine is not there for a browser: %s", error)
        with suppress(RuntimeError):
            # The browser may have closed first.
            await send({"type": "websocket.close", "code": UNREACHABLE})

    async def _while_signed_in(self, session_id: UUID) -> None:
        """An ended session loses its phone within seconds."""
        while True:
            await asyncio.sleep(_SESSION_CHECK)
            with suppress(Exception):
                async with self._database.transaction() as session:
                    if session_id not in await sessions_alive(session, [session_id]):
                        return


async def _out(engine: ClientConnection, receive: Receive) -> None:
    while (event := await receive())["type"] == "websocket.receive":
        await engine.send(event["text"] if event.get("text") is not None else event["bytes"])


async def _back(engine: ClientConnection, send: Send) -> None:
    async for message in engine:
        key = "text" if isinstance(message, str) else "bytes"
        await send({"type": "websocket.send", key: message})
