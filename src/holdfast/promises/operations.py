"""What administrators do with policies and calendars, and what a customer is told before anything has begun."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import StaffViewer
from holdfast.core.clock import now
from holdfast.core.ids import new_id
from holdfast.promises import queries
from holdfast.promises.calendars import holiday_dates
from holdfast.promises.catalogue import POLICIES
from holdfast.promises.errors import CalendarRefused, CalendarUnknown
from holdfast.promises.model import Clock, Kind, Round, Terms, judge
from holdfast.promises.models import PromiseCalendar, PromisePolicy
from holdfast.promises.policies import Case, Match, choose
from holdfast.promises.versions import calendar_of, known


async def seed(session: AsyncSession) -> None:
    """The first version of each shipped policy, unless there is one."""
    for each in POLICIES:
        await session.execute(
            insert(PromisePolicy)
            .values(
                id=new_id(),
                key=each.key,
                version=1,
                kind=each.kind.value,
                match=match_row(each.match),
                target_seconds=each.target_seconds,
                wait_seconds=each.wait_seconds,
                active=True,
                made_at=now(),
            )
            .on_conflict_do_nothing(index_elements=["key", "version"])
        )


def match_row(match: Match) -> dict[str, Any]:
    """As it is stored: sets in order, so that equal ones look equal."""
    found: dict[str, Any] = msgspec.to_builtins(match, order="sorted")
    return found


async def change_policy(
    session: AsyncSession,
    viewer: StaffViewer,
    key: str,
    *,
    kind: Kind,
    match: Match,
    target_seconds: int,
    calendar: str | None,
    wait_seconds: int | None,
    active: bool,
    network: str,
) -> PromisePolicy:
    """The next version of a policy, or its first. What was promised before stays as it was. Raises CalendarUnknown."""
    calendar_id = None
    if calendar is not None:
        found = (await _newest_calendars(session)).get(calendar)
        if found is None:
            raise CalendarUnknown(key=calendar)
        calendar_id = found.id
    # Two administrators at once: the second one's version has the number of the first's, and is refused by its key.
    newest = (await _newest_policies(session)).get(key)
    policy = PromisePolicy(
        id=new_id(),
        key=key,
        version=newest.version + 1 if newest else 1,
        kind=kind.value,
        match=match_row(match),
        target_seconds=target_seconds,
        calendar_id=calendar_id,
        wait_seconds=wait_seconds,
        active=active,
        made_by_id=viewer.id,
        made_at=now(),
    )
    session.add(policy)
    record(
        session, viewer, "promise.policy_changed", ("promise_policy", policy.id), network=network, key=key,
        version=policy.version, target_seconds=target_seconds, active=active,
    )  # fmt: skip
    await session.flush()
    return policy


async def change_calendar(
    session: AsyncSession,
    viewer: StaffViewer,
    key: str,
    *,
    zone: str,
    weekly: dict[str, Any],
    holidays: list[str],
    exceptions: dict[str, Any],
    network: str,
) -> PromiseCalendar:
    """The next version of a calendar, and of every policy that counts by it. Raises CalendarRefused."""
    newest = (await _newest_calendars(session)).get(key)
    calendar = PromiseCalendar(
        id=new_id(),
        key=key,
        version=newest.version + 1 if newest else 1,
        zone=zone,
        weekly=weekly,
        holidays=holidays,
        exceptions=exceptions,
        made_by_id=viewer.id,
        made_at=now(),
    )
    _must_serve(calendar, now())
    session.add(calendar)
    await session.flush()
    if newest is not None:
        for policy in (await _newest_policies(session)).values():
            if policy.calendar_id == newest.id:
                session.add(_on(policy, calendar.id, viewer.id))
    record(
        session, viewer, "promise.calendar_changed", ("promise_calendar", calendar.id), network=network, key=key,
        version=calendar.version,
    )  # fmt: skip
    await session.flush()
    return calendar


def _must_serve(calendar: PromiseCalendar, moment: datetime) -> None:
    """Raises CalendarRefused: what cannot be counted by must not be stored, since everything is counted by it."""
    try:
        made = calendar_of(calendar)
        for place in made.holidays:
            holiday_dates(place, moment.year)
        next(made.spans(moment, moment), None)
    except (ValueError, KeyError, OSError, NotImplementedError) as error:
        # Of a zone that is none, a time that is none, a place that has no list of holidays.
        raise CalendarRefused(reason=str(error)[:200]) from error


def _on(policy: PromisePolicy, calendar_id: UUID, by_id: UUID) -> PromisePolicy:
    return PromisePolicy(
        id=new_id(),
        key=policy.key,
        version=policy.version + 1,
        kind=policy.kind,
        match=policy.match,
        target_seconds=policy.target_seconds,
        calendar_id=calendar_id,
        wait_seconds=policy.wait_seconds,
        active=policy.active,
        made_by_id=by_id,
        made_at=now(),
    )


async def _newest_policies(session: AsyncSession) -> dict[str, PromisePolicy]:
    return {row.key: row for row in await queries.policies(session)}


async def _newest_calendars(session: AsyncSession) -> dict[str, PromiseCalendar]:
    return {row.key: row for row in await queries.calendars(session)}


async def offered(session: AsyncSession, *, queue: str, channel: str, group: str, segment: str = "") -> datetime | None:
    """By when a customer is answered who begins now; None if nothing is promised, or nobody is ever there."""
    at = now()
    policy = choose((await known(session)).at(at), Kind.FIRST, Case(queue, None, 1, channel, group, segment=segment))
    if policy is None:
        return None
    return judge(Clock(Round(at, 0), (Terms(at, policy.target, policy.calendar),))).due
