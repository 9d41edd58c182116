"""From timelines to letters: what our people wrote stands in the timeline, so the timeline is the outbox (as for
webhooks), and the hot path of a message knows nothing of mail.

Notices of the live bus say where to look; what a lost notice told of is found by one pass each minute.
"""

import re
import time
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.channels.mail import queries
from holdfast.channels.mail.entering import CHANNEL
from holdfast.channels.mail.models import SentLetter
from holdfast.core.clock import now
from holdfast.core.database import Database, tell
from holdfast.core.ids import new_id
from holdfast.core.looking import Looking

_AT_ONCE = 200
_ENTRIES = 200
_SAFETY_NET = 60.0
_WORD = re.compile(r"\bc:([0-9a-f]{32}):")


class Outbox(Looking):
    """One per worker process; a thread's cursor is held by one at a time."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database
        self._noticed: set[UUID] = set()
        self._looked = 0.0
        self._idle = False

    def notice(self, payload: str) -> None:
        """A notice of the live bus. Without a mailbox there is nothing to note."""
        if not self._idle:
            self._noticed.update(UUID(found) for found in _WORD.findall(payload))
            self.wake()

    def look_again(self) -> None:
        """Notices may have been lost, or mailboxes have changed."""
        self._looked = 0.0
        self.wake()

    async def _look(self) -> float:
        if time.monotonic() - self._looked > _SAFETY_NET:
            self._looked = time.monotonic()
            async with self._database.transaction() as session:
                self._idle = not await queries.all_mailboxes(session)
            while await self._read(None):
                pass
        while self._noticed:
            taken = [self._noticed.pop() for _ in range(min(_AT_ONCE, len(self._noticed)))]
            try:
                await self._read(taken)
            except BaseException:
                self._noticed.update(taken)
                raise
        return _SAFETY_NET

    async def _read(self, among: list[UUID] | None) -> bool:
        async with self._database.transaction() as session:
            return await collect(session, among) == _AT_ONCE


async def collect(session: AsyncSession, among: list[UUID] | None) -> int:
    """Put what is new in these threads (null: all) into the queue of letters; how many threads had something."""
    found = await queries.unread_threads(session, among, _AT_ONCE)
    new = []
    for thread in found:
        rows = await queries.entries(session, thread.conversation_id, thread.seq, _ENTRIES)
        new += [
            {"id": new_id(), "conversation_id": thread.conversation_id, "seq": seq, "kind": "answer", "next_at": now()}
            for seq, kind, author in rows
            if kind == "public" and author in {"agent", "system"}
        ]
        if rows:
            thread.seq = rows[-1][0]
    if new:
        await session.execute(insert(SentLetter).on_conflict_do_nothing(), new)
        tell(session, CHANNEL, "due")
    return len(found)
