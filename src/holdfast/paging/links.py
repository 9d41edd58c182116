"""Links that acknowledge one page: signed, for one delivery, with an end; nothing of them is stored. Pure."""

from datetime import datetime, timedelta
from uuid import UUID

from holdfast.access.keys import key_ring

VALID = timedelta(days=7)


def token(delivery_id: UUID, at: datetime) -> str:
    """What stands in the link that goes out with a delivery."""
    until = int((at + VALID).timestamp())
    return f"{delivery_id.hex}.{until:x}.{key_ring().sign(_message(delivery_id, until))}"


def delivery_of(written: str, at: datetime) -> UUID | None:
    """The delivery that a link came with, or None if it is not ours or too old."""
    parts = written.split(".")
    try:
        delivery_id, until = UUID(hex=parts[0]), int(parts[1], 16)
        signature = parts[2]
    except (ValueError, IndexError):
        return None
    good = len(parts) == 3 and signature.isascii() and key_ring().signed(_message(delivery_id, until), signature)
    return delivery_id if good and at.timestamp() < until else None


def _message(delivery_id: UUID, until: int) -> str:
    # The purpose is signed too: a link of another kind fits no page.
    return f"page:{delivery_id}:{until}"
