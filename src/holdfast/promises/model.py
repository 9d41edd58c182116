"""The arithmetic of a promise: pure. A promise is a fold over a log of events, which say when its clock starts, pauses,
goes on and stops; hours and target say by when it is due.

Nothing here looks at a clock or a table: whoever asks says for which moment. A timer only notifies; the instant of a
breach is ``due`` itself, however late anybody looked.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from holdfast.promises.calendars import FOREVER, Calendar, Span


class What(StrEnum):
    """What happened. Stable: they are stored."""

    OPENED = "opened"
    CUSTOMER = "customer"
    """The customer wrote."""
    ANSWER = "answer"
    """A person answered, for the customer to read. An automatic acknowledgement is no event: it stops no clock."""
    QUESTION = "question"
    """A person answered, and asked for something: until the customer writes, it is their turn."""
    RESOLVED = "resolved"
    REOPENED = "reopened"
    EMERGENCY = "emergency"
    TRANSFERRED = "transferred"
    HANDOVER = "handover"
    """Passed on to the technical team."""
    CASE = "case"
    """The technical team works on its cause (again); the conversation stays with whoever has it."""
    UPDATED = "updated"
    """Everybody whom a cause concerns was told how it goes: no answer to what this customer asked."""
    TOLD = "told"
    """Everybody was told that it is solved."""
    ASSIGNED = "assigned"
    RECLASSIFIED = "reclassified"
    """Topic or priority changed: the clock goes on, the target may be another."""


class Kind(StrEnum):
    """Which promise. Stable, as What."""

    FIRST = "first_response"
    NEXT = "next_response"
    SOLUTION = "solution"
    UPDATE = "update"
    EMERGENCY = "emergency"
    INTERNAL = "internal"
    """Within the house: how soon somebody takes what was passed on. The customer's clocks do not notice."""


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """``seq`` orders what has the same instant."""

    at: datetime
    seq: int
    what: What


_NOTHING = timedelta(0)
_ANSWERED = frozenset({What.ANSWER, What.QUESTION})


@dataclass(frozen=True, slots=True)
class Rule:
    """The events of one kind of promise. ``pauses`` says what makes the clock go on again after each; pauses are
    layers, the clock runs when none is on. ``stops`` end the round, ``renews`` end it and begin the next; ``once``:
    there is one round; ``after``: none begins before one of these."""

    starts: frozenset[What]
    stops: frozenset[What] = frozenset()
    renews: frozenset[What] = frozenset()
    pauses: Mapping[What, frozenset[What]] = field(default_factory=dict)
    once: bool = False
    after: frozenset[What] = frozenset()


# Also of an answer's clock: a resolved matter that nobody answered goes on when it is opened again.
_SETTLED = {What.RESOLVED: frozenset({What.REOPENED})}

RULES: Mapping[Kind, Rule] = {
    Kind.FIRST: Rule(frozenset({What.CUSTOMER}), stops=_ANSWERED, pauses=_SETTLED, once=True),
    Kind.NEXT: Rule(frozenset({What.CUSTOMER}), stops=_ANSWERED, pauses=_SETTLED, after=_ANSWERED),
    Kind.SOLUTION: Rule(
        frozenset({What.OPENED}), pauses={**_SETTLED, What.QUESTION: frozenset({What.CUSTOMER})}, once=True
    ),
    # A hand-over pauses no clock of the customer's: it starts this one.
    Kind.UPDATE: Rule(
        frozenset({What.HANDOVER, What.CASE}),
        stops=frozenset({What.TOLD}),
        renews=_ANSWERED | {What.UPDATED},
        pauses=_SETTLED,
    ),
    Kind.EMERGENCY: Rule(frozenset({What.EMERGENCY}), stops=_ANSWERED, pauses=_SETTLED),
    Kind.INTERNAL: Rule(
        frozenset({What.TRANSFERRED, What.HANDOVER}), stops=_ANSWERED | {What.ASSIGNED}, pauses=_SETTLED
    ),
}


