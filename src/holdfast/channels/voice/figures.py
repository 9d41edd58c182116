"""What the figures of the phone mean. Pure; docs/glossary.md has the same definitions for people.

A call is *offered* when its caller begins to wait for a person, and counts once it is decided: it was answered, or is
over. Each offered call is exactly one of answered, abandoned, call-back, message and lost.
"""

import math
from dataclasses import dataclass
from datetime import timedelta

# Who hangs up sooner has dialled wrongly, or has heard all that they wanted to know.
SHORT = timedelta(seconds=5)
# Of the normal distribution, for 95 in 100.
_Z = 1.96


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of offered calls. ``in_time``: answered within their line's ``answer_within``; ``abandoned_short``: within
    ``SHORT``. Waits are in seconds, of answered calls; None if there are none."""

    offered: int = 0
    answered: int = 0
    in_time: int = 0
    abandoned: int = 0
    abandoned_short: int = 0
    call_backs: int = 0
    messages: int = 0
    lost: int = 0
    wait_average: float | None = None
    wait_p50: float | None = None
    wait_p90: float | None = None


@dataclass(frozen=True, slots=True)
class Handling:
    """Of calls that an agent had, call-backs too, when they and their wrap-up are over; seconds in all. An agent had it
    also if its caller, passed on or lost by them, left before another one answered. ``asked``: how many of their
    callers heard the survey."""

    handled: int = 0
    talk: float = 0.0
    hold: float = 0.0
    wrap: float = 0.0
    asked: int = 0

    @property
    def average(self) -> float | None:
        """Average handling time (AHT)."""
        return (self.talk + self.hold + self.wrap) / self.handled if self.handled else None


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def service_level(tally: Tally) -> float | None:
    """Answered in time, of the offered without those abandoned at once."""
    return share(tally.in_time, tally.offered - tally.abandoned_short)


def abandonment(tally: Tally) -> float | None:
    """Abandoned, of the offered; those abandoned at once count in neither."""
    return share(tally.abandoned - tally.abandoned_short, tally.offered - tally.abandoned_short)


def occupancy(busy: int, ready: int) -> float | None:
    """The share of agents at the phone who talk or wrap up, at one moment. Of a period it cannot be told: who was ready
    when is not kept about people."""
    return share(busy, busy + ready)


def interval(part: int, whole: int) -> tuple[float, float] | None:
    """Between which shares the true one lies with 95 % certainty (Wilson's score interval)."""
    if not whole:
        return None
    found, spread = part / whole, _Z * _Z / whole
    middle = (found + spread / 2) / (1 + spread)
    half = _Z * math.sqrt(found * (1 - found) / whole + spread / whole / 4) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)
