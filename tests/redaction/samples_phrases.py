"""Phrases of every list, and the ways in which people spoil them."""

import random
import unicodedata
from collections.abc import Callable

from mnemonic import Mnemonic

from holdfast.redaction import checksums
from holdfast.redaction.lists import CHINESE, LISTS, SPACED

BIP39 = (
    "english", "japanese", "korean", "spanish", "chinese_simplified", "chinese_traditional", "french", "italian",
    "czech", "portuguese",
)  # fmt: skip
_MNEMONICS = {name: Mnemonic(name) for name in BIP39}


def in_both_writings(name: str, rng: random.Random, words: int = 12) -> list[str]:
    """A phrase of a Chinese list, every second character as the other one writes it."""
    other = {"chinese_simplified": "chinese_traditional", "chinese_traditional": "chinese_simplified"}[name]
    theirs = list(LISTS[other].index)
    drawn = phrase_of(name, rng, words)
    return [theirs[LISTS[name].index[char]] if place % 2 else char for place, char in enumerate(drawn)]


def phrase_of(name: str, rng: random.Random, words: int = 12) -> list[str]:
    """A phrase with a right checksum in the spelling of its list."""
    if name in BIP39:
        return unicodedata.normalize("NFC", _MNEMONICS[name].to_mnemonic(rng.randbytes(words * 4 // 3))).split()
    known = list(LISTS[name].index)
    if name == "slip39":
        return slip39(rng, 20 if words < 20 else 33)
    if name == "monero":
        body = rng.choices(known, k=24 if words > 13 else 12)
        return next([*body, last] for last in known if checksums.monero([*body, last]))
    return rng.choices(known, k=12 if words < 24 else 24)


def slip39(rng: random.Random, words: int) -> list[str]:
    """A share: three words of checksum behind. RS1024 is linear, so the three are found by the remainder."""
    known = list(LISTS["slip39"].index)
    body = rng.sample(range(1024), words - 3)
    # Not extendable, one group of one member, and no bits of padding.
    body[1:5] = [body[1] & ~16, 0, 1, body[4] & (0xFF if words == 20 else 0x3F)]
    values = [*b"shamir", *body, 0, 0, 0]
    state = 1
    for value in values:
        top = state >> 20
        state = (state & 0xFFFFF) << 10 ^ value
        for bit, factor in enumerate(checksums._RS1024):
            if top >> bit & 1:
                state ^= factor
    state ^= 1
    return [known[place] for place in [*body, state >> 20, state >> 10 & 1023, state & 1023]]


def electrum(rng: random.Random, name: str = "english") -> list[str]:
    """A seed of Electrum's second version: random words until their hash begins with a version."""
    known = list(LISTS[name].index)
    while True:
        words = rng.choices(known, k=12)
        if checksums.electrum(words, LISTS[name]) and len(set(words)) == 12:
            return words


def misspell(rng: random.Random, word: str, name: str) -> str:
    """One letter left out, doubled, changed, or swapped with its neighbour; never a list word."""
    letters = sorted({letter for each in LISTS[name].index for letter in each})
    while True:
        place = rng.randrange(len(word) - 1)
        wrong = rng.choice(
            [
                word[:place] + word[place + 1 :],
                word[:place] + word[place] + word[place:],
                word[:place] + rng.choice(letters) + word[place + 1 :],
                word[:place] + word[place + 1] + word[place] + word[place + 2 :],
            ]
        )
        if wrong not in LISTS[name].index and len(wrong) >= 3:
            return wrong


def _quarter_misspelt(rng: random.Random, words: list[str], name: str) -> str:
    changed = list(words)
    for place in rng.sample(range(len(words)), len(words) // 4):
        if len(words[place]) >= 4:
            changed[place] = misspell(rng, words[place], name)
    return " ".join(changed)


def _one_misspelt(rng: random.Random, words: list[str], name: str) -> str:
    changed = list(words)
    place = rng.randrange(len(words))
    changed[place] = misspell(rng, words[place], name) if len(words[place]) >= 3 else words[place]
    return " ".join(changed)


def _columns(_: random.Random, words: list[str], __: str) -> str:
    half = -(-len(words) // 2)
    rows = []
    for place in range(half):
        left = f"{place + 1}. {words[place]}"
        right = f"{place + half + 1}. {words[place + half]}" if place + half < len(words) else ""
        rows.append(f"{left}\t{right}".rstrip())
    return "\n".join(rows)


def _without_accents(_: random.Random, words: list[str], __: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFD", " ".join(words)) if not "\u0300" <= char <= "\u036f")


_FORM = Callable[[random.Random, list[str], str], str]
# Ways that hold for every list.
WAYS: dict[str, _FORM] = {
    "spaces": lambda _, words, __: " ".join(words),
    "ideographic spaces": lambda _, words, __: "\u3000".join(words),
    "lines": lambda _, words, __: "\n".join(words),
    "commas": lambda _, words, __: ", ".join(words),
    "numbered": lambda _, words, __: "\n".join(f"{n}. {word}" for n, word in enumerate(words, 1)),
    "numbered in a row": lambda _, words, __: " ".join(f"{n}.{word}" for n, word in enumerate(words, 1)),
    "numbered backwards": lambda _, words, __: "\n".join(
        f"{n}) {word}" for n, word in reversed(list(enumerate(words, 1)))
    ),
    "numbered, shuffled": lambda rng, words, __: "; ".join(
        f"{n}-{word}" for n, word in rng.sample(list(enumerate(words, 1)), len(words))
    ),
    "backwards": lambda _, words, __: " ".join(words[::-1]),
    "columns": _columns,
    "table": lambda _, words, __: "\n".join(f"| {n} | {word} |" for n, word in enumerate(words, 1)),
    "decomposed": lambda _, words, __: unicodedata.normalize("NFD", " ".join(words)),
    "compatible": lambda _, words, __: unicodedata.normalize("NFKC", " ".join(words)),
    "without accents": _without_accents,
    "upper case": lambda _, words, __: " ".join(words).upper(),
    "one lost": lambda rng, words, __: " ".join(word for n, word in enumerate(words) if n != len(words) // 2),
    "one misspelt": _one_misspelt,
    "a stray word": lambda rng, words, __: " ".join([*words[:5], "hmm", *words[5:]]),
}
# Of the lists whose words have letters to lose.
SPELLING: dict[str, _FORM] = {
    "a quarter misspelt": _quarter_misspelt,
    "four letters": lambda _, words, __: " ".join(word[:4] for word in words),
    "four letters, numbered": lambda _, words, __: "\n".join(f"{n} {word[:4]}" for n, word in enumerate(words, 1)),
    "unbroken": lambda _, words, __: "".join(words),
}
_SHORTENED = ("english", "spanish", "french", "italian", "czech", "portuguese")


def ways(name: str) -> dict[str, _FORM]:
    """The ways in which a phrase of this list may be written."""
    if name in CHINESE:
        return {way: form for way, form in WAYS.items() if way != "one misspelt"} | {"unbroken": SPELLING["unbroken"]}
    if name in ("electrum_old", "monero"):
        exact = (
            "spaces",
            "lines",
            "commas",
            "numbered",
            "numbered in a row",
            "numbered, shuffled",
            "columns",
            "upper case",
        )
        return {way: WAYS[way] for way in exact}
    if name in ("japanese", "korean"):
        return WAYS | {"unbroken": SPELLING["unbroken"]}
    spelling = SPELLING if name in _SHORTENED else {"a quarter misspelt": SPELLING["a quarter misspelt"]}
    return WAYS | spelling


ALL_LISTS = (*SPACED, *CHINESE)
