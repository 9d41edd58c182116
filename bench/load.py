"""The load generator, a process of its own: ``python -m bench.load`` with a plan as JSON on standard input.

Both sides of every conversation are here, so the time from send to delivered is taken by one clock. It says ``begin``
and ``end`` around the measured time, and then its figures as one line of JSON.
"""

import asyncio
import json
import random
import sys
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import msgspec
import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

BODY = "Hello, my withdrawal of 0.5 ETH has been pending since yesterday evening, could you please check what happened?"
WARM_SECONDS = 2.0
_clock = time.perf_counter


class Echo(msgspec.Struct, rename={"author": "from"}):
    k: UUID | None = None
    author: str = ""


class Answer(msgspec.Struct):
    t: str
    k: UUID | None = None
    e: Echo | None = None
    c: str = ""


_decode = msgspec.json.Decoder(Answer).decode


@dataclass
class Figures:
    """Latencies in seconds, of the measured time only."""

    measuring: bool = False
    sending: bool = True
    sent: int = 0
    acknowledged: int = 0
    refused: int = 0
    delivered: list[float] = field(default_factory=list)
    pending: dict[UUID, float] = field(default_factory=dict)


class Side:
    """One side of one conversation."""

    def __init__(self, figures: Figures, author: str, conversation: str | None) -> None:
        self._figures = figures
        self._author = author
        self._to = b"" if conversation is None else b'"c":"%s",' % conversation.encode()
        self._mine: set[UUID] = set()
        self.transport: WSTransport | None = None

    def send(self) -> None:
        if self.transport is None or not self._figures.sending:
            return
        key = uuid4()
        self._mine.add(key)
        self._figures.pending[key] = _clock()
        self._figures.sent += self._figures.measuring
        frame = b'{"t":"send",%s"k":"%s","b":"%s"}' % (self._to, str(key).encode(), BODY.encode())
        self.transport.send(WSMsgType.TEXT, frame)

    def hear(self, answer: Answer, *, closed: bool) -> None:
        figures = self._figures
        if answer.t == "msg" and answer.e is not None and answer.e.author != self._author:
            begun = figures.pending.pop(answer.e.k, None) if answer.e.k else None
            if begun is not None and figures.measuring:
                figures.delivered.append(_clock() - begun)
        elif answer.t in {"ack", "nack"} and answer.k in self._mine:
            self._mine.discard(answer.k)
            figures.acknowledged += figures.measuring and answer.t == "ack"
            figures.refused += answer.t == "nack"
            if closed:
                self.send()


class Socket(WSListener):
    """One connection with the sides it speaks for: a widget one, a console several."""

    def __init__(
        self, hello: dict[str, Any], sides: dict[str, Side], *, closed: bool, since: dict[str, int] | None = None
    ) -> None:
        super().__init__()
        self._since = since or {}
        self._hello = hello
        self._sides = sides
        self._closed = closed
        self._live = 0
        self.ready = asyncio.Event()

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport
        transport.send(WSMsgType.TEXT, json.dumps(self._hello).encode())

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.PING:
            transport.send_pong(frame.get_payload_as_bytes())
            return
        if frame.msg_type == WSMsgType.CLOSE:
            sys.stderr.write(f"closed by the server: {frame.get_close_code()}\n")
            transport.disconnect()
            return
        answer = _decode(frame.get_payload_as_bytes())
        if answer.t == "inbox":
            for conversation in self._sides:
                opening = {"t": "open", "c": conversation, "since": self._since[conversation]}
                transport.send(WSMsgType.TEXT, json.dumps(opening).encode())
        elif answer.t == "live":
            self._live += 1
            if self._live == len(self._sides):
                for side in self._sides.values():
                    side.transport = transport
                self.ready.set()
        else:
            # A widget's one side hears everything, whatever conversation the frame names.
            heard = self._sides.get(answer.c) or self._sides.get("")
            if heard is not None:
                heard.hear(answer, closed=self._closed)


