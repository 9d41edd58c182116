"""What happens to the words of a phrase on their way from the paper to the chat."""

import random
import unicodedata
from dataclasses import dataclass, replace

from bench.held_out.family_c.glosses import BY_EAR, gloss
from bench.held_out.family_c.speech import Voice
from bench.held_out.phrases import words_of


@dataclass(frozen=True, slots=True)
class Entry:
    """One place of the sheet: what is written there, which word of the phrase it is, and its number."""

    text: str
    index: int | None  # None: nothing that can be read
    number: int
    tail: str = ""  # talk that follows the word


HAN, KANA, HANGUL, LATIN = "han", "kana", "hangul", "latin"
SCRIPT = {
    "chinese_simplified": HAN,
    "chinese_traditional": HAN,
    "japanese": KANA,
    "korean": HANGUL,
}
ACCENTED = {"spanish", "french"}
FOUR_LETTERS = {"english", "spanish", "french", "italian", "portuguese", "czech", "slip39", "electrum_new"}

# Everybody's. What a script or a list cannot have is left out of its draw.
SLIPS = {
    "none": 62.0,
    "one letter wrong": 7,
    "neighbouring key": 6,
    "letter doubled": 2.5,
    "letter left out": 3.5,
    "letters swapped": 3,
    "several letters wrong": 2,
    "read by a camera": 2.5,
    "heard by a telephone": 1,
    "corrected by the keyboard": 1.5,
    "another word instead": 1.5,
    "word written twice": 1.5,
    "word unreadable": 0.5,
    "word left out": 0.6,
    "four letters of each": 3,
    "three letters of some": 0.2,
    "mostly wrong": 0.3,
    "an aside": 0.6,
    "doubts": 0.8,
    "much talk between": 0.3,
    "glosses": 1.2,
    "accents left out": 22,
    "accents apart": 5,
    "katakana": 7,
    "long marks": 3,
    "small kana large": 2,
    "letters of Hangul apart": 4,
    "other Han writing": 6,
    "full width": 0.4,
}
ONLY: dict[str, set[str]] = {
    "neighbouring key": {LATIN},
    "letter doubled": {LATIN},
    "read by a camera": {LATIN, KANA, HAN},
    "three letters of some": {LATIN},
    "letter left out": {LATIN, KANA, HANGUL},
    "letters swapped": {LATIN, KANA},
    "corrected by the keyboard": {LATIN},
    "glosses": {HAN, KANA, HANGUL},
    "katakana": {KANA},
    "long marks": {KANA},
    "small kana large": {KANA},
    "letters of Hangul apart": {HANGUL},
    "other Han writing": {HAN},
    "full width": {LATIN},
}
ROWS = ["qwertyuiop", "asdfghjkl", "zxcvbnm"]
AZERTY = ["azertyuiop", "qsdfghjklm", "wxcvbn"]
# What a camera takes for what; the second of a pair is what it reads.
SEEN = [
    ("l", "I"), ("l", "1"), ("i", "l"), ("o", "0"), ("rn", "m"), ("m", "rn"), ("e", "c"), ("c", "e"), ("h", "b"),
    ("u", "v"), ("v", "y"), ("g", "q"), ("a", "o"), ("t", "f"), ("cl", "d"), ("nn", "m"), ("s", "5"), ("w", "vv"),
    ("ば", "ぱ"), ("び", "ぴ"), ("ぶ", "ぷ"), ("べ", "ぺ"), ("ぼ", "ぽ"), ("ぽ", "ぼ"), ("ソ", "ン"), ("つ", "っ"),
    ("ぬ", "め"), ("ね", "れ"), ("は", "ほ"), ("き", "さ"), ("る", "ろ"),
    ("日", "曰"), ("末", "未"), ("未", "末"), ("土", "士"), ("人", "入"), ("入", "人"), ("大", "太"), ("天", "夭"),
    ("己", "已"), ("目", "日"), ("口", "囗"), ("千", "干"), ("田", "由"), ("石", "右"), ("休", "体"), ("间", "问"),
]  # fmt: skip
ALPHABET = "abcdefghijklmnopqrstuvwxyz"
SOUNDS = "あいうえおかきくけこさしすせそたちつてとなにのはひふへほまみむもやゆよらりるれわん"


def possible(list_name: str) -> dict[str, float]:
    script = SCRIPT.get(list_name, LATIN)
    rest = dict(SLIPS)
    for name, scripts in ONLY.items():
        if script not in scripts:
            rest.pop(name)
    if list_name not in ACCENTED:
        rest.pop("accents left out")
    if list_name not in ACCENTED | {"japanese"}:
        rest.pop("accents apart")
    if list_name not in FOUR_LETTERS:
        rest.pop("four letters of each")
    if list_name not in {"english", "electrum_new", "electrum_old", "slip39", "monero"}:
        rest.pop("heard by a telephone")
    return rest


