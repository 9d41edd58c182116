"""Phrases that are typed over several messages: what may be a part of one, and which parts make a whole.

What is held here are a person's secret words: nothing of it is stored, logged or sent on.
"""

import re
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, takewhile

from holdfast.redaction.findings import Certainty, Kind
from holdfast.redaction.folding import fold
from holdfast.redaction.labels import without_labels
from holdfast.redaction.lists import CHINESE, HAN, LISTS, MASK, SPACED, chinese_pairs
from holdfast.redaction.redact import MARKER
from holdfast.redaction.spelling import all_prefixes
from holdfast.redaction.support_words import POLITE, SUPPORT
from holdfast.redaction.talk_words import NUMBERS
from holdfast.redaction.tokens import HAN as HAN_CLASS
from holdfast.redaction.tokens import LETTERS, NUMBERING, NUMERALS, WORD
from holdfast.redaction.weighing import SENTENCE, Piece, Weighed, pieces_of, weighed
from holdfast.redaction.weights import OTHER, glimpse, weights, with_cut

# Longer messages are no part of a phrase: 24 numbered and labelled words have 600 characters.
LONGEST = 2_000
# The newest pieces that are looked at: 24 single words, and as many other messages between them.
MOST_PIECES = 64
# What a message weighs that may be a part of a phrase: three words and more without another one between them; two; what
# has others; a word or two that stand alone; and any word that tells something after such a message.
PART, PART_OF_TWO, PART_AMONG_TALK, WORD_ALONE, NEXT = 3.0, 4.5, 7.0, 1.0, 1.5
FEWEST = 3
# What the words at an edge of a message beside a phrase weigh.
AT_EDGE = 2.0
# What people say numbers of, or with an ordinal: "one moment", "second question".
COUNTED = SUPPORT | POLITE | frozenset("day week year time".split())
# "How do I prepare?": mostly no numerals.
_ROMAN = frozenset("ivx")
# Words of a message that is one word with its label.
_LABELLED = 4
# What held messages weigh together, for those before them to be looked at.
LOOKS_BACK = 6.0
# What each of some Chinese characters in a row weighs that may be words of a phrase; random ones 0.9, of prose -0.8.
ROW = 0.3
# Chinese characters that are answers.
REMARKS = frozenset("好是嗯对對有行不没沒无無要在喂哦对了嗎吗否能可会會谢謝")
# A word's number: none of more digits, as cases and orders have.
_NUMBER = re.compile(r"(?<!\d)\d{1,2}(?!\d)")
# A word with its number.
_NUMBERED = re.compile(f"\\d{{1,2}}[^{LETTERS}\\d]{{1,3}}[{LETTERS}]")
_ROWS = re.compile("[\n,、，;/|]")
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
    words = WORD.findall(lower)
    alone = all(word in MASK or word[0] in HAN or word in all_prefixes() for word in words)
    if _is_list(lower, words) or _is_labelled(lower, words, running=running):
        return True
    if running and _is_left_over(lower):
        return True
    if not running and not alone and glimpse(words) < PART and len(_NUMBERED.findall(lower)) < FEWEST:
        return False
    # What was hidden already stands in the message as well.
    marked = "⛔" in text
    return any(
        _may_be_part(piece._replace(whole=piece.whole and not marked), running=running)
        for piece in pieces_of(lower, running=running)
    )


def _is_list(lower: str, words: list[str]) -> bool:
    """Whether a message, or what stands behind its talk, is list words one by one: one a line, or with commas."""
    if not all(word in MASK or word in HAN for word in words[-FEWEST:]):
        return False
    rows = [row.strip() for row in _ROWS.split(lower)]
    while rows and not rows[-1]:
        rows.pop()
    listed = list(takewhile(lambda row: row in MASK or row in HAN, reversed(rows)))
    return len(set(listed) - POLITE) >= FEWEST


def _is_labelled(lower: str, words: list[str], *, running: bool = False) -> bool:
    """Whether a message is one list word behind its number or ordinal ("word 3: apple", "third apple"), or before that
    of the next one ("apple, word 4:"). ``running``: after another piece also what is counted otherwise."""
    # Most messages end here.
    if not 0 < len(words) <= 2 * _LABELLED:
        return False
    plain = without_labels(lower)
    words = WORD.findall(plain)
    if not 0 < len(words) <= _LABELLED:
        return False
    numbers = [word for word in words if word in NUMBERS or word in NUMBERING or word in NUMERALS]
    own = [word for word in words if word not in numbers]
    numbered = _NUMBER.search(lower) is not None
    cut = all_prefixes() if len(own) == 1 and (running or numbered) else ()
    known = [word for word in own[:1] + own[-1:] if word in MASK or word in HAN or word in cut]
    if not known or (not running and known[-1] in COUNTED):
        return False
    # A letter alone numbers nothing by itself, nor does a number in words behind the word.
    spoken = [
        word for word in words[: words.index(known[-1])] if word in numbers and (running or word not in NUMBERING)
    ]
    return plain != lower or numbered or not _ROMAN.issuperset(spoken)


