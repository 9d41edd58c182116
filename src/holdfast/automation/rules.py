"""Rules and what they decide: pure. ``judge(rules, event, facts)`` gives what each rule would do and why; it knows no
database, asks no clock, and gives the same answer for the same arguments.

What is guaranteed here: rules are taken in their order; none is taken twice for one event, nor twice in one chain; what
rules do sets off other rules at most ``DEEPEST`` times in a row, and one rule at most ``MOST_A_DAY`` times a day in one
conversation; an emergency is never resolved, moved or lowered; nobody who waits for an answer is resolved away.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from holdfast.automation.words import folded, holds_any

DEEPEST = 3
MOST_A_DAY = 10


class What(StrEnum):
    """What a rule waits for."""

    OPENED = "opened"
    CUSTOMER = "customer_wrote"
    ANSWERED = "answered"
    QUEUED = "queued"
    ASSIGNED = "assigned"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    EMERGENCY = "emergency"
    WARNED = "promise_warned"
    BROKEN = "promise_broken"


class Does(StrEnum):
    """What a rule does."""

    TOPIC = "topic"
    PRIORITY = "priority"
    QUEUE = "queue"
    NOTE = "note"
    MESSAGE = "message"
    RESOLVE = "resolve"
    PAGE = "page"
    WEBHOOK = "webhook"


class Asks(StrEnum):
    """What a condition looks at."""

    QUEUE = "queue"
    TOPIC = "topic"
    PRIORITY = "priority"
    LANGUAGE = "language"
    CHANNEL = "channel"
    GROUP = "group"
    SEGMENT = "segment"
    EMERGENCY = "emergency"
    HOURS = "hours"
    TAGS = "tags"
    MESSAGES = "messages"
    FIRED = "fired"
    WORDS = "words"


Op = Literal["in", "not_in", "at_least", "at_most"]
Mode = Literal["all", "any", "none"]
NUMBERS = frozenset({Asks.PRIORITY, Asks.MESSAGES, Asks.FIRED})


@dataclass(frozen=True, slots=True)
class When:
    """``after_seconds``: not at once, but so long after it, unless one of ``unless`` or the same again comes first."""

    event: What
    after_seconds: int | None = None
    unless: tuple[What, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """One condition. ``at_least`` and ``at_most`` compare a number with the only one of ``values``."""

    asks: Asks
    op: Op
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checks:
    """Conditions of which all, any or none must be true."""

    mode: Mode
    tests: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The second level: single conditions and groups of them, never deeper. Without any it is true."""

    mode: Mode = "all"
    tests: tuple[Check, ...] = ()
    groups: tuple[Checks, ...] = ()


@dataclass(frozen=True, slots=True)
class Action:
    """``value`` is a key, a number, a duty or a word; ``texts`` a public message by language, a note under ``""``."""

    does: Does
    value: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of a rule. What happened before ``since`` does not concern it; null: it is switched off."""

    id: UUID
    version_id: UUID
    version: int
    name: str
    position: int
    when: When
    conditions: Group
    actions: tuple[Action, ...]
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """A conversation as it is when something happens in it. ``said`` are the customer's words, redacted: they are
    looked through and never handed on. ``hours``: which calendars are open; ``fired`` and ``today``: how often each
    rule has fired here, ever and in the last day."""

    queue: str
    topic: str | None
    priority: int
    language: str
    channel: str
    group: str
    emergency: bool
    waits: bool
    resolved: bool
    segment: str = ""
    tags: frozenset[str] = frozenset()
    messages: int = 0
    said: str = field(default="", repr=False)
    hours: Mapping[str, bool] = field(default_factory=dict)
    fired: Mapping[UUID, int] = field(default_factory=dict)
    today: Mapping[UUID, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Happened:
    """One event. ``timer_of``: the time after an earlier event is over for this rule alone. ``chain``: the rules whose
    doing led to it; ``had``: those that have fired for it already."""

    what: What
    seq: int
    at: datetime
    timer_of: UUID | None = None
    chain: tuple[UUID, ...] = ()
    had: frozenset[UUID] = frozenset()


Stop = Literal["chain", "depth", "often"]
Refused = Literal["emergency", "customer_waits", "resolved"]


@dataclass(frozen=True, slots=True)
class Planned:
    """An action, and why it is not done although the rule fired."""

    action: Action
    refused: Refused | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one rule at one event. ``why`` repeats the conditions with what was seen, and none of a
    customer's words."""

    rule: Rule
    fires: bool
    why: dict[str, Any]
    stopped: Stop | None
    plan: tuple[Planned, ...]


def all_tests(rule: Rule) -> list[Check]:
    """Its conditions, whatever group they are in."""
    return [*rule.conditions.tests, *(test for group in rule.conditions.groups for test in group.tests)]


