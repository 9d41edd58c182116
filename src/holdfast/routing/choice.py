"""Who is asked to take what. Pure: no clock, no database, the same answer for the same input in any order.

Conversations are served in order: emergencies, then the promise soonest due, then priority, then waiting longest.
For each the best agent is asked, of those who are online, hold every needed skill, have the language and have
capacity left: who had it before, then native > fluent > by translation, then idle longest. The id breaks ties.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

from holdfast.training.rights import Reason

# Who declined a conversation, or let it ring out, is not asked for it again while somebody else can be.
COOL_DOWN = timedelta(minutes=10)
# When everybody has declined, the one who did so first is asked again, but not within this time (emergencies: at once).
ASK_AGAIN = timedelta(seconds=15)

_LEVELS = {"native": 0, "fluent": 1, "translation": 2}
_SPEAKS = ("speaks_native", "speaks_fluent", "by_translation")
# One of these leaves no attention for anything else.
_EXCLUSIVE = frozenset({"voice"})
_FULL = Fraction(1)
_LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A conversation that nobody has. ``due`` is the promised instant, ``skills`` everything its queue, its topic and
    its being an emergency need, ``declined`` when each agent last declined it, let it ring out or gave it up."""

    id: UUID
    language: str
    since: datetime
    channel: str = "chat"
    emergency: bool = False
    due: datetime | None = None
    priority: int = 1
    skills: frozenset[str] = frozenset()
    preferred: UUID | None = None
    declined: Mapping[UUID, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An agent. ``state`` is online, away or offline; ``skills`` those they are certified for now; ``languages`` tag to
    level; ``load`` what they have and what rings at them, ``capacity`` how many they can have, by channel;
    ``out_of_reach`` the channels on which they can take nothing now."""

    id: UUID
    idle_since: datetime
    state: str = "online"
    skills: frozenset[str] = frozenset()
    languages: Mapping[str, str] = field(default_factory=dict)
    load: Mapping[str, int] = field(default_factory=dict)
    capacity: Mapping[str, int] = field(default_factory=dict)
    out_of_reach: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Choice:
    """Ask this agent to take this conversation, for these reasons."""

    conversation_id: UUID
    agent_id: UUID
    why: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Candidacy:
    """How an agent stands to one conversation: why they would be asked, or why not."""

    agent_id: UUID
    eligible: bool
    reasons: tuple[Reason, ...]


class _Desk:
    """A candidate while choices are made: what they were given in this round counts at once."""

    __slots__ = ("agent", "exclusive", "idle_since", "used")

    def __init__(self, agent: Candidate) -> None:
        self.agent = agent
        self.idle_since = agent.idle_since
        self.exclusive = any(n for channel, n in agent.load.items() if channel in _EXCLUSIVE)
        self.used = sum((n * weight(agent.capacity, channel) for channel, n in agent.load.items()), Fraction())

    def fits(self, waiting: Waiting) -> bool:
        """One more within the capacity; an emergency may go beyond it by one, but never beside a call."""
        if (
            self.exclusive
            or (self.used >= _FULL and not waiting.emergency)
            or self.agent.capacity.get(waiting.channel, 0) <= 0
            or waiting.channel in self.agent.out_of_reach
        ):
            return False
        if self.used + weight(self.agent.capacity, waiting.channel) <= _FULL:
            return True
        return waiting.emergency and self.used <= _FULL

    def give(self, waiting: Waiting, now: datetime) -> None:
        self.used += weight(self.agent.capacity, waiting.channel)
        self.exclusive |= waiting.channel in _EXCLUSIVE
        self.idle_since = max(self.idle_since, now)


def weight(capacity: Mapping[str, int], channel: str) -> Fraction:
    """The part of an agent's attention that one conversation takes: a quarter if they can have four such. A call
    takes all of it, and so does what they have on a channel that they no longer serve."""
    most = capacity.get(channel, 0)
    return _FULL if channel in _EXCLUSIVE or most <= 0 else Fraction(1, most)


def level(languages: Mapping[str, str], wanted: str) -> int | None:
    """How well: 0 native, 1 fluent, 2 by translation, None not at all. A language without a script or region covers
    all of its own (zh covers zh-Hans, and the other way round); zh-Hans and zh-Hant are two."""
    found = [_LEVELS[how] for tag, how in languages.items() if how in _LEVELS and _covers(tag.lower(), wanted.lower())]
    return min(found, default=None)


def _covers(one: str, other: str) -> bool:
    return one == other or one.startswith(other + "-") or other.startswith(one + "-")


def urgency(waiting: Waiting) -> tuple[Any, ...]:
    """The sort key of conversations: the smallest is served first."""
    return (not waiting.emergency, waiting.due or _LATEST, -waiting.priority, waiting.since, waiting.id)


def choose(waiting: Sequence[Waiting], agents: Sequence[Candidate], now: datetime) -> list[Choice]:
    """Whom to ask for what, most urgent first. Each conversation and each agent is given at most once in the input."""
    desks = [_Desk(agent) for agent in agents]
    # Thousands may wait in an incident, but they need few different things.
    qualified: dict[tuple[frozenset[str], str], list[_Desk]] = {}
    result = []
    for one in sorted(waiting, key=urgency):
        needs = (one.skills, one.language)
        if needs not in qualified:
            qualified[needs] = [d for d in desks if _qualifies(one, d.agent)]
        pool = _pool(one, qualified[needs], now)
        if pool:
            chosen = pool[0]
            result.append(Choice(one.id, chosen.agent.id, _why(one, chosen, pool, now)))
            chosen.give(one, now)
    return result


def explain(waiting: Waiting, agents: Sequence[Candidate], now: datetime) -> list[Candidacy]:
    """How each agent stands to one conversation: those who can be asked in the order in which they would be, then the
    others by id."""
    desks = sorted((_Desk(agent) for agent in agents), key=lambda d: d.agent.id)
    pool = _pool(waiting, [d for d in desks if _qualifies(waiting, d.agent)], now)
    result = [Candidacy(d.agent.id, True, _why(waiting, d, pool, now)) for d in pool]
    for desk in desks:
        if desk not in pool:
            obstacles = tuple(_obstacles(waiting, desk))
            result.append(Candidacy(desk.agent.id, False, obstacles or (_declined(waiting, desk),)))
    return result


def may_have(waiting: Waiting, agent: Candidate) -> Iterator[Reason]:
    """What forbids it whatever their load: missing skills and language."""
    for skill in sorted(waiting.skills - agent.skills):
        yield Reason("lacks_skill", {"skill": skill})
    if level(agent.languages, waiting.language) is None:
        yield Reason("lacks_language", {"language": waiting.language})


def _qualifies(waiting: Waiting, agent: Candidate) -> bool:
    return agent.state == "online" and next(may_have(waiting, agent), None) is None


def _obstacles(waiting: Waiting, desk: _Desk) -> Iterator[Reason]:
    """Everything that keeps the agent from being asked, but a refusal."""
    agent = desk.agent
    if agent.state != "online":
        yield Reason("away" if agent.state == "away" else "offline")
    yield from may_have(waiting, agent)
    if waiting.channel in agent.out_of_reach:
        yield Reason("out_of_reach")
    elif not desk.fits(waiting):
        most = max(agent.capacity.get(waiting.channel, 0), 0)
        units = desk.used * most if not desk.exclusive else max(Fraction(most), desk.used * most)
        yield Reason("no_capacity", {"load": -(-units.numerator // units.denominator), "capacity": most})


def _pool(waiting: Waiting, qualified: Iterable[_Desk], now: datetime) -> list[_Desk]:
    """Those who can be asked, best first."""
    able = [desk for desk in qualified if desk.fits(waiting)]

    def rank(desk: _Desk) -> tuple[Any, ...]:
        agent = desk.agent
        return (agent.id != waiting.preferred, level(agent.languages, waiting.language), desk.idle_since, agent.id)

    fresh = [d for d in able if now - waiting.declined.get(d.agent.id, now - COOL_DOWN) >= COOL_DOWN]
    if fresh:
        return sorted(fresh, key=rank)
    pause = timedelta() if waiting.emergency else ASK_AGAIN
    again = [d for d in able if now - waiting.declined[d.agent.id] >= pause]
    return sorted(again, key=lambda d: (waiting.declined[d.agent.id], *rank(d)))


def _declined(waiting: Waiting, desk: _Desk) -> Reason:
    return Reason("declined", {"at": waiting.declined[desk.agent.id].isoformat()})


def _why(waiting: Waiting, chosen: _Desk, pool: Sequence[_Desk], now: datetime) -> tuple[Reason, ...]:
    """The reasons that decided for ``chosen`` among ``pool``."""
    agent = chosen.agent
    how = level(agent.languages, waiting.language) or 0
    why = [Reason("emergency_first")] if waiting.emergency else []
    if agent.id == waiting.preferred:
        why.append(Reason("preferred"))
    why.append(Reason(_SPEAKS[how], {"language": waiting.language}))
    declined = waiting.declined.get(agent.id)
    if declined is not None and now - declined < COOL_DOWN:
        why.append(Reason("all_declined", {"at": declined.isoformat()}))
    if len(pool) == 1:
        why.append(Reason("only_candidate"))
    elif any(
        other is not chosen
        and other.agent.id != waiting.preferred
        and level(other.agent.languages, waiting.language) == how
        and other.idle_since > chosen.idle_since
        for other in pool
    ):
        why.append(Reason("idle_longest", {"seconds": int((now - chosen.idle_since).total_seconds())}))
    return tuple(why)