def looks_back(pieces: Sequence[str]) -> bool:
    """Whether held messages weigh so much that what their author said before is worth a look with them."""
    return glimpse([word for text in pieces for word in WORD.findall(_readable(text))]) >= LOOKS_BACK


def is_left_over(text: str) -> bool:
    """Whether a message that stands beside a phrase that was found holds words of it, though it may have an everyday
    word only: a sentence that is nothing else, or a stretch that weighs enough."""
    return _is_left_over(_readable(text))


def _is_left_over(lower: str) -> bool:
    lower = without_labels(lower)
    words = WORD.findall(lower)
    return (
        _is_labelled(lower, words, running=True)
        or _is_list(lower, words)
        or _begins_or_ends(words)
        or any(
            (piece.whole and (_tells(piece) or (len(piece.words) == 1 and piece.words[0] in HAN)))
            or (len(set(piece.words)) > max(1, 3 * piece.others) and piece.weight >= PART)
            for sentence in SENTENCE.split(lower)
            for piece in pieces_of(sentence, running=True)
        )
    )


def _begins_or_ends(words: list[str]) -> bool:
    """Whether words of one list that tell something stand in a row at the beginning or the end of a message."""
    for of_list in map(with_cut, map(LISTS.__getitem__, SPACED)):
        for row in (words, words[::-1]):
            run = [*takewhile(of_list.__contains__, row)]
            if len(run) >= FEWEST and sum(map(of_list.__getitem__, run)) >= AT_EDGE:
                return True
    return any(len([*takewhile(HAN.__contains__, row)]) >= FEWEST for row in (words, words[::-1]))


def _may_be_part(piece: Piece, *, running: bool) -> bool:
    if piece.whole:
        # An everyday word alone ("first", "message") begins no phrase: half of all short answers would be held.
        return running or piece.numbered or (piece.weight >= WORD_ALONE and _tells(piece))
    return _is_part(piece) or piece.weight >= (NEXT if running else PART_AMONG_TALK)


def _tells(piece: Piece) -> bool:
    """Whether words are none that people write alone."""
    return piece.numbered or not (POLITE.issuperset(piece.words) or REMARKS.issuperset(piece.words))


def _is_part(piece: Piece) -> bool:
    return not piece.others and piece.weight >= (PART if len(piece.words) >= FEWEST else PART_OF_TWO)


def join(pieces: Sequence[str]) -> Joined | None:
    """Which of the newest messages of one author in one conversation, oldest first, together are a recovery phrase.

    Other messages may lie between; pieces may overlap, be numbered out of order, or be single words. None when no
    phrase is complete. Looks at the last 64 messages.
    """
    skipped = max(0, len(pieces) - MOST_PIECES)
    texts = [_readable(text) if may_be_piece(text, running=True) else "" for text in pieces[skipped:]]
    # What people write alone may as well be a remark between the parts: without a proof they have to do without.
    told = [any(map(_tells, pieces_of(text, running=True))) for text in texts]
    best = _best(texts)
    proved = best is not None and best[1].phrase.certainty == "certain"
    if best is None or not proved or 4 * sum(told[place] for place in best[0]) < 3 * len(best[0]):
        best = _best([text if tells else "" for text, tells in zip(texts, told, strict=True)])
    if best is None:
        return None
    places, one = best
    # An everyday word alone between two parts is a part.
    alone = {place for place, text in enumerate(texts) if MASK.get(text.strip()) or text.strip() in HAN}
    places = tuple(sorted({*places, *(place for place in alone if places[0] < place < places[-1])}))
    return Joined(tuple(place + skipped for place in places), "recovery_phrase", one.phrase.words, one.phrase.certainty)


def _best(texts: list[str]) -> tuple[tuple[int, ...], Weighed] | None:
    """The surest phrase that lies in several messages, and which they are."""
    begins = [0, *accumulate(len(text) + 1 for text in texts)][:-1]
    best: tuple[tuple[int, ...], Weighed] | None = None
    for one in weighed("\n".join(texts), begins):
        places = tuple(sorted({bisect(begins, token.start) - 1 for token in one.tokens}))
        if len(places) > 1 and (best is None or _rank(one) > _rank(best[1])):
            best = places, one
    return best


def _rank(one: Weighed) -> tuple[bool, float]:
    return one.phrase.certainty == "certain", one.weight


def _readable(text: str) -> str:
    """Folded, without markers; a message of nothing but Chinese characters that make no word, with spaces between."""
    lower = fold(MARKER.sub("\n", text) if "⛔" in text else text).lower
    row = None if lower.isascii() else _HAN_ROW.fullmatch(lower)
    if row is None or _mean(row[1]) < ROW:
        return lower
    pairs = {row[1][at : at + 2] for at in range(len(row[1]) - 1)}
    return " ".join(row[1]) if pairs.isdisjoint(chinese_pairs()) else lower


def _mean(chars: str) -> float:
    """What each of some Chinese characters weighs."""
    return max(sum(weights(LISTS[name]).get(char, OTHER) for char in chars) for name in CHINESE) / len(chars)
