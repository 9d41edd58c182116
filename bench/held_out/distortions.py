"""What happens to the words themselves: keyboards, correction, capitals, accents, abbreviations, other writings."""

import random
import unicodedata
from collections.abc import Callable

Distortion = Callable[
    [random.Random, list[str], str], list[str]
]  # generator, words, alphabet: latin, kana, hangul, han

LETTERS = {
    "latin": "abcdefghijklmnopqrstuvwxyz",
    "kana": "あいうえおかきくけこさしすせそたちつてとなにぬねのまみむめもらりるれろん",
}
ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def typo(rng: random.Random, word: str, alphabet: str) -> str:
    """One slip of a finger (Damerau distance 1): a letter lost, doubled, added, hit beside, or two swapped."""
    if alphabet == "han" or len(word) < 2:
        return word
    if alphabet == "hangul":
        return _jamo_slip(rng, word)
    at = rng.randrange(len(word))
    way = rng.choice(["lost", "doubled", "beside", "beside", "swapped", "added"])
    if way == "lost" and len(word) > 3:
        return word[:at] + word[at + 1 :]
    if way == "doubled":
        return word[:at] + word[at] + word[at:]
    if way == "swapped" and at + 1 < len(word):
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    letter = rng.choice(LETTERS[alphabet])
    if way == "added":
        return word[:at] + letter + word[at:]
    for row in ROWS:
        place = row.find(word[at])
        if place >= 0:
            letter = row[place + (1 if place == 0 else -1 if place + 1 == len(row) else rng.choice([-1, 1]))]
    return word[:at] + letter + word[at + 1 :]


def _jamo_slip(rng: random.Random, word: str) -> str:
    """Korean keyboards type parts of a syllable: one part is wrong, or the last one is missing."""
    parts = list(unicodedata.normalize("NFD", word))
    at = rng.randrange(len(parts))
    code = ord(parts[at])
    if code >= 0x11A8 and rng.random() < 0.5:
        del parts[at]
    else:
        first, count = (0x11A8, 27) if code >= 0x11A8 else (0x1161, 21) if code >= 0x1161 else (0x1100, 19)
        parts[at] = chr(first + (code - first + rng.randrange(1, count)) % count)
    return unicodedata.normalize("NFC", "".join(parts))


def _typos(count: int) -> Distortion:
    def distort(rng: random.Random, words: list[str], alphabet: str) -> list[str]:
        wrong = set(rng.sample(range(len(words)), count))
        return [typo(rng, word, alphabet) if at in wrong else word for at, word in enumerate(words)]

    return distort


def typos_quarter(rng: random.Random, words: list[str], alphabet: str) -> list[str]:
    return _typos(len(words) // 4)(rng, words, alphabet)


def corrected(rng: random.Random, words: list[str], alphabet: str) -> list[str]:
    """The keyboard's correction made another word or form of one in ten."""
    if alphabet != "latin":
        return _typos(1)(rng, words, alphabet)
    wrong = set(rng.sample(range(len(words)), max(1, len(words) // 10)))
    ends = ["s", "ed", "ing", "er", "ly", "es", "n't", "'s"]
    return [word + rng.choice(ends) if at in wrong else word for at, word in enumerate(words)]


def four_letters(_: random.Random, words: list[str], __: str) -> list[str]:
    return [word[:4] for word in words]


def some_four_letters(rng: random.Random, words: list[str], _: str) -> list[str]:
    return [word[:4] + rng.choice(["", ".", ""]) if rng.random() < 0.5 else word for word in words]


def bare(_: random.Random, words: list[str], __: str) -> list[str]:
    """Without accents, as a foreign keyboard gives them."""

    def strip(word: str) -> str:
        return "".join(mark for mark in unicodedata.normalize("NFD", word) if not unicodedata.combining(mark))

    return [strip(word) for word in words]


def wide(_: random.Random, words: list[str], __: str) -> list[str]:
    return ["".join(chr(ord(mark) + 0xFEE0) if "!" <= mark <= "~" else mark for mark in word) for word in words]


def katakana(_: random.Random, words: list[str], __: str) -> list[str]:
    composed = [unicodedata.normalize("NFC", word) for word in words]
    return ["".join(chr(ord(mark) + 0x60) if "ぁ" <= mark <= "ゖ" else mark for mark in word) for word in composed]


def random_case(rng: random.Random, words: list[str], _: str) -> list[str]:
    return ["".join(rng.choice([mark.upper(), mark]) for mark in word) for word in words]


def stretched(rng: random.Random, words: list[str], _: str) -> list[str]:
    """A held key."""
    at = rng.randrange(len(words))
    return [word + word[-1] * 2 if index == at else word for index, word in enumerate(words)]


def unseen_inside(rng: random.Random, words: list[str], _: str) -> list[str]:
    mark = rng.choice("\u200b\u00ad\u2060\u200d\ufeff")
    return [word[: len(word) // 2] + mark + word[len(word) // 2 :] for word in words]


def _each(change: Callable[[str], str]) -> Distortion:
    return lambda _, words, __: [change(word) for word in words]


DISTORTIONS: dict[str, tuple[float, str, Distortion]] = {  # weight, alphabets, what it does
    "as written": (50, "latin kana hangul han", lambda _, words, __: words),
    "one typo": (9, "latin kana hangul", _typos(1)),
    "two typos": (5, "latin kana hangul", _typos(2)),
    "a quarter typos": (2, "latin kana hangul", typos_quarter),
    "corrected by keyboard": (4, "latin kana hangul", corrected),
    "capitals": (4, "latin", _each(str.upper)),
    "first letter large": (5, "latin", _each(str.capitalize)),
    "large and small": (0.7, "latin", random_case),
    "no accents": (3, "latin kana", bare),
    "decomposed": (4, "latin kana hangul", _each(lambda word: unicodedata.normalize("NFD", word))),
    "four letters": (2, "latin", four_letters),
    "some four letters": (1, "latin", some_four_letters),
    "full-width": (1, "latin", wide),
    "katakana": (2, "kana", katakana),
    "held key": (1, "latin kana hangul", stretched),
    "unseen marks inside": (1, "latin kana hangul", unseen_inside),
}

# Not by mistake: somebody hides a phrase from the filter. Reported, not part of the claim.
BOLD = {chr(97 + at): chr(0x1D41A + at) for at in range(26)}
CYRILLIC = dict(zip("aceopxyi", "асеорхуі", strict=True))
LEET = dict(zip("aeiost", "431057", strict=True))
HOSTILE: dict[str, Distortion] = {
    "letters apart": _each(" ".join),
    "letters with dots": _each(".".join),
    "bold letters": _each(lambda word: "".join(BOLD.get(mark, mark) for mark in word)),
    "Cyrillic look-alikes": _each(lambda word: "".join(CYRILLIC.get(mark, mark) for mark in word)),
    "leet": _each(lambda word: "".join(LEET.get(mark, mark) for mark in word)),
    "word reversed": _each(lambda word: word[::-1]),
    "three typos in four": lambda rng, words, alphabet: _typos(len(words) * 3 // 4)(rng, words, alphabet),
    "three letters": _each(lambda word: word[:3]),
}
