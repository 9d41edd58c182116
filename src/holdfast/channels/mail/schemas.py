"""Mailboxes and letters on the wire."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from holdfast.people.schemas import Name

Way = Literal["imap", "lmtp"]
Security = Literal["tls", "starttls", "clear"]
Port = Annotated[int, Meta(ge=1, le=65535)]
Short = Annotated[str, Meta(max_length=254)]
Secret = Annotated[str, Meta(min_length=1, max_length=500)]


class MailboxInput(Struct, frozen=True):
    """``inbox`` is the key of the inbox whose queues its letters wait in; ``authserv`` names the mail server whose
    words on DMARC are believed."""

    address: Short
    name: Name
    way: Way
    inbox: Short
    language: Annotated[str, Meta(max_length=20)] = "en"
    host: Short = ""
    port: Port = 993
    security: Security = "tls"
    username: Short = ""
    password: Secret | None = None
    folder: Short = "INBOX"
    deletes: bool = False
    authserv: Short = ""
    dkim_selector: Annotated[str, Meta(max_length=42)] = "holdfast"


class MailboxChanges(Struct, frozen=True):
    """What is null stays as it is."""

    name: Name | None = None
    language: Annotated[str, Meta(max_length=20)] | None = None
    host: Short | None = None
    port: Port | None = None
    security: Security | None = None
    username: Short | None = None
    password: Secret | None = None
    folder: Short | None = None
    deletes: bool | None = None
    authserv: Short | None = None
    active: bool | None = None
    dkim_selector: Annotated[str, Meta(max_length=42)] | None = None


class MailboxView(Struct, frozen=True):
    """``state`` is ok, silent (it has not worked for five minutes) or off; ``failure``: connection, sign_in, tls,
    folder or protocol. ``taken``, ``quarantined``: letters of the last day, and those that wait."""

    id: UUID
    address: str
    name: str
    language: str
    way: Way
    host: str
    port: int
    security: Security
    username: str
    folder: str
    deletes: bool
    authserv: str
    active: bool
    state: Literal["ok", "silent", "off"]
    failure: str | None
    succeeded_at: datetime
    taken: int
    quarantined: int
    dkim_selector: str
    dkim_record: str


class MailboxTried(Struct, frozen=True):
    """``failure``: connection, sign_in, tls, folder or protocol, or listener (nothing listens for it); null:
    it works."""

    failure: str | None


class OutgoingView(Struct, frozen=True):
    """``possible``: a server to send over is configured. Numbers are of the last day, ``waiting`` of all."""

    possible: bool
    waiting: int
    sent: int
    failed: int
    bounced: int


class TroubleView(Struct, frozen=True):
    """A letter of ours that did not go or came back; ``reply`` is the server's code."""

    reference: str
    kind: str
    state: str
    attempts: int
    reply: int | None
    created_at: datetime
    next_at: datetime | None


class MailHealth(Struct, frozen=True):
    mailboxes: list[MailboxView]
    outgoing: OutgoingView
    troubles: list[TroubleView]


class QuarantinedView(Struct, frozen=True):
    """``checks`` is what our own server found, such as ``spf=pass dkim=fail``. ``why``: a stable word (stranger,
    false_thread, number_in_subject, pretends, forged, automatic, list, bounce, loop, flood, no_sender, unreadable)."""

    id: UUID
    mailbox: str
    why: str
    came_at: datetime
    size: int
    checks: str


class QuarantineCount(Struct, frozen=True):
    """How many letters wait to be decided."""

    waiting: int


class LetterFileView(Struct, frozen=True):
    name: str
    media_type: str
    size: int


class LetterView(Struct, frozen=True):
    """What a quarantined letter says, redacted; its sender masked as a contact point is. ``answerable``: it can be
    admitted."""

    id: UUID
    why: str
    sender: str
    sender_name: str
    subject: str
    text: str
    files: list[LetterFileView]
    left_out: int
    answerable: bool


class AnswerByLetter(Struct, frozen=True):
    """What our people said from ``first`` to ``seq`` went, or goes, as one letter; ``state`` as of a sent letter."""

    first: int
    seq: int
    state: str
    sent_at: datetime | None


class CameByLetter(Struct, frozen=True):
    """The entry that a letter is; ``checks`` is what our own server found of its sender, ``kept``: more of it can be
    opened."""

    seq: int
    checks: str
    kept: bool


class LetterHtml(Struct, frozen=True):
    """The letter as it was laid out, cleaned: no scripts, no pictures, nothing that is fetched. Empty: it had none."""

    html: str


class LetterRaw(Struct, frozen=True):
    """Head and texts as they came; the sender's address is masked as everywhere."""

    raw: str


class OpenRaw(Struct, frozen=True):
    """``purpose`` is a key of the catalogue."""

    purpose: Annotated[str, Meta(max_length=40)]


class WaysView(Struct, frozen=True):
    """How a conversation's customer is reached: whether they are in the chat (``here``), or since when not; by what way
    they are there now; whether answers go by letter (``mail``: none, asked, on, off, bounced), where (masked), and when
    the one that waits goes."""

    here: bool
    seen_at: datetime | None
    now: Literal["chat", "email"]
    mail: Literal["none", "asked", "on", "off", "bounced"]
    address: str
    goes_at: datetime | None
    letters: list[AnswerByLetter]
    came: list[CameByLetter]


class Admitted(Struct, frozen=True):
    conversation_id: UUID
