"""Recovery phrases without anything between their words, also within a longer row of letters."""

from collections.abc import Container, Iterable
from functools import cache, lru_cache
from itertools import pairwise

from holdfast.redaction.findings import Certainty
from holdfast.redaction.lists import LATIN, LISTS, MASK, SPACED, WordList
from holdfast.redaction.phrase import Phrase
from holdfast.redaction.sizes import size_of, valid_windows
from holdfast.redaction.spelling import PREFIX, nearest
from holdfast.redaction.things import COMPOUNDS
from holdfast.redaction.tokens import Token

# Longest possible phrase: 33 words.
_MOST_WORDS = 33
_LONGEST_WORD = 11
# Letters of one row that are looked at: it is a window of a text.
_MOST_LETTERS = 16 * 1024
_MOST_COVERED = 80
# Two words of a list, seldom three: longer ones stay in no memory.
_REMEMBERED = 11
# Letters, and syllables of Korean and Japanese, of the shortest two words that nothing parts.
FEWEST_LETTERS, FEWEST_SYLLABLES = 7, 4
# Words without anything between them that are a phrase, and what they weigh: their letters (a syllable of Korean or
# Japanese counts for two) but for two of each, for short words are met by chance; less what is left out between them.
FEWEST, ENOUGH = 9, 20.0
# Fewer, with letters wrong between them: of all rows of letters in 14 MB of ordinary text none weighs more than 10.
FEWEST_DOUBTFUL, ENOUGH_DOUBTFUL = 4, 16.0
# Words cut to four letters, as on plates of metal, that are nearly all of a row.
FEWEST_CUT, CUT_SHARE = 10, 0.8
WORD_COSTS, LETTER_LEFT_OUT = 2.0, 1.2


def find_unbroken(token: Token) -> list[Phrase]:
    """Eleven list words or so without anything between them, also within a longer row of letters, and with a letter
    wrong here and there."""
    if "\u3041" <= token.word[0] <= "\u30fc":
        names: tuple[str, ...] = ("japanese",)
    elif "\uac00" <= token.word[0] <= "\ud7a3":
        names = ("korean",)
    elif token.word[0] < "\u0250":
        names = LATIN
    else:
        return []
    best: tuple[float, list[tuple[int, str]], WordList] | None = None
    for name in names:
        weight, chain = _chain(token.word[:_MOST_LETTERS], LISTS[name])
        enough = len(chain) >= FEWEST_DOUBTFUL and weight >= ENOUGH_DOUBTFUL
        fits = len(chain) >= FEWEST or len(token.word) <= _MOST_COVERED
        if enough and fits and (best is None or weight > best[0]):
            best = weight, chain, LISTS[name]
    if best is None:
        size = _cut_words(token.word, names)
        return [Phrase(token.start, token.end, size, "high")] if size else []
    weight, chain, list_ = best
    words = [word for _, word in chain]
    whole = all(left + len(word) == right for (left, word), (right, _) in pairwise(chain))
    certain = whole and bool(valid_windows(words[: 4 * _MOST_WORDS], list_))
    start, end = chain[0][0], chain[-1][0] + len(chain[-1][1])
    if 2 * sum(len(word) for _, word in chain) >= len(token.word):
        # What is left of the row are misspelt words of it.
        start, end = 0, len(token.word)
    doubtful = len(chain) < FEWEST or weight < ENOUGH
    certainty: Certainty = "ambiguous" if doubtful else "certain" if certain else "high"
    return [Phrase(token.start + start, token.start + end, size_of(len(words), list_), certainty)]


def _cut_words(letters: str, names: Iterable[str]) -> int:
    """How many words of one list a row of letters is, each cut to its first four; 0 when it is none."""
    if not 4 * FEWEST_CUT - PREFIX <= len(letters) <= _MOST_WORDS * PREFIX:
        return 0
    for list_ in (LISTS[name] for name in names if name in LATIN):
        cut = _cut(list_)
        # For each place: the most pieces that are words, less those that are none.
        best = [0] + [-len(letters)] * (len(letters) + PREFIX)
        for place in range(len(letters) - 2):
            for size in (PREFIX - 1, PREFIX):
                hit = letters[place : place + size] in cut
                if hit or size == PREFIX:
                    best[place + size] = max(best[place + size], best[place] + (1 if hit else -1))
        count = round(len(letters) / PREFIX)
        if best[len(letters)] >= max(FEWEST_CUT - 1, CUT_SHARE * count):
            return size_of(count, list_)
    return 0


@cache
def _cut(list_: WordList) -> frozenset[str]:
    return frozenset(word[:PREFIX] for word in list_.index)


@cache
def _beginnings(list_: WordList) -> frozenset[str]:
    return frozenset(word[:2] for word in list_.index)


