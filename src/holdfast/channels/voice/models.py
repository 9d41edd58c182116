"""Lines and menus, calls with their legs and what happened in them, call-backs, recordings, answers of the survey,
and the devices that ring.

Numbers of callers are sealed, and found by a blind index, as contact points are.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from holdfast.access.encrypted import Encrypted
from holdfast.core.clock import now
from holdfast.core.database import Base, Identified


class Line(Identified, Base):
    """A number of ours (DID). ``kind`` is hotline or emergency, which has no menu. ``menu`` is a menu's key.

    ``hourly`` is how often one number may call in an hour, ``wrap_seconds`` the time an agent has after a call;
    ``records``: its calls are recorded, ``captions``: what is said is written down; callers are told of either.
    ``answer_within``: seconds in which a call is to be answered, the T of its service level; 20 s (for 80 in 100
    calls) is what most desks aim at.
    """

    __tablename__ = "line"

    number: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(default="hotline")
    language: Mapped[str] = mapped_column(default="en")
    menu: Mapped[str] = mapped_column(default="standard")
    inbox_id: Mapped[UUID] = mapped_column(ForeignKey("inbox.id"))
    hourly: Mapped[int] = mapped_column(default=10)
    wrap_seconds: Mapped[int] = mapped_column(default=60)
    answer_within: Mapped[int] = mapped_column(default=20)
    records: Mapped[bool] = mapped_column(default=False)
    captions: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class Menu(Identified, Base):
    """One version of a menu; the highest of a key is in force for the calls that begin from now on. ``tree``:
    ``menus.Tree``."""

    __tablename__ = "menu"
    __table_args__ = (UniqueConstraint("key", "version"),)

    key: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    name: Mapped[str]
    tree: Mapped[dict[str, Any]] = mapped_column(JSONB)
    by_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    at: Mapped[datetime] = mapped_column(default=now)


class Call(Identified, Base):
    """One call. ``direction`` is in or back (we call back). ``application``: the voice process that conducts it, by its
    name at the engine. ``channel`` is the customer's leg, ``bridge`` where they talk.

    ``stage`` is where it stands (``stages.py``), ``place`` what the stage needs to go on after a restart. ``outcome``
    is null until it is over, then abandoned, answered, message, missed (a message without a word), callback, refused or
    lost (the engine or the line failed). ``channel_before`` is the way the conversation is held when nobody is on the
    phone. ``queued_at`` is when they began to wait for a person (null: they never did), ``requeued_seconds`` how long
    they waited once more after they had been answered, ``survey_at`` when they were asked how it was.
    """

    __tablename__ = "call"
    __table_args__ = (
        Index("ix_call_up", "application", postgresql_where=text("ended_at IS NULL")),
        Index(None, "conversation_id"),
        Index(None, "number_index", "started_at"),
        Index(None, "agent_id", "started_at"),
        Index("ix_call_queued", "queued_at", postgresql_where=text("queued_at IS NOT NULL")),
    )

    line_id: Mapped[UUID | None] = mapped_column(ForeignKey("line.id"))
    direction: Mapped[str] = mapped_column(default="in")
    application: Mapped[str]
    channel: Mapped[str] = mapped_column(unique=True)
    bridge: Mapped[str] = mapped_column(default="")
    number: Mapped[str | None] = mapped_column(Encrypted("call.number"))
    number_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    conversation_id: Mapped[UUID | None] = mapped_column(ForeignKey("conversation.id"))
    language: Mapped[str]
    emergency: Mapped[bool] = mapped_column(default=False)
    stage: Mapped[str] = mapped_column(default="menu")
    place: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    outcome: Mapped[str | None]
    agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    channel_before: Mapped[str] = mapped_column(default="")
    wrap_seconds: Mapped[int] = mapped_column(default=60)
    started_at: Mapped[datetime] = mapped_column(default=now)
    queued_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    held_seconds: Mapped[int] = mapped_column(default=0)
    requeued_seconds: Mapped[int] = mapped_column(default=0)
    talked_until: Mapped[datetime | None]
    wrap_until: Mapped[datetime | None]
    wrapped_at: Mapped[datetime | None]
    survey_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class VoiceLease(Base):
    """That a voice process conducts its calls, by its name at the engine (``leases.py``)."""

    __tablename__ = "voice_lease"

    application: Mapped[str] = mapped_column(primary_key=True)
    renewed_at: Mapped[datetime]


class CallLeg(Identified, Base):
    """Somebody's part in a call. ``role`` is caller, agent, consult or supervisor; ``device`` the SIP name that rings,
    empty for the caller. ``state`` is ringing, up or ended; ``cause`` is Q.850's."""

    __tablename__ = "call_leg"
    __table_args__ = (
        Index(None, "call_id"),
        Index("ix_call_leg_agent", "agent_id", postgresql_where=text("state <> 'ended'")),
    )

    call_id: Mapped[UUID] = mapped_column(ForeignKey("call.id"))
    role: Mapped[str]
    channel: Mapped[str] = mapped_column(unique=True)
    agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    device: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="ringing")
    muted: Mapped[bool] = mapped_column(default=False)
    started_at: Mapped[datetime] = mapped_column(default=now)
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    cause: Mapped[int | None]


