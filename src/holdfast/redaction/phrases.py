"""Recovery phrases of every list, however they are written down."""

from holdfast.redaction.findings import RANK
from holdfast.redaction.han import find_han, may_hold_han
from holdfast.redaction.phrase import Phrase
from holdfast.redaction.tokens import WORD, may_be_unbroken, tokens_of
from holdfast.redaction.unbroken import find_unbroken
from holdfast.redaction.weighing import weighed
from holdfast.redaction.weights import likely_lists

# Words of a stretch that lie beside another one, of another list, for both to be hidden.
_APART = 3


def may_hold_phrase(lower: str) -> bool:
    """The cheap look that ordinary messages end at."""
    words = WORD.findall(lower)
    return (
        bool(likely_lists(words)) or any(map(may_be_unbroken, words)) or (not lower.isascii() and may_hold_han(lower))
    )


def find_phrases(lower: str) -> list[Phrase]:
    """The phrases in a folded text of lower case, in order; overlapping ones of different lists are one. Linear."""
    found = _best(lower)
    for token in tokens_of(lower):
        if may_be_unbroken(token.word):
            found += find_unbroken(token)
    if not lower.isascii() and may_hold_han(lower):
        found += find_han(lower)
    return _joined(found)


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
