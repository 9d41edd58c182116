"""Recovery phrases of 12 to 24 English BIP-39 words, however they are written down."""

import re
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import mnemonic

from holdfast.redaction.findings import Certainty

SIZES = (24, 21, 18, 15, 12)
# Fewer in a row are everyday language; eleven are a phrase with one word left out or misspelt.
LEAST = 11
# A word that labels the others ("word 1: …") stands before most of them.
_LABEL_COUNT = 8

_LIST = tuple((Path(mnemonic.__file__).parent / "wordlist" / "english.txt").read_text("ascii").split())
WORDS = {word: place for place, word in enumerate(_LIST)}
_WORD = re.compile(r"[a-z]+")
# What numbering leaves behind between the words: "1st", lettered lists; "a" and "i" are words of prose.
_DIGITS = re.compile(r"\d+")
_BESIDE_MARKS = re.compile(r"[\w\s]+")
_SENTENCE = re.compile(r"[.!?:;]")
_CODE = re.compile(r"[\"'<>(){}\[\]=$`+%\\#*@&^~]")
_NUMBERING = frozenset({"st", "nd", "rd", "th", *"bcdefghjklmnopqrstuvwxyz"})
# The words of the list that carry everyday English. Of a random phrase of 12 more than four are among these 82 six
# times in 100,000; of prose that by chance holds 11 list words close together nearly always.
_EVERYDAY_TEXT = (
    "about above again all also always any around ask because before both call can come day during each even every "
    "find first good great have help home just keep kind know like long make man more most much must need never "
    "next now off often once one only open order other over people place please put right same say should show "
    "since some still such than that then there they thing think this time trust try two under until use very "
    "wait want way what when where will work world year you your"
)
_EVERYDAY = WORDS.keys() & _EVERYDAY_TEXT.split()
# Words of the list that introduce a phrase: "my wallet seed phrase:".
_INTRODUCING = frozenset({"seed", "phrase", "secret", "wallet", "word", "code", "private", "save", "hidden"})
# Everyday words that look like a misspelt list word ("the": toe, "words": word) and are none.
_NO_TYPO_TEXT = (
    "the and for are was were has had his her its not but from with here very they this these those them too get got "
    "let our out now did does done see say says said who why how yes any may can could would should words phrases "
    "keys lost mine my me by at on in is it as an be do so to up us we if or of no"
)
_NO_TYPO = frozenset(_NO_TYPO_TEXT.split())
# Longest possible phrase without separators: 24 words of 8 letters.
_UNBROKEN = 24 * 8


@dataclass(frozen=True, slots=True)
class Phrase:
    start: int
    end: int
    words: int
    certainty: Certainty


class _Token(NamedTuple):
    start: int
    end: int
    word: str


def may_hold_phrase(lower: str) -> bool:
    """Whether a closer look is worth it: costs 3 us for 100 characters, 8 us for 200 of wordy English."""
    words = _WORD.findall(lower)
    if len(words) < LEAST or sum(map(WORDS.__contains__, words)) < LEAST:
        return any(len(word) >= LEAST * 3 for word in words)
    words = [word for word in words if word not in _NUMBERING]
    listed = [place for place, word in enumerate(words) if word in WORDS]
    # Every stretch that is found has eleven list words with three others among them at most;
    # or there is a word so frequent that it may be a label.
    if any(last - first <= LEAST + 2 for first, last in zip(listed, listed[LEAST - 1 :], strict=False)):
        return True
    return Counter(words).most_common(1)[0][1] >= _LABEL_COUNT or any(len(word) >= LEAST * 3 for word in words)


def find_phrases(lower: str) -> list[Phrase]:
    """The phrases in text of lower case, in order, without overlap. Linear in the length of the text."""
    tokens = [
        _Token(match.start(), match.end(), match.group())
        for match in _WORD.finditer(lower)
        if match.group() not in _NUMBERING
    ]
    found = _search(lower, tokens, labelled=False)
    if not found and (labels := _labels(tokens)):
        found = _search(lower, [token for token in tokens if token.word not in labels], labelled=True)
    for token in tokens:
        if LEAST * 3 <= len(token.word) <= _UNBROKEN and (count := _unbroken(token.word)) >= LEAST:
            found.append(Phrase(token.start, token.end, _size(count), "high"))
    return sorted(found, key=lambda phrase: phrase.start)


def _labels(tokens: list[_Token]) -> frozenset[str]:
    """Words that stand before nearly every word: "word 1: … word 2: …", "<br>", "and", the keys of a JSON list."""
    return frozenset(
        word for word, count in Counter(token.word for token in tokens).most_common(3) if count >= _LABEL_COUNT
    )