class CallEvent(Identified, Base):
    """What happened in a call, in order; what came before its conversation was there is written into its timeline when
    it is (``noted``). ``detail`` has no number and no word of a customer."""

    __tablename__ = "call_event"
    __table_args__ = (
        Index(None, "call_id", "at"),
        Index("ix_call_event_code", "at", postgresql_where=text("kind = 'call_code'")),
    )

    call_id: Mapped[UUID] = mapped_column(ForeignKey("call.id"))
    kind: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    at: Mapped[datetime] = mapped_column(default=now)
    noted: Mapped[bool] = mapped_column(default=False)


class CallBack(Identified, Base):
    """Somebody shall be called back. Their conversation waits in its queue meanwhile, since ``since``: they keep
    their place. ``why`` is asked, message, lost or agent; ``state`` waiting, ringing, done (an agent and
    they have talked), failed or cancelled; ``tries``: how often we called (``call_backs.py``).
    ``code`` is what we say when we call, and what the app has shown before; ``rings_at`` the time that it has shown."""

    __tablename__ = "call_back"
    __table_args__ = (
        Index("uq_call_back_open", "conversation_id", unique=True, postgresql_where=text("state = 'waiting'")),
        Index("ix_call_back_waiting", "since", postgresql_where=text("state = 'waiting'")),
    )

    call_id: Mapped[UUID | None] = mapped_column(ForeignKey("call.id"))
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    number: Mapped[str | None] = mapped_column(Encrypted("call_back.number"))
    why: Mapped[str] = mapped_column(default="asked")
    state: Mapped[str] = mapped_column(default="waiting")
    code: Mapped[str] = mapped_column(default="")
    rings_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    since: Mapped[datetime] = mapped_column(default=now)
    decided_at: Mapped[datetime | None]


class CallLink(Identified, Base):
    """A link by which the caller goes on in writing, once, until it expires: only its hash is kept. ``address``: where
    it went, if an agent typed that; whoever opens the link has shown that they read there."""

    __tablename__ = "call_link"

    call_id: Mapped[UUID] = mapped_column(ForeignKey("call.id"))
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"), index=True)
    by_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    link_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    address: Mapped[str | None] = mapped_column(Encrypted("call_link.address"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Recording(Identified, Base):
    """That a call was recorded. ``name`` is that of the engine's own file, which is deleted as soon as its sound is an
    attachment, sealed and kept as all of them are; ``attachment_id`` is null until then, and names nothing once that is
    deleted. ``channel`` is the one that listens. ``paused``: empty, agent, or secret (while one is asked for)."""

    __tablename__ = "recording"
    __table_args__ = (Index(None, "conversation_id"), Index(None, "call_id"))

    call_id: Mapped[UUID] = mapped_column(ForeignKey("call.id"))
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    name: Mapped[str] = mapped_column(unique=True)
    channel: Mapped[str]
    attachment_id: Mapped[UUID | None]
    seconds: Mapped[int] = mapped_column(default=0)
    paused: Mapped[str] = mapped_column(default="")
    started_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]


class SurveyAnswer(Identified, Base):
    """What a caller pressed after the agent had left: 1 (not at all) to 5 (very much satisfied)."""

    __tablename__ = "survey_answer"

    call_id: Mapped[UUID] = mapped_column(ForeignKey("call.id"), unique=True)
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    score: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=now)


class BlockedNumber(Identified, Base):
    """A number that hears a reason and no more, until ``until`` (null: for good). ``why`` is abuse or spam."""

    __tablename__ = "blocked_number"

    number: Mapped[str] = mapped_column(Encrypted("blocked_number.number"))
    number_index: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    why: Mapped[str]
    by_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    at: Mapped[datetime] = mapped_column(default=now)
    until: Mapped[datetime | None]


class Device(Identified, Base):
    """What rings at an agent: a browser's tab (``kind`` browser, until ``expires_at``) or a desk phone. ``name`` is its
    SIP user. ``ready``: the engine knows it; ``online``: it is signed in there."""

    __tablename__ = "device"
    __table_args__ = (Index(None, "agent_id"),)

    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(default="browser")
    password: Mapped[str] = mapped_column(Encrypted("device.password"))
    ready: Mapped[bool] = mapped_column(default=False)
    online: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime | None]


class CallCommand(Identified, Base):
    """What somebody of the staff wants done with a call; the process that conducts it does it, in order. ``fault`` is
    the id of the error that it ended with."""

    __tablename__ = "call_command"
    __table_args__ = (Index("ix_call_command_waiting", "call_id", postgresql_where=text("done_at IS NULL")),)

    call_id: Mapped[UUID] = mapped_column(ForeignKey("call.id"))
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    verb: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    at: Mapped[datetime] = mapped_column(default=now)
    done_at: Mapped[datetime | None]
    fault: Mapped[str | None]
