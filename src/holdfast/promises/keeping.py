"""From timelines to promises: what is new in a timeline goes into the conversation's book, what that changes into the
rows of its promises, into their next turns, and into the instant that its customer is shown."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from msgspec import json
from sqlalchemy import DateTime, Uuid, bindparam, delete, select, text, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.conversations.operations import touch
from holdfast.core.clock import now
from holdfast.core.database import happened, tell
from holdfast.core.due import Due
from holdfast.core.ids import new_id
from holdfast.core.notify import DUE, LIVE
from holdfast.promises import queries
from holdfast.promises.book import Book, Held, clock_of, take
from holdfast.promises.entries import Entry, Names, events, opening
from holdfast.promises.facts import PromiseSettled
from holdfast.promises.model import Clock, Kind, What, judge, warned
from holdfast.promises.models import Promised
from holdfast.promises.policies import Case, choose
from holdfast.promises.versions import Known, known

TURN = "promise"
BREACH = 100
WARNINGS = ((50, 0.5), (80, 0.8))
ENTRIES_EACH = 500
# Clocks of answers to the customer: the earliest of them is the instant that they are shown.
SHOWN = frozenset({Kind.FIRST, Kind.NEXT, Kind.EMERGENCY})
# An answer is stored with the instant at which its transaction began, and seen a little later. A breach is announced
# after this time, so that an answer which was in time is not called late (writing takes 20 ms at the 99th percentile).
SETTLE = timedelta(milliseconds=200)
# Two clocks that were read in one transaction differ by microseconds.
_SAME = timedelta(seconds=1)

Shown = tuple[datetime | None, int | None]
"""The instant by which the customer is answered, and the seconds that an answer may take."""


@dataclass(frozen=True, slots=True)
class Read:
    """``more``: there is more to read than one go takes. ``held``: somebody holds the row, its shown instant waits."""

    more: set[UUID]
    held: set[UUID]


@dataclass(frozen=True, slots=True)
class _Row:
    """A promise as it is to be stored, and its clock."""

    conversation_id: UUID
    held: Held
    clock: Clock
    policy_id: UUID
    state: str
    due: datetime | None

    def stored(self) -> dict[str, object]:
        return {
            "id": new_id(),
            "conversation_id": self.conversation_id,
            "kind": self.held.kind,
            "seq": self.held.round.seq,
            "policy_id": self.policy_id,
            "held": self.held,
            "state": self.state,
            "started_at": self.held.round.start,
            "due_at": self.due,
            "stopped_at": self.held.round.stop,
            "told": 0,
        }


@dataclass(slots=True)
class _Change:
    """What one reading changes, of all its conversations."""

    books: dict[UUID, tuple[int, dict[str, Any] | None]] = field(default_factory=dict)
    rows: list[_Row] = field(default_factory=list)
    stopped: list[tuple[UUID, str, int]] = field(default_factory=list)
    shown: dict[UUID, Shown] = field(default_factory=dict)
    updates: set[UUID] = field(default_factory=set)
    """Whose promise of an update has changed."""


async def read(session: AsyncSession, ids: Collection[UUID], *, wait: bool = True, show: Collection[UUID] = ()) -> Read:
    """One transaction's worth: what is new in these timelines. Without ``wait`` a conversation that another reader
    holds is left to it. ``show``: of these the shown instant is looked at also when nothing is new."""
    new = {*await queries.unread_of(session, ids), *show}
    if not new:
        return Read(set(), set())
    found = {row.id: row for row in await queries.cases(session, new)}
    await session.execute(_OPEN_BOOKS, {"ids": sorted(found)})
    # Whoever held a book before us may have read further than what we saw.
    books = await queries.locked_books(session, found, wait=wait)
    unread: dict[UUID, list[Entry]] = {conversation_id: [] for conversation_id in books}
    for row in await queries.entries(session, {key: seq for key, (seq, _) in books.items()}, ENTRIES_EACH):
        unread[row[0]].append(Entry(*row[1:]))
    versions, (queues, topics, technical) = await known(session), await queries.names(session)
    change = _Change()
    for conversation_id, entries in unread.items():
        row, (seq, stored) = found[conversation_id], books[conversation_id]
        if entries:
            names = Names(queues, topics, technical, row.first_queue, row.emergency_queue)
            _turn_pages(change, row, stored, entries, names, versions)
        elif conversation_id in show and stored:
            change.shown[conversation_id] = _shown(msgspec.convert(stored, Book), versions)
        if len(entries) < ENTRIES_EACH and max(seq, row.seq) > change.books.get(conversation_id, (seq, None))[0]:
            # Also past what was erased: nothing of it will be there any more.
            change.books[conversation_id] = (row.seq, change.books.get(conversation_id, (seq, stored))[1])
    await write_books(session, change.books)
    await _keep(session, change.rows)
    await _forget_turns(session, change.stopped)
    for conversation_id in change.updates:
        # It stands on no row of theirs: whoever shows them asks again.
        tell(session, LIVE, f"c:{conversation_id.hex}:{found[conversation_id].seq}")
    held = await _show(session, {key: value for key, value in change.shown.items() if _differs(found[key], *value)})
    return Read({key for key, entries in unread.items() if len(entries) == ENTRIES_EACH}, held)


def _turn_pages(
    change: _Change, row: Any, stored: dict[str, Any] | None, entries: Sequence[Entry], names: Names, versions: Known
) -> None:
    """One conversation's book, and what of its promises has changed."""
    if stored:
        book = msgspec.convert(stored, Book)
    else:
        case = Case(row.queue, row.topic, row.priority, row.channel, row.group, segment=row.segment)
        book = Book(opening(entries, case, names, emergency=row.emergency))
    before = {held.kind: held for held in book.open()}
    ended: list[Held] = []
    for event, case in events(entries, book.case, names, emergency=row.emergency):
        book, done = take(book, event, case, versions.at)
        ended += done
    change.books[row.id] = entries[-1].seq, msgspec.to_builtins(book, str_keys=True)
    changed = [held for held in book.open() if held != before.get(held.kind)]
    change.stopped += [(row.id, held.kind.value, held.round.seq) for held in ended]
    change.rows += [_row(row.id, held, versions) for held in (*ended, *changed) if held.promised]
    change.shown[row.id] = _shown(book, versions)
    change.updates |= {row.id for held in (*ended, *changed) if held.kind is Kind.UPDATE and held.promised}


