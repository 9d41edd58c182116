"""Recovery phrases of the lists that are written with separators, however they are written down."""

import re
from collections import Counter
from dataclasses import dataclass
from itertools import accumulate, pairwise

from holdfast.redaction import checksums
from holdfast.redaction.evidence import is_category, is_crossword, is_excerpt, looks_random
from holdfast.redaction.han import find_han, may_hold_han
from holdfast.redaction.islands import ROW, find_islands, may_hold_islands
from holdfast.redaction.lists import EVERYDAY_LISTS, LATIN, LISTS, MASK, SPACED, WordList
from holdfast.redaction.phrase import Phrase
from holdfast.redaction.sizes import size_of, valid_windows
from holdfast.redaction.spelling import EVERYDAY, NO_TYPO, all_prefixes, nearest, prefixes
from holdfast.redaction.support_words import SUPPORT
from holdfast.redaction.tokens import (
    CLOSE,
    LABEL_COUNT,
    LEAST,
    LEAST_EXACT,
    WORD,
    Token,
    may_be_unbroken,
    may_hold_words,
    promising,
    tokens_of,
)
from holdfast.redaction.unbroken import find_unbroken

# Words of the list that introduce a phrase: "my wallet seed phrase:".
_INTRODUCING = frozenset({"seed", "phrase", "secret", "wallet", "word", "code", "private", "save", "hidden"})
_DIGITS = re.compile(r"\d+")
# Fewer words that are cut to four letters are a chance.
LEAST_SHORT = 4
# Tokens beside a stretch that may be misspelt words of it.
_MARGIN = 3


@dataclass(frozen=True, slots=True)
class _Page:
    """A text on its way through the search for one list. ``soft``: places of tokens that are no list words as they
    stand, but were taken for one; ``words`` has the list words that they were taken for."""

    lower: str
    tokens: list[Token]
    words: list[str]
    list_: WordList
    labelled: bool
    soft: frozenset[int] = frozenset()


def may_hold_phrase(lower: str) -> bool:
    """The cheap look that ordinary messages end at."""
    words = WORD.findall(lower)
    return may_hold_words(words) or (not lower.isascii() and may_hold_han(lower)) or may_hold_islands(lower, words)


def find_phrases(lower: str) -> list[Phrase]:
    """The phrases in a folded text of lower case, in order; overlapping ones of different lists are one. Linear."""
    words = WORD.findall(lower)
    found = _of_words(lower) if may_hold_words(words) else []
    if not lower.isascii() and may_hold_han(lower):
        found += find_han(lower)
    if may_hold_islands(lower, words):
        return _with_islands(lower, found)
    return sorted(found, key=lambda phrase: phrase.start)


def _of_words(lower: str) -> list[Phrase]:
    tokens = tokens_of(lower)
    found = _search(lower, tokens, labelled=False)
    if not found and (labels := _labels(tokens)):
        found = _search(lower, [token for token in tokens if token.word not in labels], labelled=True)
    for token in tokens:
        if may_be_unbroken(token.word):
            found += find_unbroken(token)
    return found


def _with_islands(lower: str, found: list[Phrase]) -> list[Phrase]:
    """What was found, in order, with what lies in islands beside or around it."""
    for one, _, tokens in sorted(find_islands(lower), key=lambda island: island.phrase.start - island.phrase.end):
        inside = [other for other in found if one.start < other.end and other.start < one.end]
        if inside and sum(_apart(token, inside) for token in tokens) < ROW:
            continue
        found = [other for other in found if other not in inside]
        parts = [*inside, one]
        certainty = min((part.certainty for part in parts), key=("certain", "high", "ambiguous").index)
        start, end = min(part.start for part in parts), max(part.end for part in parts)
        found.append(Phrase(start, end, max(part.words for part in parts), certainty))
    return sorted(found, key=lambda phrase: phrase.start)


def _apart(token: Token, found: list[Phrase]) -> bool:
    return not any(token.start < one.end and one.start < token.end for one in found)


def _labels(tokens: list[Token]) -> frozenset[str]:
    """Words that stand before nearly every word: "word 1: … word 2: …", "<br>", "and", the keys of a JSON list."""
    return frozenset(
        word for word, count in Counter(token.word for token in tokens).most_common(3) if count >= LABEL_COUNT
    )