@dataclass(frozen=True, slots=True)
class Pause:
    """``until`` is None while it lasts."""

    why: What
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """From a start to its stop (None: not yet). A pause may have begun before."""

    start: datetime
    seq: int
    pauses: tuple[Pause, ...] = ()
    stop: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the fold of one rule stands: whether a round may begin, the pauses that are on (also while no round is),
    and the round that has begun."""

    armed: bool
    on: tuple[Pause, ...] = ()
    open: Round | None = None


def beginning(rule: Rule) -> Standing:
    return Standing(armed=not rule.after)


def step(rule: Rule, standing: Standing, event: Event) -> tuple[Standing, Round | None]:
    """The next event of a log in order; and the round that it has ended, if any."""
    what, current = event.what, standing.open
    armed = standing.armed or what in rule.after
    on = tuple(pause for pause in _layered(rule, standing.on, event) if pause.until is None)
    if current is None:
        if armed and what in rule.starts:
            return Standing(not rule.once, on, Round(event.at, event.seq, on)), None
        return Standing(armed, on), None
    if what in rule.renews:
        return Standing(armed, on, Round(event.at, event.seq, on)), _stopped(current, event.at)
    if what in rule.stops:
        return Standing(armed, on), _stopped(current, event.at)
    return Standing(armed, on, Round(current.start, current.seq, _layered(rule, current.pauses, event))), None


def _stopped(current: Round, at: datetime | None) -> Round:
    return Round(current.start, current.seq, current.pauses, at)


def _layered(rule: Rule, pauses: tuple[Pause, ...], event: Event) -> tuple[Pause, ...]:
    """The layers after an event: those that it ends, and the one that it begins unless that is on already."""
    if not pauses and event.what not in rule.pauses:
        return pauses
    after = tuple(
        replace(p, until=event.at) if p.until is None and event.what in rule.pauses[p.why] else p for p in pauses
    )
    if event.what in rule.pauses and not any(p.why is event.what and p.until is None for p in after):
        after += (Pause(event.what, event.at),)
    return after


def fold(rule: Rule, log: Iterable[Event]) -> tuple[Round, ...]:
    """The rounds of a log, in whatever order it arrived; an event that is in it twice counts once."""
    standing, rounds = beginning(rule), []
    for event in sorted(set(log)):
        standing, ended = step(rule, standing, event)
        if ended is not None:
            rounds.append(ended)
    return (*rounds, standing.open) if standing.open is not None else tuple(rounds)


def united(*logs: Iterable[Event]) -> frozenset[Event]:
    """The log of merged conversations: whatever began first began it."""
    return frozenset(event for log in logs for event in log)


def surviving(own: Iterable[Event], other: Iterable[Event], merged_at: datetime) -> frozenset[Event]:
    """The log of one customer's promise after their conversation was merged with another: its own start, and from then
    on what happens to both."""
    return united(own, (event for event in other if event.at >= merged_at))


@dataclass(frozen=True, slots=True)
class Terms:
    """What is promised from an instant on: ``target`` of time in the hours of ``calendar`` (None: at all hours).
    Without a target nothing is promised, while the clock goes on."""

    since: datetime
    target: timedelta | None
    calendar: Calendar | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """A round under its terms, the first of which hold from its start. ``longest_wait`` bounds how long a question
    pauses it: until the customer has written, another question begins no other pause."""

    round: Round
    terms: tuple[Terms, ...]
    longest_wait: timedelta | None = None


def _capped(clock: Clock, pause: Pause) -> Span:
    until = pause.until or FOREVER
    if pause.why is What.QUESTION and clock.longest_wait is not None:
        until = min(until, pause.since + clock.longest_wait)
    return pause.since, until


def _periods(clock: Clock) -> list[tuple[datetime, datetime, Terms]]:
    """Which terms hold from when until when, to the stop of the round."""
    begins = [clock.round.start, *(t.since for t in clock.terms[1:])]
    ends = [*begins[1:], FOREVER]
    stop = clock.round.stop or FOREVER
    periods = ((b, min(e, stop), t) for b, e, t in zip(begins, ends, clock.terms, strict=True))
    return [(b, e, t) for b, e, t in periods if b < e]


def _without(span: Span, holes: Sequence[Span]) -> Iterator[Span]:
    begin, end = span
    for hole_begin, hole_end in sorted(holes):
        if hole_begin >= end:
            break
        if begin < hole_begin:
            yield begin, hole_begin
        begin = max(begin, hole_end)
    if begin < end:
        yield begin, end


def running(clock: Clock) -> Iterator[Span]:
    """When it runs: it has started, no pause is on, and somebody is there. In order; the last may have no end."""
    holes = [_capped(clock, pause) for pause in clock.round.pauses]
    for begin, end, terms in _periods(clock):
        for span in _without((begin, end), holes):
            if terms.calendar is None:
                yield span
            else:
                yield from terms.calendar.spans(*span)


def elapsed(clock: Clock, moment: datetime) -> timedelta:
    """How long it has run by a moment."""
    total = timedelta(0)
    for begin, end in running(clock):
        if begin >= moment:
            break
        total += min(end, moment) - begin
    return total


def reaches(clock: Clock, amount: timedelta) -> datetime | None:
    """The first instant at which it has run for ``amount``; None if it never will, as things are."""
    for begin, end in running(clock):
        if end - begin >= amount:
            return begin + amount
        amount -= end - begin
    return None


def exceeds(clock: Clock, amount: timedelta, since: datetime) -> datetime | None:
    """The instant, ``since`` at the earliest, after which it runs while it has run for ``amount``. Later than
    ``reaches`` if it stood still just then: who answers before it goes on has kept the promise."""
    for begin, end in running(clock):
        past = max(begin + max(amount, _NOTHING), since)
        if past < end:
            return past
        amount -= end - begin
    return None


@dataclass(frozen=True, slots=True)
class Verdict:
    """``due``: when it is, or was, to be kept (None: never, as things are). ``broken_after``: with the first instant
    past this one it is broken; None if it never will be."""

    due: datetime | None
    broken_after: datetime | None

    def broken(self, moment: datetime) -> bool:
        return self.broken_after is not None and moment > self.broken_after


def judge(clock: Clock) -> Verdict:
    """Broken if it still runs past its due instant; equality keeps it. Terms that come later keep the start and bring
    their own target, from their own instant on: a new target is broken at that instant at the earliest, and a breach
    under older terms stays one."""
    due = None
    # Of a round that was stopped in time, too: by when it had to be.
    endless = Clock(_stopped(clock.round, None), clock.terms, clock.longest_wait)
    for begin, end, terms in _periods(clock):
        if terms.target is None:
            due = None
            continue
        reached, exceeded = reaches(endless, terms.target), exceeds(clock, terms.target, begin)
        due = max(reached, begin) if reached is not None else None
        if exceeded is not None and exceeded < end:
            return Verdict(due, exceeded)
    return Verdict(due, None)


def warned(clock: Clock, share: float) -> datetime | None:
    """When so much of the target that holds last has run, or None."""
    terms = clock.terms[-1]
    if terms.target is None:
        return None
    reached = reaches(clock, terms.target * share)
    return max(reached, terms.since) if reached is not None else None


class Label(StrEnum):
    """What a second of a ledger is. Stable."""

    RUNNING = "running"
    LATE = "late"
    """Running, past the due instant."""
    RESOLVED = "resolved"
    WAITING = "waiting"
    """For the customer, who was asked."""
    HOURS = "hours"
    """Nobody is promised to be there."""


@dataclass(frozen=True, slots=True)
class Segment:
    since: datetime
    until: datetime
    label: Label


_LABELS = {What.RESOLVED: Label.RESOLVED, What.QUESTION: Label.WAITING}


def ledger(clock: Clock, moment: datetime) -> list[Segment]:
    """Every second from the start to the stop, or to the moment, with what it is; where two pauses are on, resolved
    goes first."""
    begin, end = clock.round.start, min(clock.round.stop or FOREVER, moment)
    late_from = judge(clock).broken_after or FOREVER
    labelled = [(_LABELS[p.why], *_capped(clock, p)) for p in clock.round.pauses]
    labelled += [(Label.RUNNING, *span) for span in _until(running(clock), end)]
    edges = {begin, end, late_from}
    edges.update(edge for _, since, until in labelled for edge in (since, until))
    within = sorted(edge for edge in edges if begin <= edge <= end)
    segments: list[Segment] = []
    for since, until in pairwise(within):
        on = {label for label, first, last in labelled if first <= since < last}
        label = next((each for each in (Label.RESOLVED, Label.WAITING, Label.RUNNING) if each in on), Label.HOURS)
        if label is Label.RUNNING and since >= late_from:
            label = Label.LATE
        if segments and segments[-1].label is label:
            segments[-1] = replace(segments[-1], until=until)
        else:
            segments.append(Segment(since, until, label))
    return segments


def _until(spans: Iterator[Span], end: datetime) -> Iterator[Span]:
    for span in spans:
        if span[0] >= end:
            return
        yield span
