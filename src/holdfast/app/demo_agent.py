"""An agent who plays themselves: signs in, takes what is offered, answers in the customer's language, resolves."""

import asyncio
import http.client
import json
import random
import sys
from contextlib import suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Origin

from holdfast.app.demo_stage import LINES, Caller, Refused, Stage
from holdfast.core.ids import new_id

_PING = 20.0
_AGAIN = 1.0
# Seconds of thinking and typing before an answer, and answers after which the matter is settled.
_THINKS = (1.5, 6.0)
_ANSWERS = (3, 7)


class Answering:
    """One agent, until cancelled."""

    def __init__(self, stage: Stage, email: str) -> None:
        self._stage = stage
        self._email = email
        self._caller = Caller(stage.plan.url)
        self._dice = random.Random(f"{stage.plan.seed}{email}")  # noqa: S311 - plays a person, keeps no secret
        self._id: str | None = None
        self._rows: dict[str, dict[str, Any]] = {}
        self._left: dict[str, int] = {}
        self._busy: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Sign in and work; a broken connection is made again, a refused sign-in is not tried again."""
        while True:
            try:
                await self._work()
            except Refused as error:
                sys.stderr.write(f"{self._email} cannot work: {error}\n")
                return
            except (OSError, WebSocketException, http.client.HTTPException):
                await asyncio.sleep(_AGAIN)

    async def _work(self) -> None:
        await self._caller.call("POST", "/api/session", {"email": self._email, "password": self._stage.plan.password})
        await self._caller.call("PUT", "/api/me/presence", {"chosen": "online"})
        headers = {"Cookie": self._caller.cookie or ""}
        url, origin = f"{self._caller.sockets}/ws/console", Origin(self._caller.url)
        async with connect(url, compression=None, additional_headers=headers, origin=origin) as socket:
            await socket.send('{"t":"hello"}')
            ping = asyncio.create_task(_ping(socket))
            try:
                async for raw in socket:
                    await self._take(socket, json.loads(raw))
            finally:
                ping.cancel()
                for task in self._busy.values():
                    task.cancel()
                self._busy.clear()

    async def _take(self, socket: ClientConnection, frame: dict[str, Any]) -> None:
        match frame["t"]:
            case "ready":
                self._id = frame["me"]["id"]
            case "inbox":
                self._rows.clear()
                for offer in frame["offers"]:
                    await self._accept(offer)
                for row in frame["rows"]:
                    self._see(socket, row)
            case "offer":
                await self._accept(frame["offer"])
            case "row":
                self._see(socket, frame["row"])
            case "gone":
                self._rows.pop(frame["c"], None)

    async def _accept(self, offer: dict[str, Any]) -> None:
        """Too late, or somebody else was quicker: then it is not ours, which is nothing to worry about."""
        with suppress(Refused):
            await self._caller.call("POST", f"/api/offers/{offer['id']}/accept", {})

    def _see(self, socket: ClientConnection, row: dict[str, Any]) -> None:
        held = self._rows.get(row["id"])
        if held is not None and held["version"] > row["version"]:
            return
        self._rows[row["id"]] = row
        if self._waits_for_me(row) and row["id"] not in self._busy:
            task = asyncio.create_task(self._answer(socket, row))
            self._busy[row["id"]] = task
            task.add_done_callback(lambda _: self._busy.pop(row["id"], None))

    def _waits_for_me(self, row: dict[str, Any]) -> bool:
        mine = row["assignee"] is not None and row["assignee"]["id"] == self._id
        return mine and row["category"] == "open" and row["waiting_since"] is not None

    async def _answer(self, socket: ClientConnection, row: dict[str, Any]) -> None:
        """One answer; if the customer writes again, the next row asks for the next. After a few it is settled."""
        conversation: str = row["id"]
        with suppress(WebSocketException, OSError, Refused):
            await socket.send(json.dumps({"t": "open", "c": conversation, "since": row["seq"]}))
            await socket.send(json.dumps({"t": "read", "c": conversation, "seq": row["seq"]}))
            await socket.send(json.dumps({"t": "typing", "c": conversation, "on": True}))
            await asyncio.sleep(self._dice.uniform(*_THINKS))
            lines = LINES.get(row["language"], LINES["en"])["answer"]
            said = {"t": "send", "c": conversation, "k": str(new_id()), "b": self._dice.choice(lines)}
            await socket.send(json.dumps({**said, "kind": "public", "att": []}, ensure_ascii=False))
            left = self._left.pop(conversation, self._dice.randint(*_ANSWERS)) - 1
            if left > 0:
                self._left[conversation] = left
            else:
                await self._caller.call("POST", f"/api/conversations/{conversation}/resolve", {})


async def _ping(socket: ClientConnection) -> None:
    with suppress(WebSocketException, OSError):
        while True:
            await asyncio.sleep(_PING)
            await socket.send('{"t":"ping"}')