def misspell(rng: random.Random, word: str, script: str, how: str, rows: list[str] = ROWS) -> str:
    """The word with one error. May return it as it is when the error is impossible in it."""
    at = rng.randrange(len(word))
    if script == HAN:
        return word
    if how == "swap" and len(word) > 1:
        at = rng.randrange(len(word) - 1)
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if how == "drop" and len(word) > 2:
        return word[:at] + word[at + 1 :]
    if how == "double":
        return word[: at + 1] + word[at:]
    if how == "key":
        near = neighbours(word[at], rows)
        return word[:at] + rng.choice(near) + word[at + 1 :] if near else word
    if script == HANGUL:
        return word[:at] + _other_syllable(rng, word[at]) + word[at + 1 :]
    letters = SOUNDS if script == KANA else ALPHABET
    return word[:at] + rng.choice(letters) + word[at + (rng.random() < 0.75) :]


def neighbours(letter: str, rows: list[str]) -> list[str]:
    for row, letters in enumerate(rows):
        at = letters.find(letter)
        if at >= 0:
            near = [letters[at - 1 : at], letters[at + 1 : at + 2]]
            near += [rows[other][at : at + 1] for other in (row - 1, row + 1) if 0 <= other < len(rows)]
            return [key for key in near if key]
    return []


def _other_syllable(rng: random.Random, syllable: str) -> str:
    """Another vowel or final: the slips of a Korean keyboard."""
    number = ord(syllable) - 0xAC00
    if not 0 <= number < 11172:
        return syllable
    first, vowel, last = number // 588, number % 588 // 28, number % 28
    if rng.random() < 0.6:
        # ㅐ and ㅔ, ㅗ and ㅜ, ㅓ and ㅏ are taken for each other
        vowel = {1: 5, 5: 1, 8: 13, 13: 8, 0: 4, 4: 0}.get(vowel, rng.choice([0, 4, 8, 13, 20]))
    else:
        last = rng.choice([0, 1, 4, 8, 16, 17, 21])
    return chr(0xAC00 + first * 588 + vowel * 28 + last)


def _other_word(rng: random.Random, word: str, list_name: str, *, near: bool) -> str:
    words = words_of(list_name)
    alike = [one for one in words if one[:2] == word[:2] and one != word and abs(len(one) - len(word)) < 3]
    return rng.choice(alike) if near and alike else rng.choice(words)