def _search(lower: str, tokens: list[_Token], *, labelled: bool) -> list[Phrase]:
    listed = [place for place, token in enumerate(tokens) if token.word in WORDS]
    found = []
    for first, last in _dense(listed):
        phrase = _judge(lower, tokens, listed[first : last + 1], labelled=labelled)
        if phrase is not None:
            found.append(phrase)
    return found


def _dense(listed: list[int]) -> list[tuple[int, int]]:
    """Stretches (indices into ``listed``) of at least LEAST list words with few others between them: at most two in
    a row, and one more than one for eight. That allows a typo and a stray word in twelve words, four in 24."""
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
            while last - first + 1 >= LEAST and _too_many_misses(listed, first, last):
                first += 1
            if last - first + 1 < LEAST:
                continue
            if stretches and first <= stretches[-1][1]:
                stretches[-1] = (stretches[-1][0], last)
            else:
                stretches.append((first, last))
    return [(_reaching_back(listed, first, last), last) for first, last in stretches]


def _reaching_back(listed: list[int], first: int, last: int) -> int:
    """Strays that crowd at the beginning are too many for the first eleven words, but not for all of them."""
    for earlier in range(max(0, first - LEAST), first):
        gaps = pairwise(listed[earlier : first + 1])
        if all(right - left <= 3 for left, right in gaps) and not _too_many_misses(listed, earlier, last):
            return earlier
    return first


def _too_many_misses(listed: list[int], first: int, last: int) -> bool:
    return _misses(listed, first, last) > 1 + (last - first + 1) // 8


def _misses(listed: list[int], first: int, last: int) -> int:
    return listed[last] - listed[first] - (last - first)


def _judge(lower: str, tokens: list[_Token], listed: list[int], *, labelled: bool) -> Phrase | None:
    words = [tokens[place].word for place in listed]
    windows = _valid_windows(words)
    if not any(_whole(listed, words, *window) for window in windows):
        stretch = tokens[listed[0] : listed[-1] + 1]
        if not _looks_random(lower, stretch, words, pure=not labelled and len(stretch) == len(words)):
            return None
    begin, end, typos = _edges(lower, tokens, listed)
    count = _size(len(listed) + typos)
    if windows:
        window = min(windows, key=lambda window: _doubt(listed, words, *window))
        size = window[1] - window[0]
        # Up to three words beside the window are the sentence around it; more are words of the phrase.
        if len(listed) - size <= 3:
            count = size
        exact = _trimmed(lower, tokens, listed, *window)
        strays = range(listed[0], listed[-1] + 1)
        if exact == (listed[window[0]], listed[window[1] - 1]) and not _typos(tokens, strays):
            begin, end = exact
    return Phrase(tokens[begin].start, tokens[end].end, count, "certain" if windows else "high")


def _whole(listed: list[int], words: list[str], first: int, last: int) -> bool:
    """Whether the right checksum of ``words[first:last]`` is proof enough: nothing stands between these words, and
    they are most of what is there (each word more is one more chance of 1 in 16 to be right by accident)."""
    unbroken = listed[last - 1] - listed[first] == last - first - 1
    spare = _spare(words, first, last)
    return unbroken and (spare == 0 or (spare <= last - first and len(set(words[first:last])) >= 0.7 * (last - first)))


def _doubt(listed: list[int], words: list[str], first: int, last: int) -> int:
    """Which of several right checksums is the phrase's own: words left over speak against one, and strays within."""
    broken = listed[last - 1] - listed[first] > last - first - 1
    return 2 * _spare(words, first, last) + 2 * broken + len(words) - (last - first)


def _spare(words: list[str], first: int, last: int) -> int:
    return sum(word not in _INTRODUCING for word in words[:first] + words[last:])


def _looks_random(lower: str, tokens: list[_Token], words: list[str], *, pure: bool) -> bool:
    """Whether list words that stand together are a phrase rather than prose, code or a log: they hardly repeat,
    few are everyday words, and one kind of separator parts them. Checksums cannot tell: of the 13 stretches of 12
    among 24 words one is right by chance more often than not."""
    if len(set(words)) < 0.75 * len(words):
        return False
    everyday = sum(word in _EVERYDAY for word in words)
    # Without any other word between them the run itself speaks; prose joins its words with "the", "is", "of".
    if everyday > (0.6 if pure else 0.4) * len(words):
        return False
    gaps = [_BESIDE_MARKS.sub("", lower[left.end : right.start]) for left, right in pairwise(tokens)]
    if not any(_SENTENCE.search(gap) or _CODE.search(gap) for gap in gaps):
        return True
    # Separators of all kinds are no code, and few everyday words are no sentence.
    if everyday <= 0.25 * len(words) and not any(_CODE.search(gap) for gap in gaps[1:-1]):
        return True
    return Counter(gaps).most_common(1)[0][1] >= 0.6 * len(gaps)


