"""Before a word is stored, logged or sent on: it is measured and redacted. Every way in comes through here."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from holdfast.conversations.errors import EmptyMessage, MessageTooLong
from holdfast.redaction import Finding, join, marker, may_be_piece, redact

# Characters of one message; a longer text is a file.
LIMIT = 8_000
# Characters of a message that lists show.
PREVIEW = 140
Why = Literal["fragment", "ambiguous"]


@dataclass(frozen=True, slots=True)
class Seal:
    """``text`` is kept under a key of its own. ``fragment``: the whole message, which may be a piece of a phrase and is
    shown as usual until it is known. ``ambiguous``: the message with what may be a secret, shown only on request."""

    why: Why
    text: str


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """A message as a channel hands it over, already redacted.

    ``source`` and ``source_id`` say where it came from and make a retry harmless; for chat see ``chat_source``.
    ``event`` is null, or says what was hidden: ``{"red": [{"kind", "count", "certainty"}]}``. ``at``: when it reached
    us, if that is not now; never before the conversation's last entry.
    """

    source: str
    source_id: bytes
    author: str
    author_id: UUID
    body: str
    event: dict[str, Any] | None = None
    attachments: tuple[UUID, ...] = ()
    kind: str = "public"
    seal: Seal | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A text as it may be stored: ``body``, what was hidden (``event``), and what is kept apart (``seal``)."""

    body: str
    event: dict[str, Any] | None = None
    seal: Seal | None = None

    @property
    def may_go_on(self) -> bool:
        """Whether more of a phrase may follow in the next messages."""
        if self.seal is not None and self.seal.why == "fragment":
            return True
        return any(red["kind"] == "recovery_phrase" for red in (self.event or {}).get("red", ()))


def take(text: str, *, may_be_empty: bool = False, running: bool = False) -> Taken:
    """A message's text; ``running`` says that pieces of a phrase were written in this conversation just now.

    Raises EmptyMessage, MessageTooLong.
    """
    text = _storable(text, may_be_empty=may_be_empty)
    taken = hide(text)
    if taken.seal is None and may_be_piece(taken.body, running=running):
        return replace(taken, body="", seal=Seal("fragment", taken.body))
    return taken


def clean(text: str, *, may_be_empty: bool = False) -> tuple[str, dict[str, Any] | None]:
    """A text that is no message, as it may be stored, and what was hidden in it. Raises EmptyMessage,
    MessageTooLong."""
    taken = hide(_storable(text, may_be_empty=may_be_empty))
    return taken.body, taken.event


def clean_together(*texts: str, may_be_empty: bool = False) -> tuple[list[str], dict[str, Any] | None]:
    """As ``clean``, for texts that stand side by side: a phrase that begins in one and goes on in another is hidden in
    both."""
    cleaned = [clean(text, may_be_empty=may_be_empty) for text in texts]
    bodies = [body for body, _ in cleaned]
    red = [one for _, event in cleaned if event for one in event["red"]]
    if any(map(may_be_piece, bodies)) and (joined := join(bodies)) is not None:
        for place in joined.pieces:
            bodies[place] = f"[⛔ {joined.kind}·{joined.words}]"
        red.append({"kind": joined.kind, "count": joined.words, "certainty": joined.certainty})
    return bodies, {"red": red} if red else None


def hide(text: str, known_addresses: AbstractSet[str] = frozenset()) -> Taken:
    """The text without secrets. What is ambiguous is hidden too, and kept apart."""
    redaction = redact(text, frozenset(known_addresses))
    findings = redaction.findings
    if not findings:
        return Taken(text)
    event = {"red": [{"kind": f.kind, "count": f.words, "certainty": f.certainty} for f in findings]}
    if any(f.certainty == "ambiguous" for f in findings):
        return Taken(redaction.text, event, Seal("ambiguous", _with_ambiguous(text, findings)))
    return Taken(redaction.text, event)


def _with_ambiguous(text: str, findings: tuple[Finding, ...]) -> str:
    """The text with only what is known to be a secret replaced."""
    for finding in reversed(findings):
        if finding.certainty != "ambiguous":
            text = text[: finding.start] + marker(finding) + text[finding.end :]
    return text


def _storable(text: str, *, may_be_empty: bool) -> str:
    if len(text) > LIMIT:
        raise MessageTooLong(length=len(text), limit=LIMIT)
    # NUL cannot be stored by PostgreSQL; a lone surrogate cannot be encoded at all.
    text = text.replace("\0", "").encode("utf-8", "replace").decode()
    if not text.strip() and not may_be_empty:
        raise EmptyMessage
    return text


def chat_source(conversation_id: UUID, key: UUID) -> bytes:
    """The source id of a chat message: the conversation, then the client's key. A key is only unique within its
    conversation, so nobody can block another's; and a conversation's entries lie together in the index."""
    return conversation_id.bytes + key.bytes


def chat_key(source: str | None, source_id: bytes | None) -> UUID | None:
    """The client's key of a stored chat message, or None."""
    return UUID(bytes=source_id[16:]) if source == "chat" and source_id and len(source_id) == 32 else None
