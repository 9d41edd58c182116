"""What is new in a timeline goes through the rules, and what they decide is done: in one transaction with the cursor,
so that after a crash it is done once."""

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, text
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Uuid

from holdfast.automation import acting, queries, rulebook
from holdfast.automation.events import Entry, event_of
from holdfast.automation.models import AutomationCursor, AutomationFiring, AutomationTimer
from holdfast.automation.rules import Asks, Decision, Facts, Happened, Rule, all_tests, judge, listens
from holdfast.conversations import queries as conversations
from holdfast.core.clock import now
from holdfast.core.due import set_due
from holdfast.core.ids import new_id
from holdfast.promises import queries as promises
from holdfast.promises.calendars import Calendar
from holdfast.promises.versions import calendar_of

TIMER = "automation"
KEPT = timedelta(days=90)
_DAY = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)
# Entries of one conversation that are looked at without holding it.
_GLANCE = 200
_ALL = 100_000

_OPEN_CURSORS = text(
    "INSERT INTO automation_cursor (conversation_id, seq) SELECT id, 0 FROM conversation WHERE id = ANY(:ids)"
    " ORDER BY id ON CONFLICT DO NOTHING"
).bindparams(bindparam("ids", type_=ARRAY(Uuid())))
_MOVE = (
    AutomationCursor.__table__.update()  # type: ignore[attr-defined]  # declared as FromClause, is a Table
    .where(AutomationCursor.conversation_id == bindparam("c"))
    .values(seq=bindparam("reached"))
)


async def glance(session: AsyncSession, ids: Collection[UUID]) -> list[UUID]:
    """Where nothing concerns a rule the cursor is moved, many in one transaction; the others are given back, each to be
    followed in its own."""
    rules = await rulebook.active(session)
    if not rules:
        return []
    await session.execute(_OPEN_CURSORS, {"ids": sorted(ids)})
    cursors = await queries.cursors(session, ids)
    moved: dict[UUID, int] = {}
    concerned: dict[UUID, None] = {}
    for conversation_id, *rest in await queries.entries(session, cursors, _GLANCE):
        entry = Entry(*rest)
        if _for(rules, entry):
            concerned[conversation_id] = None
        elif conversation_id not in concerned:
            moved[conversation_id] = entry.seq
    if moved:
        connection = await session.connection()
        await connection.execute(_MOVE, [{"c": c, "reached": seq} for c, seq in moved.items()])
    # Those that have more to read are followed: it reads to the end.
    more = [c for c, seq in moved.items() if c not in concerned and seq - cursors[c] >= _GLANCE]
    return [*concerned, *more]


def _for(rules: Sequence[Rule], entry: Entry) -> list[Rule]:
    """The rules that wait for what this entry says; what was before a rule is no business of its."""
    what = event_of(entry)
    if what is None:
        return []
    return [rule for rule in listens(rules, what) if rule.since is not None and rule.since <= entry.at]


async def follow(session: AsyncSession, conversation_id: UUID) -> None:
    """Everything that is new in one conversation."""
    walk = await _Walk.begin(session, conversation_id)
    if walk is not None:
        await walk.catch_up()
        await walk.end()


async def time_over(session: AsyncSession, timer_id: UUID) -> None:
    """The handler of the deadline ``automation``: a time after an event is over."""
    timer = await queries.timer(session, timer_id)
    walk = await _Walk.begin(session, timer.conversation_id) if timer is not None else None
    if timer is None or walk is None:
        return
    # What was written a moment ago may have moved the timer, or be what it should not be fired for.
    await walk.catch_up()
    await session.refresh(timer)
    rule = next((rule for rule in walk.rules if rule.id == timer.rule_id), None)
    # One that was switched off meanwhile begins anew.
    counts = rule is not None and rule.since is not None and rule.since <= timer.event_at
    if rule is not None and counts and rule.when.after_seconds is not None:
        over = timer.event_at + timedelta(seconds=rule.when.after_seconds)
        if over > now():
            await set_due(session, TIMER, timer.id, over)
            await walk.end()
            return
        later = await queries.entries(session, {timer.conversation_id: timer.seq}, _ALL)
        if not {event_of(Entry(*rest)) for _, *rest in later} & set(rule.when.unless):
            await walk.happen(Happened(rule.when.event, timer.seq, over, timer_of=rule.id), walk.rules)
            await walk.catch_up()
    await session.execute(delete(AutomationTimer).where(AutomationTimer.id == timer.id))
    await walk.end()


