"""The floor: the figures of the last recorded whole run. CI's small run fails when a figure is worse.

The aims are the whole run's matter: as long as one is not reached, CI holds what was. Margins, for the sample's size:

- a share: its 99 % interval (2.58 standard deviations) lies wholly under the recorded lower 95 % bound;
- alarms: more than the recorded rate lets expect, and three standard deviations; where none was recorded, none;
- the p99 of a message in calibration loops: half as much again, for machines differ.
"""

import json
from dataclasses import dataclass, field
from math import ceil, sqrt
from pathlib import Path

from bench.held_out.measure import Tally, lower, upper

PLACE = Path(__file__).parent / "floor.json"
Z = 2.58
DEVIATIONS = 3
SLOWER = 1.5


@dataclass
class Figures:
    found: dict[str, Tally] = field(default_factory=dict)  # masked, by "family: kind"
    alarms: dict[str, tuple[int, int]] = field(default_factory=dict)  # certain or high; texts
    p99: dict[str, float] = field(default_factory=dict)  # in calibration loops


@dataclass(frozen=True, slots=True)
class Floor:
    at_least: dict[str, float]
    alarms: dict[str, tuple[int, int]]
    p99: dict[str, float]


def of(figures: Figures) -> Floor:
    bounds = {name: round(lower(tally.hits, tally.count), 5) for name, tally in sorted(figures.found.items())}
    return Floor(bounds, figures.alarms, {name: round(ratio, 4) for name, ratio in figures.p99.items()})


def write(figures: Figures) -> None:
    kept = of(figures)
    content = {"at_least": kept.at_least, "alarms": kept.alarms, "p99": kept.p99}
    PLACE.write_text(json.dumps(content, indent=2) + "\n")


def read() -> Floor:
    content = json.loads(PLACE.read_text())
    alarms = {name: (loud, texts) for name, (loud, texts) in content["alarms"].items()}
    return Floor(content["at_least"], alarms, content["p99"])


def worse(figures: Figures, floor: Floor) -> list[str]:
    """What is worse than the floor. A figure that the floor does not know is worse too: record it."""
    found = []
    for name, tally in figures.found.items():
        bound = floor.at_least.get(name, 1.0)
        if upper(tally.hits, tally.count, Z) < bound or name not in floor.at_least:
            found.append(f"{name} {tally.hits / tally.count:.2%} of at least {bound:.2%}")
    for name, (loud, texts) in figures.alarms.items():
        recorded, of_texts = floor.alarms.get(name, (0, 1))
        expected = recorded * texts / of_texts
        if loud > ceil(expected + DEVIATIONS * sqrt(expected)):
            found.append(f"{loud} alarms in {texts} {name}, {expected:.1f} recorded")
    for name, ratio in figures.p99.items():
        if ratio > floor.p99.get(name, 0.0) * SLOWER:
            found.append(f"p99 {ratio:.3f} loops of {floor.p99.get(name, 0.0):.3f}, {name}")
    return found
