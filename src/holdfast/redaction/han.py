"""Recovery phrases in Chinese characters: one by one, in groups, or unbroken within other text.

Nearly every character of ordinary Chinese is on the lists. What tells a phrase is that its neighbours hardly ever
make a word (``chinese_pairs``): of a random phrase one pair in 800 does, of prose every third.
"""

import re
from itertools import pairwise, product
from operator import add

from holdfast.redaction import checksums
from holdfast.redaction.findings import Certainty
from holdfast.redaction.labels import without_labels
from holdfast.redaction.lists import CHINESE, HAN, LISTS, TWINS, WordList, chinese_pairs
from holdfast.redaction.phrase import Phrase
from holdfast.redaction.sizes import size_of
from holdfast.redaction.tokens import GRAMMAR, LEAST, LETTERS
from holdfast.redaction.tokens import HAN as HAN_CLASS
from holdfast.redaction.weights import OTHER, weights

_BLOCK = re.compile(f"[{HAN_CLASS}](?:[^{HAN_CLASS}]{{0,12}}[{HAN_CLASS}])*")
_LETTER = re.compile(f"[{LETTERS}]")
_OTHER_LETTER = re.compile(f"(?![{HAN_CLASS}])[{LETTERS}]")
_CHAR = re.compile(f"[{HAN_CLASS}]")
# Characters with nothing but blanks and marks of doubt between them; one way to read each, so that time stays linear.
_ROW = re.compile(f"(?<![{HAN_CLASS}])[{HAN_CLASS}](?:[ \u3000?？_x]{{0,12}}[{HAN_CLASS}]){{10,80}}")
_PARTS = re.compile(f"[{HAN_CLASS}]+")
# What a row of so many weighs that has no common pair, and one with a pair: of 4,931 rows of prose none, of random
# phrases 998 and 880 in 1,000 (weights).
_SHORTEST_ROW, _LONGEST_ROW, _ROW_WEIGHS, _PAIRED_ROW_WEIGHS = 11, 26, 2.0, 9.0
# Groups of a row that may be a label before the phrase or talk behind it.
_BESIDE = 2
_EDGES = sorted(product(range(_BESIDE + 1), repeat=2), key=sum)
_ASIDE = re.compile(f"[(（][{HAN_CLASS}]{{1,4}}[)）]")
_REST = re.compile(f"[^{HAN_CLASS}]+")
_SIZES = LISTS[CHINESE[0]].sizes
# What parts sentences; groups of one length may be parted by it, too.
_SENTENCE = re.compile('[。！？!?；;：:，,、"“”()（）]')
_SAYS = re.compile(
    "(?:助[记記][词詞码碼]?|[恢復][复復](?:短[语語]|[词詞])|种子|種子|口令|密[语語]"
    "|mnemonic|(?<![a-z])seed|recovery|phrase|にーもにっく)[是为為如下:： ]{0,4}"
)
_CONTEXT = 40
# More characters in a row than two phrases have; if they repeat as well, they are none.
_MANY = 66


def may_hold_han(lower: str) -> bool:
    """Whether a closer look is worth it: costs 10 us for 100 Chinese characters, little for others."""
    return any(
        block.end() - block.start() >= LEAST and _stretches(_REST.sub("", block.group()))
        for block in _BLOCK.finditer(lower)
    )


def find_han(lower: str) -> list[Phrase]:
    """The phrases, in order. Linear."""
    lower = without_labels(lower)
    found: list[Phrase] = []
    for block in _BLOCK.finditer(lower):
        if block.end() - block.start() < LEAST:
            continue
        chars = _REST.sub("", block.group())
        for first, last in _stretches(chars):
            if last - first > _MANY and len(set(chars[first:last])) < 0.25 * (last - first):
                continue
            places = [match.start() for match in _CHAR.finditer(lower, block.start(), block.end())]
            found += _judge(lower, chars, places, first, last)
    lower = _ASIDE.sub(lambda match: "?".ljust(len(match.group())), lower)
    return found + [row for match in _ROW.finditer(lower) if (row := _row(lower, match)) is not None]


def _row(lower: str, match: re.Match[str]) -> Phrase | None:
    """What stands between other things, about as long as a phrase, and makes no words."""
    groups = list(_PARTS.finditer(lower, match.start(), match.end()))
    for before, behind in _EDGES:
        kept = groups[before : len(groups) - behind]
        chars = "".join(group.group() for group in kept)
        if _is_row(chars):
            sure = len(chars) in _SIZES and _right(chars) and not _pairs(chars)
            size = size_of(len(chars), LISTS[CHINESE[0]])
            return Phrase(kept[0].start(), kept[-1].end(), size, "high" if sure else "ambiguous")
    return None


def _is_row(chars: str) -> bool:
    if not _SHORTEST_ROW <= len(chars) <= _LONGEST_ROW or len(set(chars)) < 0.8 * len(chars):
        return False
    pairs = _pairs(chars)
    heavy = max(sum(weights(LISTS[name]).get(char, OTHER) for char in chars) for name in CHINESE)
    return heavy >= (_PAIRED_ROW_WEIGHS if pairs else _ROW_WEIGHS) and pairs <= 1


def _pairs(chars: str) -> int:
    return sum(map(chinese_pairs().__contains__, map(add, chars, chars[1:])))


def _stretches(chars: str) -> list[tuple[int, int]]:
    """Longest stretches of at least eleven characters with at most one common pair among them."""
    if len(chars) < LEAST:
        return []
    pairs = map(chinese_pairs().__contains__, map(add, chars, chars[1:]))
    cuts = [0, *(place for place, common in enumerate(pairs, start=1) if common), len(chars)]
    found: list[tuple[int, int]] = []
    for low, high in zip(cuts, [*cuts[2:], len(chars)], strict=False):
        if high - low >= LEAST and not (found and high <= found[-1][1]):
            found.append((low, high))
    return found