async def _connect(plan: dict[str, Any], figures: Figures) -> list[Side]:
    closed = plan["mode"] == "closed"
    origin = f"http://localhost:{plan['port']}"
    sockets: list[Socket] = []
    every: list[Side] = []
    for widget in plan["widgets"]:
        side = Side(figures, "customer", None)
        every.append(side)
        socket = Socket({"t": "hello", "lang": "en", **widget}, {"": side}, closed=closed)
        await ws_connect(lambda s=socket: s, f"ws://127.0.0.1:{plan['port']}/ws/widget")
        sockets.append(socket)
    for agent in plan["agents"]:
        sides = {c: Side(figures, "agent", c) for c in agent["conversations"]}
        every += sides.values()
        socket = Socket({"t": "hello"}, sides, closed=closed, since=plan["since"])
        headers = {"Cookie": agent["cookie"], "Origin": origin}
        await ws_connect(lambda s=socket: s, f"ws://127.0.0.1:{plan['port']}/ws/console", extra_headers=headers)
        sockets.append(socket)
    await asyncio.wait_for(asyncio.gather(*(socket.ready.wait() for socket in sockets)), 60)
    return every


async def _at_rate(sides: list[Side], rate: float, figures: Figures) -> None:
    """Messages as independent people send them: exponential gaps, whoever's turn it is."""
    dice = random.Random(1)
    due = _clock()
    while figures.sending:
        while due <= _clock():
            dice.choice(sides).send()
            due += dice.expovariate(rate)
        await asyncio.sleep(max(0.0002, min(due - _clock(), 0.002)))


def _quantile(values: list[float], share: float) -> float | None:
    return round(values[min(len(values) - 1, int(len(values) * share))] * 1000, 3) if values else None


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def run(plan: dict[str, Any]) -> None:
    """``mode`` closed: ``window`` messages of each side in flight; open: ``rate`` a second over all."""
    figures = Figures()
    sides = await _connect(plan, figures)
    sending: asyncio.Task[None] | None = None
    if plan["mode"] == "closed":
        for side in sides:
            for _ in range(plan["window"]):
                side.send()
    else:
        sending = asyncio.create_task(_at_rate(sides, plan["rate"], figures))
    await asyncio.sleep(WARM_SECONDS)
    _say("begin")
    figures.measuring, begun, cpu = True, _clock(), time.process_time()
    await asyncio.sleep(plan["seconds"])
    took, cpu = _clock() - begun, time.process_time() - cpu
    figures.measuring = figures.sending = False
    _say("end")
    if sending is not None:
        await sending
    ordered = sorted(figures.delivered)
    _say(
        json.dumps(
            {
                "acknowledged": figures.acknowledged,
                "rate": figures.acknowledged / took,
                "delivered": len(ordered),
                "refused": figures.refused,
                "p50": _quantile(ordered, 0.5),
                "p99": _quantile(ordered, 0.99),
                "load_cpu": cpu / took,
            }
        )
    )


async def idle(plan: dict[str, Any]) -> None:
    """Open one widget connection for each token, say ``begin``, and hold them until standard input ends."""
    sockets = []
    for widget in plan["widgets"]:
        socket = Socket({"t": "hello", "lang": "en", **widget}, {"": Side(Figures(), "customer", None)}, closed=False)
        await ws_connect(lambda s=socket: s, f"ws://127.0.0.1:{plan['port']}/ws/widget")
        sockets.append(socket)
        # A crowd, not an avalanche: at most 100 greetings are on their way.
        if len(sockets) >= 100:
            await asyncio.wait_for(sockets[-100].ready.wait(), 30)
    await asyncio.wait_for(asyncio.gather(*(socket.ready.wait() for socket in sockets)), 120)
    _say("begin")
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    given = json.loads(sys.stdin.readline())
    uvloop.run(idle(given) if given["mode"] == "idle" else run(given))
