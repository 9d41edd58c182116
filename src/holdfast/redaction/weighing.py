"""Recovery phrases by weight of evidence, whatever stands between their words: talk, labels, names and times of a
copied chat, markup, numbers of any script, words that are crossed out, doubled, missing, cut, misspelt or not parted.

Each word speaks for a phrase of a list or for everyday language (``weights``, ``parts``); the stretch that speaks most
is looked at more closely. One list after the other; linear.
"""

import re
from bisect import bisect
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import NamedTuple

from holdfast.redaction.evidence import is_alphabetical, is_category, is_crossword, is_excerpt
from holdfast.redaction.findings import Certainty
from holdfast.redaction.labels import as_read, without_labels
from holdfast.redaction.lists import CHINESE, HAN, LISTS, MASK, WordList
from holdfast.redaction.parts import (
    EXACT,
    Part,
    are_numbered,
    cleaned,
    is_cut,
    parts_of,
    stands,
    stretches_of,
    units_of,
)
from holdfast.redaction.phrase import Phrase
from holdfast.redaction.sizes import size_of, valid_windows
from holdfast.redaction.spelling import all_prefixes
from holdfast.redaction.tokens import LEAST, Token
from holdfast.redaction.weights import SAID, likely_lists

# What a stretch has to weigh, and what it has to weigh to be no doubtful case.
ENOUGH, SURE = 8.0, 11.0
# Nothing else between the words; a comma or a line's end and the like between all of them; each with a number; a right
# checksum.
_PURE, _EVEN, _NUMBERED, _RIGHT = 2.0, 3.0, 4.0, 6.0
# A word that tells something, in a message that is nothing but list words: in a chat few are.
_TELLS, _IN_CHAT = 1.0, 0.7
# What words without others between them weigh, and how many they are, in a message that says much else.
_PART, _FEWEST_IN_TALK = 3.0, 3
# Each of two that are a sentence by themselves.
_TELLS_ALONE = 1.3
# Or so many words, whatever they tell.
_SENTENCE_ALONE = 5
SENTENCE = re.compile(r"[\n:：。！？!?…]|\.(?=\s|$)|\.{2,}| [-–—] |[\u2600-\u27bf\U0001f300-\U0001faff]")
# Different words, where some are said to be missing.
_WITH_GAPS = 10
# Different words of several messages that are nothing but list words; what words in several messages have to weigh, and
# with a right checksum.
_ALONE, _ENOUGH_IN_CHAT, _ENOUGH_RIGHT = 8, 14.0, 16.0
# What each of them has to weigh: of a random phrase 1.9, of the words of short answers less than 0.6.
_EACH = 0.7
# Nine words that nearly all tell something, or ten, and nothing else between them, may be most of a phrase; eight of
# them when they are two messages or more.
_FEW, _HEAVY, _NEARLY, _HEAVY_NEARLY, _HEAVY_APART = 9, 15.0, 10, 12.0, 13.0
# As many words as a phrase has, as many in each message, and nothing else in these.
_WHOLE = 4.0
# Weighs enough for one stray word more.
_MUCH = 16.0
# Other words that a stretch is prolonged over, at each side.
_STRAYS = 2
# List words beside a phrase that its own separator tells apart.
_BESIDE = 3
# So few words, after another piece, are looked at for slips though none is right.
_FEW_TOKENS = 6
_MISSING = re.compile(r"\?{2,}|_{3,}|x{3,}|\[?\.\.\.\]?|…|\(")
_DIGITS = re.compile(r"\d+")


class Weighed(NamedTuple):
    """``tokens``: those that stand for list words."""

    phrase: Phrase
    tokens: list[Token]
    weight: float


def weighed(lower: str, begins: Sequence[int] = ()) -> list[Weighed]:
    """The phrases in a folded text, in order of lists; those of different lists may overlap. ``begins``: where each
    of several messages, that are one below the other, begins."""
    lower = without_labels(as_read(lower))
    units = units_of(lower)
    lists = likely_lists([unit.word for unit in units])
    if not lists:
        return []
    tokens = cleaned(lower, units)
    cut = is_cut(tokens)
    found: list[Weighed] = []
    for list_ in lists:
        parts = parts_of(tokens, list_, cut=cut, plate=cut)
        mixed: set[int] = set()
        if begins:
            parts, mixed = _with_messages(lower, parts, tokens, begins)
        for core in stretches_of(parts, 0.0):
            found += _judged(lower, tokens, parts, core, list_, begins, mixed)
    return found


