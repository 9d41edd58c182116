"""Recovery phrases that are written as items: a word a line, between commas, or each with its number. That there are as
many items as a phrase has words, and one word in each, says so much that of everyday words, misspelt and cut ones most
may be."""

import re
from collections.abc import Iterator
from itertools import groupby

from holdfast.redaction.evidence import is_alphabetical, is_category, is_crossword, is_excerpt
from holdfast.redaction.labels import as_read, without_labels
from holdfast.redaction.lists import CHINESE, LISTS, WordList
from holdfast.redaction.phrase import Phrase
from holdfast.redaction.spelling import prefixes
from holdfast.redaction.tokens import WORD, Token

# What parts items: a line's end, a comma and the like, a number.
_MARKS = "\n,、，;；|/"
_NUMBERED = re.compile(r"\d\W{0,4}[^\W\d]")
_ITEM = re.compile(r"[^\n,、，;；|/\d]+")
# Of the items that many are words of one list; of these that many are different.
_LISTED, _DIFFERENT = 0.66, 0.75
# As many as the shortest phrase has, and items that may stand beside one.
_FEWEST, _BESIDE = 12, 2


def may_be_itemised(lower: str) -> bool:
    """Whether a closer look is worth it; 1 us."""
    return sum(map(lower.count, _MARKS)) >= _FEWEST - 1 or len(_NUMBERED.findall(lower)) >= _FEWEST


def find_itemised(lower: str) -> list[Phrase]:
    """Linear."""
    if not may_be_itemised(lower):
        return []
    lower = without_labels(as_read(lower))
    rows = [[*WORD.finditer(lower, item.start(), item.end())] for item in _ITEM.finditer(lower)]
    found: list[Phrase] = []
    for single, run in groupby((row for row in rows if row), key=lambda row: len(row) == 1):
        items = [Token(row[0].start(), row[0].end(), row[0].group()) for row in run] if single else []
        if any(_is_phrase(lower, part, list_) for list_ in LISTS.values() for part in _parts(items, list_)):
            found.append(Phrase(items[0].start, items[-1].end, len(items), "ambiguous"))
    return found


def _parts(items: list[Token], list_: WordList) -> Iterator[list[Token]]:
    """As many as a phrase has, with a few more before or behind them: a label, a name, a thank you."""
    for size in list_.sizes:
        for more in range(min(_BESIDE, len(items) - size) + 1):
            yield items[more : more + size]


def _is_phrase(lower: str, items: list[Token], list_: WordList) -> bool:
    words = [item.word for item in items]
    cut = prefixes(list_) if list_.name not in CHINESE else {}
    listed = [word for word in words if word in list_.index or word in cut]
    if len(listed) < _LISTED * len(words) or len(set(listed)) < _DIFFERENT * len(listed):
        return False
    whole = [word for word in listed if word in list_.index]
    around = lower[max(0, items[0].start - 20) : items[-1].end + 5]
    return not (is_excerpt(whole, list_) or is_alphabetical(words) or is_category(words) or is_crossword(around))