def _chain(letters: str, list_: WordList) -> tuple[float, list[tuple[int, str]]]:
    """The list words, each with its place, that make up most of a row of letters, and what they weigh."""
    index, beginnings = list_.index, _beginnings(list_)
    letter = 2.0 if letters[0] >= "\u3041" else 1.0
    # For each place: what the best row weighs that ends here, and its last word; nothing weighs 0.
    weights = [0.0] * (len(letters) + 1)
    last: list[str] = [""] * (len(letters) + 1)
    for place in range(len(letters)):
        if weights[place] > LETTER_LEFT_OUT + weights[place + 1]:
            weights[place + 1], last[place + 1] = weights[place] - LETTER_LEFT_OUT, letters[place]
        if letters[place : place + 2] not in beginnings:
            continue
        for end in range(place + 2, min(len(letters), place + _LONGEST_WORD) + 1):
            word = letters[place:end]
            if word in index:
                weight = weights[place] + letter * len(word) - WORD_COSTS
                if weight > weights[end]:
                    weights[end], last[end] = weight, word
    end = max(range(len(letters) + 1), key=weights.__getitem__)
    best = weights[end]
    chain: list[tuple[int, str]] = []
    while weights[end] > 0.0:
        piece = last[end]
        end -= len(piece)
        # No list has words of one letter.
        if len(piece) > 1:
            chain.append((end, piece))
    return best, chain[::-1]


def may_be_glued(word: str) -> bool:
    """Whether a word that is none of a list may be several that nothing parts."""
    return _is_several(word) and (word[0] >= "\u0250" or (word[:3] in _firsts() and word[-3:] in _lasts()))


def _is_several(word: str) -> bool:
    if word in MASK:
        return False
    if word[0] < "\u0250":
        return len(word) >= FEWEST_LETTERS and word[:2] in _any_beginnings() and word not in COMPOUNDS
    return len(word) >= FEWEST_SYLLABLES and ("\u3041" <= word[0] <= "\u30fc" or "\uac00" <= word[0] <= "\ud7a3")


@cache
def _firsts() -> frozenset[str]:
    return frozenset(word[:3] for name in LATIN for word in LISTS[name].index)


@cache
def _lasts() -> frozenset[str]:
    return frozenset(word[-3:] for name in LATIN for word in LISTS[name].index)


@cache
def _any_beginnings() -> frozenset[str]:
    return frozenset().union(*(_beginnings(LISTS[name]) for name in LATIN))


def most_glued(word: str) -> int:
    """How many words of one list a word is made of, at most: 0 when it is not."""
    return _short_glued(word) if len(word) <= _REMEMBERED else _most_glued(word)


@lru_cache(maxsize=20_000)
def _short_glued(word: str) -> int:
    return _most_glued(word)


def _most_glued(word: str) -> int:
    # Words of different lists first: nearly all words of prose end here.
    if not may_be_glued(word) or not _cover(word, MASK, _any_beginnings()):
        return 0
    return max(len(cover(word, LISTS[name])) for name in SPACED)


def cover(letters: str, list_: WordList) -> list[str]:
    """The fewest list words, of three letters (Korean and Japanese: two syllables) or more, that together are the
    letters; none when there are none."""
    return _cover(letters, list_.index, _beginnings(list_))


def _cover(letters: str, index: Container[str], beginnings: frozenset[str]) -> list[str]:
    spaced = letters[0] >= "\u3041"
    least = 2 if spaced else 3
    if not 2 * least <= len(letters) <= _MOST_COVERED:
        return []
    best: list[list[str] | None] = [[], *([None] * len(letters))]
    for place in range(len(letters) - least + 1):
        before = best[place]
        if before is None or not (spaced or letters[place : place + 2] in beginnings):
            continue
        for end in range(place + least, min(len(letters), place + _LONGEST_WORD) + 1):
            word = letters[place:end]
            if word in index:
                there = best[end]
                if there is None or len(before) + 1 < len(there):
                    best[end] = [*before, word]
    return best[-1] or []


def cover_with_slip(letters: str, list_: WordList) -> list[str]:
    """List words that together are the letters, one of them misspelt, which stands as it should be; none when there
    are none."""
    if not _is_several(letters) or len(letters) > _MOST_COVERED:
        return []
    least = 2 if letters[0] >= "\u3041" else 3
    before = _reached(letters, list_.index, least)
    behind = _reached(letters[::-1], _backwards(list_), least)
    for start, words in before.items():
        for left, others in behind.items():
            misspelt = letters[start : len(letters) - left]
            if len(misspelt) >= least and (words or others) and (meant := nearest(misspelt, list_)) is not None:
                return [*words, meant, *(word[::-1] for word in reversed(others))]
    return []


@cache
def _backwards(list_: WordList) -> frozenset[str]:
    return frozenset(word[::-1] for word in list_.index)


def _reached(letters: str, index: Container[str], least: int) -> dict[int, list[str]]:
    """The places that list words from the beginning lead to, the farthest first, with these."""
    reached: dict[int, list[str]] = {0: []}
    for place in range(len(letters) - least):
        if place in reached:
            for end in range(place + least, min(len(letters), place + _LONGEST_WORD) + 1):
                if end not in reached and letters[place:end] in index:
                    reached[end] = [*reached[place], letters[place:end]]
    return dict(sorted(reached.items(), reverse=True))
