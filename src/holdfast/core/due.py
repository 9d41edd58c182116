"""Deadlines: one indexed table, one claimer that sleeps until the earliest row and is woken by NOTIFY.

Never a scheduled job per deadline: 100,000 future jobs cut a queue's throughput eightfold (measured), and
polled jobs came 2.9 s late. A deadline is identified by ``(kind, ref)``; setting it again moves it.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Index, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from holdfast.core.clock import now
from holdfast.core.database import Base, Database, tell
from holdfast.core.looking import Looking
from holdfast.core.notify import DUE
from holdfast.core.pauses import Pauses

_RETRY = timedelta(seconds=5)
_LONGEST_SLEEP = timedelta(seconds=30)
_SOON = timedelta(milliseconds=1)
# Between looks at a deadline that somebody else holds: it is freed without a notice if that process dies, and must then
# still be announced within a second.
_HELD = Pauses(0.005, 2.0, 0.25)

logger = logging.getLogger(__name__)

Handler = Callable[[AsyncSession, UUID], Awaitable[None]]


class Due(Base):
    """Something that must happen at ``at``; ``kind`` names the handler, ``ref`` what it is about."""

    __tablename__ = "due"
    __table_args__ = (Index(None, "at"),)

    kind: Mapped[str] = mapped_column(primary_key=True)
    ref: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]


async def set_due(session: AsyncSession, kind: str, ref: UUID, at: datetime) -> None:
    """Set or move the deadline; the claimer is woken when the transaction commits."""
    await session.execute(
        insert(Due)
        .values(kind=kind, ref=ref, at=at)
        .on_conflict_do_update(index_elements=["kind", "ref"], set_={"at": at})
    )
    tell(session, DUE, "set")


async def clear_due(session: AsyncSession, kind: str, ref: UUID) -> None:
    """Forget the deadline, if there is one."""
    await session.execute(delete(Due).where(Due.kind == kind, Due.ref == ref))


class Claimer(Looking):
    """Runs the handlers of deadlines that have come, each in its own transaction, which also removes the row.

    Several processes may run one: rows are claimed with SKIP LOCKED. A handler that raises is retried after
    5 s and holds up no other.
    """

    def __init__(self, database: Database, handlers: Mapping[str, Handler]) -> None:
        super().__init__()
        self._database = database
        self._handlers = handlers
        self._in_vain = 0

    async def _look(self) -> float:
        asked = now()
        while await self._handle_next(asked):
            self._in_vain = 0
            asked = now()
        return (await self._pause(asked)).total_seconds()

    async def _handle_next(self, asked: datetime) -> bool:
        """Handle the earliest deadline that had come when asked; False if there is none that nobody else handles."""
        claimed: tuple[str, UUID] | None = None
        try:
            async with self._database.transaction() as session:
                row = await session.scalar(
                    select(Due).where(Due.at <= asked).order_by(Due.at).limit(1).with_for_update(skip_locked=True)
                )
                if row is None:
                    return False
                claimed = (row.kind, row.ref)
                await session.delete(row)
                await session.flush()
                await self._handlers[row.kind](session, row.ref)
        except Exception:
            if claimed is None:
                raise
            logger.exception("deadline %s of %s failed, trying again in 5 s", *claimed)
            async with self._database.transaction() as session:
                await set_due(session, *claimed, now() + _RETRY)
        return True

    async def _pause(self, asked: datetime) -> timedelta:
        """How long to sleep: until the earliest deadline that had not come when asked for one. What had come and is
        still there is held by somebody else, so that looking again at once would find the same."""
        async with self._database.transaction() as session:
            earliest: datetime | None = await session.scalar(select(func.min(Due.at)))
            held = earliest is not None and earliest <= asked
            if held:
                earliest = await session.scalar(select(func.min(Due.at)).where(Due.at > asked))
        self._in_vain = self._in_vain + 1 if held else 0
        longest = _HELD.after(self._in_vain) if held else _LONGEST_SLEEP
        return longest if earliest is None else min(max(earliest - now(), _SOON), longest)
