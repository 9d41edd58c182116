"""Phrases that are typed over several messages: what may be a part of one, and which parts make a whole.

What is held here are a person's secret words: nothing of it is stored, logged or sent on.
"""

import re
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from holdfast.redaction.findings import Certainty, Kind
from holdfast.redaction.folding import fold
from holdfast.redaction.lists import chinese_pairs
from holdfast.redaction.redact import MARKER
from holdfast.redaction.support_words import POLITE
from holdfast.redaction.tokens import HAN as HAN_CLASS
from holdfast.redaction.tokens import LETTERS, WORD
from holdfast.redaction.weighing import Piece, Weighed, pieces_of, weighed
from holdfast.redaction.weights import glimpse

# Longer messages are no part of a phrase: 24 numbered and labelled words have 600 characters.
LONGEST = 2_000
# The newest pieces that are looked at: 24 single words, and as many other messages between them.
MOST_PIECES = 64
# What a message weighs that may be a part of a phrase: three words and more without another one between them; two; what
# has others; a word or two that stand alone; and any word that tells something after such a message.
PART, PART_OF_TWO, PART_AMONG_TALK, WORD_ALONE, NEXT = 3.0, 4.5, 7.0, 1.0, 1.5
FEWEST = 3
SHORT = 24
_HAN_ROW = re.compile(f"[^{LETTERS}]*([{HAN_CLASS}]{{2,30}})[^{LETTERS}]*")


@dataclass(frozen=True, slots=True)
class Joined:
    """``pieces``: places (in the given order) of the messages that together hold a secret; each is to be hidden."""

    pieces: tuple[int, ...]
    kind: Kind
    words: int
    certainty: Certainty


def may_be_piece(text: str, *, running: bool = False) -> bool:
    """Whether a message may be a part of a recovery phrase. ``running``: its author has just sent one that may be."""
    if len(text) > LONGEST:
        return False
    lower = _readable(text)
    if not running and glimpse(WORD.findall(lower)) < PART and not _is_alone(lower):
        return False
    return any(_may_be_part(piece, running=running) for piece in pieces_of(lower, running=running))


def is_left_over(text: str) -> bool:
    """Whether a message that was held beside a phrase that was found is a part of it, though it may have an everyday
    word only."""
    return any(
        (piece.whole and not POLITE.issuperset(piece.words))
        or (len(piece.words) > max(1, 3 * piece.others) and piece.weight >= PART)
        for piece in pieces_of(_readable(text), running=True)
    )


def _may_be_part(piece: Piece, *, running: bool) -> bool:
    if piece.whole:
        return running or piece.weight >= WORD_ALONE or not POLITE.issuperset(piece.words)
    return _is_part(piece) or piece.weight >= (NEXT if running else PART_AMONG_TALK)


def _is_part(piece: Piece) -> bool:
    return not piece.others and piece.weight >= (PART if len(piece.words) >= FEWEST else PART_OF_TWO)


def _is_alone(lower: str) -> bool:
    """A word or two, perhaps with a number."""
    return len(lower) <= SHORT and len(lower.split()) <= 3


def join(pieces: Sequence[str]) -> Joined | None:
    """Which of the newest messages of one author in one conversation, oldest first, together are a recovery phrase.

    Other messages may lie between; pieces may overlap, be numbered out of order, or be single words. None when no
    phrase is complete. Looks at the last 64 messages.
    """
    skipped = max(0, len(pieces) - MOST_PIECES)
    texts = [_readable(text) if len(text) <= LONGEST else "" for text in pieces[skipped:]]
    begins = [0, *accumulate(len(text) + 1 for text in texts)][:-1]
    best: tuple[tuple[int, ...], Weighed] | None = None
    for one in weighed("\n".join(texts), begins):
        places = _places(one, begins)
        if len(places) > 1 and (best is None or _rank(one) > _rank(best[1])):
            best = places, one
    if best is None:
        return None
    places, one = best
    return Joined(tuple(place + skipped for place in places), "recovery_phrase", one.phrase.words, one.phrase.certainty)


def _rank(one: Weighed) -> tuple[bool, float]:
    return one.phrase.certainty == "certain", one.weight


def _places(one: Weighed, begins: Sequence[int]) -> tuple[int, ...]:
    """The messages that hold its words."""
    return tuple(sorted({bisect(begins, token.start) - 1 for token in one.tokens}))


def _readable(text: str) -> str:
    """Folded, without markers; a message of nothing but Chinese characters that make no word, with spaces between."""
    lower = fold(MARKER.sub("\n", text) if "⛔" in text else text).lower
    row = None if lower.isascii() else _HAN_ROW.fullmatch(lower)
    if row is None or any(row[1][at : at + 2] in chinese_pairs() for at in range(len(row[1]) - 1)):
        return lower
    return " ".join(row[1])
