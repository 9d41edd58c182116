"""Is somebody looking at more than their work needs? A robust rule, pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Limits:
    """``least``: fewer looks in ``seconds`` never alarm (a busy shift is no crime). ``times``: how many times the
    larger of one's own and the team's median must be exceeded. ``history`` is how far back the medians look, in
    seconds; ``quiet`` how long one alarm stands for all that follow."""

    least: int = 30
    times: float = 4.0
    seconds: int = 600
    history: int = 14 * 86_400
    quiet: int = 3_600


@dataclass(frozen=True, slots=True)
class Browsing:
    """One agent's looks now, and what is usual: medians of the stretches in which anything was looked up."""

    count: int
    own: float
    team: float


def compare(count: int, own: Sequence[int], others: Sequence[Sequence[int]]) -> Browsing:
    """``own`` are the agent's earlier stretches, ``others`` those of each colleague. A colleague counts once, however
    many stretches they have; without any history the usual is 0."""
    of_each = [median(stretches) for stretches in others if stretches]
    return Browsing(count, median(own) if own else 0.0, median(of_each) if of_each else 0.0)


def unusual(browsing: Browsing, limits: Limits) -> bool:
    """More than ``least``, and more than ``times`` what is usual for the agent and for the team."""
    return browsing.count > limits.least and browsing.count > limits.times * max(browsing.own, browsing.team)
