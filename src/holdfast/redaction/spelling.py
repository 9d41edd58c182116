"""Words that are nearly list words: one letter wrong, or only the first four letters."""

import re
import unicodedata
from functools import cache

from holdfast.redaction.lists import _EVERYDAY_POETRY, LATIN, LISTS, WordList

PREFIX = 4
# Everyday words that look like a misspelt list word ("the": toe, "words": word) and are none.
NO_TYPO = frozenset(
    (
        "the and for are was were has had his her its not but from with here very they this these those them too get "
        "got let our out now did does done see say says said who why how yes any may can could would should words "
        "phrases keys lost mine my me by at on in is it as an be do so to up us we if or of no"
    ).split()
)
# In the middle of a text more has to be left out: the words of everyday English that are no list words.
EVERYDAY = NO_TYPO | _EVERYDAY_POETRY


def _letters(word: str) -> str:
    """What a typing error changes: of Korean syllables their letters."""
    return unicodedata.normalize("NFD", word) if word[:1] >= "\uac00" else word


def _deletions(word: str) -> set[str]:
    return {word[:place] + word[place + 1 :] for place in range(len(word))}


@cache
def _neighbourhood(list_: WordList) -> dict[str, list[str]]:
    """Every list word under each of its forms with one letter left out: 11,000 entries, built in 10 ms when first
    needed."""
    near: dict[str, list[str]] = {}
    for word in list_.index:
        for shorter in _deletions(_letters(word)):
            near.setdefault(shorter, []).append(word)
    return near


@cache
def prefixes(list_: WordList) -> dict[str, str]:
    """The longer words under their first four letters, which tell the words of each list apart."""
    return {word[:PREFIX]: word for word in list_.index if len(word) > PREFIX}


@cache
def all_prefixes() -> frozenset[str]:
    return frozenset().union(*(prefixes(LISTS[name]) for name in LATIN))


def meant(word: str, list_: WordList) -> str | None:
    """The list word that ``word`` stands for: its first letters, one letter wrong, a held key ("moonnn"), another form
    of it ("moons"), or the word with a particle of Japanese around."""
    plain = _HELD.sub(r"\1", word)
    if plain not in list_.index and word[0] >= "\u3041":
        plain = _DOUBLED.sub(r"\1", word)
    if plain in list_.index:
        return plain
    return next(
        (word[: -len(end)] for end in _ENDS if word.endswith(end) and word[: -len(end)] in list_.index), None
    ) or nearest(word, list_)


_HELD = re.compile(r"(.)\1\1+$")
# A syllable is several letters.
_DOUBLED = re.compile(r"(.)\1")
_ENDS = ("s", "es", "ed", "ing", "er", "ly")
_PARTICLES_BEFORE, _PARTICLES_BEHIND = ("は", "か", "の", "と"), ("てす", "てした", "と", "は", "か")


def core_of(word: str) -> str:
    """The word of the Japanese list that stands between particles, or the word itself."""
    index = LISTS["japanese"].index
    return word if word in index else next((core for core in _cores(word) if core in index), word)


def _cores(word: str) -> list[str]:
    behind = [word, *(word[: -len(end)] for end in _PARTICLES_BEHIND if word.endswith(end))]
    return [core for form in behind for core in (form, form[1:] if form.startswith(_PARTICLES_BEFORE) else form)]


def nearest(word: str, list_: WordList) -> str | None:
    """A list word that one letter left out, added, changed or swapped makes of ``word``."""
    letters = _letters(word)
    if not 3 <= len(letters) <= 12:
        return None
    near = _neighbourhood(list_)
    if letters in near:
        return near[letters][0]
    shorter = _deletions(letters)
    for form in sorted(shorter):
        if form in list_.index:
            return form
        if form is not letters and (composed := unicodedata.normalize("NFC", form)) in list_.index:
            return composed
    for form in sorted(shorter):
        for other in near.get(form, ()):
            if _one_changed(letters, _letters(other)):
                return other
    return None


def _one_changed(word: str, other: str) -> bool:
    differing = [place for place, (a, b) in enumerate(zip(word, other, strict=False)) if a != b]
    if len(word) != len(other) or not differing:
        return False
    first, last = differing[0], differing[-1]
    return len(differing) == 1 or (
        len(differing) == 2 and last == first + 1 and word[first] == other[last] and word[last] == other[first]
    )
