"""The right to answer as a function of dated evidence."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from holdfast.training.rights import Need, Piece, Reason, Terms, certified, needs_of, rule_in_force

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
EXAM = Need("exam", "general", version=2, score=0.8)
SHIFT = Need("shift", "general")
RULE = Terms((EXAM, SHIFT), valid=100 * DAY, grace=10 * DAY, since=START)

instants = st.integers(0, 400).map(lambda day: START + day * DAY)
pieces = st.builds(
    Piece,
    kind=st.sampled_from(["exam", "shift"]),
    ref=st.sampled_from(["general", "account"]),
    at=instants,
    version=st.integers(1, 3),
    score=st.one_of(st.none(), st.sampled_from([0.5, 0.8, 1.0])),
)
rules = st.builds(
    Terms,
    needs=st.lists(st.sampled_from([EXAM, SHIFT]), unique=True).map(tuple),
    valid=st.integers(1, 200).map(lambda n: n * DAY),
    grace=st.integers(0, 30).map(lambda n: n * DAY),
    since=st.just(START),
)


def exam(day: int, *, version: int = 2, score: float | None = 0.9) -> Piece:
    return Piece("exam", "general", START + day * DAY, version, score)


def shift(day: int) -> Piece:
    return Piece("shift", "general", START + day * DAY)


def test_begins_with_the_newest_needed_piece_and_ends_with_the_first_that_is_too_old() -> None:
    right = certified([exam(10), shift(30)], RULE, [], START + 40 * DAY)
    assert right.held
    assert right.from_ == START + 30 * DAY
    assert right.until == START + 120 * DAY


def test_ends_at_its_last_instant() -> None:
    last = START + 120 * DAY
    assert certified([exam(10), shift(30)], RULE, [], last - timedelta(microseconds=1)).held
    ended = certified([exam(10), shift(30)], RULE, [], last)
    assert not ended.held
    assert [r.id for r in ended.why] == ["too_old", "shown"]


def test_grace_is_told() -> None:
    assert [r.id for r in certified([exam(10), shift(30)], RULE, [], START + 115 * DAY).why] == ["in_grace", "shown"]


def test_a_missing_piece_an_old_version_or_a_low_score_is_no_right() -> None:
    t = START + 40 * DAY
    for evidence in ([shift(30)], [exam(10, version=1), shift(30)], [exam(10, score=0.7), shift(30)]):
        right = certified(evidence, RULE, [], t)
        assert not right.held
        assert right.why[0] == Reason("missing", {"kind": "exam", "ref": "general"})


def test_an_exam_without_a_score_does_not_meet_a_minimum() -> None:
    assert not certified([exam(10, score=None), shift(30)], RULE, [], START + 40 * DAY).held


def test_no_rule_and_a_rule_without_needs_are_held_by_nobody() -> None:
    for rule in (None, Terms((), 100 * DAY, DAY, START)):
        right = certified([exam(10), shift(30)], rule, [], START + 40 * DAY)
        assert (right.held, right.why) == (False, (Reason("no_rule"),))


def test_a_revocation_voids_what_was_before_and_not_what_comes_after() -> None:
    revoked = START + 35 * DAY
    t = START + 40 * DAY
    right = certified([exam(10), shift(30)], RULE, [revoked], t)
    assert not right.held
    assert {r.id for r in right.why} == {"revoked"}
    assert certified([exam(10), exam(36), shift(30), shift(37)], RULE, [revoked], t).held
    assert certified([exam(10), shift(30)], RULE, [revoked], revoked - DAY).held


def test_the_newest_rule_whose_time_has_come_is_in_force() -> None:
    later = Terms((EXAM,), DAY, DAY, START + 50 * DAY)
    assert rule_in_force([later, RULE], START + 49 * DAY) is RULE
    assert rule_in_force([later, RULE], START + 50 * DAY) is later
    assert rule_in_force([later], START) is None


def test_stored_needs_are_read() -> None:
    stored: list[dict[str, Any]] = [
        {"kind": "exam", "ref": "general", "version": 2, "score": 0.8},
        {"kind": "shift", "ref": "general"},
    ]
    assert needs_of(stored) == (EXAM, SHIFT)


@given(st.lists(pieces, max_size=8), rules, st.lists(instants, max_size=3), instants)
def test_held_exactly_between_its_bounds(
    evidence: list[Piece], rule: Terms, revocations: list[datetime], t: datetime
) -> None:
    """And as an independent reading of the rule says: every need has a standing piece that is young enough."""
    right = certified(evidence, rule, revocations, t)
    standing = [
        p
        for p in evidence
        if p.at <= t < p.at + rule.valid + rule.grace and all(p.at > r for r in revocations if r <= t)
    ]
    assert right.held == (bool(rule.needs) and all(any(n.met_by(p) for p in standing) for n in rule.needs))
    if right.from_ is not None and right.until is not None:
        assert right.held == (right.from_ <= t < right.until)
    else:
        assert not right.held


@given(st.lists(pieces, max_size=8), rules, st.lists(instants, max_size=3), instants)
def test_the_future_is_not_known(evidence: list[Piece], rule: Terms, revocations: list[datetime], t: datetime) -> None:
    past = [p for p in evidence if p.at <= t]
    assert certified(evidence, rule, revocations, t) == certified(past, rule, [r for r in revocations if r <= t], t)


@given(st.lists(pieces, max_size=8), rules, st.lists(instants, max_size=3), instants, pieces)
def test_more_evidence_never_takes_a_right_away(
    evidence: list[Piece], rule: Terms, revocations: list[datetime], t: datetime, more: Piece
) -> None:
    if certified(evidence, rule, revocations, t).held:
        assert certified([*evidence, more], rule, revocations, t).held


@given(st.lists(pieces, max_size=8), rules, instants)
def test_revoked_now_is_held_by_nobody(evidence: list[Piece], rule: Terms, t: datetime) -> None:
    assert not certified(evidence, rule, [t], t).held
