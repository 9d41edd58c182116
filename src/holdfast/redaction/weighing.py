"""Recovery phrases by weight of evidence, whatever stands between their words: talk, labels, names and times of a
copied chat, markup, numbers of any script, words that are crossed out, doubled, missing, cut, misspelt or not parted.

Each word speaks for a phrase of a list or for everyday language (``weights``); the stretch that speaks most is looked
at more closely. One list after the other; linear.
"""

import re
from bisect import bisect
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from holdfast.redaction.evidence import is_alphabetical, is_category, is_crossword, is_excerpt
from holdfast.redaction.findings import Certainty
from holdfast.redaction.lists import CHINESE, HAN, LISTS, MASK, WordList, chinese_pairs
from holdfast.redaction.phrase import Phrase
from holdfast.redaction.sizes import size_of, valid_windows
from holdfast.redaction.spelling import EVERYDAY, PREFIX, all_prefixes, core_of, meant, prefixes
from holdfast.redaction.support_words import SUPPORT
from holdfast.redaction.talk_words import JOINING, NUMBERS, TALK
from holdfast.redaction.things import COMPOUNDS
from holdfast.redaction.tokens import LEAST, NUMERALS, Token, tokens_of
from holdfast.redaction.unbroken import cover
from holdfast.redaction.weights import APART, JOINS, OTHER, SAID, TOGETHER, likely_lists, weights

# What a stretch has to weigh, and what it has to weigh to be no doubtful case.
ENOUGH, SURE = 8.0, 11.0
# From its heaviest place a stretch ends where so much speaks against it.
_TOO_MUCH = 10.0
# Nothing else between the words; each with a number; a right checksum.
_PURE, _NUMBERED, _RIGHT = 2.0, 4.0, 6.0
# A message that is nothing but such words: in a chat few are.
ALONE, _TELLS = 0.7, 1.0
# A misspelt word, a short one, the form of another word ("phones"); one cut to four letters where many are.
_MISSPELT, _SHORT_MISSPELT, _SHORTEST_MISSPELT, _FORM, _CUT, _CUT_ALONE = 1.0, 0.4, -0.4, 0.0, 1.6, 0.4
_FORMS = ("s", "d", "es", "ed", "r", "er", "ing", "ly", "n")
# A word that comes again at once is doubled.
_AGAIN = 0.4
# One of several that nothing parts.
_NOT_PARTED = -0.5
# Different words; spelt right; where some are said to be missing.
_EXACT, _WITH_GAPS = 7, 10
# Of several messages that are nothing but list words; what these have to weigh.
_ALONE, _ENOUGH_ALONE, _ENOUGH_RIGHT = 8, 14.0, 11.0
_FEW, _HEAVY = 9, 18.0
# Other words that a stretch is prolonged over, at each side.
_STRAYS = 2
# List words beside a phrase that its own separator tells apart.
_BESIDE = 3
# So few words, after another piece, are looked at for slips though none is right.
_FEW_TOKENS = 6
# Places beside a list word that may be misspelt ones.
_NEAR = 3
# A word that comes so often labels the others, or is the name before each line of a chat.
_OFTEN = 4
_LABEL = re.compile(r"第\s*[\d一二三四五六七八九十]{1,3}\s*[个個]?(?:[词詞字行段]|部分)?[是为為]?|\d{1,2}\s*[号號]")
# "part 1: …", at the beginning of several lines.
_PART = re.compile(r"^[^\w\n]*([^\W\d]+)[ .#:]{0,2}\d{1,2}\b", re.M)
_MISSING = re.compile(r"\?{2,}|_{3,}|x{3,}|\[?\.\.\.\]?|…|\(")
# Words that are themselves, never misspelt list words.
_NO_SLIP = EVERYDAY | SUPPORT
_DIGITS = re.compile(r"\d+")
_NUMBER = re.compile(r"\d{1,2}")


class Part(NamedTuple):
    """What a token says for a list: the list word that it stands for ("" for none), and how much. ``soft``: misspelt.
    ``place``: of the token."""

    word: str
    weight: float
    soft: bool
    place: int


class Weighed(NamedTuple):
    """``tokens``: those that stand for list words; ``words``: these."""

    phrase: Phrase
    list_: WordList
    tokens: list[Token]
    words: list[str]
    weight: float


