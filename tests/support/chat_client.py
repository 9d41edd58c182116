"""A customer and an agent who keep to docs/protocol.md: resume by sequence, resend until acknowledged, one message
of a conversation in flight (so that a refusal cannot change the order), and a record of everything they were shown.
"""

import asyncio
import json
import random
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Origin

from holdfast.core.ids import new_id
from tests.support.client_memory import AGAIN, Message, Outbox, View
from tests.support.journal import Journal

LOST = (OSError, TimeoutError, WebSocketException, httpx.TransportError)
# Seconds.
PING = 5.0
SILENCE = 15.0


class Client:
    """What both have in common: a socket that comes back."""

    def __init__(self, name: str, url: str, journal: Journal, dice: random.Random | None = None) -> None:
        self.name = name
        self.url = url
        self.journal = journal
        self.dice = dice or random.Random(name)
        self.doubling = 0.0
        self.reconnects = -1
        self.closes: list[int] = []
        self.frames: list[dict[str, Any]] = []
        self.live = asyncio.Event()
        self.changed = asyncio.Condition()
        self.http = httpx.AsyncClient(base_url=url, headers={"Origin": url}, timeout=15, trust_env=False)
        self._socket: ClientConnection | None = None
        self._task: asyncio.Task[None] | None = None
        self._late: deque[tuple[str, Message]] = deque(maxlen=8)
        self._tasks: set[asyncio.Task[None]] = set()

    # For the journal's sake every resend goes through here.
    def transmit(self, conversation: str, message: Message) -> bool:
        """Put the frame on the line, sometimes twice, sometimes an old one after it. False without a line."""
        if self._socket is None:
            return False
        self._put(self._frame(conversation, message))
        if self.dice.random() < self.doubling:
            self._put(self._frame(conversation, message))
        if self._late and self.dice.random() < self.doubling:
            self._put(self._frame(*self.dice.choice(self._late)))
        self._late.append((conversation, message))
        return True

    def _frame(self, conversation: str, message: Message) -> dict[str, Any]:
        raise NotImplementedError

    def _put(self, frame: dict[str, Any]) -> None:
        """Queue a frame; the socket's own buffer is its queue, and a broken one is noticed by the reader."""
        socket = self._socket
        if socket is not None:
            self._beside(self._send(socket, json.dumps(frame, ensure_ascii=False)))

    def _beside(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @staticmethod
    async def _send(socket: ClientConnection, text: str) -> None:
        with suppress(*LOST):
            await socket.send(text)

    def start(self) -> None:
        self._task = asyncio.create_task(self._stay())

    async def stop(self) -> None:
        if self._task is not None:
            # Again and again: wait_for of Python 3.11 can swallow a cancellation that comes with a frame.
            while not self._task.done():
                self._task.cancel()
                await asyncio.wait([self._task], timeout=1)
        await self.http.aclose()

    def cut(self) -> None:
        """Lose the network: no closing frame, no last words."""
        if self._socket is not None:
            self._socket.transport.abort()

    async def until(self, true: Callable[[], bool], seconds: float = 20.0) -> None:
        """Wait until what this client knows makes ``true()`` so."""
        async with self.changed:
            try:
                await asyncio.wait_for(self.changed.wait_for(true), seconds)
            except TimeoutError:
                raise AssertionError(f"{self.name}: not within {seconds:g} s; last frames {self.frames[-5:]}") from None

    async def call(self, method: str, path: str, body: object = None, *, patient: bool = True) -> Any:
        """A request; ``patient`` repeats it while the server is away. Raises httpx.HTTPStatusError on 4xx."""
        while True:
            try:
                answer = await self.http.request(method, path, json=body)
            except LOST:
                if not patient:
                    raise
            else:
                if answer.status_code < 500 or not patient:
                    answer.raise_for_status()
                    return answer.json() if answer.content else None
            await asyncio.sleep(AGAIN)

    async def _stay(self) -> None:
        while True:
            self.reconnects += 1
            try:
                async with self._connect() as socket:
                    await self._converse(socket)
            except LOST:
                pass
            finally:
                self._lost()
            await asyncio.sleep(self.dice.uniform(0.05, AGAIN))

    def _connect(self) -> connect:
        raise NotImplementedError

    def _lost(self) -> None:
        if self._socket is not None and self._socket.close_code is not None:
            self.closes.append(self._socket.close_code)
        self._socket = None
        self.live.clear()

    async def _converse(self, socket: ClientConnection) -> None:
        await self._greet(socket)
        ping = asyncio.create_task(self._ping(socket))
        try:
            while True:
                frame = json.loads(await asyncio.wait_for(socket.recv(), SILENCE))
                self.frames.append(frame)
                await self._hear(socket, frame)
                async with self.changed:
                    self.changed.notify_all()
        finally:
            self.closes += [socket.close_code] if socket.close_code is not None else []
            ping.cancel()

    @staticmethod
    async def _ping(socket: ClientConnection) -> None:
        with suppress(*LOST):
            while True:
                await asyncio.sleep(PING)
                await socket.send('{"t":"ping"}')

    async def _greet(self, socket: ClientConnection) -> None:
        raise NotImplementedError

    async def _hear(self, socket: ClientConnection, frame: dict[str, Any]) -> None:
        raise NotImplementedError


class Customer(Client):
    """One customer with one conversation."""

    def __init__(self, name: str, url: str, journal: Journal, dice: random.Random | None = None) -> None:
        super().__init__(name, url, journal, dice)
        self.view = View(whole=False)
        self.state: dict[str, Any] = {}
        self.conversation = ""
        self.token = ""
        self.opening = ""
        self.outbox: Outbox | None = None

    async def open(self, text: str, *, language: str = "en", emergency: bool = False, inbox: str = "wallet") -> str:
        """Begin the conversation (again and again with the same key until it is there) and connect; its id."""
        self.opening = str(new_id())
        opening = {
            "inbox": inbox,
            "k": self.opening,
            "b": text,
            "language": language,
            "emergency": emergency,
            "about": {"page": "/test", "app_version": "1", "platform": "test", "zone": "UTC"},
        }
        opened = await self.call("POST", "/api/widget/conversations", opening)
        self.token, self.state = opened["token"], opened["state"]
        self.conversation = self.state["id"]
        self.outbox = Outbox(self.name, self.conversation, self.journal, self.transmit)
        self.start()
        return self.conversation

    def say(self, text: str) -> str:
        """Hand a message to the outbox; its key."""
        assert self.outbox is not None
        message = Message(str(new_id()), text)
        self.outbox.put(message)
        return message.key

    def _connect(self) -> connect:
        return connect(self.url.replace("http", "ws", 1) + "/ws/widget", compression=None, proxy=None)

    async def _greet(self, socket: ClientConnection) -> None:
        hello = {"t": "hello", "token": self.token, "since": self.view.seq, "lang": "en"}
        await socket.send(json.dumps(hello))

    async def _hear(self, socket: ClientConnection, frame: dict[str, Any]) -> None:
        assert self.outbox is not None
        match frame["t"]:
            case "ready" | "state":
                self.state = frame["conv"]
            case "live":
                self._socket = socket
                self.live.set()
                self.outbox.reset()
                self.outbox.pump()
            case "msg":
                self.view.apply(frame["e"])
            case "ack":
                self.outbox.acknowledged(frame["k"], frame["seq"])
            case "nack":
                self.outbox.refused(frame["k"], frame["problem"]["id"])

    def _frame(self, conversation: str, message: Message) -> dict[str, Any]:
        return {"t": "send", "k": message.key, "b": message.body, "att": []}


class Agent(Client):
    """One agent with their console; takes every offer unless ``accepting`` is off."""

    def __init__(self, name: str, url: str, journal: Journal, dice: random.Random | None = None) -> None:
        super().__init__(name, url, journal, dice)
        self.me: dict[str, Any] = {}
        self.rows: dict[str, dict[str, Any]] = {}
        self.views: dict[str, View] = {}
        self.outboxes: dict[str, Outbox] = {}
        self.offers: dict[str, dict[str, Any]] = {}
        self.accepting = True
        self._opened: set[str] = set()

    async def sign_in(self, email: str, password: str) -> None:
        """Sign in, be online, connect."""
        await self.call("POST", "/api/session", {"email": email, "password": password})
        await self.call("PUT", "/api/me/presence", {"chosen": "online"})
        self.start()

    def say(self, conversation: str, text: str, *, kind: str = "public") -> str:
        """Hand a message (``public``) or a ``note`` to the conversation's outbox; its key."""
        message = Message(str(new_id()), text, kind)
        self.outbox(conversation).put(message)
        return message.key

    def outbox(self, conversation: str) -> Outbox:
        if conversation not in self.outboxes:
            self.outboxes[conversation] = Outbox(self.name, conversation, self.journal, self.transmit)
        return self.outboxes[conversation]

    @property
    def mine(self) -> set[str]:
        """The open conversations that are assigned to this agent."""
        me = self.me.get("id")
        return {
            c
            for c, row in self.rows.items()
            if row["category"] != "resolved" and row["assignee"] and row["assignee"]["id"] == me
        }

    def _connect(self) -> connect:
        cookie = "; ".join(f"{k}={v}" for k, v in self.http.cookies.items())
        return connect(
            self.url.replace("http", "ws", 1) + "/ws/console",
            compression=None,
            proxy=None,
            origin=Origin(self.url),
            additional_headers={"Cookie": cookie},
        )

    async def _greet(self, socket: ClientConnection) -> None:
        self._opened.clear()
        await socket.send('{"t":"hello"}')

    async def _hear(self, socket: ClientConnection, frame: dict[str, Any]) -> None:  # noqa: PLR0912 - one a frame
        match frame["t"]:
            case "ready":
                self.me = frame["me"]
            case "inbox":
                self._socket = socket
                self.live.set()
                self.rows = {row["id"]: row for row in frame["rows"]}
                self.offers = {offer["id"]: offer for offer in frame["offers"]}
                self._show_mine()
                for offer in frame["offers"]:
                    self._take(offer)
            case "row":
                held = self.rows.get(frame["row"]["id"])
                if held is None or held["version"] <= frame["row"]["version"]:
                    self.rows[frame["row"]["id"]] = frame["row"]
                    self._show_mine()
            case "gone":
                self.rows.pop(frame["c"], None)
            case "offer":
                self.offers[frame["offer"]["id"]] = frame["offer"]
                self._take(frame["offer"])
            case "offer_end":
                self.offers.pop(frame["id"], None)
            case "live":
                box = self.outbox(frame["c"])
                box.reset()
                box.pump()
            case "msg":
                self.views.setdefault(frame["c"], View(whole=True)).apply(frame["e"])
            case "ack":
                self.outbox(frame["c"]).acknowledged(frame["k"], frame["seq"])
            case "nack":
                # A frame over the rate is refused before anyone looks for whom it was.
                for refusing in self.outboxes.values():
                    refusing.refused(frame["k"], frame["problem"]["id"])

    def _show_mine(self) -> None:
        """Open what is mine, each once a connection, from where its view ends. Rows may come before the inbox, when
        there is no line yet: what was not sent must not count as opened."""
        if self._socket is None:
            return
        for conversation in self.mine - self._opened:
            self._opened.add(conversation)
            view = self.views.setdefault(conversation, View(whole=True))
            self._put({"t": "open", "c": conversation, "since": view.seq})

    def _take(self, offer: dict[str, Any]) -> None:
        if self.accepting:
            self._beside(self._accept(offer["id"]))

    async def _accept(self, offer_id: str) -> None:
        """Somebody may have been quicker, or it rang out: nothing to worry about."""
        with suppress(httpx.HTTPStatusError):
            await self.call("POST", f"/api/offers/{offer_id}/accept", {})

    def _frame(self, conversation: str, message: Message) -> dict[str, Any]:
        return {"t": "send", "c": conversation, "k": message.key, "b": message.body, "kind": message.kind, "att": []}
