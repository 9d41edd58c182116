"""The same words written so that a simple list does not see them."""

import re
from collections.abc import Callable

_CYRILLIC = str.maketrans("aceopxy", "асеорху")
_LEET = str.maketrans("aeos", "4305")
_FULL = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def _long_words(text: str, change: Callable[[str], str]) -> str:
    return re.sub(r"\b(?:recovery|phrase|password|seed)\b", lambda match: change(match[0]), text)


EVASIONS: dict[str, Callable[[str], str]] = {
    "capitals": str.upper,
    "full width": lambda text: text.translate(_FULL),
    "invisible": "\u200b".join,
    "soft hyphen": lambda text: _long_words(text, "\u00ad".join),
    "cyrillic": lambda text: _long_words(text, lambda word: word.translate(_CYRILLIC)),
    "leet": lambda text: _long_words(text, lambda word: word.translate(_LEET)),
    "spaced": lambda text: _long_words(text, " ".join),
    "dotted": lambda text: _long_words(text, ".".join),
    "hyphens": lambda text: _long_words(text, "-".join),
    "accents": lambda text: text.replace("e", "é").replace("o", "ö"),
    "bold letters": lambda text: "".join(chr(0x1D41A + ord(c) - 97) if "a" <= c <= "z" else c for c in text),
}
