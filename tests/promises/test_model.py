"""The promise model beside an independent one that goes second by second; and its rules, said one by one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.promises.calendars import Calendar, window
from holdfast.promises.model import (
    RULES,
    Clock,
    Event,
    Kind,
    Label,
    Pause,
    Round,
    Segment,
    Terms,
    Verdict,
    What,
    beginning,
    elapsed,
    exceeds,
    fold,
    judge,
    ledger,
    reaches,
    running,
    step,
    warned,
)
from tests.promises.beside import QUICK, SLOW, agree
from tests.promises.reference import play, seconds
from tests.promises.strategies import Given, given_promises

T0 = datetime(2026, 11, 24, 9, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
SECOND = timedelta(seconds=1)


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def log(*entries: tuple[float, What]) -> list[Event]:
    return [Event(at(minutes), seq, what) for seq, (minutes, what) in enumerate(entries, 1)]


def clock(kind: Kind, entries: list[Event], target: timedelta | None = QUARTER, **more: object) -> Clock:
    """Of the first round."""
    return Clock(fold(RULES[kind], entries)[0], (Terms(T0, target),), **more)  # type: ignore[arg-type]


# --- beside the reference ---


@SLOW
@given(given_promises())
def test_the_model_agrees_with_a_simulation_second_by_second(made: Given) -> None:
    expected = play(made.reference_log, made.play, seconds(made.until))
    agree(made, fold(RULES[made.kind], made.log), expected)


@QUICK
@given(given_promises(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_says_nothing(made: Given, chance: object) -> None:
    shuffled = [*made.log, *made.log[:3]]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert fold(RULES[made.kind], shuffled) == fold(RULES[made.kind], made.log)


@QUICK
@given(given_promises())
def test_a_fold_can_be_taken_up_where_it_was_left(made: Given) -> None:
    """As the reader does: an event at a time, only the standing kept."""
    rule = RULES[made.kind]
    standing, ended = beginning(rule), []
    for event in sorted(made.log):
        standing, done = step(rule, standing, event)
        ended += [done] if done else []
    assert (*ended, *([standing.open] if standing.open else [])) == fold(rule, made.log)


@QUICK
@given(given_promises(), st.integers(0, 14 * 3600))
def test_the_ledger_is_whole_and_adds_up(made: Given, later: int) -> None:
    moment = made.log[0].at + timedelta(seconds=later)
    for each in map(made.clock, fold(RULES[made.kind], made.log)):
        if each.round.start > moment:
            continue
        segments = ledger(each, moment)
        end = min(each.round.stop or moment, moment)
        assert [s.since for s in segments] == ([each.round.start] if segments else []) + [s.until for s in segments][
            :-1
        ]
        assert (segments[-1].until if segments else each.round.start) == end
        assert all(a.label is not b.label for a, b in pairwise(segments))
        counted = sum(
            (s.until - s.since for s in segments if s.label in (Label.RUNNING, Label.LATE)), start=timedelta(0)
        )
        assert counted == elapsed(each, moment)
        late = any(s.label is Label.LATE for s in segments)
        assert late == judge(each).broken(moment)


@QUICK
@given(given_promises())
def test_answering_sooner_never_breaks_what_was_kept(made: Given) -> None:
    for each in map(made.clock, fold(RULES[made.kind], made.log)):
        if each.round.stop is None or judge(each).broken(each.round.stop):
            continue
        sooner = each.round.start + (each.round.stop - each.round.start) / 2
        assert not judge(replace(each, round=replace(each.round, stop=sooner))).broken(made.until)


# --- the rules, one by one ---


def test_an_answer_at_the_due_instant_keeps_the_promise() -> None:
    on_time = clock(Kind.FIRST, log((0, What.CUSTOMER), (15, What.ANSWER)))
    assert judge(on_time) == Verdict(due=at(15), broken_after=None)
    late = clock(Kind.FIRST, log((0, What.CUSTOMER), (15.001, What.ANSWER)))
    assert judge(late) == Verdict(due=at(15), broken_after=at(15))
    assert judge(late).broken(at(15)) is False
    assert judge(late).broken(at(15) + timedelta(microseconds=1)) is True


def test_a_breach_has_the_due_instant_however_late_anybody_looks() -> None:
    unanswered = clock(Kind.FIRST, log((0, What.CUSTOMER)))
    assert judge(unanswered) == Verdict(at(15), at(15))
    assert judge(unanswered).broken(at(100_000))


def test_a_pause_that_begins_at_the_due_instant_keeps_it_until_the_clock_goes_on() -> None:
    entries = log((0, What.CUSTOMER), (15, What.RESOLVED), (60, What.REOPENED))
    each = clock(Kind.FIRST, entries)
    assert judge(each) == Verdict(due=at(15), broken_after=at(60))
    assert [s.label for s in ledger(each, at(61))] == [Label.RUNNING, Label.RESOLVED, Label.LATE]
    assert judge(clock(Kind.FIRST, entries[:2])) == Verdict(at(15), None)


def test_a_resolved_matter_goes_on_without_the_gap() -> None:
    entries = log((0, What.OPENED), (40, What.RESOLVED), (1000, What.REOPENED))
    each = clock(Kind.SOLUTION, entries, timedelta(hours=1))
    assert judge(each) == Verdict(due=at(1020), broken_after=at(1020))
    assert elapsed(each, at(1010)) == timedelta(minutes=50)
    assert ledger(each, at(1010)) == [
        Segment(at(0), at(40), Label.RUNNING),
        Segment(at(40), at(1000), Label.RESOLVED),
        Segment(at(1000), at(1010), Label.RUNNING),
    ]


def test_waiting_for_the_customer_has_a_longest() -> None:
    entries = log((0, What.OPENED), (10, What.QUESTION), (20, What.QUESTION), (25, What.ANSWER), (500, What.CUSTOMER))
    each = clock(Kind.SOLUTION, entries, timedelta(hours=1), longest_wait=timedelta(minutes=30))
    # The second question begins no other pause, and an answer does not end it.
    assert list(running(each))[:2] == [(at(0), at(10)), (at(40), list(running(each))[1][1])]
    assert judge(each).due == at(90)
    free = replace(each, longest_wait=None)
    assert judge(free).due == at(550)
    # The bound is that of questions: a resolved matter may rest for ever.
    resolved = clock(Kind.SOLUTION, log((0, What.OPENED), (10, What.RESOLVED)), longest_wait=timedelta(minutes=30))
    assert judge(resolved) == Verdict(None, None)


def test_a_pause_after_new_terms_leaves_the_time_before_them() -> None:
    """Found by the simulation: a pause that began after a period had taken the whole period away."""
    each = clock(Kind.SOLUTION, log((0, What.OPENED), (60, What.RESOLVED)), timedelta(hours=2))
    changed = replace(each, terms=(each.terms[0], Terms(at(20), timedelta(hours=3))))
    assert list(running(changed)) == [(at(0), at(20)), (at(20), at(60))]
    assert elapsed(changed, at(600)) == timedelta(hours=1)


def test_resolved_is_named_before_waiting() -> None:
    entries = log((0, What.OPENED), (10, What.QUESTION), (20, What.RESOLVED), (30, What.REOPENED), (40, What.CUSTOMER))
    labels = [(s.label, s.until) for s in ledger(clock(Kind.SOLUTION, entries), at(50))]
    assert labels == [
        (Label.RUNNING, at(10)),
        (Label.WAITING, at(20)),
        (Label.RESOLVED, at(30)),
        (Label.WAITING, at(40)),
        (Label.RUNNING, at(45)),
        (Label.LATE, at(50)),
    ]


def test_each_unanswered_message_is_a_round_and_the_first_has_its_own_promise() -> None:
    entries = log(
        (0, What.CUSTOMER), (1, What.CUSTOMER), (2, What.ANSWER), (3, What.CUSTOMER), (4, What.CUSTOMER),
        (5, What.QUESTION), (6, What.ANSWER), (7, What.CUSTOMER),
    )  # fmt: skip
    assert fold(RULES[Kind.FIRST], entries) == (Round(at(0), 1, stop=at(2)),)
    assert fold(RULES[Kind.NEXT], entries) == (Round(at(3), 4, stop=at(5)), Round(at(7), 8))
    assert fold(RULES[Kind.NEXT], log((0, What.CUSTOMER))) == ()


def test_an_update_is_renewed_by_each_answer_and_knows_that_the_matter_rests() -> None:
    entries = log((0, What.HANDOVER), (5, What.ANSWER), (6, What.RESOLVED), (7, What.ANSWER), (9, What.REOPENED))
    assert fold(RULES[Kind.UPDATE], entries) == (
        Round(at(0), 1, stop=at(5)),
        Round(at(5), 2, (Pause(What.RESOLVED, at(6)),), stop=at(7)),
        Round(at(7), 4, (Pause(What.RESOLVED, at(6), at(9)),)),
    )
    each = Clock(fold(RULES[Kind.UPDATE], entries)[2], (Terms(at(7), QUARTER),))
    assert judge(each).due == at(24)


def test_a_round_that_begins_while_the_matter_rests_rests_too() -> None:
    entries = log(
        (0, What.ANSWER), (1, What.CUSTOMER), (2, What.RESOLVED), (3, What.ANSWER), (4, What.CUSTOMER)
    )  # fmt: skip
    assert fold(RULES[Kind.NEXT], entries)[1] == Round(at(4), 5, (Pause(What.RESOLVED, at(2)),))


def test_a_handover_leaves_the_clocks_of_the_customer_alone() -> None:
    entries = log((0, What.OPENED), (0, What.CUSTOMER), (5, What.HANDOVER), (6, What.TRANSFERRED), (7, What.ASSIGNED))
    assert fold(RULES[Kind.FIRST], entries) == (Round(at(0), 2),)
    assert fold(RULES[Kind.SOLUTION], entries) == (Round(at(0), 1),)
    assert fold(RULES[Kind.UPDATE], entries) == (Round(at(5), 3),)
    assert fold(RULES[Kind.INTERNAL], entries) == (Round(at(5), 3, stop=at(7)),)
    assert fold(RULES[Kind.INTERNAL], log((5, What.TRANSFERRED), (6, What.QUESTION))) == (Round(at(5), 1, stop=at(6)),)


def test_an_emergency_has_a_round_of_its_own_each_time() -> None:
    entries = log((0, What.EMERGENCY), (1, What.EMERGENCY), (2, What.ANSWER), (3, What.EMERGENCY), (4, What.QUESTION))
    assert fold(RULES[Kind.EMERGENCY], entries) == (Round(at(0), 1, stop=at(2)), Round(at(3), 4, stop=at(4)))


def test_a_new_priority_keeps_the_start_and_takes_the_new_target() -> None:
    each = clock(Kind.FIRST, log((0, What.CUSTOMER)))
    sooner = replace(each, terms=(each.terms[0], Terms(at(4), timedelta(minutes=5))))
    assert judge(sooner) == Verdict(at(5), at(5))
    # What nobody had promised yet cannot have been broken: from then on, at the earliest.
    too_late = replace(each, terms=(each.terms[0], Terms(at(8), timedelta(minutes=5))))
    assert judge(too_late) == Verdict(at(8), at(8))
    assert warned(too_late, 0.5) == at(8)
    longer = replace(each, terms=(each.terms[0], Terms(at(4), timedelta(hours=1))))
    assert judge(longer) == Verdict(at(60), at(60))


def test_a_shorter_target_is_broken_when_the_clock_goes_on() -> None:
    day = Calendar("UTC", dict.fromkeys(range(7), (window(T0.time(), at(15).time()),)))
    each = replace(
        clock(Kind.FIRST, log((0, What.CUSTOMER))),
        terms=(Terms(T0, timedelta(hours=1), day), Terms(at(30), timedelta(minutes=10), day)),
    )
    assert judge(each) == Verdict(at(30), at(24 * 60))
    assert exceeds(each, QUARTER, at(0)) == at(24 * 60)
    assert exceeds(each, timedelta(minutes=10), at(30)) == at(24 * 60)
    assert exceeds(each, timedelta(minutes=10), at(12)) == at(12)


def test_a_new_class_after_the_due_instant_cures_nothing() -> None:
    each = clock(Kind.FIRST, log((0, What.CUSTOMER)))
    for target in (None, timedelta(hours=1)):
        cured = replace(each, terms=(each.terms[0], Terms(at(15) + SECOND, target)))
        assert judge(cured) == Verdict(at(15), at(15))
        in_time = replace(each, terms=(each.terms[0], Terms(at(15), target)))
        assert judge(in_time) == Verdict(*[at(60) if target else None] * 2)


def test_terms_without_a_target_promise_nothing_until_others_come() -> None:
    each = clock(Kind.SOLUTION, log((0, What.OPENED)), None)
    assert judge(each) == Verdict(None, None)
    assert warned(each, 0.5) is None
    later = replace(each, terms=(each.terms[0], Terms(at(20), timedelta(minutes=30))))
    assert judge(later) == Verdict(at(30), at(30))
    assert warned(later, 0.5) == at(20)
    assert warned(later, 0.8) == at(24)


def test_warnings_count_time_that_runs() -> None:
    night = Calendar("UTC", {1: (window(T0.time(), at(10).time()),), 2: (window(T0.time(), at(60).time()),)})
    each = replace(clock(Kind.FIRST, log((0, What.CUSTOMER))), terms=(Terms(T0, QUARTER, night),))
    assert warned(each, 0.5) == at(7.5)
    assert warned(each, 0.8) == at(24 * 60 + 2)
    assert judge(each) == Verdict(at(24 * 60 + 5), at(24 * 60 + 5))
    assert [s.label for s in ledger(each, at(24 * 60 + 6))] == [Label.RUNNING, Label.HOURS, Label.RUNNING, Label.LATE]


def test_closing_time_at_the_due_instant() -> None:
    day = Calendar("UTC", dict.fromkeys(range(7), (window(T0.time(), at(15).time()),)))
    each = replace(clock(Kind.FIRST, log((0, What.CUSTOMER))), terms=(Terms(T0, QUARTER, day),))
    assert judge(each) == Verdict(at(15), at(24 * 60))
    assert reaches(each, QUARTER) == at(15)
    assert exceeds(each, QUARTER, at(0)) == at(24 * 60)


def test_never_open_is_never_due() -> None:
    shut = Calendar("UTC", {})
    each = replace(clock(Kind.FIRST, log((0, What.CUSTOMER))), terms=(Terms(T0, QUARTER, shut),))
    assert judge(each) == Verdict(None, None)
    assert warned(each, 0.5) is None
    assert elapsed(each, at(600)) == timedelta(0)
    assert ledger(each, at(600)) == [Segment(at(0), at(600), Label.HOURS)]


def test_a_ledger_joins_what_is_the_same() -> None:
    entries = log((0, What.OPENED), (10, What.RESOLVED), (20, What.REOPENED))
    each = clock(Kind.SOLUTION, entries, timedelta(hours=9))
    changed = replace(each, terms=(each.terms[0], *(Terms(at(n), timedelta(hours=8)) for n in (30, 40))))
    assert ledger(changed, at(50)) == [
        Segment(at(0), at(10), Label.RUNNING),
        Segment(at(10), at(20), Label.RESOLVED),
        Segment(at(20), at(50), Label.RUNNING),
    ]


def test_an_answer_in_the_same_instant_leaves_nothing_to_judge() -> None:
    assert judge(clock(Kind.FIRST, log((0, What.CUSTOMER), (0, What.ANSWER)))) == Verdict(None, None)


def test_a_ledger_of_no_time_is_empty() -> None:
    assert ledger(clock(Kind.FIRST, log((0, What.CUSTOMER))), at(0)) == []


@pytest.mark.parametrize("kind", list(Kind))
def test_nothing_begins_without_its_event(kind: Kind) -> None:
    rule = RULES[kind]
    others = [what for what in What if what not in rule.starts]
    assert fold(rule, log(*((n, what) for n, what in enumerate(others)))) == ()
