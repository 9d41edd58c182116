"""Recovery phrases without anything between their words, also within a longer row of letters."""

from functools import cache

from holdfast.redaction.lists import EVERYDAY_LISTS, LATIN, LISTS, WordList
from holdfast.redaction.phrase import Phrase
from holdfast.redaction.sizes import size_of, valid_windows
from holdfast.redaction.tokens import LEAST, Token

# Longest possible phrase: 33 words.
_MOST_WORDS = 33
_LONGEST_WORD = 11
# Letters of one row that are looked at: it is a window of a text.
_MOST_LETTERS = 16 * 1024
_MOST_COVERED = 80


def find_unbroken(token: Token) -> list[Phrase]:
    """Eleven list words or more without anything between them, also within a longer row of letters."""
    if "\u3041" <= token.word[0] <= "\u30fc":
        names: tuple[str, ...] = ("japanese",)
    elif "\uac00" <= token.word[0] <= "\ud7a3":
        names = ("korean",)
    elif token.word[0] < "\u0250":
        names = tuple(name for name in LATIN if name not in EVERYDAY_LISTS)
    else:
        return []
    for name in names:
        chain = _chain(token.word[:_MOST_LETTERS], LISTS[name])
        if len(chain) >= LEAST:
            start, words = chain[0][0], [word for _, word in chain]
            certain = bool(valid_windows(words[: 4 * _MOST_WORDS], LISTS[name]))
            end = start + sum(map(len, words))
            size = size_of(len(words), LISTS[name])
            return [Phrase(token.start + start, token.start + end, size, "certain" if certain else "high")]
    return []


@cache
def _beginnings(list_: WordList) -> frozenset[str]:
    return frozenset(word[:2] for word in list_.index)


def _chain(letters: str, list_: WordList) -> list[tuple[int, str]]:
    """The longest row of letters that list words make up without a rest: each word with its place."""
    index, beginnings = list_.index, _beginnings(list_)
    # For each place: where the row that ends here began, and its last word. The fewest words for the same row:
    # "actaction" is two, never three.
    began: list[int] = list(range(len(letters) + 1))
    counts = [0] * (len(letters) + 1)
    last: list[str | None] = [None] * (len(letters) + 1)
    for place in range(len(letters)):
        if letters[place : place + 2] not in beginnings:
            continue
        for length in range(2, _LONGEST_WORD + 1):
            end = place + length
            if letters[place:end] in index and end <= len(letters):
                better = last[end] is None or (began[place], counts[place] + 1) < (began[end], counts[end])
                if better:
                    began[end], counts[end], last[end] = began[place], counts[place] + 1, letters[place:end]
    if not any(last):
        return []
    end = max(range(len(letters) + 1), key=lambda place: place - began[place])
    chain = []
    while (word := last[end]) is not None:
        end -= len(word)
        chain.append((end, word))
    return chain[::-1]


def cover(letters: str, list_: WordList) -> list[str]:
    """The fewest list words, of three letters (Korean and Japanese: two syllables) or more, that together are the
    letters; none when there are none."""
    least = 2 if letters[0] >= "\u3041" else 3
    if not 2 * least <= len(letters) <= _MOST_COVERED:
        return []
    index, beginnings = list_.index, _beginnings(list_)
    best: list[list[str] | None] = [[], *([None] * len(letters))]
    for place in range(len(letters)):
        before = best[place]
        if before is None or letters[place : place + 2] not in beginnings:
            continue
        for end in range(place + least, min(len(letters), place + _LONGEST_WORD) + 1):
            word = letters[place:end]
            if word in index:
                there = best[end]
                if there is None or len(before) + 1 < len(there):
                    best[end] = [*before, word]
    return best[-1] or []
