"""What a word says for a recovery phrase of a list, against everyday language: the natural logarithm of how much more
often it stands in the one than in the other. A random phrase of 2048 words has each of them once in 2048."""

from collections import Counter
from functools import cache
from math import log

from holdfast.redaction.lists import CHINESE, ENGLISH, HAN, LATIN, LISTS, MASK, TWINS, WordList
from holdfast.redaction.spelling import NO_TYPO, all_prefixes, prefixes
from holdfast.redaction.support_words import SUPPORT
from holdfast.redaction.talk_words import EVERYDAY_ELSEWHERE, JOINING, NUMBERS, TALK
from holdfast.redaction.tokens import LEAST_CUT, NUMBERING, NUMERALS, may_be_unbroken
from holdfast.redaction.unbroken import cover, most_glued

# A list word that is none of everyday language: 5 in 100 words of prose are among some 1,900 of these.
TELLING = 2.3
EVERYDAY_WORD, EVERYDAY_ABROAD, OF_SUPPORT = -1.0, 0.3, 0.0
LEAST_WEIGHT = -1.5
# No list word: three in 100 of what stands between the words of a phrase, four in five of prose.
OTHER, JOINS, SAID = -2.5, -2.0, -1.0
# For the cheap look every word is taken for what it may turn out to be: one with a letter wrong, several in one.
AT_BEST, AT_BEST_JOINS, AT_BEST_CUT, UNBROKEN = -1.0, -0.5, 0.8, 20.0
# Each of several words that nothing parts.
GLUED = 1.8
# A Chinese character that stands by itself.
APART = 0.8
# Chinese characters together that may be single words; a row of more is a sentence or unbroken (han).
TOGETHER = 3
# What a text has to weigh at best for a closer look, and how many words of one list it has to have: nine of twelve with
# a letter wrong in a quarter, and some of these not parted. A word that is none of the list may be misspelt.
LIKELY, FEWEST_EXACT, UNKNOWN, AGAIN = 4.5, 5, -1.3, -0.3
# Electrum's old list and BIP-39's Chinese ones stand in the order of how often a word is written (Zipf's law).
_ZIPF, _FIRST = 170.7, 2.7
_ZIPF_HAN, _FIRST_HAN = 320.0, 40.0
_ENGLISH_LISTS = ("english", "slip39", "electrum_old", "monero")
_RANK = {word: rank for rank, word in enumerate(LISTS["electrum_old"].index, start=1)}


@cache
def weights(list_: WordList) -> dict[str, float]:
    """Of every word of the list."""
    if list_.name in CHINESE:
        own = {char: round(log((place + _FIRST_HAN) / _ZIPF_HAN), 6) for char, place in list_.index.items()}
        return own | {char: own[twin] for char, twin in TWINS[list_.name].items()}
    return {word: _weight(word, list_) for word in list_.index}


@cache
def with_cut(list_: WordList) -> dict[str, float]:
    """The same, with the first four letters of the longer ones."""
    return dict.fromkeys(prefixes(list_), AT_BEST_CUT) | weights(list_)


def _weight(word: str, list_: WordList) -> float:
    weight = TELLING
    if word in _RANK and list_.name in _ENGLISH_LISTS:
        weight = min(TELLING, round(log((_RANK[word] + _FIRST) / _ZIPF), 6))
    elif word in EVERYDAY_ELSEWHERE:
        weight = EVERYDAY_ABROAD
    if word in SUPPORT:
        weight = min(weight, OF_SUPPORT)
    if word in ENGLISH.everyday or word in NO_TYPO:
        weight = min(weight, EVERYDAY_WORD)
    return max(LEAST_WEIGHT, weight)


@cache
def _best() -> dict[str, float]:
    best = dict.fromkeys(all_prefixes(), AT_BEST_CUT) | dict.fromkeys((*NUMBERS, *TALK), 0.0)
    best |= dict.fromkeys(JOINING, AT_BEST_JOINS)
    best |= dict.fromkeys((*NUMERALS, *NUMBERING), 0.0)
    for word in MASK:
        best[word] = max(0.0, *(weights(each)[word] for each in LISTS.values() if word in each.index))
    return best


_BETWEEN = TALK | NUMBERS | NUMERALS | NUMBERING


@cache
def _best_han() -> dict[str, float]:
    return {char: max(weights(LISTS[name]).get(char, LEAST_WEIGHT) for name in CHINESE) for char in HAN}


def glimpse(words: list[str]) -> float:
    """The most that a stretch of a text of these words (WORD) may weigh, overestimated: the look that ordinary messages
    end at. Linear; 10 us for 400 characters of prose."""
    get, of_han = _best().get, _best_han().get
    best = score = 0.0
    seen: set[str] = set()
    for word in words:
        weight = get(word)
        if weight is None:
            if "\u3400" <= word[0] <= "\u9fff":
                if len(word) > TOGETHER:
                    score = max(0.0, score + OTHER)
                    continue
                weight = sum(APART + of_han(char, OTHER) for char in word)
            elif may_be_unbroken(word):
                weight = UNBROKEN
            elif word in seen:
                # What comes again may be a label, and stands for nothing.
                weight = 0.0
            else:
                weight = GLUED * most_glued(word) or AT_BEST
                seen.add(word)
        score += weight
        if score < 0.0:
            score = 0.0
        elif score > best:
            best = score
    return best


def likely_lists(words: list[str]) -> list[WordList]:
    """The lists of which a text of these words may hold a phrase. They are few, and mostly none."""
    if glimpse(words) < LIKELY:
        return []
    different = set(words)
    # Of all words: there are phrases of two different ones ("zoo", eleven times, and "wrong").
    masks = Counter(mask for word in words if (mask := MASK.get(word) or HAN.get(word)))
    cut = len(different & all_prefixes()) >= LEAST_CUT
    glued = [word for word in different if most_glued(word)]
    if masks.total() < FEWEST_EXACT and not cut and not glued:
        return []
    found = []
    for list_ in LISTS.values():
        han = list_.name in CHINESE
        counts = {} if han else {word: count for word in glued if (count := len(cover(word, list_)))}
        of_glued = {word: GLUED * count for word, count in counts.items()}
        exact = sum(count for mask, count in masks.items() if mask & list_.bit) + sum(counts.values())
        if (exact >= FEWEST_EXACT and _stretch(words, weights(list_), of_glued, APART if han else 0.0) >= LIKELY) or (
            cut and list_.name in LATIN and _stretch(words, with_cut(list_), of_glued) >= LIKELY
        ):
            found.append(list_)
    return found


def _stretch(words: list[str], of_list: dict[str, float], of_glued: dict[str, float], more: float = 0.0) -> float:
    """The same of one list, where more stands between its words. ``more``: what each of these weighs at best."""
    get = of_list.get
    best = score = 0.0
    seen: set[str] = set()
    for word in words:
        weight = get(word)
        if weight is not None:
            weight += more
        elif (weight := of_glued.get(word)) is None:
            if word in _BETWEEN:
                continue
            weight = AGAIN if word in seen else UNKNOWN
            seen.add(word)
        score += weight
        if score < 0.0:
            score = 0.0
        elif score > best:
            best = score
    return best
