"""Rules in versions, how far timelines were followed, what fired, trials; messages and conversations for later."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from holdfast.access.encrypted import Encrypted
from holdfast.core.clock import now
from holdfast.core.database import Base, Identified


class AutomationRule(Identified, Base):
    """One version of a rule; rows are added, never changed. ``rule_id`` is the same in all of them. ``when``,
    ``conditions`` and ``actions`` are those of ``rules.Rule``; ``content_id`` is the first version that said the same:
    what was tried is switched on. ``since`` is when that was: what happened before is history. ``running_id`` is the
    version that goes on while this one is not switched on. A removed rule's last version says so."""

    __tablename__ = "automation_rule"
    __table_args__ = (UniqueConstraint("rule_id", "version"),)

    rule_id: Mapped[UUID]
    version: Mapped[int]
    content_id: Mapped[UUID]
    name: Mapped[str]
    position: Mapped[int]
    active: Mapped[bool]
    removed: Mapped[bool] = mapped_column(default=False)
    when: Mapped[dict[str, Any]] = mapped_column(JSONB)
    conditions: Mapped[dict[str, Any]] = mapped_column(JSONB)
    actions: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    since: Mapped[datetime | None]
    running_id: Mapped[UUID | None] = mapped_column(ForeignKey("automation_rule.id"))
    made_by_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    made_at: Mapped[datetime] = mapped_column(default=now)


class AutomationCursor(Base):
    """Up to which sequence a conversation's timeline was followed."""

    __tablename__ = "automation_cursor"

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int]


class AutomationTimer(Identified, Base):
    """A rule that waits for a time after the event at ``seq``. The same event again moves it."""

    __tablename__ = "automation_timer"
    __table_args__ = (UniqueConstraint("conversation_id", "rule_id"),)

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    rule_id: Mapped[UUID]
    seq: Mapped[int]
    event_at: Mapped[datetime]


class AutomationFiring(Identified, Base):
    """A rule fired for the event at ``seq``, or was kept from it (``stopped``). ``why`` are the conditions with what
    was seen, ``done`` the actions with what became of each; none of it is a customer's words."""

    __tablename__ = "automation_firing"
    __table_args__ = (
        # A rule never fires twice for one event, whatever dies in between.
        UniqueConstraint("conversation_id", "seq", "rule_id"),
        Index(None, "rule_id", "at"),
        Index(None, "at"),
    )

    version_id: Mapped[UUID] = mapped_column(ForeignKey("automation_rule.id"))
    rule_id: Mapped[UUID]
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    seq: Mapped[int]
    event: Mapped[str]
    event_at: Mapped[datetime]
    depth: Mapped[int]
    stopped: Mapped[str | None]
    why: Mapped[dict[str, Any]] = mapped_column(JSONB)
    done: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    at: Mapped[datetime] = mapped_column(default=now)


class AutomationTrial(Identified, Base):
    """A dry run of one version over past conversations; ``after_id`` is where it goes on. ``found`` holds the first
    that would have fired and some that would not, by reference; ``state`` is running, done or cancelled."""

    __tablename__ = "automation_trial"
    __table_args__ = (Index(None, "version_id"),)

    version_id: Mapped[UUID] = mapped_column(ForeignKey("automation_rule.id"))
    since: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="running")
    total: Mapped[int]
    seen: Mapped[int] = mapped_column(default=0)
    fired: Mapped[int] = mapped_column(default=0)
    after_id: Mapped[UUID | None]
    found: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    asked_by_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    asked_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]


class ScheduledMessage(Identified, Base):
    """A public message of an agent for later; its id is the key of the message that is sent. ``state`` is waiting,
    sent, cancelled (by hand) or stopped (``why``, until its agent has seen it). ``seq`` is where the timeline stood,
    ``files`` what goes with it."""

    __tablename__ = "scheduled_message"
    __table_args__ = (
        Index("ix_scheduled_message_open", "conversation_id", postgresql_where=text("state = 'waiting'")),
    )

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    body: Mapped[str] = mapped_column(Encrypted("scheduled_message.body"))
    files: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list, server_default="{}")
    at: Mapped[datetime]
    anyway: Mapped[bool]
    seq: Mapped[int]
    state: Mapped[str] = mapped_column(default="waiting")
    why: Mapped[str | None]
    made_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]


class FollowUp(Base):
    """When a conversation comes back to its agent (or its queue), and what it is about."""

    __tablename__ = "follow_up"

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True)
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    at: Mapped[datetime]
    note: Mapped[str] = mapped_column(Encrypted("follow_up.note"))
    made_at: Mapped[datetime] = mapped_column(default=now)