def weighed(lower: str, begins: Sequence[int] = ()) -> list[Weighed]:
    """The phrases in a folded text, in order of lists; those of different lists may overlap. ``begins``: where each
    of several messages, that are one below the other, begins."""
    lower = _LABEL.sub(lambda match: " " * len(match.group()), lower)
    units = _units(lower)
    lists = likely_lists([unit.word for unit in units])
    if not lists:
        return []
    tokens = _cleaned(lower, units)
    cut = _is_cut(tokens)
    found: list[Weighed] = []
    for list_ in lists:
        parts = _parts(tokens, list_, cut=cut)
        if begins:
            parts = _with_messages(parts, tokens, begins)
        for core in _stretches(parts, ENOUGH - _PURE - _NUMBERED - _RIGHT):
            found += _judged(lower, tokens, parts, core, list_, begins)
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
    tokens = _cleaned(lower, _units(lower))
    shortened = sum(token.word in all_prefixes() for token in tokens)
    cut = shortened > 0.5 * len(tokens) or (running and len(tokens) <= _FEW_TOKENS)
    masks = [MASK.get(token.word) or HAN.get(token.word) or 0 for token in tokens]
    for list_ in LISTS.values():
        if not cut and not any(mask & list_.bit for mask in masks):
            continue
        parts = _parts(tokens, list_, cut=cut)
        whole = bool(parts) and all(part.word for part in parts)
        for first, last in [(0, len(parts) - 1)] if whole else _stretches(parts, 0.1):
            stretch = parts[first : last + 1]
            of_words = [part for part in stretch if part.word]
            numbered = _are_numbered(lower, tokens, of_words)
            weight = sum(part.weight for part in stretch) + _NUMBERED * numbered
            yield Piece(
                weight,
                tuple(tokens[part.place].word for part in of_words),
                len(stretch) - len(of_words),
                whole,
                numbered,
            )


def _units(lower: str) -> list[Token]:
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


def _cleaned(lower: str, tokens: list[Token]) -> list[Token]:
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


def _is_cut(tokens: list[Token]) -> bool:
    """Whether many words are cut to four letters, as on plates of metal."""
    return sum(token.word in all_prefixes() for token in tokens) >= max(_EXACT, 0.2 * len(tokens))


def _parts(tokens: list[Token], list_: WordList, *, cut: bool) -> list[Part]:
    of_list = weights(list_)
    han = list_.name in CHINESE
    known = [token.word in of_list for token in tokens]
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
        elif known[place]:
            weight = of_list[word]
            if han:
                weight += APART * _is_apart(tokens, place)
            elif parts and word in (parts[-1].word, parts[max(0, len(parts) - 2)].word):
                weight = max(0.0, _AGAIN * weight)
            parts.append(Part(word, weight, False, place))
        elif not han and (
            (word not in _NO_SLIP and (cut or any(known[max(0, place - _NEAR) : place + _NEAR + 1])))
            or (cut and word in prefixes(list_))
        ):
            parts += _likely(word, place, list_, cut=cut)
        else:
            parts.append(Part("", _against(word), False, place))
    return parts


def _is_apart(tokens: list[Token], place: int) -> bool:
    before = place > 0 and tokens[place - 1].end == tokens[place].start
    return not before and (place + 1 == len(tokens) or tokens[place + 1].start > tokens[place].end)


