"""Shapes of the privacy pages. Times are UTC."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

Reason = Annotated[str, msgspec.Meta(min_length=3, max_length=500)]
# A customer by their id, or by the reference of one of their conversations.
Whose = Annotated[str, msgspec.Meta(min_length=8, max_length=40)]
Days = Annotated[int, msgspec.Meta(ge=1, le=36_500)]


class RequestAsked(msgspec.Struct, frozen=True):
    customer: Whose
    kind: Literal["export", "erasure"]
    why: Reason


class RequestView(msgspec.Struct, frozen=True):
    """``done`` of ``total`` steps; ``proof`` of an erasure: {removed: {table: rows}, scanned_at, left}."""

    id: UUID
    customer: UUID
    kind: str
    state: str
    asked_by: str
    why: str
    begins_at: datetime
    done: int
    total: int
    size: int
    proof: dict[str, Any]
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None


class OwnRequestView(msgspec.Struct, frozen=True):
    """What the customer sees of their request."""

    id: UUID
    kind: str
    state: str
    begins_at: datetime
    done: int
    total: int
    finished_at: datetime | None
    expires_at: datetime | None


class ArchiveTaken(msgspec.Struct, frozen=True):
    """Why the customer cannot download it themselves: they asked by ``letter``, have ``lost_access`` to the app,
    somebody acts for them (``representative``), or an ``authority`` orders it. Never free text: it stays in the audit
    log."""

    purpose: Literal["letter", "lost_access", "representative", "authority"]


class HoldPlaced(msgspec.Struct, frozen=True):
    customer: Whose
    reason: Reason


class HoldView(msgspec.Struct, frozen=True):
    id: UUID
    customer: UUID
    reason: str
    placed_by: UUID
    placed_at: datetime


class RuleView(msgspec.Struct, frozen=True):
    """``days`` null keeps for ever; ``least`` is the shortest that may be set; ``removed`` by the last run."""

    kind: str
    days: int | None
    least: int
    last_run: datetime | None
    removed: int


class RuleChanged(msgspec.Struct, frozen=True):
    days: Days | None


class ReviewRow(msgspec.Struct, frozen=True):
    """``attention`` counts the findings that ask for a person's eye."""

    id: UUID
    since: datetime
    until: datetime
    due_at: datetime
    attention: int
    signed_by: str | None
    signed_at: datetime | None


class ReviewView(msgspec.Struct, frozen=True):
    row: ReviewRow
    facts: dict[str, Any]
    digest: str
    remarks: str


class SignOff(msgspec.Struct, frozen=True):
    remarks: Annotated[str, msgspec.Meta(min_length=3, max_length=4000)]


class ByToken(msgspec.Struct, frozen=True):
    token: Annotated[str, msgspec.Meta(max_length=100)]


class OwnAsked(msgspec.Struct, frozen=True):
    token: Annotated[str, msgspec.Meta(max_length=100)]
    kind: Literal["export", "erasure"]


class OwnNamed(msgspec.Struct, frozen=True):
    token: Annotated[str, msgspec.Meta(max_length=100)]
    request: UUID
