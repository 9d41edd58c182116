"""Customers and their contact points; agents, teams, and how they sign in."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from holdfast.access.customer_values import customers_text, optional_customers_text, sealed_for
from holdfast.access.encrypted import CustomersOwn, Encrypted
from holdfast.core.clock import now
from holdfast.core.database import Base, Identified


@sealed_for("id")
class Customer(Identified, Base):
    """Who asks. ``subject`` is the wallet's own user id, found by its blind index; ``proven`` says a signed token
    showed it. ``segment`` is the group that the wallet counts them to, empty without one. An erased customer's ``name``
    is ''; one that nobody has named has none."""

    __tablename__ = "customer"

    name_sealed: Mapped[bytes | None] = mapped_column("name", CustomersOwn("customer.name", "id"))
    name = optional_customers_text("name_sealed")
    language: Mapped[str] = mapped_column(default="en")
    subject_sealed: Mapped[bytes | None] = mapped_column("subject", CustomersOwn("customer.subject", "id"))
    subject = optional_customers_text("subject_sealed")
    subject_index: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    proven: Mapped[bool] = mapped_column(default=False)
    segment: Mapped[str] = mapped_column(default="")
    about: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("customer.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now)


@sealed_for("customer_id")
class ContactPoint(Identified, Base):
    """A way to reach or recognise a customer: kind is email, phone, user_id or wallet."""

    __tablename__ = "contact_point"
    __table_args__ = (UniqueConstraint("customer_id", "kind", "value_index"), Index(None, "value_index"))

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    kind: Mapped[str]
    value_sealed: Mapped[bytes] = mapped_column("value", CustomersOwn("contact_point.value"))
    value = customers_text("value_sealed")
    value_index: Mapped[bytes] = mapped_column(LargeBinary)
    proven_at: Mapped[datetime | None]
    # Whoever reads there has followed our link or typed our code. No word of the wallet's: it proves nobody's account.
    confirmed_at: Mapped[datetime | None]
    # Letters to it came back for good.
    bounced_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)


class Agent(Identified, Base):
    """A member of staff, whatever their roles. ``capacity`` is how many conversations per channel at once."""

    __tablename__ = "agent"
    __table_args__ = (Index("uq_agent_email", text("lower(email)"), unique=True),)

    email: Mapped[str]
    name: Mapped[str]
    password_hash: Mapped[str | None]
    totp_secret: Mapped[str | None] = mapped_column(Encrypted("agent.totp_secret"))
    totp_confirmed_at: Mapped[datetime | None]
    totp_last_step: Mapped[int | None]
    recovery_hashes: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    interface_language: Mapped[str] = mapped_column(default="en")
    capacity: Mapped[dict[str, int]] = mapped_column(JSONB, default=lambda: {"chat": 4, "email": 8, "voice": 1})
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class AgentLanguage(Base):
    """A language an agent answers in; level is native, fluent or translation."""

    __tablename__ = "agent_language"

    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"), primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    level: Mapped[str]


class Team(Identified, Base):
    __tablename__ = "team"

    name: Mapped[str] = mapped_column(unique=True)


class TeamMember(Base):
    __tablename__ = "team_member"

    team_id: Mapped[UUID] = mapped_column(ForeignKey("team.id"), primary_key=True)
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"), primary_key=True, index=True)


class Passkey(Identified, Base):
    """A WebAuthn credential."""

    __tablename__ = "passkey"

    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(default=0)
    name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
    used_at: Mapped[datetime | None]


class SignInSession(Identified, Base):
    """A browser that is signed in, or half way (``complete`` false: the second factor is still missing, or another
    page must come back). ``stepped_up_at`` is when its person last showed the strongest factor they have."""

    __tablename__ = "sign_in_session"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"), index=True)
    complete: Mapped[bool] = mapped_column(default=False)
    challenge: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    stepped_up_at: Mapped[datetime | None]
    network: Mapped[str]
    user_agent: Mapped[str]


class ExternalIdentity(Identified, Base):
    """A member of staff as the organisation's identity provider knows them: its ``sub`` never changes, an address
    may be given to somebody else."""

    __tablename__ = "external_identity"
    __table_args__ = (UniqueConstraint("issuer", "subject_index"),)

    issuer: Mapped[str]
    subject_index: Mapped[bytes] = mapped_column(LargeBinary)
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    used_at: Mapped[datetime] = mapped_column(default=now)


class SignInFailure(Identified, Base):
    """A failed sign-in, counted per account and per network for the lockout."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (Index(None, "account_index", "at"), Index(None, "network", "at"))

    account_index: Mapped[bytes] = mapped_column(LargeBinary)
    network: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)


class MailedToken(Identified, Base):
    """A single-use link by mail: an invitation (no agent yet) or a password reset."""

    __tablename__ = "mailed_token"

    kind: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"), index=True)
    email: Mapped[str] = mapped_column(Encrypted("mailed_token.email"))
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    invited_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class OutgoingMail(Identified, Base):
    """A mail that waits for its job: sealed, because it may hold a link that opens something. Deleted once it is
    sent; in a demo it is kept instead (``kept_at``), to be read at /demo/mail."""

    __tablename__ = "outgoing_mail"

    to: Mapped[str] = mapped_column(Encrypted("outgoing_mail.to"))
    subject: Mapped[str] = mapped_column(Encrypted("outgoing_mail.subject"))
    text: Mapped[str] = mapped_column(Encrypted("outgoing_mail.text"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    kept_at: Mapped[datetime | None]


class OutgoingText(Identified, Base):
    """A text message to a telephone that waits for its job. Deleted once it is sent or too old to be of use."""

    __tablename__ = "outgoing_text"

    to: Mapped[str] = mapped_column(Encrypted("outgoing_text.to"))
    text: Mapped[str] = mapped_column(Encrypted("outgoing_text.text"))
    created_at: Mapped[datetime] = mapped_column(default=now)


class Process(Identified, Base):
    """A running process of the application; one whose beat is older than 15 s counts as dead. ``keys`` is the
    generation of keys it seals with: an older one is not retired while somebody uses it."""

    __tablename__ = "process"

    kind: Mapped[str]
    keys: Mapped[int] = mapped_column(default=0, server_default="0")
    started_at: Mapped[datetime] = mapped_column(default=now)
    beat_at: Mapped[datetime] = mapped_column(default=now)


class ConsoleSocket(Identified, Base):
    """An agent's open console, on one process. An agent with none that lives is offline."""

    __tablename__ = "console_socket"

    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"), index=True)
    process_id: Mapped[UUID] = mapped_column(ForeignKey("process.id", ondelete="CASCADE"), index=True)
    opened_at: Mapped[datetime] = mapped_column(default=now)


class Presence(Base):
    """What the agent chose (online, away) and what is true (``state``: online, away, offline), since when.

    ``idle_since`` is the last time they were given or finished work: the longest idle is asked first.
    """

    __tablename__ = "presence"

    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"), primary_key=True)
    chosen: Mapped[str] = mapped_column(default="away")
    state: Mapped[str] = mapped_column(default="offline", index=True)
    since: Mapped[datetime] = mapped_column(default=now)
    idle_since: Mapped[datetime] = mapped_column(default=now)
