"""How well the checker tells imitations from strangers: by trick on the held-out list, by family on made-up names.

python -m bench.authenticity [samples per family]
"""

import json
import random
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from tests.authenticity.lookalikes import FAMILIES, FOREIGN

from holdfast.authenticity import targets
from holdfast.authenticity.lookalikes import Official, judge

SEED = 41
HELD_OUT = Path(__file__).parent / "held_out" / "imitations.json"
NOW = datetime(2026, 5, 1, tzinfo=UTC)
REGISTER = [
    Official("domain", "meridianwallet.com", "meridianwallet.com"),
    Official("handle", "x:meridianwallet", "@meridianwallet (x)"),
    Official("handle", "telegram:meridian_news", "@meridian_news (telegram)"),
    Official("phone", "+81355500142", "+81355500142"),
    Official("mail", "help@meridianwallet.com", "help@meridianwallet.com"),
    Official("app", "com.meridian.wallet", "com.meridian.wallet"),
]
# Names that the rules were not written with, short and long.
NAMES = ("vaultic", "orbitpay", "northlight", "quillsafe", "bluepetal", "zephyrkeys", "stonegate", "lumenfold")


def status(text: str, register: list[Official]) -> str:
    return judge(targets.read(text), register, NOW).status


def main() -> None:
    samples = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    held = json.loads(HELD_OUT.read_text("utf-8"))
    seen: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    missed = []
    for text, trick in held["imitations"]:
        asked[trick] += 1
        found = status(text, REGISTER)
        seen[trick] += found == "lookalike"
        if found != "lookalike":
            missed.append(f"{text!r} ({found})")
    print(f"held-out imitations: {seen.total()} of {asked.total()} seen, {seen.total() / asked.total():.1%}")
    for trick in asked:
        print(f"  {trick:18} {seen[trick]:3} of {asked[trick]}")
    called_ours = [text for text, _ in held["imitations"] if status(text, REGISTER) == "official"]
    print(f"  called ours: {len(called_ours)} {called_ours or ''}")
    print(f"  missed (answered as not listed, which is not us either): {', '.join(missed) or 'none'}")
    wrong = [text for text in [*held["strangers"], *FOREIGN] if status(text, REGISTER) == "lookalike"]
    strangers = len(held["strangers"]) + len(FOREIGN)
    print(f"strangers called imitations: {len(wrong)} of {strangers} {wrong or ''}")
    print(f"families, {samples} samples each, on names that no rule was written with")
    rng = random.Random(SEED)
    for family, make in FAMILIES.items():
        hits = 0
        for _ in range(samples):
            name = rng.choice(NAMES)
            register = [Official("domain", f"{name}.com", f"{name}.com")]
            hits += status(make(rng, name, "com"), register) == "lookalike"
        print(f"  {family:18} {hits / samples:7.2%}")
    texts = [text for text, _ in held["imitations"]]
    begin = time.perf_counter()
    for text in texts * 20:
        status(text, REGISTER)
    print(f"speed: {(time.perf_counter() - begin) / len(texts) / 20 * 1e6:.0f} us a check, register of {len(REGISTER)}")


if __name__ == "__main__":
    main()
