"""Which conversation a letter belongs to, and whether its sender may be heard there. The decision is pure.

A conversation is named by what we signed (HMAC-SHA256 under the installation's key, 128 bits): the address that our
letters are answered to, and our Message-IDs. A number in a subject names nothing, and who holds a signed name must
still be known there: letters are forwarded.
"""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from holdfast.access.keys import key_ring
from holdfast.channels.mail.letters import Letter
from holdfast.core.ids import parse_reference

_OURS = re.compile(r"^hf\.([0-9a-f]{32})\.(\d{1,9})\.([0-9a-f]{32})@", re.I)
_ASKED = re.compile(r"^confirm\.([0-9a-f]{32})\.(\d{1,6})\.([0-9a-f]{32})@", re.I)
_OUR_SHAPE = re.compile(r"^hf\.[0-9a-z]+\.", re.I)
_TOKEN = re.compile(r"\+([a-z2-7]{52})@")
_TOKEN_SHAPE = re.compile(r"\+[a-z2-7]{40,}@")
# As people and forgers write it, whether its check character fits or not.
_REFERENCE = re.compile(r"\bHF\s?[-–—‐_.]\s?[0-9A-Z]{4}\s?[-–—‐_. ]?\s?[0-9A-Z]{4}\b", re.I)
# RFC 5321: characters of what stands before the @.
_LOCAL = 64

_RESULT = re.compile(r"(?:^|[;\s])(spf|dkim|dmarc)\s*=\s*(\w+)", re.I)
# RFC 8601: the words of these methods; nothing else of the line is kept.
_WORDS = frozenset({"none", "pass", "fail", "softfail", "neutral", "policy", "temperror", "permerror"})

Place = Literal["thread", "new", "bounce", "quarantine"]


@dataclass(frozen=True, slots=True)
class Named:
    """What a signed name stands for; ``seq`` is the entry of a Message-ID, 0 if an address alone names it."""

    conversation_id: UUID
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """What else is known of a letter when it is decided on. ``named``: by a signed name; ``sender_known``: their
    address is one of that conversation's customer. ``asked``: the question that a report is about. ``own_number``:
    every number in the subject is of a conversation of the sender's address; it names no thread for all that.
    ``verdict`` is what our own server found (dmarc)."""

    named: Named | None = None
    asked: Named | None = None
    sender_known: bool = False
    own_number: bool = False
    from_us: bool = False
    pretends: bool = False
    flooding: bool = False
    verdict: Literal["pass", "fail", "none"] = "none"


@dataclass(frozen=True, slots=True)
class Decision:
    """``why`` is empty unless it is quarantined: a stable word, worded by the console."""

    place: Place
    why: str = ""


def decide(letter: Letter, known: Known) -> Decision:
    """Where the letter goes. Every letter goes somewhere."""
    if letter.nature == "bounce":
        return (
            Decision("bounce")
            if (known.named or known.asked) and not known.from_us
            else Decision("quarantine", "bounce")
        )
    for holds, why in (
        (known.from_us, "loop"),
        (not letter.sender, "no_sender"),
        (letter.nature == "list", "list"),
        (letter.nature == "automatic", "automatic"),
        (known.verdict == "fail", "forged"),
        (known.pretends, "pretends"),
        (known.flooding, "flood"),
        (known.named is not None and not known.sender_known, "stranger"),
    ):
        if holds:
            return Decision("quarantine", why)
    if known.named is not None:
        return Decision("thread")
    if _claims(letter):
        return Decision("quarantine", "false_thread")
    if _REFERENCE.search(letter.subject) and not known.own_number:
        return Decision("quarantine", "number_in_subject")
    return Decision("new")


def numbers(subject: str) -> list[str | None]:
    """The conversations' numbers in a subject as we write them; None for what only looks like one."""
    return [parse_reference(re.sub(r"[^0-9A-Za-z]", "", found)) for found in _REFERENCE.findall(subject)]


def _claims(letter: Letter) -> bool:
    """It names a thread of ours that we never named."""
    return any(_OUR_SHAPE.match(each) for each in letter.references) or any(
        _TOKEN_SHAPE.search(each) for each in letter.recipients
    )


