"""What happens to the words of family D on the way from paper to keyboard. An empty word is one that is left out."""

import random
import unicodedata
from collections.abc import Callable
from functools import cache

from bench.held_out import phrases
from bench.held_out.family_d.voices import people

Change = Callable[[random.Random, list[str], str, str], list[str]]  # words, list, language of the person
HANGUL, VOWELS, FINALS = 0xAC00, 21, 28
# Vowels that sound or sit alike: ae-e, o-u, eo-a, oe-wae-we, yeo-eo, eu-i
VOWEL_PAIRS = [(1, 5), (8, 13), (4, 0), (11, 10), (10, 15), (6, 4), (18, 20)]
LOOK_ALIKE = {"a": "o", "o": "a", "u": "v", "v": "u", "n": "h", "h": "n", "i": "l", "l": "i", "e": "c", "g": "q"}


def _at_some(words: list[str], rng: random.Random, count: int, change: Callable[[str], str]) -> list[str]:
    """Changes `count` words that the change can change."""
    out = list(words)
    for at in rng.sample(range(len(out)), len(out)):
        if count and (changed := change(out[at])) != out[at]:
            out[at] = changed
            count -= 1
    return out


def slip(rng: random.Random, word: str, language: str) -> str:
    """One letter: the key beside, lost, doubled, two swapped, the one that a hand writes alike."""
    if len(word) < 3:
        return word
    way = rng.choices(["beside", "lost", "doubled", "swapped", "alike"], [30, 24, 16, 18, 12])[0]
    at = rng.randrange(0 if rng.random() < 0.1 else 1, len(word) - 1 if way == "swapped" else len(word))
    letter = word[at]
    if way == "lost":
        return word[:at] + word[at + 1 :]
    if way == "doubled":
        return word[:at] + letter + word[at:]
    if way == "swapped":
        return word[:at] + word[at + 1] + letter + word[at + 2 :]
    if way == "alike" and letter.lower() in LOOK_ALIKE:
        return word[:at] + LOOK_ALIKE[letter.lower()] + word[at + 1 :]
    rows: dict[str, list[str]] = people()["rows"]
    for row in rows.get(language, rows[""]):
        if (place := row.find(letter.lower())) >= 0:
            near = row[place + 1] if place == 0 or (place + 1 < len(row) and rng.random() < 0.5) else row[place - 1]
            return word[:at] + near + word[at + 1 :]
    return word[:at] + word[at + 1 :]


def as_is(_rng: random.Random, words: list[str], _name: str, _language: str) -> list[str]:
    return list(words)


def first_capital(_rng: random.Random, words: list[str], _name: str, _language: str) -> list[str]:
    return [words[0].capitalize(), *words[1:]]


def each_capital(rng: random.Random, words: list[str], _name: str, language: str) -> list[str]:
    if language == "tr" and rng.random() < 0.3:
        return ["İ" + word[1:] if word[0] == "i" else word.capitalize() for word in words]
    return [word.capitalize() for word in words]


def some_capital(rng: random.Random, words: list[str], _name: str, _language: str) -> list[str]:
    share = rng.uniform(0.15, 0.6)
    return [word.capitalize() if rng.random() < share else word for word in words]


def all_capitals(rng: random.Random, words: list[str], _name: str, language: str) -> list[str]:
    if language == "tr" and rng.random() < 0.3:
        return [word.replace("i", "İ").upper() for word in words]
    return [word.upper() for word in words]


def one_slip(rng: random.Random, words: list[str], _name: str, language: str) -> list[str]:
    return _at_some(words, rng, 1, lambda word: slip(rng, word, language))


def few_slips(rng: random.Random, words: list[str], _name: str, language: str) -> list[str]:
    return _at_some(words, rng, rng.choice([2, 2, 3]), lambda word: slip(rng, word, language))


def many_slips(rng: random.Random, words: list[str], _name: str, language: str) -> list[str]:
    return _at_some(words, rng, round(len(words) * rng.uniform(0.25, 0.5)), lambda word: slip(rng, word, language))


def capitals_and_slip(rng: random.Random, words: list[str], name: str, language: str) -> list[str]:
    return first_capital(rng, one_slip(rng, words, name, language), name, language)


def autocorrected(rng: random.Random, words: list[str], name: str, _language: str) -> list[str]:
    known = people()["autocorrected"]
    endings = people()["inflected"].get(name, people()["inflected"][""])

    def other(word: str) -> str:
        ending = str(rng.choice(endings))
        stem = word[:-1] if word.endswith("e") and ending.startswith(("e", "i")) else word
        return str(known.get(word) or stem + ending)

    return _at_some(words, rng, rng.choice([1, 1, 1, 2]), other)


