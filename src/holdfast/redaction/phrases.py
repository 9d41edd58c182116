"""Recovery phrases of every list, however they are written down."""

import re
from bisect import bisect_left
from dataclasses import replace
from itertools import pairwise

from holdfast.redaction.findings import RANK
from holdfast.redaction.han import find_han, may_hold_han
from holdfast.redaction.itemised import find_itemised, may_be_itemised
from holdfast.redaction.phrase import Phrase
from holdfast.redaction.tokens import WORD, Token, may_be_unbroken, tokens_of
from holdfast.redaction.unbroken import find_unbroken, most_glued
from holdfast.redaction.weighing import weighed
from holdfast.redaction.weights import likely_lists

# Words of a stretch that lie beside another one, of another list, for both to be hidden.
_APART = 3
# Where a word begins with a capital right behind another, and how many such places there are for it to be looked at.
_HUMP = re.compile("[a-z]{2}(?=[A-Z][a-z])")
_FEWEST_HUMPS = 3


def may_hold_phrase(lower: str) -> bool:
    """The cheap look that ordinary messages end at."""
    words = WORD.findall(lower)
    return (
        bool(likely_lists(words))
        or any(map(may_be_unbroken, words))
        or may_be_itemised(lower)
        or (not lower.isascii() and may_hold_han(lower))
    )


def find_phrases(lower: str, plain: str) -> list[Phrase]:
    """The phrases in a folded text, in order; overlapping ones of different lists are one. Linear. ``plain``: the same
    before it was of lower case."""
    found = _found(lower)
    humps = [match.end() for match in _HUMP.finditer(plain)]
    if found or len(humps) < _FEWEST_HUMPS:
        return found
    # "AppleBeach": as if a blank stood between.
    parted = " ".join(lower[begin:end] for begin, end in pairwise([0, *humps, len(lower)]))

    blanks = [hump + before for before, hump in enumerate(humps)]
    return [
        replace(one, start=one.start - bisect_left(blanks, one.start), end=one.end - bisect_left(blanks, one.end))
        for one in _found(parted)
    ]


def _found(lower: str) -> list[Phrase]:
    found = _best(lower)
    if not found:
        found = find_itemised(lower)
    tokens = tokens_of(lower)
    for place, token in enumerate(tokens):
        if may_be_unbroken(token.word):
            found += [_with_beside(tokens, place, one) for one in find_unbroken(token)]
    if not lower.isascii() and may_hold_han(lower):
        found += find_han(lower)
    return _joined(found)


def _with_beside(tokens: list[Token], place: int, one: Phrase) -> Phrase:
    """With the words beside it that are several without anything between them, too."""
    first = last = place
    while first and most_glued(tokens[first - 1].word) > 1:
        first -= 1
    while last + 1 < len(tokens) and most_glued(tokens[last + 1].word) > 1:
        last += 1
    return replace(one, start=min(one.start, tokens[first].start), end=max(one.end, tokens[last].end))


def _best(lower: str) -> list[Phrase]:
    """Without what a surer or heavier one of another list covers."""
    kept: list[Phrase] = []
    for one in sorted(weighed(lower), key=lambda one: (one.phrase.certainty != "certain", -one.weight)):
        over = [other for other in kept if one.phrase.start < other.end and other.start < one.phrase.end]
        outside = sum(not any(other.start <= token.start < other.end for other in over) for token in one.tokens)
        if not over or outside >= _APART:
            kept.append(one.phrase)
    return kept


def _joined(found: list[Phrase]) -> list[Phrase]:
    kept: list[Phrase] = []
    for one in sorted(found, key=lambda phrase: phrase.start):
        if kept and one.start < kept[-1].end:
            last = kept[-1]
            certainty = max(last.certainty, one.certainty, key=RANK.__getitem__)
            kept[-1] = Phrase(last.start, max(last.end, one.end), max(last.words, one.words), certainty)
        else:
            kept.append(one)
    return kept
