"""What the words of a text say for a list: each token with the list word that it stands for and its weight, and the
stretches that speak most.

Numbers, labels and fillers are left out; a word may be cut, misspelt, doubled, or one of several that nothing parts.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from holdfast.redaction.lists import CHINESE, HAN, MASK, TWINS, WordList, chinese_pairs
from holdfast.redaction.spelling import EVERYDAY, PREFIX, all_prefixes, core_of, meant, prefixes
from holdfast.redaction.support_words import SUPPORT
from holdfast.redaction.talk_words import JOINING, NO_TYPO_ELSEWHERE, NUMBERS, TALK
from holdfast.redaction.things import COMPOUNDS
from holdfast.redaction.tokens import LEAST_CUT, NUMBERING, NUMERALS, Token, tokens_of
from holdfast.redaction.unbroken import cover, cover_with_slip, may_be_glued
from holdfast.redaction.weights import APART, JOINS, OTHER, SAID, TOGETHER, weights

# From its heaviest place a stretch ends where so much speaks against it.
_TOO_MUCH = 10.0
# A misspelt word, a short one, the form of another word ("phones"); one cut to four letters where many are.
_MISSPELT, _SHORT_MISSPELT, _SHORTEST_MISSPELT, _FORM, _CUT, _CUT_ALONE = 1.0, 0.4, -0.4, 0.0, 1.6, 0.4
_FORMS = ("s", "d", "es", "ed", "r", "er", "ing", "ly", "n")
# A word that comes again at once is doubled; soon after it is a word of prose: of twelve random words one in thirty
# phrases has one twice.
_AGAIN, _SOON, _SOON_AGAIN = 0.4, 12, -0.5
# One of several that nothing parts.
_NOT_PARTED = -0.5
# Words that are spelt right.
EXACT = 7
# Places beside a list word that may be misspelt ones.
_NEAR = 3
# So many of the six, and it may be two words that nothing parts and one of them misspelt.
_AMONG = 4
# A word that comes so often labels the others, or is the name before each line of a chat.
_OFTEN = 4
# "part 1: …", at the beginning of several lines.
_PART = re.compile(r"^[^\w\n]*([^\W\d]+)[ .#:]{0,2}\d{1,2}\b", re.M)
# Words that are themselves, never misspelt list words.
_NO_SLIP = EVERYDAY | NO_TYPO_ELSEWHERE | JOINING | SUPPORT
# What may number a word, and how far before it that stands.
_NUMBER = re.compile(r"\d{1,2}|[^\W\d_]+")
_NUMBER_BEFORE = 24
_LETTERED = (NUMBERING | NUMERALS) - {"i"}
# List words that stand at every second or third place, and what the others say then.
_ALTERNATING, _LABELS = 8, -0.3


class Part(NamedTuple):
    """What a token says for a list: the list word that it stands for ("" for none), and how much. ``soft``: misspelt.
    ``place``: of the token."""

    word: str
    weight: float
    soft: bool
    place: int


def units_of(lower: str) -> list[Token]:
    """The words; of Chinese each character, where no more than three stand together that make no word."""
    units: list[Token] = []
    for token in tokens_of(lower):
        word = token.word
        if 1 < len(word) <= TOGETHER and word[0] in HAN and word not in NUMERALS and not _common(word):
            units += [Token(token.start + at, token.start + at + 1, char) for at, char in enumerate(word)]
        elif "\u3041" <= word[0] <= "\u3096":
            units.append(token._replace(word=core_of(word)))
        else:
            units.append(token)
    return units


def _common(word: str) -> bool:
    return any(word[at : at + 2] in chinese_pairs() for at in range(len(word) - 1))


def cleaned(lower: str, tokens: list[Token]) -> list[Token]:
    """Without numbers, labels and fillers."""
    # A label never stands beside itself.
    counts = Counter(token.word for token in tokens[:1])
    counts.update(token.word for before, token in pairwise(tokens) if token.word != before.word)
    labels = {word for word, count in Counter(_PART.findall(lower)).items() if count > 1 + (word in MASK)}
    hits = sum(word in MASK or word in HAN for word in counts)
    numbers = sum(word in NUMBERS for word in counts) >= _OFTEN

    def stays(word: str) -> bool:
        if word in NUMERALS or word in labels or (numbers and word in NUMBERS):
            return False
        listed = word in MASK or word in HAN
        if word in JOINING:
            return counts[word] < _OFTEN or not (counts[word] >= 0.6 * hits or _is_regular(word, tokens))
        return counts[word] < max(_OFTEN + listed, 0.2 * hits) and not (word in TALK and not listed)

    kept = {word for word in counts if stays(word)}
    return [token for token in tokens if token.word in kept]


def _is_regular(word: str, tokens: list[Token]) -> bool:
    """Whether a word stands at every third place or so, as "is" does in "word 1 is …, word 2 is …"."""
    places = [place for place, token in enumerate(tokens) if token.word == word]
    steps = Counter(right - left for left, right in pairwise(places))
    step, count = steps.most_common(1)[0]
    return len(places) > _OFTEN and step <= _OFTEN and count >= 0.7 * (len(places) - 1)


def is_cut(tokens: list[Token]) -> bool:
    """Whether many words are cut to four letters, as on plates of metal."""
    return sum(token.word in all_prefixes() for token in tokens) >= max(LEAST_CUT, 0.2 * len(tokens))


def parts_of(tokens: list[Token], list_: WordList, *, cut: bool, plate: bool = False) -> list[Part]:
    of_list = weights(list_)
    han = list_.name in CHINESE
    covers = [() if han or token.word in of_list else _cover(token.word, list_) for token in tokens]
    known = [token.word in of_list or bool(words) for token, words in zip(tokens, covers, strict=True)]
    labels = _alternating(tokens, known)
    parts: list[Part] = []
    halves = False
    for place, token in enumerate(tokens):
        word = token.word
        both = word + tokens[place + 1].word if place + 1 < len(tokens) else ""
        if halves:
            halves = False
        elif both in of_list and not han and not (known[place] and known[place + 1]):
            halves = True
            parts.append(Part(both, of_list[both] + _NOT_PARTED, False, place))
            parts.append(Part(both, 0.0, False, place + 1))
        elif covers[place]:
            parts += [Part(each, of_list[each] + _NOT_PARTED, False, place) for each in covers[place]]
        elif known[place]:
            weight = of_list[word]
            if han:
                weight += APART * _is_apart(tokens, place)
            elif word in {part.word for part in parts[-2:]}:
                weight = max(0.0, _AGAIN * weight)
            elif word in {part.word for part in parts[-_SOON:]}:
                weight = min(weight, _SOON_AGAIN)
            parts.append(Part(TWINS[list_.name].get(word, word) if han else word, weight, False, place))
        elif not han and (
            (word not in _NO_SLIP and (cut or any(known[max(0, place - _NEAR) : place + _NEAR + 1])))
            or (plate and word in prefixes(list_))
        ):
            beside = known[max(0, place - _NEAR) : place] + known[place + 1 : place + _NEAR + 1]
            recent = {part.word for part in parts[-_SOON:]}
            parts += [
                part._replace(weight=min(part.weight, _SOON_AGAIN)) if part.soft and part.word in recent else part
                for part in _likely(word, place, list_, cut=cut, among=sum(beside) >= min(_AMONG, max(2, len(beside))))
            ]
        else:
            parts.append(Part("", _against(word), False, place))
        if place in labels and not parts[-1].word:
            parts[-1] = Part("", _LABELS, False, place)
    return parts


def _alternating(tokens: list[Token], known: list[bool]) -> frozenset[int]:
    """Places of other words that stand one by one, or two by two, between many list words: ordinals, numbers in words.
    What joins the words of prose is none of these."""
    places = [place for place, listed in enumerate(known) if listed]
    found: set[int] = set()
    for step in (2, 3):
        run: list[int] = []
        for left, right in pairwise([*places, len(known) + 9]):
            if right - left == step:
                run = [*run, right] if run else [left, right]
                continue
            if len(run) >= _ALTERNATING:
                between = {*range(run[0] - step + 1, run[-1])}.difference(run) & {*range(len(known))}
                if sum(tokens[place].word in JOINING for place in between) <= 0.2 * len(between):
                    found |= between
            run = []
    return frozenset(found)


def _is_apart(tokens: list[Token], place: int) -> bool:
    before = place > 0 and tokens[place - 1].end == tokens[place].start
    return not before and (place + 1 == len(tokens) or tokens[place + 1].start > tokens[place].end)


def _cover(word: str, list_: WordList) -> list[str]:
    return cover(word, list_) if may_be_glued(word) and word not in _NO_SLIP else []


def _likely(word: str, place: int, list_: WordList, *, cut: bool, among: bool) -> list[Part]:
    """What a word that is not on the list may be on it. ``among``: nearly all beside it are list words."""
    of_list = weights(list_)
    if len(word) == PREFIX and (whole := prefixes(list_).get(word)) is not None:
        return [Part(whole, _CUT if cut else _CUT_ALONE, False, place)]
    like = meant(word, list_) if word not in COMPOUNDS else None
    if like is None:
        glued = cover_with_slip(word, list_) if among else []
        return [
            Part(
                each, of_list[each] + _NOT_PARTED if each in word else _MISSPELT + _NOT_PARTED, each not in word, place
            )
            for each in glued
        ] or [Part("", _against(word), False, place)]
    form = word.startswith(like) and word[len(like) :] in _FORMS
    letters = len(word) if word[0] < "\u3041" else 2 * len(word)
    weight = _SHORTEST_MISSPELT if letters < PREFIX else _SHORT_MISSPELT if letters == PREFIX else _MISSPELT
    return [Part(like, _FORM if form else weight, True, place)]


def _against(word: str) -> float:
    if word in TALK:
        return SAID
    if word in JOINING:
        return JOINS
    return OTHER * min(2.0, max(1.0, len(word) / 3)) if word[0] >= "\u3041" else OTHER


def stretches_of(parts: list[Part], least: float) -> Iterator[tuple[int, int]]:
    """First and last of each heaviest stretch."""
    score = best = 0.0
    first = last = 0
    for at, part in enumerate([*parts, Part("", -1e9, False, -1)]):
        if score <= 0.0 or best - score > _TOO_MUCH or part.place < 0:
            if best >= least and best > 0.0:
                yield first, last
            score = best = 0.0
            first = at
        score += part.weight
        if score >= best:
            best, last = score, at


def are_numbered(lower: str, tokens: list[Token], parts: list[Part]) -> bool:
    """Whether nearly all of the words have numbers of their own before them, in any order: in digits, letters or
    words."""
    numbers: set[str] = set()
    for part in parts:
        token = tokens[part.place]
        before = tokens[part.place - 1].end if part.place else 0
        between = _NUMBER.findall(lower, max(before, token.start - _NUMBER_BEFORE), token.start)
        if all(each.isdigit() or each in NUMBERS or each in _LETTERED for each in between):
            numbers |= {*between[-1:]}
    return len(numbers) >= 0.8 * len(parts)


def stands(part: Part) -> bool:
    return bool(part.word) and not part.soft
