"""How long a caller will wait, what they are told of it and when, and at whom a call rings. Pure."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

# Of a desk without a day's calls to learn from.
USUAL = timedelta(minutes=5)
# A caller hears where they stand so often; more often nobody wants to hear it.
ANNOUNCE_EVERY = timedelta(seconds=45)
# Nobody is told a longer time: it would be a guess, and they are told how to be called back instead.
LONGEST = timedelta(hours=1)


def expected(position: int, agents: int, handled: Sequence[timedelta]) -> timedelta | None:
    """Until the caller at ``position`` (1: the next) is answered, in whole minutes, at least one. ``agents`` take calls
    now; ``handled``: how long the last calls took them, wrap-up included. None: nobody takes calls, or beyond
    ``LONGEST``.

    Each of n agents becomes free once in the mean handling time, so one of them does every nth part of it.
    """
    if agents <= 0 or position <= 0:
        return None
    mean = sum(handled, timedelta()) / len(handled) if handled else USUAL
    minutes = max(1, math.ceil(position * mean / agents / timedelta(minutes=1)))
    found = timedelta(minutes=minutes)
    return found if found <= LONGEST else None


@dataclass(frozen=True, slots=True)
class Prompt:
    """One of ``prompts.texts.TEXTS``."""

    name: str


@dataclass(frozen=True, slots=True)
class Number:
    value: int


@dataclass(frozen=True, slots=True)
class Digits:
    digits: str


@dataclass(frozen=True, slots=True)
class Words:
    text: str


Said = Prompt | Number | Digits | Words


def where_they_stand(position: int, wait: timedelta | None, promised: timedelta | None = None) -> list[Said]:
    """What a waiting caller hears: their place, the expected wait if there is one and with it what is left of the time
    in which they were promised an answer, and the ways out: to be called back (1) and to leave a message (2)."""
    said: list[Said] = [Prompt("position"), Number(position)]
    if wait is not None:
        said += [Prompt("wait-minutes"), Number(wait // timedelta(minutes=1))]
        if promised is not None and timedelta() < promised <= LONGEST:
            said += [Prompt("promise-minutes"), Number(math.ceil(promised / timedelta(minutes=1)))]
    return [*said, Prompt("callback-offer"), Number(1), Prompt("message-offer"), Number(2)]


@dataclass(frozen=True, slots=True)
class Phone:
    """A device of an agent; ``online``: signed in at the engine."""

    name: str
    agent_id: UUID
    online: bool = True


def who_rings(phones: Collection[Phone], agents: Collection[UUID], chosen: str = "") -> list[str]:
    """The names of the devices that ring, in a stable order: ``chosen`` alone if it can, else all of these agents'."""
    able = [phone.name for phone in phones if phone.online and phone.agent_id in set(agents)]
    return [chosen] if chosen in able else sorted(able)


def is_flooding(calls: Sequence[datetime], hourly: int, now: datetime) -> bool:
    """Whether one more call of a number is too many; ``calls``: its earlier ones."""
    return sum(now - at < timedelta(hours=1) for at in calls) >= hourly


# The survey's answers by key.
SURVEY: Mapping[str, int] = {str(score): score for score in range(1, 6)}
