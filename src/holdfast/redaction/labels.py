"""What numbers and names the words of a phrase ("word 3 is", "第三个词是", "n° 4:"): blanks stand for it afterwards,
and digits for numbers in words, so that the words remain with their numbers. Offsets stay."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import count, pairwise, repeat

from holdfast.redaction.talk_words import NUMBERS
from holdfast.redaction.tokens import HAN, WORD

_NUMERALS = {
    tens + ones: str(10 * ten + one)
    for ten, tens in enumerate(("", "十", "二十", "三十"))
    for one, ones in enumerate(("", *"一二三四五六七八九"))
    if ten or one
}
_LABEL = re.compile(
    r"第\s*([\d一二三四五六七八九十]{1,3})\s*[个個]?(?:[词詞字行段]|部分)?[是为為]?|(\d{1,2})\s*[号號]"
    r"|([\d一二三四五六七八九十]{1,3})\s*(?:番目?|つ目|個目|번째?)[はのか]?(?=[\s:：、。,は]|$)"
)
# How a character is read, behind it or behind a word of kana: "向(xiang)".
_GLOSS = re.compile(f"(?<=[{HAN}\u3041-\u3096]) ?[(（][a-z ]{{1,24}}[)）]")
_NUMBER = re.compile(r"(?<!\d)(?<!\d[.,:/])\d{1,2}(?![\d]|[.,:/]\d)")
# What somebody says of a word: "mind (or minnd)".
_OR = re.compile(r"[(（][^\W\d]+ [^\W\d]+[)）]")
# Different numbers in words that are those of a list; fewer are talk.
_FEWEST_SPOKEN = 5
# Words of a label at each side of its number, and in how many of the places it is to stand.
_REACH, _SHARE = 3, 0.7
# A camera, or who reads a picture, takes one for the other.
_MISREAD = re.compile(r"(?<=[a-z])[0158](?=[a-z])")
_READ = {"0": "o", "1": "l", "5": "s", "8": "b"}


def without_labels(lower: str) -> str:
    """Linear; 1 us for a text without digits."""
    if not lower.isascii():
        lower = _GLOSS.sub(_blank, _LABEL.sub(_number, lower))
    if "(" in lower or "（" in lower:
        lower = _OR.sub(_blank, lower)
    spoken = [word for word in WORD.finditer(lower) if word.group() in NUMBERS]
    if len({word.group() for word in spoken}) >= _FEWEST_SPOKEN:
        lower = _replaced(lower, spoken, (str(number % 100) for number in count(1)))
    numbers = [number.start() for number in _NUMBER.finditer(lower)]
    return _without_repeated(lower, numbers) if len(numbers) > 1 else lower


def as_read(lower: str) -> str:
    """Digits within a word as the letters that they look like: "l0yal", "pu5h"."""
    return _MISREAD.sub(lambda match: _READ[match.group()], lower)


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


def _number(match: re.Match[str]) -> str:
    number = next(filter(None, match.groups()))
    return f" {_NUMERALS.get(number, number)}".ljust(len(match.group()))[: len(match.group())]


def _without_repeated(lower: str, numbers: Sequence[int]) -> str:
    """With blanks for the words that stand beside most of the numbers, where another word stands there too."""
    words = list(WORD.finditer(lower))
    starts = [word.start() for word in words]
    # Before which word each number stands.
    cuts = [bisect_left(starts, number) for number in numbers]
    edges = list(pairwise([0, *cuts, len(words)]))
    gone: set[int] = set()
    for before in (True, False):
        for far in range(_REACH):
            places = {}
            for low, high in edges[:-1] if before else edges[1:]:
                place = high - 1 - far if before else low + far
                # Something is to be left between two numbers.
                left = sum(each not in gone for each in range(low, high))
                if low <= place < high and (left > 1 or (before and not low)):
                    places[place] = words[place].group()
            label, times = Counter(places.values()).most_common(1)[0] if places else ("", 0)
            if times < max(2, _SHARE * len(places)):
                break
            gone |= {place for place, word in places.items() if word == label}
    if not gone:
        return lower
    return _replaced(lower, [words[place] for place in sorted(gone)], repeat(""))


def _replaced(lower: str, words: Iterable[re.Match[str]], by: Iterable[str]) -> str:
    """With something else as long, filled up with blanks."""
    pieces, end = [], 0
    for word, other in zip(words, by, strict=False):
        length = word.end() - word.start()
        pieces += [lower[end : word.start()], other[:length].ljust(length)]
        end = word.end()
    return "".join([*pieces, lower[end:]])
