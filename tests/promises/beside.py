"""How a fold of the model is held against the reference, and how many examples are tried."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, Phase, settings

from holdfast.promises.model import Round, elapsed, judge, ledger
from tests.promises.reference import Outcome, seconds
from tests.promises.strategies import Given, examples

# A found example is not made smaller: each trial plays fourteen hours second by second.
SLOW = settings(
    max_examples=examples(300),
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
QUICK = settings(max_examples=examples(200), deadline=None, derandomize=True)


def agree(made: Given, found: Iterable[Round], expected: Sequence[Outcome]) -> None:
    """Rounds and their starts, stops, elapsed times, verdicts and every second's label, as things stand at the end."""
    rounds = [r for r in found if r.start < made.until]
    assert [seconds(r.start) for r in rounds] == [o.start for o in expected]
    for each, outcome in zip(rounds, expected, strict=True):
        stopped = each.stop if each.stop is not None and each.stop < made.until else None
        assert (seconds(stopped) if stopped else None) == outcome.stop
        clock = made.clock(replace(each, stop=stopped))
        assert elapsed(clock, made.until) == timedelta(seconds=outcome.elapsed)
        verdict = judge(clock)
        assert verdict.broken(made.until) == (outcome.broken_after is not None)
        if outcome.broken_after is not None:
            assert verdict.broken_after is not None
            assert seconds(verdict.broken_after) == outcome.broken_after
        if len(clock.terms) == 1 and outcome.reached is not None:
            assert verdict.due is not None
            assert seconds(verdict.due) == outcome.reached
        segments = [(seconds(s.since), seconds(s.until), s.label.value) for s in ledger(clock, made.until)]
        assert segments == _segments(outcome.start, outcome.labels)


def _segments(start: int, labels: Sequence[str]) -> list[tuple[int, int, str]]:
    found: list[tuple[int, int, str]] = []
    for place, label in enumerate(labels, start):
        if found and found[-1][2] == label:
            found[-1] = (found[-1][0], place + 1, label)
        else:
            found.append((place, place + 1, label))
    return found
