"""A page climbs until somebody has it, against a reference that walks the minutes of a diary."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from holdfast.paging.climbing import LONGEST, Progress, State, Tell, acknowledge, begin, fire, hurry, resolve

START = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
Said = list[tuple[int, int, int, bool]]


@dataclass(frozen=True)
class Act:
    """At a minute somebody acknowledges for ``minutes``, or resolves (None)."""

    at: int
    minutes: int | None


def quick(waits: list[int], acts: list[Act], length: int) -> Said:
    """What the state machine tells: (minute, step, round, reopened). It is asked only when something is due."""
    page, said = begin(START), []
    for minute in range(length):
        at = START + minute * MINUTE
        page, told = fire([wait * MINUTE for wait in waits], page, at)
        if told is not None:
            said.append((minute, told.step, told.round, told.reopened))
        for act in acts:
            if act.at == minute:
                page = resolve(page) if act.minutes is None else acknowledge(page, at, at + act.minutes * MINUTE)
    return said


def slow(waits: list[int], acts: list[Act], length: int) -> Said:
    """A diary: for each minute, who has it, and how long nobody was told."""
    said: Said = []
    told = 0
    quiet_until, theirs_until = 0, None
    for minute in range(length):
        if (theirs_until is None and minute == quiet_until) or theirs_until == minute:
            step, turn = told % len(waits), told // len(waits)
            said.append((minute, step, turn, theirs_until is not None))
            told, theirs_until = told + 1, None
            quiet_until = minute + waits[step]
        for act in (act for act in acts if act.at == minute):
            if act.minutes is None:
                return said
            theirs_until = minute + min(max(act.minutes, 1), 24 * 60)
    return said


plans = st.lists(st.integers(1, 30), min_size=1, max_size=4)
diaries = st.lists(st.builds(Act, st.integers(0, 200), st.one_of(st.none(), st.integers(-5, 90))), max_size=5)


@given(plans, diaries)
def test_the_machine_keeps_the_diary(waits: list[int], acts: list[Act]) -> None:
    acts = sorted(acts, key=lambda act: act.at)
    assert quick(waits, acts, 300) == slow(waits, acts, 300)


@given(plans, st.integers(0, 10_000))
def test_an_open_page_is_never_quiet_for_longer_than_its_longest_wait(waits: list[int], late: int) -> None:
    """Also after the claimer was away: it goes on with one step, not with all that it has missed."""
    durations = [wait * MINUTE for wait in waits]
    page, first = fire(durations, begin(START), START)
    assert first == Tell(0, 0, reopened=False)
    for _ in range(12):
        assert page.due is not None
        at = page.due + late * MINUTE
        page, told = fire(durations, page, at)
        assert told is not None
        assert page.due == at + durations[told.step]
        assert fire(durations, page, at) == (page, None)


@given(st.integers(0, 9), plans)
def test_a_policy_that_became_shorter_begins_anew(step: int, waits: list[int]) -> None:
    page = Progress(State.OPEN, step, 0, START)
    _, told = fire([wait * MINUTE for wait in waits], page, START)
    assert told is not None
    assert (told.step, told.round) == ((step, 0) if step < len(waits) else (0, 1))


def test_an_acknowledgement_has_an_end_within_a_day() -> None:
    page = begin(START)
    assert acknowledge(page, START, START + timedelta(days=30)).due == START + LONGEST
    assert acknowledge(page, START, START - timedelta(days=1)).due == START + MINUTE


def test_what_is_resolved_stays_so() -> None:
    ended = resolve(begin(START))
    assert acknowledge(ended, START, START + MINUTE) == ended == hurry(ended, START)
    assert fire([MINUTE], ended, START + LONGEST) == (ended, None)


def test_when_nobody_can_be_told_the_next_step_need_not_wait() -> None:
    page, _ = fire([timedelta(minutes=10)] * 2, begin(START), START)
    assert hurry(page, START + MINUTE).due == START + MINUTE
    held = acknowledge(page, START, START + timedelta(hours=1))
    assert hurry(held, START + MINUTE) == held
