"""The code and the link by which somebody shows that they read at an address. Both follow from the row and our key:
nothing of them is stored."""

import hmac
import re
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from holdfast.access.keys import key_ring
from holdfast.channels.mail.models import AddressAsked
from holdfast.core.clock import now

# How long both count, and how many wrong codes end the code: five of a million, five times a day at most.
VALID = timedelta(days=1)
TRIES = 5
_LINK = re.compile(r"([0-9a-f]{32})-(\d{1,6})-([0-9a-f]{32})")


@dataclass(frozen=True, slots=True)
class Named:
    """Which row a link names."""

    conversation_id: UUID
    number: int


def code(row: AddressAsked) -> str:
    """Six digits, to be typed into the chat."""
    return f"{int(key_ring().sign(f'mail.code:{row.conversation_id.hex}:{row.number}'), 16) % 1_000_000:06}"


def link(origin: str, row: AddressAsked) -> str:
    mac = key_ring().sign(f"mail.confirm:{row.conversation_id.hex}:{row.number}")
    return f"{origin}/address/{row.conversation_id.hex}-{row.number}-{mac}"


def named(token: str) -> Named | None:
    """What a link's last part stands for, if we signed it."""
    match = _LINK.fullmatch(token)
    if match is None or not key_ring().signed(f"mail.confirm:{match[1]}:{int(match[2])}", match[3]):
        return None
    return Named(UUID(match[1]), int(match[2]))


def counts(row: AddressAsked) -> bool:
    """Whether its link still does."""
    return row.asked_at > now() - VALID


def fits(row: AddressAsked, typed: str) -> bool:
    """Whether the code does: the caller counts the tries."""
    digits = re.sub(r"\D", "", typed)
    return counts(row) and row.tries < TRIES and hmac.compare_digest(code(row), digits)
