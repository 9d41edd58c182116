"""The connection to Asterisk's ARI: requests and events over one WebSocket (``ari.Ari`` has the verbs).

REST over the events' WebSocket has half the latency of HTTP (1.1 ms against 2.6 ms at the median) and half the cost.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count
from typing import Any, Generic, TypeVar

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from holdfast.channels.voice.access import Access
from holdfast.channels.voice.ari_shapes import Application, ApplicationReplaced, Bridge, Channel, Event, event_of
from holdfast.channels.voice.errors import CallGone, CallNotReady, EngineRefused, EngineUnreachable
from holdfast.core.errors import HoldfastError

logger = logging.getLogger(__name__)

E = TypeVar("E", bound=Event)
T = TypeVar("T")
_REQUEST_SECONDS = 10.0
# An engine that starts accepts connections before it answers: one that hung is tried again.
_CONNECT_SECONDS = 2.0
# A thousand bridged calls are listed in 0.7 MB.
_LARGEST = 16 << 20
# A second of 1,000 calls being set up. Who falls further behind is told to begin anew (Lost, Synced).
_MOMENTS = 10_000
# Requests under way; the engine answers those of one connection one after the other, so more would only wait there.
_REQUESTS = 256
_PAUSES = (0.1, 1.0)


class Synced(msgspec.Struct, frozen=True):
    """Connected, and what there is now. Events that follow may tell again of what is already in here.

    ``subscribed``: the ids of channels whose events we get; the others of ours must be followed (``Ari.follow``).
    """

    channels: tuple[Channel, ...]
    bridges: tuple[Bridge, ...]
    subscribed: frozenset[str]

    def ours(self, application: str) -> tuple[Channel, ...]:
        """The channels that wait in Stasis for ``application``."""
        ids = {channel.id for channel in self.channels if channel.stasis[:1] == (application,)}
        ids |= {channel.id for channel in self.channels if channel.stasis[:1] == ("",)} & self.subscribed
        return tuple(channel for channel in self.channels if channel.id in ids)


class Lost(msgspec.Struct, frozen=True):
    """The connection is gone, or we fell behind it: events are missing until the next Synced."""


Moment = Event | Synced | Lost


class ApplicationTaken(RuntimeError):
    """Another process has connected under our name and gets our events: one of the two must end."""


class _Behind(Exception):
    """Nobody reads the moments."""


# What is tried again. An answer or event that is no JSON is of no Asterisk, and may be of one that is starting.
_FAULTS = (OSError, TimeoutError, WebSocketException, HoldfastError, msgspec.MsgspecError, _Behind)


class Expected(Generic[E]):
    """What ``Connection.expect`` waits for; to be awaited, more than once if need be."""

    def __init__(self, kind: type[E], matching: Callable[[E], bool], seconds: float) -> None:
        self.kind = kind
        self._matching = matching
        self._seconds = seconds
        self.future: asyncio.Future[E] = asyncio.get_running_loop().create_future()

    def offer(self, event: Event) -> None:
        if isinstance(event, self.kind) and not self.future.done() and self._matching(event):
            self.future.set_result(event)

    def fail(self, error: Exception) -> None:
        if not self.future.done():
            self.future.set_exception(error)
            self.future.exception()  # it may never be awaited, which is no fault

    def __await__(self) -> Generator[Any, None, E]:
        """Raises TimeoutError, and EngineUnreachable when the connection is lost meanwhile."""
        return asyncio.wait_for(asyncio.shield(self.future), self._seconds).__await__()


class _Head(msgspec.Struct):
    type: str
    request_id: str = ""
    status_code: int = 0
    reason_phrase: str = ""
    message_body: str = ""


class _Pair(msgspec.Struct):
    name: str
    value: str


class _Request(msgspec.Struct, tag_field="type", tag="RESTRequest", omit_defaults=True):
    transaction_id: str
    request_id: str
    method: str
    uri: str
    query_strings: list[_Pair] = []
    content_type: str = ""
    message_body: str = ""


class Connection:
    """One connection under one application's name; ``run`` keeps it."""

    def __init__(self, access: Callable[[], Access | None], application: str) -> None:
        """``access`` is asked before each connection: an engine that comes back may be elsewhere (None: not yet)."""
        self.application = application
        self.connected = asyncio.Event()
        self._access = access
        self._socket: ClientConnection | None = None
        self._answers: dict[str, asyncio.Future[_Head]] = {}
        self._expected: set[Expected[Any]] = set()
        self._numbers = count(1)
        self._free = asyncio.Semaphore(_REQUESTS)
        self._moments: asyncio.Queue[Moment] = asyncio.Queue(_MOMENTS)
        # Events that came while Synced was being asked for; None when they go straight on.
        self._held: list[Event] | None = None

    # The connection ------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until cancelled; a lost engine is tried again after 0.1 s to 1 s. Raises ApplicationTaken."""
        pause, longest = _PAUSES
        said = ""
        while True:
            try:
                access = self._access()
                if access is None:
                    raise EngineUnreachable
                async with connect(
                    access.events(self.application),
                    additional_headers=access.headers(),
                    max_size=_LARGEST,
                    compression=None,
                    open_timeout=_CONNECT_SECONDS,
                    ping_interval=10,
                    ping_timeout=10,
                ) as socket:
                    await self._serve(socket)
                    raise ConnectionError("it closed the connection")
            except _FAULTS as error:
                if self.connected.is_set() or str(error) != said:
                    said = str(error)
                    logger.warning("no connection to the phone engine (%s), trying again", said)
            finally:
                self._lose()
                if self.connected.is_set():
                    pause = _PAUSES[0]
                    self.connected.clear()
                    if self._moments.full():
                        self._forget()
                    self._moments.put_nowait(Lost())
            await asyncio.sleep(pause)
            pause = min(pause * 2, longest)

    async def _serve(self, socket: ClientConnection) -> None:
        """Read what comes until the connection ends; meanwhile learn what there is."""
        self._socket, self._held = socket, []
        syncing = asyncio.create_task(self._sync())
        try:
            async for text in socket:
                self._take(str(text))
                if syncing.done():
                    syncing.result()
        finally:
            syncing.cancel()
            with suppress(asyncio.CancelledError, EngineUnreachable):
                await syncing

    async def _sync(self) -> None:
        try:
            bridges = await self.ask("GET", "bridges", tuple[Bridge, ...])
            channels = await self.ask("GET", "channels", tuple[Channel, ...])
            app = await self.ask("GET", f"applications/{self.application}", Application)
        except Exception:
            if self._socket is not None:
                await self._socket.close()
            raise
        held, self._held = self._held or [], None
        self.connected.set()
        self._put(Synced(channels, bridges, frozenset(app.channel_ids)))
        for event in held:
            self._put(event)

    def _take(self, text: str) -> None:
        head = msgspec.json.decode(text, type=_Head)
        if head.type == "RESTResponse":
            answer = self._answers.pop(head.request_id, None)
            if answer is not None and not answer.done():
                answer.set_result(head)
            return
        try:
            event = event_of(head.type, text)
        except msgspec.ValidationError:
            # Of another version than we know: one event less is better than no phone.
            logger.exception("an event %s of the phone engine cannot be read", head.type)
            return
        if isinstance(event, ApplicationReplaced):
            raise ApplicationTaken(f"another process uses the name {self.application}")
        for expected in tuple(self._expected):
            expected.offer(event)
        if self._held is None:
            self._put(event)
        else:
            self._held.append(event)

    def _lose(self) -> None:
        """Whoever waits is told at once."""
        self._socket, self._held = None, None
        answers, self._answers = self._answers, {}
        for answer in answers.values():
            if not answer.done():
                answer.set_exception(EngineUnreachable())
        for expected in tuple(self._expected):
            expected.fail(EngineUnreachable())

    # Moments and events --------------------------------------------------------------------------------------------

    async def moments(self) -> AsyncIterator[Moment]:
        """Everything in order, for one reader: Synced first, and again after each Lost."""
        while True:
            yield await self._moments.get()

    def _put(self, moment: Moment) -> None:
        try:
            self._moments.put_nowait(moment)
        except asyncio.QueueFull:
            self._forget()
            raise _Behind(f"fell {_MOMENTS} events behind it") from None

    def _forget(self) -> None:
        """Drop what was not read: Synced replaces it, once ``run`` has connected again."""
        while not self._moments.empty():
            self._moments.get_nowait()

    @contextmanager
    def expect(
        self, kind: type[E], matching: Callable[[E], bool] = lambda _: True, *, seconds: float = 10.0
    ) -> Iterator[Expected[E]]:
        """Listen for an event before the request that brings it about is sent:

        with ari.expect(PlaybackFinished, lambda event: event.playback.id == id) as finished:
            await ari.ask(…)
            event = await finished
        """
        expected = Expected(kind, matching, seconds)
        self._expected.add(expected)
        try:
            yield expected
        finally:
            self._expected.discard(expected)
            expected.future.cancel()

    # Requests ------------------------------------------------------------------------------------------------------

    async def ask(
        self, method: str, uri: str, into: type[T], *, body: object = None, **query: str | int | bool | None
    ) -> T:
        """Ask for ``uri`` (below /ari/, without a leading slash; ids in it quoted); queries that are None are left out.

        Raises EngineUnreachable, CallGone (404), CallNotReady (409, 412, 422), EngineRefused (anything else).
        """
        return msgspec.json.decode(await self._answer(method, uri, query, body), type=into)

    async def do(self, method: str, uri: str, **query: str | int | bool | None) -> None:
        """The same where nothing is answered, or what is answered is of no interest."""
        await self._answer(method, uri, query)

    async def _answer(
        self, method: str, uri: str, query: Mapping[str, str | int | bool | None], body: object = None
    ) -> str:
        pairs = [_Pair(name, _word(value)) for name, value in query.items() if value is not None]
        async with self._free:
            head = await self._exchange(method, uri, pairs, body)
        if head.status_code < 300:
            return head.message_body
        refusals: Mapping[int, type[CallGone | CallNotReady]] = {
            404: CallGone,
            409: CallNotReady,
            412: CallNotReady,
            422: CallNotReady,
        }
        kind = refusals.get(head.status_code, EngineRefused)
        if head.status_code == 400 and "not found" in head.message_body:  # a channel put into a bridge
            kind = CallGone
        raise kind(answer=f"{method} {uri}: {head.status_code} {head.message_body or head.reason_phrase}")

    async def _exchange(self, method: str, uri: str, pairs: list[_Pair], body: object) -> _Head:
        socket = self._socket
        if socket is None:
            raise EngineUnreachable
        number = str(next(self._numbers))
        asked = _Request(number, number, method, uri, pairs)
        if body is not None:
            asked.content_type, asked.message_body = "application/json", msgspec.json.encode(body).decode()
        answer: asyncio.Future[_Head] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        try:
            async with asyncio.timeout(_REQUEST_SECONDS):
                await socket.send(msgspec.json.encode(asked).decode())
                return await answer
        except (TimeoutError, OSError, WebSocketException) as error:
            raise EngineUnreachable from error
        finally:
            self._answers.pop(number, None)


def _word(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
