"""Rules, trials, firings and what is for later, on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from holdfast.conversations.schemas import AttachmentView

EventName = Literal[
    "opened", "customer_wrote", "answered", "queued", "assigned", "resolved", "reopened", "emergency",
    "promise_warned", "promise_broken",
]  # fmt: skip
AsksName = Literal[
    "queue", "topic", "priority", "language", "channel", "group", "segment", "emergency", "hours", "tags", "messages",
    "fired", "words",
]  # fmt: skip
DoesName = Literal["topic", "priority", "queue", "note", "message", "resolve", "page", "webhook"]
ModeName = Literal["all", "any", "none"]
OpName = Literal["in", "not_in", "at_least", "at_most"]
Name = Annotated[str, Meta(min_length=1, max_length=100)]
Value = Annotated[str, Meta(min_length=1, max_length=100)]
Words = Annotated[str, Meta(min_length=1, max_length=4_000)]
# 90 days.
Seconds = Annotated[int, Meta(ge=60, le=7_776_000)]


class WhenView(Struct, frozen=True):
    """``after_seconds``: that long after the event, unless one of ``unless`` or the same again comes first."""

    event: EventName
    after_seconds: Seconds | None = None
    unless: Annotated[list[EventName], Meta(max_length=10)] = []


class CheckView(Struct, frozen=True):
    """``at_least`` and ``at_most`` compare a number (priority, messages, fired) with the only value."""

    asks: AsksName
    op: OpName
    values: Annotated[list[Value], Meta(min_length=1, max_length=50)]


class ChecksView(Struct, frozen=True):
    mode: ModeName
    tests: Annotated[list[CheckView], Meta(min_length=1, max_length=20)]


class ConditionsView(Struct, frozen=True):
    """Conditions, and groups of them; without any the rule always fires."""

    mode: ModeName = "all"
    tests: Annotated[list[CheckView], Meta(max_length=20)] = []
    groups: Annotated[list[ChecksView], Meta(max_length=5)] = []


class RuleActionView(Struct, frozen=True):
    """``value``: the key of a topic or queue, a priority, a duty, or the word that webhooks get. ``texts``: a message
    by language (English is needed), or a note under the empty language."""

    does: DoesName
    value: Annotated[str, Meta(max_length=40)] = ""
    texts: Annotated[dict[Annotated[str, Meta(max_length=10)], Words], Meta(max_length=20)] = {}


class RuleInput(Struct, frozen=True):
    """``based_on``: the version that was changed; 0 for a new rule."""

    name: Name
    when: WhenView
    conditions: ConditionsView
    actions: Annotated[list[RuleActionView], Meta(min_length=1, max_length=10)]
    based_on: Annotated[int, Meta(ge=0)] = 0


class RuleSwitch(Struct, frozen=True):
    active: bool
    based_on: int


class RuleMove(Struct, frozen=True):
    up: bool
    based_on: int


class RuleTry(Struct, frozen=True):
    """Over the conversations in which something was said in so many days, at most 5,000."""

    days: Annotated[int, Meta(ge=1, le=90)] = 14


class TrialView(Struct, frozen=True):
    """``state``: running, done, cancelled. Conversations: ``seen`` of ``total``."""

    id: UUID
    since: datetime
    state: str
    total: int
    seen: int
    fired: int
    asked_at: datetime
    finished_at: datetime | None


class TrialFound(Struct, frozen=True):
    """An event that the rule looked at. ``why``: the conditions with what was seen; ``by``: what would forbid an
    action."""

    conversation: UUID
    reference: str
    event: str
    at: datetime
    fires: bool
    stopped: str | None
    why: dict[str, Any]
    plan: list[dict[str, Any]]


class TrialReport(Struct, frozen=True):
    trial: TrialView
    found: list[TrialFound]


class AutomationRuleView(Struct, frozen=True):
    """The newest version of a rule, and the latest dry run of it. ``running``: the number of the version that goes on
    while this one is not switched on."""

    id: UUID
    version: int
    name: str
    active: bool
    running: int | None
    when: WhenView
    conditions: ConditionsView
    actions: list[RuleActionView]
    made_at: datetime
    trial: TrialView | None


class FiringView(Struct, frozen=True):
    """``stopped``: chain, depth or often, when it was kept from firing. ``done``: what became of each action."""

    id: UUID
    rule: UUID
    name: str
    version: int
    conversation: UUID
    reference: str
    seq: int
    event: str
    event_at: datetime
    at: datetime
    depth: int
    stopped: str | None
    why: dict[str, Any]
    done: list[dict[str, Any]]


class ScheduledInput(Struct, frozen=True):
    """``seen``: the last entry that its writer saw; ``anyway``: also if the customer writes meanwhile; ``files``:
    uploaded and clear. Without a file it needs a text."""

    text: Annotated[str, Meta(max_length=8_000)]
    at: datetime
    seen: Annotated[int, Meta(ge=0)]
    anyway: bool = False
    files: Annotated[list[UUID], Meta(max_length=10)] = []


class FollowUpInput(Struct, frozen=True):
    at: datetime
    note: Annotated[str, Meta(max_length=2_000)] = ""


class ScheduledView(Struct, frozen=True):
    """``state`` is waiting, or stopped by ``why``."""

    id: UUID
    by: UUID
    name: str
    text: str
    at: datetime
    anyway: bool
    state: str
    why: str | None
    files: list[AttachmentView]


class FollowUpView(Struct, frozen=True):
    by: UUID
    name: str
    at: datetime
    note: str


class LaterView(Struct, frozen=True):
    scheduled: list[ScheduledView]
    follow_up: FollowUpView | None
