"""The figures of a period, and the picture of this moment for the wall board."""

from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import Role, StaffViewer, Viewer
from holdfast.channels.voice import counting, figures
from holdfast.channels.voice.counting import Period
from holdfast.channels.voice.errors import BoardRefused, PeriodUnfit, ZoneUnknown
from holdfast.channels.voice.figures import Handling, Tally
from holdfast.channels.voice.keeping import SYSTEM
from holdfast.channels.voice.schemas_figures import (
    AgentsView,
    BoardView,
    CallBacksView,
    FiguresView,
    HandlingView,
    SurveyView,
    TodayView,
    WaitingView,
    WaitsView,
)
from holdfast.core.clock import now
from holdfast.promises import queries as promises

# A year and a day: the longest period that is compared with another.
LONGEST = timedelta(days=367)


# Those of the IANA, which PostgreSQL knows as well: a name of this machine's own, such as localtime, it does not.
_zones = cache(available_timezones)


def zone_named(name: str) -> ZoneInfo:
    """Raises ZoneUnknown."""
    if name not in _zones():
        raise ZoneUnknown
    return ZoneInfo(name)


def period(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From midnight to midnight by the clock on the wall there, both days included: 23 or 25 hours long when the clocks
    change. Raises PeriodUnfit."""
    if not timedelta(0) <= last - first < LONGEST:
        raise PeriodUnfit
    begins, ends = (datetime.combine(day, time(), zone) for day in (first, last + timedelta(days=1)))
    return begins.astimezone(UTC), ends.astimezone(UTC)


async def of_period(
    session: AsyncSession,
    viewer: Viewer,
    *,
    since: date | None,
    until: date | None,
    zone: str,
    line: UUID | None,
    language: str | None,
) -> FiguresView:
    """Without days: of today. Raises ZoneUnknown, PeriodUnfit."""
    place = zone_named(zone)
    today = now().astimezone(place).date()
    last = until or max(today, since or today)
    asked = Period(*period(since or last, last, place), line, language)
    waits = await counting.by_hour_and_language(session, viewer, asked, zone)
    handled = await counting.handling(session, viewer, asked)
    return FiguresView(
        since=asked.since,
        until=asked.until,
        zone=zone,
        waits=[_waits(hour, tongue, tally) for (hour, tongue), tally in waits.items()],
        handling=_handling(handled),
        call_backs=_call_backs(await counting.call_backs(session, viewer, asked)),
        survey=_survey(handled.asked, await counting.scores(session, viewer, asked)),
        queue=[WaitingView(*row) for row in await counting.waiting(session, viewer, line, language)],
    )


def _waits(hour: int | None, language: str | None, tally: Tally) -> WaitsView:
    return WaitsView(
        hour=hour,
        language=language,
        **asdict(tally),
        service_level=figures.service_level(tally),
        abandonment=figures.abandonment(tally),
    )


def _handling(found: Handling) -> HandlingView:
    each = (part / found.handled if found.handled else None for part in (found.talk, found.hold, found.wrap))
    return HandlingView(found.handled, found.average, *each)


def _call_backs(states: dict[str, int]) -> CallBacksView:
    count = states.get
    waits = count("waiting", 0) + count("ringing", 0)
    return CallBacksView(waits, count("done", 0), count("failed", 0), count("cancelled", 0))


def _survey(asked: int, scores: list[int]) -> SurveyView:
    answered, satisfied = sum(scores), scores[3] + scores[4]
    low, high = figures.interval(satisfied, answered) or (None, None)
    return SurveyView(
        asked=asked,
        answered=answered,
        response_rate=figures.share(answered, asked),
        scores=scores,
        satisfied=figures.share(satisfied, answered),
        low=low,
        high=high,
    )


# --- the wall board: a port of the socket (channels/chat/boards.py) ---


def admit(viewer: StaffViewer, zone: str) -> None:
    """Raises BoardRefused, ZoneUnknown."""
    if not viewer.holds(Role.LEAD, Role.ADMINISTRATOR):
        raise BoardRefused
    zone_named(zone)


async def board(session: AsyncSession, zone: str) -> BoardView:
    """As it stands; today is that of ``zone``."""
    place = zone_named(zone)
    today = now().astimezone(place).date()
    tally = await counting.total(session, SYSTEM, Period(*period(today, today, place)))
    states = await counting.agents(session, SYSTEM)
    at_risk, late = await promises.at_risk(session)
    return BoardView(
        zone=zone,
        queue=[WaitingView(*row) for row in await counting.waiting(session, SYSTEM)],
        call_backs=await counting.call_backs_waiting(session, SYSTEM),
        agents=AgentsView(
            **states, occupancy=figures.occupancy(states["talking"] + states["wrap_up"], states["ready"])
        ),
        today=TodayView(tally.offered, tally.answered, tally.abandoned, figures.service_level(tally), tally.wait_p90),
        at_risk=at_risk,
        late=late,
    )
