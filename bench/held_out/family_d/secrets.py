"""Draws the other secrets of family D: keys, cards, codes, passwords, in the sentences of 22 languages."""

import random
from collections.abc import Iterator

from bench.held_out.family_d.values import FORMS, HEX, Parts, card, code, password, pin, split
from bench.held_out.family_d.voices import pick, rough, sentences
from bench.held_out.sample import STRAY, Piece, Sample, build

KINDS: dict[str, float] = {"private_key": 52, "card_number": 15, "one_time_code": 16, "password": 17}
LANGUAGES: dict[str, float] = {
    "en": 20, "es": 6, "zh": 6, "pt": 5, "ru": 6, "fr": 5, "de": 5, "tr": 5, "vi": 5, "id": 5, "ar": 5, "hi": 5,
    "ja": 4, "ko": 4, "it": 4, "th": 3.5, "pl": 3, "uk": 3, "zh-Hant": 3, "nl": 2.5, "cs": 2.5, "fa": 3,
}  # fmt: skip
LAYOUTS: dict[str, float] = {
    "in a sentence": 56,
    "after a label": 17,
    "on a line of its own": 8,
    "label, then another message": 6,
    "talk, then a sentence": 6,
    "among other lines": 4,
    "in quotes": 3,
}
ALONE = 0.14  # keys alone; the other kinds are nothing without a word
Messages = list[list[Piece]]


def secrets(count: int, seed: int) -> Iterator[Sample]:
    """`count` conversations with one secret each; `list_name` is the language."""
    rng = random.Random(seed)
    for _ in range(count):
        yield _sample(rng)


def _sample(rng: random.Random) -> Sample:
    language, kind = pick(rng, LANGUAGES), pick(rng, KINDS)
    said = sentences()[language]
    if kind == "private_key":
        form = pick(rng, {name: weight for name, (_, weight) in FORMS.items()})
        parts = split(form, FORMS[form][0](rng))
        if rng.random() < ALONE:
            form = "evm_hex_bare" if form in HEX else form
            return build(kind, language, "alone", form, [_inner(parts)])
        frames = said[kind]
    else:
        frames = said[kind]
        if kind == "password" and rng.random() < 0.14:
            (text, form), frames = pin(rng), said["pin"]
        else:
            text, form = {"card_number": card, "one_time_code": code, "password": password}[kind](rng, language)
        parts = ("", text, "")
    layout = pick(rng, LAYOUTS)
    if form == "PIN" and layout in {"after a label", "label, then another message", "among other lines"}:
        layout = "in a sentence"
    if form in {"keystore", "pem"} and layout in {"in a sentence", "in quotes"}:
        layout = "on a line of its own"
    messages = _messages(rng, language, layout, (rng.choice(frames), rng.choice(said["labels"][kind])), parts)
    messages = [[piece for piece in pieces if piece[0]] for pieces in messages]
    return build(kind, language, layout, form, messages)


def _inner(parts: Parts) -> list[Piece]:
    before, secret, after = parts
    return [piece for piece in [(before, None), (secret, 0), (after, None)] if piece[0]]


def _messages(rng: random.Random, language: str, layout: str, said: tuple[str, str], parts: Parts) -> Messages:
    frame, label = said
    inner = _inner(parts)
    before, after = frame.split("{s}")
    if rng.random() < 0.2 and before:
        before = before[0].upper() + before[1:]
    whole: list[Piece] = [(before, None), *inner, (after, None)]
    if layout == "after a label":
        gap = rng.choice([" ", " ", "\n", ""]) if label.endswith((":", "：")) else " "
        return [[(label.strip() + gap, None), *inner]]
    if layout == "on a line of its own":
        head, tail = before.rstrip(), after.strip()
        return [[(head + "\n" if head else "", None), *inner, ("\n" + tail if tail else "", None)]]
    if layout == "label, then another message":
        return [[(label.strip(), None)], inner]
    if layout == "talk, then a sentence":
        talk = rough(rng, rng.choice(sentences()[language]["talk"]), language)
        return [[(talk, STRAY)], whole]
    if layout == "among other lines":
        address = "0x" + rng.randbytes(20).hex()
        first = rng.choice([f"address: {address}", f"wallet {address}", "user: kl.meyer@mail.com", "----", "Account 2"])
        return [[(f"{first}\n{label.strip()} ", None), *inner, (rng.choice(["", "\n----", "\nETH 0.31"]), None)]]
    if layout == "in quotes":
        marks = rng.choice(['""', "''", "“”", "``", "<>", "()"])
        return [[(before + marks[0], None), *inner, (marks[1] + after, None)]]
    return [whole]
