"""Finds secrets and personal numbers in text, and hides them before anything is stored, logged or sent on. Pure."""

from holdfast.redaction.findings import Certainty, Finding, Kind
from holdfast.redaction.fragments import Fragment, Joined, fragment, join
from holdfast.redaction.personal import find_personal, mask_personal
from holdfast.redaction.redact import MARKER, Redaction, marker, redact

__all__ = [
    "MARKER", "Certainty", "Finding", "Fragment", "Joined", "Kind", "Redaction",
    "find_personal", "fragment", "join", "marker", "mask_personal", "redact",
]  # fmt: skip
