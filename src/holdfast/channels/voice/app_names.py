"""The SIP user of a conversation's customer, who calls from inside the app: which conversation it is, the name says."""

import re
from uuid import UUID

_NAME = re.compile(r"app-([0-9a-f]{32})")


def name_of(conversation_id: UUID) -> str:
    """One call at a time."""
    return f"app-{conversation_id.hex}"


def conversation_of(name: str) -> UUID | None:
    """None if it is no such name."""
    found = _NAME.fullmatch(name)
    return UUID(found[1]) if found else None