def _likely(word: str, place: int, list_: WordList, *, cut: bool) -> list[Part]:
    """What a word that is not on the list may be on it."""
    of_list = weights(list_)
    if len(word) == PREFIX and (whole := prefixes(list_).get(word)) is not None:
        return [Part(whole, _CUT if cut else _CUT_ALONE, False, place)]
    like = meant(word, list_) if word not in COMPOUNDS else None
    if like is None:
        return [
            Part(each, of_list[each] + _NOT_PARTED, False, place)
            for each in cover(word, list_)
            if word not in COMPOUNDS
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


def _with_messages(parts: list[Part], tokens: list[Token], begins: Sequence[int]) -> list[Part]:
    """Words of messages that are nothing but list words weigh more; of a sentence before or behind them only its first
    words count."""
    messages = [bisect(begins, tokens[part.place].start) for part in parts]
    mixed = {message for message, part in zip(messages, parts, strict=True) if not part.word}
    weighed_anew: list[Part] = []
    row = 0
    for message, part in zip(messages, parts, strict=True):
        row = 0 if part.word else row + 1
        more = -part.weight if row > _STRAYS else ALONE if message not in mixed and part.weight >= _TELLS else 0.0
        weighed_anew.append(part._replace(weight=part.weight + more))
    return weighed_anew


def _stretches(parts: list[Part], least: float) -> Iterator[tuple[int, int]]:
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
            if not _stands(parts[at + step]):
                places = range(at + step, at + (_STRAYS + 3) * step, step)
                beyond = [parts[place] for place in places if 0 <= place < len(parts)]
                soon = next(
                    (
                        n
                        for n, part in enumerate(beyond)
                        if _stands(part) and (part.weight >= _TELLS or words + counted(beyond[: n + 1]) in list_.sizes)
                    ),
                    None,
                )
                strays -= soon is not None and sum(not _stands(part) for part in beyond[:soon])
                # Beside a whole phrase one more word is that of a sentence.
                if soon is None or strays < 0 or (words in list_.sizes and sum(map(_stands, beyond)) < 2):
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

    def gap(left: int) -> str:
        return _DIGITS.sub("", lower[tokens[parts[left].place].end : tokens[parts[left + 1].place].start])

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


def _trimmed(lower: str, tokens: list[Token], of_words: list[Part], window: tuple[int, int]) -> tuple[int, int]:
    """First and last+1 of the words to hide when those of ``window`` are a whole phrase: up to three at each side that
    are set apart by another word or another separator may stay readable ("my seed phrase is …")."""

    def gap(left: int) -> str:
        return _DIGITS.sub("", lower[tokens[of_words[left].place].end : tokens[of_words[left + 1].place].start])

    first, last = window
    within = {gap(left) for left in range(first, last - 1)}
    begin = first if 0 < first <= _BESIDE and gap(first - 1) not in within else 0
    end = last if 0 < len(of_words) - last <= _BESIDE and gap(last - 1) not in within else len(of_words)
    return begin, end


def _judged(
    lower: str,
    tokens: list[Token],
    all_parts: list[Part],
    core: tuple[int, int],
    list_: WordList,
    begins: Sequence[int],
) -> list[Weighed]:
    first, last = core
    # Talk beside it is full of what may be misspelt words.
    while first < last and not _stands(all_parts[first]) and not _stands(all_parts[first + 1]):
        first += 1
    while first < last and not _stands(all_parts[last]) and not _stands(all_parts[last - 1]):
        last -= 1
    heart = all_parts[first : last + 1]
    if sum(map(_stands, heart)) < _EXACT - 2:
        return []
    weight = sum(part.weight for part in heart)
    others = sum(not part.word and part.weight < SAID for part in heart)
    first, last = _prolonged(all_parts, first, last, list_)
    first, last = _with_slips(lower, tokens, all_parts, first, last, list_)
    parts = all_parts[first : last + 1]
    of_words = [part for part in parts if part.word]
    words = [part.word for part in of_words]
    different = list(dict.fromkeys(words))
    soft = sum(part.soft for part in parts)
    windows = valid_windows(words, list_) if not soft else []
    near = [(low, high) for low, high in windows if len(words) - (high - low) <= 2 * _BESIDE]
    # By chance a part of it is right too: what is left over is to say little.
    right = min(near, key=lambda each: sum(map(_said, of_words[: each[0]] + of_words[each[1] :])), default=None)
    if right is not None:
        weight += _RIGHT
        begin, end = _trimmed(lower, tokens, of_words, right)
        of_words, words = of_words[begin:end], words[begin:end]
    start, end = tokens[of_words[0].place].start, tokens[of_words[-1].place].end
    messages = {bisect(begins, tokens[part.place].start) for part in parts}
    # Its beginning may stand behind talk, in a message that nobody held.
    alone = len(messages) > 2 and len(words) == len(parts)
    pure = len(of_words) == len(parts)
    gaps = len(words) > len(different) or len(words) + others >= 12 or _MISSING.search(lower, start, end)
    weight += _PURE * pure + _NUMBERED * _are_numbered(lower, tokens, of_words)
    # Nine words that nearly all tell something, and nothing else between them.
    heavy = pure and weight >= _HEAVY
    least = _ALONE if alone else _FEW if heavy else _WITH_GAPS if gaps else LEAST
    if right is None and (len(different) < least or len(words) - soft < _EXACT or soft > 0.34 * len(words)):
        return []
    if weight < (_ENOUGH_ALONE if len(messages) > 2 else ENOUGH) or others > (
        1 if list_.name in CHINESE else 1 + len(words) / 8
    ):
        return []
    written = [tokens[part.place].word for part in parts]
    if is_excerpt([part.word for part in of_words if not part.soft], list_) or is_alphabetical(written):
        return []
    if right is None and (
        is_category(words) or is_category(written) or is_crossword(lower[max(0, start - 20) : end + 5])
    ):
        return []
    doubtful = (weight < SURE and not pure) or (len(words) + others < LEAST and not alone)
    certainty: Certainty = "certain" if right else "ambiguous" if doubtful else "high"
    size = right[1] - right[0] if right else size_of(len(different), list_)
    found = [tokens[part.place] for part in of_words]
    return [Weighed(Phrase(start, end, size, certainty), list_, found, words, weight)]


def _said(part: Part) -> float:
    """What a word says that is left out, everyday words nearly nothing."""
    return max(0.1, part.weight)


def _stands(part: Part) -> bool:
    return bool(part.word) and not part.soft


def _are_numbered(lower: str, tokens: list[Token], parts: list[Part]) -> bool:
    """Whether nearly all of the words have numbers of their own before them, in any order."""
    numbers = []
    for part in parts:
        token = tokens[part.place]
        before = tokens[part.place - 1].end if part.place else 0
        numbers += _NUMBER.findall(lower, max(before, token.start - 8), token.start)[-1:]
    return len(set(numbers)) >= 0.8 * len(parts)
