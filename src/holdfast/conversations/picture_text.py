"""Words seen in a picture, put into the orders in which a person may have meant them. Pure.

A phrase on a screenshot stands in rows, or in columns that are read downwards, mostly with numbers. One order alone
misses the others: every one of them is looked at.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

# "7.", "(7)", "7. word": a number in front of a word, with or without a gap.
_NUMBERED = re.compile(r"\W*(\d{1,2})\W*(\D.*)?")
_BARE_NUMBER = re.compile(r"[\W\d_]*")
# As many different numbers up to 24, each before one single word, make a picture doubtful. A phrase has 12 at least,
# but a reader loses the one-digit ones of a whole column; numbered steps of a manual have more words each.
_LAST = 24
_ENOUGH = 5
# In heights of a line: words nearer than this belong to one cell; left edges nearer than that to one column.
_GAP = 1.2
_EDGE = 2.0


@dataclass(frozen=True, slots=True)
class Seen:
    """A word and its box in pixels of the picture as it was read."""

    text: str
    left: int
    top: int
    width: int
    height: int

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


@dataclass(frozen=True, slots=True)
class Reading:
    """``texts`` are what to look for secrets in: by rows, by columns, by columns with the pieces of words put together,
    by their numbers, and the first two without numbers. ``like_a_phrase``: numbered as a phrase is, whatever the words
    are (the reader may have misread them all)."""

    texts: tuple[str, ...] = ()
    like_a_phrase: bool = False


def reading(seen: Sequence[Seen]) -> Reading:
    """What can be made of the words."""
    words = [word for word in seen if word.text.strip()]
    if not words:
        return Reading()
    height = median(word.height for word in words)
    rows = _rows(words, height)
    cells = [cell for row in rows for cell in _cells(row, height)]
    columns = _columns(cells, height)
    in_cells = [_joined([word.text for word in cell]) for column in columns for cell in column]
    by_rows = [[word.text for word in row] for row in rows]
    by_columns = [[word.text for word in cell] for column in columns for cell in column]
    texts = (
        "\n".join(" ".join(line) for line in by_rows),
        "\n".join(" ".join(line) for line in by_columns),
        "\n".join(in_cells),
        _by_number(in_cells),
        _without_numbers(by_rows),
        _without_numbers(by_columns),
    )
    found = (_NUMBERED.fullmatch(cell) for cell in in_cells)
    numbers = {int(one[1]) for one in found if one and one[2] and len(one[2].split()) == 1}
    like_a_phrase = sum(0 < number <= _LAST for number in numbers) >= _ENOUGH
    return Reading(tuple(dict.fromkeys(text for text in texts if text)), like_a_phrase)


def _joined(words: list[str]) -> str:
    """A cell's text. A reader takes Chinese, Japanese and Korean words apart: their pieces are put together again."""
    text = words[0]
    for before, word in pairwise(words):
        text += word if _wide(before[-1]) and _wide(word[0]) else " " + word
    return text


def _wide(mark: str) -> bool:
    return mark >= "\u1100"


def _rows(words: Sequence[Seen], height: float) -> list[list[Seen]]:
    rows: list[list[Seen]] = []
    for word in sorted(words, key=lambda word: word.middle):
        if rows and word.middle - rows[-1][-1].middle < height * 0.6:
            rows[-1].append(word)
        else:
            rows.append([word])
    return [sorted(row, key=lambda word: word.left) for row in rows]


def _cells(row: list[Seen], height: float) -> list[list[Seen]]:
    cells = [[row[0]]]
    for before, word in pairwise(row):
        if word.left - before.left - before.width < height * _GAP:
            cells[-1].append(word)
        else:
            cells.append([word])
    return cells


def _columns(cells: list[list[Seen]], height: float) -> list[list[list[Seen]]]:
    columns: list[list[list[Seen]]] = []
    for cell in sorted(cells, key=lambda cell: cell[0].left):
        if columns and cell[0].left - columns[-1][-1][0].left < height * _EDGE:
            columns[-1].append(cell)
        else:
            columns.append([cell])
    return [sorted(column, key=lambda cell: cell[0].middle) for column in columns]


def _by_number(cells: list[str]) -> str:
    """Words in the order of the numbers before them; a number that stands alone counts for the next cell."""
    numbered: dict[int, str] = {}
    waiting: int | None = None
    for cell in cells:
        found = _NUMBERED.fullmatch(cell)
        if found and found[2]:
            numbered.setdefault(int(found[1]), found[2])
            waiting = None
        elif found:
            waiting = int(found[1])
        elif waiting is not None:
            numbered.setdefault(waiting, cell)
            waiting = None
    return " ".join(numbered[number] for number in sorted(numbered))


def _without_numbers(lines: list[list[str]]) -> str:
    words = (_NUMBERED.sub(lambda found: found[2] or "", word, count=1) for line in lines for word in line)
    return " ".join(word for word in words if not _BARE_NUMBER.fullmatch(word))
