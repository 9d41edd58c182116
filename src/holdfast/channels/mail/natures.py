"""What kind of a letter it is: a person's, a machine's (RFC 3834), a list's, a report of delivery (RFC 3464). Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from typing import Literal

Nature = Literal["person", "automatic", "list", "bounce"]

_MACHINES = re.compile(
    r"^(?:mailer-daemon|postmaster|mail-?daemon|no-?reply|do-?not-?reply|bounces?)(?:[+=-].*)?@", re.I
)
_DAEMON = re.compile(r"^(?:mailer-daemon|postmaster|mail-?daemon)@", re.I)
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_ID = re.compile(r"<[^<>\s]{1,400}>")


@dataclass(frozen=True, slots=True)
class Bounce:
    """A report about a letter that was sent. ``failed``: for good (5.x.x); ``status`` is the enhanced code, or empty;
    ``about`` are Message-IDs that the report quotes."""

    failed: bool
    status: str
    about: tuple[str, ...]


def nature(head: Mapping[str, Sequence[str]], message: Message, sender: str) -> Nature:  # noqa: PLR0911 - a sign each
    """``head``: lines by name in lower case."""

    def said(name: str) -> str:
        return " ".join(head.get(name, ())).strip().lower()

    if message.get_content_type() == "multipart/report":
        kind = str(message.get_param("report-type") or "").lower()
        # A receipt of reading and a complaint about spam are a machine's as well.
        return "bounce" if kind in ("delivery-status", "") else "automatic"
    if head.get("return-path") and said("return-path") == "<>" and _DAEMON.match(sender):
        return "bounce"
    if head.get("list-id") or head.get("list-unsubscribe") or said("precedence") == "list":
        return "list"
    submitted = said("auto-submitted").partition(";")[0].strip()
    if submitted and submitted != "no":
        return "automatic"
    if any(head.get(name) for name in ("x-autoreply", "x-autorespond", "x-auto-response", "x-mail-autoreply")):
        return "automatic"
    if said("precedence") in ("bulk", "junk", "auto_reply") or said("return-path") == "<>":
        return "automatic"
    return "automatic" if _MACHINES.match(sender) else "person"


def bounce(message: Message) -> Bounce:
    """What a report says; of one in nobody's format, what its text says."""
    action, status, about = "", "", []
    for part in _parts(message):
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            for block in part.get_payload() if isinstance(part.get_payload(), list) else ():
                if isinstance(block, Message):
                    action = str(block.get("Action") or action).strip().lower()
                    status = _status(str(block.get("Status") or "")) or status
        elif kind == "message/rfc822":
            payload = part.get_payload()
            for inner in payload if isinstance(payload, list) else ():
                if isinstance(inner, Message):
                    about += _ID.findall(str(inner.get("Message-ID") or ""))
        elif kind == "text/rfc822-headers" or (kind == "text/plain" and not status):
            data = part.get_payload(decode=True)
            text = data.decode("utf-8", "replace")[:20_000] if isinstance(data, bytes) else ""
            about += re.findall(r"(?im)^message-id:\s*(<[^<>\s]{1,400}>)", text)
            status = status or _status(text)
    for name in ("In-Reply-To", "References"):
        about += _ID.findall(str(message.get(name) or ""))
    return Bounce(
        action == "failed" or (not action and not status.startswith("4")), status, tuple(dict.fromkeys(about))
    )


def _status(text: str) -> str:
    found = _STATUS.search(text)
    return found[1] if found else ""


def _parts(message: Message) -> list[Message]:
    """The report's own parts: what it quotes is not looked into."""
    payload = message.get_payload()
    if not isinstance(payload, list) or message.get_content_maintype() != "multipart":
        return [message]
    return [part for part in payload if isinstance(part, Message)]
