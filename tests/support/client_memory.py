"""What a chat client remembers: the timeline it was shown, and the messages that are not acknowledged yet."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.support.journal import Journal

# Refusals that pass by themselves (the database restarts, too fast): the message is sent again.
PASSING = frozenset({"unavailable", "internal", "rate_limited"})

# Seconds.
ACK_WITHIN = 5.0
AGAIN = 0.25


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry as a client applied it to its view."""

    seq: int
    kind: str
    author: str
    key: str | None
    body: str
    event: str | None


@dataclass(slots=True)
class View:
    """One client's timeline of one conversation; ``faults`` is what a correct server never does."""

    whole: bool
    entries: list[Shown] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def seq(self) -> int:
        return self.entries[-1].seq if self.entries else 0

    def apply(self, entry: dict[str, Any]) -> None:
        """Known entries are passed over; staff (``whole``) get every sequence, so a hole is a fault."""
        if entry["seq"] <= self.seq:
            return
        if self.whole and entry["seq"] != self.seq + 1:
            self.faults.append(f"after {self.seq} came {entry['seq']}")
        if not self.whole and entry["kind"] == "note":
            self.faults.append(f"the customer was shown the note {entry['seq']}")
        event = (entry.get("ev") or {}).get("type")
        self.entries.append(
            Shown(entry["seq"], entry["kind"], entry["from"], entry.get("k"), entry["b"], event),
        )


@dataclass(frozen=True, slots=True)
class Message:
    key: str
    body: str
    kind: str = "public"


class Outbox:
    """One sender's messages of one conversation; only an acknowledgement takes one out."""

    def __init__(self, who: str, conversation: str, journal: Journal, send: Callable[[str, Message], bool]) -> None:
        self._who = who
        self._conversation = conversation
        self._journal = journal
        self._send = send
        self._waiting: deque[Message] = deque()
        self._flying = False
        self._later: asyncio.TimerHandle | None = None
        self.empty = asyncio.Event()
        self.empty.set()

    def put(self, message: Message) -> None:
        self._waiting.append(message)
        self.empty.clear()
        self.pump()

    def pump(self) -> None:
        """Send the first one, unless it is on its way or there is no line."""
        if self._waiting and not self._flying:
            self.fly(self._waiting[0])

    def fly(self, message: Message) -> None:
        self._journal.sent(self._who, self._conversation, message.key, message.body, message.kind)
        if self._send(self._conversation, message):
            self._flying = True
            self._again_in(ACK_WITHIN)

    def reset(self) -> None:
        """The line was lost or is new: what flew may not have arrived."""
        self._flying = False
        if self._later:
            self._later.cancel()

    def _again_in(self, seconds: float) -> None:
        if self._later:
            self._later.cancel()

        def again() -> None:
            self._flying = False
            self.pump()

        self._later = asyncio.get_running_loop().call_later(seconds, again)

    def acknowledged(self, key: str, seq: int) -> None:
        self._journal.acknowledged(self._who, self._conversation, key, seq)
        if self._waiting and self._waiting[0].key == key:
            self._next()

    def refused(self, key: str, problem: str) -> None:
        if not self._waiting or self._waiting[0].key != key:
            return
        if problem in PASSING:
            self._again_in(AGAIN)
            return
        self._journal.refused(self._who, self._conversation, key, problem)
        self._next()

    def _next(self) -> None:
        self._waiting.popleft()
        self.reset()
        if not self._waiting:
            self.empty.set()
        self.pump()
