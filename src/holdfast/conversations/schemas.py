"""Shapes that leave the server: timeline entries, rows of the inbox, the customer's state of a conversation."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec


class Named(msgspec.Struct, frozen=True):
    """``erased``: a customer whose data was erased, so that nobody can read their name any more."""

    id: UUID
    name: str | None
    erased: bool = False


class Keyed(msgspec.Struct, frozen=True):
    id: UUID
    key: str
    name: str


class AttachmentView(msgspec.Struct, frozen=True):
    """``size`` in bytes, ``width`` and ``height`` in pixels (images only), ``url`` valid for a day.

    ``erased``: its customer was, and neither name nor file can be read any more.
    ``state`` is clear, or of a picture reading, unread or secret; there is a ``url`` only for whoever may see it.
    """

    id: UUID
    name: str
    type: str
    size: int
    width: int | None
    height: int | None
    url: str | None
    state: str = "clear"
    erased: bool = False


class RedactedView(msgspec.Struct, frozen=True):
    """What was hidden in a message: its kind and how many words, never the words. ``ambiguous``: it may be harmless."""

    kind: str
    count: int
    certainty: str = "high"


class Entry(msgspec.Struct, frozen=True, rename={"author": "from"}):
    """One entry of a timeline. ``k`` is the client's own key of a chat message. ``seal``: ``fragment`` is shown but not
    stored readably yet, ``ambiguous`` can be shown to its agent on request. ``via``: how words came, if
    not by chat (a customer's: email), or not at once (an agent's: scheduled)."""

    seq: int
    kind: str
    author: str
    b: str
    at: datetime
    by: Named | None = None
    k: UUID | None = None
    att: list[AttachmentView] = []
    ev: dict[str, Any] | None = None
    red: list[RedactedView] = []
    seal: str | None = None
    via: str | None = None


class Row(msgspec.Struct, frozen=True):
    """A conversation as the inbox shows it. A row with a lower ``version`` than the one held is out of date.

    ``verification`` is the highest level that is proven now, and holds until ``verified_until``; ``signed_in`` says
    that the app has ever vouched for this customer.
    """

    id: UUID
    reference: str
    customer: Named
    language: str
    channel: str
    queue: Keyed
    topic: Keyed | None
    category: str
    priority: int
    emergency: bool
    assignee: Named | None
    preview: str
    last_from: str
    last_at: datetime
    waiting_since: datetime | None
    next_due: datetime | None
    seq: int
    agent_read: int
    customer_read: int
    episode: int
    tags: list[str]
    verification: int
    verified_until: datetime | None
    signed_in: bool
    opened_at: datetime
    resolved_at: datetime | None
    version: int


class Promise(msgspec.Struct, frozen=True):
    due: datetime


class Reads(msgspec.Struct, frozen=True):
    agent: int
    customer: int


class CanRate(msgspec.Struct, frozen=True):
    episode: int


class AnsweringAgent(msgspec.Struct, frozen=True):
    name: str


class ConvState(msgspec.Struct, frozen=True):
    """A conversation as its customer sees it. ``position`` is the place in the queue, from 1. ``update``: by when we
    write again although nothing was asked, while the technical team has it."""

    id: UUID
    reference: str
    category: str
    emergency: bool
    language: str
    episode: int
    agent: AnsweringAgent | None
    promise: Promise | None
    answered_at: datetime | None
    read: Reads
    can_rate: CanRate | None
    seq: int
    position: int | None
    update: Promise | None = None


class Counters(msgspec.Struct, frozen=True):
    """For one viewer: their open conversations, those that wait for them, and what waits in the queues."""

    mine: int
    mine_waiting: int
    queued: int
    emergency: int
    by_queue: dict[str, int]
