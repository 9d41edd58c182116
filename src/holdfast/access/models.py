"""The audit log with its seals; keys, none of them in clear; grants of personal fields, purposes, alarms, canaries."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from holdfast.access.encrypted import Encrypted
from holdfast.core.clock import now
from holdfast.core.database import Base, Identified


class AuditEntry(Identified, Base):
    """One sensitive read or act: who, what, on whom, for what purpose. ``detail`` never holds personal values.

    Rows are only ever appended (a trigger refuses the rest). ``written`` is the transaction that wrote it: ids and
    times are taken before the commit, so an older one can appear after a newer one; the sealer goes by this. ``salt``
    hides the network in what is hashed.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index(None, "at"),
        Index(None, "subject_kind", "subject_id"),
        Index(None, "actor_id", "at"),
        Index(None, "written"),
    )
    # Nobody asks an entry for its transaction after writing it.
    __mapper_args__ = {"eager_defaults": False}  # noqa: RUF012

    at: Mapped[datetime] = mapped_column(default=now)
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None]
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID | None]
    purpose: Mapped[str | None]
    network: Mapped[str | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    salt: Mapped[UUID] = mapped_column(server_default=text("gen_random_uuid()"))
    written: Mapped[int] = mapped_column(BigInteger, server_default=text("pg_current_xact_id()::text::bigint"))


class InstallationKey(Base):
    """A key of the whole installation (``keys.PURPOSES``), wrapped by the master key named ``master``.

    Every row is wrapped by the same master key. That it unwraps is the check of the right master key.
    """

    __tablename__ = "installation_key"

    purpose: Mapped[str] = mapped_column(primary_key=True)
    generation: Mapped[int] = mapped_column(primary_key=True)
    master: Mapped[str]
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(default=now)
    replaced_at: Mapped[datetime | None]


class CustomerKey(Base):
    """One customer's data key, sealed with the installation's key for customers. Empty once it is destroyed: then
    nothing that was sealed with it can be read, wherever a copy lies. There is no foreign key: it outlives its
    customer's row, so that an erased customer never gets another key."""

    __tablename__ = "customer_key"

    customer_id: Mapped[UUID] = mapped_column(primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(default=now)
    destroyed_at: Mapped[datetime | None]


class KeyWork(Base):
    """The one job that brings everything under the newest keys: how far it is. ``run`` tells a restarted job from the
    one before it, which ends; ``state`` is running, stopped, done or incomplete."""

    __tablename__ = "key_work"

    job: Mapped[str] = mapped_column(primary_key=True)
    run: Mapped[UUID]
    state: Mapped[str]
    doing: Mapped[str] = mapped_column(default="")
    done: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime] = mapped_column(default=now)
    at: Mapped[datetime] = mapped_column(default=now)


class AuditSeal(Base):
    """A signed statement about the entries committed since the seal before (``access/seals.py``). ``horizon`` is the
    first transaction that this seal did not look at."""

    __tablename__ = "audit_seal"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    count: Mapped[int]
    total: Mapped[int] = mapped_column(BigInteger)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    previous: Mapped[bytes] = mapped_column(LargeBinary)
    horizon: Mapped[int] = mapped_column(BigInteger)
    key: Mapped[str]
    signature: Mapped[bytes] = mapped_column(LargeBinary)


class AuditLeaf(Base):
    """An entry's place in its seal. ``hash`` says which entry was changed; what convinces is the seal's root."""

    __tablename__ = "audit_leaf"

    seal: Mapped[int] = mapped_column(ForeignKey("audit_seal.number"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(unique=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class CheckpointSent(Base):
    """The last seal that reached each second place."""

    __tablename__ = "audit_checkpoint"

    place: Mapped[str] = mapped_column(primary_key=True)
    seal: Mapped[int]
    at: Mapped[datetime]


class Verification(Identified, Base):
    """One run over the whole log: what was looked at and what was found wrong."""

    __tablename__ = "audit_verification"

    at: Mapped[datetime] = mapped_column(default=now, index=True)
    entries: Mapped[int] = mapped_column(BigInteger)
    seals: Mapped[int]
    seconds: Mapped[float]
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)


class Purpose(Base):
    """Why somebody may need a personal field: ``names`` by language, the kinds it opens, for how long (seconds).
    ``own_words``: the agent says it in words."""

    __tablename__ = "access_purpose"

    key: Mapped[str] = mapped_column(primary_key=True)
    names: Mapped[dict[str, str]] = mapped_column(JSONB)
    fields: Mapped[list[str]] = mapped_column(ARRAY(Text))
    seconds: Mapped[int]
    own_words: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True)


class AccessGrant(Identified, Base):
    """One personal field, opened to one agent for a purpose until ``ends_at``, or ``ended_at`` if that came first.
    ``ended_why`` is time, closed, resolved, or why the conversation left the agent."""

    __tablename__ = "access_grant"
    __table_args__ = (
        Index("ix_access_grant_live", "conversation_id", postgresql_where=text("ended_at IS NULL")),
        Index(None, "customer_id"),
    )

    agent_id: Mapped[UUID]
    customer_id: Mapped[UUID]
    conversation_id: Mapped[UUID]
    field: Mapped[str]
    field_id: Mapped[UUID]
    purpose: Mapped[str]
    words: Mapped[str | None] = mapped_column(Encrypted("access_grant.words"))
    granted_at: Mapped[datetime] = mapped_column(default=now)
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str | None]


class Alarm(Identified, Base):
    """Somebody looked where or how nobody should: ``kind`` is browse_rate, canary or archive."""

    __tablename__ = "access_alarm"
    __table_args__ = (Index(None, "agent_id", "at"),)

    kind: Mapped[str]
    agent_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(default=now)
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB)
    seen_by_id: Mapped[UUID | None]
    seen_at: Mapped[datetime | None]


class Canary(Base):
    """A made-up customer with a conversation that nobody has a reason to open."""

    __tablename__ = "access_canary"

    conversation_id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(default=now)
