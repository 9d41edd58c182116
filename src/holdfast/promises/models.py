"""Policies and calendars in versions, the promises that were made, and how far the timelines were read."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from holdfast.core.clock import now
from holdfast.core.database import Base, Identified


class PromiseCalendar(Identified, Base):
    """One version of opening hours; rows are added, never changed. ``weekly`` maps "0" (Monday) to "6" to lists of
    ``["09:00", "17:00"]``, ``exceptions`` an ISO date to such a list, ``holidays`` lists ``DE`` or ``DE-BY``."""

    __tablename__ = "promise_calendar"
    __table_args__ = (UniqueConstraint("key", "version"),)

    key: Mapped[str]
    version: Mapped[int]
    zone: Mapped[str]
    weekly: Mapped[dict[str, Any]] = mapped_column(JSONB)
    holidays: Mapped[list[str]] = mapped_column(JSONB, default=list)
    exceptions: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    made_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    made_at: Mapped[datetime] = mapped_column(default=now)


class PromisePolicy(Identified, Base):
    """One version of a policy; rows are added, never changed. ``match`` is a ``policies.Match``; without a calendar the
    clock runs at all hours. ``wait_seconds`` is how long a question may pause it (null: until it is answered)."""

    __tablename__ = "promise_policy"
    __table_args__ = (UniqueConstraint("key", "version"),)

    key: Mapped[str]
    version: Mapped[int]
    kind: Mapped[str]
    match: Mapped[dict[str, Any]] = mapped_column(JSONB)
    target_seconds: Mapped[int]
    calendar_id: Mapped[UUID | None] = mapped_column(ForeignKey("promise_calendar.id"))
    wait_seconds: Mapped[int | None]
    active: Mapped[bool] = mapped_column(default=True)
    made_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    made_at: Mapped[datetime] = mapped_column(default=now)


class PromiseBook(Base):
    """Up to which sequence a conversation's timeline was read (no row: not at all), and the ``book.Book`` as it stood
    then."""

    __tablename__ = "promise_book"

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int]
    book: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class Promised(Identified, Base):
    """One round of one promise. ``held`` is its ``book.Held``, from which all else follows; ``policy_id`` the version
    it was made under. ``state`` is running, resting (the matter is resolved), kept or broken; a broken one without
    ``stopped_at`` is still owed. ``told`` is what was announced: 0, 50, 80 per cent, 100 the breach."""

    __tablename__ = "promise"
    __table_args__ = (
        UniqueConstraint("conversation_id", "kind", "seq"),
        Index("ix_promise_started", "started_at"),
        Index("ix_promise_owed", "conversation_id", postgresql_where=text("stopped_at IS NULL")),
    )

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    kind: Mapped[str]
    seq: Mapped[int]
    policy_id: Mapped[UUID] = mapped_column(ForeignKey("promise_policy.id"))
    held: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str]
    started_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    told: Mapped[int] = mapped_column(default=0)
