"""Follows the timelines in the background, so that the hot path of a message knows nothing of those who read along
(promises, rules, webhooks, letters). Notices of the live bus say where to look; one pass over all conversations finds
what a lost notice told of.

A conversation is read at once when it was not read lately, and then at most once in ``apart`` seconds: one in which a
hundred messages a second are exchanged costs no more.
"""

import time
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from uuid import UUID

from holdfast.core.database import Database
from holdfast.core.looking import Looking
from holdfast.core.notify import conversations_in

AT_ONCE = 200


class Following(Looking):
    """One of a kind per worker process; several may run. ``all_every``: the seconds between two passes over all. While
    ``idle`` nobody wants to know: notices are not noted, and only ``look_again`` or such a pass can end it."""

    def __init__(self, database: Database, *, apart: float, all_every: float = 600.0) -> None:
        super().__init__()
        self.idle = False
        self._database = database
        self._apart, self._all_every = apart, all_every
        # When each is to be read, by the monotonic clock; and when it was read last, for ``apart`` seconds.
        self._noticed: dict[UUID, float] = {}
        self._lately: dict[UUID, float] = {}
        self._next = 0.0
        self._look_at_all = True
        self._looked = 0.0

    def notice(self, payload: str) -> None:
        """A notice of the live bus."""
        if self.idle:
            return
        present = time.monotonic()
        for found in conversations_in(payload):
            if found not in self._noticed:
                self._note(found, max(present, self._lately.get(found, 0.0) + self._apart))

    def look_again(self) -> None:
        """Notices may have been lost, or somebody wants to know something else."""
        self._look_at_all = True
        self.wake()

    def _note(self, conversation_id: UUID, at: float) -> None:
        self._noticed[conversation_id] = at
        if at < self._next:
            self._next = at
            self.wake()

    async def _look(self) -> float:
        if self._look_at_all or time.monotonic() - self._looked > self._all_every:
            self._look_at_all, self._looked = False, time.monotonic()
            # Some stay unread: somebody holds them, or they fail.
            seen: set[UUID] = set()
            while new := [c for c in await self._unread() if c not in seen]:
                seen.update(new)
                await self._take(new)
        while ready := [c for c, at in self._noticed.items() if at <= time.monotonic()][:AT_ONCE]:
            await self._take(ready)
        present = time.monotonic()
        self._lately = {c: at for c, at in self._lately.items() if at + self._apart > present}
        self._next = min(self._noticed.values(), default=present + self._all_every)
        return max(self._next - present, 0.0)

    async def _take(self, ids: Sequence[UUID]) -> None:
        """What was noticed stays noticed until it was read."""
        begun = time.monotonic()
        for conversation_id in ids:
            # What is noticed from here on is newer than what we shall see.
            self._noticed.pop(conversation_id, None)
        try:
            again = await self._read(ids)
        except BaseException:
            self._noticed.update(dict.fromkeys(ids, begun))
            raise
        self._lately.update(dict.fromkeys(ids, begun))
        for conversation_id, after in again.items():
            self._note(conversation_id, begun + after)

    @abstractmethod
    async def _unread(self) -> Sequence[UUID]:
        """At most AT_ONCE conversations in whose timeline something is new; none while idle."""

    @abstractmethod
    async def _read(self, ids: Sequence[UUID]) -> Mapping[UUID, float]:
        """Read what is new in these; those that are to be read again, and after how many seconds."""
