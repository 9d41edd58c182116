"""Random hours, logs and terms, each as the model and as the reference understand it."""

import os
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from holdfast.promises.calendars import Calendar, Window
from holdfast.promises.model import RULES, Clock, Event, Kind, Round, Terms, What
from tests.promises.reference import Hours, Line, Play, seconds

# Whole and half hours, a quarter to six; clocks that change by an hour, by half of one, at midnight, and not at all.
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "Pacific/Auckland",
)
# A change of clocks somewhere (Berlin, New York, Lord Howe, Cairo, Auckland), Christmas, a leap day, new year.
ANCHORS = tuple(
    datetime(*moment, tzinfo=UTC)
    for moment in (
        (2026, 3, 29, 0),
        (2026, 10, 25, 0),
        (2026, 3, 8, 5),
        (2026, 11, 1, 4),
        (2026, 4, 4, 13),
        (2026, 10, 3, 14),
        (2026, 4, 23, 20),
        (2026, 10, 29, 19),
        (2026, 9, 26, 12),
        (2026, 12, 24, 20),
        (2028, 2, 28, 22),
        (2026, 12, 31, 21),
        (2026, 5, 13, 7),
    )
)
HOLIDAY_PLACE = "DE"
# In all of it, in the years around the anchors; written down by hand, since the library is the model's.
HOLIDAYS = frozenset(
    date.fromisoformat(day)
    for day in (
        *("2025-12-25", "2025-12-26", "2026-01-01", "2026-04-03", "2026-04-06", "2026-05-01", "2026-05-14"),
        *("2026-05-25", "2026-10-03", "2026-12-25", "2026-12-26", "2027-01-01", "2027-03-26", "2027-03-29"),
        *("2027-05-01", "2027-05-06", "2027-05-17", "2027-10-03", "2027-12-25", "2027-12-26"),
    )
)
LENGTH = 14 * 3600
WORDS = [
    *("customer", "customer", "customer", "answer", "answer", "question", "resolved", "reopened"),
    *("emergency", "handover", "transferred", "assigned", "reclassified", "case", "updated", "told"),
]


# A mutant is seen by few examples, and there are hundreds of mutants (bench/mutants.py).
_SHARE = float(os.environ.get("HOLDFAST_EXAMPLES", "1"))


def examples(count: int) -> int:
    """How many of so many examples are tried."""
    return max(5, round(count * _SHARE))


@dataclass(frozen=True)
class Given:
    """One thing, said twice."""

    kind: Kind
    log: tuple[Event, ...]
    reference_log: list[tuple[int, str]]
    terms: tuple[Terms, ...]
    play: Play
    longest_wait: timedelta | None
    until: datetime

    def clock(self, each: Round) -> Clock:
        later = tuple(t for t in self.terms[1:] if t.since > each.start)
        return Clock(each, (self.terms[0], *later), self.longest_wait)


minutes = st.integers(0, 1439)
windows = st.lists(st.tuples(minutes, st.integers(1, 1440)).map(lambda w: (w[0], w[0] + w[1])), min_size=0, max_size=3)
weeks = st.one_of(
    st.dictionaries(st.integers(0, 6), windows, max_size=7),
    windows.map(lambda day: dict.fromkeys(range(7), day)),
)


@st.composite
def hours(draw: st.DrawFn, around: datetime) -> tuple[Calendar | None, Hours | None]:
    """Opening hours, or None for all hours."""
    if draw(st.integers(0, 3)) == 0:
        return None, None
    weekly = draw(weeks)
    days = st.integers(-1, 2).map(lambda n: around.date() + timedelta(days=n))
    exceptions: dict[date, list[tuple[int, int]]] = draw(st.dictionaries(days, windows, max_size=2))
    with_holidays = draw(st.booleans())
    zone = draw(st.sampled_from(ZONES))
    calendar = Calendar(
        zone,
        {day: tuple(_window(w) for w in ws) for day, ws in weekly.items()},
        (HOLIDAY_PLACE,) if with_holidays else (),
        {day: tuple(_window(w) for w in ws) for day, ws in exceptions.items()},
    )
    return calendar, Hours(zone, weekly, HOLIDAYS if with_holidays else frozenset(), exceptions)


def _window(given: tuple[int, int]) -> Window:
    return Window(timedelta(minutes=given[0]), timedelta(minutes=given[1]))


