"""What tells words of a list that stand together by chance (prose, code, a log, the list itself) from a phrase.

Checksums cannot: of the 13 stretches of 12 among 24 words one is right by chance more often than not.
"""

import re
from itertools import pairwise

from holdfast.redaction.lists import WordList
from holdfast.redaction.things import KINDS

_LENGTH = re.compile(r"([a-z]+) \((\d{1,2})\)")


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
