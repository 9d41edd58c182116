"""What happens to a page, and when: told step by step until somebody has it, and again when they do nothing. Pure.

A page never ends by itself. After the last step it begins anew (``round`` counts), and an acknowledgement is "I have
it until T": at T the page is open again and goes on with the next step.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class State(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Progress:
    """``step`` is told next, in ``round`` (0: the first); ``due`` is when something happens by itself: the next step,
    or the end of an acknowledgement. None: never again."""

    state: State
    step: int
    round: int
    due: datetime | None


@dataclass(frozen=True, slots=True)
class Tell:
    """Everybody of the step is to be told now. ``reopened``: because an acknowledgement ran out, so that whoever gave
    it is told as well."""

    step: int
    round: int
    reopened: bool


LONGEST = timedelta(hours=24)
SHORTEST = timedelta(minutes=1)


def begin(at: datetime) -> Progress:
    """A new page: its first step is due at once."""
    return Progress(State.OPEN, 0, 0, at)


def fire(waits: Sequence[timedelta], page: Progress, at: datetime) -> tuple[Progress, Tell | None]:
    """What is due has come. ``waits``: for each step, how long until the next one. Too early, it changes nothing.

    The wait counts from ``at``: a claimer that was late does not run through several steps at once.
    """
    if page.due is None or at < page.due:
        return page, None
    # The policy may have become shorter meanwhile.
    step, turn = (page.step, page.round) if page.step < len(waits) else (0, page.round + 1)
    told = Tell(step, turn, page.state is State.ACKNOWLEDGED)
    following = (step + 1, turn) if step + 1 < len(waits) else (0, turn + 1)
    return Progress(State.OPEN, *following, at + waits[step]), told


def acknowledge(page: Progress, at: datetime, until: datetime) -> Progress:
    """Somebody has it until ``until``, which is held between a minute and a day from now. A resolved one stays so."""
    if page.state is State.RESOLVED:
        return page
    return replace(page, state=State.ACKNOWLEDGED, due=min(max(until, at + SHORTEST), at + LONGEST))


def resolve(page: Progress) -> Progress:
    return replace(page, state=State.RESOLVED, due=None)


def hurry(page: Progress, at: datetime) -> Progress:
    """Nobody of the last step could be told: the next one need not wait."""
    if page.state is not State.OPEN or page.due is None:
        return page
    return replace(page, due=min(page.due, at))
