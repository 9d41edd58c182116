"""Whether a text holds one of some words: pure, and in time that grows with the text alone (no expressions of a rule's
maker are run over customers' texts)."""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

# Scripts that write without spaces: there a word may begin and end anywhere.
_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")


def holds_any(text: str, words: Sequence[str]) -> bool:
    """``text`` is folded: upper or lower case, width and composed letters make no difference. A word of a script with
    spaces must stand by itself, so that ``fee`` is not found in ``coffee``."""
    return any(_holds(text, _word(word)) for word in words)


def _holds(text: str, word: str) -> bool:
    at = text.find(word) if word else -1
    while at >= 0:
        end = at + len(word)
        if not (_joined(text, at - 1, at) or _joined(text, end - 1, end)):
            return True
        at = text.find(word, at + 1)
    return False


def _joined(text: str, left: int, right: int) -> bool:
    """Whether two neighbours belong to one word."""
    if left < 0 or right >= len(text):
        return False
    return all(text[i].isalnum() and not _unspaced(text[i]) for i in (left, right))


@lru_cache(maxsize=8192)
def _word(word: str) -> str:
    """Of a rule, never of a customer: those are kept in no cache."""
    return folded(word).strip()


def folded(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


@lru_cache(maxsize=8192)
def _unspaced(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith(_UNSPACED)