class Piece(NamedTuple):
    """A stretch of a message that speaks for a list: its weight, its words as they are written, and how many ``others``
    stand among these. ``whole``: nothing else stands in the message. ``numbered``: each has its number."""

    weight: float
    words: tuple[str, ...]
    others: int
    whole: bool
    numbered: bool


def pieces_of(lower: str, *, running: bool) -> Iterator[Piece]:
    """What a message says by itself. ``running``: after another piece a word alone may be misspelt."""
    lower = without_labels(as_read(lower))
    tokens = cleaned(lower, units_of(lower))
    shortened = sum(token.word in all_prefixes() for token in tokens)
    cut = shortened > 0.5 * len(tokens) or (running and len(tokens) <= _FEW_TOKENS)
    masks = [MASK.get(token.word) or HAN.get(token.word) or 0 for token in tokens]
    for list_ in LISTS.values():
        if not cut and not any(mask & list_.bit for mask in masks):
            continue
        parts = parts_of(tokens, list_, cut=cut)
        whole = bool(parts) and all(part.word for part in parts)
        for first, last in [(0, len(parts) - 1)] if whole else stretches_of(parts, 0.1):
            stretch = parts[first : last + 1]
            of_words = [part for part in stretch if part.word]
            numbered = are_numbered(lower, tokens, of_words)
            weight = sum(part.weight for part in stretch) + _NUMBERED * numbered
            yield Piece(
                weight,
                tuple(tokens[part.place].word for part in of_words),
                len(stretch) - len(of_words),
                whole,
                numbered,
            )


def _with_messages(
    lower: str, parts: list[Part], tokens: list[Token], begins: Sequence[int]
) -> tuple[list[Part], set[int]]:
    """Of each message what may be of the phrase: all of it where hardly anything else is said; of another one the
    sentences that are nothing but list words, and what tells much within one. The rest speaks neither for nor against.
    Also which messages say more."""
    ends = [match.end() for match in SENTENCE.finditer(lower)]
    kept: list[Part] = []
    mixed: set[int] = set()
    for message, group in groupby(parts, lambda part: bisect(begins, tokens[part.place].start)):
        those = list(group)
        if all(part.word for part in those):
            kept += [
                part._replace(weight=part.weight + _IN_CHAT * (stands(part) and part.weight >= _TELLS))
                for part in those
            ]
            continue
        mixed.add(message)
        little = sum(not part.word for part in those) <= _STRAYS
        of_sentence = groupby(those, lambda part: bisect(ends, tokens[part.place].start))
        sentences = [list(each) for _, each in of_sentence]
        for listed, run in groupby(sentences, lambda sentence: all(part.word for part in sentence)):
            several = [part for sentence in run for part in sentence]
            if little:
                kept += several if any(part.word for part in several) else []
            else:
                kept += _of_sentences(lower, tokens, several) if listed else _within_talk(several)
    return kept, mixed


def _of_sentences(lower: str, tokens: list[Token], several: list[Part]) -> list[Part]:
    """Sentences that are nothing but list words, when they tell enough."""
    weight = sum(part.weight for part in several)
    enough = weight >= _PART or weight >= _TELLS_ALONE * len(several) or are_numbered(lower, tokens, several)
    enough = enough or len(several) >= _SENTENCE_ALONE
    return several if enough and len(several) > 1 else []


def _within_talk(several: list[Part]) -> list[Part]:
    """The words of sentences that say much else which tell much."""
    kept: list[Part] = []
    for first, last in stretches_of(several, _PART):
        stretch = several[slice(*_with_neighbours(several, first, last))]
        if all(part.word for part in stretch) and sum(map(stands, stretch)) >= _FEWEST_IN_TALK:
            kept += stretch
    return kept


def _with_neighbours(parts: list[Part], first: int, last: int) -> tuple[int, int]:
    """First and behind the last of a stretch with the everyday words beside it."""
    while first and stands(parts[first - 1]):
        first -= 1
    while last + 1 < len(parts) and stands(parts[last + 1]):
        last += 1
    return first, last + 1


