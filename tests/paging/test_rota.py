"""Who is on call, against a reference that walks the minutes of the wall clock."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.paging.rota import Layer, Override, Rota, Span, Window, instant, on_call, spans, uncovered

PEOPLE = tuple(UUID(int=n) for n in range(1, 5))
ANA, WEI, MEI, OMAR = PEOPLE
# An hour, half an hour (Lord Howe), none; on both sides of the equator; a day that is missing (Apia) lies in 2011.
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Chatham", "UTC")
QUARTER = timedelta(minutes=15)
# Weeks in which one of the zones puts its clocks forward or back.
WEEKS = (
    date(2026, 3, 5),
    date(2026, 3, 26),
    date(2026, 4, 2),
    date(2026, 9, 24),
    date(2026, 10, 1),
    date(2026, 10, 22),
)


def clock_shows(at: datetime, zone: str) -> datetime:
    """The wall clock, by the zone's offset alone."""
    offset = at.astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return at.replace(tzinfo=None) + offset


@cache
def first_time(day: date, at: time, zone: str) -> datetime:
    """The first instant at which the clock shows it; if it never does, the offset before the jump decides."""
    wanted = datetime.combine(day, at)
    moment = datetime.combine(day, time(), UTC) - timedelta(hours=15)
    before = moment
    while clock_shows(moment, zone) != wanted:
        if clock_shows(moment, zone) > wanted:
            # Jumped over: the offset before the jump still counts.
            return before + (wanted - clock_shows(before, zone))
        before = moment
        moment += timedelta(minutes=5)
    return moment


def slow_layer(layer: Layer, at: datetime) -> UUID | None:
    if not layer.people or first_time(layer.start, layer.handover, layer.zone) > at:
        return None
    place, day = 0, layer.start
    while first_time(day + timedelta(days=layer.days), layer.handover, layer.zone) <= at:
        place, day = (place + 1) % len(layer.people), day + timedelta(days=layer.days)
    if not layer.windows:
        return layer.people[place]
    today = clock_shows(at, layer.zone).date()
    for back in (-1, 0, 1, 2):
        begun = today - timedelta(days=back)
        for window in layer.windows:
            if window.weekday != begun.weekday():
                continue
            ended = begun if window.begins < window.ends else begun + timedelta(days=1)
            if first_time(begun, window.begins, layer.zone) <= at < first_time(ended, window.ends, layer.zone):
                return layer.people[place]
    return None


def slow(rota: Rota, at: datetime) -> UUID | None:
    found = None
    for layer in rota.layers:
        found = slow_layer(layer, at) or found
    for override in rota.overrides:
        if override.starts_at <= at and not override.ends_at <= at:
            found = override.agent_id
    return found


times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
windows = st.lists(st.builds(Window, st.integers(0, 6), times, times), max_size=3).map(tuple)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Rota, datetime]:
    week = draw(st.sampled_from(WEEKS))
    begins = datetime.combine(week, draw(times), UTC)
    layers = st.builds(
        Layer,
        people=st.lists(st.sampled_from([*PEOPLE, None]), max_size=3).map(tuple),
        zone=st.sampled_from(ZONES),
        start=st.integers(-9, 4).map(lambda days: week + timedelta(days=days)),
        handover=times,
        days=st.integers(1, 8),
        windows=windows,
    )
    quarters = st.integers(-20, 500)
    overrides = st.builds(
        lambda person, first, length: Override(person, begins + first * QUARTER, begins + (first + length) * QUARTER),
        st.sampled_from(PEOPLE),
        quarters,
        st.integers(1, 200),
    )
    made = Rota(draw(st.lists(layers, max_size=3).map(tuple)), draw(st.lists(overrides, max_size=3).map(tuple)))
    return made, begins


@settings(max_examples=120, deadline=None)
@given(cases())
def test_spans_say_the_same_as_the_wall_clock(case: tuple[Rota, datetime]) -> None:
    rota, begins = case
    ends = begins + timedelta(days=4)
    found = spans(rota, begins, ends)
    assert (found[0].begins, found[-1].ends) == (begins, ends)
    for before, after in pairwise(found):
        assert before.ends == after.begins
        assert before.agent_id != after.agent_id
    at = begins
    for span in found:
        while at < span.ends:
            assert slow(rota, at) == span.agent_id == on_call(rota, at), at
            at += QUARTER


