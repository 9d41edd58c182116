"""A customer who plays themselves: opens a conversation, writes, reads, loses the network and comes back, rates."""

import asyncio
import http.client
import json
import random
import time
from contextlib import suppress
from typing import Any
from uuid import UUID

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from holdfast.app.demo_stage import LINES, Caller, Refused, Stage
from holdfast.core.ids import new_id

# Of a hundred messages so many are followed by a lost network, for up to so many seconds.
_LOST_OF_100 = 6
_LOST_FOR = 4.0
_PING = 20.0
# How long the last acknowledgements may take at the end, and a connection to come back.
_LAST = 20.0
_AGAIN = 0.5

_TRANSIENT = (OSError, TimeoutError, WebSocketException, http.client.HTTPException)


class Conversation:
    """One conversation as its customer sees it: the journal of what was sent, and the timeline that came back."""

    def __init__(self, token: str, seq: int) -> None:
        self.token = token
        self.seq = seq
        # The text, and the second it was sent; None once it had to be sent again.
        self.unacknowledged: dict[UUID, tuple[str, float | None]] = {}
        self.acknowledged: dict[UUID, int] = {}
        self.seen: dict[UUID, list[int]] = {}
        self.state: dict[str, Any] = {}
        self.answered = asyncio.Event()
        self.settled = asyncio.Event()
        self.settled.set()

    def faults(self) -> tuple[int, int]:
        """``(lost, doubled)``: acknowledged messages that the timeline does not show, or shows twice."""
        lost = sum(1 for key in self.acknowledged if not self.seen.get(key))
        doubled = sum(1 for seqs in self.seen.values() if len(seqs) > 1)
        return lost, doubled


