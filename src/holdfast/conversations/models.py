"""A conversation: one matter of one customer, its timeline, its episodes, and where it stands."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, UniqueConstraint, false, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from holdfast.access.customer_values import customers_bytes, customers_text, sealed_for
from holdfast.access.encrypted import CustomersOwn, Encrypted
from holdfast.core.clock import now
from holdfast.core.database import Base, Identified

# What a worker has to do: read a picture, or destroy one that shows a secret.
TO_READ = "state = 'reading' OR (state = 'secret' AND key <> '')"


class Inbox(Identified, Base):
    """A way in for one wallet app: who may embed it, and the secret its back end signs identities with."""

    __tablename__ = "inbox"

    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    identity_secret: Mapped[str | None] = mapped_column(Encrypted("inbox.identity_secret"))
    allowed_origins: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    languages: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    queue_id: Mapped[UUID] = mapped_column(ForeignKey("queue.id"))
    emergency_queue_id: Mapped[UUID] = mapped_column(ForeignKey("queue.id"))


class Queue(Identified, Base):
    """Where a conversation waits: the skill it needs, and what is promised. Times are seconds."""

    __tablename__ = "queue"

    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    skill: Mapped[str] = mapped_column(default="general")
    emergency: Mapped[bool] = mapped_column(default=False)
    answer_seconds: Mapped[int] = mapped_column(default=900)
    offer_seconds: Mapped[int] = mapped_column(default=60)


class Topic(Identified, Base):
    """What it is about; may need a skill of its own."""

    __tablename__ = "topic"

    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    skill: Mapped[str | None]


class Conversation(Identified, Base):
    """One matter of one customer.

    ``seq`` numbers the timeline and is taken under this row's lock. ``version`` counts every change of the row,
    so that a client can drop an older picture. ``category`` is open or resolved; an open one whose
    ``waiting_since`` is null waits for its customer. While the customer waits, ``next_due`` is the promised instant.
    """

    __tablename__ = "conversation"
    __table_args__ = (
        Index("ix_conversation_assigned", "assignee_id", postgresql_where=text("category <> 'resolved'")),
        Index(
            "ix_conversation_queued",
            "queue_id",
            postgresql_where=text("category = 'open' AND assignee_id IS NULL"),
        ),
        Index("ix_conversation_customer", "customer_id", "opened_at"),
        Index("ix_conversation_resolved", "resolved_at", postgresql_where=text("category = 'resolved'")),
        # Follow-ups touch no indexed column: with free space on the page their updates stay heap-only (HOT).
        {"postgresql_with": {"fillfactor": 50}},
    )

    reference: Mapped[str] = mapped_column(unique=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    inbox_id: Mapped[UUID] = mapped_column(ForeignKey("inbox.id"))
    channel: Mapped[str] = mapped_column(default="chat")
    queue_id: Mapped[UUID] = mapped_column(ForeignKey("queue.id"))
    topic_id: Mapped[UUID | None] = mapped_column(ForeignKey("topic.id"))
    language: Mapped[str]
    category: Mapped[str] = mapped_column(default="open")
    priority: Mapped[int] = mapped_column(default=1)
    emergency: Mapped[bool] = mapped_column(default=False)
    assignee_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    preferred_agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    episode: Mapped[int] = mapped_column(default=1)
    seq: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(BigInteger, default=1)
    preview: Mapped[str] = mapped_column(default="")
    last_from: Mapped[str] = mapped_column(default="customer")
    last_at: Mapped[datetime] = mapped_column(default=now)
    waiting_since: Mapped[datetime | None]
    next_due: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answer_seconds: Mapped[int] = mapped_column(default=900)
    customer_read: Mapped[int] = mapped_column(default=0)
    agent_read: Mapped[int] = mapped_column(default=0)
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    # The highest level that is proven, and until when; kept by ``verification``.
    verification: Mapped[int] = mapped_column(default=0, server_default="0")
    verified_until: Mapped[datetime | None]
    opened_at: Mapped[datetime] = mapped_column(default=now)
    resolved_at: Mapped[datetime | None]


class Message(Base):
    """One entry of the timeline: a public message, an internal note, what was spoken in a call (``spoken``), or a
    system line (``event``).

    ``(source, source_id)`` is where it came from; it is unique, so that a retry is harmless. For chat the source id
    is the conversation's id followed by the client's message key (32 bytes): beside each other in the index.
    """

    __tablename__ = "message"
    __table_args__ = (UniqueConstraint("source", "source_id"),)

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    author: Mapped[str]
    author_id: Mapped[UUID | None]
    body: Mapped[str]
    source: Mapped[str | None]
    source_id: Mapped[bytes | None] = mapped_column(LargeBinary)
    event: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(default=now)


class Fragment(Identified, Base):
    """What of a message is sealed under a key of its own, which is named by ``id`` and kept outside the database.

    ``why`` is fragment (the whole message may be a piece of a recovery phrase) or ambiguous (something in it may be a
    secret). The row goes when it is decided, and the key with it.
    """

    __tablename__ = "fragment"
    __table_args__ = (Index(None, "conversation_id", "seq"),)

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    seq: Mapped[int]
    why: Mapped[str]
    author: Mapped[str]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(default=now)


class Exposure(Identified, Base):
    """That a secret was found, never what it was. ``place`` is message, messages (in pieces), note, speech or
    attachment; ``word_count`` is that of a phrase; ``author`` is customer or agent."""

    __tablename__ = "exposure"
    __table_args__ = (Index(None, "customer_id", "at"), Index(None, "conversation_id"))

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    seq: Mapped[int | None]
    kind: Mapped[str]
    word_count: Mapped[int]
    certainty: Mapped[str]
    place: Mapped[str]
    author: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)


class Episode(Base):
    """From open to resolved; a reopening starts the next one."""

    __tablename__ = "episode"

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    opened_at: Mapped[datetime] = mapped_column(default=now)
    opened_seq: Mapped[int]
    answered_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    resolved_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))


class Rating(Identified, Base):
    """What the customer said of one episode; append-only. ``solved`` is yes, partly or no."""

    __tablename__ = "rating"
    __table_args__ = (UniqueConstraint("conversation_id", "episode", "key"),)

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    episode: Mapped[int]
    key: Mapped[UUID]
    solved: Mapped[str]
    words: Mapped[str] = mapped_column(default="")
    agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    at: Mapped[datetime] = mapped_column(default=now)


@sealed_for("customer_id")
class Attachment(Identified, Base):
    """An uploaded file; belongs to a message once ``seq`` is set. Its bytes are in the file store under ``key``, sealed
    with ``file_key``, which is sealed with the key of the conversation's customer, as its name is. ``sealed`` is false
    for a plain file of the first version, until the job has sealed it.

    ``state`` is reading, clear, unread or secret: see ``pictures.py``; ``key`` is empty once a secret was destroyed.
    ``held_until``: its message is for later.
    """

    __tablename__ = "attachment"
    __table_args__ = (
        Index(None, "conversation_id", "seq"),
        Index("ix_attachment_to_read", "id", postgresql_where=text(TO_READ)),
    )

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customer.id"), index=True)
    seq: Mapped[int | None]
    uploader: Mapped[str]
    uploader_id: Mapped[UUID]
    name_sealed: Mapped[bytes] = mapped_column("name", CustomersOwn("attachment.name"))
    name = customers_text("name_sealed")
    file_key_sealed: Mapped[bytes | None] = mapped_column("file_key", CustomersOwn("attachment.file_key"))
    file_key = customers_bytes("file_key_sealed")
    sealed: Mapped[bool] = mapped_column(default=False, server_default=false())
    media_type: Mapped[str]
    size: Mapped[int]
    width: Mapped[int | None]
    height: Mapped[int | None]
    key: Mapped[str]
    state: Mapped[str] = mapped_column(default="clear", server_default="clear")
    held_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)


class CustomerPresence(Base):
    """That a web process holds (``here``) or held a socket of the conversation's customer; ``seen_at`` is when that
    changed. A process that died is none: whoever has no living process is not here (``presences.py``)."""

    __tablename__ = "customer_presence"

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    process_id: Mapped[UUID] = mapped_column(primary_key=True)
    here: Mapped[bool]
    seen_at: Mapped[datetime] = mapped_column(default=now)


class ConversationToken(Identified, Base):
    """Opens one conversation, and nothing else, to the customer who holds it."""

    __tablename__ = "conversation_token"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
