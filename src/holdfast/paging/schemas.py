"""Rotas, policies, contact methods and pages on the wire."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct, field

from holdfast.paging.addresses import Kind
from holdfast.people.schemas import Name

Duty = Literal["technical", "emergency", "health"]
ProviderKind = Literal["telegram", "sms", "call"]
Zone = Annotated[str, Meta(pattern=r"^[A-Za-z]{1,14}(/[A-Za-z_+-]{1,20}){0,2}$", max_length=40)]
# Local, as a clock on the wall shows it: 09:00.
Clock = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Minutes = Annotated[int, Meta(ge=1, le=1440)]


class WindowView(Struct, frozen=True):
    """Local hours of one weekday (0: Monday); an end at or before the beginning is on the next day."""

    weekday: Annotated[int, Meta(ge=0, le=6)]
    begins: Clock
    ends: Clock


class LayerView(Struct, frozen=True):
    people: Annotated[list[UUID], Meta(min_length=1, max_length=50)]
    zone: Zone
    start: date
    handover: Clock
    days: Annotated[int, Meta(ge=1, le=90)] = 7
    windows: Annotated[list[WindowView], Meta(max_length=28)] = field(default_factory=list)


class RotaInput(Struct, frozen=True):
    """The last layer goes first; where it has nobody, the one before it counts."""

    name: Name
    layers: Annotated[list[LayerView], Meta(min_length=1, max_length=8)]


class OverrideInput(Struct, frozen=True):
    agent_id: UUID
    starts_at: datetime
    ends_at: datetime


class OverrideView(Struct, frozen=True):
    id: UUID
    agent_id: UUID
    starts_at: datetime
    ends_at: datetime


class SpanView(Struct, frozen=True):
    """From ``begins`` until before ``ends`` this person, or nobody."""

    begins: datetime
    ends: datetime
    agent_id: UUID | None


class RotaView(Struct, frozen=True):
    """``spans``: the coming two weeks."""

    id: UUID
    name: str
    layers: list[LayerView]
    overrides: list[OverrideView]
    spans: list[SpanView]


class PolicyStep(Struct, frozen=True):
    """Whom a page reaches, and how many minutes later it climbs on."""

    minutes: Annotated[int, Meta(ge=1, le=120)]
    rotas: Annotated[list[UUID], Meta(max_length=10)] = field(default_factory=list)
    agents: Annotated[list[UUID], Meta(max_length=20)] = field(default_factory=list)
    leads: bool = False


class PagingPolicyInput(Struct, frozen=True):
    steps: Annotated[list[PolicyStep], Meta(min_length=1, max_length=10)]


class GapView(Struct, frozen=True):
    begins: datetime
    ends: datetime


class DutyView(Struct, frozen=True):
    """``steps`` is null until somebody has said whom its pages go to: then they go to the leads. ``now``: who would be
    told first at this moment. ``gaps``: when nobody of the first step is there, in the coming two weeks;
    ``unqualified``: when whoever is there may not do the work; ``hard_to_reach``: who has it within two weeks and has
    not two independent ways to be paged."""

    duty: Duty
    steps: list[PolicyStep] | None
    now: list[UUID]
    gaps: list[GapView]
    unqualified: list[GapView]
    hard_to_reach: list[UUID]


class PersonView(Struct, frozen=True):
    """``reach``: good (two independent ways), single, none (the account's address alone)."""

    id: UUID
    name: str
    reach: Literal["good", "single", "none"]


class OnCallView(Struct, frozen=True):
    duties: list[DutyView]
    people: list[PersonView]


class ContactInput(Struct, frozen=True):
    """``secret``: an ntfy topic's access token; with ``push`` the subscription's keys, as JSON, and ``address`` is its
    endpoint."""

    kind: Kind
    address: Annotated[str, Meta(min_length=3, max_length=2000)]
    secret: Annotated[str, Meta(min_length=1, max_length=500)] | None = None
    after_minutes: Annotated[int, Meta(ge=0, le=30)] = 0


class PushKeyView(Struct, frozen=True):
    """What a browser subscribes with (``applicationServerKey``)."""

    key: str


class ContactCode(Struct, frozen=True):
    code: Annotated[str, Meta(min_length=6, max_length=12)]


class ContactView(Struct, frozen=True):
    """One's own; of a browser, ``address`` is the push service's host alone. ``guarded``: with an access token.
    ``answered_at``: when a page that came this way was last acknowledged by its link."""

    id: UUID
    kind: Kind
    address: str
    guarded: bool
    after_minutes: int
    confirmed_at: datetime | None
    answered_at: datetime | None
    failing_since: datetime | None


class ContactsView(Struct, frozen=True):
    """``available``: the kinds that are set up here. ``next_test_at``: when the weekly test page comes."""

    contacts: list[ContactView]
    available: list[Kind]
    reach: Literal["good", "single", "none"]
    next_test_at: datetime | None


class ProviderInput(Struct, frozen=True):
    url: Annotated[str, Meta(min_length=8, max_length=500)]


class PagingProviderView(Struct, frozen=True):
    """``service`` is the address's scheme alone: the rest is secret."""

    kind: ProviderKind
    service: str | None
    services: list[str]


class PageView(Struct, frozen=True):
    """``state``: open, acknowledged (until ``until``, by ``holder_id``), resolved. ``due``: when it climbs on."""

    id: UUID
    kind: str
    duty: str | None
    reference: str | None
    agent_id: UUID | None
    state: str
    round: int
    due: datetime | None
    holder_id: UUID | None
    until: datetime | None
    raised_at: datetime
    resolved_at: datetime | None


class PageEventView(Struct, frozen=True):
    kind: str
    at: datetime
    agent_id: UUID | None
    step: int | None
    round: int | None
    until: datetime | None
    via: str | None


class PageDeliveryView(Struct, frozen=True):
    """``state``: waiting, sent, failed, spared. Never the address."""

    agent_id: UUID
    kind: str
    step: int
    round: int
    state: str
    attempts: int
    made_at: datetime
    tried_at: datetime | None
    reason: str | None


class PageLog(Struct, frozen=True):
    page: PageView
    events: list[PageEventView]
    deliveries: list[PageDeliveryView]


class PageHold(Struct, frozen=True):
    """For how long somebody has it; then it is open again."""

    minutes: Minutes = 30
