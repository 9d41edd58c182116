"""The audit log: every sensitive read and act. Rows are only ever appended."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
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
