"""What is broken over several lines, or in parts with blanks between: the rows of which a private key may be made."""

import re
from collections.abc import Iterator
from itertools import accumulate, pairwise

# A row of a key that is more than a word: with a digit near its beginning.
_TELLING = re.compile(r"(?<![0-9A-Za-z])(?=[A-Za-z]{0,15}\d)[0-9A-Za-z]{10}")
_ROW = re.compile(r"[0-9A-Za-z_:]{4,120}")
_GAP = re.compile(r"[ \t]{0,3}(?:\\?\r?\n)?[ \t>|]{0,8}")
_HEX = re.compile(r"(?:0x)?[0-9a-fA-F]+")
# Rows of one key, its characters (Ripple's 28, extended Cardano's 230), and its digits.
_MOST_ROWS, _FEWEST, _MOST, _DIGITS = 8, 28, 240, 3


def may_be_broken(text: str) -> bool:
    return _TELLING.search(text) is not None


def broken_rows(text: str) -> Iterator[tuple[str, int, int, bool]]:
    """Rows that follow each other, as one, with where they start and end, and whether they look like those of a dump:
    hex digits that blanks part, or that have further ones beside them. The longest first of those that begin at one
    place. Linear."""
    rows = list(_ROW.finditer(text))
    near = [_GAP.fullmatch(text, left.end(), right.start()) is not None for left, right in pairwise(rows)]
    near.append(False)
    hex_ = [_HEX.fullmatch(row.group()) is not None for row in rows]
    for first, row in enumerate(rows):
        last = first
        while near[last] and last - first + 1 < _MOST_ROWS:
            last += 1
        ends = list(accumulate(len(each.group()) for each in rows[first : last + 1]))
        for place in range(last, first, -1):
            if not _FEWEST <= ends[place - first] <= _MOST:
                continue
            whole = "".join(each.group() for each in rows[first : place + 1])
            if sum(char.isdigit() for char in whole) < _DIGITS:
                continue
            beside = (first and near[first - 1] and hex_[first - 1]) or (near[place] and hex_[place + 1])
            lines = text.count("\n", row.start(), rows[place].end()) == place - first
            dump = all(hex_[first : place + 1]) and (beside or not lines)
            yield whole, row.start(), rows[place].end(), dump
