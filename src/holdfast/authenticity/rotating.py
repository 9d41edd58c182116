"""The code that customer and agent both see, and that is another every minute. Pure.

Six digits from an HMAC over the conversation and the minute: whoever is in the same conversation, by our own window,
sees the same digits. The one before and the one after are accepted when they are compared: people read slowly.
"""

import hmac
from datetime import datetime, timedelta
from uuid import UUID

from holdfast.redaction.outgoing.letters import digits

STEP = timedelta(seconds=60)
DIGITS = 6


def step_at(moment: datetime) -> int:
    return int(moment.timestamp()) // int(STEP.total_seconds())


def seconds_left(moment: datetime) -> int:
    """Until the next code: 1 to 60."""
    length = int(STEP.total_seconds())
    return length - int(moment.timestamp()) % length


def code_at(key: bytes, conversation_id: UUID, step: int) -> str:
    digest = hmac.digest(key, b"rotating" + conversation_id.bytes + step.to_bytes(8, "big", signed=True), "sha256")
    return f"{int.from_bytes(digest[:8], 'big') % 10**DIGITS:0{DIGITS}d}"


def same(key: bytes, conversation_id: UUID, moment: datetime, heard: str) -> bool:
    """Whether what was read out is the code of this minute or of its neighbours."""
    given = digits(heard)
    now = step_at(moment)
    return any(
        hmac.compare_digest(code_at(key, conversation_id, step).encode(), given.encode())
        for step in (now - 1, now, now + 1)
    )
