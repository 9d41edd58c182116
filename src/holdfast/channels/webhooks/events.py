"""Which entry of a timeline is which event. Pure."""

from collections.abc import Mapping
from typing import Any

MESSAGE = "message.created"
TEST = "webhook.test"
# An answer waits that its customer has not seen: for a push message of the wallet's own (``unseen.py``).
UNSEEN = "answer.unseen"

# By the type of a system line. ``redacted``: something that was shown before is hidden now.
_OF_LINE = {
    "opened": "conversation.opened",
    "assigned": "conversation.assigned",
    "resolved": "conversation.resolved",
    "reopened": "conversation.reopened",
    "emergency": "conversation.emergency",
    "rated": "conversation.rated",
    "redacted": "message.hidden",
}
# A rule fired that tells webhooks of it; which one it is for is the word it gives.
RULE = "automation.rule"
EVENTS = (*_OF_LINE.values(), MESSAGE, RULE, UNSEEN)


def event_of(kind: str, line: Mapping[str, Any] | None) -> str | None:
    """The event of a timeline entry, or None: notes, and the desk's own business, are told to nobody."""
    if kind == "public":
        return MESSAGE
    if kind == "system" and line:
        if line.get("type") == "rule" and line.get("webhooks"):
            return RULE
        return _OF_LINE.get(str(line.get("type")))
    return None