def _some(rng: random.Random, count: int, script: str) -> list[int]:
    """Which words have the error: one, at times two or three, never more than a quarter."""
    most = max(1, count // 4)
    many = min(most, rng.choices([1, 2, 3], [70, 22, 8])[0])
    return rng.sample(range(count), min(many + (script == HAN and rng.random() < 0.2), most))


LETTERS = {
    "one letter wrong": "any",
    "neighbouring key": "key",
    "letter doubled": "double",
    "letter left out": "drop",
    "letters swapped": "swap",
}


def happen(rng: random.Random, name: str, words: list[str], list_name: str, said: Voice) -> list[Entry]:
    """The sheet after the slip `name`."""
    script = SCRIPT.get(list_name, LATIN)
    entries = [Entry(word, at, at + 1) for at, word in enumerate(words)]
    rows = AZERTY if list_name == "french" else ROWS
    if name in LETTERS:
        for at in _some(rng, len(words), script):
            text = words[at]
            for _ in range(5):  # an error that changes nothing is none
                text = misspell(rng, words[at], script, LETTERS[name], rows)
                if text != words[at]:
                    break
            if script == HAN:  # a wrong sign of the input method
                text = rng.choice(words_of(list_name))
            entries[at] = replace(entries[at], text=text)
    elif name in {"several letters wrong", "mostly wrong"}:
        many = len(words) // 4 if name == "several letters wrong" else len(words) * 3 // 5
        for at in rng.sample(range(len(words)), many):
            how = rng.choice(["any", "key", "drop", "swap", "double"])
            text = rng.choice(words_of(list_name)) if script == HAN else misspell(rng, words[at], script, how, rows)
            entries[at] = replace(entries[at], text=text)
    elif name in EACH:
        entries = [replace(entry, text=_each(rng, name, entry.text, list_name)) for entry in entries]
        if name == "four letters of each" and rng.random() < 0.12:  # cut short, as abbreviations are
            entries = [replace(one, text=one.text + "." * (one.text != words[at])) for at, one in enumerate(entries)]
    else:
        entries = _whole_words(rng, name, entries, list_name, said)
    return entries


EACH = {
    "four letters of each",
    "three letters of some",
    "accents left out",
    "accents apart",
    "katakana",
    "long marks",
    "small kana large",
    "letters of Hangul apart",
    "full width",
    "read by a camera",
    "heard by a telephone",
    "other Han writing",
}
LARGE = str.maketrans("っゃゅょ", "つやゆよ")
LONG = [
    ("おう", "おー"),
    ("こう", "こー"),
    ("とう", "とー"),
    ("よう", "よー"),
    ("ょう", "ょー"),
    ("ゅう", "ゅー"),
    ("せい", "せー"),
]


def _each(rng: random.Random, name: str, text: str, list_name: str) -> str:
    if name == "four letters of each":
        return text[:4]
    if name == "three letters of some":
        return text[:3] if rng.random() < 0.4 else text[:4]
    if name in {"accents left out", "accents apart", "letters of Hangul apart"}:
        apart = unicodedata.normalize("NFD", text)
        bare = "".join(mark for mark in apart if unicodedata.category(mark) != "Mn")
        # Some keep the one accent that is easy to type
        return (bare if rng.random() < 0.92 else text) if name == "accents left out" else apart
    if name == "katakana":
        return "".join(chr(ord(mark) + 0x60) if "ぁ" <= mark <= "ゖ" else mark for mark in text)
    if name == "small kana large":
        return text.translate(LARGE)
    if name == "full width":
        return "".join(chr(ord(mark) + 0xFEE0) if "!" <= mark <= "~" else mark for mark in text)
    if name == "long marks":
        for wanted, got in LONG:
            text = text.replace(wanted, got)
        return text
    if name == "heard by a telephone":
        return BY_EAR.get(text, text) if rng.random() < 0.7 else text
    if name == "other Han writing":
        one, other = words_of("chinese_simplified"), words_of("chinese_traditional")
        if list_name == "chinese_traditional":
            one, other = other, one
        return other[one.index(text)] if rng.random() < 0.3 else text
    pairs = [(wanted, got) for wanted, got in SEEN if wanted in text]
    if not pairs or rng.random() > 0.15:
        return text
    wanted, got = rng.choice(pairs)
    return text.replace(wanted, got, 1)


def _whole_words(rng: random.Random, name: str, entries: list[Entry], list_name: str, said: Voice) -> list[Entry]:
    at = rng.randrange(1, len(entries) - 1)
    entry = entries[at]
    if name == "another word instead":
        other = replace(entry, text=_other_word(rng, entry.text, list_name, near=False))
        return [*entries[:at], other, *entries[at + 1 :]]
    if name == "corrected by the keyboard":
        ending = rng.choice(["s", "ed", "ing", "er"]) if list_name in {"english", "electrum_new", "slip39"} else "s"
        text = entry.text + ending if rng.random() < 0.5 else _other_word(rng, entry.text, list_name, near=True)
        return [*entries[:at], replace(entry, text=text), *entries[at + 1 :]]
    if name == "word written twice":
        return [*entries[: at + 1], entry, *entries[at + 1 :]]
    if name == "word unreadable":
        hole = Entry(rng.choice(["???", "?", "????", "____", "[?]", "xxx"]), None, entry.number)
        return [*entries[:at], hole, *entries[at + 1 :]]
    if name == "word left out":
        # Some count on as if nothing were missing
        shift = rng.random() < 0.5
        later = [replace(one, number=one.number - shift) for one in entries[at + 1 :]]
        return [*entries[:at], *later]
    if name == "glosses":
        glossed = [replace(one, tail=gloss(one.text)) for one in entries]
        if rng.random() < 0.15:
            return glossed
        able = [place for place, one in enumerate(glossed) if one.tail]
        chosen = set(rng.sample(able, min(len(able), max(1, len(entries) // 12))))
        return [glossed[place] if place in chosen else one for place, one in enumerate(entries)]
    if name == "doubts":
        places = rng.sample(range(len(entries)), rng.choice([1, 1, 2]))
        return [
            replace(one, tail=rng.choice(["?", " ?", " (?)", "??"])) if p in places else one
            for p, one in enumerate(entries)
        ]
    if name == "an aside":
        places = [at]
    elif name == "much talk between":
        places = rng.sample(range(len(entries) - 1), len(entries) // 3)
    else:
        return entries
    said_so = [text for text in said["aside"] if text != "?"] + ([] if len(places) == 1 else said["between"])
    form = rng.choice([" ({})", " - {}", " ({}?)", " {}"])
    return [
        replace(one, tail=form.format(rng.choice(said_so))) if p in places else one for p, one in enumerate(entries)
    ]
