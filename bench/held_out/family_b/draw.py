"""The draw of family B: who, which list, what happened to the words, how they are written, how they are sent."""

import random
from collections.abc import Iterator

from bench.held_out.family_b.sendings import SENDINGS
from bench.held_out.family_b.slips import ON_PURPOSE, SLIPS
from bench.held_out.family_b.voices import Voice, voices
from bench.held_out.family_b.writings import GLUED, IDEOGRAPHIC, WRITINGS, Writing
from bench.held_out.phrases import BIP39, draw, words_of
from bench.held_out.promise import ON_PURPOSE as HIDDEN
from bench.held_out.promise import scope
from bench.held_out.sample import Piece, Sample, build

# As wallets of the world give them, English first; each often enough for a figure of its own.
LISTS = {
    "english": 36, "spanish": 6.5, "french": 5.5, "italian": 5, "portuguese": 4.5, "czech": 3.5, "japanese": 6, "korean": 6,
    "chinese_simplified": 8, "chinese_traditional": 4, "slip39": 4.5, "electrum_old": 3.5, "electrum_new": 3, "monero": 4,
}  # fmt: skip
SIZES = {12: 68, 24: 25, 15: 2, 18: 3, 21: 2}
SCRIPTS = {
    "spanish": "accented", "french": "accented", "japanese": "kana", "korean": "hangul",
    "chinese_simplified": "han", "chinese_traditional": "han",
}  # fmt: skip
VALID = 0.9
SENT_APART = 0.16
SPACED = ("in a line", "in quotes", "pasted twice", "two halves")  # what Chinese and Japanese write in their own way


def phrases(count: int, seed: int) -> Iterator[Sample]:
    """`count` samples as frightened people write, most within the promise and some beyond it."""
    rng = random.Random(f"B {seed}")
    for _ in range(count):
        yield _sample(rng)


def hidden_on_purpose(count: int, seed: int) -> Iterator[Sample]:
    rng = random.Random(f"B hidden {seed}")
    for _ in range(count):
        words = draw(rng, "english", valid=True, sizes=SIZES)
        name = rng.choice(list(ON_PURPOSE))
        mark = rng.choice(["  ", "\n", ", "])
        pieces: list[Piece] = []
        for at, word in enumerate(ON_PURPOSE[name](rng, words)):
            decoy = f"{rng.choice(words_of('english'))}{mark}" if name == "decoys" and at else ""
            pieces += [((mark if at else "") + decoy, None), (word, at)]
        yield build("recovery_phrase", "english", "puzzle", name, [pieces], HIDDEN)


def _sample(rng: random.Random) -> Sample:
    name = rng.choices(list(LISTS), list(LISTS.values()))[0]
    drawn = draw(rng, name, valid=rng.random() < VALID, sizes=SIZES)
    script = SCRIPTS.get(name, "latin")
    slips = {key: weight for key, (weight, scripts, _) in SLIPS.items() if script in scripts.split()}
    slip = rng.choices(list(slips), list(slips.values()))[0]
    words = SLIPS[slip][2](rng, drawn)
    if words == drawn:
        slip = "clean"
    voice = voices()[_language(rng, name)]
    layout, messages = _written(rng, script, words, voice)
    if rng.random() < 0.55:
        _said_first(rng, messages, voice)
    if rng.random() < 0.35:
        _said_last(rng, messages, voice)
    if rng.random() < 0.02 and script != "han":
        at = rng.randrange(len(words))
        before, after = voice.fix.format(n=at + 1, w="\0").split("\0")
        messages.append([(before, None), (words[at], at), (after, None)])
    return build("recovery_phrase", name, layout, slip, messages, scope(drawn, words, messages))


def _written(rng: random.Random, script: str, words: list[str], voice: Voice) -> tuple[str, list[list[Piece]]]:
    layout = rng.choices(list(WRITINGS), [weight for weight, _ in WRITINGS.values()])[0]
    if rng.random() < SENT_APART:
        sending = rng.choices(list(SENDINGS), [weight for weight, _ in SENDINGS.values()])[0]
        return sending, SENDINGS[sending][1](rng, words, voice)
    write: Writing = WRITINGS[layout][1]
    if layout in SPACED and script == "han" and rng.random() < 0.5:
        layout, write = "glued", GLUED
    elif layout in SPACED and script == "kana" and rng.random() < 0.5:
        layout, write = "ideographic spaces", IDEOGRAPHIC
    return layout, [write(rng, words, voice)]


def _language(rng: random.Random, name: str) -> str:
    """Most write in the language of their list; of English words a third come from English speakers."""
    if name in BIP39 and name != "english" and rng.random() < 0.85:
        return BIP39[name]
    return "en" if rng.random() < 0.35 else rng.choice(list(voices()))


def _said_first(rng: random.Random, messages: list[list[Piece]], voice: Voice) -> None:
    """In the same message, or in one before; some say two sentences."""
    text = " ".join(rng.sample(voice.before, 2 if rng.random() < 0.2 else 1))
    if rng.random() < 0.3:
        messages.insert(0, [(text, None)])
    else:
        messages[0].insert(0, (text + rng.choice(["\n", "\n\n", " ", ": ", " - ", "... ", " 👇\n", "\n\n\n"]), None))


def _said_last(rng: random.Random, messages: list[list[Piece]], voice: Voice) -> None:
    text = " ".join(rng.sample(voice.after, 2 if rng.random() < 0.2 else 1))
    if rng.random() < 0.3:
        messages.append([(text, None)])
    else:
        messages[-1].append((rng.choice(["\n", "\n\n", " ", ". ", " 🙏 ", ", ", "\n-- \n"]) + text, None))