def checks(results: Iterable[str], server: str) -> dict[str, str]:
    """What ``server`` (the authserv-id of the mailbox, RFC 8601) says of SPF, DKIM and DMARC, each in its own word. A
    line of anybody else counts for nothing: the sender can write it. Of two lines of the server's name the first, which
    is the outermost, counts; of two signatures one that holds."""
    for line in results:
        name, _, rest = line.partition(";")
        if not server or name.strip().split(" ")[0].lower() != server.lower():
            continue
        said: dict[str, str] = {}
        for method, word in _RESULT.findall(rest):
            if said.get(method.lower()) != "pass" and word.lower() in _WORDS:
                said[method.lower()] = word.lower()
        return {method: said[method] for method in ("spf", "dkim", "dmarc") if method in said}
    return {}


def verdict(results: Iterable[str], server: str) -> Literal["pass", "fail", "none"]:
    """What our own server says of DMARC."""
    said = checks(results, server).get("dmarc")
    return "pass" if said == "pass" else "fail" if said == "fail" else "none"


# Signed names -------------------------------------------------------------------------------------------------------


def message_id(conversation_id: UUID, seq: int, domain: str) -> str:
    """Without brackets. The same for the same entry: a letter that is sent twice after a crash is seen as one."""
    mac = key_ring().sign(f"mail.message:{conversation_id.hex}:{seq}")
    return f"hf.{conversation_id.hex}.{seq}.{mac}@{domain}"


def asked_id(conversation_id: UUID, number: int, domain: str) -> str:
    """The Message-ID of a letter that asks whether somebody reads there. It opens nothing: a report may quote it, a
    letter that answers it is a stranger's."""
    mac = key_ring().sign(f"mail.asked:{conversation_id.hex}:{number}")
    return f"confirm.{conversation_id.hex}.{number}.{mac}@{domain}"


def reply_address(conversation_id: UUID, address: str) -> str:
    """Where answers go. A mailbox whose own name leaves no room for the token answers under its plain address: its
    threads are known by their Message-IDs alone."""
    mac = bytes.fromhex(key_ring().sign(f"mail.address:{conversation_id.hex}"))
    token = base64.b32encode(conversation_id.bytes + mac).decode().rstrip("=").lower()
    local, _, domain = address.rpartition("@")
    return f"{local}+{token}@{domain}" if len(local) + 1 + len(token) <= _LOCAL else address


def named(letter: Letter) -> Named | None:
    """The conversation that a name of ours stands for, if we signed it. An address counts before a Message-ID, which
    says besides which of its letters a report is about."""
    about = letter.bounce.about if letter.bounce else ()
    quoted = (*(identifier.strip("<>") for identifier in about), *letter.references)
    messages = [found for each in quoted if (found := _of_message(each)) is not None]
    for address in letter.recipients:
        if (found := _of_address(address)) is not None:
            return next((each for each in messages if each.conversation_id == found.conversation_id), found)
    return messages[0] if messages else None


def asked(letter: Letter) -> Named | None:
    """Which of our questions a report is about; ``seq`` is its number."""
    for each in letter.bounce.about if letter.bounce else ():
        match = _ASKED.match(each.strip("<>"))
        if match is not None:
            conversation_id, number = UUID(hex=match[1].lower()), int(match[2])
            if key_ring().signed(f"mail.asked:{conversation_id.hex}:{number}", match[3].lower()):
                return Named(conversation_id, number)
    return None


def _of_address(address: str) -> Named | None:
    match = _TOKEN.search(address.lower())
    if match is None:
        return None
    try:
        raw = base64.b32decode(match[1].upper() + "====")
    except (binascii.Error, ValueError):
        return None
    conversation_id = UUID(bytes=raw[:16])
    if base64.b32encode(raw).decode().rstrip("=").lower() != match[1]:
        # Another writing of the same bytes: not what we wrote.
        return None
    return Named(conversation_id) if key_ring().signed(f"mail.address:{conversation_id.hex}", raw[16:].hex()) else None


def _of_message(identifier: str) -> Named | None:
    match = _OURS.match(identifier)
    if match is None:
        return None
    conversation_id, seq = UUID(hex=match[1].lower()), int(match[2])
    good = key_ring().signed(f"mail.message:{conversation_id.hex}:{seq}", match[3].lower())
    return Named(conversation_id, seq) if good else None
