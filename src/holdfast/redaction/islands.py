"""Recovery phrases with other things between their words: talk, labels, names and times of a copied chat, markup,
numbers of any script, words that are crossed out, doubled, missing or misspelt.

A text of everyday language holds single list words; three in a row of one list, most of them telling, are rare in it.
Such islands that lie close together, with ten words in all, are a phrase.
"""

import re
from bisect import bisect
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import NamedTuple

from holdfast.redaction import checksums
from holdfast.redaction.evidence import is_alphabetical, is_category, is_crossword, is_excerpt
from holdfast.redaction.lists import CHINESE, EVERYDAY_LISTS, HAN, LISTS, MASK, SPACED, WordList
from holdfast.redaction.phrase import Phrase
from holdfast.redaction.sizes import size_of
from holdfast.redaction.spelling import EVERYDAY, PREFIX, all_prefixes, meant
from holdfast.redaction.support_words import SUPPORT
from holdfast.redaction.talk_words import EVERYDAY_ELSEWHERE, JOINING, NUMBERS, TALK
from holdfast.redaction.tokens import GRAMMAR, NUMBERING, NUMERALS, ORDINARY, Token, tokens_of

_LEFT_OUT = TALK | NUMERALS | NUMBERING
# List words in a row, and other words between two such rows. Of the lists of everyday words longer rows are asked for.
ROW, ROW_EVERYDAY = 3, 6
APART = 12
# Different words in all; spelt right; and where some are said to be missing.
WORDS, EXACT, WITH_GAPS = 11, 7, 10
# Telling words of one list that stand side by side: of eleven words in groups of three more than these.
BESIDE = 3
# Of all words from the first to the last so many are list words, where weak rows are among them.
DENSE = 0.6
# And so many in any case: proverbs of everyday words, one below the other, have fewer.
THIN = 0.45
# A word that comes so often labels the others, or is the name before each line of a chat.
OFTEN = 4
# Words between: a row of Chinese characters counts for half its characters, up to a sentence.
_MOST = 6
_LABEL = re.compile(r"第\s*[\d一二三四五六七八九十]{1,3}\s*[个個]?[词詞字]?[是为為]?|\d{1,2}\s*[号號]")
_MISSING = re.compile(r"\?{2,}|_{3,}|x{3,}|\[?\.\.\.\]?|…|\(")


@dataclass(slots=True)
class _Row:
    """List words in a row: places of their tokens, the words they stand for, how many are misspelt."""

    first: int
    last: int
    words: list[str]
    soft: int
    before: float
    strong: bool = False


class Island(NamedTuple):
    """``tokens``: those of the rows."""

    phrase: Phrase
    list_: WordList
    tokens: list[Token]


def may_hold_islands(lower: str, words: list[str]) -> bool:
    """Whether a closer look at a text of these words (WORD) is worth it: costs 10 us for 400 characters of prose."""
    if len(words) < WITH_GAPS:
        return False
    get = MASK.get
    if not lower.isascii() and sum(map(HAN.__contains__, words)) >= EXACT:
        return True
    hits = {word for word in words if word not in ORDINARY and get(word)}
    if len(hits) < EXACT:
        return _shortened(words)
    counts = Counter(words)
    often = max(OFTEN, 0.15 * len(hits))
    left_out = _LEFT_OUT | NUMBERS if len(NUMBERS.intersection(counts)) >= OFTEN else _LEFT_OUT
    masks = [
        0 if word in ORDINARY else get(word, 0)
        for word in words
        if word not in left_out and (counts[word] < often or word in JOINING)
    ]
    return sum(left & right != 0 for left, right in pairwise(masks)) >= BESIDE


def _shortened(words: list[str]) -> bool:
    """Whether many words are cut to four letters."""
    return sum(map(all_prefixes().__contains__, words)) >= max(EXACT, 0.2 * len(words))


def find_islands(lower: str) -> list[Island]:
    """The phrases, in order of lists; those of different lists may overlap. Linear."""
    tokens = _cleaned(tokens_of(_LABEL.sub(lambda match: " " * len(match.group()), lower)))
    found: list[Island] = []
    masks = [HAN.get(token.word, 0) or MASK.get(token.word, 0) for token in tokens]
    telling = [0 if token.word in ORDINARY else mask for token, mask in zip(tokens, masks, strict=True)]
    beside = [both for left, right in pairwise(telling) if (both := left & right)]
    shortened = _shortened([token.word for token in tokens])
    for name in (*SPACED, *CHINESE):
        list_ = LISTS[name]
        if shortened or sum(both & list_.bit != 0 for both in beside) >= BESIDE:
            found += _of_list(lower, tokens, masks, list_)
    return found


def across(texts: Sequence[str]) -> tuple[tuple[int, ...], Phrase] | None:
    """The longest phrase that lies in several folded messages, with talk before its words or between, and which they
    are."""
    begins = [0, *accumulate(len(text) + 1 for text in texts)]
    best: tuple[tuple[int, ...], Phrase] | None = None
    for phrase, list_, tokens in find_islands("\n".join(texts)):
        words: dict[int, list[str]] = {}
        for token in tokens:
            words.setdefault(bisect(begins, token.start) - 1, []).append(token.word)
        # A word or two ("hello", "one moment") belong to it when they tell something.
        places = tuple(
            place
            for place, few in words.items()
            if len(few) >= ROW or all(word in list_.index and is_telling(word, list_) for word in few)
        )
        count = sum(len(words[place]) for place in places)
        if len(places) < 2 or count < WITH_GAPS:
            continue
        # Word after word; short answers in a chat lie further apart.
        single = ROW * len(places) > count
        if single and (list_.name in EVERYDAY_LISTS or places[-1] - places[0] >= 1.25 * len(places)):
            continue
        if best is None or (phrase.words, len(places)) > (best[1].words, len(best[0])):
            best = places, phrase
    return best


