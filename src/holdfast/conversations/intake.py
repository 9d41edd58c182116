"""Before a word is stored, logged or sent on: it is measured and redacted. Every way in comes through here."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from holdfast.conversations.errors import EmptyMessage, MessageTooLong
from holdfast.redaction import redact

# Characters of one message; a longer text is a file.
LIMIT = 8_000


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """A message as a channel hands it over, already redacted.

    ``source`` and ``source_id`` say where it came from and make a retry harmless; for chat see ``chat_source``.
    ``event`` is null, or says what was hidden: ``{"red": [{"kind", "count"}]}``.
    """

    source: str
    source_id: bytes
    author: str
    author_id: UUID
    body: str
    event: dict[str, Any] | None = None
    attachments: tuple[UUID, ...] = ()
    kind: str = "public"


def clean(text: str, *, may_be_empty: bool = False) -> tuple[str, dict[str, Any] | None]:
    """The text as it may be stored, and what was hidden in it. Raises EmptyMessage, MessageTooLong."""
    if len(text) > LIMIT:
        raise MessageTooLong(length=len(text), limit=LIMIT)
    # NUL cannot be stored by PostgreSQL; a lone surrogate cannot be encoded at all.
    text = text.replace("\0", "").encode("utf-8", "replace").decode()
    if not text.strip() and not may_be_empty:
        raise EmptyMessage
    redaction = redact(text)
    if not redaction.findings:
        return text, None
    return redaction.text, {"red": [{"kind": f.kind, "count": f.words} for f in redaction.findings]}


def chat_source(conversation_id: UUID, key: UUID) -> bytes:
    """The source id of a chat message: the conversation, then the client's key. A key is only unique within its
    conversation, so nobody can block another's; and a conversation's entries lie together in the index."""
    return conversation_id.bytes + key.bytes


def chat_key(source: str | None, source_id: bytes | None) -> UUID | None:
    """The client's key of a stored chat message, or None."""
    return UUID(bytes=source_id[16:]) if source == "chat" and source_id and len(source_id) == 32 else None