def _prolonged(parts: list[Part], first: int, last: int, list_: WordList) -> tuple[int, int]:
    """With the list words beside it, that are everyday words too; over another word or two, while the phrase is not
    whole, when one that tells something or makes it whole comes soon behind it."""

    def counted(of: list[Part]) -> int:
        return sum(bool(part.word) for part in of)

    words = counted(parts[first : last + 1])

    def reach(at: int, step: int) -> int:
        nonlocal words
        strays = _STRAYS
        while 0 <= at + step < len(parts):
            if not stands(parts[at + step]):
                places = range(at + step, at + (_STRAYS + 3) * step, step)
                beyond = [parts[place] for place in places if 0 <= place < len(parts)]
                soon = next(
                    (
                        n
                        for n, part in enumerate(beyond)
                        if stands(part) and (part.weight >= _TELLS or words + counted(beyond[: n + 1]) in list_.sizes)
                    ),
                    None,
                )
                strays -= soon is not None and sum(not stands(part) for part in beyond[:soon])
                # Beside a whole phrase one more word is that of a sentence.
                if soon is None or strays < 0 or (words in list_.sizes and sum(map(stands, beyond)) < 2):
                    break
                at += soon * step
            at += step
            words += 1
        return at

    return reach(first, -1), reach(last, 1)


def _with_slips(
    lower: str, tokens: list[Token], parts: list[Part], first: int, last: int, list_: WordList
) -> tuple[int, int]:
    """With a misspelt word at an end, which completes the phrase or is parted as its other words are."""
    gap = partial(_gap, lower, tokens, parts)
    within = {gap(at) for at in range(first, last)}
    words = sum(bool(part.word) for part in parts[first : last + 1])
    for _ in range(2):
        completes = words + 1 in list_.sizes
        if first and parts[first - 1].soft and (completes or gap(first - 1) in within):
            first, words = first - 1, words + 1
        elif last + 1 < len(parts) and parts[last + 1].soft and (completes or gap(last) in within):
            last, words = last + 1, words + 1
        if words in list_.sizes:
            break
    return first, last


def _once_more(parts: list[Part], first: int, last: int) -> tuple[int, int]:
    """With the same words again behind it, as who pastes twice leaves them."""
    words = {part.word for part in parts[first : last + 1] if part.word}
    at = last + 1
    while len(words) >= EXACT and at < len(parts) and at - last <= _STRAYS + 1:
        if parts[at].word in words:
            last = at
        at += 1
    return first, last


def _trimmed(lower: str, tokens: list[Token], of_words: list[Part], window: tuple[int, int]) -> tuple[int, int]:
    """First and last+1 of the words to hide when those of ``window`` are a whole phrase: up to three at each side that
    are set apart by another word or another separator may stay readable ("my seed phrase is …")."""
    gap = partial(_gap, lower, tokens, of_words)
    first, last = window
    within = {gap(left) for left in range(first, last - 1)}

    def beside(of: list[Part], left: int) -> bool:
        """Words that tell little, behind another separator."""
        return 0 < len(of) <= _BESIDE and gap(left) not in within and sum(map(_said, of)) < _TELLS * len(of)

    begin = first if beside(of_words[:first], first - 1) else 0
    end = last if beside(of_words[last:], last - 1) else len(of_words)
    return begin, end