@settings(max_examples=60, deadline=None)
@given(cases(), cases())
def test_nobody_is_missed_and_nothing_covered_is_called_a_gap(
    first: tuple[Rota, datetime], second: tuple[Rota, datetime]
) -> None:
    rotas, begins = (first[0], second[0]), first[1]
    ends = begins + timedelta(days=2)
    gaps = uncovered(rotas, begins, ends)
    at = begins
    while at < ends:
        inside = any(gap[0] <= at < gap[1] for gap in gaps)
        assert inside == all(slow(rota, at) is None for rota in rotas), at
        at += QUARTER
    assert all(one[1] < two[0] for one, two in pairwise(gaps))


@pytest.mark.parametrize(
    ("day", "local", "utc"),
    [
        # Berlin puts its clocks forward at 02:00 on 29 March and back at 03:00 on 25 October.
        (date(2026, 3, 29), time(2, 30), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        (date(2026, 10, 25), time(2, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (date(2026, 10, 25), time(9, 0), datetime(2026, 10, 25, 8, 0, tzinfo=UTC)),
    ],
)
def test_a_hand_over_on_the_day_of_a_change(day: date, local: time, utc: datetime) -> None:
    assert instant(day, local, ZoneInfo("Europe/Berlin")) == utc


def test_a_week_with_a_change_has_an_hour_less() -> None:
    weekly = Layer((ANA, WEI), "Europe/Berlin", date(2026, 3, 23), time(9), 7)
    begins = datetime(2026, 3, 23, 8, tzinfo=UTC)
    found = spans(Rota((weekly,)), begins, begins + timedelta(days=14))
    assert [span.agent_id for span in found] == [ANA, WEI, ANA]
    assert found[0].ends - found[0].begins == timedelta(days=7, hours=-1)


def test_a_clock_that_shows_yesterday_again_undoes_no_hand_over() -> None:
    """St. John's put its clocks back at 00:01 to 23:01 on 7 November 2010: then it was the sixth again."""
    daily = Layer((ANA, WEI), "America/St_Johns", date(2010, 11, 6), time(), 1)
    rota, begins = Rota((daily,)), datetime(2010, 11, 7, 2, 20, tzinfo=UTC)
    assert clock_shows(begins + timedelta(minutes=20), daily.zone).date() == date(2010, 11, 6)
    assert on_call(rota, begins) == ANA
    for minutes in (10, 20, 60, 100):
        assert on_call(rota, begins + timedelta(minutes=minutes)) == WEI


def test_follow_the_sun_and_an_illness() -> None:
    """Three layers by hours, one override: who is there when."""
    layers = tuple(
        Layer((p,), "UTC", date(2026, 1, 1), time(), 1, tuple(Window(d, time(h), time((h + 8) % 24)) for d in range(7)))
        for p, h in ((ANA, 0), (WEI, 8), (MEI, 16))
    )
    noon = datetime(2026, 6, 1, 12, tzinfo=UTC)
    ill = Override(OMAR, noon, noon + timedelta(hours=6))
    assert spans(Rota(layers, (ill,)), noon - timedelta(hours=6), noon + timedelta(hours=12)) == [
        Span(noon - timedelta(hours=6), noon - timedelta(hours=4), ANA),
        Span(noon - timedelta(hours=4), noon, WEI),
        Span(noon, noon + timedelta(hours=6), OMAR),
        Span(noon + timedelta(hours=6), noon + timedelta(hours=12), MEI),
    ]


def test_without_a_rota_nothing_is_covered() -> None:
    begins = datetime(2026, 6, 1, tzinfo=UTC)
    assert uncovered((), begins, begins + timedelta(days=1)) == [(begins, begins + timedelta(days=1))]
    assert spans(Rota(()), begins, begins + QUARTER) == [Span(begins, begins + QUARTER, None)]
