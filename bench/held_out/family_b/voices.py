"""Who writes: the sentences around a phrase and the small habits of 22 languages."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Voice:
    before: tuple[str, ...]
    after: tuple[str, ...]
    fill: tuple[str, ...]  # what is said between two words
    wait: tuple[str, ...]  # said between two messages of a phrase; of one to three words
    joint: str  # and
    either: str  # or
    label: str  # word {n}
    halves: tuple[str, str]
    screen: tuple[str, str]  # the title above a phrase in a wallet, and the button below it
    fix: str  # the {n}th is {w}
    comma: str = ""
    digits: str = ""
    quotes: str = ""
    counted: tuple[str, ...] = ()  # one, two, three to twenty-four
    ordered: tuple[str, ...] = ()  # first, second, third


@cache
def voices() -> dict[str, Voice]:
    read: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "voices.json").read_text())
    numbers = json.loads((Path(__file__).parent / "numbers.json").read_text())
    return {
        language: Voice(
            **{name: _fixed(value) for name, value in voice.items()},
            counted=tuple(numbers[language]["cardinal"]),
            ordered=tuple(numbers[language]["ordinal"]),
        )
        for language, voice in read.items()
    }


def _fixed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
