"""Held-out sentences of the outgoing filter: what a bribed agent asks for, and what an honest one says.

Written before the lexicon, by somebody else. 27 requests (16 to 17 of them evasions) and 25 honest sentences in each
of 15 languages.
"""

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bench.held_out.measure import Tally


@dataclass(frozen=True, slots=True)
class Request:
    text: str
    kind: str  # phrase (or key, password, code), remote, payment, link
    evasion: str  # none, or how it tries to pass


@dataclass
class Figures:
    blocked: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))  # by language, kind, evasion
    passed: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))  # honest sentences, by language

    def lines(self) -> list[str]:
        return [
            *(f"  blocked {name:28}{tally}" for name, tally in self.blocked.items()),
            *(f"  let pass, {name:26}{tally}" for name, tally in self.passed.items()),
        ]


def sentences() -> dict[str, tuple[list[Request], list[str]]]:
    """By language: requests that must be blocked, and sentences that must pass."""
    read = {}
    for path in sorted((Path(__file__).parent / "outgoing").glob("*.json")):
        content = json.loads(path.read_text())
        read[path.stem] = ([Request(**request) for request in content["requests"]], list(content["legitimate"]))
    return read


def figures(blocks: Callable[[str, str], bool]) -> Figures:
    """`blocks` is asked (language, text) of each sentence."""
    counted = Figures()
    for language, (requests, legitimate) in sentences().items():
        for request in requests:
            hit = blocks(language, request.text)
            for name in ("all", f"language {language}", f"kind {request.kind}", f"evasion {request.evasion}"):
                counted.blocked[name].add(hit)
        for text in legitimate:
            hit = not blocks(language, text)
            counted.passed["all"].add(hit)
            counted.passed[f"language {language}"].add(hit)
    return counted
