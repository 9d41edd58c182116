"""The browser's engine finds what this one finds, also in texts that no vector holds."""

import json
import os
import random
import subprocess
from dataclasses import asdict
from pathlib import Path

from holdfast.redaction import redact
from tests.redaction import samples, samples_keys
from tests.redaction.samples_phrases import ALL_LISTS, phrase_of, ways

SEED = 2026
WIDGET = Path(__file__).resolve().parents[2] / "web/widget"
# What typing errors, emoji and languages beside each other bring.
STRAY = [*"abcdefghij 1234,.\n", "😀", "é", "密", "и", "\u200b"]


def _texts(rng: random.Random) -> list[str]:
    made = []
    for name in ALL_LISTS:
        made += [form(rng, phrase_of(name, rng, rng.choice([12, 18, 24])), name) for form in ways(name).values()]
    for written in samples.FORMATS.values():
        frame = rng.choice(list(samples.FRAMES))
        made.append(frame.format(written(rng, samples.phrase(rng, rng.choice(samples.SIZES)))))
    made += [key(rng)[0] for keys in (samples.KEYS, samples_keys.KEYS) for key in keys.values()]
    made += [make(rng) for table in (samples.HARMLESS, samples_keys.HARMLESS) for make in table.values()]
    for text in rng.sample(made, 100):
        letters = list(text)
        for _ in range(rng.randint(1, 6)):
            letters[rng.randrange(len(letters))] = rng.choice(STRAY)
        made.append("".join(letters))
    return made


def test_both_engines_agree_on_other_texts(tmp_path: Path) -> None:
    texts = _texts(random.Random(SEED))
    assert len(texts) >= 400
    vectors = tmp_path / "vectors.json"
    found = [{"text": text, "findings": list(map(asdict, redact(text).findings))} for text in texts]
    vectors.write_text(json.dumps(found), "utf-8")
    done = subprocess.run(
        ["npx", "vitest", "run", "tests/redaction.test.ts", "-t", "agrees"],
        cwd=WIDGET, env={**os.environ, "VECTORS": str(vectors)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:]
    assert "1 passed" in done.stdout
