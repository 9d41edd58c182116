"""Shapes of technical cases and known problems over REST."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

Words = Annotated[str, Meta(min_length=1, max_length=4000)]
Title = Annotated[str, Meta(min_length=1, max_length=200)]
Language = Annotated[str, Meta(min_length=2, max_length=10)]
Kind = Literal["update", "solved"]
State = Literal["watching", "known", "solved"]
Severity = Literal["minor", "major", "outage"]


class HandoverInput(Struct, frozen=True):
    """With ``case_id`` to that case, else to a new one with ``title``."""

    tried: Words
    asked: Words
    case_id: UUID | None = None
    title: Title | None = None


class HandoverView(Struct, frozen=True):
    """What was handed over with a conversation. ``title`` and the words as the viewer may see them."""

    case_id: UUID
    reference: str
    title: str
    state: str
    tried: str
    asked: str
    by: str
    at: datetime


class CaseRow(Struct, frozen=True):
    """``mark``: what somebody must look at of its issue."""

    id: UUID
    reference: str
    title: str
    state: str
    owner: str | None
    conversations: int
    mark: str | None
    opened_at: datetime
    changed_at: datetime


class CasesView(Struct, frozen=True):
    """``works``: whether the viewer works with cases; ``tracker``: whether issues can be linked."""

    cases: list[CaseRow]
    works: bool
    tracker: bool


class LinkView(Struct, frozen=True):
    """A linked conversation and the words it was handed over with. ``next_due``: its update is promised by then."""

    conversation_id: UUID
    reference: str
    language: str
    category: str
    tried: str
    asked: str
    by: str
    at: datetime


class LanguageCount(Struct, frozen=True):
    """``covered``: by a text of its own; else its customers are told in English."""

    language: str
    customers: int


class CaseEventView(Struct, frozen=True):
    kind: str
    at: datetime
    by: str | None


class LanguageText(Struct, frozen=True):
    language: Language
    text: Annotated[str, Meta(max_length=4000)]


class AnnouncementInput(Struct, frozen=True):
    kind: Kind
    texts: Annotated[list[LanguageText], Meta(min_length=1, max_length=15)]


class AnnouncementView(Struct, frozen=True):
    """``state``: draft, sending, sent. ``refused``: the outgoing filter stopped them."""

    id: UUID
    kind: str
    state: str
    texts: list[LanguageText]
    written_by: str
    written_at: datetime
    released_by: str | None
    released_at: datetime | None
    waiting: int
    sent: int
    refused: int


class TrackerActionView(Struct, frozen=True):
    """``state``: waiting, paused (until the tracker's settings are entered anew), done, stopped."""

    kind: str
    state: str
    attempts: int
    made_at: datetime
    next_at: datetime | None
    reason: str | None


class IssueView(Struct, frozen=True):
    """``number`` is null until it is made. ``mark``: closed_there, reopened_there, conflict, gone, moved, denied."""

    repository: str
    number: int | None
    url: str | None
    state: str | None
    reason: str | None
    mark: str | None
    moved_to: str | None
    seen_at: datetime | None
    actions: list[TrackerActionView]


class CaseView(Struct, frozen=True):
    id: UUID
    reference: str
    title: str
    description: str
    state: str
    owner: str | None
    owner_id: UUID | None
    opened_at: datetime
    works: bool
    tracker: bool
    links: list[LinkView]
    languages: list[LanguageCount]
    announcements: list[AnnouncementView]
    issue: IssueView | None
    log: list[CaseEventView]


class CaseInput(Struct, frozen=True):
    title: Title
    description: Annotated[str, Meta(max_length=8000)] = ""


class IssueInput(Struct, frozen=True):
    """A number, ``owner/name#number`` or an address."""

    issue: Annotated[str, Meta(min_length=1, max_length=300)]


class Settled(Struct, frozen=True):
    """``seen``: that is how it is; ``ours``: make it there as it is here; ``follow``: to where it was moved."""

    how: Literal["seen", "ours", "follow"]


class TrackerInput(Struct, frozen=True):
    """An empty token or secret stays as it is."""

    repository: Annotated[str, Meta(min_length=3, max_length=140)]
    api: Annotated[str, Meta(min_length=8, max_length=300)]
    token: Annotated[str, Meta(max_length=500)] = ""
    secret: Annotated[str, Meta(max_length=200, pattern=r"^$|^.{16,}$")] = ""


class TrackerView(Struct, frozen=True):
    """``hook``: where the tracker's webhook is sent to. ``paused``: how many actions its token might not do, which wait
    until this is entered anew. Neither token nor secret is ever shown."""

    api: str | None
    repository: str | None
    hook: str
    trouble: str | None
    paused_until: datetime | None
    paused: int


class ProblemText(Struct, frozen=True):
    language: Language
    title: Title
    text: Words


class ProblemInput(Struct, frozen=True):
    texts: Annotated[list[ProblemText], Meta(min_length=1, max_length=15)]
    state: State
    severity: Severity
    starts_at: datetime
    ends_at: datetime | None = None
    case_id: UUID | None = None


class KnownProblemView(Struct, frozen=True):
    id: UUID
    texts: list[ProblemText]
    state: State
    severity: Severity
    starts_at: datetime
    ends_at: datetime | None
    case_id: UUID | None
    case: str | None
    changed_at: datetime


class PublicProblem(Struct, frozen=True):
    """In the reader's language, or English (``language`` says which)."""

    id: UUID
    title: str
    text: str
    language: str
    state: State
    severity: Severity
    starts_at: datetime
    ends_at: datetime | None
    changed_at: datetime


class PublicProblems(Struct, frozen=True):
    problems: list[PublicProblem]
