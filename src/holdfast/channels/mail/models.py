"""Mailboxes, the letters that came, the conversations that are held by letter, and what waits to be sent."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from holdfast.access.customer_values import customers_bytes, customers_text, sealed_for
from holdfast.access.encrypted import CustomersOwn, Encrypted
from holdfast.core.clock import now
from holdfast.core.database import Base, Identified


class Mailbox(Identified, Base):
    """An address of ours, in one language. ``way`` is imap (we fetch) or lmtp (a server of the house delivers).

    ``security`` is tls, starttls or clear (this machine only). ``authserv`` names the server whose words on DMARC are
    believed. ``uid_validity`` and ``uid`` say how far the folder was read. ``succeeded_at`` is the last time that we
    know it to work; ``failure`` is a stable word for why it does not. ``held_until``: a worker fetches from it.
    """

    __tablename__ = "mailbox"

    address: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    language: Mapped[str] = mapped_column(default="en")
    inbox_id: Mapped[UUID] = mapped_column(ForeignKey("inbox.id"))
    way: Mapped[str]
    host: Mapped[str] = mapped_column(default="")
    port: Mapped[int] = mapped_column(default=993)
    security: Mapped[str] = mapped_column(default="tls")
    username: Mapped[str] = mapped_column(default="")
    password: Mapped[str | None] = mapped_column(Encrypted("mailbox.password"))
    folder: Mapped[str] = mapped_column(default="INBOX")
    deletes: Mapped[bool] = mapped_column(default=False)
    authserv: Mapped[str] = mapped_column(default="")
    dkim_selector: Mapped[str] = mapped_column(default="holdfast")
    dkim_key: Mapped[str | None] = mapped_column(Encrypted("mailbox.dkim_key"))
    active: Mapped[bool] = mapped_column(default=True)
    uid_validity: Mapped[int | None] = mapped_column(BigInteger)
    uid: Mapped[int] = mapped_column(BigInteger, default=0)
    succeeded_at: Mapped[datetime] = mapped_column(default=now)
    failure: Mapped[str | None]
    alarmed_at: Mapped[datetime | None]
    held_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


@sealed_for("customer_id")
class StoredLetter(Identified, Base):
    """One letter, in exactly one place. ``key`` is a keyed hash of what its sender wrote: the same letter that comes
    twice, by whatever way, is one. ``state`` is taken (an entry of a conversation), quarantined, admitted, discarded
    or bounce.

    ``sealed``: what a quarantined letter says, under a key of its own, named by ``id``, outside the database. ``raw``
    is its head and texts in the file store, without its files, and its cleaned HTML (``screening.kept_raw``), once it
    belongs to a customer; '' when nothing is kept. ``checks`` is what our own server found: ``spf=pass dkim=fail``.
    """

    __tablename__ = "letter"
    __table_args__ = (
        UniqueConstraint("key"),
        Index(None, "conversation_id"),
        Index(None, "came_at"),
        Index(None, "sender_index", "came_at"),
        Index("ix_letter_quarantined", "came_at", postgresql_where=text("state = 'quarantined'")),
    )

    key: Mapped[bytes] = mapped_column(LargeBinary)
    mailbox_id: Mapped[UUID] = mapped_column(ForeignKey("mailbox.id"))
    state: Mapped[str]
    why: Mapped[str] = mapped_column(default="")
    checks: Mapped[str] = mapped_column(default="")
    size: Mapped[int]
    came_at: Mapped[datetime] = mapped_column(default=now)
    sender_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customer.id"), index=True)
    conversation_id: Mapped[UUID | None] = mapped_column(ForeignKey("conversation.id"))
    seq: Mapped[int | None]
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    raw: Mapped[str] = mapped_column(default="")
    raw_key_sealed: Mapped[bytes | None] = mapped_column("raw_key", CustomersOwn("letter.raw_key"))
    raw_key = customers_bytes("raw_key_sealed")
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    decided_at: Mapped[datetime | None]


@sealed_for("customer_id")
class MailThread(Base):
    """A conversation that is held by letter: from which mailbox, to whom, under which subject, up to which entry what
    our people wrote was put into letters or read in the chat (``seq``), and up to which it was looked at (``noted``).
    ``active``: answers go there; the customer may have switched it off."""

    __tablename__ = "mail_thread"

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    mailbox_id: Mapped[UUID] = mapped_column(ForeignKey("mailbox.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    address_sealed: Mapped[bytes] = mapped_column("address", CustomersOwn("mail_thread.address"))
    address = customers_text("address_sealed")
    subject_sealed: Mapped[bytes] = mapped_column("subject", CustomersOwn("mail_thread.subject"))
    subject = customers_text("subject_sealed")
    last_id_sealed: Mapped[bytes] = mapped_column("last_id", CustomersOwn("mail_thread.last_id"))
    last_id = customers_text("last_id_sealed")
    seq: Mapped[int] = mapped_column(default=0)
    noted: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)


@sealed_for("customer_id")
class AddressAsked(Identified, Base):
    """A customer gave an address (or a stranger wrote from it), and a letter with a link and a code went there: until
    one of them comes back nothing of the conversation is sent to it. ``tries`` are wrong codes."""

    __tablename__ = "address_asked"
    __table_args__ = (UniqueConstraint("conversation_id", "number"),)

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    number: Mapped[int]
    mailbox_id: Mapped[UUID] = mapped_column(ForeignKey("mailbox.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    address_sealed: Mapped[bytes] = mapped_column("address", CustomersOwn("address_asked.address"))
    address = customers_text("address_sealed")
    tries: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime] = mapped_column(default=now)
    confirmed_at: Mapped[datetime | None]


class SentLetter(Identified, Base):
    """A letter of ours: what our people said from ``first`` up to ``seq``, a receipt (``kind``), whose entry is the
    customer's, or a confirmation, whose ``seq`` is the number of an AddressAsked. Its words are made when it is sent,
    from what the entries hold then. ``state`` is waiting, sent, kept (a demo), failed, bounced, seen (read in the chat
    before it went) or dropped (nothing to say any more). ``tried_at`` stands while it is not known what came of an
    attempt; ``reply`` is the server's code; ``to_hash`` says where it goes, and counts what we send of ourselves to one
    address (``entering.recipient``).
    """

    __tablename__ = "sent_letter"
    __table_args__ = (
        UniqueConstraint("conversation_id", "seq", "kind"),
        Index("ix_sent_letter_waiting", "next_at", postgresql_where=text("state = 'waiting'")),
        Index(None, "to_hash", "created_at"),
    )

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    first: Mapped[int]
    seq: Mapped[int]
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(default=now)
    tried_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    reply: Mapped[int | None]
    to_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(default=now)
