"""Endpoints, what waits to be sent to them, and how far the timelines were read."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from holdfast.access.encrypted import Encrypted
from holdfast.core.clock import now
from holdfast.core.database import Base, Identified
from holdfast.core.ids import new_id


class WebhookEndpoint(Identified, Base):
    """Where events go. While ``previous_until`` is ahead both secrets sign. ``stopped_because``: switched off by us
    (failing, gone). ``retry_at``: after a failure nothing is sent before; ``held_until``: a worker sends to it."""

    __tablename__ = "webhook_endpoint"

    name: Mapped[str]
    url: Mapped[str] = mapped_column(Encrypted("webhook_endpoint.url"))
    secret: Mapped[str] = mapped_column(Encrypted("webhook_endpoint.secret"))
    previous_secret: Mapped[str | None] = mapped_column(Encrypted("webhook_endpoint.previous_secret"))
    previous_until: Mapped[datetime | None]
    events: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    active: Mapped[bool] = mapped_column(default=True)
    stopped_because: Mapped[str | None]
    failing_since: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[datetime | None]
    held_until: Mapped[datetime | None]
    created_by_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)


class WebhookCursor(Base):
    """Up to which sequence a conversation's timeline was turned into deliveries; no row: from its beginning."""

    __tablename__ = "webhook_cursor"

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int]


class WebhookDelivery(Base):
    """One event for one endpoint, by ids only. ``id`` gives the order; ``key`` is the receiver's ``webhook-id``.

    ``state`` is waiting, delivered, failed (given up) or gone (what it is about was erased). ``reason`` is a word of
    core/outgoing.py, or ``answer`` for a status that is no success.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index(None, "endpoint_id", "id"),
        Index(
            "ix_webhook_delivery_waiting",
            "endpoint_id",
            "conversation_id",
            "id",
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    key: Mapped[UUID] = mapped_column(default=new_id)
    endpoint_id: Mapped[UUID] = mapped_column(ForeignKey("webhook_endpoint.id", ondelete="CASCADE"))
    event: Mapped[str]
    conversation_id: Mapped[UUID | None] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    seq: Mapped[int | None]
    happened_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(default=now)
    tried_at: Mapped[datetime | None]
    status: Mapped[int | None]
    reason: Mapped[str | None]
