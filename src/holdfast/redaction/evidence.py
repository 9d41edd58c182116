"""What tells words of a list that stand together by chance (prose, code, a log, the list itself) from a phrase.

Checksums cannot: of the 13 stretches of 12 among 24 words one is right by chance more often than not.
"""

import re
from collections import Counter
from itertools import pairwise

from holdfast.redaction.lists import WordList
from holdfast.redaction.things import KINDS
from holdfast.redaction.tokens import Token

_BESIDE_MARKS = re.compile(r"[a-z0-9_\s]+")
_NUMBER = re.compile(r"\d+")
_SENTENCE = re.compile(r"[.!?:;]")
_LENGTH = re.compile(r"([a-z]+) \((\d{1,2})\)")
_CODE = re.compile(r"[\"'<>(){}\[\]=$`+%\\#*@&^~]")


def looks_random(lower: str, tokens: list[Token], words: list[str], list_: WordList, *, pure: bool) -> bool:
    """Whether list words that stand together hardly repeat, few are everyday words, and one kind of separator parts
    them. ``tokens``: all from the first to the last word. ``pure``: there is no other word among them."""
    if len(set(words)) < 0.75 * len(words):
        return False
    everyday = sum(word in list_.everyday for word in words)
    gaps = [lower[left.end : right.start] for left, right in pairwise(tokens)]
    if _numbered(gaps):
        return True
    # Without any other word between them the run itself speaks; prose joins its words with "the", "is", "of".
    if everyday > (0.6 if pure else 0.4) * len(words):
        return False
    marks = [_BESIDE_MARKS.sub("", gap) for gap in gaps]
    if not any(_SENTENCE.search(gap) or _CODE.search(gap) for gap in marks):
        return True
    # Separators of all kinds are no code (one bracket may be that of the sentence around), and few everyday words are
    # no sentence.
    if everyday <= 0.25 * len(words) and sum(_CODE.search(gap) is not None for gap in marks[1:-1]) <= 1:
        return True
    mark, count = Counter(marks).most_common(1)[0]
    return bool(mark) and count >= 0.6 * len(marks)


def is_excerpt(words: list[str], list_: WordList) -> bool:
    """Whether the words stand in the order of the list: a table of the list, not a phrase (1 random one in 20,000)."""
    steps = [list_.index[right] - list_.index[left] for left, right in pairwise(words)]
    return len(steps) >= 8 and sum(step > 0 for step in steps) >= 0.9 * len(steps)


def is_alphabetical(words: list[str]) -> bool:
    """The same for a table of another list."""
    return sum(left < right for left, right in pairwise(words)) >= 0.85 * (len(words) - 1)


def is_category(words: list[str]) -> bool:
    """Whether nearly all words name things of one kind, as lists of shopping and of animals do. Of a random phrase one
    word in thirty is an animal."""
    return any(sum(word in kind for word in words) >= 0.6 * len(words) for kind in KINDS)


def is_crossword(lower: str) -> bool:
    """Whether each word has its own length behind it, or the text says what it is."""
    return "crossword" in lower or sum(len(word) == int(count) for word, count in _LENGTH.findall(lower)) >= 5


def _numbered(gaps: list[str]) -> bool:
    """Whether the words are numbered, in any order."""
    numbers = [int(found[-1]) for gap in gaps if (found := _NUMBER.findall(gap)) and len(found[-1]) <= 2]
    return len(numbers) >= 0.8 * len(gaps) and len(set(numbers)) >= 0.9 * len(numbers) and max(numbers) <= 36
