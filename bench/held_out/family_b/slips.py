"""What happens to the words on the way from the paper to the message: thumbs, phones, handwriting, habits."""

import random
import unicodedata
from collections.abc import Callable

from bench.held_out.phrases import words_of

Slip = Callable[[random.Random, list[str]], list[str]]

# Left, right, above and below on a phone's keyboard.
BESIDE = {
    "q": "wa", "w": "qes", "e": "wrd", "r": "etf", "t": "ryg", "y": "tuh", "u": "yij", "i": "uok", "o": "ipl", "p": "ol",
    "a": "qsz", "s": "adwx", "d": "sfec", "f": "dgrv", "g": "fhtb", "h": "gjyn", "j": "hkum", "k": "jlim", "l": "kop",
    "z": "asx", "x": "zcsd", "c": "xvdf", "v": "cbfg", "b": "vnhg", "n": "bmhj", "m": "njk",
}  # fmt: skip
# What a hand writes and an eye reads, and what an ear hears; one letter each.
READ = {
    "n": "u",
    "u": "v",
    "a": "o",
    "o": "a",
    "l": "i",
    "i": "l",
    "g": "q",
    "v": "r",
    "c": "e",
    "e": "c",
    "h": "n",
    "r": "v",
}
HEARD = {
    "c": "k",
    "k": "c",
    "s": "z",
    "z": "s",
    "i": "y",
    "y": "i",
    "f": "v",
    "v": "b",
    "b": "p",
    "d": "t",
    "e": "i",
    "o": "u",
}
KANA = "かきくけこさしすせそたちつてとなにのはひふまみもやよらりるわん"
VOICED = str.maketrans("かきくけこさしすせそたてとはひふへほ", "がぎぐげござじずぜぞだでどばびぶべぼ")
SMALL = str.maketrans("ゃゅょっ", "やゆよつ")


def one_letter(rng: random.Random, word: str) -> str:
    """The word with one letter wrong, or the same word if its script does not know letters."""
    if "가" <= word[:1] <= "힣":
        return _syllable(rng, word)
    if word[:1] >= "\u3040":
        return _kana(rng, word) if word[:1] < "\u3100" else word
    for _ in range(9):
        wrong = _latin(rng, word)
        if wrong != word:
            return wrong
    return word[:-1]


def _latin(rng: random.Random, word: str) -> str:
    at = rng.randrange(len(word))
    letter = word[at]
    way = rng.choices(
        ["beside", "left out", "swapped", "twice", "single", "read", "heard", "end", "gap"],
        [26, 20, 14, 9, 9, 8, 8, 4, 2],
    )[0]
    if way == "left out" and at:  # the first letter is rarely lost
        return word[:at] + word[at + 1 :]
    if way == "swapped" and at + 1 < len(word):
        return word[:at] + word[at + 1] + letter + word[at + 2 :]
    if way == "twice":
        return word[:at] + letter + word[at:]
    if way == "single":
        double = next((place for place in range(1, len(word)) if word[place] == word[place - 1]), 0)
        return word[:double] + word[double + 1 :] if double else word
    if way == "end":
        return word + rng.choice("sey")
    if way == "gap" and 2 <= at < len(word) - 1:
        return word[:at] + " " + word[at:]
    instead = {"read": READ, "heard": HEARD}.get(way, BESIDE).get(letter, "")
    return word[:at] + rng.choice(instead) + word[at + 1 :] if instead else word


def _kana(rng: random.Random, word: str) -> str:
    at = rng.randrange(len(word))
    way = rng.choice(["voiced", "small", "beside", "left out"])
    if way == "voiced":
        changed = word[:at] + word[at].translate(VOICED) + word[at + 1 :]
    elif way == "small":
        changed = word.translate(SMALL) if sum(mark in "ゃゅょっ" for mark in word) == 1 else word
    else:
        changed = ""
    if changed and changed != word:
        return changed
    if way == "left out" and len(word) > 3:
        return word[:at] + word[at + 1 :]
    return word[:at] + rng.choice(KANA.replace(word[at], "")) + word[at + 1 :]


def _syllable(rng: random.Random, word: str) -> str:
    """A vowel that sounds alike (ㅐ and ㅔ), a final consonant that is not heard, a plain one for a tense one."""
    parts = list(unicodedata.normalize("NFD", word))
    alike = {"ᅢ": "ᅦ", "ᅦ": "ᅢ", "ᅩ": "ᅮ", "ᅮ": "ᅩ", "ᅥ": "ᅩ", "ᅡ": "ᅣ", "ᄀ": "ᄏ", "ᄃ": "ᄐ", "ᄇ": "ᄑ", "ᄌ": "ᄎ", "ᄉ": "ᄊ"}
    places = [at for at, part in enumerate(parts) if part in alike]
    finals = [at for at, part in enumerate(parts) if part >= "\u11a8"]
    if finals and (not places or rng.random() < 0.3):
        del parts[rng.choice(finals)]
    elif places:
        at = rng.choice(places)
        parts[at] = alike[parts[at]]
    return unicodedata.normalize("NFC", "".join(parts))


def _some(most: Callable[[int], int], least: int = 1) -> Slip:
    """One letter wrong in some of the words: from `least` to `most` of their number."""

    def slip(rng: random.Random, words: list[str]) -> list[str]:
        wrong = set(rng.sample(range(len(words)), rng.randint(least, max(least, most(len(words))))))
        return [one_letter(rng, word) if at in wrong else word for at, word in enumerate(words)]

    return slip


