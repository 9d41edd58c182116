"""Finds secrets and personal numbers in text, and hides them before anything is stored, logged or sent on. Pure."""

from holdfast.redaction.findings import Certainty, Finding, Kind
from holdfast.redaction.fragments import Joined, is_left_over, join, looks_back, may_be_piece
from holdfast.redaction.personal import find_personal, mask_personal
from holdfast.redaction.redact import MARKER, Redaction, marker, redact

__all__ = [
    "MARKER", "Certainty", "Finding", "Joined", "Kind", "Redaction",
    "find_personal", "is_left_over", "join", "looks_back", "marker", "mask_personal", "may_be_piece", "redact",
]  # fmt: skip