def _trimmed(lower: str, tokens: list[_Token], listed: list[int], first: int, last: int) -> tuple[int, int]:
    """The first and last token to hide if ``listed[first:last]`` is a whole phrase: up to three list words at each
    side that are set apart by another word or another separator may stay readable ("my seed phrase is …")."""

    def gap(left: int) -> str:
        return _DIGITS.sub("", lower[tokens[listed[left]].end : tokens[listed[left + 1]].start])

    within = {gap(left) for left in range(first, last - 1)}
    begin, end = 0, len(listed)
    if 0 < first <= 3 and gap(first - 1) not in within:
        begin = first
    if 0 < end - last <= 3 and gap(last - 1) not in within:
        end = last
    return listed[begin], listed[end - 1]


def _edges(lower: str, tokens: list[_Token], listed: list[int]) -> tuple[int, int, int]:
    """The first and last token to hide, and how many misspelt words are among them. A misspelt word at an end of a
    phrase is taken in when it completes one (11 and 1), or when the separator of the others stands before it."""
    begin, end = listed[0], listed[-1]
    typos = _typos(tokens, range(begin, end + 1))
    within = {_gap(lower, tokens, place) for place in range(begin, end)}
    for _ in range(2):
        lacking = min((size - len(listed) - typos for size in SIZES if size >= len(listed) + typos), default=0)
        completes = 0 < lacking <= 2
        if begin and (completes or _gap(lower, tokens, begin - 1) in within) and _misspelt(tokens[begin - 1].word):
            begin, typos = begin - 1, typos + 1
        elif (
            end + 1 < len(tokens)
            and (completes or _gap(lower, tokens, end) in within)
            and _misspelt(tokens[end + 1].word)
        ):
            end, typos = end + 1, typos + 1
        else:
            break
    return begin, end, typos


def _gap(lower: str, tokens: list[_Token], place: int) -> str:
    """What stands between a token and the next, without the numbers."""
    return _DIGITS.sub("", lower[tokens[place].end : tokens[place + 1].start])


def _typos(tokens: list[_Token], places: range) -> int:
    return sum(tokens[place].word not in WORDS and _misspelt(tokens[place].word) for place in places)


def _size(count: int) -> int:
    """The length of phrase that ``count`` words make: words beside it and a missing one are not counted."""
    return next((size for size in SIZES if size <= count), 12)


def _valid_windows(words: list[str]) -> list[tuple[int, int]]:
    """First and last+1 of the stretches whose checksum is right, longest first (1 random one in 16 to 256 is)."""
    return [
        (first, first + size)
        for size in SIZES
        for first in range(len(words) - size + 1)
        if len(set(words[first : first + size])) > 1 and _checksum_right(words[first : first + size])
    ]


def _checksum_right(words: list[str]) -> bool:
    bits = 0
    for word in words:
        bits = bits << 11 | WORDS[word]
    length = len(words) // 3
    entropy = (bits >> length).to_bytes(length * 4, "big")
    return sha256(entropy).digest()[0] >> (8 - length) == bits & ((1 << length) - 1)


def _deletions(word: str) -> set[str]:
    return {word[:place] + word[place + 1 :] for place in range(len(word))}


def _neighbourhood() -> dict[str, list[str]]:
    near: dict[str, list[str]] = {}
    for word in _LIST:
        for shorter in _deletions(word):
            near.setdefault(shorter, []).append(word)
    return near


# Every list word under each of its forms with one letter left out: 11,000 entries, built in 10 ms.
_NEAR = _neighbourhood()


def _misspelt(word: str) -> bool:
    """Whether one letter left out, added, changed or swapped makes a list word."""
    if not 3 <= len(word) <= 9 or word in _NO_TYPO:
        return False
    shorter = _deletions(word)
    if word in _NEAR or not shorter.isdisjoint(WORDS):
        return True
    return any(_one_changed(word, other) for form in shorter for other in _NEAR.get(form, ()))


def _one_changed(word: str, other: str) -> bool:
    differing = [place for place, (a, b) in enumerate(zip(word, other, strict=False)) if a != b]
    if len(word) != len(other) or not differing:
        return False
    first, last = differing[0], differing[-1]
    return len(differing) == 1 or (
        len(differing) == 2 and last == first + 1 and word[first] == other[last] and word[last] == other[first]
    )


def _unbroken(letters: str) -> int:
    """How many list words the letters are made of when nothing else stands between them; 0 if they are not."""
    best: list[int | None] = [0] + [None] * len(letters)
    for place, count in enumerate(best):
        if count is None:
            continue
        for length in range(3, 9):
            if letters[place : place + length] in WORDS and place + length <= len(letters):
                before = best[place + length]
                # The fewest words: "actaction" is two, never three.
                best[place + length] = count + 1 if before is None else min(before, count + 1)
    return best[-1] or 0
