"""The outgoing filter: blocked by language, kind and evasion, false blocks, and microseconds an answer.

python -m bench.outgoing

The tuning set is the one of the tests. The held-out sets (bench/held_out/outgoing/*.json, if they are there) were
written by somebody else and not looked at while the lexicon was made: theirs is the figure to claim.
"""

import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.redaction.outgoing.evasions import EVASIONS

from holdfast.app.demo_organisation import DOMAIN
from holdfast.redaction.outgoing import check

ROOT = Path(__file__).parent
TUNING = ROOT.parent / "tests" / "redaction" / "outgoing" / "samples.json"
HELD_OUT = ROOT / "held_out" / "outgoing"
LINES = ROOT.parent / "src" / "holdfast" / "app" / "demo_lines.json"


def allows(link: str) -> bool:
    """The demo's own domain and the explorers that it names."""
    return any(host in link for host in (DOMAIN, "etherscan.io", "tronscan.org", "mempool.space"))


def stopped(text: str) -> bool:
    return check(text, allows) is not None


def rows(data: Any, name: str) -> list[dict[str, Any]]:
    """Every object with a text, however a set is nested; what lies under "legitimate" may go."""
    if isinstance(data, str):
        return [{"text": data, "kind": name}]
    if isinstance(data, list):
        return [row for part in data for row in rows(part, name)]
    if "text" in data:
        return [{"kind": name, **data}]
    return [row for key, part in data.items() if key != "about" for row in rows(part, key)]


def legitimate(row: dict[str, Any]) -> bool:
    return bool(row.get("legitimate")) or row.get("kind") in ("legitimate", "legit", "ordinary", "allowed", None)


def measure(name: str, found: list[dict[str, Any]]) -> None:
    bad = [row for row in found if not legitimate(row)]
    good = [row for row in found if legitimate(row)]
    print(name)
    for what in ("kind", "evasion", "language"):
        asked: Counter[str] = Counter()
        seen: Counter[str] = Counter()
        for row in bad:
            key = str(row.get(what) or "plain")
            asked[key] += 1
            seen[key] += stopped(row["text"])
        if len(asked) > 1:
            print(f"  blocked by {what}: " + ", ".join(f"{k} {seen[k]}/{asked[k]}" for k in sorted(asked)))
    if bad:
        total = sum(stopped(row["text"]) for row in bad)
        print(f"  blocked: {total} of {len(bad)}, {total / len(bad):.1%}")
    if good:
        wrong = [row["text"] for row in good if stopped(row["text"])]
        print(f"  false blocks: {len(wrong)} of {len(good)}, {len(wrong) / len(good):.1%}")


def answers() -> list[str]:
    """What the demo's agents say, in all its languages."""
    lines = json.loads(LINES.read_text("utf-8"))
    return [text for by_kind in lines.values() for text in by_kind["answer"]]


def microseconds(texts: list[str], times: int) -> float:
    """Of processor time, the best of three rounds: other programs on the machine do not count."""
    best = float("inf")
    for _ in range(3):
        begin = time.process_time()
        for _ in range(times):
            for text in texts:
                check(text, allows)
        best = min(best, (time.process_time() - begin) / times / len(texts) * 1e6)
    return best


def main() -> None:
    tuning = json.loads(TUNING.read_text("utf-8"))
    measure("tuning set", rows(tuning, ""))
    plain = [text for text in tuning["requests"] if text.isascii()]
    for name, evade in EVASIONS.items():
        seen = sum(stopped(evade(text)) for text in plain)
        print(f"  {name:14} {seen / len(plain):7.2%} of {len(plain)} English requests")
    if HELD_OUT.is_dir():
        for path in sorted(HELD_OUT.glob("*.json")):
            found = [{"language": path.stem, **row} for row in rows(json.loads(path.read_text("utf-8")), "")]
            measure(f"held out: {path.stem}", found)
    else:
        print("held out: bench/held_out/outgoing is not here")
    said = answers()
    print(f"what the demo's agents say: {sum(map(stopped, said))} of {len(said)} blocked")
    print("speed")
    print(f"  calibration: 1,000 dictionary look-ups {_calibration():7.1f} us")
    print(f"  an ordinary answer                     {microseconds(said, 100):7.1f} us")
    print(f"  a warning or a request                 {microseconds(tuning['requests'], 5):7.1f} us")
    print(f"  8,000 characters                       {microseconds([(said[0] * 300)[:8000]], 5):7.1f} us")


def _calibration() -> float:
    table = {str(n): n for n in range(1000)}
    keys = list(table)
    begin = time.process_time()
    for _ in range(200):
        for key in keys:
            table[key]
    return (time.process_time() - begin) / 200 * 1e6


if __name__ == "__main__":
    main()