def listens(rules: Sequence[Rule], what: What) -> list[Rule]:
    """The rules that wait for this, at once or after a time, in their order."""
    return sorted((r for r in rules if r.when.event is what), key=lambda r: (r.position, r.id))


def judge(rules: Sequence[Rule], event: Happened, facts: Facts) -> list[Decision]:
    """Every rule that the event concerns now, in their order."""
    # Once for all rules: it is most of the work.
    facts = replace(facts, said=folded(facts.said))
    return [_decide(rule, event, facts) for rule in listens(rules, event.what) if _concerned(rule, event)]


def _concerned(rule: Rule, event: Happened) -> bool:
    if rule.id in event.had:
        return False
    at_once = rule.when.after_seconds is None
    return at_once if event.timer_of is None else rule.id == event.timer_of and not at_once


def _decide(rule: Rule, event: Happened, facts: Facts) -> Decision:
    why = _group(rule.conditions, rule.id, facts)
    if not why["true"]:
        return Decision(rule, fires=False, why=why, stopped=None, plan=())
    stopped = _stopped(rule, event, facts)
    plan = () if stopped else tuple(plan_of(rule.actions, facts))
    return Decision(rule, fires=stopped is None, why=why, stopped=stopped, plan=plan)


def _stopped(rule: Rule, event: Happened, facts: Facts) -> Stop | None:
    if rule.id in event.chain:
        return "chain"
    if len(event.chain) >= DEEPEST:
        return "depth"
    return "often" if facts.today.get(rule.id, 0) >= MOST_A_DAY else None


def plan_of(actions: Sequence[Action], facts: Facts) -> Iterator[Planned]:
    """Each action, with what forbids it. What comes behind ``resolve`` finds a resolved conversation."""
    resolved = facts.resolved
    for action in actions:
        refused = _refused(action, facts, resolved=resolved)
        yield Planned(action, refused)
        resolved = resolved or (action.does is Does.RESOLVE and refused is None)


def _refused(action: Action, facts: Facts, *, resolved: bool) -> Refused | None:
    if facts.emergency and (
        action.does in {Does.RESOLVE, Does.QUEUE}
        or (action.does is Does.PRIORITY and int(action.value) < facts.priority)
    ):
        return "emergency"
    if resolved and action.does in {Does.RESOLVE, Does.QUEUE, Does.MESSAGE}:
        return "resolved"
    return "customer_waits" if action.does is Does.RESOLVE and facts.waits else None


def _group(group: Group, rule_id: UUID, facts: Facts) -> dict[str, Any]:
    lines = [_test(test, rule_id, facts) for test in group.tests]
    for inner in group.groups:
        inside = [_test(test, rule_id, facts) for test in inner.tests]
        lines.append({"mode": inner.mode, "true": _together(inner.mode, inside), "of": inside})
    return {"mode": group.mode, "true": _together(group.mode, lines), "of": lines}


def _together(mode: Mode, lines: Sequence[Mapping[str, Any]]) -> bool:
    """An empty group asks for nothing."""
    if not lines:
        return True
    results = [bool(line["true"]) for line in lines]
    return all(results) if mode == "all" else any(results) if mode == "any" else not any(results)


def _test(test: Check, rule_id: UUID, facts: Facts) -> dict[str, Any]:
    seen, true = _number(test, rule_id, facts) if test.asks in NUMBERS else _choice(test, facts)
    return {"asks": test.asks.value, "op": test.op, "values": list(test.values), "seen": seen, "true": true}


def _number(test: Check, rule_id: UUID, facts: Facts) -> tuple[int, bool]:
    seen = {Asks.PRIORITY: facts.priority, Asks.MESSAGES: facts.messages}.get(test.asks, facts.fired.get(rule_id, 0))
    match test.op:
        case "at_least":
            return seen, seen >= int(test.values[0])
        case "at_most":
            return seen, seen <= int(test.values[0])
        case _:
            return seen, (str(seen) in test.values) is (test.op == "in")


def _choice(test: Check, facts: Facts) -> tuple[Any, bool]:
    """Of tags and words only those that the rule itself names are repeated: the others may be somebody's name."""
    wanted = frozenset(test.values)
    seen: Any
    match test.asks:
        case Asks.TAGS:
            seen = sorted(wanted & facts.tags)
            found = bool(seen)
        case Asks.WORDS:
            found = seen = holds_any(facts.said, test.values)
        case Asks.HOURS:
            seen = sorted(key for key in wanted if facts.hours.get(key, False))
            found = bool(seen)
        case Asks.EMERGENCY:
            seen = "yes" if facts.emergency else "no"
            found = seen in wanted
        case _:
            seen = getattr(facts, test.asks.value)
            found = seen in wanted
    return seen, found is (test.op == "in")
