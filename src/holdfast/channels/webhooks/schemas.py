"""Webhooks on the wire."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from holdfast.people.schemas import Name

Event = Literal[
    "conversation.opened",
    "conversation.assigned",
    "conversation.resolved",
    "conversation.reopened",
    "conversation.emergency",
    "conversation.rated",
    "message.created",
    "message.hidden",
    "automation.rule",
    "answer.unseen",
]
Url = Annotated[str, Meta(min_length=1, max_length=2000)]
Events = Annotated[list[Event], Meta(min_length=1, max_length=20)]


class WebhookInput(Struct, frozen=True):
    name: Name
    url: Url
    events: Events


class WebhookChanges(Struct, frozen=True):
    """What is null stays as it is."""

    name: Name | None = None
    url: Url | None = None
    events: Events | None = None
    active: bool | None = None


class WebhookView(Struct, frozen=True):
    """``host`` is the address without its path, which may hold a secret. ``stopped_because``: failing or gone, if it
    was switched off by us. ``waiting``: how many deliveries."""

    id: UUID
    name: str
    host: str
    events: list[str]
    active: bool
    stopped_because: str | None
    failing_since: datetime | None
    retry_at: datetime | None
    waiting: int
    old_secret_until: datetime | None
    created_at: datetime


class WebhookSecret(Struct, frozen=True):
    """The secret is shown this once."""

    webhook: WebhookView
    secret: str


class DeliveryView(Struct, frozen=True):
    """``state``: waiting, delivered, failed, gone. ``status`` is the receiver's, ``reason`` why there is none."""

    id: int
    message_id: str
    event: str
    reference: str | None
    happened_at: datetime
    state: str
    attempts: int
    tried_at: datetime | None
    next_at: datetime | None
    status: int | None
    reason: str | None


class DeliveryPage(Struct, frozen=True):
    """``next`` is the cursor of the following page, or null."""

    deliveries: list[DeliveryView]
    next: int | None