def another_word(rng: random.Random, words: list[str], name: str, _language: str) -> list[str]:
    """A word remembered wrongly."""
    return _at_some(words, rng, 1, lambda _word: rng.choice(phrases.words_of(name)))


def cut_some(rng: random.Random, words: list[str], _name: str, _language: str) -> list[str]:
    return _at_some(words, rng, rng.randrange(2, 6), lambda word: word[:4])


def cut_all(rng: random.Random, words: list[str], _name: str, _language: str) -> list[str]:
    """As on a steel plate."""
    cut = [word[:4] for word in words]
    return [word.upper() for word in cut] if rng.random() < 0.5 else cut


def from_picture(rng: random.Random, words: list[str], _name: str, _language: str) -> list[str]:
    pairs = [("rn", "m"), ("m", "rn"), ("l", "I"), ("l", "1"), ("o", "0"), ("cl", "d"), ("ll", "Il"), ("i", "í")]

    def misread(word: str) -> str:
        fitting = [pair for pair in pairs if pair[0] in word]
        return word.replace(*rng.choice(fitting), 1) if fitting else word

    return _at_some(words, rng, rng.choice([1, 1, 2]), misread)


def bare(word: str) -> str:
    return "".join(mark for mark in unicodedata.normalize("NFD", word) if not unicodedata.combining(mark))


def no_accents(_rng: random.Random, words: list[str], _name: str, _language: str) -> list[str]:
    return [bare(word) for word in words]


def some_accents(rng: random.Random, words: list[str], _name: str, _language: str) -> list[str]:
    return [bare(word) if rng.random() < 0.5 else word for word in words]


def marks_apart(_rng: random.Random, words: list[str], _name: str, _language: str) -> list[str]:
    return [unicodedata.normalize("NFD", word) for word in words]


def full_width(_rng: random.Random, words: list[str], _name: str, _language: str) -> list[str]:
    return ["".join(chr(ord(mark) + 0xFEE0) if "a" <= mark <= "z" else mark for mark in word) for word in words]


def left_out(rng: random.Random, words: list[str], _name: str, _language: str) -> list[str]:
    out = list(words)
    out[rng.randrange(1, len(out) - 1)] = ""
    return out


def _katakana(word: str) -> str:
    return "".join(chr(ord(mark) + 0x60) if "ぁ" <= mark <= "ゖ" else mark for mark in word)


@cache
def _half() -> dict[str, str]:
    table = {unicodedata.normalize("NFKC", chr(mark)): chr(mark) for mark in range(0xFF66, 0xFF9E)}
    return table | {"\u3099": "\uff9e", "\u309a": "\uff9f"}


def katakana(_rng: random.Random, words: list[str], _name: str, _language: str) -> list[str]:
    return [_katakana(word) for word in words]


def half_katakana(_rng: random.Random, words: list[str], _name: str, _language: str) -> list[str]:
    return ["".join(_half().get(mark, mark) for mark in unicodedata.normalize("NFD", _katakana(w))) for w in words]


def some_kanji(rng: random.Random, words: list[str], _name: str, _language: str) -> list[str]:
    """The keyboard's first proposal was taken."""
    known = people()["kanji"]
    return _at_some(words, rng, rng.choice([1, 1, 1, 1, 2, 3]), lambda word: known.get(word, word))


def wrong_kana(rng: random.Random, words: list[str], _name: str, _language: str) -> list[str]:
    pairs = [
        "っつ",
        "ゃや",
        "ゅゆ",
        "ょよ",
        "ずづ",
        "じぢ",
        "おを",
        "しん",
        "わは",
        "えへ",
        "かが",
        "さざ",
        "ただ",
        "はば",
        "ぬね",
        "るろ",
        "めぬ",
    ]
    table = {pair[at]: pair[1 - at] for pair in pairs for at in (0, 1)}

    def change(word: str) -> str:
        at = rng.randrange(len(word))
        if word[at] in table:
            return word[:at] + table[word[at]] + word[at + 1 :]
        return word[:at] + word[at + 1 :] if at and len(word) > 3 and rng.random() < 0.3 else word

    return _at_some(words, rng, rng.choice([1, 1, 2]), change)


def wrong_vowel(rng: random.Random, words: list[str], _name: str, _language: str) -> list[str]:
    def change(word: str) -> str:
        at = rng.randrange(len(word))
        code = ord(word[at]) - HANGUL
        head, vowel, final = code // (VOWELS * FINALS), code // FINALS % VOWELS, code % FINALS
        for pair in VOWEL_PAIRS:
            if vowel in pair:
                vowel = pair[1 - pair.index(vowel)]
                return word[:at] + chr(HANGUL + (head * VOWELS + vowel) * FINALS + final) + word[at + 1 :]
        return word

    return _at_some(words, rng, rng.choice([1, 1, 2]), change)


