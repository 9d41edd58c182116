"""Cases, what is linked to them, what customers are told, their issues outside, and known problems."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from holdfast.access.encrypted import Encrypted
from holdfast.core.clock import now
from holdfast.core.database import Base, Identified


class TechnicalCase(Identified, Base):
    """One cause. ``state`` is open, working, solved, told or closed."""

    __tablename__ = "technical_case"
    __table_args__ = (Index(None, "state", "changed_at"),)

    reference: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str] = mapped_column(Encrypted("technical_case.title"))
    description: Mapped[str] = mapped_column(Encrypted("technical_case.description"))
    state: Mapped[str] = mapped_column(default="open")
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    opened_by_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    opened_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now)


class TechnicalLink(Identified, Base):
    """A conversation that was handed over: what was tried, and what is asked of the second level. ``seq`` is the
    timeline's entry that says so."""

    __tablename__ = "technical_link"
    __table_args__ = (UniqueConstraint("case_id", "conversation_id"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("technical_case.id"))
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"), index=True)
    seq: Mapped[int]
    tried: Mapped[str] = mapped_column(Encrypted("technical_link.tried"))
    asked: Mapped[str] = mapped_column(Encrypted("technical_link.asked"))
    by_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    at: Mapped[datetime] = mapped_column(default=now)


class TechnicalEvent(Base):
    """A line of a case's log. Without an agent: the tracker's doing, or the system's."""

    __tablename__ = "technical_event"
    __table_args__ = (Index(None, "case_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("technical_case.id"))
    kind: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)
    agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))


class TechnicalAnnouncement(Identified, Base):
    """What the customers of a case are told: ``kind`` update or solved, ``texts`` by language. ``state`` is draft,
    sending or sent. ``kind`` reopened has no texts: it starts the update promise of those who were told already."""

    __tablename__ = "technical_announcement"
    __table_args__ = (Index(None, "case_id"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("technical_case.id"))
    kind: Mapped[str]
    texts: Mapped[dict[str, str]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(default="draft")
    written_by_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    written_at: Mapped[datetime] = mapped_column(default=now)
    released_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    released_at: Mapped[datetime | None]


class TechnicalDelivery(Base):
    """An announcement in one conversation: ``state`` waiting, sent or refused (by the outgoing filter: ``reason``).
    ``language`` is the one it was sent in."""

    __tablename__ = "technical_delivery"
    __table_args__ = (Index("ix_technical_delivery_waiting", "next_at", postgresql_where=text("state = 'waiting'")),)

    announcement_id: Mapped[UUID] = mapped_column(
        ForeignKey("technical_announcement.id", ondelete="CASCADE"), primary_key=True
    )
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"), primary_key=True, index=True)
    state: Mapped[str] = mapped_column(default="waiting")
    next_at: Mapped[datetime] = mapped_column(default=now)
    language: Mapped[str | None]
    reason: Mapped[str | None]
    sent_at: Mapped[datetime | None]


class TechnicalTracker(Identified, Base):
    """The one tracker of the installation. ``paused_until``: it said that we ask too much. ``trouble`` is why it was
    last asked in vain."""

    __tablename__ = "technical_tracker"

    kind: Mapped[str] = mapped_column(unique=True)
    api: Mapped[str]
    repository: Mapped[str]
    token: Mapped[str] = mapped_column(Encrypted("technical_tracker.token"))
    secret: Mapped[str] = mapped_column(Encrypted("technical_tracker.secret"))
    paused_until: Mapped[datetime | None]
    trouble: Mapped[str | None]
    changed_by_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    changed_at: Mapped[datetime] = mapped_column(default=now)


class TechnicalIssue(Base):
    """A case's issue outside; without ``number`` it is being made. ``state`` and ``reason`` were last seen there.

    ``mark`` asks somebody to look: closed_there, reopened_there, conflict (both sides changed), gone (deleted), moved
    (to ``moved_repository`` and ``moved_number``) or denied (the token may not). ``held_until``: a courier looks at it
    now.
    """

    __tablename__ = "technical_issue"
    __table_args__ = (
        Index(
            "uq_technical_issue_number",
            "repository",
            "number",
            unique=True,
            postgresql_where=text("number IS NOT NULL"),
        ),
        Index(None, "next_look_at"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("technical_case.id"), primary_key=True)
    repository: Mapped[str]
    number: Mapped[int | None]
    url: Mapped[str | None]
    state: Mapped[str | None]
    reason: Mapped[str | None]
    mark: Mapped[str | None]
    moved_repository: Mapped[str | None]
    moved_number: Mapped[int | None]
    etag: Mapped[str | None]
    seen_at: Mapped[datetime | None]
    next_look_at: Mapped[datetime | None]
    held_until: Mapped[datetime | None]


class TechnicalAction(Identified, Base):
    """Something to do at the tracker: ``kind`` create, comment, close or reopen; in the order of ids for a case.

    ``state`` is waiting, paused (the token may not: until the tracker's settings are entered anew), done or stopped
    (given up, or both sides changed). ``attempts`` counts claims: from the second
    on somebody may have done it already, so it is looked for first. ``facts`` holds what a comment says, never words.
    """

    __tablename__ = "technical_action"
    __table_args__ = (
        Index(None, "case_id"),
        Index("ix_technical_action_waiting", "next_at", postgresql_where=text("state = 'waiting'")),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("technical_case.id"))
    kind: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    state: Mapped[str] = mapped_column(default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime] = mapped_column(default=now)
    next_at: Mapped[datetime] = mapped_column(default=now)
    held_until: Mapped[datetime | None]
    reason: Mapped[str | None]


class KnownProblem(Identified, Base):
    """What every customer may read: ``texts`` by language, ``{"title", "text"}``. ``state`` is watching, known or
    solved; ``severity`` minor, major or outage. It is shown from ``starts_at`` until ``ends_at``."""

    __tablename__ = "known_problem"
    __table_args__ = (Index(None, "starts_at"),)

    texts: Mapped[dict[str, dict[str, str]]] = mapped_column(JSONB)
    state: Mapped[str]
    severity: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("technical_case.id"))
    changed_by_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    changed_at: Mapped[datetime] = mapped_column(default=now)
