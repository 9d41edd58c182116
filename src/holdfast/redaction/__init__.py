"""Finds wallet secrets in text and hides them, before anything is stored, logged or sent on. Pure."""

from holdfast.redaction.fragments import Fragment, Joined, fragment, join
from holdfast.redaction.redact import MARKER, Certainty, Finding, Kind, Redaction, marker, redact

__all__ = [
    "MARKER",
    "Certainty",
    "Finding",
    "Fragment",
    "Joined",
    "Kind",
    "Redaction",
    "fragment",
    "join",
    "marker",
    "redact",
]
