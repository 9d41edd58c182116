"""Who has read how far. Reading is frequent and never urgent: positions are collected and written together."""

import asyncio
import logging
from uuid import UUID

from sqlalchemy import text

from holdfast.core.database import Database

logger = logging.getLogger(__name__)

# Seconds between two writes: a reader's position may be this old after a crash.
PAUSE = 0.5

# ``greatest`` lets positions arrive in any order; only_ahead spares the row a write that changes nothing.
_STATEMENT = text(
    """
    UPDATE conversation c SET
      agent_read = greatest(c.agent_read, least(r.agent, c.seq)),
      customer_read = greatest(c.customer_read, least(r.customer, c.seq))
    FROM unnest(CAST(:ids AS uuid[]), CAST(:agents AS int[]), CAST(:customers AS int[])) AS r(id, agent, customer)
    WHERE c.id = r.id AND (c.agent_read < r.agent OR c.customer_read < r.customer)
    """
)


class Reads:
    """The read positions of one process that are not written yet."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pending: dict[UUID, list[int]] = {}
        self._task: asyncio.Task[None] | None = None

    def mark(self, conversation_id: UUID, by: str, seq: int) -> None:
        """``by`` (agent or customer) has read up to ``seq``."""
        position = self._pending.setdefault(conversation_id, [0, 0])
        place = 0 if by == "agent" else 1
        position[place] = max(position[place], seq)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._write())

    async def _write(self) -> None:
        try:
            while self._pending:
                await asyncio.sleep(PAUSE)
                await self.flush()
        finally:
            self._task = None

    async def flush(self) -> None:
        """Write what is pending; if that fails it stays pending."""
        pending, self._pending = self._pending, {}
        try:
            async with self._database.transaction() as session:
                await session.execute(
                    _STATEMENT,
                    {
                        "ids": list(pending),
                        "agents": [p[0] for p in pending.values()],
                        "customers": [p[1] for p in pending.values()],
                    },
                )
        except Exception:
            logger.warning("%d read positions are written later", len(pending), exc_info=True)
            for conversation_id, (agent, customer) in pending.items():
                self.mark(conversation_id, "agent", agent)
                self.mark(conversation_id, "customer", customer)
