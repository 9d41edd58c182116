"""The promise model once more, slow and simple: one second after the other, asking the wall clock each time.

Written from docs/guide/promises.md and without anything of the model's: it knows instants as whole seconds since 1970,
and a log as a list of ``(second, word)``; two conversations become one by ``merged``. What both have in common are the
words of the events.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

Minutes = tuple[int, int]
Line = tuple[int, int, str]
"""Second, number within that conversation's or the other's lines, word."""


@dataclass
class Hours:
    """``weekly[weekday]`` and ``exceptions[day]`` list ``(opening minute, closing minute)``, the closing one above 1440
    when it is on the next day; ``closed`` are the holidays."""

    zone: str
    weekly: Mapping[int, Sequence[Minutes]]
    closed: frozenset[date] = frozenset()
    exceptions: Mapping[date, Sequence[Minutes]] = field(default_factory=dict)

    def of(self, day: date) -> Sequence[Minutes]:
        if day in self.exceptions:
            return self.exceptions[day]
        return [] if day in self.closed else self.weekly.get(day.weekday(), [])

    def open(self, second: int) -> bool:
        clock = datetime.fromtimestamp(second, ZoneInfo(self.zone))
        of_day = clock.hour * 3600 + clock.minute * 60 + clock.second
        today = any(a * 60 <= of_day < b * 60 for a, b in self.of(clock.date()))
        return today or any(a * 60 <= of_day + 86400 < b * 60 for a, b in self.of(clock.date() - timedelta(days=1)))


@dataclass
class Play:
    """What is promised: from ``terms[i][0]`` on (the first from the start of each round), so many seconds in those
    hours (None: always)."""

    start_on: set[str]
    stop_on: set[str]
    renew_on: set[str]
    only_after: set[str]
    once: bool
    waits: bool
    terms: list[tuple[int, int | None, Hours | None]]
    longest_wait: int | None = None


@dataclass
class Outcome:
    """One round, in seconds since 1970."""

    start: int
    stop: int | None = None
    elapsed: int = 0
    reached: int | None = None
    """The first second at which the target that holds then had run."""
    broken_after: int | None = None
    labels: list[str] = field(default_factory=list)
    """Of each second."""


def play(log: Sequence[tuple[int, str]], rules: Play, until: int) -> list[Outcome]:
    """Every round of a log in order that begins before ``until``, as it stands then."""
    rounds: list[Outcome] = []
    current: Outcome | None = None
    resolved = False
    asked_at: int | None = None
    answered_once = used = False
    position = 0
    for second in range(log[0][0] if log else until, until):
        while position < len(log) and log[position][0] == second:
            word = log[position][1]
            position += 1
            if word == "resolved":
                resolved = True
            if word == "reopened":
                resolved = False
            if word == "customer":
                asked_at = None
            if word == "question" and asked_at is None:
                asked_at = second
            if word in rules.only_after:
                answered_once = True
            if current is not None and word in rules.stop_on | rules.renew_on:
                current.stop = second
                current = None
                if word in rules.renew_on:
                    current = Outcome(second)
                    rounds.append(current)
            elif (
                current is None
                and word in rules.start_on
                and (answered_once or not rules.only_after)
                and not (rules.once and used)
            ):
                used = True
                current = Outcome(second)
                rounds.append(current)
        if current is None:
            continue
        waiting = rules.waits and asked_at is not None
        if waiting and rules.longest_wait is not None and asked_at is not None:
            waiting = second < asked_at + rules.longest_wait
        target, hours = _in_force(rules.terms, current.start, second)
        if target is not None and current.elapsed >= target and current.reached is None:
            current.reached = second
        if resolved:
            current.labels.append("resolved")
        elif waiting:
            current.labels.append("waiting")
        elif hours is not None and not hours.open(second):
            current.labels.append("hours")
        else:
            if target is not None and current.elapsed >= target and current.broken_after is None:
                current.broken_after = second
            current.labels.append("running" if current.broken_after is None else "late")
            current.elapsed += 1
    return rounds


def merged(own: Sequence[Line], other: Sequence[Line], merged_at: int | None = None) -> list[tuple[int, str]]:
    """What is heard in two conversations that became one, second by second: in each second what either says, in the
    order of its number. Before ``merged_at`` only the own one is heard (None: they were one from the start)."""
    heard: list[tuple[int, str]] = []
    spoken = {line[0] for line in (*own, *other)}
    for second in range(min(spoken), max(spoken) + 1):
        if second not in spoken:
            continue
        now = [(number, word) for at, number, word in own if at == second]
        if merged_at is None or second >= merged_at:
            now += [(number, word) for at, number, word in other if at == second]
        heard += [(second, word) for _, word in sorted(now)]
    return heard


def _in_force(
    terms: list[tuple[int, int | None, Hours | None]], start: int, second: int
) -> tuple[int | None, Hours | None]:
    found = terms[0]
    for each in terms[1:]:
        if start < each[0] <= second:
            found = each
    return found[1], found[2]


def seconds(moment: datetime) -> int:
    return round((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
