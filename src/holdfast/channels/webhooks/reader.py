"""From timelines to deliveries: what happened to a conversation stands in its timeline, in the transaction of the act
itself, so the timeline is the outbox. The reader follows it by a cursor for each conversation.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import bindparam, insert, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.channels.webhooks import queries, unseen
from holdfast.channels.webhooks.events import UNSEEN, event_of
from holdfast.channels.webhooks.models import WebhookCursor, WebhookDelivery, WebhookEndpoint
from holdfast.conversations import presences
from holdfast.core.clock import now
from holdfast.core.database import Database, tell
from holdfast.core.due import set_due
from holdfast.core.following import AT_ONCE, Following
from holdfast.core.notify import WEBHOOKS

_ENTRIES_EACH = 200
_APART = 0.2


class Reader(Following):
    """A conversation's cursor is held by one at a time. Idle without an endpoint."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, apart=_APART)

    async def _unread(self) -> Sequence[UUID]:
        async with self._database.transaction() as session:
            self.idle = not await queries.active_endpoints(session)
            return [] if self.idle else await queries.unread_conversations(session, AT_ONCE)

    async def _read(self, ids: Sequence[UUID]) -> Mapping[UUID, float]:
        """Turn what is new in these timelines into deliveries."""
        async with self._database.transaction() as session:
            endpoints = list(await queries.active_endpoints(session))
            self.idle = not endpoints
            return dict.fromkeys(await read(session, ids, endpoints), 0.0) if endpoints else {}


async def read(session: AsyncSession, ids: Sequence[UUID], endpoints: list[WebhookEndpoint]) -> list[UUID]:
    """One transaction's worth: entries after the cursors of ``ids``, in order, for each endpoint that wants them and
    was there when they happened."""
    known = await session.scalars(_EXISTING, {"ids": ids})
    ids = sorted(known)
    if not ids:
        return []
    rows = [{"conversation_id": conversation_id, "seq": 0} for conversation_id in ids]
    await session.execute(upsert(WebhookCursor).on_conflict_do_nothing(), rows)
    await queries.lock_cursors(session, ids)
    reached: dict[UUID, int] = {}
    counted: dict[UUID, int] = {}
    answered: set[UUID] = set()
    new: list[dict[str, object]] = []
    for conversation_id, seq, kind, author, line, at in await queries.unread_entries(session, ids, _ENTRIES_EACH):
        reached[conversation_id] = seq
        counted[conversation_id] = counted.get(conversation_id, 0) + 1
        event = event_of(kind, line)
        if kind == "public" and author in presences.OURS:
            answered.add(conversation_id)
        new += [
            {
                "endpoint_id": endpoint.id,
                "event": event,
                "conversation_id": conversation_id,
                "seq": seq,
                "happened_at": at,
                "next_at": now(),
            }
            for endpoint in endpoints
            if event in endpoint.events and at >= endpoint.created_at
        ]
    if any(UNSEEN in endpoint.events for endpoint in endpoints):
        for conversation_id in answered:
            await set_due(session, unseen.DUE, conversation_id, now() + unseen.SOON)
    if new:
        await session.execute(insert(WebhookDelivery), new)
        tell(session, WEBHOOKS, "due")
    if reached:
        # A statement of the Core: many rows, one round trip, no objects.
        connection = await session.connection()
        await connection.execute(_MOVE, [{"c": c, "reached": seq} for c, seq in reached.items()])
    return [conversation_id for conversation_id, n in counted.items() if n == _ENTRIES_EACH]


# An erased conversation may still be noticed.
_EXISTING = text("SELECT id FROM conversation WHERE id = ANY(:ids)")
_MOVE = (
    WebhookCursor.__table__.update()  # type: ignore[attr-defined]  # declared as FromClause, is a Table
    .where(WebhookCursor.conversation_id == bindparam("c"))
    .values(seq=bindparam("reached"))
)


async def from_now_on(session: AsyncSession) -> None:
    """The first endpoint is registered: whatever stands in timelines now is history. One statement: what commits after
    its snapshot has a higher sequence than the cursor."""
    await session.execute(
        text(
            "INSERT INTO webhook_cursor (conversation_id, seq) SELECT id, seq FROM conversation"
            " ON CONFLICT (conversation_id) DO UPDATE SET seq = excluded.seq"
        )
    )
