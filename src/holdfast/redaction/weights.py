"""What a word says for a recovery phrase of a list, against everyday language: the natural logarithm of how much more
often it stands in the one than in the other. A random phrase of 2048 words has each of them once in 2048."""

from functools import cache
from math import log

from holdfast.redaction.lists import CHINESE, ENGLISH, HAN, LISTS, MASK, WordList
from holdfast.redaction.spelling import NO_TYPO, all_prefixes
from holdfast.redaction.support_words import SUPPORT
from holdfast.redaction.talk_words import EVERYDAY_ELSEWHERE, JOINING, NUMBERS, TALK
from holdfast.redaction.tokens import NUMBERING, NUMERALS, WORD, may_be_unbroken

# A list word that is none of everyday language: 5 in 100 words of prose are among some 1,900 of these.
TELLING = 2.3
EVERYDAY_WORD, EVERYDAY_ABROAD, OF_SUPPORT = -1.0, 0.3, 0.0
LEAST_WEIGHT = -1.5
# No list word: three in 100 of what stands between the words of a phrase, four in five of prose.
OTHER, JOINS, SAID = -2.5, -2.0, -1.0
# For the cheap look every word is taken for what it may turn out to be: one with a letter wrong, several in one.
AT_BEST, AT_BEST_CUT, UNBROKEN = -1.0, 0.8, 20.0
# Letters of two words and more that nothing parts.
GLUED = 14
# A Chinese character that stands by itself.
APART = 0.8
# Electrum's old list and BIP-39's Chinese ones stand in the order of how often a word is written (Zipf's law).
_ZIPF, _FIRST = 170.7, 2.7
_ZIPF_HAN, _FIRST_HAN = 320.0, 40.0
_ENGLISH_LISTS = ("english", "slip39", "electrum_old", "monero")
_RANK = {word: rank for rank, word in enumerate(LISTS["electrum_old"].index, start=1)}


@cache
def weights(list_: WordList) -> dict[str, float]:
    """Of every word of the list."""
    if list_.name in CHINESE:
        return {char: log((place + _FIRST_HAN) / _ZIPF_HAN) for char, place in list_.index.items()}
    return {word: _weight(word, list_) for word in list_.index}


def _weight(word: str, list_: WordList) -> float:
    weight = TELLING
    if word in _RANK and list_.name in _ENGLISH_LISTS:
        weight = min(TELLING, log((_RANK[word] + _FIRST) / _ZIPF))
    elif word in EVERYDAY_ELSEWHERE:
        weight = EVERYDAY_ABROAD
    if word in SUPPORT:
        weight = min(weight, OF_SUPPORT)
    if word in ENGLISH.everyday or word in NO_TYPO:
        weight = min(weight, EVERYDAY_WORD)
    return max(LEAST_WEIGHT, weight)


def _at_best() -> dict[str, float]:
    best = dict.fromkeys(all_prefixes(), AT_BEST_CUT) | dict.fromkeys((*JOINING, *NUMBERS, *TALK), 0.0)
    best |= dict.fromkeys((*NUMERALS, *NUMBERING), 0.0)
    for word in MASK:
        best[word] = max(0.0, *(weights(LISTS[name])[word] for name in _lists_of(word)))
    return best


def _lists_of(word: str) -> list[str]:
    return [each.name for each in LISTS.values() if word in each.index]


_BEST = _at_best()
_BEST_HAN = {char: max(weights(LISTS[name]).get(char, LEAST_WEIGHT) for name in CHINESE) for char in HAN}


def glimpse(lower: str) -> float:
    """The most that a stretch of the text may weigh, overestimated: the look that ordinary messages end at. Linear;
    12 us for 400 characters of prose."""
    get, of_han = _BEST.get, _BEST_HAN.get
    best = score = 0.0
    for word in WORD.findall(lower):
        weight = get(word)
        if weight is None:
            if "\u3400" <= word[0] <= "\u9fff":
                for char in word:
                    score += APART + of_han(char, OTHER)
                    if score < 0.0:
                        score = 0.0
                    elif score > best:
                        best = score
                continue
            weight = AT_BEST if len(word) < GLUED else TELLING if not may_be_unbroken(word) else UNBROKEN
        score += weight
        if score < 0.0:
            score = 0.0
        elif score > best:
            best = score
    return best
