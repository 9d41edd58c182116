"""Writes the test vectors that every engine of these rules has to agree with (server and browser).

python -m tests.redaction.vectors

``vectors.json``: [{"text", "findings": [{"kind", "start", "end", "certainty", "words"}]}], offsets in code points.
``vectors_personal.json``: the same for personal numbers. ``vectors_pieces.json``: [{"pieces", "joined": {"pieces",
"kind", "words", "certainty"} or null, "held": [whether each may be a piece]}].
All secrets are published test vectors or made from a seed.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from holdfast.redaction import Finding, find_personal, join, may_be_piece, redact
from holdfast.redaction.lists import CHINESE
from tests.redaction import samples, samples_keys, samples_values
from tests.redaction.samples_chat import CHATS
from tests.redaction.samples_phrases import ALL_LISTS, electrum, in_both_writings, phrase_of, ways

FOLDER = Path(__file__).parent
SEED = 39
PUBLISHED = (
    "legal winner thank year wave sausage worth useful legal winner thank yellow",
    "my secret seed phrase is " + "abandon " * 11 + "about",
    "letter advice cage absurd amount doctor acoustic avoid letter advice cage above",
    "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong",
    "wild father tree among universe such mobile favorite target dynamic credit identify",
    "powerful random nobody notice nothing important anyway look away hidden message over",
    "duckling enlarge academic academic agency result length solution fridge kidney coal piece deal husband erode "
    "duke "
    "ajar critical decision keyboard",
    "そつう れきだい ほんやく わかす りくつ ばいか ろせん やちん そつう れきだい ほんやく わかめ",
    "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ",
    "sn259rEFXrQrWyx3Q7XneWcwV6dfL",
)


def texts() -> Iterator[str]:
    rng = random.Random(SEED)
    yield from PUBLISHED
    for name in ALL_LISTS:
        for form in ways(name).values():
            yield form(rng, phrase_of(name, rng, rng.choice([12, 24])), name)
    for name in CHINESE:
        yield " ".join(in_both_writings(name, rng))
        yield "我的助记词：" + "".join(in_both_writings(name, rng))
    for written, frame in zip(samples.FORMATS.values(), samples.FRAMES * 10, strict=False):
        yield frame.format(written(rng, samples.phrase(rng, rng.choice(samples.SIZES))))
    yield " ".join(electrum(rng))
    for keys in (samples.KEYS, samples_keys.KEYS):
        for key in keys.values():
            yield key(rng)[0]
    for harmless in (samples.HARMLESS, samples_keys.HARMLESS, samples_keys.AMBIGUOUS):
        for make in harmless.values():
            yield make(rng)
    yield from (samples_values.parts(text)[0] for _, _, text in samples_values.SECRETS)
    yield from samples_values.HARMLESS
    yield from samples.MESSAGES
    yield "[⛔ recovery_phrase·12] and [⛔ private_key?] stay"


def pieces() -> Iterator[tuple[str, ...]]:
    rng = random.Random(SEED)
    for name in ALL_LISTS:
        words = phrase_of(name, rng, 12)
        yield ("hello", " ".join(words[:4]), "one moment", " ".join(words[4:8]), " ".join(words[8:]))
        yield ("hello", *words)
        if name in CHINESE:
            mixed = in_both_writings(name, rng)
            yield (" ".join(mixed[:5]), "等一下", " ".join(mixed[5:8]), " ".join(mixed[8:]))
        yield ("hello", " ".join(words[:6]))
        lines = [f"{n}. {word}" for n, word in enumerate(words, 1)]
        yield ("\n".join(lines[6:]), "and", "\n".join(lines[:6]))
    yield from CHATS


def of_finding(finding: Finding) -> dict[str, Any]:
    return asdict(finding)


def made() -> dict[str, list[dict[str, Any]]]:
    """What this engine says now."""
    return {
        "vectors.json": [{"text": text, "findings": list(map(of_finding, redact(text).findings))} for text in texts()],
        "vectors_personal.json": [
            {"text": text, "findings": list(map(of_finding, find_personal(text)))}
            for text in (
                *(samples_values.parts(text)[0] for _, text in samples_values.PERSONAL),
                *samples_values.HARMLESS,
                *samples.MESSAGES,
            )
        ],
        "vectors_pieces.json": [
            {
                "pieces": list(each),
                "joined": asdict(joined) | {"pieces": list(joined.pieces)} if (joined := join(each)) else None,
                "held": [may_be_piece(piece) for piece in each],
            }
            for each in pieces()
        ],
    }


def main() -> None:
    for name, vectors in made().items():
        lines = ",\n".join(json.dumps(vector, ensure_ascii=False) for vector in vectors)
        (FOLDER / name).write_text(f"[\n{lines}\n]\n", "utf-8")


if __name__ == "__main__":
    main()
