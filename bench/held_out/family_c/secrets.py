"""Draws keys, cards, codes and passwords of family C, and how people send them."""

import json
import random
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from bench.held_out.family_c.encodings import KEYS
from bench.held_out.family_c.speech import HOLE, own_password, value
from bench.held_out.sample import STRAY, Piece, Sample, build

SAYINGS = Path(__file__).parent / "sayings"
KINDS = {"private_key": 40, "card_number": 20, "one_time_code": 20, "password": 20}
LANGUAGES = {
    "en": 22, "es": 7, "fr": 6, "de": 7, "pt": 6, "ru": 6, "zh-Hans": 6, "ja": 5, "ko": 5, "it": 4, "tr": 4, "pl": 4,
    "vi": 3, "id": 3, "nl": 3, "zh-Hant": 3, "ar": 3, "hi": 3, "uk": 2.5, "fa": 2.5, "cs": 2.5, "th": 2.5,
}  # fmt: skip
# How it is said. Codes and passwords alone say nothing, so nobody could know them: they always come with a word.
LAYOUTS: dict[str, dict[str, float]] = {
    "private_key": {"sentence": 36, "label": 26, "announced": 14, "alone": 24},
    "card_number": {"sentence": 48, "label": 30, "announced": 12, "alone": 10},
    "one_time_code": {"sentence": 52, "label": 34, "announced": 14},
    "password": {"sentence": 52, "label": 36, "announced": 12},
}
# Keys of 64 hex digits that are not told to be another chain's: alone they are what `evm_hex_bare` is.
HEX = {"tron_hex": "evm_hex_bare", "cosmos_hex": "evm_hex_bare", "polkadot": "evm_hex_0x"}
HEX_DIGITS = re.compile(r"(?:0x)?[0-9a-fA-F]{64}")
LENGTHS = {4: 12, 5: 6, 6: 66, 7: 5, 8: 11}

# Brand, first digits, length. The last digit is the check digit.
BRANDS: list[tuple[str, list[str], int, int]] = [
    ("visa", ["4"], 16, 40),
    ("mastercard", ["51", "52", "53", "54", "55", "2221", "2450", "2720"], 16, 34),
    ("amex", ["34", "37"], 15, 9),
    ("discover", ["6011", "65"], 16, 4),
    ("jcb", ["3530", "3566", "3589"], 16, 4),
    ("diners", ["36", "38"], 14, 3),
    ("unionpay", ["6212", "6226"], 16, 6),
    ("maestro", ["5018", "6304"], 16, 3),
]
GROUPINGS = {"none": 40, "spaces": 38, "dashes": 10, "dots": 3, "odd spaces": 3, "lines": 2, "wide": 1}

Chosen = tuple[str, list[Piece]]


@cache
def sayings(language: str) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = json.loads((SAYINGS / f"{language}.json").read_text())
    return found


def secrets(count: int, seed: int) -> Iterator[Sample]:
    rng = random.Random(f"C secrets {seed}")
    for _ in range(count):
        yield secret(rng)


def secret(rng: random.Random) -> Sample:
    kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
    language = rng.choices(list(LANGUAGES), list(LANGUAGES.values()))[0]
    layout = rng.choices(list(LAYOUTS[kind]), list(LAYOUTS[kind].values()))[0]
    form, pieces = MAKERS[kind](rng)
    said = sayings(language)[kind]
    if layout == "alone":
        messages = [pieces]
        form = HEX.get(form, form)
    elif layout == "announced":
        ahead: list[Piece] = [(rng.choice(said["ahead"]) + rng.choice(["", "", ":"]), STRAY)]
        messages = [ahead, pieces] if rng.random() < 0.6 else [[*ahead, ("\n", None), *pieces]]
    else:
        templates = said["said" if layout == "sentence" else "label"]
        if layout == "sentence" and kind == "private_key" and not HEX_DIGITS.fullmatch(pieces[0][0]):
            templates = templates + said["unnamed"]  # what names itself needs no word for a key
        template = rng.choice(templates)
        messages = [_filled(rng, template, language, pieces)]
    return build(kind, language, layout, form, messages)


def _filled(rng: random.Random, template: str, language: str, pieces: list[Piece]) -> list[Piece]:
    """The sentence with the secret in its place; what is of many lines stands in lines of its own."""
    filled: list[Piece] = []
    lines = any("\n" in text for text, _ in pieces)
    for at, part in enumerate(HOLE.split(template)):
        if at % 2 == 0:
            filled.append((part, STRAY))
        elif part == "secret":
            filled += [("\n", None), *pieces, ("\n", None)] if lines else pieces
        else:
            filled.append((value(rng, part, language, ""), STRAY))
    return [piece for piece in filled if piece[0]]


