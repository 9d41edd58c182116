"""The one entrance: a text in, the text without its secrets out, and what was hidden."""

import re
from dataclasses import dataclass, replace

from holdfast.redaction.findings import Certainty, Finding, Kind
from holdfast.redaction.folding import fold
from holdfast.redaction.keys import find_keys, may_hold_key
from holdfast.redaction.phrases import find_phrases, may_hold_phrase

__all__ = ["MARKER", "Certainty", "Finding", "Kind", "Redaction", "marker", "redact"]

# Longer texts are looked at in windows of this many characters, so that the work stays linear. They overlap by more
# than the longest secret: a phrase of 24 words with 60 characters of numbering and markup around each.
WINDOW, OVERLAP = 16 * 1024, 2 * 1024

# What stands in a text for a secret; clients word it in their reader's language. The number is that of the words.
MARKER = re.compile(
    r"\[⛔ (?P<kind>recovery_phrase|private_key|one_time_code|password|card_number)(?:·(?P<words>\d{1,3}))?\??\]"
)


@dataclass(frozen=True, slots=True)
class Redaction:
    """``text`` may be stored; ``findings`` say what was hidden, in the order and the offsets of the given text."""

    text: str
    findings: tuple[Finding, ...] = ()


def marker(finding: Finding) -> str:
    return f"[⛔ {finding.kind}·{finding.words}]" if finding.words else f"[⛔ {finding.kind}]"


def redact(text: str, known_addresses: frozenset[str] = frozenset()) -> Redaction:  # noqa: ARG001 - to come
    """Replace every recovery phrase and private key by its marker. Never fails; linear in the length of the text.

    A text without secrets comes back as it is. Redacting twice is the same as once.
    """
    if not _may_hold_secret(text):
        return Redaction(text)
    findings: list[Finding] = []
    start = 0
    for match in MARKER.finditer(text):
        findings += _in_part(text, start, match.start())
        start = match.end()
    findings += _in_part(text, start, len(text))
    if not findings:
        return Redaction(text)
    pieces = []
    start = 0
    for finding in findings:
        pieces += [text[start : finding.start], marker(finding)]
        start = finding.end
    pieces.append(text[start:])
    return Redaction("".join(pieces), tuple(findings))


def _may_hold_secret(text: str) -> bool:
    """The cheap look that ordinary messages end at."""
    if len(text) < 33:
        # Eleven words of three letters.
        return False
    folded = fold(text)
    return may_hold_phrase(folded.lower) or may_hold_key(folded.plain)


def _in_part(text: str, start: int, end: int) -> list[Finding]:
    """Findings between two markers. What is hidden ends the context of what stands beside it, as its marker will:
    so the remaining parts are looked at again, each by itself, until nothing more is found."""
    waiting = [(start, end)]
    findings: list[Finding] = []
    while waiting:
        low, high = waiting.pop()
        here = _in_windows(text[low:high])
        place = low
        for found in here:
            moved = replace(found, start=found.start + low, end=found.end + low)
            findings.append(moved)
            waiting.append((place, moved.start))
            place = moved.end
        if here:
            waiting.append((place, high))
    return sorted(findings, key=lambda finding: finding.start)


def _in_windows(text: str) -> list[Finding]:
    if len(text) <= WINDOW:
        return _look(text)
    found: list[Finding] = []
    for low in range(0, len(text) - OVERLAP, WINDOW - OVERLAP):
        for one in _look(text[low : low + WINDOW]):
            found.append(replace(one, start=one.start + low, end=one.end + low))
    return _joined(found)


def _look(text: str) -> list[Finding]:
    folded = fold(text)
    found: list[Finding] = []
    if may_hold_key(folded.plain):
        for key in find_keys(folded):
            start, end = folded.span(key.start, key.end)
            found.append(Finding("private_key", start, end, key.certainty))
    if may_hold_phrase(folded.lower):
        for phrase in find_phrases(folded.lower):
            start, end = folded.span(phrase.start, phrase.end)
            found.append(Finding("recovery_phrase", start, end, phrase.certainty, phrase.words))
    return _joined(found)


def _joined(found: list[Finding]) -> list[Finding]:
    """In order, with overlapping ones made one: it keeps the kind of the more telling, the phrase."""
    found.sort(key=lambda finding: (finding.start, -finding.end))
    joined: list[Finding] = []
    for one in found:
        if joined and one.start < joined[-1].end:
            last = joined[-1]
            first = one if one.words > last.words else last
            joined[-1] = replace(first, start=last.start, end=max(last.end, one.end))
        else:
            joined.append(one)
    return joined
