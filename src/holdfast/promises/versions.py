"""Policies and calendars between their tables and the pure model."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.promises import queries
from holdfast.promises.calendars import Calendar, Window, window
from holdfast.promises.model import Kind
from holdfast.promises.models import PromiseCalendar, PromisePolicy
from holdfast.promises.policies import Match, Policy, in_force

# A version never changes: each is read into the model once in a process.
_known: dict[UUID, Policy] = {}


class Known:
    """Every version there is, as the model wants it."""

    def __init__(self, policies: Sequence[Policy]) -> None:
        self.by_id: Mapping[UUID, Policy] = {policy.id: policy for policy in policies}
        # What is in force changes with versions alone: between two of them it is worked out once.
        self._edges = sorted({policy.made_at for policy in policies})
        self._found: dict[int, list[Policy]] = {}

    def at(self, moment: datetime) -> Sequence[Policy]:
        place = sum(edge <= moment for edge in self._edges)
        if place not in self._found:
            self._found[place] = in_force(self.by_id.values(), moment)
        return self._found[place]


async def known(session: AsyncSession) -> Known:
    rows = await queries.policies(session)
    if any(row.id not in _known for row in rows):
        calendars = {row.id: calendar_of(row) for row in await queries.calendars(session)}
        _known.update({row.id: policy_of(row, calendars) for row in rows})
    return Known([_known[row.id] for row in rows])


def policy_of(row: PromisePolicy, calendars: Mapping[UUID, Calendar]) -> Policy:
    return Policy(
        id=row.id,
        key=row.key,
        version=row.version,
        kind=Kind(row.kind),
        match=msgspec.convert(row.match, Match),
        target=timedelta(seconds=row.target_seconds),
        calendar=calendars[row.calendar_id] if row.calendar_id is not None else None,
        longest_wait=timedelta(seconds=row.wait_seconds) if row.wait_seconds is not None else None,
        active=row.active,
        made_at=row.made_at,
    )


def calendar_of(row: PromiseCalendar) -> Calendar:
    return Calendar(
        zone=row.zone,
        weekly={int(day): _windows(given) for day, given in row.weekly.items()},
        holidays=tuple(row.holidays),
        exceptions={date.fromisoformat(day): _windows(given) for day, given in row.exceptions.items()},
    )


def _windows(given: Sequence[Sequence[str]]) -> tuple[Window, ...]:
    return tuple(window(time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in given)
