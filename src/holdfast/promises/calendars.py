"""Opening hours: pure. Somebody is there at an instant if the wall clock of the zone shows a time inside a window.

A window belongs to the local day on which it begins, also when it ends on the next one. A holiday closes the windows
of its day; an exception replaces them, holiday or not. Asked of the wall clock, no hour of a change of the clocks needs
a rule of its own: an hour that comes twice is open twice, an hour that is left out is not there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import cast
from zoneinfo import ZoneInfo

import holidays

Span = tuple[datetime, datetime]
"""From an instant until before another, in UTC."""

FOREVER = datetime.max.replace(tzinfo=UTC)
# A calendar that is not open once in this time promises nothing: the longest target is 90 days.
HORIZON = timedelta(days=800)
DAY = timedelta(days=1)
MIDNIGHT = timedelta(0)


@dataclass(frozen=True, slots=True)
class Window:
    """From ``opens`` to ``closes``, counted from the local midnight at which its day begins; at most 24 h long, and
    over midnight when ``closes`` is above 24 h."""

    opens: timedelta
    closes: timedelta

    def __post_init__(self) -> None:
        if not MIDNIGHT <= self.opens < DAY or not self.opens < self.closes <= self.opens + DAY:
            raise ValueError(f"no window: {self.opens} to {self.closes}")


def window(opens: time, closes: time) -> Window:
    """As people write it: closing at or before the opening is meant for the next day, 00:00 to 00:00 is a whole day."""
    since, until = _of_day(opens), _of_day(closes)
    return Window(since, until if until > since else until + DAY)


def _of_day(moment: time) -> timedelta:
    return timedelta(hours=moment.hour, minutes=moment.minute, seconds=moment.second)


@dataclass(frozen=True)
class Calendar:
    """``weekly`` holds the windows of Monday (0) to Sunday (6), ``holidays`` country or country-subdivision codes
    (``DE``, ``DE-BY``), ``exceptions`` the windows of single days."""

    zone: str
    weekly: Mapping[int, tuple[Window, ...]]
    holidays: tuple[str, ...] = ()
    exceptions: Mapping[date, tuple[Window, ...]] = field(default_factory=dict)

    def windows(self, day: date) -> tuple[Window, ...]:
        """The windows that begin on a local day."""
        if day in self.exceptions:
            return self.exceptions[day]
        if any(day in holiday_dates(place, day.year) for place in self.holidays):
            return ()
        return self.weekly.get(day.weekday(), ())

    def spans(self, since: datetime, until: datetime) -> Iterator[Span]:
        """When it is open between two instants, in order; spans that touch are one. ``until`` is cut at the horizon."""
        until = min(until, since + HORIZON)
        last: Span | None = None
        for begin, end in self._pieces(since, until):
            if last is None:
                last = begin, end
            elif begin <= last[1]:
                last = last[0], max(last[1], end)
            else:
                yield last
                last = begin, end
        if last is not None:
            yield last

    def _pieces(self, since: datetime, until: datetime) -> Iterator[Span]:
        """Parts of windows, by their begin, perhaps overlapping. While a zone keeps its offset, its wall clock is UTC
        and a sum: so each stretch of one offset is cut out of the local windows by itself."""
        for begin, end, offset in _stretches(self.zone, since, until):
            local_begin, local_end = begin + offset, end + offset
            # A window of the day before may still be open.
            day = local_begin.date() - DAY
            while day <= local_end.date():
                midnight = datetime.combine(day, time(), UTC)
                for each in sorted(self.windows(day), key=lambda w: w.opens):
                    opens, closes = max(midnight + each.opens, local_begin), min(midnight + each.closes, local_end)
                    if opens < closes:
                        yield opens - offset, closes - offset
                day += DAY


def _stretches(zone: str, since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """The time between two instants, cut where the zone's offset changes."""
    begin = since
    for year in range(since.year, until.year + 1):
        for change in _changes(zone, year):
            if begin < change < until:
                yield begin, change, _offset(zone, begin)
                begin = change
    if begin < until:
        yield begin, until, _offset(zone, begin)


def _offset(zone: str, at: datetime) -> timedelta:
    return cast(timedelta, at.astimezone(ZoneInfo(zone)).utcoffset())


@lru_cache(maxsize=4096)
def _changes(zone: str, year: int) -> tuple[datetime, ...]:
    """The instants of a UTC year at which the zone's offset changes, to the second. Looked for day by day: no zone has
    ever changed twice within a day."""
    found = []
    begin, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    while begin < end:
        if _offset(zone, begin) != _offset(zone, begin + DAY):
            found.append(_change_within(zone, begin, begin + DAY))
        begin += DAY
    return tuple(found)


def _change_within(zone: str, before: datetime, after: datetime) -> datetime:
    """The first second with another offset than ``before`` has."""
    old = _offset(zone, before)
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, before + timedelta(seconds=middle)) == old:
            low = middle
        else:
            high = middle
    return before + timedelta(seconds=high)


@lru_cache(maxsize=1024)
def holiday_dates(place: str, year: int) -> frozenset[date]:
    """The public holidays of a country or one of its parts in a year. Raises NotImplementedError for a place that the
    library does not know."""
    country, _, part = place.partition("-")
    return frozenset(holidays.country_holidays(country, subdiv=part or None, years=year))
