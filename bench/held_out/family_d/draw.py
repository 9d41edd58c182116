"""Draws recovery phrases of family D: list x language of the person x layout x error x sending."""

import random
import unicodedata
from collections.abc import Iterator

from bench.held_out import phrases as words_
from bench.held_out import promise
from bench.held_out.family_d.errors import errors_of
from bench.held_out.family_d.sendings import Messages, send
from bench.held_out.family_d.voices import language_of, pick
from bench.held_out.family_d.ways import LINES, ways_of
from bench.held_out.sample import Sample, build

LISTS: dict[str, float] = {
    "english": 30,
    "spanish": 7.5,
    "french": 6.5,
    "italian": 5,
    "portuguese": 6,
    "czech": 4,
    "japanese": 7,
    "korean": 6.5,
    "chinese_simplified": 8,
    "chinese_traditional": 4.5,
    "slip39": 4.5,
    "electrum_old": 3.5,
    "electrum_new": 3.5,
    "monero": 3.5,
}
SIZES = {12: 62, 15: 3, 18: 6, 21: 3, 24: 26}
VALID = 0.9


def phrases(count: int, seed: int) -> Iterator[Sample]:
    """`count` conversations, each with one phrase."""
    rng = random.Random(seed)
    for _ in range(count):
        yield _sample(rng)


def _sample(rng: random.Random) -> Sample:
    name = pick(rng, LISTS)
    language = language_of(rng, name)
    drawn = words_.draw(rng, name, valid=rng.random() < VALID, sizes=SIZES)
    ways = ways_of(name, language)
    layout = pick(rng, {way: weight for way, (_, weight) in ways.items()})
    table = errors_of(name, language, layout in LINES)
    error = pick(rng, {kind: weight for kind, (_, weight) in table.items()})
    typed = table[error][0](rng, drawn, name, language)
    if typed == drawn:
        error = "as it is"
    messages, layout = send(rng, ways[layout][0](rng, typed, language), language, layout)
    messages = [kept for pieces in messages if (kept := [piece for piece in pieces if piece[0]])]
    scope = promise.scope(drawn, first_written(messages, len(drawn)), messages)
    return build("recovery_phrase", name, layout, error, messages, scope)


def first_written(messages: Messages, size: int) -> list[str]:
    """Each word as it comes first; empty where it does not come."""
    written = [""] * size
    for text, index in (piece for pieces in messages for piece in pieces):
        if index is not None and index >= 0 and not written[index]:
            written[index] = text
    return [unicodedata.normalize("NFC", text) for text in written]