def _judge(lower: str, chars: str, places: list[int], first: int, last: int) -> list[Phrase]:
    gaps = [lower[left + 1 : right] for left, right in zip(places[first:last], places[first + 1 : last], strict=False)]
    strays = sum(_LETTER.search(gap) is not None for gap in gaps)
    if sum(map(bool, gaps)) >= 0.8 * len(gaps):
        if strays > 1 + len(gaps) // LEAST:
            return []
        return _apart(chars, places, first, last)
    found = []
    # What names the phrase is no part of it, though some of its characters are on the list.
    for match in _SAYS.finditer(lower, max(0, places[first] - 8), places[last - 1]):
        if match.end() <= places[min(first + 8, last - 1)]:
            first = next(place for place in range(first, last) if places[place] >= match.end())
    while last - first >= min(_SIZES):
        window = _window(lower, chars, places, first, last)
        if window is None:
            break
        low, size, certainty = window
        begin, end = low, low + size
        # By chance a part of a phrase has a right checksum, too: what is as random beside it is hidden with it.
        isolated = _isolated(places, low, size)
        while not isolated and begin > first and _belongs(lower, chars, places, begin - 1):
            begin -= 1
        while not isolated and end < last and _belongs(lower, chars, places, end):
            end += 1
        count = next(each for each in _SIZES if each <= end - begin)
        found.append(Phrase(places[begin], places[end - 1] + 1, max(size, count), certainty))
        first = end
    return found


def _belongs(lower: str, chars: str, places: list[int], place: int) -> bool:
    """Whether a character may be one more of the phrase beside it."""
    beside = places[min(place + 1, len(places) - 1)] - places[place]
    return chars[place] in HAN and chars[place] not in GRAMMAR and beside <= 1 + (lower[places[place] + 1 :][:1] == " ")


def _apart(chars: str, places: list[int], first: int, last: int) -> list[Phrase]:
    """Characters that stand one by one: eleven are a phrase, with a stray one in eight."""
    listed = [place for place in range(first, last) if chars[place] in HAN]
    if len(listed) < LEAST or len(listed) < 0.85 * (last - first) or len(set(chars[first:last])) < 0.7 * (last - first):
        return []
    words = [chars[place] for place in listed]
    size = next((size for size in _SIZES if size <= len(words)), min(_SIZES))
    valid = any(_right(words[low : low + size]) for size in _SIZES for low in range(min(len(words) - size + 1, 4)))
    return [Phrase(places[listed[0]], places[listed[-1]] + 1, size, "certain" if valid else "high")]


def _window(lower: str, chars: str, places: list[int], first: int, last: int) -> tuple[int, int, Certainty] | None:
    """The first character, the size and the certainty of a phrase among characters that stand together."""
    before = lower[max(0, places[first] - _CONTEXT) : places[first] + 8]
    named = _SAYS.search(before) is not None
    alone = not lower[: places[first]].strip() and not lower[places[last - 1] + 1 :].strip()
    # What stands by itself first: by chance a part of a phrase has a right checksum, too.
    windows = [(size, low) for size in _SIZES for low in range(first, last - size + 1)]
    for size, low in sorted(windows, key=lambda window: not _isolated(places, window[1], window[0])):
        words = chars[low : low + size]
        sure = named or alone or size > 18
        lenient = sure or _isolated(places, low, size)
        if not lenient:
            continue
        if _random(words, grammar=4) and _even(lower, places[low : low + size]) and _right(words):
            return low, size, "certain" if sure and size > 12 else "high" if sure else "ambiguous"
    run = last - first
    words = chars[first:last]
    stands = named or alone or (run in _SIZES and _isolated(places, first, run))
    whole = stands and run <= 30 and _random(words) and _even(lower, places[first:last])
    if whole and not any(map(chinese_pairs().__contains__, map(add, words, words[1:]))):
        return first, run, "ambiguous"
    return None


def _isolated(places: list[int], low: int, size: int) -> bool:
    """Whether something parts the window from the characters before and behind it, and nothing is within."""
    high = low + size
    return (
        places[high - 1] - places[low] == size - 1
        and (low == 0 or places[low] - places[low - 1] > 1)
        and (high == len(places) or places[high] - places[high - 1] > 1)
    )


def _even(lower: str, places: list[int]) -> bool:
    """Whether nothing parts the characters, or what does makes groups of one length."""
    if _OTHER_LETTER.search(lower, places[0], places[-1]):
        return False
    if not _SENTENCE.search(lower, places[0], places[-1]):
        return True
    ends = [number for number, (left, right) in enumerate(pairwise(places), start=1) if right - left > 1]
    return len({end - begin for begin, end in pairwise([0, *ends])}) == 1


def _random(chars: str, grammar: int = 8) -> bool:
    """Whether all are on a list, hardly repeat, and at most one in ``grammar`` carries grammar."""
    return (
        all(map(HAN.__contains__, chars))
        and sum(map(GRAMMAR.__contains__, chars)) <= len(chars) // grammar
        and len(set(chars)) >= 0.8 * len(chars)
    )


def _right(words: str | list[str]) -> bool:
    return any(_right_in(words, LISTS[name]) for name in CHINESE)


def _right_in(words: str | list[str], list_: WordList) -> bool:
    twins = TWINS[list_.name]
    own = [twins.get(char, char) for char in words]
    return all(map(list_.index.__contains__, own)) and (checksums.right(own, list_) or checksums.electrum(own, list_))
