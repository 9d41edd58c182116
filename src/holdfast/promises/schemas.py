"""Promises on the wire."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

KindName = Literal["first_response", "next_response", "solution", "update", "emergency", "internal"]
Key = Annotated[str, Meta(min_length=1, max_length=40)]
Keys = Annotated[list[Key], Meta(max_length=100)]
ClockTime = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Hours = Annotated[list[tuple[ClockTime, ClockTime]], Meta(max_length=10)]
Weekday = Literal["0", "1", "2", "3", "4", "5", "6"]
Place = Annotated[str, Meta(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")]


class MatchView(Struct, frozen=True):
    """What a policy is for; an empty list: all. ``simple``: only while the matter was not handed over."""

    queues: Keys = []
    topics: Keys = []
    priorities: Annotated[list[Annotated[int, Meta(ge=0, le=3)]], Meta(max_length=4)] = []
    channels: Keys = []
    groups: Keys = []
    simple: bool = False


class PromisePolicyInput(Struct, frozen=True):
    """The next version of a policy. Ten seconds to 90 days; ``wait_seconds``: how long a question may pause it."""

    kind: KindName
    target_seconds: Annotated[int, Meta(ge=10, le=7_776_000)]
    match: MatchView
    calendar: Key | None = None
    wait_seconds: Annotated[int, Meta(ge=60, le=7_776_000)] | None = None
    active: bool = True


class PolicyView(Struct, frozen=True):
    """The newest version. ``calendar`` is null for all hours."""

    id: UUID
    key: str
    version: int
    kind: str
    target_seconds: int
    match: MatchView
    calendar: str | None
    wait_seconds: int | None
    active: bool
    made_at: datetime


class CalendarInput(Struct, frozen=True):
    """Opening hours. ``weekly``: "0" is Monday; a window that closes at or before its opening ends on the next day."""

    zone: Annotated[str, Meta(min_length=1, max_length=40)]
    weekly: dict[Weekday, Hours]
    holidays: Annotated[list[Place], Meta(max_length=10)] = []
    exceptions: Annotated[dict[date, Hours], Meta(max_length=400)] = {}


class CalendarView(Struct, frozen=True):
    key: str
    version: int
    zone: str
    weekly: dict[str, list[tuple[str, str]]]
    holidays: list[str]
    exceptions: dict[str, list[tuple[str, str]]]
    made_at: datetime


class SegmentView(Struct, frozen=True):
    """``label``: running, late, resolved, waiting (for the customer), hours (nobody is promised to be there)."""

    since: datetime
    until: datetime
    label: str


class TermView(Struct, frozen=True):
    """From when on which version of which policy held; ``target_seconds`` null: nothing was promised."""

    since: datetime
    policy: str | None
    version: int | None
    target_seconds: int | None


class PromiseView(Struct, frozen=True):
    """One promise. ``state`` is running, resting (resolved), kept or broken; broken without ``stopped_at`` is still
    owed. ``elapsed_seconds`` is the time that counted; ``segments`` are without a gap, from the start to the stop or
    now."""

    id: UUID
    kind: str
    state: str
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    elapsed_seconds: float
    terms: list[TermView]
    segments: list[SegmentView]


class LedgerView(Struct, frozen=True):
    """``now`` is the instant at which all of it is true."""

    now: datetime
    promises: list[PromiseView]


class AttainmentView(Struct, frozen=True):
    """Promises that were made in a month (UTC). What still runs is in neither number."""

    month: date
    kind: str
    kept: int
    broken: int