def _search(lower: str, tokens: list[Token], *, labelled: bool) -> list[Phrase]:
    words = [token.word for token in tokens]
    masks = [MASK.get(word, 0) for word in words]
    found: list[Phrase] = []
    for name in SPACED:
        list_ = LISTS[name]
        listed = [place for place, mask in enumerate(masks) if mask & list_.bit]
        if not promising(words, listed) and not (list_.name in EVERYDAY_LISTS and len(listed) >= LEAST):
            continue
        page = _Page(lower, tokens, words, list_, labelled)
        found += _whole_ones(page, _exact(page, listed), _misspelt(page, listed))
    if not found and sum(map(all_prefixes().__contains__, words)) >= LEAST_SHORT:
        for name in LATIN:
            if name not in EVERYDAY_LISTS:
                found += _shortened(_Page(lower, tokens, words, LISTS[name], labelled))
    return _best(found)


def _whole_ones(page: _Page, exact: list[Phrase], tolerant: list[Phrase]) -> list[Phrase]:
    """Each phrase as it was found by its words alone, unless misspelt ones prolong it: of a quarter misspelt, the
    words alone may make only the middle of the phrase."""
    kept = []
    for one in exact:
        for other in tolerant:
            if other.start <= one.start and one.end <= other.end:
                beside = page.lower[other.start : one.start] + " " + page.lower[one.end : other.end]
                listed = sum(token.word in page.list_.index for token in tokens_of(beside))
                if listed >= 3 or one.certainty != "certain":
                    break
        else:
            kept.append(one)
    return kept + [
        other for other in tolerant if not any(one.start < other.end and other.start < one.end for one in kept)
    ]


def _best(found: list[Phrase]) -> list[Phrase]:
    """Without what a longer or surer one of another list covers. Every sixteenth twelve words of a longer phrase have a
    right checksum of a list that shares words with its own: what is longer by three words and more is hidden whole."""
    kept: list[Phrase] = []
    for one in sorted(found, key=lambda phrase: (phrase.certainty != "certain", phrase.start - phrase.end)):
        over = [other for other in kept[:64] if one.start < other.end and other.start < one.end]
        if not over:
            kept.append(one)
        elif one.words - sum(other.words for other in over) >= 3:
            kept = [other for other in kept if other not in over]
            start, end = min(other.start for other in [one, *over]), max(other.end for other in [one, *over])
            kept.append(Phrase(start, end, one.words, over[0].certainty))
    return kept


def _exact(page: _Page, listed: list[int]) -> list[Phrase]:
    found = []
    for first, last in _dense(listed):
        phrase = _judge(page, listed[first : last + 1])
        if phrase is not None:
            found.append(phrase)
    return found


def _misspelt(page: _Page, listed: list[int]) -> list[Phrase]:
    """Up to a quarter of the words have one letter wrong."""
    if page.list_.name in EVERYDAY_LISTS or not _telling([page.words[place] for place in listed], page.list_):
        return []
    known = set(listed)
    words, soft = list(page.words), set()
    may_be = [place for place in _neighbours(listed, len(words)) if words[place] not in EVERYDAY]
    # Even if all of them were: dearer is to look each of them up.
    if not _dense(sorted(known.union(may_be)), sparse=12):
        return []
    for place in may_be:
        if (word := nearest(words[place], page.list_)) is not None:
            words[place] = word
            soft.add(place)
    taken = sorted(known | soft)
    page = _Page(page.lower, page.tokens, words, page.list_, page.labelled, frozenset(soft))
    found = []
    for first, last in _dense(taken, sparse=12):
        stretch = taken[first : last + 1]
        if sum(place in soft for place in stretch) <= 0.3 * len(stretch):
            phrase = _judge(page, stretch)
            if phrase is not None:
                found.append(phrase)
    return found


def _telling(words: list[str], list_: WordList) -> bool:
    """Whether most words are none of everyday language nor of a wallet's ("step", "network", "token")."""
    return sum(word not in list_.everyday and word not in SUPPORT for word in words) >= 0.5 * len(words)


def _neighbours(listed: list[int], count: int) -> list[int]:
    """The places between and beside eight list words that lie close together."""
    places: set[int] = set()
    for first, last in zip(listed, listed[LEAST_EXACT - 1 :], strict=False):
        if last - first < CLOSE:
            places.update(range(max(0, first - _MARGIN), min(count, last + _MARGIN + 1)))
    return sorted(places.difference(listed))