targets = st.one_of(st.integers(1, 1200), st.integers(1, 8 * 3600))


@st.composite
def given_promises(draw: st.DrawFn, length: int = LENGTH) -> Given:
    begin = draw(st.sampled_from(ANCHORS)) + timedelta(seconds=draw(st.integers(0, 5 * 3600)))
    kind = draw(st.sampled_from(list(Kind)))
    offsets = draw(st.lists(st.integers(0, length), max_size=14).map(sorted))
    log, reference_log = [], []
    words = [
        "opened",
        "customer",
        *draw(st.lists(st.sampled_from(WORDS), min_size=len(offsets), max_size=len(offsets))),
    ]
    for seq, (offset, word) in enumerate(zip([0, 0, *offsets], words, strict=True), 1):
        at = begin + timedelta(seconds=offset)
        log.append(Event(at, seq, What(word)))
        reference_log.append((seconds(at), word))
    terms, reference_terms = [], []
    changes = sorted(draw(st.lists(st.integers(1, length), max_size=2, unique=True)))
    for offset in (0, *changes):
        calendar, opening = draw(hours(begin))
        target = draw(targets) if draw(st.integers(0, 5)) else None
        since = begin + timedelta(seconds=offset)
        terms.append(Terms(since, timedelta(seconds=target) if target else None, calendar))
        reference_terms.append((seconds(since), target, opening))
    wait = draw(st.one_of(st.none(), st.integers(60, 6 * 3600)))
    return Given(
        kind,
        tuple(log),
        reference_log,
        tuple(terms),
        Play(**_RULES[kind], waits=kind is Kind.SOLUTION, terms=reference_terms, longest_wait=wait),
        timedelta(seconds=wait) if wait else None,
        begin + timedelta(seconds=length),
    )


@dataclass(frozen=True)
class Merged:
    """A promise whose conversation was merged with another, which may have begun before it or after; and both logs as
    the reference takes them. Their numbers mix: whoever is heard first in one second is either."""

    made: Given
    other: tuple[Event, ...]
    merged_at: datetime
    reference_own: list[Line]
    reference_other: list[Line]


@st.composite
def given_merges(draw: st.DrawFn) -> Merged:
    one = draw(given_promises())
    begin = one.log[0].at + timedelta(seconds=draw(st.integers(-3 * 3600, 3 * 3600)))
    # Often in the same instant as something of the own log.
    instants = st.one_of(
        st.integers(0, LENGTH).map(lambda n: begin + timedelta(seconds=n)), st.sampled_from([e.at for e in one.log])
    )
    at = sorted(draw(st.lists(instants, min_size=1, max_size=10)))
    words = draw(st.lists(st.sampled_from(["opened", *WORDS]), min_size=len(at), max_size=len(at)))
    numbers = draw(st.permutations(range(1, len(one.log) + len(at) + 1)))
    own, others = sorted(numbers[: len(one.log)]), sorted(numbers[len(one.log) :])
    log = tuple(Event(event.at, number, event.what) for event, number in zip(one.log, own, strict=True))
    other = tuple(Event(*each) for each in zip(at, others, map(What, words), strict=True))
    # Also just when something happens in the other one: from that instant on it counts.
    merged_at = draw(st.one_of(instants, st.sampled_from(at)))
    return Merged(
        replace(one, log=log),
        other,
        merged_at,
        [(second, number, word) for (second, word), number in zip(one.reference_log, own, strict=True)],
        [(seconds(each), number, word) for each, number, word in zip(at, others, words, strict=True)],
    )


def _rule(start: str, stop: str = "", renew: str = "", after: str = "", *, once: bool = False) -> dict[str, Any]:
    return {
        "start_on": set(start.split()),
        "stop_on": set(stop.split()),
        "renew_on": set(renew.split()),
        "only_after": set(after.split()),
        "once": once,
    }


# The table of docs/guide/promises.md.
_RULES = {
    Kind.FIRST: _rule("customer", "answer question", once=True),
    Kind.NEXT: _rule("customer", "answer question", after="answer question"),
    Kind.SOLUTION: _rule("opened", once=True),
    Kind.UPDATE: _rule("handover case", "told", renew="answer question updated"),
    Kind.EMERGENCY: _rule("emergency", "answer question"),
    Kind.INTERNAL: _rule("transferred handover", "answer question assigned"),
}
assert set(_RULES) == set(RULES)
