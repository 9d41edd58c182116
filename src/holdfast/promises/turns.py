"""What comes with time: warnings at 50 and 80 per cent, and the breach. The handler of the deadline ``promise``.

Many promises may turn in one second (a thousand begin to run when the desk opens at nine), so that one call of the
handler takes what else is due: a promise each cost 5 ms, two hundred together 0.4 ms each.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.conversations.models import Conversation
from holdfast.conversations.operations import append
from holdfast.core.clock import now
from holdfast.core.database import happened
from holdfast.core.due import Due
from holdfast.promises import queries
from holdfast.promises.book import Held, clock_of
from holdfast.promises.facts import PromiseTurned
from holdfast.promises.keeping import BREACH, TURN, read, set_turns, state_of, turns_of, write_books
from holdfast.promises.model import Clock
from holdfast.promises.models import Promised
from holdfast.promises.versions import known

AT_ONCE = 200
# A conversation that somebody holds at this moment is looked at again after this time.
_LOOK_AGAIN = timedelta(milliseconds=50)


async def turn(session: AsyncSession, promise_id: UUID) -> None:
    """The promise's turn has come, and perhaps that of others. It may come too often and finds nothing to say then."""
    further = await queries.due_refs(session, TURN, now(), AT_ONCE - 1)
    await session.execute(
        delete(Due).where(Due.kind == TURN, Due.ref.in_(further)), execution_options={"synchronize_session": False}
    )
    await announce(session, [promise_id, *further])


async def announce(session: AsyncSession, promise_ids: Collection[UUID]) -> None:
    """Say what is to be said of these, and set their next turns. What was answered a moment ago is read first. Nobody
    is waited for: what is held by somebody else has another turn."""
    conversation_ids = await queries.conversations_of(session, promise_ids)
    await read(session, list(conversation_ids), wait=False)
    books = await queries.locked_books(session, conversation_ids, wait=False)
    free = await queries.lock_if_free(session, list(books))
    versions = await known(session)
    turns: dict[UUID, datetime] = {}
    said: Counter[UUID] = Counter()
    for row in await queries.by_id(session, promise_ids):
        if row.stopped_at is not None:
            continue
        if row.conversation_id not in free:
            turns[row.id] = now() + _LOOK_AGAIN
            continue
        clock = clock_of(msgspec.convert(row.held, Held), versions.by_id)
        # Worked out once: this was half of the time of a turn.
        coming = turns_of(clock, row.told)
        if _say(session, free[row.conversation_id], row, clock, coming):
            said[row.conversation_id] += 1
        later = [at for level, at in coming if level > row.told]
        if later:
            turns[row.id] = min(later)
    await session.flush()
    # What we wrote ourselves is read, unless somebody else wrote before us.
    await write_books(
        session, {c: (free[c].seq, books[c][1]) for c, n in said.items() if free[c].seq - books[c][0] == n}
    )
    await set_turns(session, turns)


def _say(
    session: AsyncSession,
    conversation: Conversation,
    row: Promised,
    clock: Clock,
    coming: Sequence[tuple[int, datetime]],
) -> bool:
    """The last of what is over, if anything is: whoever was away hears of the breach, not of two warnings before it."""
    level = max((level for level, at in coming if at <= now()), default=None)
    if level is None:
        return False
    due = row.due_at.isoformat() if row.due_at else None
    row.told = level
    if level == BREACH:
        row.state = state_of(clock, broken=True)
        event: dict[str, Any] = {"type": "promise_broken", "promise": row.kind, "due": due}
    else:
        event = {"type": "promise_warned", "promise": row.kind, "share": level, "due": due}
    append(session, conversation, event=event)
    happened(session, PromiseTurned(conversation.id, row.kind, level))
    return True
