"""What both sockets share: a plain ASGI WebSocket with limits. No framework is on this path (decision 0003)."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, NoReturn

import msgspec

from holdfast.channels.chat.frames import MAX_FRAME, Frame, decode, frame, key_of
from holdfast.core.errors import Malformed, RateLimited, problem_of
from holdfast.core.live import Peer

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
SendEvent = Callable[[MutableMapping[str, Any]], Awaitable[None]]

MALFORMED, UNAUTHORISED, FORBIDDEN, TOO_LARGE, TOO_MANY, RESTARTING = 4400, 4401, 4403, 4413, 4429, 1012
HELLO_SECONDS = 10


class Gone(Exception):
    """The client closed, or was closed."""


class Bucket:
    """A token bucket: ``rate`` frames a second, ``burst`` at once."""

    __slots__ = ("_at", "_burst", "_left", "_rate")

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst, self._left, self._at = rate, burst, burst, 0.0

    def take(self, at: float) -> bool:
        """True if a frame at monotonic second ``at`` is within the rate."""
        self._left = min(self._burst, self._left + (at - self._at) * self._rate)
        self._at = at
        if self._left < 1:
            # Refused frames count too, down to one burst below zero: who goes on is cut.
            self._left = max(self._left - 1, -self._burst)
            return False
        self._left -= 1
        return True

    @property
    def exhausted(self) -> bool:
        return self._left <= -self._burst + 1


class Buckets:
    """A bucket for each key (a network); the least recently used is forgotten beyond 10,000."""

    _MOST = 10_000

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def take(self, key: str, at: float) -> bool:
        """True if one more at monotonic second ``at`` is within the key's rate."""
        bucket = self._buckets.pop(key, None) or Bucket(self._rate, self._burst)
        self._buckets[key] = bucket
        if len(self._buckets) > self._MOST:
            self._buckets.popitem(last=False)
        return bucket.take(at)


class Connection:
    """One accepted WebSocket."""

    __slots__ = ("_receive", "bucket", "language", "loop", "peer", "scope")

    def __init__(self, scope: Scope, receive: Receive, send: SendEvent, *, rate: float, language: str) -> None:
        async def text(data: str) -> None:
            await send({"type": "websocket.send", "text": data})

        async def close(code: int) -> None:
            await send({"type": "websocket.close", "code": code})

        self.scope = scope
        self._receive = receive
        self.peer = Peer(text, close)
        self.bucket = Bucket(rate, rate * 3)
        self.language = language
        self.loop = asyncio.get_running_loop()

    async def next(self) -> Frame:
        """The next good frame. A bad one is answered and passed over, or ends the connection.

        Raises Gone.
        """
        while True:
            event = await self._receive()
            if event["type"] != "websocket.receive" or self.peer.closing:
                raise Gone
            raw: str = event.get("text") or ""
            if not raw or len(raw) > MAX_FRAME:
                self.end(TOO_LARGE if raw else MALFORMED)
            within = self.bucket.take(self.loop.time())
            try:
                if not within:
                    raise RateLimited
                return decode(raw)
            except msgspec.DecodeError:
                key = key_of(raw)
                if key is None:
                    self.peer.push(frame("error", problem=problem_of(Malformed(), self.language)))
                    self.end(MALFORMED)
                self.refuse(key, Malformed())
            except RateLimited as error:
                if self.bucket.exhausted:
                    self.end(TOO_MANY)
                self.refuse(key_of(raw), error)

    async def hello(self) -> Frame:
        """The first frame, within 10 s. Raises Gone."""
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                return await self.next()
        except TimeoutError:
            self.end(MALFORMED)

    def refuse(self, key: Any, error: Exception, **fields: Any) -> None:
        """Say that a message was not taken, or (without a key) that something failed."""
        problem = problem_of(error, self.language)
        if key is None:
            self.peer.push(frame("error", problem=problem, **fields))
        else:
            self.peer.push(frame("nack", k=key, problem=problem, **fields))

    def end(self, code: int) -> NoReturn:
        """Close after what is queued was sent. Always raises Gone."""
        self.peer.end(code)
        raise Gone


async def accept(receive: Receive, send: SendEvent) -> None:
    """The WebSocket handshake. Raises Gone."""
    if (await receive())["type"] != "websocket.connect":
        raise Gone
    await send({"type": "websocket.accept"})
