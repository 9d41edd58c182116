"""Follows the timelines for the promises, as webhooks do: in the background, so that the hot path of a message knows
nothing of them. Notices of the live bus say where to look; one pass over all conversations finds what a lost notice
told of.

A conversation is read at once when it was not read lately, and then at most every two seconds: one in which a hundred
messages a second are exchanged costs no more. Nothing turns sooner: the shortest target is ten seconds, its first
warning comes after five, and whoever announces something reads before.
"""

import re
import time
from uuid import UUID

from holdfast.core.database import Database
from holdfast.core.looking import Looking
from holdfast.promises import queries
from holdfast.promises.keeping import read

_AT_ONCE = 200
_APART = 2.0
_HELD = 0.05
_SAFETY_NET = 600.0
_WORD = re.compile(r"\bc:([0-9a-f]{32}):")


class PromiseReader(Looking):
    """One per worker process; several may run, a conversation's book is held by one at a time."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database
        # When each is to be read, by the monotonic clock; and when it was read last, for two seconds.
        self._noticed: dict[UUID, float] = {}
        self._lately: dict[UUID, float] = {}
        # Those whose row was held when its shown instant was to be changed.
        self._held: set[UUID] = set()
        self._next = 0.0
        self._look_at_all = True
        self._looked = 0.0

    def notice(self, payload: str) -> None:
        """A notice of the live bus."""
        present = time.monotonic()
        for word in _WORD.findall(payload):
            found = UUID(word)
            if found not in self._noticed:
                self._note(found, max(present, self._lately.get(found, 0.0) + _APART))

    def _note(self, conversation_id: UUID, at: float) -> None:
        self._noticed[conversation_id] = at
        if at < self._next:
            self._next = at
            self.wake()

    def look_again(self) -> None:
        """Notices may have been lost."""
        self._look_at_all = True
        self.wake()

    async def _look(self) -> float:
        if self._look_at_all or time.monotonic() - self._looked > _SAFETY_NET:
            self._look_at_all, self._looked = False, time.monotonic()
            while len(found := await self._unread()) == _AT_ONCE:
                await self._read(found)
            await self._read(found)
        while ready := [c for c, at in self._noticed.items() if at <= time.monotonic()][:_AT_ONCE]:
            await self._read(ready)
        present = time.monotonic()
        self._lately = {c: at for c, at in self._lately.items() if at + _APART > present}
        self._next = min(self._noticed.values(), default=present + _SAFETY_NET)
        return max(self._next - present, 0.0)

    async def _unread(self) -> list[UUID]:
        async with self._database.transaction() as session:
            return await queries.unread(session, _AT_ONCE)

    async def _read(self, ids: list[UUID]) -> None:
        """What was noticed stays noticed until it was read."""
        begun = time.monotonic()
        for conversation_id in ids:
            # What is noticed from here on is newer than what we shall see.
            self._noticed.pop(conversation_id, None)
        try:
            async with self._database.transaction() as session:
                done = await read(session, ids, show=self._held & set(ids))
        except BaseException:
            self._noticed.update(dict.fromkeys(ids, begun))
            raise
        self._lately.update(dict.fromkeys(ids, begun))
        self._held = (self._held - set(ids)) | done.held
        for conversation_id in done.more:
            self._note(conversation_id, begun)
        for conversation_id in done.held:
            self._note(conversation_id, begun + _HELD)
