"""Offers (an agent is asked to take a conversation), assignments (they have it) and wrap-ups (they had it)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from holdfast.core.clock import now
from holdfast.core.database import Base, Identified


class Offer(Identified, Base):
    """``outcome`` is null while it rings, then accepted, declined, expired or withdrawn. ``why`` is the explanation
    of the choice: a list of {id, params}. A conversation has at most one ringing offer (unique partial index),
    an emergency too: the next is asked when the first does not take it."""

    __tablename__ = "offer"
    __table_args__ = (
        Index("uq_offer_ringing", "conversation_id", unique=True, postgresql_where=text("outcome IS NULL")),
        Index("ix_offer_agent_ringing", "agent_id", postgresql_where=text("outcome IS NULL")),
        Index(None, "conversation_id", "offered_at"),
    )

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    offered_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    why: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)


class Assignment(Identified, Base):
    """Who had it, from when until when, and how they got and lost it."""

    __tablename__ = "assignment"
    __table_args__ = (Index(None, "conversation_id", "from_at"), Index(None, "agent_id", "from_at"))

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    from_at: Mapped[datetime] = mapped_column(default=now)
    until_at: Mapped[datetime | None]
    how: Mapped[str]
    ended: Mapped[str | None]


class WrapUp(Identified, Base):
    """An agent gave somebody of ``channel`` away and still writes about them: until then, or until they say that they
    are done, it counts as one that they have. ``ref`` is what was given away, by the channel's own id."""

    __tablename__ = "wrap_up"
    __table_args__ = (UniqueConstraint("agent_id", "ref"),)

    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    ref: Mapped[UUID]
    channel: Mapped[str]
    until: Mapped[datetime]
