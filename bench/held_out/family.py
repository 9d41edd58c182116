"""Family A of held-out phrases: list x layout x distortion x frame x cut, drawn by weight from one seed."""

import json
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from bench.held_out.distortions import DISTORTIONS, HOSTILE
from bench.held_out.layouts import LAYOUTS, Person
from bench.held_out.phrases import BIP39, LISTS, VALID, draw
from bench.held_out.promise import ON_PURPOSE, scope
from bench.held_out.sample import Sample, build
from bench.held_out.troubles import CUTS, TROUBLES, cut

# Set once, from what people in trouble do, before any result was seen. A way that is not named here weighs 2.
WEIGHTS = {
    "spaces": 14, "one a line": 8, "commas": 7, "numbered": 16, "mixed separators": 3, "groups": 3, "table by rows": 3,
    "table by columns": 3, "labelled": 3, "wallet's backup": 4, "talk inside": 3, "HTML": 1.5, "JSON": 2, "emoji between": 0.7,
    "camel case": 0.5, "unbroken": 0.3, "box table": 0.7, "markdown table": 0.7, "backwards": 1, "shuffled with numbers": 0.7,
    "with list index": 0.5, "quoted mail": 1, "ordinals": 1, "unseen marks between": 1, "CSV": 1, "right to left": 1,
    "with passphrase": 1, "odd spaces": 2, "strokes": 3,
}  # fmt: skip
SPREAD = 0.14  # of the samples come in more than one message
WAYS = LAYOUTS | TROUBLES
ALPHABETS = {"japanese": "kana", "korean": "hangul", "chinese_simplified": "han", "chinese_traditional": "han"}
# Where words of a cut phrase keep their meaning; the other ways are one message by nature.
CUT_WAYS = (
    "spaces",
    "commas",
    "numbered",
    "one a line",
    "labelled",
    "talk inside",
    "quoted words",
    "strokes",
    "doubled words",
)


@cache
def people() -> dict[str, Person]:
    read: dict[str, Person] = json.loads((Path(__file__).parent / "people.json").read_text())
    for language, person in read.items():
        person["language"] = language
    return read


def phrases(count: int, seed: int) -> Iterator[Sample]:
    """`count` samples that people may write by mistake or in fear."""
    rng = random.Random(seed)
    for _ in range(count):
        yield _sample(rng)


def hostile(count: int, seed: int) -> Iterator[Sample]:
    """`count` samples in which somebody hides English words on purpose."""
    rng = random.Random(seed)
    for _ in range(count):
        words = draw(rng, "english", valid=True)
        distortion = rng.choice(list(HOSTILE))
        words = HOSTILE[distortion](rng, words, "latin")
        between = rng.choice(["   ", "\n", ", "])
        pieces = [
            (between if at % 2 else words[at // 2], None if at % 2 else at // 2) for at in range(len(words) * 2 - 1)
        ]
        yield build("recovery_phrase", "english", "hostile", distortion, [pieces], ON_PURPOSE)


def said(count: int, seed: int) -> list[str]:
    """Messages of people in trouble, of one to four of their sentences, without a phrase."""
    rng = random.Random(seed)
    messages = []
    for _ in range(count):
        person = rng.choice(list(people().values()))
        sentences = [*person["before"], *person["inside"], *person["after"]]  # type: ignore[misc]
        messages.append(" ".join(_spoken(rng, sentence) for sentence in rng.sample(sentences, rng.randrange(1, 5))))
    return messages


def _sample(rng: random.Random) -> Sample:
    name = rng.choices(list(LISTS), list(LISTS.values()))[0]
    alphabet = ALPHABETS.get(name, "latin")
    words = draw(rng, name, valid=rng.random() < VALID)
    fitting = [(key, weight) for key, (weight, alphabets, _) in DISTORTIONS.items() if alphabet in alphabets.split()]
    distortion = rng.choices([key for key, _ in fitting], [weight for _, weight in fitting])[0]
    drawn, words = words, DISTORTIONS[distortion][2](rng, words, alphabet)
    if words == drawn:
        distortion = "as written"  # nothing to take off or apart in these words
    person = people()[_language(rng, name)]
    layout, spread = _way(rng, alphabet, distortion)
    pieces = WAYS[layout](rng, words, person)
    messages = cut(rng, pieces, person, spread) if spread else [pieces]
    before, after = person["before"], person["after"]
    assert isinstance(before, list)
    assert isinstance(after, list)
    if rng.random() < 0.6:
        messages[0].insert(0, (_spoken(rng, rng.choice(before)) + rng.choice([" ", "\n", "\n\n"]), None))
    if rng.random() < 0.4:
        messages[-1].append((rng.choice([" ", "\n", ". ", "\n\n"]) + _spoken(rng, rng.choice(after)), None))
    full = layout if not spread else f"{layout}, {spread}"
    return build("recovery_phrase", name, full, distortion, messages, scope(drawn, words, messages))


def _spoken(rng: random.Random, sentence: str) -> str:
    """With the full comma and colon of Chinese, for some."""
    if any("一" <= mark <= "鿿" for mark in sentence) and rng.random() < 0.7:
        return sentence.replace(",", "，").replace(":", "：").replace("?", "？").replace("!", "！")
    return sentence


def _language(rng: random.Random, name: str) -> str:
    if name in BIP39 and name != "english" and rng.random() < 0.8:
        return BIP39[name]
    return rng.choice(list(people())) if rng.random() < 0.6 else "en"


def _way(rng: random.Random, alphabet: str, distortion: str) -> tuple[str, str]:
    if rng.random() < SPREAD:
        return rng.choice(CUT_WAYS), rng.choice(CUTS)
    if alphabet == "han" and rng.random() < 0.25:  # Chinese is written without gaps by most
        return "unbroken", ""
    names = [name for name in WAYS if name != "camel case" or (alphabet == "latin" and distortion == "as written")]
    return rng.choices(names, [WEIGHTS.get(name, 2) for name in names])[0], ""