def _cleaned(tokens: list[Token]) -> list[Token]:
    """Without numbers, labels and fillers."""
    counts = Counter(token.word for token in tokens)
    hits = sum(word in MASK or word in HAN for word in counts)
    numbers = sum(word in NUMBERS for word in counts) >= OFTEN

    def stays(word: str) -> bool:
        if word in NUMERALS or (numbers and word in NUMBERS):
            return False
        listed = word in MASK or word in HAN
        if word in JOINING:
            return counts[word] < max(OFTEN, 0.6 * hits)
        return counts[word] < max(OFTEN + listed, 0.2 * hits) and not (word in TALK and not listed)

    return [token for token in tokens if stays(token.word)]


def _of_list(lower: str, tokens: list[Token], masks: list[int], list_: WordList) -> list[Island]:
    found = []
    cluster: list[_Row] = []
    for row in _rows(tokens, masks, list_):
        if cluster and row.before > APART:
            found += _judged(lower, tokens, cluster, list_)
            cluster = []
        cluster.append(row)
    return found + _judged(lower, tokens, cluster, list_)


def _rows(tokens: list[Token], masks: list[int], list_: WordList) -> list[_Row]:
    """The rows that are long enough, each with how much else stands between it and the one before."""
    least = ROW_EVERYDAY if list_.name in EVERYDAY_LISTS else ROW
    shortened = _shortened([token.word for token in tokens])
    rows: list[_Row] = []
    row = _Row(0, 0, [], 0, 0)
    between = 0.0

    def close() -> None:
        nonlocal row, between
        telling = sum(is_telling(word, list_) for word in row.words)
        long = len(row.words) >= least and 3 * telling >= len(row.words) and row.soft <= len(row.words) // 3
        # Everyday words before and behind it are those of the sentence.
        known = [place for place, word in enumerate(row.words) if is_telling(word, list_)]
        core = known[-1] - known[0] + 1 if known else 0
        row.strong = long and core >= least and telling >= 0.6 * core
        if long or (len(row.words) == telling == ROW - 1 == least - 1 and not row.soft):
            rows.append(row)
            between = 0.0
        else:
            between += len(row.words)

    for place, token in enumerate(tokens):
        word: str | None = token.word
        exact = masks[place] & list_.bit
        if not exact:
            near = shortened or any(mask & list_.bit for mask in masks[max(0, place - 2) : place + 3])
            word = meant(token.word, list_) if near and token.word not in EVERYDAY else None
        if word is None:
            if row.words:
                close()
                row = _Row(0, 0, [], 0, 0)
            between += _weight(token.word)
        elif word in row.words[-2:]:
            row.last = place
        else:
            if not row.words:
                row = _Row(place, place, [], 0, between)
            row.words.append(word)
            row.soft += not exact and not (shortened and len(token.word) == PREFIX)
            row.last = place
    if row.words:
        close()
    for each, (left, right) in zip(rows[1:], pairwise(rows), strict=True):
        each.before = max(each.before, 0.0) if left.last < right.first else 0.0
    return rows


def _weight(word: str) -> float:
    return min(_MOST, max(1, len(word) / 2)) if "\u3041" <= word[0] <= "\uffff" else 1


def is_telling(word: str, list_: WordList) -> bool:
    if list_.name in CHINESE:
        return word not in GRAMMAR
    return word not in list_.everyday and word not in SUPPORT and word not in EVERYDAY_ELSEWHERE


def _judged(lower: str, tokens: list[Token], rows: list[_Row], list_: WordList) -> list[Island]:
    if not rows:
        return []
    words = [word for row in rows for word in row.words]
    different = set(words)
    # Rows of two words and of everyday ones belong to a phrase where little else stands between the rows.
    between = sum(row.before for row in rows[1:])
    if not all(row.strong for row in rows):
        strong = sum(len(row.words) for row in rows if row.strong)
        if strong < 0.6 * len(words) or len(words) < DENSE * (len(words) + between):
            rows = [row for row in rows if row.strong]
            words = [word for row in rows for word in row.words]
            different = set(words)
    if not rows or len(words) < THIN * (len(words) + sum(row.before for row in rows[1:])):
        return []
    soft = sum(row.soft for row in rows)
    start, end = tokens[rows[0].first].start, tokens[rows[-1].last].end
    least = WITH_GAPS if _MISSING.search(lower, start, end) else WORDS
    if len(different) < least or len(words) - soft < EXACT or soft > 0.3 * len(words):
        return []
    telling = sum(is_telling(word, list_) for word in different)
    if telling < (0.5 if list_.name in EVERYDAY_LISTS else 0.6) * len(different) or is_excerpt(words, list_):
        return []
    ordered = list(dict.fromkeys(words))
    right = not soft and len(ordered) in list_.sizes and checksums.right(ordered, list_)
    written = [tokens[place].word for row in rows for place in range(row.first, row.last + 1)]
    if not right and (is_alphabetical(written) or is_category(words) or is_crossword(lower[start : end + 5])):
        return []
    phrase = Phrase(start, end, size_of(len(different), list_), "certain" if right else "high")
    return [Island(phrase, list_, [tokens[place] for row in rows for place in range(row.first, row.last + 1)])]
