"""The audit log (every sensitive read and act; rows are only ever appended), and the keys, none of them in clear."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from holdfast.core.clock import now
from holdfast.core.database import Base, Identified


class AuditEntry(Identified, Base):
    """One sensitive read or act: who, what, on whom, for what purpose. ``detail`` never holds personal values."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index(None, "at"), Index(None, "subject_kind", "subject_id"))

    at: Mapped[datetime] = mapped_column(default=now)
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None]
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID | None]
    purpose: Mapped[str | None]
    network: Mapped[str | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)


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