def _shortened(page: _Page) -> list[Phrase]:
    """Words cut to their first four letters, as on plates of metal."""
    full = prefixes(page.list_)
    words, soft, listed = list(page.words), set(), []
    for place, word in enumerate(words):
        if word in page.list_.index:
            listed.append(place)
        elif word in full:
            words[place] = full[word]
            soft.add(place)
            listed.append(place)
    if len(soft) < LEAST_SHORT:
        return []
    page = _Page(page.lower, page.tokens, words, page.list_, page.labelled, frozenset(soft))
    found = []
    for first, last in _dense(listed, sparse=12):
        stretch = listed[first : last + 1]
        if sum(place in soft for place in stretch) >= 0.4 * len(stretch):
            phrase = _judge(page, stretch)
            if phrase is not None:
                found.append(phrase)
    return found


def _dense(listed: list[int], sparse: int = 8) -> list[tuple[int, int]]:
    """Stretches (indices into ``listed``) of at least LEAST list words with few others between them: at most two in
    a row, and one more than one for ``sparse``. That allows a typo and a stray word in twelve words, four in 24."""
    stretches: list[tuple[int, int]] = []
    begin = 0
    runs = []
    for place, (left, right) in enumerate(pairwise(listed), start=1):
        if right - left > 3:
            runs.append((begin, place - 1))
            begin = place
    if listed:
        runs.append((begin, len(listed) - 1))
    for lowest, highest in runs:
        first = lowest
        for last in range(lowest + LEAST - 1, highest + 1):
            while last - first + 1 >= LEAST and _too_many_misses(listed, first, last, sparse):
                first += 1
            if last - first + 1 < LEAST:
                continue
            if stretches and first <= stretches[-1][1]:
                stretches[-1] = (stretches[-1][0], last)
            else:
                stretches.append((first, last))
    return [(_reaching_back(listed, first, last, sparse), last) for first, last in stretches]


def _reaching_back(listed: list[int], first: int, last: int, sparse: int) -> int:
    """Strays that crowd at the beginning are too many for the first eleven words, but not for all of them."""
    for earlier in range(max(0, first - LEAST), first):
        gaps = pairwise(listed[earlier : first + 1])
        if all(right - left <= 3 for left, right in gaps) and not _too_many_misses(listed, earlier, last, sparse):
            return earlier
    return first


def _too_many_misses(listed: list[int], first: int, last: int, sparse: int) -> bool:
    return listed[last] - listed[first] - (last - first) > 1 + (last - first + 1) // sparse


def _judge(page: _Page, listed: list[int]) -> Phrase | None:
    words = [page.words[place] for place in listed]
    if is_excerpt([page.words[place] for place in listed if place not in page.soft], page.list_):
        return None
    windows = valid_windows(words, page.list_)
    stretch = page.tokens[listed[0] : listed[-1] + 1]
    pure = not page.labelled and len(stretch) == len(words) and not page.soft.intersection(listed)
    if page.list_.name in EVERYDAY_LISTS and not (len(stretch) == len(words) >= 12):
        return None
    if page.labelled and not _has_labels(page, listed):
        return None
    spare = _Spare(words)
    if (page.soft or not any(_whole(listed, words, spare, *window) for window in windows)) and not looks_random(
        page.lower, stretch, words, page.list_, pure=pure
    ):
        return None
    if not windows and (is_category(words) or is_crossword(page.lower[stretch[0].start : stretch[-1].end + 5])):
        return None
    begin, end, typos = _edges(page, listed)
    count = size_of(len(listed) + typos, page.list_)
    certain = bool(windows) and not page.soft.intersection(listed)
    if windows:
        window = min(windows, key=lambda window: _doubt(listed, spare, *window))
        size = window[1] - window[0]
        # Up to three words beside the window are the sentence around it; more are words of the phrase.
        if len(listed) - size <= 3:
            count = size
        exact = _trimmed(page, listed, *window)
        if exact == (listed[window[0]], listed[window[1] - 1]) and not typos:
            begin, end = exact
    elif not page.soft:
        certain = _otherwise_right(page, listed)
    return Phrase(page.tokens[begin].start, page.tokens[end].end, count, "certain" if certain else "high")


