"""The policy, by its properties: whatever is shown, whenever, for whatever purpose."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from holdfast.verification.catalogue import PURPOSES
from holdfast.verification.policy import LEVELS, MARGIN, Case, Evidence, Method, Refusal, Rule, judge, offered
from holdfast.verification.proofs.challenge import purpose_fits
from holdfast.verification.proofs.outcome import CHAIN_NOT_READ

NOW = datetime(2026, 11, 26, 14, 2, tzinfo=UTC)
# Around the limits, to the second: a week before to an hour after.
times = st.integers(-7 * 86_400, 3600).map(lambda seconds: NOW + timedelta(seconds=seconds))
maybe = st.none() | times
methods = st.sampled_from(list(Method))
rules = st.builds(
    Rule,
    key=st.just("x"),
    level=st.integers(0, 3),
    statement=st.just("x"),
    methods=st.frozensets(methods),
    holds=st.integers(60, 86_400).map(lambda seconds: timedelta(seconds=seconds)),
    enrolled_before=st.integers(0, 72).map(lambda hours: timedelta(hours=hours)),
    chain_required=st.booleans(),
)
cases = st.builds(Case, opened_at=times, compromised_at=maybe)
shown = st.builds(
    Evidence, method=methods, at=times, since=maybe, warnings=st.sampled_from([(), (CHAIN_NOT_READ,), ("other_key",)])
)


@given(rules, shown, cases, times)
def test_nothing_weaker_than_the_purpose_needs_is_ever_proof(
    rule: Rule, it: Evidence, case: Case, now: datetime
) -> None:
    if judge(rule, it, case, now) is None:
        assert LEVELS[it.method] >= rule.level
        assert it.method in rule.methods
        assert it.at <= now < it.at + rule.holds


@given(rules, st.sampled_from([Method.WALLET, Method.APP]), times, times, times, times)
def test_after_a_claimed_compromise_no_signature_and_no_token_is_proof(
    rule: Rule, method: Method, at: datetime, opened: datetime, claimed: datetime, now: datetime
) -> None:
    """Whatever the purpose, and also when it was signed before the claim: a thief may have been there already."""
    evidence = Evidence(method, at)
    assert judge(rule, evidence, Case(opened, claimed), now) is Refusal.COMPROMISED


@given(rules, shown, cases, times)
def test_after_a_compromise_only_what_is_a_day_older_counts(
    rule: Rule, it: Evidence, case: Case, now: datetime
) -> None:
    if case.compromised_at is not None and judge(rule, it, case, now) is None:
        assert it.since is not None
        assert it.since <= case.compromised_at - MARGIN


@given(rules, shown, cases, times)
def test_a_compromise_never_makes_a_proof(rule: Rule, it: Evidence, case: Case, now: datetime) -> None:
    if judge(rule, it, case, now) is None:
        assert judge(rule, it, replace(case, compromised_at=None), now) is None


@given(rules, shown, cases, times)
def test_what_was_put_on_file_after_the_case_began_is_no_proof(
    rule: Rule, it: Evidence, case: Case, now: datetime
) -> None:
    if it.method in (Method.EMAIL, Method.SMS, Method.PASSKEY) and judge(rule, it, case, now) is None:
        assert it.since is not None
        assert it.since <= case.opened_at
        assert it.method is not Method.PASSKEY or it.since <= case.opened_at - rule.enrolled_before


@given(rules, st.dictionaries(methods, maybe), cases, times)
def test_what_is_offered_serves_and_is_the_least_that_does(
    rule: Rule, on_file: dict[Method, datetime | None], case: Case, now: datetime
) -> None:
    ways = offered(rule, on_file, case, now)
    assert all(judge(rule, Evidence(way, now, on_file[way]), case, now) is None for way in ways)
    assert len({LEVELS[way] for way in ways}) <= 1
    better = (
        [
            method
            for method, since in on_file.items()
            if judge(rule, Evidence(method, now, since), case, now) is None and LEVELS[method] < LEVELS[ways[0]]
        ]
        if ways
        else []
    )
    assert better == []


def test_a_thief_with_the_key_gets_nowhere_and_the_owner_with_an_old_passkey_does() -> None:
    """The catalogue's own purposes, as it would go on the day."""
    theft = Case(opened_at=NOW - timedelta(minutes=20), compromised_at=NOW - timedelta(minutes=10))
    signature, token = Evidence(Method.WALLET, NOW), Evidence(Method.APP, NOW)
    old, fresh = NOW - timedelta(days=30), NOW - timedelta(hours=1)
    for rule in PURPOSES:
        if rule.level:
            assert judge(rule, signature, theft, NOW) is Refusal.COMPROMISED
            assert judge(rule, token, theft, NOW) is Refusal.COMPROMISED
            assert judge(rule, Evidence(Method.PASSKEY, NOW, fresh), theft, NOW) is Refusal.COMPROMISED
        if Method.PASSKEY in rule.methods:
            assert judge(rule, Evidence(Method.PASSKEY, NOW, old), theft, NOW) is None
            assert judge(rule, Evidence(Method.PASSKEY, NOW, fresh), Case(NOW), NOW) is Refusal.TOO_NEW
    state = next(rule for rule in PURPOSES if rule.key == "account_state")
    assert offered(state, {Method.WALLET: None, Method.EMAIL: old}, theft, NOW) == [Method.EMAIL]
    assert judge(
        replace(state, chain_required=True), replace(signature, warnings=(CHAIN_NOT_READ,)), Case(NOW), NOW
    ) is (Refusal.CHAIN_NOT_READ)


def test_the_purposes_of_the_catalogue_can_be_signed_and_reached() -> None:
    for rule in PURPOSES:
        assert purpose_fits(rule.statement)
        assert any(LEVELS[method] >= rule.level for method in rule.methods)
