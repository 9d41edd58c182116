"""CI's small run fails when a figure is worse than the floor by more than its sample explains, and only then."""

from pathlib import Path

import pytest
from bench.held_out import floor, ordinary, report
from bench.held_out.floor import Figures, Floor
from bench.held_out.measure import Tally

KEPT = Floor(
    {"held out: recovery_phrase": 0.99}, {"look-alikes": (30, 30_000), "ordinary text": (0, 70_000)}, {"chat": 0.1}
)


def figures(hits: int = 2_970, loud: int = 3, p99: float = 0.1, ordinary: int = 0) -> Figures:
    return Figures(
        {"held out: recovery_phrase": Tally(hits, 3_000)},
        {"look-alikes": (loud, 3_000), "ordinary text": (ordinary, 7_000)},
        {"chat": p99},
    )


def test_the_floor_itself_is_kept_and_so_is_what_the_samples_size_explains() -> None:
    assert floor.worse(figures(), KEPT) == []
    assert floor.worse(figures(hits=2_958, loud=9, p99=0.149), KEPT) == []


@pytest.mark.parametrize(
    ("worse", "said"),
    [
        (figures(hits=2_945), "recovery_phrase 98.17% of at least 99.00%"),
        (figures(loud=10), "10 alarms in 3000 look-alikes, 3.0 recorded"),
        (figures(ordinary=1), "1 alarms in 7000 ordinary text, 0.0 recorded"),
        (figures(p99=0.151), "p99 0.151 loops of 0.100, chat"),
    ],
)
def test_each_figure_that_is_worse_is_named(worse: Figures, said: str) -> None:
    (found,) = floor.worse(worse, KEPT)
    assert said in found


def test_a_figure_without_a_floor_is_worse() -> None:
    assert len(floor.worse(figures(), Floor({}, {"look-alikes": (30, 30_000)}, {}))) == 2


def test_what_is_recorded_is_the_lower_bound_and_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(floor, "PLACE", tmp_path / "floor.json")
    floor.write(figures())
    assert floor.read() == floor.of(figures())
    assert floor.read().at_least["held out: recovery_phrase"] == pytest.approx(0.98576, abs=1e-5)
    assert floor.worse(figures(), floor.read()) == []


def test_the_recorded_floor_knows_both_families() -> None:
    recorded = floor.read()
    for family in (report.B, report.A):
        kinds = {name.split(": ")[1] for name in recorded.at_least if name.startswith(family)}
        assert kinds >= {"recovery_phrase", "private_key", "card_number", "one_time_code", "password"}
    assert set(recorded.alarms) == {"look-alikes", "ordinary text"}


def test_the_small_run_answers_for_the_floor_and_the_whole_one_for_the_aims(monkeypatch: pytest.MonkeyPatch) -> None:
    for part in ("_phrases", "_secrets", "_lookalikes", "_speed", "_on_purpose"):
        monkeypatch.setattr(report, part, lambda *_: None)
    monkeypatch.setattr(ordinary, "messages", lambda: [("en", "text")] * 20_000)
    monkeypatch.setattr(report, "_ordinary", lambda *_: [])
    monkeypatch.setattr(report, "_aims", lambda *_, **__: ["phrases 90 % of 99.8 %"])
    monkeypatch.setattr(floor, "worse", lambda *_: [])
    assert report.run(quick=True) == 0
    assert report.run(quick=False) == 1
    monkeypatch.setattr(floor, "worse", lambda *_: ["phrases"])
    assert report.run(quick=True) == 1
    monkeypatch.setattr(report, "_aims", lambda *_, **__: [])
    assert report.run(quick=False) == 0