class _Walk:
    """One conversation, whose cursor and row are held."""

    def __init__(self, session: AsyncSession, conversation_id: UUID, seq: int, rules: list[Rule]) -> None:
        self._session = session
        self._id = conversation_id
        self._seq = seq
        self.rules = rules
        # Entries that wait, with the rules whose doing they are.
        self._waiting: deque[tuple[Entry, tuple[UUID, ...]]] = deque()

    @classmethod
    async def begin(cls, session: AsyncSession, conversation_id: UUID) -> "_Walk | None":
        await session.execute(_OPEN_CURSORS, {"ids": [conversation_id]})
        cursors = await queries.cursors(session, [conversation_id])
        if conversation_id not in cursors:
            return None
        await conversations.locked(session, acting.VIEWER, conversation_id)
        return cls(session, conversation_id, cursors[conversation_id], await rulebook.active(session))

    async def catch_up(self) -> None:
        await self._read(())
        while self._waiting:
            entry, chain = self._waiting.popleft()
            concerned = _for(self.rules, entry)
            what = event_of(entry)
            if what is None or not concerned:
                continue
            for rule in concerned:
                if rule.when.after_seconds is not None:
                    await self._set_timer(rule, entry)
            if any(rule.when.after_seconds is None for rule in concerned):
                await self.happen(Happened(what, entry.seq, entry.at, chain=chain), concerned)

    async def _read(self, chain: tuple[UUID, ...]) -> None:
        for _, *rest in await queries.entries(self._session, {self._id: self._seq}, _ALL):
            entry = Entry(*rest)
            self._waiting.append((entry, chain))
            self._seq = entry.seq

    async def happen(self, event: Happened, rules: Sequence[Rule]) -> None:
        """Judged by one state of the conversation, then done in the rules' order."""
        had = await queries.had(self._session, self._id, event.seq)
        event = replace(event, had=had)
        decisions = judge(rules, event, await self._facts(event, rules))
        for decision in decisions:
            if decision.fires or decision.stopped is not None:
                await self._fire(event, decision)

    async def _fire(self, event: Happened, decision: Decision) -> None:
        rule, done = decision.rule, []
        if decision.fires:
            done = await acting.do(self._session, self._id, rule, event.seq, decision.plan)
            await self._session.flush()
            await self._read((*event.chain, rule.id))
        self._session.add(
            AutomationFiring(
                id=new_id(),
                version_id=rule.version_id,
                rule_id=rule.id,
                conversation_id=self._id,
                seq=event.seq,
                event=event.what.value,
                event_at=event.at,
                depth=len(event.chain),
                stopped=decision.stopped,
                why=decision.why,
                done=done,
                at=now(),
            )
        )
        await self._session.flush()

    async def _set_timer(self, rule: Rule, entry: Entry) -> None:
        values = {"conversation_id": self._id, "rule_id": rule.id, "seq": entry.seq, "event_at": entry.at}
        made = await self._session.execute(
            insert(AutomationTimer)
            .values(id=new_id(), **values)
            .on_conflict_do_update(
                index_elements=["conversation_id", "rule_id"], set_={"seq": entry.seq, "event_at": entry.at}
            )
            .returning(AutomationTimer.id)
        )
        await set_due(
            self._session, TIMER, made.scalar_one(), entry.at + timedelta(seconds=rule.when.after_seconds or 0)
        )

    async def _facts(self, event: Happened, rules: Sequence[Rule]) -> Facts:
        row = (await queries.case_of(self._session, [self._id]))[self._id]
        counts = await queries.fired(self._session, self._id, now() - _DAY)
        return Facts(
            **stands(row),
            messages=await queries.messages(self._session, self._id, event.seq),
            said=await queries.last_said(self._session, self._id, event.seq),
            hours=open_at(await calendars_of(self._session, rules), event.at),
            fired={rule_id: ever for rule_id, (ever, _) in counts.items()},
            today={rule_id: today for rule_id, (_, today) in counts.items()},
        )

    async def end(self) -> None:
        connection = await self._session.connection()
        await connection.execute(_MOVE, [{"c": self._id, "reached": self._seq}])


def stands(row: Any) -> dict[str, Any]:
    """A conversation's row as facts."""
    return {
        "queue": row.queue,
        "topic": row.topic,
        "priority": row.priority,
        "language": row.language,
        "channel": row.channel,
        "group": row.group,
        "segment": row.segment,
        "emergency": row.emergency,
        "waits": row.category != "resolved" and row.waiting_since is not None,
        "resolved": row.category == "resolved",
        "tags": frozenset(row.tags),
    }


async def calendars_of(session: AsyncSession, rules: Sequence[Rule]) -> dict[str, Calendar]:
    """The newest version of each calendar that a rule asks for."""
    wanted = {key for rule in rules for test in all_tests(rule) if test.asks is Asks.HOURS for key in test.values}
    if not wanted:
        return {}
    newest = {row.key: row for row in await promises.calendars(session)}
    return {key: calendar_of(newest[key]) for key in wanted if key in newest}


def open_at(calendars: Mapping[str, Calendar], at: datetime) -> dict[str, bool]:
    return {key: next(calendar.spans(at, at + _MOMENT), None) is not None for key, calendar in calendars.items()}


async def purge(session: AsyncSession) -> None:
    """What fired more than 90 days ago."""
    await session.execute(delete(AutomationFiring).where(AutomationFiring.at < now() - KEPT))
