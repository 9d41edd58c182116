"""Shapes of the requests about proof."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

ChannelKind = Literal["domain", "link", "handle", "phone", "mail", "app", "reference"]
ImpostorKind = Literal["domain", "link", "handle", "phone", "mail", "app", "person"]
State = Literal["new", "confirmed", "reported", "taken_down", "rejected"]
Pasted = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
Words = Annotated[str, msgspec.Meta(max_length=4000)]
Token = Annotated[str, msgspec.Meta(max_length=100)]


class ChannelView(msgspec.Struct, frozen=True):
    id: UUID
    kind: str
    shown: str
    note: str
    since: datetime
    until: datetime | None


class ChannelInput(msgspec.Struct, frozen=True):
    """``value`` as it is written: https://…, @name on a platform ("telegram:@name"), +44…, a package or hash."""

    kind: ChannelKind
    value: Pasted
    note: Annotated[str, msgspec.Meta(max_length=200)] = ""
    since: datetime | None = None
    until: datetime | None = None


class ChannelChange(msgspec.Struct, frozen=True):
    note: Annotated[str, msgspec.Meta(max_length=200)]
    since: datetime
    until: datetime | None


class Question(msgspec.Struct, frozen=True):
    text: Pasted
    language: Annotated[str, msgspec.Meta(max_length=200)] = ""


class AnswerView(msgspec.Struct, frozen=True):
    """``status`` decides; the texts are for people, in the asked language."""

    status: str
    kind: str
    shown: str
    of: str
    trick: str | None
    reference: str
    at: datetime | None
    headline: str
    reasons: list[str]
    advice: str


class SignedRegister(msgspec.Struct, frozen=True):
    """``signature`` (base64) is Ed25519 over the UTF-8 bytes of ``payload``, which is JSON."""

    payload: str
    signature: str
    public_key: str
    algorithm: str


class PublicReport(msgspec.Struct, frozen=True):
    target: Pasted
    words: Words = ""
    kind: ImpostorKind | None = None
    language: Annotated[str, msgspec.Meta(max_length=200)] = ""


class WidgetReport(msgspec.Struct, frozen=True):
    token: Token
    target: Pasted
    kind: ImpostorKind | None = None
    words: Words = ""
    attachments: Annotated[list[UUID], msgspec.Meta(max_length=10)] = []


class StaffReport(msgspec.Struct, frozen=True):
    target: Pasted
    kind: ImpostorKind | None = None
    words: Words = ""
    conversation: UUID | None = None


class Taken(msgspec.Struct, frozen=True):
    taken: bool = True


class ByToken(msgspec.Struct, frozen=True):
    token: Token


class CodeChoice(msgspec.Struct, frozen=True):
    """``words`` null: make a code up."""

    token: Token
    words: Annotated[str, msgspec.Meta(max_length=200)] | None = None


class CheckableView(msgspec.Struct, frozen=True):
    """A message of ours and the code by which anybody can check it."""

    seq: int
    at: datetime
    code: str


class ProofView(msgspec.Struct, frozen=True):
    """``words``: the customer's own code or null; ``rotating``: what both see for ``seconds`` more."""

    words: str | None
    rotating: str
    seconds: int
    messages: list[CheckableView]


class StaffProof(msgspec.Struct, frozen=True):
    """What the agent sees: never the customer's own words, only whether there are any."""

    rotating: str
    seconds: int
    last: CheckableView | None
    has_words: bool


class Heard(msgspec.Struct, frozen=True):
    code: Annotated[str, msgspec.Meta(max_length=40)]


class HeardView(msgspec.Struct, frozen=True):
    right: bool


class ImpostorCaseView(msgspec.Struct, frozen=True):
    id: UUID
    kind: str
    target: str
    state: State
    reports: int
    opened_at: datetime
    changed_at: datetime
    next: list[str]


class ReportView(msgspec.Struct, frozen=True):
    """``files`` are links of its clear pictures; ``closed`` counts those that are not checked, or showed a secret."""

    at: datetime
    source: str
    language: str
    words: str
    conversation: UUID | None
    files: list[str]
    closed: int


class StepView(msgspec.Struct, frozen=True):
    at: datetime
    state: str
    note: str
    by: UUID | None


class CaseDetail(msgspec.Struct, frozen=True):
    case: ImpostorCaseView
    reports: list[ReportView]
    steps: list[StepView]


class StepInput(msgspec.Struct, frozen=True):
    state: State
    note: Annotated[str, msgspec.Meta(max_length=2000)] = ""


class Cases(msgspec.Struct, frozen=True):
    """``blocked``: how often the outgoing filter stopped a message in the last 30 days, by kind (leads, auditors)."""

    cases: list[ImpostorCaseView]
    blocked: dict[str, int]


class Draft(msgspec.Struct, frozen=True):
    text: Annotated[str, msgspec.Meta(max_length=8000)]


class Stopped(msgspec.Struct, frozen=True):
    """Why a message would be stopped: null where it may go. ``link`` names the link."""

    id: str | None
    title: str = ""
    link: str = ""
