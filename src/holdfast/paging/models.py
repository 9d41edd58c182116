"""Rotas and policies, people's contact methods, pages with what became of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from holdfast.access.encrypted import Encrypted
from holdfast.core.clock import now
from holdfast.core.database import Base, Identified


class RotaRow(Identified, Base):
    """A rota; ``layers`` as ``schemas.LayerView`` has them, the last one goes first."""

    __tablename__ = "rota"

    name: Mapped[str] = mapped_column(unique=True)
    layers: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    changed_by_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    changed_at: Mapped[datetime] = mapped_column(default=now)


class RotaOverride(Identified, Base):
    """Somebody instead of whoever the layers say."""

    __tablename__ = "rota_override"
    __table_args__ = (Index(None, "rota_id", "ends_at"),)

    rota_id: Mapped[UUID] = mapped_column(ForeignKey("rota.id", ondelete="CASCADE"))
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    made_by_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    made_at: Mapped[datetime] = mapped_column(default=now)


class PagingPolicy(Base):
    """Whom a duty's pages go to: ``steps`` as ``schemas.PolicyStep`` has them."""

    __tablename__ = "paging_policy"

    duty: Mapped[str] = mapped_column(primary_key=True)
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    changed_by_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    changed_at: Mapped[datetime] = mapped_column(default=now)


class PagingWarning(Base):
    """When the leads were last told that a duty has nobody at some hour."""

    __tablename__ = "paging_warning"

    duty: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class PagingProvider(Identified, Base):
    """The organisation's account that carries texts, calls or Telegram, as an address of apprise."""

    __tablename__ = "paging_provider"

    kind: Mapped[str] = mapped_column(unique=True)
    url: Mapped[str] = mapped_column(Encrypted("paging_provider.url"))
    changed_by_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    changed_at: Mapped[datetime] = mapped_column(default=now)


class PushKey(Identified, Base):
    """The one key that this installation signs its web pushes with: a browser takes them from nobody else."""

    __tablename__ = "push_key"

    private: Mapped[str] = mapped_column(Encrypted("push_key.private"))
    made_at: Mapped[datetime] = mapped_column(default=now)


class ContactMethod(Identified, Base):
    """A person's own way to be told. Pages use it once ``confirmed_at`` is set, ``after_minutes`` after they were told.

    While ``code`` is there it waits to be confirmed. ``answered_at``: a page that came this way was acknowledged by its
    link. ``failing_since``: nothing arrived since. ``secret`` belongs to the address: a topic's access token, or a
    browser's keys.
    """

    __tablename__ = "contact_method"

    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"), index=True)
    kind: Mapped[str]
    address: Mapped[str] = mapped_column(Encrypted("contact_method.address"))
    secret: Mapped[str | None] = mapped_column(Encrypted("contact_method.secret"))
    after_minutes: Mapped[int] = mapped_column(default=0)
    code: Mapped[str | None] = mapped_column(Encrypted("contact_method.code"))
    code_until: Mapped[datetime | None]
    code_tries: Mapped[int] = mapped_column(default=0)
    confirmed_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)


class Page(Identified, Base):
    """Something that somebody must look at. ``about`` is what it is about, for one open page at a time; ``reference``
    the public one of a conversation. ``agent_id``: a test, for this person alone. State, ``step``, ``round`` and
    ``due`` are ``climbing.Progress``; ``until`` is when ``holder_id`` has it no longer."""

    __tablename__ = "page"
    __table_args__ = (
        Index("uq_page_open_about", "about", unique=True, postgresql_where=text("state <> 'resolved'")),
        Index(None, "raised_at"),
    )

    kind: Mapped[str]
    duty: Mapped[str | None]
    agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    about: Mapped[str]
    reference: Mapped[str | None]
    state: Mapped[str]
    step: Mapped[int] = mapped_column(default=0)
    round: Mapped[int] = mapped_column(default=0)
    due: Mapped[datetime | None]
    holder_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    until: Mapped[datetime | None]
    raised_at: Mapped[datetime] = mapped_column(default=now)
    resolved_at: Mapped[datetime | None]


class PageEvent(Base):
    """A line of a page's log: raised, told, passed_over, nobody, unreachable, acknowledged, reopened, resolved,
    unanswered.

    ``via`` is how somebody acted (console, link), how the system did, or what somebody who was passed over lacks.
    """

    __tablename__ = "page_event"
    __table_args__ = (Index(None, "page_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    page_id: Mapped[UUID] = mapped_column(ForeignKey("page.id", ondelete="CASCADE"))
    kind: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)
    agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    step: Mapped[int | None]
    round: Mapped[int | None]
    until: Mapped[datetime | None]
    via: Mapped[str | None]


class PageDelivery(Identified, Base):
    """One page (or, without one, a method's code) by one method; without a method: to the account's own address.

    ``state`` is waiting, sent, failed (given up) or spared (somebody had it before it was sent). ``held_until``: a
    courier sends it now. ``reason`` is a word of core/outgoing.py or sending.py.
    """

    __tablename__ = "page_delivery"
    __table_args__ = (
        Index(None, "page_id", "step", "round"),
        Index("ix_page_delivery_waiting", "next_at", postgresql_where=text("state = 'waiting'")),
    )

    page_id: Mapped[UUID | None] = mapped_column(ForeignKey("page.id", ondelete="CASCADE"))
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    method_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact_method.id", ondelete="SET NULL"), index=True)
    kind: Mapped[str]
    step: Mapped[int] = mapped_column(default=0)
    round: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime] = mapped_column(default=now)
    next_at: Mapped[datetime] = mapped_column(default=now)
    held_until: Mapped[datetime | None]
    tried_at: Mapped[datetime | None]
    reason: Mapped[str | None]
