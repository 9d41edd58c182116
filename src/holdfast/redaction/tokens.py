"""The words of a folded text, and the cheap look at them that ordinary messages end at."""

import re
from collections import Counter
from itertools import accumulate
from typing import NamedTuple

from holdfast.redaction.lists import ENGLISH, EVERYDAY_BITS, EVERYDAY_LISTS, LISTS, MASK, SPACED
from holdfast.redaction.spelling import all_prefixes
from holdfast.redaction.support_words import SUPPORT

# Words of one script. Accents are gone, so Latin is a to z and a few letters more.
HAN = "\u3005\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_OTHERS = "\u0250-\u1fff\u2c00-\u2dff\ua4d0-\uabff\ufb00-\ufdff\ufe70-\ufefc"
LETTERS = f"a-z\u00df-\u024f{_OTHERS}\u3041-\u3096\u30fc\uac00-\ud7a3{HAN}"
WORD = re.compile(f"[a-z\u00df-\u024f]+|[{HAN}]+|[\u3041-\u3096\u30fc]+|[\uac00-\ud7a3]+|[{_OTHERS}]+")
# What numbering leaves behind between the words: "1st", lettered lists; "a" and "i" are words of prose.
NUMBERING = frozenset({"st", "nd", "rd", "th", *"bcdefghjklmnopqrstuvwxyz"})

# Numbers of other kinds, as whole words, up to 39: xii, 十二.
NUMERALS = frozenset(
    tens + ones
    for row_of_tens, row_of_ones in (
        (("", "x", "xx", "xxx"), ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")),
        (("", "十", "二十", "三十"), ("", *"一二三四五六七八九")),
    )
    for tens in row_of_tens
    for ones in row_of_ones
)
# Chinese characters that carry grammar: three in twelve of prose, of a random phrase one in five phrases.
GRAMMAR = frozenset(
    "的是不了在有我你他这那個个们們来來为為和到说說要就会會可也对對能而得着之过過"
    "后後吗嗎吧呢啊请請没沒什么怎都还還但因把被给給去从從与與及或其"
)

# Fewer in a row are everyday language; eleven are a phrase with one word left out or misspelt.
LEAST = 11
# Of eleven words that many are spelt right, with a quarter of typing errors; and they lie that close together.
LEAST_EXACT, CLOSE = 8, 13
# Of these, so many are none of everyday language: of a random phrase 7 of 8.
LEAST_TELLING = 3
# A word that labels the others ("word 1: …") stands before most of them.
LABEL_COUNT = 8
# Letters of eleven words without anything between them; of Korean and Japanese ones, syllables.
LEAST_UNBROKEN, LEAST_SYLLABLES = 33, 22

ORDINARY = ENGLISH.everyday | SUPPORT
# One character for each word: of a main list (x), of an everyday list (p) or both (b), an ordinary word of the main
# lists (o), four letters of a list word (a), other (.).
_CLASS = {
    word: "x" if not mask & EVERYDAY_BITS else "p" if not mask & ~EVERYDAY_BITS else "b" for word, mask in MASK.items()
}
_CLASS |= {word: "o" for word in ORDINARY if MASK.get(word, 0) & ~EVERYDAY_BITS}
_CLASS = dict.fromkeys(all_prefixes(), "a") | _CLASS
_MAIN_LISTS = [LISTS[name] for name in SPACED if name not in EVERYDAY_LISTS]
_POETRY = re.compile("[bopx]{11,}")
_SHORTENED = re.compile("[abopx]{11,}")


class Token(NamedTuple):
    start: int
    end: int
    word: str


def tokens_of(lower: str) -> list[Token]:
    return [
        Token(match.start(), match.end(), match.group())
        for match in WORD.finditer(lower)
        if match.group() not in NUMBERING
    ]


def promising(words: list[str], listed: list[int]) -> bool:
    """Whether eight words of a list lie close together, three of which are none of everyday language nor of a
    wallet's ("step", "network", "token"). ``listed``: their places in ``words``."""
    told = [0, *accumulate(words[place] not in ORDINARY for place in listed)]
    return any(
        last - first < CLOSE and after - before >= LEAST_TELLING
        for first, last, before, after in zip(listed, listed[LEAST_EXACT - 1 :], told, told[LEAST_EXACT:], strict=False)
    )


def _close_together(classes: str, listed: list[int]) -> bool:
    """The same for all main lists at once, which is cheaper."""
    if classes.count("x") + classes.count("b") < LEAST_TELLING:
        return False
    told = [0, *accumulate(classes[place] != "o" for place in listed)]
    return any(
        last - first < CLOSE and after - before >= LEAST_TELLING
        for first, last, before, after in zip(listed, listed[LEAST_EXACT - 1 :], told, told[LEAST_EXACT:], strict=False)
    )


def _of_one_list(words: list[str]) -> bool:
    masks = [MASK.get(word, 0) for word in words]
    counts = Counter(masks).items()
    return any(
        promising(words, [place for place, mask in enumerate(masks) if mask & list_.bit])
        for list_ in _MAIN_LISTS
        if sum(count for mask, count in counts if mask & list_.bit) >= LEAST_EXACT
    )


def may_be_unbroken(word: str) -> bool:
    first = word[0]
    if first < "\u0250":
        return len(word) >= LEAST_UNBROKEN
    return len(word) >= LEAST_SYLLABLES and ("\u3041" <= first <= "\u30fc" or "\uac00" <= first <= "\ud7a3")


def may_hold_words(words: list[str]) -> bool:
    """Whether a closer look at a text of these words (WORD) is worth it."""
    if max(map(len, words), default=0) >= LEAST_SYLLABLES and any(map(may_be_unbroken, words)):
        return True
    return len(words) >= LEAST_EXACT and _may_hold(words)


def _may_hold(words: list[str]) -> bool:
    get = _CLASS.get
    # Numbering is left out, so that places in ``classes`` are places in ``words``.
    words = [word for word in words if word not in NUMBERING]
    classes = "".join([get(word, ".") for word in words])
    if any(len(set(words[run.start() : run.end()])) >= LEAST_EXACT for run in _POETRY.finditer(classes)):
        return True
    if "a" in classes and any(run.count("a") >= 0.4 * len(run) for run in _SHORTENED.findall(classes)):
        return True
    listed = [place for place, each in enumerate(classes) if each in "xbo"]
    if len(listed) >= LEAST_EXACT and _close_together(classes, listed) and _of_one_list(words):
        return True
    # Eight equal words are seven too many; what they label are eight others.
    different = len(set(words))
    return (
        min(len(listed), different) >= LEAST_EXACT
        and len(words) - different >= LABEL_COUNT - 1
        and Counter(words).most_common(1)[0][1] >= LABEL_COUNT
    )
