"""The people of family D: what language they write in, their sentences, how carelessly they type."""

import json
import random
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

HERE = Path(__file__).parent
T = TypeVar("T")
RIGHT_TO_LEFT = {"ar", "fa", "he", "ur"}
NO_CASE = {"zh", "zh-Hant", "ja", "ko", "ar", "fa", "he", "ur", "th", "hi", "bn"}


def pick(rng: random.Random, weights: dict[T, float]) -> T:
    return rng.choices(list(weights), list(weights.values()))[0]


@cache
def people() -> Any:
    """Weights, keyboards, confusions and markup."""
    return json.loads((HERE / "people.json").read_text())


@cache
def voices() -> dict[str, dict[str, list[str]]]:
    read: dict[str, dict[str, list[str]]] = json.loads((HERE / "voices.json").read_text())
    return read


@cache
def sentences() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((HERE / "secrets.json").read_text())
    return read


def language_of(rng: random.Random, list_name: str) -> str:
    weights: dict[str, float] = people()["voices"].get(list_name, people()["voices"]["english"])
    return pick(rng, weights)


def say(rng: random.Random, language: str, part: str, size: int) -> str:
    """A sentence of this language, as carelessly typed as people do."""
    text = rng.choice(voices()[language][part]).replace("{n}", str(size))
    return rough(rng, text, language) if part in {"openings", "endings"} else text


def rough(rng: random.Random, text: str, language: str) -> str:
    if rng.random() < 0.2 and language not in NO_CASE:
        text = text.lower()
    elif rng.random() < 0.08 and language not in NO_CASE | {"tr", "de"}:
        text = text.upper()
    elif rng.random() < 0.3 and language not in NO_CASE:
        text = text[:1].upper() + text[1:]
    if rng.random() < 0.2:
        text = text.rstrip(".。!！")
    if rng.random() < 0.04:
        text += rng.choice(["!!", "!!!!", "...", " ?"])
    if rng.random() < 0.08:
        text += rng.choice(["", " "]) + str(rng.choice(people()["emoji"]))
    return text