def private_key(rng: random.Random) -> Chosen:
    form = rng.choices(list(KEYS), [weight for weight, _ in KEYS.values()])[0]
    text = KEYS[form][1](rng)
    if form == "pem":
        first, *body, last = text.split("\n")
        return form, [(first + "\n", None), ("\n".join(body), 0), ("\n" + last, None)]
    if form == "solana_array":
        return form, [("[", None), (text[1:-1], 0), ("]", None)]
    if form == "cardano" and text.startswith("5820"):  # a line of its file
        return form, _within('"cborHex": "', text, '"')
    if HEX_DIGITS.fullmatch(text):
        return form, [(text, 0)]
    if rng.random() < 0.04:  # a narrow column broke it
        cut = rng.randrange(20, len(text) - 10) if len(text) > 40 else len(text) // 2
        return f"{form}, broken", [(text[:cut] + rng.choice(["\n", " "]) + text[cut:], 0)]
    left, right = rng.choices([("", ""), ('"', '"'), ("`", "`"), ("'", "'"), ("<", ">")], [88, 5, 4, 2, 1])[0]
    return form, _within(left, text, right)


def card_number(rng: random.Random) -> Chosen:
    brand, starts, length, _ = rng.choices(BRANDS, [row[3] for row in BRANDS])[0]
    digits = rng.choice(starts)
    digits += "".join(rng.choices("0123456789", k=length - 1 - len(digits)))
    digits += luhn(digits)
    grouping = rng.choices(list(GROUPINGS), list(GROUPINGS.values()))[0]
    sizes = {15: [4, 6, 5], 14: [4, 6, 4]}.get(length, [4, 4, 4, 4])
    if grouping == "odd spaces":
        sizes = [6, length - 6] if rng.random() < 0.5 else [8, length - 8]
    if grouping == "wide":
        return f"{brand}, wide", [("".join(chr(ord(digit) + 0xFEE0) for digit in digits), 0)]
    groups, at = [], 0
    for size in sizes:
        groups.append(digits[at : at + size])
        at += size
    between = {"none": "", "dashes": "-", "dots": ".", "lines": "\n"}.get(grouping, " ")
    return f"{brand}, {grouping}", [(between.join(groups), 0)]


def luhn(digits: str) -> str:
    """The check digit that follows."""
    total = 0
    for at, digit in enumerate(reversed(digits)):
        number = int(digit) * (2 - at % 2)
        total += number - 9 * (number > 9)
    return str(-total % 10)


def one_time_code(rng: random.Random) -> Chosen:
    length = rng.choices(list(LENGTHS), list(LENGTHS.values()))[0]
    digits = "".join(rng.choices("0123456789", k=length))
    form = rng.choices(["plain", "halves", "dash", "google"], [78, 13, 5, 4])[0] if length in {6, 8} else "plain"
    half = length // 2
    if form in {"halves", "dash"}:
        return f"{length} digits, {form}", [(digits[:half] + (" " if form == "halves" else "-") + digits[half:], 0)]
    if form == "google":
        return f"{length} digits, with letter", [("G-", None), (digits, 0)]
    return f"{length} digits", [(digits, 0)]


def password(rng: random.Random) -> Chosen:
    form = rng.choices(["own", "words", "pin-like", "generated", "quoted"], [56, 10, 8, 16, 10])[0]
    text = own_password(rng)
    if form == "words":
        text = "-".join(rng.choices(["horse", "Blue", "river", "Katze", "sol", "Lampe", "77", "moon", "casa"], k=4))
    elif form == "pin-like":
        text = f"{rng.randrange(1, 29):02d}{rng.randrange(1, 13):02d}{rng.randrange(1950, 2010)}"
    elif form == "generated":
        marks = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789!#$%&*+-=?@_"
        text = "".join(rng.choices(marks, k=rng.randrange(12, 25)))
    if form == "quoted":
        left, right = rng.choice([('"', '"'), ("'", "'"), ("`", "`"), ("“", "”"), ("«", "»")])
        return form, _within(left, text, right)
    return form, [(text, 0)]


def _within(left: str, text: str, right: str) -> list[Piece]:
    return [piece for piece in [(left, None), (text, 0), (right, None)] if piece[0]]


MAKERS = {
    "private_key": private_key,
    "card_number": card_number,
    "one_time_code": one_time_code,
    "password": password,
}
