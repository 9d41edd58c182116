"""The register of official channels, customers' own codes, reports of impostors and their cases."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from holdfast.access.encrypted import Encrypted
from holdfast.core.clock import now
from holdfast.core.database import Base, Identified


class OfficialChannel(Identified, Base):
    """One of ours, or (kind ``reference``) another's site that our people may link to. ``key`` is what is compared,
    ``shown`` what is read. Lines are ended (``until``), never deleted: what was ours once is answered with its time."""

    __tablename__ = "official_channel"
    __table_args__ = (Index(None, "kind", "key", unique=True),)

    kind: Mapped[str]
    key: Mapped[str]
    shown: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    since: Mapped[datetime] = mapped_column(default=now)
    until: Mapped[datetime | None]
    changed_at: Mapped[datetime] = mapped_column(default=now)


class SigningKey(Identified, Base):
    """The private key that signs the register's document (Ed25519, hex), sealed. One row: ``purpose`` "register"."""

    __tablename__ = "signing_key"

    purpose: Mapped[str] = mapped_column(unique=True)
    secret: Mapped[str] = mapped_column(Encrypted("signing_key.secret"))
    created_at: Mapped[datetime] = mapped_column(default=now)


class PersonalCode(Base):
    """A customer's own words, which stand in everything we send them. No member of staff reads them."""

    __tablename__ = "personal_code"

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"), primary_key=True)
    words: Mapped[str] = mapped_column(Encrypted("personal_code.words"))
    set_at: Mapped[datetime] = mapped_column(default=now)


class ImpostorCase(Identified, Base):
    """Somebody or something that pretends to be us; all reports of one target are one case.

    ``state``: new, confirmed, reported (to its host), taken_down, rejected.
    """

    __tablename__ = "impostor_case"
    __table_args__ = (Index(None, "kind", "target_index", unique=True), Index(None, "state", "changed_at"))

    kind: Mapped[str]
    target: Mapped[str] = mapped_column(Encrypted("impostor_case.target"))
    target_index: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(default="new")
    reports: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now)


class ImpostorReport(Identified, Base):
    """What one person has told; its words are redacted and sealed. ``source``: page, widget or console."""

    __tablename__ = "impostor_report"
    __table_args__ = (Index(None, "case_id", "at"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("impostor_case.id"))
    source: Mapped[str]
    words: Mapped[str] = mapped_column(Encrypted("impostor_report.words"))
    language: Mapped[str]
    conversation_id: Mapped[UUID | None] = mapped_column(ForeignKey("conversation.id"))
    agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    attachments: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)
    at: Mapped[datetime] = mapped_column(default=now)


class ImpostorStep(Identified, Base):
    """A case goes on: to which state, by whom, and why."""

    __tablename__ = "impostor_step"
    __table_args__ = (Index(None, "case_id", "at"),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("impostor_case.id"))
    state: Mapped[str]
    note: Mapped[str] = mapped_column(Encrypted("impostor_step.note"))
    agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    at: Mapped[datetime] = mapped_column(default=now)
