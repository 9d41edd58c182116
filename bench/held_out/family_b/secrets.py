"""Keys, cards, codes and passwords of family B. A key's form is its chain's; the rest is another's than family A."""

import json
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from bench.held_out.keys import KEYS
from bench.held_out.sample import Piece, Sample, build

KINDS = {"private_key": 45, "card_number": 15, "one_time_code": 20, "password": 20}
STARTS = ("400000", "491653", "532610", "544011", "222300", "371449", "378282", "601100", "622126", "356600")
NAMES = (
    "anna",
    "Mehmet",
    "Nguyen",
    "Lucas",
    "olga",
    "Kim",
    "Fatima",
    "Sophie",
    "wang",
    "Marco",
    "satoshi",
    "Bella",
    "Rex",
)
TAILS = ("2019", "1984", "1!", "!!", "123", "@home", "_btc", "88", "#1", "007!", "$", "&me", "12345")
MIXED = "abcdefghijkmnopqrstuvwxyzACDEFGHJKLMNPQRTUVWXY346789!?@#$%&*+=-_"


@cache
def sentences() -> dict[str, dict[str, list[str]]]:
    read: dict[str, dict[str, list[str]]] = json.loads((Path(__file__).parent / "secrets.json").read_text())
    return read


def _card(rng: random.Random) -> str:
    start = rng.choice(STARTS)
    size = 15 if start.startswith("3") and start[1] in "47" else 16
    digits = start + "".join(rng.choices("0123456789", k=size - 1 - len(start)))
    digits += next(check for check in "0123456789" if _luhn(digits + check))
    groups = (4, 6, 5) if size == 15 else (4, 4, 4, 4)
    mark = rng.choice(["", "", " ", " ", "-", "/"])
    parts, at = [], 0
    for width in groups:
        parts.append(digits[at : at + width])
        at += width
    return mark.join(parts)


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(digits))]
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def _code(rng: random.Random) -> str:
    size = rng.choice([6, 6, 6, 6, 6, 6, 4, 4, 5, 7, 8])
    code = "".join(rng.choices("0123456789", k=size))
    form = rng.random()
    if form < 0.15 and size == 6:
        return f"{code[:3]}{rng.choice(' -')}{code[3:]}"
    return f"G-{code}" if form > 0.95 else code


def _password(rng: random.Random) -> str:
    """Three quarters a name with a tail, as people choose them; a quarter made by a program."""
    if rng.random() < 0.25:
        return "".join(rng.choices(MIXED, k=rng.randint(9, 18))) + rng.choice("29aZ")
    return rng.choice(NAMES) + rng.choice(["", ".", "_"]) + rng.choice((*NAMES, "")) + rng.choice(TAILS)


def secrets(count: int, seed: int) -> Iterator[Sample]:
    """`count` of them; `list_name` is the language, `distortion` the form, `layout` what stands around."""
    rng = random.Random(f"B secrets {seed}")
    for _ in range(count):
        language = rng.choice(list(sentences()))
        kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
        form = rng.choice(list(KEYS)) if kind == "private_key" else kind
        makers = {"card_number": _card, "one_time_code": _code, "password": _password}
        secret = KEYS[form][1](rng) if kind == "private_key" else makers[kind](rng)
        frame, layout = rng.choice(sentences()[language][kind]), "in a sentence"
        if kind == "private_key" and rng.random() < 0.25:
            frame, layout = "{s}", "alone"
        before, after = frame.split("{s}")
        pair = rng.choice(['""', "''", "()", "``", "<>"]) if rng.random() < 0.1 and '"' not in frame else ""
        if pair and layout != "alone":
            before, after = before + pair[0], pair[1] + after
        yield build(kind, language, layout, form, [[(before, None), *_inner(form, secret), (after, None)]])


def _inner(form: str, secret: str) -> list[Piece]:
    """What of it is the secret: of a keystore the ciphertext, of a PEM block the body."""
    if form == "keystore JSON":
        start = secret.index('"ciphertext": "') + len('"ciphertext": "')
        return [(secret[:start], None), (secret[start : start + 64], 0), (secret[start + 64 :], None)]
    if form == "PEM":
        start, end = secret.index("\n") + 1, secret.rindex("\n")
        return [(secret[:start], None), (secret[start:end], 0), (secret[end:], None)]
    return [(secret, 0)]