def _row(conversation_id: UUID, held: Held, versions: Known) -> _Row:
    clock = clock_of(held, versions.by_id)
    verdict = judge(clock)
    policy_id = next(term.policy for term in held.terms if term.policy is not None)
    state = state_of(clock, broken=verdict.broken(held.round.stop or now()))
    return _Row(conversation_id, held, clock, policy_id, state, verdict.due)


def state_of(clock: Clock, *, broken: bool) -> str:
    if broken:
        return "broken"
    if clock.round.stop is not None:
        return "kept"
    resting = any(pause.why is What.RESOLVED and pause.until is None for pause in clock.round.pauses)
    return "resting" if resting else "running"


def turns_of(clock: Clock, told: int) -> list[tuple[int, datetime]]:
    """What is still to be announced, and when."""
    verdict = judge(clock)
    turns = [(level, warned(clock, share)) for level, share in WARNINGS if level > told]
    if told < BREACH and verdict.broken_after is not None:
        turns.append((BREACH, verdict.broken_after + SETTLE))
    return [(level, at) for level, at in turns if at is not None]


def next_turn(clock: Clock, told: int) -> tuple[int, datetime] | None:
    return min(turns_of(clock, told), key=lambda turn: turn[1], default=None)


# One statement and one JSON text for any number of rows: a list of values for each row, or arrays of texts full of
# quotation marks, took longer to be written down than all else here (1,900 us for a conversation that is read first).
_OPEN_BOOKS = text(
    "INSERT INTO promise_book (conversation_id, seq) SELECT id, 0 FROM unnest(:ids) AS g(id) ORDER BY id"
    " ON CONFLICT DO NOTHING"
).bindparams(bindparam("ids", type_=ARRAY(Uuid())))
_WRITE_BOOKS = text(
    "UPDATE promise_book b SET seq = g.seq, book = g.book"
    " FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g(id uuid, seq int, book jsonb) WHERE b.conversation_id = g.id"
)
_COLUMNS = "id, conversation_id, kind, seq, policy_id, held, state, started_at, due_at, stopped_at, told"
_KEEP = text(f"""
INSERT INTO promise ({_COLUMNS})
SELECT {_COLUMNS} FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS g(
  id uuid, conversation_id uuid, kind text, seq int, policy_id uuid, held jsonb, state text,
  started_at timestamptz, due_at timestamptz, stopped_at timestamptz, told int)
ON CONFLICT (conversation_id, kind, seq) DO UPDATE SET
  held = excluded.held, state = excluded.state, due_at = excluded.due_at, stopped_at = excluded.stopped_at
RETURNING id, conversation_id, kind, seq, told
""")  # noqa: S608 - names of columns
_SET_TURNS = text(
    "INSERT INTO due (kind, ref, at) SELECT :kind, ref, at FROM unnest(:refs, :instants) AS g(ref, at) ORDER BY ref"
    " ON CONFLICT (kind, ref) DO UPDATE SET at = excluded.at"
).bindparams(bindparam("refs", type_=ARRAY(Uuid())), bindparam("instants", type_=ARRAY(DateTime(timezone=True))))


