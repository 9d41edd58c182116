"""Merged conversations: the model's logs of them beside a reference that hears both, second by second."""

from datetime import UTC, datetime, timedelta

from hypothesis import given

from holdfast.promises.model import RULES, Event, What, fold, surviving, united
from tests.promises.beside import QUICK, SLOW, agree
from tests.promises.reference import merged, play, seconds
from tests.promises.strategies import Merged, given_merges

T0 = datetime(2026, 11, 24, 9, tzinfo=UTC)


@SLOW
@given(given_merges())
def test_united_logs_are_those_of_one_conversation(given_: Merged) -> None:
    made = given_.made
    heard = merged(given_.reference_own, given_.reference_other)
    expected = play(heard, made.play, seconds(made.until))
    agree(made, fold(RULES[made.kind], united(made.log, given_.other)), expected)


@SLOW
@given(given_merges())
def test_a_customers_promise_survives_and_hears_the_other_from_the_merge_on(given_: Merged) -> None:
    made = given_.made
    heard = merged(given_.reference_own, given_.reference_other, seconds(given_.merged_at))
    expected = play(heard, made.play, seconds(made.until))
    agree(made, fold(RULES[made.kind], surviving(made.log, given_.other, given_.merged_at)), expected)


@QUICK
@given(given_merges())
def test_merging(given_: Merged) -> None:
    """The union begins with whatever began first; and each customer's own promise keeps its start."""
    made, other = given_.made, given_.other
    rule = RULES[made.kind]
    assert fold(rule, united(made.log, other)) == fold(rule, united(other, made.log))
    starts = [r.start for log in (made.log, other) for r in fold(rule, log)[:1]]
    if starts and not rule.after:
        assert fold(rule, united(made.log, other))[0].start == min(starts)
    for own, others in ((made.log, other), (other, made.log)):
        before = [r for r in fold(rule, own) if r.start < given_.merged_at]
        after = fold(rule, surviving(own, others, given_.merged_at))
        assert [r.start for r in after][: len(before)] == [r.start for r in before]


def test_what_happens_to_the_other_counts_from_the_merge_on() -> None:
    own = Event(T0, 1, What.CUSTOMER)
    other = [Event(T0 + timedelta(minutes=n), 10 + n, What.ANSWER) for n in (4, 5, 6)]
    assert surviving([own], other, T0 + timedelta(minutes=5)) == {own, other[1], other[2]}