def lost_final(rng: random.Random, words: list[str], _name: str, _language: str) -> list[str]:
    def change(word: str) -> str:
        at = rng.randrange(len(word))
        code = ord(word[at]) - HANGUL
        return word[:at] + chr(HANGUL + code - code % FINALS) + word[at + 1 :]

    return _at_some(words, rng, 1, change)


@cache
def other_script(name: str) -> dict[str, str]:
    """The published lists stand in the same order."""
    pair = ["chinese_simplified", "chinese_traditional"]
    other = pair[1 - pair.index(name)]
    return dict(zip(phrases.words_of(name), phrases.words_of(other), strict=True))


def sound_alike(rng: random.Random, words: list[str], name: str, _language: str) -> list[str]:
    """The wrong one of the keyboard's proposals."""
    groups: list[str] = people()["sound_alikes"]
    if name == "chinese_traditional":
        table = other_script("chinese_simplified")
        groups = ["".join(table.get(mark, mark) for mark in group) for group in groups]

    def change(word: str) -> str:
        for group in groups:
            if word in group:
                return rng.choice(group.replace(word, ""))
        return word

    return _at_some(words, rng, rng.choice([1, 1, 1, 2]), change)


def some_other_script(rng: random.Random, words: list[str], name: str, _language: str) -> list[str]:
    table = other_script(name)
    return _at_some(words, rng, rng.choice([1, 1, 2, 3]), lambda word: table[word])


def all_other_script(_rng: random.Random, words: list[str], name: str, _language: str) -> list[str]:
    return [other_script(name)[word] for word in words]


LATIN: dict[str, tuple[Change, float]] = {
    "as it is": (as_is, 84),
    "first word capital": (first_capital, 7),
    "each word capital": (each_capital, 4),
    "some words capital": (some_capital, 1.5),
    "all capitals": (all_capitals, 2.5),
    "one letter wrong": (one_slip, 5),
    "capital and a letter wrong": (capitals_and_slip, 0.8),
    "two or three letters wrong": (few_slips, 1.8),
    "many letters wrong": (many_slips, 0.7),
    "autocorrected word": (autocorrected, 2.3),
    "another word of the list": (another_word, 0.6),
    "some cut to four letters": (cut_some, 0.6),
    "all cut to four letters": (cut_all, 1),
    "misread from a picture": (from_picture, 1.1),
    "a word left out": (left_out, 0.8),
}
ACCENTS: dict[str, tuple[Change, float]] = {
    "no accents": (no_accents, 14),
    "some accents missing": (some_accents, 5),
    "accents as marks of their own": (marks_apart, 5),
}
KANA: dict[str, tuple[Change, float]] = {
    "as it is": (as_is, 84),
    "marks of their own": (marks_apart, 6),
    "katakana": (katakana, 2),
    "half-width katakana": (half_katakana, 0.4),
    "some words in kanji": (some_kanji, 5),
    "a kana wrong": (wrong_kana, 5),
    "another word of the list": (another_word, 0.6),
    "a word left out": (left_out, 0.8),
}
KOREAN: dict[str, tuple[Change, float]] = {
    "as it is": (as_is, 86),
    "letters of their own": (marks_apart, 5),
    "a vowel wrong": (wrong_vowel, 6),
    "a final consonant lost": (lost_final, 2.5),
    "another word of the list": (another_word, 0.6),
    "a word left out": (left_out, 0.8),
}
HAN: dict[str, tuple[Change, float]] = {
    "as it is": (as_is, 84),
    "a character that sounds alike": (sound_alike, 7),
    "some in the other script": (some_other_script, 4),
    "all in the other script": (all_other_script, 0.5),
    "another word of the list": (another_word, 1),
    "a word left out": (left_out, 0.8),
}


@cache
def errors_of(name: str, language: str, lines: bool) -> dict[str, tuple[Change, float]]:
    """The changes that fit a list, the person's keyboard, and whether each word begins a line."""
    if name in {"chinese_simplified", "chinese_traditional"}:
        return HAN
    if name == "japanese":
        return KANA
    if name == "korean":
        return KOREAN
    table = dict(LATIN)
    if name in {"spanish", "french"}:
        table |= ACCENTS
    if language in {"zh", "ja", "zh-Hant", "ko"}:
        table["full-width letters"] = (full_width, 2)
    if lines:  # keyboards begin each line with a capital
        table["each word capital"] = (each_capital, 12)
        table["some words capital"] = (some_capital, 4)
        table["first word capital"] = (first_capital, 3)
    return table