def _has_labels(page: _Page, listed: list[int]) -> bool:
    """Whether a label stands between nearly all of the words, rather than some frequent word here and there."""
    gaps = [page.lower[page.tokens[left].end : page.tokens[right].start] for left, right in pairwise(listed)]
    return sum(WORD.search(gap) is not None for gap in gaps) >= 0.7 * len(gaps)


class _Spare:
    """How many words beside a window neither belong to it nor introduce it."""

    def __init__(self, words: list[str]) -> None:
        self._sums = [0, *accumulate(word not in _INTRODUCING for word in words)]

    def beside(self, first: int, last: int) -> int:
        return self._sums[-1] - self._sums[last] + self._sums[first]


def _whole(listed: list[int], words: list[str], spare_words: _Spare, first: int, last: int) -> bool:
    """Whether the right checksum of ``words[first:last]`` is proof enough: nothing stands between these words, and
    they are most of what is there (each word more is one more chance of 1 in 16 to be right by accident)."""
    unbroken = listed[last - 1] - listed[first] == last - first - 1
    spare = spare_words.beside(first, last)
    return unbroken and (spare == 0 or (spare <= last - first and len(set(words[first:last])) >= 0.7 * (last - first)))


def _doubt(listed: list[int], spare: _Spare, first: int, last: int) -> int:
    """Which of several right checksums is the phrase's own: words left over speak against one, and strays within."""
    broken = listed[last - 1] - listed[first] > last - first - 1
    return 2 * spare.beside(first, last) + 2 * broken + len(listed) - (last - first)


def _otherwise_right(page: _Page, listed: list[int]) -> bool:
    """Whether the words in the order of their numbers, or backwards, have a right checksum."""
    words = [page.words[place] for place in listed]
    numbers = []
    for place in listed:
        left = page.tokens[place - 1].end if place else 0
        numbers.append(_DIGITS.findall(page.lower, max(left, page.tokens[place].start - 12), page.tokens[place].start))
    orders = [words[::-1]]
    if all(numbers):
        orders.append([word for _, word in sorted(zip((int(each[-1]) for each in numbers), words, strict=True))])
    return any(len(order) in page.list_.sizes and checksums.right(order, page.list_) for order in orders)


def _trimmed(page: _Page, listed: list[int], first: int, last: int) -> tuple[int, int]:
    """The first and last token to hide if ``listed[first:last]`` is a whole phrase: up to three list words at each
    side that are set apart by another word or another separator may stay readable ("my seed phrase is …")."""

    def gap(left: int) -> str:
        return _DIGITS.sub("", page.lower[page.tokens[listed[left]].end : page.tokens[listed[left + 1]].start])

    within = {gap(left) for left in range(first, last - 1)}
    begin, end = 0, len(listed)
    if 0 < first <= 3 and gap(first - 1) not in within:
        begin = first
    if 0 < end - last <= 3 and gap(last - 1) not in within:
        end = last
    return listed[begin], listed[end - 1]


def _edges(page: _Page, listed: list[int]) -> tuple[int, int, int]:
    """The first and last token to hide, and how many misspelt words are among them. A misspelt word at an end of a
    phrase is taken in when it completes one (11 and 1), or when the separator of the others stands before it."""
    tokens, begin, end = page.tokens, listed[0], listed[-1]
    typos = sum(_is_misspelt(page, place) for place in range(begin, end + 1))
    within = {_gap(page, place) for place in range(begin, end)}
    for _ in range(2):
        sizes = page.list_.sizes
        lacking = min((size - len(listed) - typos for size in sizes if size >= len(listed) + typos), default=0)
        completes = 0 < lacking <= 2
        if begin and (completes or _gap(page, begin - 1) in within) and _is_misspelt(page, begin - 1):
            begin, typos = begin - 1, typos + 1
        elif end + 1 < len(tokens) and (completes or _gap(page, end) in within) and _is_misspelt(page, end + 1):
            end, typos = end + 1, typos + 1
        else:
            break
    return begin, end, typos


def _gap(page: _Page, place: int) -> str:
    """What stands between a token and the next, without the numbers."""
    return _DIGITS.sub("", page.lower[page.tokens[place].end : page.tokens[place + 1].start])


def _is_misspelt(page: _Page, place: int) -> bool:
    word = page.words[place]
    return word not in page.list_.index and word not in NO_TYPO and nearest(word, page.list_) is not None
