"""Which policy makes a promise: pure. Policies are data in versions; a version never changes, and a promise keeps the
one it was made under."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from holdfast.promises.calendars import Calendar
from holdfast.promises.model import Kind


@dataclass(frozen=True, slots=True)
class Case:
    """What decides: the keys of queue and topic, priority from 0 to 3, channel, the customer's group (proven or
    anonymous) and segment, and whether it was handed over to the technical team."""

    queue: str
    topic: str | None
    priority: int
    channel: str
    group: str
    handed_over: bool = False
    segment: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """An empty set fits everything; ``groups`` are groups and segments. ``simple``: only while nobody has handed the
    matter over; the topic says whether it is simple to begin with."""

    queues: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    priorities: frozenset[int] = frozenset()
    channels: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    simple: bool = False

    def fits(self, case: Case) -> bool:
        return (
            (not self.queues or case.queue in self.queues)
            and (not self.topics or case.topic in self.topics)
            and (not self.priorities or case.priority in self.priorities)
            and (not self.channels or case.channel in self.channels)
            and (not self.groups or not self.groups.isdisjoint((case.group, case.segment)))
            and not (self.simple and case.handed_over)
        )

    @property
    def narrowness(self) -> int:
        """How many of the five it names."""
        return sum(map(bool, (self.queues, self.topics, self.priorities, self.channels, self.groups)))


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of one policy."""

    id: UUID
    key: str
    version: int
    kind: Kind
    match: Match
    target: timedelta
    calendar: Calendar | None
    longest_wait: timedelta | None
    active: bool
    made_at: datetime


def in_force(policies: Iterable[Policy], at: datetime) -> list[Policy]:
    """Of each key the newest version that was made by then; the first one also before it was made, so that what is
    older than its policies has a promise, too."""
    found: dict[str, Policy] = {}
    for policy in sorted(policies, key=lambda p: p.version):
        if policy.key not in found or policy.made_at <= at:
            found[policy.key] = policy
    return [policy for policy in found.values() if policy.active]


def choose(policies: Sequence[Policy], kind: Kind, case: Case) -> Policy | None:
    """Of those that fit the one that names most; of equals the first by its key. None: nothing is promised."""
    fitting = [policy for policy in policies if policy.kind is kind and policy.match.fits(case)]
    return min(fitting, key=lambda p: (-p.match.narrowness, p.key), default=None)
