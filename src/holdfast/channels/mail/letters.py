"""A letter as it came, taken apart: who, about what, its own words, its files. Pure.

Never trusts what the letter says of itself, never fails but by Unreadable, and reads at most MOST_PARTS parts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses

from holdfast.channels.mail import calendars, html_text, quotes
from holdfast.channels.mail.addresses import on_the_wire
from holdfast.channels.mail.charsets import decode, header
from holdfast.channels.mail.natures import Bounce, Nature, bounce, nature

# Parts of one letter, and how deep they may lie in one another.
MOST_PARTS, DEEPEST = 200, 40
# Characters of a text that are looked at, of a subject, a name, an address.
LONGEST = 400_000
_SUBJECT, _NAME, _ADDRESS = 300, 200, 254
_ID = re.compile(r"<([^<>\s]{3,400})>")
_MOST_IDS = 40
# Of the raw head only these lines are kept: signatures and identifiers look like keys, and nobody reads them.
_KEPT_HEADERS = frozenset(
    ("from", "sender", "to", "cc", "reply-to", "subject", "date", "return-path", "auto-submitted", "precedence",
     "list-id", "authentication-results", "received-spf", "user-agent", "x-mailer", "content-type",
     "content-disposition", "content-transfer-encoding", "mime-version")
)  # fmt: skip
# No white space and no control characters: what is shown and compared is what was written.
_ONE_ADDRESS = re.compile(r"^[^\s@<>(),;:\"\\]{1,64}@(?:[\w-]{1,63}\.)+[\w-]{2,63}$")


class Unreadable(ValueError):
    """This is no letter that anybody could read."""


@dataclass(frozen=True, slots=True)
class File:
    """What came with a letter. ``data`` of a text is UTF-8 whatever it was; ``inline``: a picture of the text."""

    name: str
    media_type: str
    data: bytes
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """``sender`` is the address of From in lower case, empty if there is none or more than one; ``recipients`` are all
    addresses that it names as its receivers; ``references`` our and others' Message-IDs, the latest first, without
    brackets. ``skeleton`` is its head and its texts without its files, ``searched`` every text in that."""

    sender: str
    sender_name: str
    recipients: tuple[str, ...]
    subject: str
    message_id: str
    references: tuple[str, ...]
    nature: Nature
    bounce: Bounce | None
    results: tuple[str, ...]
    words: str
    signature: str
    quoted: str
    html: str
    files: tuple[File, ...]
    searched: tuple[str, ...]
    skeleton: bytes


@dataclass(slots=True)
class _Found:
    plain: list[str]
    html: list[str]
    files: list[File]
    searched: list[str]
    skeleton: list[bytes]


def parse(raw: bytes) -> Letter:
    """Raises Unreadable."""
    try:
        message = message_from_bytes(raw, policy=compat32)
        head = _headers(message)
        if not head:
            raise Unreadable("no headers")
        found = _Found([], [], [], [], [])
        for number, (part, depth) in enumerate(_parts(message)):
            if number >= MOST_PARTS or depth > DEEPEST:
                raise Unreadable("too many parts")
            _take(part, found)
    except (RecursionError, LookupError, ValueError, TypeError, AttributeError, AssertionError) as error:
        # What the standard library raises for hostile letters; none of them may become a fault of ours.
        raise Unreadable(type(error).__name__) from error
    sender, name = _sender(head)
    kind = nature(head, message, sender)
    html = "\n".join(found.html)
    text = "\n".join(found.plain)
    if not text.strip() and html:
        text = html_text.as_text(html)
    parts = quotes.split(text[:LONGEST])
    subject = header(" ".join(head.get("subject", ())[:1]))[:_SUBJECT]
    return Letter(
        sender=sender,
        sender_name=name,
        recipients=_recipients(head),
        subject=subject,
        message_id=next(iter(_ids(head, "message-id")), ""),
        references=_references(head),
        nature=kind,
        bounce=bounce(message) if kind == "bounce" else None,
        results=tuple(header(value)[:1000] for value in head.get("authentication-results", ())[:5]),
        words=parts.words,
        signature=parts.signature,
        quoted=parts.quoted,
        html=html_text.clean(html) if html else "",
        files=tuple(found.files),
        searched=(*_shown(head), text, *found.searched),
        skeleton=b"".join(found.skeleton),
    )


def _headers(message: Message) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in message.raw_items():
        found.setdefault(name.strip().lower(), []).append(str(value))
    return found


def _shown(head: dict[str, list[str]]) -> list[str]:
    return [header(value) for name in sorted(_KEPT_HEADERS) for value in head.get(name, ())]


def _sender(head: dict[str, list[str]]) -> tuple[str, str]:
    """Two senders are none: which of them would be answered?"""
    pairs = _addresses(head, "from")
    if len(pairs) != 1 or len(head.get("from", ())) != 1:
        return "", ""
    name, address = pairs[0]
    return address, name[:_NAME]


def _addresses(head: dict[str, list[str]], name: str) -> list[tuple[str, str]]:
    """Pairs of name and address. The line is taken apart before its encoded words are read: a comma or an address
    within one is part of a name. One that no answer can reach is none."""
    pairs = []
    for name_, written in getaddresses([re.sub(r"[\r\n]+", " ", value) for value in head.get(name, ())]):
        try:
            # Bytes that are not ASCII come as lone surrogates, which could not be stored.
            address = on_the_wire(written.strip().encode("utf-8", "surrogateescape").decode().lower())
        except UnicodeError:
            continue
        if _ONE_ADDRESS.match(address) and len(address) <= _ADDRESS:
            pairs.append((header(name_), address))
    return pairs


def _recipients(head: dict[str, list[str]]) -> tuple[str, ...]:
    names = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "resent-to")
    return tuple(dict.fromkeys(address for name in names for _, address in _addresses(head, name)))


def _ids(head: dict[str, list[str]], name: str) -> list[str]:
    # Some programmes write long identifiers as encoded words.
    return _ID.findall(header(" ".join(head.get(name, ()))))


def _references(head: dict[str, list[str]]) -> tuple[str, ...]:
    """The one that is answered first, then the thread from its end."""
    answered, thread = _ids(head, "in-reply-to"), _ids(head, "references")
    return tuple(dict.fromkeys([*answered, *reversed(thread)]))[:_MOST_IDS]


def _parts(message: Message, depth: int = 0) -> Iterator[tuple[Message, int]]:
    """Leaves and letters within letters, in order; a letter within is one part."""
    yield message, depth
    payload = message.get_payload()
    if message.get_content_maintype() == "multipart" and isinstance(payload, list):
        if depth > DEEPEST:
            raise Unreadable("too deep")
        for part in payload:
            if isinstance(part, Message):
                yield from _parts(part, depth + 1)


def _take(part: Message, found: _Found) -> None:
    lines = [f"{name}: {value}\n" for name, value in part.raw_items() if name.strip().lower() in _KEPT_HEADERS]
    found.skeleton.append("".join(lines).encode("utf-8", "surrogateescape") + b"\n")
    kind = part.get_content_type()
    if part.get_content_maintype() == "multipart":
        if not isinstance(part.get_payload(), list):
            # A multipart without parts: its boundary is broken, its text is all there is.
            _text(part, "text/plain", found)
        return
    if kind == "message/rfc822" and isinstance(part.get_payload(), list):
        _within(part, found)
    elif kind in ("text/plain", "text/html") and not _is_file(part):
        _text(part, kind, found)
    elif kind in ("message/delivery-status", "text/rfc822-headers", "message/disposition-notification"):
        found.searched.append(str(part)[:LONGEST])
    else:
        _file(part, kind, found)


def _is_file(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or (
        part.get_content_disposition() != "inline" and bool(_name(part))
    )


def _name(part: Message) -> str:
    """A file's name in the ways in which programmes write it: RFC 2231, or encoded words where none belong."""
    for parameter, of in (("filename", "content-disposition"), ("name", "content-type")):
        value = part.get_param(parameter, header=of)
        if isinstance(value, tuple):
            charset, _, text = value
            return decode(text.encode("latin-1", "surrogateescape" if text.isascii() else "replace"), charset)[:300]
        if value:
            return header(str(value))[:300]
    return ""


