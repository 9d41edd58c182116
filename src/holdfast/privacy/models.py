"""Requests about one customer's data, legal holds, retention rules and their runs, the ledger, security reviews."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import BigInteger, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from holdfast.access.customer_values import CustomersValue, sealed_for
from holdfast.access.encrypted import CustomersOwn, Encrypted
from holdfast.core.clock import now
from holdfast.core.database import Base, Identified

# The job that does a request.
WORK = "privacy.work"


class Part(msgspec.Struct, frozen=True):
    """A member of an archive: its name and SHA-256 (hex) there, its bytes in the file store under ``key``, sealed with
    ``file_key``, and how many they are in clear."""

    name: str
    key: str
    file_key: bytes
    sha256: str
    size: int


_parts = msgspec.json.Decoder(list[Part])


@sealed_for("customer_id")
class SubjectRequest(Identified, Base):
    """An export or erasure of one customer: ``kind`` is export or erasure; ``state`` is waiting (for its time), ready
    (for the worker), running, stopped, done, refused (``why``), withdrawn or expired.

    ``cursor`` is where the job goes on, ``done`` and ``total`` count its steps. ``parts`` are an archive's, sealed with
    the customer's key: names of files are theirs, and without the key nothing opens. ``proof`` says what an erasure
    removed and that a scan afterwards found nothing.
    """

    __tablename__ = "subject_request"
    __table_args__ = (
        Index(None, "customer_id", "created_at"),
        Index(
            "uq_subject_request_open",
            "customer_id",
            "kind",
            unique=True,
            postgresql_where=text("state IN ('waiting', 'ready', 'running', 'stopped')"),
        ),
    )

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    kind: Mapped[str]
    state: Mapped[str]
    asked_by: Mapped[str]
    asked_by_id: Mapped[UUID]
    why: Mapped[str] = mapped_column(Encrypted("subject_request.why"), default="")
    begins_at: Mapped[datetime]
    cursor: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    parts_sealed: Mapped[bytes | None] = mapped_column("parts", CustomersOwn("subject_request.parts"))
    parts: CustomersValue[list[Part] | None] = CustomersValue("parts_sealed", msgspec.json.encode, _parts.decode, [])
    proof: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]


class LegalHold(Identified, Base):
    """Nothing of this customer is erased or runs out while it is in force (``ended_at`` is null)."""

    __tablename__ = "legal_hold"
    __table_args__ = (Index("ix_legal_hold_customer", "customer_id", postgresql_where=text("ended_at IS NULL")),)

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    reason: Mapped[str] = mapped_column(Encrypted("legal_hold.reason"))
    placed_by_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    placed_at: Mapped[datetime] = mapped_column(default=now)
    ended_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    ended_at: Mapped[datetime | None]


class RetentionRule(Base):
    """How many days a kind of data is kept after its matter was settled; null: for ever."""

    __tablename__ = "retention_rule"

    kind: Mapped[str] = mapped_column(primary_key=True)
    days: Mapped[int | None]
    changed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    changed_at: Mapped[datetime] = mapped_column(default=now)


class RetentionRun(Identified, Base):
    """One pass over one kind: how many rows went."""

    __tablename__ = "retention_run"
    __table_args__ = (Index(None, "kind", "at"),)

    kind: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)
    removed: Mapped[int] = mapped_column(BigInteger)


class Erasure(Identified, Base):
    """The ledger's copy in the database; the ledger itself is a file that no backup replaces."""

    __tablename__ = "erasure"

    customer_id: Mapped[UUID] = mapped_column(index=True)
    at: Mapped[datetime] = mapped_column(default=now)


class SecurityReview(Identified, Base):
    """The facts of one period as they were when they were assembled (``digest`` is the SHA-256 of their canonical
    JSON), due to be signed off by a person; null ``signed_at``: not yet."""

    __tablename__ = "security_review"

    since: Mapped[datetime]
    until: Mapped[datetime]
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    digest: Mapped[str]
    due_at: Mapped[datetime]
    signed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    signed_at: Mapped[datetime | None]
    remarks: Mapped[str] = mapped_column(Encrypted("security_review.remarks"), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