async def write_books(session: AsyncSession, books: Mapping[UUID, tuple[int, dict[str, Any] | None]]) -> None:
    if books:
        rows = [{"id": key, "seq": seq, "book": book} for key, (seq, book) in books.items()]
        await session.execute(_WRITE_BOOKS, {"rows": json.encode(rows).decode()})


async def _keep(session: AsyncSession, rows: Sequence[_Row]) -> None:
    """Add or change the rows of promises and set their turns. What was announced stays announced."""
    if not rows:
        return
    found = await session.execute(_KEEP, {"rows": json.encode([row.stored() for row in rows]).decode()})
    clocks = {(row.conversation_id, row.held.kind.value, row.held.round.seq): row.clock for row in rows}
    turns = {}
    for promise_id, conversation_id, kind, seq, told in found:
        clock = clocks[conversation_id, kind, seq]
        turn = next_turn(clock, told) if clock.round.stop is None else None
        if turn is not None:
            turns[promise_id] = turn[1]
        elif told and clock.round.stop is not None:
            happened(session, PromiseSettled(conversation_id, kind))
    await set_turns(session, turns)


async def set_turns(session: AsyncSession, turns: Mapping[UUID, datetime]) -> None:
    """As ``core.due.set_due``, for many; in the order of their ids."""
    if turns:
        await session.execute(_SET_TURNS, {"kind": TURN, "refs": list(turns), "instants": list(turns.values())})
        tell(session, DUE, "set")


async def _forget_turns(session: AsyncSession, stopped: Sequence[tuple[UUID, str, int]]) -> None:
    """Of promises that are settled. What the claimer holds just now finds nothing to announce."""
    if not stopped:
        return
    theirs = select(Promised.id).where(tuple_(Promised.conversation_id, Promised.kind, Promised.seq).in_(stopped))
    free = select(Due.ref).where(Due.kind == TURN, Due.ref.in_(theirs)).with_for_update(skip_locked=True)
    await session.execute(
        delete(Due).where(Due.kind == TURN, Due.ref.in_(free)), execution_options={"synchronize_session": False}
    )


def _shown(book: Book, versions: Known) -> Shown:
    """The writer adds the seconds to the instant of a follow-up, which is right at all hours, and corrected here for
    others."""
    open_now = {
        held.kind: clock_of(held, versions.by_id) for held in book.open() if held.kind in SHOWN and held.promised
    }
    due = [judge(clock).due for clock in open_now.values()]
    first = open_now[Kind.FIRST].terms[-1].target if Kind.FIRST in open_now else None
    policy = choose(versions.at(now()), Kind.NEXT, book.case)
    target = first or (policy.target if policy else None)
    return min((d for d in due if d is not None), default=None), int(target.total_seconds()) if target else None


def _differs(row: Any, due: datetime | None, seconds: int | None) -> bool:
    if row.category == "resolved":
        return False
    late = (
        due is not None and row.waiting_since is not None and (row.next_due is None or abs(row.next_due - due) > _SAME)
    )
    return late or (seconds is not None and row.answer_seconds != seconds)


async def _show(session: AsyncSession, shown: Mapping[UUID, Shown]) -> set[UUID]:
    """Put what the customer is promised on the conversation's row; the ids of those that somebody holds."""
    if not shown:
        return set()
    free = await queries.lock_if_free(session, list(shown))
    for conversation_id, conversation in free.items():
        due, seconds = shown[conversation_id]
        if conversation.category != "resolved":
            if conversation.waiting_since is not None and due is not None:
                conversation.next_due = due
            conversation.answer_seconds = seconds or conversation.answer_seconds
            touch(session, conversation)
    return set(shown) - set(free)
