"""The one entrance: a text in, the text without its secrets out, and what was hidden."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from holdfast.redaction.addresses import normal
from holdfast.redaction.codes import find_values, may_hold_value
from holdfast.redaction.findings import PERSONAL, RANK, SECRET, Finding
from holdfast.redaction.folding import fold
from holdfast.redaction.keys import find_keys, may_hold_key
from holdfast.redaction.phrases import find_phrases, may_hold_phrase

# Longer texts are looked at in windows of this many characters, so that the work stays linear. They overlap by more
# than the longest secret: a key block of 4,096 bits, a phrase of 24 words with 60 characters of markup around each.
WINDOW, OVERLAP = 16 * 1024, 4 * 1024
# How far from its edge a window may begin or end at a blank.
_WORD = 512
_BLANK = re.compile(r"[ \n]")

# What stands in a text for a secret; clients word it in their reader's language. The number is that of the words.
MARKER = re.compile(rf"\[⛔ (?P<kind>{'|'.join(SECRET + PERSONAL)})(?P<ambiguous>\?)?(?:·(?P<words>\d{{1,3}}))?\]")


@dataclass(frozen=True, slots=True)
class Redaction:
    """``text`` may be stored; ``findings`` say what was hidden, in the order and the offsets of the given text."""

    text: str
    findings: tuple[Finding, ...] = ()


def marker(finding: Finding) -> str:
    doubt = "?" if finding.certainty == "ambiguous" else ""
    count = f"·{finding.words}" if finding.words else ""
    return f"[⛔ {finding.kind}{doubt}{count}]"


def redact(text: str, known_addresses: frozenset[str] = frozenset()) -> Redaction:
    """Replace every secret by its marker, also those that only may be one. Never fails; linear in the length.

    ``known_addresses``: of the case; 64 hex digits that are the key of one are certainly a key. A text without secrets
    comes back as it is. Redacting twice is the same as once.
    """
    if not _may_hold_secret(text):
        return Redaction(text)
    known = normal(known_addresses)
    findings = find_between_markers(text, lambda part: _look(part, known, text))
    return Redaction(replaced(text, findings), tuple(findings)) if findings else Redaction(text)


def replaced(text: str, findings: list[Finding]) -> str:
    pieces = []
    start = 0
    for finding in findings:
        pieces += [text[start : finding.start], marker(finding)]
        start = finding.end
    return "".join([*pieces, text[start:]])


def find_between_markers(text: str, look: Callable[[str], list[Finding]]) -> list[Finding]:
    findings: list[Finding] = []
    start = 0
    for match in MARKER.finditer(text):
        findings += _in_part(text, start, match.start(), look)
        start = match.end()
    return findings + _in_part(text, start, len(text), look)


def _may_hold_secret(text: str) -> bool:
    """The cheap look that ordinary messages end at."""
    folded = fold(text)
    if may_hold_value(folded.lower):
        return True
    # Eleven Chinese characters are a phrase.
    if len(text) < 11:
        return False
    return may_hold_key(folded.plain) or may_hold_phrase(folded.lower)


def _in_part(text: str, start: int, end: int, look: Callable[[str], list[Finding]]) -> list[Finding]:
    """Findings between two markers. What is hidden ends the context of what stands beside it, as its marker will:
    so the remaining parts are looked at again, each by itself, until nothing more is found."""
    waiting = [(start, end)]
    findings: list[Finding] = []
    while waiting:
        low, high = waiting.pop()
        here = _in_windows(text[low:high], look)
        place = low
        for found in here:
            moved = replace(found, start=found.start + low, end=found.end + low)
            findings.append(moved)
            waiting.append((place, moved.start))
            place = moved.end
        if here:
            waiting.append((place, high))
    return sorted(findings, key=lambda finding: finding.start)


def _in_windows(text: str, look: Callable[[str], list[Finding]]) -> list[Finding]:
    if len(text) <= WINDOW:
        return look(text)
    found: list[Finding] = []
    low = 0
    while True:
        high = low + WINDOW
        # At a blank: a piece of a longer row of letters or digits is something else than the row.
        if high < len(text):
            high = max(text.rfind(" ", high - _WORD, high), text.rfind("\n", high - _WORD, high)) + 1 or high
        for one in look(text[low:high]):
            found.append(replace(one, start=one.start + low, end=one.end + low))
        if high >= len(text):
            return joined(found)
        low = high - OVERLAP
        blank = _BLANK.search(text, low, low + _WORD)
        low = blank.end() if blank else low


def _look(text: str, known: frozenset[str], whole: str) -> list[Finding]:
    folded = fold(text)
    found: list[Finding] = []
    if may_hold_key(folded.plain):
        for key in find_keys(folded, known, whole):
            found.append(Finding("private_key", *folded.span(key.start, key.end), key.certainty))
    # It begins with its own cheap looks.
    for phrase in find_phrases(folded.lower, folded.plain):
        span = folded.span(phrase.start, phrase.end)
        found.append(Finding("recovery_phrase", *span, phrase.certainty, phrase.words))
    if may_hold_value(folded.lower):
        for value in find_values(folded.lower):
            found.append(Finding(value.kind, *folded.span(value.start, value.end), value.certainty))
    return joined(found)


def joined(found: list[Finding]) -> list[Finding]:
    """In order, with overlapping ones made one: it keeps the kind of the more telling, a phrase before a key."""
    found.sort(key=lambda finding: (finding.start, -finding.end))
    kept: list[Finding] = []
    for one in found:
        if kept and one.start < kept[-1].end:
            last = kept[-1]
            first = max(last, one, key=_telling)
            kept[-1] = replace(first, start=last.start, end=max(last.end, one.end))
        else:
            kept.append(one)
    return kept


def _telling(finding: Finding) -> tuple[int, int, int, int]:
    kinds = SECRET + PERSONAL
    return finding.words, RANK[finding.certainty], -kinds.index(finding.kind), finding.end - finding.start
