"""Policies, calendars and ledgers as they leave the server."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from holdfast.promises.book import Held, clock_of
from holdfast.promises.keeping import state_of
from holdfast.promises.model import elapsed, judge, ledger
from holdfast.promises.models import PromiseCalendar, Promised, PromisePolicy
from holdfast.promises.policies import Policy
from holdfast.promises.schemas import (
    CalendarView,
    MatchView,
    PolicyView,
    PromiseView,
    SegmentView,
    TermView,
)


def policy(row: PromisePolicy, calendars: Mapping[UUID, PromiseCalendar]) -> PolicyView:
    return PolicyView(
        id=row.id,
        key=row.key,
        version=row.version,
        kind=row.kind,
        target_seconds=row.target_seconds,
        match=msgspec.convert(row.match, MatchView),
        calendar=calendars[row.calendar_id].key if row.calendar_id is not None else None,
        wait_seconds=row.wait_seconds,
        active=row.active,
        made_at=row.made_at,
    )


def calendar(row: PromiseCalendar) -> CalendarView:
    return msgspec.convert(row, CalendarView, from_attributes=True)


def promise(row: Promised, known: Mapping[UUID, Policy], moment: datetime) -> PromiseView:
    """All of it worked out anew from the events and the versions: nothing of it is a stored figure."""
    held = msgspec.convert(row.held, Held)
    clock = clock_of(held, known)
    verdict = judge(clock)
    return PromiseView(
        id=row.id,
        kind=row.kind,
        state=state_of(clock, broken=verdict.broken(clock.round.stop or moment)),
        started_at=clock.round.start,
        due_at=verdict.due,
        stopped_at=clock.round.stop,
        elapsed_seconds=elapsed(clock, moment).total_seconds(),
        terms=[_term(term.since, known[term.policy] if term.policy else None) for term in held.terms],
        segments=[SegmentView(s.since, s.until, s.label.value) for s in ledger(clock, moment)],
    )


def _term(since: datetime, found: Policy | None) -> TermView:
    if found is None:
        return TermView(since, None, None, None)
    return TermView(since, found.key, found.version, int(found.target.total_seconds()))
