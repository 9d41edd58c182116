"""Whether a conversation's customer is in the chat, and when they last were: it decides that an answer must reach them
by another way (a letter, a push of the wallet's own).

Web processes write it in batches (``channels/chat/attending.py``), so that a storm of reconnects is a few statements.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.conversations.models import CustomerPresence, Message
from holdfast.core.clock import now
from holdfast.people.models import Process

# Rows of those who are not here say when somebody was last here: one that is older says nothing that matters.
KEPT = timedelta(days=2)

_WRITE = text(
    """
    INSERT INTO customer_presence (conversation_id, process_id, here, seen_at)
    SELECT id, :process, here, :at FROM unnest(CAST(:ids AS uuid[]), CAST(:here AS boolean[])) AS r(id, here)
    ON CONFLICT (conversation_id, process_id) DO UPDATE SET here = excluded.here, seen_at = excluded.seen_at
    """
)
_PURGE = text(
    "DELETE FROM customer_presence p WHERE seen_at < :before"
    " AND (NOT here OR NOT EXISTS (SELECT 1 FROM process WHERE id = p.process_id))"
)


@dataclass(frozen=True, slots=True)
class Seen:
    """``at`` is when they came, if they are here, else when they left; null: never (or too long ago to matter)."""

    here: bool
    at: datetime | None


async def write(session: AsyncSession, process_id: UUID, here: Mapping[UUID, bool]) -> None:
    """What changed on one process."""
    # Ordered: two processes that write the same rows must not wait for each other.
    ids = sorted(here)
    await session.execute(_WRITE, {"process": process_id, "at": now(), "ids": ids, "here": [here[one] for one in ids]})


async def of(session: AsyncSession, conversation_id: UUID) -> Seen:
    rows = (
        await session.execute(
            select(CustomerPresence.here, CustomerPresence.seen_at, Process.id)
            .outerjoin(Process, Process.id == CustomerPresence.process_id)
            .where(CustomerPresence.conversation_id == conversation_id)
        )
    ).all()
    here = [at for there, at, process in rows if there and process is not None]
    return Seen(bool(here), max(here or [at for _, at, _ in rows], default=None))


# A rule's message is a word of ours, too.
OURS = ("agent", "system")


async def answers_after(session: AsyncSession, conversation_id: UUID, seq: int) -> list[tuple[int, datetime, str]]:
    """What our people and rules said after the entry: ``(seq, at, author)`` in order."""
    rows = await session.execute(
        select(Message.seq, Message.created_at, Message.author)
        .where(
            Message.conversation_id == conversation_id,
            Message.seq > seq,
            Message.kind == "public",
            Message.author.in_(OURS),
        )
        .order_by(Message.seq)
    )
    return [(row[0], row[1], row[2]) for row in rows]


async def purge(session: AsyncSession) -> None:
    await session.execute(_PURGE, {"before": now() - KEPT})
