"""Follows the timelines for the rules, as promises do: in the background, so that the hot path of a message knows
nothing of them. Notices of the live bus say where to look; one pass over all conversations finds what a lost notice
told of.
"""

import logging
import re
import time
from uuid import UUID

from holdfast.automation import queries, rulebook, scheduled
from holdfast.automation.following import follow, glance
from holdfast.core.database import Database
from holdfast.core.looking import Looking

_AT_ONCE = 200
_SAFETY_NET = 600.0
_AGAIN = 5.0
_WORD = re.compile(r"\bc:([0-9a-f]{32}):")

logger = logging.getLogger(__name__)


class RuleReader(Looking):
    """One per worker process; several may run, a conversation's cursor is held by one at a time."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database
        self._noticed: set[UUID] = set()
        # What failed, by the monotonic instant at which it is tried again: it must hold up no other.
        self._failed: dict[UUID, float] = {}
        self._look_at_all = True
        self._looked = 0.0

    def notice(self, payload: str) -> None:
        """A notice of the live bus."""
        self._noticed.update(UUID(found) for found in _WORD.findall(payload))
        self.wake()

    def look_again(self) -> None:
        """Notices may have been lost, or rules have changed."""
        self._look_at_all = True
        self.wake()

    async def _look(self) -> float:
        if self._look_at_all or time.monotonic() - self._looked > _SAFETY_NET:
            self._look_at_all, self._looked = False, time.monotonic()
            seen: set[UUID] = set()
            while new := [c for c in await self._unread() if c not in seen]:
                seen.update(new)
                await self._read(new)
        self._noticed.update(c for c, at in self._failed.items() if at <= time.monotonic())
        while self._noticed:
            taken = [self._noticed.pop() for _ in range(min(_AT_ONCE, len(self._noticed)))]
            try:
                await self._read(taken)
            except BaseException:
                self._noticed.update(taken)
                raise
        return min((at - time.monotonic() for at in self._failed.values()), default=_SAFETY_NET)

    async def _unread(self) -> list[UUID]:
        async with self._database.transaction() as session:
            return await queries.unread(session, _AT_ONCE) if await rulebook.active(session) else []

    async def _read(self, ids: list[UUID]) -> None:
        # By itself: it holds conversations, and rules hold the cursor first.
        async with self._database.transaction() as session:
            await scheduled.stop_overtaken(session, ids)
        async with self._database.transaction() as session:
            concerned = await glance(session, ids)
        for conversation_id in ids:
            self._failed.pop(conversation_id, None)
        for conversation_id in concerned:
            try:
                async with self._database.transaction() as session:
                    await follow(session, conversation_id)
            except Exception:
                logger.exception("rules for conversation %s failed, trying again in 5 s", conversation_id)
                self._failed[conversation_id] = time.monotonic() + _AGAIN