class Asking:
    """One customer, for as long as the plan lasts; conversation after conversation."""

    def __init__(self, stage: Stage, dice: random.Random) -> None:
        self._stage = stage
        self._dice = dice
        self._caller = Caller(stage.plan.url)
        self._language = dice.choice(list(LINES))
        self._lines = LINES[self._language]
        self._tokens: list[str] = []
        self._socket: ClientConnection | None = None

    async def run(self) -> None:
        """Until the plan's time is up."""
        # Customers do not come all in the same second.
        await asyncio.sleep(self._dice.uniform(0, min(10.0, self._stage.plan.seconds / 4)))
        while self._stage.playing:
            try:
                conversation = await self._open()
            except (*_TRANSIENT, Refused):
                self._stage.tally.refused += 1
                await asyncio.sleep(_AGAIN * 4)
                continue
            await self._converse(conversation)
            lost, doubled = conversation.faults()
            self._stage.tally.lost += lost
            self._stage.tally.doubled += doubled

    async def _open(self) -> Conversation:
        about = {"page": "/demo", "app_version": "7.42.1", "platform": "traffic", "zone": "UTC"}
        opening = {
            "inbox": self._stage.plan.inbox,
            "k": str(new_id()),
            "b": self._dice.choice(self._lines["open"]),
            "language": self._language,
            "about": about,
        }
        opened = await self._caller.call("POST", "/api/widget/conversations", opening)
        self._stage.tally.conversations += 1
        # Zero, so that the whole timeline comes once over the socket and is counted.
        return Conversation(opened["token"], 0)

    async def _converse(self, conversation: Conversation) -> None:
        """Write until the matter is settled or the time is up, then wait for the last acknowledgements."""
        connection = asyncio.create_task(self._stay_connected(conversation))
        try:
            for _ in range(self._dice.randint(4, 12)):
                if not self._stage.playing or conversation.state.get("can_rate"):
                    break
                await self._pause()
                await self._say(conversation, self._dice.choice(self._lines["go_on"]))
                if self._dice.uniform(0, 100) < _LOST_OF_100 and self._socket is not None:
                    # As when a phone enters a lift: no closing frame.
                    self._socket.transport.abort()
            if conversation.state.get("can_rate"):
                await self._rate(conversation)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._all_settled(conversation), _LAST)
        finally:
            connection.cancel()
            await asyncio.gather(connection, return_exceptions=True)

    async def _pause(self) -> None:
        """People do not write in step: the pauses are spread like those of a Poisson process."""
        left = self._stage.over - time.monotonic()
        await asyncio.sleep(max(0.0, min(left, self._dice.expovariate(self._stage.plan.rate / 60))))

    async def _say(self, conversation: Conversation, text: str) -> None:
        key = new_id()
        conversation.unacknowledged[key] = (text, time.monotonic())
        conversation.settled.clear()
        self._stage.tally.sent += 1
        await self._send({"t": "typing", "on": True})
        await self._send({"t": "send", "k": str(key), "b": text, "att": []})

    async def _send(self, frame: dict[str, Any]) -> None:
        """Onto the socket if there is one; what must arrive is sent again after the next ``live``."""
        if self._socket is not None:
            with suppress(*_TRANSIENT):
                await self._socket.send(json.dumps(frame, ensure_ascii=False))

    async def _rate(self, conversation: Conversation) -> None:
        rating = {
            "token": conversation.token,
            "episode": conversation.state["can_rate"]["episode"],
            "solved": self._dice.choices(["yes", "partly", "no"], [8, 3, 1])[0],
            "words": self._dice.choice([*self._lines["thanks"], "", ""]),
            "k": str(new_id()),
        }
        with suppress(*_TRANSIENT, Refused):
            await self._caller.call("POST", "/api/widget/rating", rating)
            self._stage.tally.ratings += 1

    async def _all_settled(self, conversation: Conversation) -> None:
        """Everything sent is acknowledged, and everything acknowledged has come back in the timeline."""
        while conversation.unacknowledged or conversation.faults()[0]:
            await conversation.settled.wait()
            conversation.settled.clear()

    # --- the connection ---

    async def _stay_connected(self, conversation: Conversation) -> None:
        """Connect, resume after what was seen, and again when it breaks, until cancelled."""
        first = True
        while True:
            if not first:
                self._stage.tally.reconnects += 1
                await asyncio.sleep(self._dice.uniform(_AGAIN, _LOST_FOR))
            first = False
            with suppress(*_TRANSIENT):
                async with connect(f"{self._caller.sockets}/ws/widget", compression=None) as socket:
                    hello = {"t": "hello", "token": conversation.token, "since": conversation.seq}
                    await socket.send(json.dumps({**hello, "lang": self._language}))
                    ping = asyncio.create_task(_ping(socket))
                    try:
                        await self._listen(socket, conversation)
                    finally:
                        self._socket = None
                        ping.cancel()

    async def _listen(self, socket: ClientConnection, conversation: Conversation) -> None:
        async for raw in socket:
            frame = json.loads(raw)
            match frame["t"]:
                case "ready" | "state":
                    conversation.state = frame["conv"]
                case "live":
                    self._socket = socket
                    # The acknowledgements may have been lost with the connection: the same keys again are harmless.
                    for key, (text, _) in list(conversation.unacknowledged.items()):
                        # Its time is the network's now, not the server's.
                        conversation.unacknowledged[key] = (text, None)
                        await self._send({"t": "send", "k": str(key), "b": text, "att": []})
                case "msg":
                    await self._saw(conversation, frame["e"])
                case "ack":
                    self._acknowledged(conversation, UUID(frame["k"]), frame["seq"])
                case "nack":
                    conversation.unacknowledged.pop(UUID(frame["k"]), None)
                    self._stage.tally.refused += 1
                    conversation.settled.set()

    async def _saw(self, conversation: Conversation, entry: dict[str, Any]) -> None:
        if entry["seq"] <= conversation.seq:
            # Sent twice is allowed by the protocol, applied twice is not: it is passed over, as any client does.
            return
        conversation.seq = entry["seq"]
        if entry["from"] == "agent" and entry["kind"] == "public":
            self._stage.tally.answers += 1
            await self._send({"t": "read", "seq": entry["seq"]})
        if entry.get("k") and entry["from"] == "customer":
            key = UUID(entry["k"])
            conversation.seen.setdefault(key, []).append(entry["seq"])
            known = conversation.acknowledged.get(key)
            if known is not None and known != entry["seq"]:
                self._stage.tally.disordered += 1
        conversation.settled.set()

    def _acknowledged(self, conversation: Conversation, key: UUID, seq: int) -> None:
        sent = conversation.unacknowledged.pop(key, None)
        if sent is not None:
            self._stage.tally.acknowledged += 1
            if sent[1] is not None:
                self._stage.tally.latencies.append(time.monotonic() - sent[1])
        conversation.acknowledged[key] = seq
        conversation.settled.set()


async def _ping(socket: ClientConnection) -> None:
    with suppress(*_TRANSIENT):
        while True:
            await asyncio.sleep(_PING)
            await socket.send('{"t":"ping"}')
