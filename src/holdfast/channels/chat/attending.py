"""Which customers have a socket open on this process. The database is told in batches, as of what was read
(``reads.py``), and then staff who look at the conversation that it has changed."""

import asyncio
import logging
from collections import Counter
from uuid import UUID

from holdfast.channels.chat.frames import frame
from holdfast.channels.chat.moments import Moments
from holdfast.conversations import presences
from holdfast.core.database import Database
from holdfast.core.live import Audience

logger = logging.getLogger(__name__)

# Seconds between two writes.
PAUSE = 0.5


class Attending:
    """One per web process."""

    def __init__(self, database: Database, moments: Moments, process_id: UUID) -> None:
        self._database = database
        self._moments = moments
        self._process_id = process_id
        self._here: Counter[UUID] = Counter()
        self._changed: set[UUID] = set()
        self._task: asyncio.Task[None] | None = None

    def enter(self, conversation_id: UUID) -> None:
        self._here[conversation_id] += 1
        if self._here[conversation_id] == 1:
            self._note(conversation_id)

    def leave(self, conversation_id: UUID) -> None:
        self._here[conversation_id] -= 1
        if self._here[conversation_id] <= 0:
            del self._here[conversation_id]
            self._note(conversation_id)

    def again(self, process_id: UUID) -> None:
        """The process was taken for dead and has registered anew: whoever is here is so under its new name."""
        self._process_id = process_id
        for conversation_id in self._here:
            self._note(conversation_id)

    def _note(self, conversation_id: UUID) -> None:
        self._changed.add(conversation_id)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._write())

    async def _write(self) -> None:
        try:
            while self._changed:
                await asyncio.sleep(PAUSE)
                await self.flush()
        finally:
            self._task = None

    async def flush(self) -> None:
        """Write what changed; if that fails it is tried again."""
        changed, self._changed = self._changed, set()
        try:
            async with self._database.transaction() as session:
                await presences.write(session, self._process_id, {one: one in self._here for one in changed})
        except Exception:
            logger.warning("presence in %d conversations is written later", len(changed), exc_info=True)
            self._changed |= changed
            return
        for conversation_id in changed:
            # Whoever asks then is told what is stored: the customer may be on another process, too.
            self._moments.push(conversation_id, frame("here", c=conversation_id), Audience.STAFF)
