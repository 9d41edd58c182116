"""What the demo's players share: the plan, what they say, the count of what happened, and requests to the server."""

import asyncio
import http.client
import json
import random
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

LINES: dict[str, dict[str, list[str]]] = json.loads((Path(__file__).parent / "demo_lines.json").read_text("utf-8"))

_TIMEOUT = 20.0


@dataclass(frozen=True, slots=True)
class Plan:
    """``seconds`` to play, ``rate`` messages a minute of each customer, ``agents`` e-mail addresses to answer with."""

    url: str
    inbox: str
    customers: int
    seconds: float
    rate: float
    agents: list[str]
    password: str
    seed: int | None = None


@dataclass(slots=True)
class Tally:
    """What happened so far; ``latencies`` are seconds from send to acknowledgement."""

    conversations: int = 0
    sent: int = 0
    acknowledged: int = 0
    answers: int = 0
    reconnects: int = 0
    ratings: int = 0
    refused: int = 0
    lost: int = 0
    doubled: int = 0
    disordered: int = 0
    latencies: list[float] = field(default_factory=list)

    def line(self) -> str:
        """One line for the terminal; times in milliseconds."""
        ordered = sorted(self.latencies)
        half = ordered[len(ordered) // 2] * 1000 if ordered else 0.0
        most = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1000 if ordered else 0.0
        return (
            f"{self.conversations} conversations, {self.sent} sent, {self.acknowledged} acknowledged "
            f"(p50 {half:.1f} ms, p99 {most:.1f} ms), {self.answers} answers, {self.ratings} ratings, "
            f"{self.reconnects} reconnects, {self.refused} refused, "
            f"{self.lost} lost, {self.doubled} doubled, {self.disordered} out of order"
        )

    @property
    def faultless(self) -> bool:
        return self.lost == self.doubled == self.disordered == 0


class Refused(Exception):
    """The server answered with a problem; ``problem`` is its JSON."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('id', '')} {problem.get('title', '')}")
        self.status, self.problem = status, problem


class Caller:
    """JSON requests to one server, as a browser would make them: with its origin, and with the cookie it was given."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.cookie: str | None = None
        self._parts = urlsplit(url)

    @property
    def sockets(self) -> str:
        """Where the server's WebSockets are."""
        return ("wss" if self._parts.scheme == "https" else "ws") + self.url[len(self._parts.scheme) :]

    async def call(self, method: str, path: str, body: object = None) -> Any:
        """The answer's JSON, None if it has none. Raises Refused, OSError, http.client.HTTPException."""
        return await asyncio.to_thread(self._call, method, path, body)

    def _call(self, method: str, path: str, body: object) -> Any:
        secure = self._parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(self._parts.hostname or "localhost", self._parts.port, timeout=_TIMEOUT)
        headers = {"Origin": self.url, "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if self.cookie:
            headers["Cookie"] = self.cookie
        try:
            connection.request(method, path, None if body is None else json.dumps(body).encode(), headers)
            response = connection.getresponse()
            data = response.read()
            for name, value in response.getheaders():
                if name.lower() == "set-cookie":
                    self.cookie = value.partition(";")[0]
        finally:
            connection.close()
        answer = json.loads(data) if data and "json" in response.getheader("content-type", "") else None
        if response.status >= 400:
            raise Refused(response.status, answer if isinstance(answer, dict) else {})
        return answer


@dataclass(slots=True)
class Stage:
    """What all players share. ``over`` is the monotonic second at which nobody begins anything new."""

    plan: Plan
    tally: Tally
    over: float
    random: random.Random

    @property
    def playing(self) -> bool:
        return time.monotonic() < self.over
