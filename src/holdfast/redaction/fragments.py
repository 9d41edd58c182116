"""Phrases that are typed over several messages: what may be a part of one, and which parts make a whole.

What is held here are a person's secret words: nothing of it is stored, logged or sent on.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

from holdfast.redaction import checksums
from holdfast.redaction.evidence import is_excerpt
from holdfast.redaction.findings import Certainty, Kind
from holdfast.redaction.folding import fold
from holdfast.redaction.islands import across
from holdfast.redaction.lists import CHINESE, EVERYDAY_LISTS, HAN, LISTS, MASK, SPACED, WordList, chinese_pairs
from holdfast.redaction.redact import MARKER
from holdfast.redaction.sizes import size_of
from holdfast.redaction.spelling import EVERYDAY, nearest, prefixes
from holdfast.redaction.support_words import SUPPORT
from holdfast.redaction.tokens import HAN as HAN_CLASS
from holdfast.redaction.tokens import LEAST, LETTERS, tokens_of

# In order words in a row that may be a part of a phrase.
FEWEST = 3
_APART = 4
# Longer messages are no part of a phrase: 24 numbered and labelled words have 600 characters.
LONGEST = 2_000
# The newest pieces that are looked at: 24 single words, and as many other messages between them.
MOST_PIECES = 64
# What stands before a number: "word 3: …".
_LABELS = frozenset(
    (
        "word words number no nr nummer wort mot palabra parola slovo palavra kata tu kelime "
        "слово 번 번째 단어 第 个 個 号 はんめ 番目"
    ).split()
)
# What a further part begins with: "and: …".
_JOINING = frozenset(
    (
        "and then the rest are is ok okay here words finally und dann et puis y luego e poi depois a pak "
        "и потом そして 그리고 然后 還有"
    ).split()
)
_NUMBER = re.compile(r"\d{1,2}")
_HAN_MESSAGE = re.compile(f"(?:[^{LETTERS}]*[{HAN_CLASS}])+[^{LETTERS}]*")
_HAN_CHAR = re.compile(f"[{HAN_CLASS}]")
_GRAMMAR = frozenset("的是不了在有我你他这那們们来來为為和到说說要就会會可也对對吗嗎吧呢啊请請没沒什么怎好谢謝")


@dataclass(frozen=True, slots=True)
class Fragment:
    """``words``: list words in a row. ``lists``: the lists they may be of. ``numbered``: each has a number."""

    words: int
    lists: frozenset[str]
    numbered: bool


@dataclass(frozen=True, slots=True)
class Joined:
    """``pieces``: places (in the given order) of the messages that together hold a secret; each is to be hidden."""

    pieces: tuple[int, ...]
    kind: Kind
    words: int
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class _Run:
    """The list words in a row of one message: corrected, with their numbers (0: none). ``telling``: how many are no
    everyday words. ``whole``: nothing else stands in the message."""

    words: tuple[str, ...]
    numbers: tuple[int, ...]
    telling: int
    exact: int
    whole: bool
    # Whether something parts the words; unbroken Chinese needs a right checksum.
    apart: bool = True

    @property
    def numbered(self) -> bool:
        return all(self.numbers) and len(set(self.numbers)) == len(self.numbers)


def fragment(text: str, *, least: int = FEWEST) -> Fragment | None:
    """Whether a message may be a part of a recovery phrase: ``least`` list words in a row that are no everyday prose.

    ``least=1`` is for an author who has just sent fragments: then also one or two list words alone count.
    """
    found = []
    for list_, run in _runs(text):
        if (len(run.words) >= least and _suspicious(run, list_)) or (least < FEWEST and _single(run)):
            found.append((list_, run))
    if not found:
        return None
    most = max(len(run.words) for _, run in found)
    return Fragment(most, frozenset(list_.name for list_, _ in found), any(run.numbered for _, run in found))


def _single(run: _Run) -> bool:
    return run.whole and len(run.words) < FEWEST


def _suspicious(run: _Run, list_: WordList) -> bool:
    count = len(run.words)
    if count < FEWEST or run.exact < 0.7 * count:
        return False
    if run.numbered and run.telling >= 0.5 * count:
        return True
    if list_.name in EVERYDAY_LISTS:
        return run.whole and run.telling >= 0.75 * count
    if run.whole or count >= 8:
        return run.telling >= 0.5 * count
    return run.telling >= (count if count < 5 else 0.75 * count)


def _runs(text: str) -> list[tuple[WordList, _Run]]:
    """The longest run of each list."""
    if len(text) > LONGEST:
        return []
    lower = MARKER.sub("\n", fold(text).lower) if "⛔" in text else fold(text).lower
    if _HAN_MESSAGE.fullmatch(lower):
        return _han_runs(lower)
    tokens: list[tuple[str, int]] = []
    previous = 0
    for token in tokens_of(lower):
        numbers = _NUMBER.findall(lower, previous, token.start)
        after = lower[token.end : token.end + 2].lstrip(" #")
        previous = token.end
        if token.word in _LABELS and (after[:1].isdigit() or not MASK.get(token.word)):
            # Its number belongs to the next word.
            continue
        tokens.append((token.word, int(numbers[-1]) if numbers else 0))
    while tokens and tokens[0][0] in _JOINING:
        tokens.pop(0)
    masks = [MASK.get(word, 0) for word, _ in tokens]
    found = []
    for name in SPACED:
        list_ = LISTS[name]
        if any(mask & list_.bit for mask in masks):
            run = _longest(tokens, masks, list_)
            if run is not None:
                found.append((list_, run))
    return found


def _longest(tokens: list[tuple[str, int]], masks: list[int], list_: WordList) -> _Run | None:
    best: list[tuple[str, int, bool]] = []
    run: list[tuple[str, int, bool]] = []
    soft = 0
    for (word, number), mask in zip(tokens, masks, strict=True):
        if mask & list_.bit:
            run.append((word, number, True))
        elif (meant := _meant(word, list_)) is not None and soft <= len(run) // 4:
            run.append((meant, number, False))
            soft += 1
        else:
            run, soft = [], 0
        if len(run) > len(best):
            best = list(run)
    while best and not best[-1][2] and len(best) != len(tokens):
        best.pop()
    if not best or not any(exact for _, _, exact in best):
        return None
    telling = sum(exact and word not in list_.everyday and word not in SUPPORT for word, _, exact in best)
    return _Run(
        tuple(word for word, _, _ in best),
        tuple(number for _, number, _ in best),
        telling,
        sum(exact for _, _, exact in best),
        len(best) == len(tokens),
    )


def _meant(word: str, list_: WordList) -> str | None:
    if word in EVERYDAY or len(word) < 4 or list_.name in EVERYDAY_LISTS:
        return None
    return prefixes(list_).get(word) or nearest(word, list_)


def _han_runs(lower: str) -> list[tuple[WordList, _Run]]:
    places = [match.start() for match in _HAN_CHAR.finditer(lower)]
    chars = "".join(lower[place] for place in places)
    if not all(map(HAN.__contains__, chars)) or len(chars) > LONGEST // 10:
        return []
    together = len(chars) > 1 and places[-1] - places[0] + 1 == len(chars)
    pairs = sum(chars[place : place + 2] in chinese_pairs() for place in range(len(chars) - 1))
    if together and (pairs or any(map(_GRAMMAR.__contains__, chars))):
        return []
    numbers = []
    for left, right in zip([0, *(place + 1 for place in places)], places, strict=False):
        found = _NUMBER.findall(lower, left, right)
        numbers.append(int(found[-1]) if found else 0)
    telling = sum(char not in _GRAMMAR for char in chars)
    run = _Run(tuple(chars), tuple(numbers), telling, len(chars), whole=True, apart=not together)
    return [(LISTS[name], run) for name in CHINESE if all(map(LISTS[name].index.__contains__, chars))]


@dataclass(slots=True)
class _Chain:
    """Words of one list in the order of the messages, each with its message and whether it tells something."""

    list_: WordList
    words: list[str] = field(default_factory=list)
    pieces: list[int] = field(default_factory=list)
    telling: int = 0
    pure: int = 0


def join(pieces: Sequence[str]) -> Joined | None:
    """Which of the newest messages of one author in one conversation, oldest first, together are a recovery phrase.

    Other messages may lie between; pieces may overlap, be numbered out of order, or be single words. None when no
    phrase is complete. Looks at the last 64 messages.
    """
    skipped = max(0, len(pieces) - MOST_PIECES)
    parsed = [_runs(text) for text in pieces[skipped:]]
    best: Joined | None = None
    for list_ in LISTS.values():
        runs = {place: run for place, found in enumerate(parsed) for each, run in found if each is list_}
        joined = _join(list_, _relevant(list_, runs))
        if joined is not None and (best is None or _rank(joined) > _rank(best)):
            best = joined
    whole = across([MARKER.sub("", fold(text).lower) if len(text) <= LONGEST else "" for text in pieces[skipped:]])
    if whole is not None:
        places, phrase = whole
        joined = Joined(places, "recovery_phrase", phrase.words, phrase.certainty)
        if best is None:
            best = joined
        elif len(places) > len(best.pieces) and (joined.words > best.words or best.certainty != "certain"):
            together = tuple(sorted({*best.pieces, *places}))
            best = Joined(together, best.kind, max(best.words, joined.words), max(best, joined, key=_rank).certainty)
    if best is None:
        return None
    return Joined(tuple(place + skipped for place in best.pieces), best.kind, best.words, best.certainty)


def _rank(joined: Joined) -> tuple[bool, int, int]:
    return joined.certainty == "certain", joined.words, len(joined.pieces)


def _relevant(list_: WordList, runs: dict[int, _Run]) -> dict[int, _Run]:
    """Parts and single words; what only may be one ("wait", "good morning") counts between two or next to one."""
    strong = {
        place
        for place, run in runs.items()
        if _suspicious(run, list_) or (_single(run) and run.telling == len(run.words))
    }
    if not strong:
        return {}
    taken = set(strong)
    weak = {place for place, run in runs.items() if run.whole and run.exact == len(run.words) and place not in strong}
    taken.update(place for place in weak if min(strong) < place < max(strong))
    taken.update(place for place in weak if {place - 2, place - 1, place + 1, place + 2} & taken)
    return {place: runs[place] for place in sorted(taken)}


def _close(runs: dict[int, _Run]) -> dict[int, _Run]:
    """Of single words only those that were typed in one go: at most three other messages lie between two."""
    if 2 * sum(len(run.words) < FEWEST for run in runs.values()) <= len(runs):
        return runs
    groups: list[list[int]] = []
    for place in runs:
        if groups and place - groups[-1][-1] <= _APART:
            groups[-1].append(place)
        else:
            groups.append([place])
    longest = max(groups, key=len, default=[])
    # Word after word, with a remark now and then; in chat the short answers lie further apart.
    if longest and longest[-1] - longest[0] + 1 > 1.5 * len(longest) + 2:
        return {}
    return {place: runs[place] for place in longest}


def _join(list_: WordList, runs: dict[int, _Run]) -> Joined | None:
    runs = _close(runs)
    if len(runs) < 2 or sum(len(run.words) for run in runs.values()) < LEAST:
        return None
    chain = _numbered(list_, runs) or _in_order(list_, runs)
    count = len(chain.words)
    repeats = len(set(chain.words)) < 0.75 * count or chain.pure < min(8, 0.6 * count)
    if count < LEAST or repeats or is_excerpt(chain.words, list_):
        return None
    sure = {place for place, run in runs.items() if _is_sure(list_, run)}
    valid = _valid(chain)
    if not valid and (without := _without_remarks(list_, runs, sure)) is not None:
        chain, valid = without, [(0, len(without.words))]
    # Of a phrase that is proved, three words in five may be everyday ones.
    if chain.telling < (0.4 if valid and valid[0] == (0, len(chain.words)) else 0.6) * len(chain.words):
        return None
    if not valid and not _likely(list_, runs, count):
        return None
    size = valid[0][1] - valid[0][0] if valid else size_of(count, list_)
    held = set(chain.pieces)
    within = set(chain.pieces[slice(*valid[0])]) if valid else set()
    if within >= sure:
        # An everyday word before or behind the phrase stays ("hello").
        held = within
    return Joined(tuple(sorted(held)), "recovery_phrase", size, "certain" if valid else "high")


def _likely(list_: WordList, runs: dict[int, _Run], count: int) -> bool:
    """Whether pieces speak for themselves, without a right checksum."""
    if len(runs) * FEWEST > count and not _one_after_the_other(list_, runs):
        return False
    if list_.name in EVERYDAY_LISTS:
        return count in list_.sizes
    return list_.name not in CHINESE or all(run.apart for run in runs.values())


def _without_remarks(list_: WordList, runs: dict[int, _Run], sure: set[int]) -> _Chain | None:
    """What only may be a part ("one moment") may as well be a remark between the parts: without some of them the whole
    may have a right checksum."""
    doubtful = [place for place in runs if place not in sure]
    if not 0 < len(doubtful) <= 4 or sum(len(runs[place].words) for place in sure) < 8:
        return None
    for count in range(1, len(doubtful) + 1):
        for dropped in combinations(doubtful, count):
            chain = _in_order(list_, {place: run for place, run in runs.items() if place not in dropped})
            if len(chain.words) in list_.sizes and checksums.right(chain.words, list_):
                return chain
    return None


def _valid(chain: _Chain) -> list[tuple[int, int]]:
    """Stretches of whole pieces whose checksum is right."""
    count = len(chain.words)
    return [
        (low, low + size)
        for size in chain.list_.sizes
        for low in range(count - size + 1)
        if (low == 0 or chain.pieces[low - 1] != chain.pieces[low])
        and (low + size == count or chain.pieces[low + size - 1] != chain.pieces[low + size])
        and checksums.right(chain.words[low : low + size], chain.list_)
    ]


def _one_after_the_other(list_: WordList, runs: dict[int, _Run]) -> bool:
    """Whether short messages without a right checksum are word after word of a phrase: of ordinary chat few answers
    in a row are list words alone, spelt right, and none of everyday language."""
    sure = [run for run in runs.values() if _is_sure(list_, run)]
    span = max(runs) - min(runs) + 1
    return sum(len(run.words) for run in sure) >= 8 and len(sure) >= 0.55 * span


def _is_sure(list_: WordList, run: _Run) -> bool:
    return _suspicious(run, list_) or (_single(run) and run.telling == run.exact == len(run.words))


def _in_order(list_: WordList, runs: dict[int, _Run]) -> _Chain:
    """The words of all pieces behind one another; what a piece repeats of the end of those before it counts once."""
    chain = _Chain(list_)
    for place, run in runs.items():
        words = list(run.words)
        overlap = next(
            (size for size in range(min(len(words), len(chain.words)), 0, -1) if chain.words[-size:] == words[:size]), 0
        )
        chain.words += words[overlap:]
        chain.pieces += [place] * (len(words) - overlap)
        chain.telling += run.telling if not overlap else min(run.telling, len(words) - overlap)
        chain.pure += (len(words) - overlap) if run.whole or run.numbered else 0
    return chain


def _numbered(list_: WordList, runs: dict[int, _Run]) -> _Chain | None:
    """The words in the order of their numbers, when enough have one."""
    places: dict[int, tuple[str, int]] = {}
    telling = 0
    for place, run in runs.items():
        if run.numbered:
            telling += run.telling
            for number, word in zip(run.numbers, run.words, strict=True):
                places[number] = (word, place)
    if len(places) < LEAST:
        return None
    ordered = [places[number] for number in sorted(places)]
    return _Chain(list_, [word for word, _ in ordered], [place for _, place in ordered], telling, len(ordered))
