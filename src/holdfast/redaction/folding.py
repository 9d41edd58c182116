"""One form for all ways of writing a letter: full-width, half-width, styled, accented, decomposed, katakana, laced
with invisible characters; digits of every script. One character stays one character, so that offsets can be kept."""

import re
import unicodedata
from dataclasses import dataclass

# Shown as nothing or a part of the letter before: soft hyphen, joiners, direction marks, byte order mark, variation
# selectors, combining accents, voicing marks of kana.
_INVISIBLE = (
    "\u00ad\u0300-\u036f\u061c\u064b-\u065f\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u2064\u3099\u309a\ufe00-\ufe0f\ufeff\uff9e\uff9f"
)
# A character as JSON may write it.
_ESCAPE = r"\\u[0-9a-fA-F]{4}"
_SPECIAL = re.compile(f"[{_INVISIBLE}\u1100-\u11ff]|{_ESCAPE}")
# What becomes one character, or none: a syllable of Korean letters, or an invisible character.
_CLUSTER = re.compile(f"[\u1100-\u115f][\u1160-\u11a7][\u11a8-\u11ff]?|[{_INVISIBLE}]+|{_ESCAPE}")
# The zeros of the decimal digits that people type in the fifteen languages and their neighbours.
_ZEROS = (
    0x660,
    0x6F0,
    0x7C0,
    0x966,
    0x9E6,
    0xA66,
    0xAE6,
    0xB66,
    0xBE6,
    0xC66,
    0xCE6,
    0xD66,
    0xE50,
    0xED0,
    0x1040,
    0x17E0,
)
_DIGITS = {zero + digit: ord("0") + digit for zero in _ZEROS for digit in range(10)}
# Letters that no normal form takes apart.
# and the marks of Arabic.
_PLAIN = {ord(letter): ord(plain) for letter, plain in zip("łŁøØđĐħĦıªº،؛؟٫٬", "lLoOdDhHi..,;?.,", strict=True)}
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
    base = ord(unicodedata.normalize("NFD", composed)[0])
    if 0x30A1 <= base <= 0x30F6:
        return base - 0x60
    if base < 0x80 or 0x3041 <= base <= 0x3096:
        return base
    return ord(composed)


_TABLE = _Fold(_DIGITS | _PLAIN)


@dataclass(frozen=True, slots=True)
class Folded:
    """``plain`` is the folded text, ``lower`` the same in lower case; both have the same length.

    ``offsets`` holds the start of each of their characters in the original, and the end of the original; None where
    positions are equal.
    """

    plain: str
    lower: str
    offsets: list[int] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original's span; it takes in the invisible characters inside and right behind."""
        if self.offsets is None:
            return start, end
        return self.offsets[start], self.offsets[end]


def fold(text: str) -> Folded:
    """Linear; 0.1 us for 100 ASCII characters, 4 us for 100 Chinese ones."""
    if text.isascii() and "\\u" not in text:
        return Folded(text, text.lower(), None)
    offsets: list[int] | None = None
    if _SPECIAL.search(text):
        text, offsets = _clustered(text)
    plain = text.translate(_TABLE)
    lower = plain.lower()
    if len(lower) != len(plain):
        # A few capitals have two lower-case characters; they belong to no secret.
        lower = "".join(low if len(low := char.lower()) == 1 else char for char in plain)
    return Folded(plain, lower, offsets)


def _clustered(text: str) -> tuple[str, list[int]]:
    """The text with Korean letters composed and without invisible characters, and where each character began. The
    invisible ones belong to the character before."""
    pieces: list[str] = []
    offsets: list[int] = []
    place = 0
    for match in _CLUSTER.finditer(text):
        pieces.append(text[place : match.start()])
        offsets += range(place, match.start())
        place = match.end()
        if "\u1100" <= match.group()[0] <= "\u115f":
            pieces.append(unicodedata.normalize("NFC", match.group())[0])
            offsets.append(match.start())
        elif match.group()[0] == "\\":
            pieces.append(chr(int(match.group()[2:], 16)))
            offsets.append(match.start())
    pieces.append(text[place:])
    offsets += range(place, len(text) + 1)
    return "".join(pieces), offsets
