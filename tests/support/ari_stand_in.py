"""A stand-in for Asterisk's ARI: answers requests from a table, sends what it is told to. For what a real engine does
not do on demand: answer late, fall silent, drop the connection, send what nobody knows."""

import asyncio
import json
from base64 import b64decode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from holdfast.channels.voice.ari import Access, Ari

Answer = tuple[int, Any]


def channel(identifier: str, application: str = "") -> dict[str, Any]:
    """A channel as Asterisk 22 writes it."""
    return {
        "id": identifier,
        "name": f"PJSIP/trunk-{identifier}",
        "state": "Up",
        "protocol_id": "x",
        "caller": {"name": "Alice", "number": "+15550001"},
        "connected": {"name": "", "number": ""},
        "accountcode": "",
        "dialplan": {
            "context": "from-trunk",
            "exten": "+18005550100",
            "priority": 1,
            "app_name": "Stasis" if application else "Playback",
            "app_data": f"{application},trunk,+18005550100" if application else "beep",
        },
        "creationtime": "2026-07-01T10:20:30.250+0000",
        "language": "en",
    }


class StandIn:
    """``answers``: by method and uri, a status and a body, or a function of the request that gives them or None."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer | Callable[[dict[str, Any]], Answer | None]] = {
            "GET channels": (200, []),
            "GET bridges": (200, []),
            "GET applications/desk": (200, {"name": "desk", "channel_ids": []}),
        }
        self.requests: list[dict[str, Any]] = []
        self.sockets: list[ServerConnection] = []
        self.seen: list[str] = []
        self.port = 0

    @property
    def access(self) -> Access:
        return Access(f"http://127.0.0.1:{self.port}", "desk", "s3cret")

    async def serve(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        authorization = b64decode(socket.request.headers["Authorization"].removeprefix("Basic ")).decode()
        self.seen.append(f"{socket.request.path} {authorization}")
        self.sockets.append(socket)
        try:
            async for text in socket:
                request = json.loads(text)
                self.requests.append(request)
                found = self.answers.get(f"{request['method']} {request['uri']}", (404, {"message": "not found"}))
                answer = found(request) if callable(found) else found
                if answer is not None:
                    await socket.send(self.response(request, *answer))
        except ConnectionClosed:
            pass
        finally:
            self.sockets.remove(socket)

    def response(self, request: dict[str, Any], status: int, body: Any) -> str:
        said = {"message_body": json.dumps(body)} if body is not None else {}
        return json.dumps(
            {
                "type": "RESTResponse",
                "request_id": request["request_id"],
                "transaction_id": request["transaction_id"],
                "status_code": status,
                "reason_phrase": "Words",
                "uri": request["uri"],
                **said,
            }
        )

    async def tell(self, kind: str, **fields: Any) -> None:
        """Send an event over the newest connection."""
        event = {"type": kind, "application": "desk", "timestamp": "2026-07-01T10:20:30.250+0000", **fields}
        await self.sockets[-1].send(json.dumps(event))


@asynccontextmanager
async def stand_in() -> AsyncIterator[StandIn]:
    it = StandIn()
    async with serve(it.serve, "127.0.0.1", 0) as server:
        it.port = next(iter(server.sockets)).getsockname()[1]
        yield it
        for socket in tuple(it.sockets):
            await socket.close()


@asynccontextmanager
async def running(ari: Ari) -> AsyncIterator[Ari]:
    """The client at work for the time of the block."""
    work = asyncio.create_task(ari.run())
    try:
        yield ari
    finally:
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
