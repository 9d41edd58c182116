"""What was asked for and proven, the challenges that are open, the customers' passkeys, the operator's purposes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from holdfast.access.encrypted import Encrypted
from holdfast.core.clock import now
from holdfast.core.database import Base, Identified


class Verification(Identified, Base):
    """Proof that was asked for one purpose in one conversation, by an agent or (nobody) the customer themselves.

    ``state`` is waiting, proven or withdrawn. What was shown is not kept: only how, when, to what level, and of an
    address its keyed index and its ends. ``since`` is when that evidence was put on file; ``refused`` the last reason.
    """

    __tablename__ = "verification"
    __table_args__ = (Index(None, "conversation_id", "asked_at"),)

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    purpose: Mapped[str]
    level: Mapped[int]
    asked_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    asked_at: Mapped[datetime] = mapped_column(default=now)
    state: Mapped[str] = mapped_column(default="waiting")
    method: Mapped[str | None]
    proven_at: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    since: Mapped[datetime | None]
    warnings: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    address_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    address_ends: Mapped[str | None]
    refused: Mapped[str | None]
    refused_method: Mapped[str | None]
    refused_at: Mapped[datetime | None]


class VerificationChallenge(Identified, Base):
    """One try to answer a verification: single use, burned before it is checked, gone after a day.

    ``rendered`` is the text that a wallet signs, and empty once it is used. ``nonce`` is in that text, in the app's
    token, or the passkey's challenge (hex). Of a code only a keyed hash is kept.
    """

    __tablename__ = "verification_challenge"

    verification_id: Mapped[UUID] = mapped_column(ForeignKey("verification.id"), index=True)
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    purpose: Mapped[str]
    level: Mapped[int]
    method: Mapped[str]
    chain: Mapped[str | None]
    rendered: Mapped[str | None] = mapped_column(Encrypted("verification_challenge.rendered"))
    nonce: Mapped[str] = mapped_column(unique=True)
    code_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    since: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    outcome: Mapped[str | None]


class PhoneCode(Identified, Base):
    """A code that the app shows and a caller types. Only its keyed hash is kept, null until the app has vouched for its
    ``nonce`` (or could not: ``vouched``). ``used_at``: typed, or replaced by the next of its conversation."""

    __tablename__ = "phone_code"
    __table_args__ = (Index(None, "conversation_id", "created_at"),)

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    nonce: Mapped[str] = mapped_column(unique=True)
    code_hash: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    vouched: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class CustomerPasskey(Identified, Base):
    """A WebAuthn credential of a customer, for the installation's own origin."""

    __tablename__ = "customer_passkey"

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)
    used_at: Mapped[datetime | None]


class CompromiseMark(Identified, Base):
    """Somebody said that the customer's wallet may be in other hands (``claimed``), or that it is theirs again."""

    __tablename__ = "compromise_mark"

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"), index=True)
    claimed: Mapped[bool] = mapped_column(default=True)
    by: Mapped[str]
    by_id: Mapped[UUID | None]
    at: Mapped[datetime] = mapped_column(default=now)


class VerificationPurpose(Base):
    """A purpose as the operator wants it: one of the catalogue's changed, or one of their own (with a ``name``)."""

    __tablename__ = "verification_purpose"

    key: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(default="")
    statement: Mapped[str]
    level: Mapped[int]
    methods: Mapped[list[str]] = mapped_column(ARRAY(Text))
    holds_seconds: Mapped[int] = mapped_column(default=300)
    enrolled_hours: Mapped[int] = mapped_column(default=24)
    chain_required: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    changed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    changed_at: Mapped[datetime] = mapped_column(default=now)
