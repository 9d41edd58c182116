"""Opening hours, in zones whose clocks change, over midnight, on holidays and on days of their own."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.promises import calendars
from holdfast.promises.calendars import HORIZON, Calendar, Window, holiday_dates, window
from tests.promises.reference import Hours, seconds
from tests.promises.strategies import ANCHORS, ZONES, examples, hours

OFFICE = window(time(9), time(17))
NIGHT = window(time(22), time(6))
WORKDAYS = dict.fromkeys(range(5), (OFFICE,))


@pytest.fixture(autouse=True)
def forgetful() -> None:
    """What another test has worked out is worked out again: a mutant would not be asked otherwise."""
    calendars._changes.cache_clear()
    holiday_dates.cache_clear()


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


def spans(calendar: Calendar, since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    return list(calendar.spans(since, until))


@settings(max_examples=examples(40), deadline=None, derandomize=True)
@given(st.sampled_from(ANCHORS).flatmap(lambda a: st.tuples(st.just(a), hours(a))), st.integers(0, 86_400))
def test_spans_are_where_the_wall_clock_says(
    made: tuple[datetime, tuple[Calendar | None, Hours | None]], later: int
) -> None:
    anchor, (calendar, opening) = made
    if calendar is None or opening is None:
        return
    since = anchor + timedelta(seconds=later)
    first = seconds(since)
    expected: list[tuple[int, int]] = []
    for second in range(first, first + 30 * 3600):
        if opening.open(second):
            if expected and expected[-1][1] == second:
                expected[-1] = (expected[-1][0], second + 1)
            else:
                expected.append((second, second + 1))
    found = spans(calendar, since, since + timedelta(hours=30))
    assert [(seconds(a), seconds(b)) for a, b in found] == expected


def test_a_day_of_office_hours() -> None:
    calendar = Calendar("Europe/Berlin", WORKDAYS)
    # A Friday in winter, and nothing before Monday.
    assert spans(calendar, utc(2026, 1, 9, 0), utc(2026, 1, 12, 9)) == [
        (utc(2026, 1, 9, 8), utc(2026, 1, 9, 16)),
        (utc(2026, 1, 12, 8), utc(2026, 1, 12, 9)),
    ]
    assert spans(calendar, utc(2026, 7, 1, 10), utc(2026, 7, 1, 11)) == [(utc(2026, 7, 1, 10), utc(2026, 7, 1, 11))]
    assert spans(calendar, utc(2026, 7, 1, 10), utc(2026, 7, 1, 10)) == []


@pytest.mark.parametrize(
    ("zone", "changes"),
    [
        ("Europe/Berlin", [utc(2026, 3, 29, 1), utc(2026, 10, 25, 1)]),
        ("America/St_Johns", [utc(2026, 3, 8, 5, 30), utc(2026, 11, 1, 4, 30)]),
        # By half an hour.
        ("Australia/Lord_Howe", [utc(2026, 4, 4, 15), utc(2026, 10, 3, 15, 30)]),
        ("Pacific/Chatham", [utc(2026, 4, 4, 14), utc(2026, 9, 26, 14)]),
        ("America/Santiago", [utc(2026, 4, 5, 3), utc(2026, 9, 6, 4)]),
        ("Asia/Tokyo", []),
        # At a minute past midnight, until autumn 2011: halving a day ends on two seconds here, not on one.
        ("America/St_Johns", [utc(2010, 3, 14, 3, 31), utc(2010, 11, 7, 2, 31)]),
    ],
)
def test_a_change_of_the_clocks_is_found_to_the_second(zone: str, changes: list[datetime]) -> None:
    year = changes[0].year if changes else 2026
    assert list(calendars._changes(zone, year)) == changes


def test_the_night_in_which_the_clocks_change() -> None:
    calendar = Calendar("Europe/Berlin", dict.fromkeys(range(7), (NIGHT,)))
    # 22 to 6 is seven hours in spring, nine in autumn.
    assert spans(calendar, utc(2026, 3, 28, 12), utc(2026, 3, 29, 12)) == [(utc(2026, 3, 28, 21), utc(2026, 3, 29, 4))]
    assert spans(calendar, utc(2026, 10, 24, 12), utc(2026, 10, 25, 12)) == [
        (utc(2026, 10, 24, 20), utc(2026, 10, 25, 5))
    ]
    # An hour that comes twice is open twice; one that is left out is not there.
    early = Calendar("Europe/Berlin", dict.fromkeys(range(7), (window(time(2, 15), time(2, 45)),)))
    assert spans(early, utc(2026, 10, 25, 0), utc(2026, 10, 25, 12)) == [
        (utc(2026, 10, 25, 0, 15), utc(2026, 10, 25, 0, 45)),
        (utc(2026, 10, 25, 1, 15), utc(2026, 10, 25, 1, 45)),
    ]
    assert spans(early, utc(2026, 3, 29, 0), utc(2026, 3, 29, 12)) == []


def test_a_holiday_closes_the_windows_that_begin_on_it() -> None:
    calendar = Calendar("Europe/Berlin", dict.fromkeys(range(7), (NIGHT,)), ("DE",))
    assert spans(calendar, utc(2026, 4, 30, 12), utc(2026, 5, 3, 0)) == [
        (utc(2026, 4, 30, 20), utc(2026, 5, 1, 4)),
        (utc(2026, 5, 2, 20), utc(2026, 5, 3, 0)),
    ]
    # An exception goes before the holiday, and before the week.
    opened = Calendar("Europe/Berlin", WORKDAYS, ("DE",), {date(2026, 5, 1): (OFFICE,), date(2026, 4, 30): ()})
    assert spans(opened, utc(2026, 4, 30, 0), utc(2026, 5, 2, 0)) == [(utc(2026, 5, 1, 7), utc(2026, 5, 1, 15))]


def test_holidays_of_a_country_and_of_a_part() -> None:
    assert date(2026, 1, 6) in holiday_dates("DE-BY", 2026)
    assert date(2026, 1, 6) not in holiday_dates("DE", 2026)
    assert date(2027, 1, 1) in holiday_dates("DE", 2027)
    with pytest.raises(NotImplementedError):
        holiday_dates("XX", 2026)
    # Any of several places closes the day, and no other day.
    both = Calendar("UTC", dict.fromkeys(range(7), (OFFICE,)), ("US", "DE-BY"))
    assert both.windows(date(2026, 1, 6)) == both.windows(date(2026, 7, 3)) == ()
    assert both.windows(date(2026, 1, 7)) == (OFFICE,)


def test_whole_days_touch() -> None:
    always = Calendar("America/New_York", dict.fromkeys(range(7), (window(time(0), time(0)),)))
    assert spans(always, utc(2026, 10, 30), utc(2026, 11, 3)) == [(utc(2026, 10, 30), utc(2026, 11, 3))]


def test_windows_may_overlap_and_stand_in_any_order() -> None:
    calendar = Calendar("UTC", {0: (window(time(12), time(18)), window(time(8), time(20)), window(time(8), time(9)))})
    assert spans(calendar, utc(2026, 11, 23), utc(2026, 11, 24)) == [(utc(2026, 11, 23, 8), utc(2026, 11, 23, 20))]


def test_windows_as_people_write_them() -> None:
    assert window(time(9), time(17, 30, 15)) == Window(timedelta(hours=9), timedelta(hours=17, minutes=30, seconds=15))
    assert window(time(22), time(6)) == Window(timedelta(hours=22), timedelta(hours=30))
    assert window(time(8), time(8)) == Window(timedelta(hours=8), timedelta(hours=32))
    assert window(time(0), time(0)) == Window(timedelta(0), timedelta(hours=24))


@pytest.mark.parametrize(("opens", "closes"), [(-1, 5), (24, 25), (5, 5), (6, 5), (5, 30)])
def test_what_is_no_window(opens: int, closes: int) -> None:
    with pytest.raises(ValueError, match=r"no window: .* to "):
        Window(timedelta(hours=opens), timedelta(hours=closes))


def test_nothing_is_looked_for_beyond_the_horizon() -> None:
    yearly = Calendar("UTC", {}, (), {date(2029, 6, 1): (OFFICE,)})
    assert spans(yearly, utc(2026, 6, 1), utc(9000, 1, 1)) == []
    assert spans(yearly, utc(2029, 6, 1, 9) - HORIZON, utc(9000, 1, 1)) == []
    assert spans(yearly, utc(2029, 6, 1, 10) - HORIZON, utc(9000, 1, 1)) == [(utc(2029, 6, 1, 9), utc(2029, 6, 1, 10))]


@pytest.mark.parametrize("zone", ZONES)
def test_a_year_has_its_seconds(zone: str) -> None:
    """Twelve hours a day and the other twelve together are the year, whatever its clocks did."""
    day, night = (
        Calendar(zone, dict.fromkeys(range(7), (window(*pair),))) for pair in ((time(8), time(20)), (time(20), time(8)))
    )
    begin, end = utc(2026, 1, 1), utc(2027, 1, 1)
    both = [spans(c, begin, end) for c in (day, night)]
    assert sum(((b - a) for found in both for a, b in found), start=timedelta(0)) == end - begin
