"""How well and how fast secrets are found: recall per format, false alarms, microseconds per message.

python -m bench.redaction [samples per format]
"""

import random
import sys
import time

from tests.redaction.samples import FORMATS, FRAMES, HARMLESS, KEYS, MESSAGES, SIZES, phrase

from bench.held_out import report
from holdfast.redaction import redact

SEED = 2048


def tuning() -> None:
    samples = int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1].isdigit() else 500
    rng = random.Random(SEED)
    print(f"recall of {samples} samples each (a phrase counts as found when one finding hides it)")
    for name, form in FORMATS.items():
        found = counted = 0
        for _ in range(samples):
            words = phrase(rng, rng.choice(SIZES))
            findings = redact(rng.choice(FRAMES).format(form(rng, words))).findings
            found += len(findings) == 1
            counted += [finding.words for finding in findings] == [len(words)]
        print(f"  phrase, {name:24} {found / samples:7.2%}   words counted right {counted / samples:7.2%}")
    for name, key in KEYS.items():
        found = sum(secret not in redact(text).text for text, secret in (key(rng) for _ in range(samples)))
        print(f"  key, {name:27} {found / samples:7.2%}")
    print("false alarms")
    for name, harmless in HARMLESS.items():
        alarms = sum(bool(redact(harmless(rng)).findings) for _ in range(samples))
        print(f"  {name:32} {alarms / samples:7.2%}")
    print(f"  {'ordinary messages':32} {sum(bool(redact(text).findings) for text in MESSAGES)} of {len(MESSAGES)}")
    print("speed")
    print(f"  ordinary message                 {_microseconds(list(MESSAGES), 400):9.1f} us")
    phrases = [" ".join(phrase(rng, 12)) for _ in range(50)]
    print(f"  message with a phrase            {_microseconds(phrases, 10):9.1f} us")
    print(f"  message with a hash              {_microseconds([HARMLESS['EVM transaction'](rng)] * 10, 100):9.1f} us")
    print(f"  8,000 characters of English      {_microseconds([(MESSAGES[2] * 100)[:8000]], 100):9.1f} us")
    print(f"  1,000,000 characters             {_microseconds([(MESSAGES[1] * 12_000)[:1_000_000]], 1):9.1f} us")


def _microseconds(texts: list[str], times: int) -> float:
    begin = time.perf_counter()
    for _ in range(times):
        for text in texts:
            redact(text)
    return (time.perf_counter() - begin) / times / len(texts) * 1e6


def main() -> None:
    """The held-out report; `--quick` for CI, `--tuning` for the samples that the rules were made with."""
    if "--tuning" in sys.argv:
        sys.argv.remove("--tuning")
        tuning()
    else:
        sys.exit(report.run(quick="--quick" in sys.argv))


if __name__ == "__main__":
    main()