def _bytes(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _text(part: Message, kind: str, found: _Found) -> None:
    data = _bytes(part)
    if part.is_multipart() or (not data and isinstance(part.get_payload(), str)):
        data = str(part.get_payload()).encode("utf-8", "surrogateescape")
    text = decode(data, part.get_content_charset())[:LONGEST].replace("\r\n", "\n").replace("\r", "\n")
    if kind == "text/html":
        found.html.append(text)
        found.searched += [text, html_text.as_text(text)]
    else:
        found.plain.append(text)
        found.searched.append(text)
    found.skeleton.append(text.encode("utf-8", "replace") + b"\n")


def _file(part: Message, kind: str, found: _Found) -> None:
    data, name = _bytes(part), _name(part)
    if not data and not name:
        return
    inline = part.get_content_disposition() == "inline" or bool(part.get("Content-ID"))
    calendar = calendars.is_calendar(kind, name, data)
    if part.get_content_maintype() == "text" or calendar:
        text = decode(data, part.get_content_charset())
        if calendar:
            text = calendars.readable(text) or text
            name, kind = f"{name.rpartition('.')[0] or 'invitation'}.txt", "text/plain"
        data = text.encode()
        if calendar and any(file.data == data for file in found.files):
            # Programmes send an invitation twice: once to be shown, once as a file.
            return
        found.searched.append(text[:LONGEST])
    found.searched.append(name)
    found.files.append(File(name or "file", kind, data, inline))
    found.skeleton.append(f"({len(data)} bytes)\n".encode())


def _within(part: Message, found: _Found) -> None:
    """A letter in a letter: its words as a file, its own files are left where they are."""
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) else None
    if not isinstance(inner, Message):
        return
    head = _headers(inner)
    lines = [f"{name.title()}: {header(head[name][0])}" for name in ("from", "to", "date", "subject") if head.get(name)]
    own = _Found([], [], [], [], [])
    for number, (leaf, depth) in enumerate(_parts(inner)):
        if number >= MOST_PARTS or depth > DEEPEST:
            break
        if leaf.get_content_type() in ("text/plain", "text/html") and not _is_file(leaf):
            _text(leaf, leaf.get_content_type(), own)
    text = "\n".join([*lines, "", *(own.plain or [html_text.as_text("\n".join(own.html))])])
    found.searched += [text, *own.searched]
    found.files.append(
        File(f"{header(' '.join(head.get('subject', ()))) or 'letter'}"[:100] + ".txt", "text/plain", text.encode())
    )
    found.skeleton.append(b"(a letter)\n")