def _judged(
    lower: str,
    tokens: list[Token],
    all_parts: list[Part],
    core: tuple[int, int],
    list_: WordList,
    begins: Sequence[int],
    mixed: set[int],
) -> list[Weighed]:
    first, last = core
    # Talk beside it is full of what may be misspelt words.
    while first < last and not stands(all_parts[first]) and not stands(all_parts[first + 1]):
        first += 1
    while first < last and not stands(all_parts[last]) and not stands(all_parts[last - 1]):
        last -= 1
    heart = all_parts[first : last + 1]
    weight = sum(part.weight for part in heart)
    others = sum(not part.word and part.weight < SAID for part in heart)
    first, last = _prolonged(all_parts, first, last, list_)
    first, last = _with_slips(lower, tokens, all_parts, first, last, list_)
    first, last = _once_more(all_parts, first, last)
    parts = all_parts[first : last + 1]
    of_words = [part for part in parts if part.word]
    words = [part.word for part in of_words]
    if sum(map(stands, parts)) < EXACT - 2:
        return []
    different = list(dict.fromkeys(words))
    soft = sum(part.soft for part in parts)
    windows = [each for each in valid_windows(words, list_) if not any(part.soft for part in of_words[slice(*each)])]
    near = [(low, high) for low, high in windows if len(words) - (high - low) <= 2 * _BESIDE]
    # By chance a part of it is right too: what is left over is to say little.
    right = min(near, key=lambda each: sum(map(_said, of_words[: each[0]] + of_words[each[1] :])), default=None)
    if right is not None:
        weight += _RIGHT
        begin, end = _trimmed(lower, tokens, of_words, right)
        of_words, words = of_words[begin:end], words[begin:end]
    start, end = tokens[of_words[0].place].start, tokens[of_words[-1].place].end
    of_message = [bisect(begins, tokens[part.place].start) for part in parts]
    messages = set(of_message)
    pure = len(of_words) == len(parts)
    # Its beginning may stand behind talk, in a message that nobody held.
    alone = pure and len(messages) > 2 and mixed.isdisjoint(messages)
    gaps = len(words) > len(different) or len(words) + others >= 12 or _MISSING.search(lower, start, end)
    weight += _PURE * pure + _EVEN * _are_even(lower, tokens, of_words)
    weight += _NUMBERED * are_numbered(lower, tokens, of_words)
    few = _FEW if weight >= _HEAVY else _NEARLY if weight >= _HEAVY_NEARLY else LEAST
    # Beside another message, in which the others may stand among talk.
    apart = pure and len(messages) > 1 and weight >= _HEAVY_APART and _are_more(tokens, begins)
    whole = pure and len(of_words) in list_.sizes and _are_alike(of_message) and _is_all(all_parts, first, last)
    weight += _WHOLE * whole
    least = _ALONE if alone or apart else min(few, _WITH_GAPS if gaps else LEAST) if pure or gaps else LEAST
    # The same message over and over is none.
    few_words = len(different) < least or len(words) - soft < EXACT or soft > 0.34 * len(words)
    if (right is None and few_words) or (len(messages) > 2 and 2 * len(different) < len(words)):
        return []
    in_chat = _ENOUGH_RIGHT if right else max(_ENOUGH_IN_CHAT, _EACH * len(of_words))
    enough = ENOUGH if len(messages) < 3 else in_chat
    most = 1.0 if list_.name in CHINESE else 1 + len(words) / 8 + (weight >= _MUCH)
    if weight < enough or others > most + (_STRAYS if right else 0):
        return []
    written = [tokens[part.place].word for part in parts]
    if is_excerpt([part.word for part in of_words if not part.soft], list_) or is_alphabetical(written):
        return []
    if right is None and (
        is_category(words) or is_category(written) or is_crossword(lower[max(0, start - 20) : end + 5])
    ):
        return []
    enough_alone = alone or apart or gaps
    doubtful = (weight < SURE and not pure) or (len(words) + others < LEAST and not enough_alone)
    certainty: Certainty = "certain" if right else "ambiguous" if doubtful else "high"
    size = right[1] - right[0] if right else size_of(len(different), list_)
    return [Weighed(Phrase(start, end, size, certainty), [tokens[part.place] for part in of_words], weight)]


def _are_more(tokens: list[Token], begins: Sequence[int]) -> bool:
    """Whether there are more than two messages."""
    return len({bisect(begins, token.start) for token in tokens}) > 2


def _are_alike(of_message: list[int]) -> bool:
    """Whether each message has as many of the words, and more than one."""
    shares = set(Counter(of_message).values())
    return len(shares) == 1 and shares != {1}


def _is_all(parts: list[Part], first: int, last: int) -> bool:
    """Whether nothing but talk about them stands beside the words."""
    return not any(part.word for part in parts[:first] + parts[last + 1 :])


def _are_even(lower: str, tokens: list[Token], parts: list[Part]) -> bool:
    """Whether one separator, which is no blank, stands between all of the words."""
    gaps = {_gap(lower, tokens, parts, left) for left in range(len(parts) - 1)}
    # Several messages stand one below the other.
    return len(gaps - {"\n"}) <= 1 and " " not in gaps


def _gap(lower: str, tokens: list[Token], parts: list[Part], left: int) -> str:
    """What stands between a part and the next, without the numbers."""
    return _DIGITS.sub("", lower[tokens[parts[left].place].end : tokens[parts[left + 1].place].start])


def _said(part: Part) -> float:
    """What a word says that is left out, everyday words nearly nothing."""
    return max(0.1, part.weight)
