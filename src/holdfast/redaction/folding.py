"""One form for all ways of writing a letter: full-width, styled, accented, laced with invisible characters."""

import re
import unicodedata
from dataclasses import dataclass

# Shown as nothing: soft hyphen, joiners, direction marks, byte order mark, variation selectors, combining accents.
_INVISIBLE = re.compile("[\u00ad\u0300-\u036f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
# Bounds the memory that hostile input can make the table take; real traffic uses some thousand characters.
_TABLE_LIMIT = 20_000


class _Fold(dict[int, int]):
    """One character for one character (so that offsets stay), worked out when it is first met."""

    def __missing__(self, code: int) -> int:
        folded = _folded(chr(code))
        if len(self) < _TABLE_LIMIT:
            self[code] = folded
        return folded


def _folded(char: str) -> int:
    composed = unicodedata.normalize("NFKC", char)
    if len(composed) != 1:
        return ord(char)
    base = unicodedata.normalize("NFD", composed)[0]
    return ord(base) if base.isascii() else ord(composed)


_TABLE = _Fold()


@dataclass(frozen=True, slots=True)
class Folded:
    """``plain`` is the folded text, ``lower`` the same in lower case; both have the same length.

    ``offsets`` maps their positions to the original's; None where they are equal.
    """

    plain: str
    lower: str
    offsets: list[int] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original's span; ``end`` takes in the invisible characters inside, not those behind."""
        if self.offsets is None:
            return start, end
        return self.offsets[start], self.offsets[end - 1] + 1


def fold(text: str) -> Folded:
    """Linear; 0.1 us for 100 ASCII characters, 3 us for 100 Chinese ones."""
    if text.isascii():
        return Folded(text, text.lower(), None)
    offsets: list[int] | None = None
    if _INVISIBLE.search(text):
        kept = [(place, char) for place, char in enumerate(text) if not _INVISIBLE.match(char)]
        offsets = [place for place, _ in kept]
        text = "".join(char for _, char in kept)
    plain = text.translate(_TABLE)
    lower = plain.lower()
    if len(lower) != len(plain):
        # A few capitals have two lower-case characters; they belong to no secret.
        lower = "".join(low if len(low := char.lower()) == 1 else char for char in plain)
    return Folded(plain, lower, offsets)