def replaced(rng: random.Random, words: list[str]) -> list[str]:
    """The phone knew another word: a form, a name or something quite else; one of the words."""
    at = rng.randrange(len(words))
    other = rng.choice([words[at] + "ing", words[at] + "'s", words[at][: len(words[at]) // 2] + "tion", "ok", "the"])
    return [*words[:at], other, *words[at + 1 :]]


def half_wrong(rng: random.Random, words: list[str]) -> list[str]:
    return _some(lambda count: count * 2 // 3, len(words) // 2)(rng, words)


def first_large(_: random.Random, words: list[str]) -> list[str]:
    return [words[0].capitalize(), *words[1:]]


def some_large(rng: random.Random, words: list[str]) -> list[str]:
    return [word.capitalize() if rng.random() < 0.3 else word for word in words]


def thumb_and_large(rng: random.Random, words: list[str]) -> list[str]:
    return [word.capitalize() for word in _some(lambda count: count // 6)(rng, words)]


def plain_letters(_: random.Random, words: list[str]) -> list[str]:
    return [
        "".join(mark for mark in unicodedata.normalize("NFD", word) if not "\u0300" <= mark <= "\u036f")
        for word in words
    ]


def some_plain(rng: random.Random, words: list[str]) -> list[str]:
    return [plain_letters(rng, [word])[0] if rng.random() < 0.5 else word for word in words]


def plate(rng: random.Random, words: list[str]) -> list[str]:
    """The four letters that are punched into steel."""
    return [word[:4].upper() for word in words] if rng.random() < 0.7 else [word[:4] for word in words]


def katakana(_: random.Random, words: list[str]) -> list[str]:
    return ["".join(chr(ord(mark) + 0x60) if "ぁ" <= mark <= "ゖ" else mark for mark in word) for word in words]


def _all(change: Callable[[str], str]) -> Slip:
    return lambda _, words: [change(word) for word in words]


def both_writings(rng: random.Random, words: list[str]) -> list[str]:
    """Some characters as the other Chinese list writes them: the lists are one, in one order."""
    simplified, traditional = words_of("chinese_simplified"), words_of("chinese_traditional")
    other = {**dict(zip(simplified, traditional, strict=True)), **dict(zip(traditional, simplified, strict=True))}
    return [other[word] if rng.random() < 0.5 else word for word in words]


# name: weight, scripts, what it does. Latin, accented (Latin with marks), kana, hangul, han.
SLIPS: dict[str, tuple[float, str, Slip]] = {
    "clean": (46, "latin accented kana hangul han", lambda _, words: words),
    "phone's first capital": (13, "latin accented", first_large),
    "one letter wrong": (8, "latin accented kana hangul", _some(lambda _: 1)),
    "two letters wrong": (4, "latin accented kana hangul", _some(lambda _: 2, 2)),
    "up to a quarter wrong": (3, "latin accented kana hangul", _some(lambda count: count // 4, 2)),
    "all capitals": (4, "latin accented", _all(str.upper)),
    "every word capital": (6, "latin accented", _all(str.capitalize)),
    "some capital": (2, "latin accented", some_large),
    "capital and wrong": (2, "latin accented", thumb_and_large),
    "phone knew better": (1.5, "latin accented", replaced),
    "without accents": (14, "accented", plain_letters),
    "accents half kept": (4, "accented", some_plain),
    "taken apart by a Mac": (3, "accented kana hangul", _all(lambda word: unicodedata.normalize("NFD", word))),
    "as a wallet stores it": (2, "accented kana hangul", _all(lambda word: unicodedata.normalize("NFKD", word))),
    "steel plate": (1, "latin", plate),
    "katakana": (2, "kana", katakana),
    "wide letters": (0.4, "latin", _all(lambda word: "".join(chr(ord(mark) + 0xFEE0) for mark in word))),
    "both writings": (6, "han", both_writings),
    "half of it wrong": (1, "latin accented kana hangul", half_wrong),
}  # fmt: skip

GREEK = str.maketrans("aeioukvnxt", "αειουκνηχτ")
SIGNS = str.maketrans("aeiosl", "@3!0$1")
LIKE = str.maketrans("aeopcxyksijh", "аеорсхукѕіјһ")


def _rot13(word: str) -> str:
    return "".join(chr((ord(mark) - 84) % 26 + 97) if "a" <= mark <= "z" else mark for mark in word)


def _gapped(rng: random.Random, words: list[str]) -> list[str]:
    mark = rng.choice([" ", "-", "_", ".", " . "])
    return [mark.join(word) for word in words]


# Puzzles against a filter: printed apart, claimed by nobody.
ON_PURPOSE: dict[str, Slip] = {
    "letters gapped": _gapped,
    "Greek letters": _all(lambda word: word.translate(GREEK)),
    "Cyrillic letters": _all(lambda word: word.translate(LIKE)),
    "signs for letters": _all(lambda word: word.translate(SIGNS)),
    "rot13": _all(_rot13),
    "mirrored": _all(lambda word: word[::-1]),
    "star inside": _all(lambda word: word[:2] + "*" + word[3:]),
    "joiner inside": _all("\u200d".join),
    "decoys": lambda _, words: words,  # a word of the list between each two, see draw.py
}
