"""`python -m bench.redaction`: the held-out figures. Exit status 1 when an aim is missed, or (quick) the floor."""

import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from statistics import quantiles

from bench.held_out import family, floor, keys, ordinary
from bench.held_out.family_b import draw as draw_b
from bench.held_out.family_b import secrets as secrets_b
from bench.held_out.family_c import draw as draw_c
from bench.held_out.family_c import secrets as secrets_c
from bench.held_out.family_d import draw as draw_d
from bench.held_out.family_d import secrets as secrets_d
from bench.held_out.floor import Figures
from bench.held_out.lookalikes import lookalikes
from bench.held_out.measure import Alarms, Recall, Tally, bare_hex, by_scope, lower, masked, recall
from bench.held_out.promise import BEYOND, PROMISED
from bench.held_out.sample import Sample
from holdfast.redaction import redact

SEED = 20260730
AIM = 0.998  # the lower 95 % bound of what is masked, over all phrases of family D within the promise
ORDINARY = 10_000_000  # bytes without a certain or high alarm
SLOWEST = 50.0  # us, the 99th percentile of a chat message on a machine whose calibration loop takes CALIBRATED
CALIBRATED = 1000.0  # us
CHAT = 400  # code points: longer is a letter, not a chat message
D, C, B, A = "held out", "development C", "development B", "development A"


def run(*, quick: bool, record: bool = False) -> int:
    """Prints the report; returns the exit status. `record` writes the floor; it takes the whole run."""
    figures = Figures()
    # Of family D 3 % are beyond the promise: of 53,000 there are more than 50,000 in the claim.
    _phrases(figures, D, draw_d.phrases(3_000 if quick else 53_000, SEED))
    _secrets(figures, D, secrets_d.secrets(1_200 if quick else 10_000, SEED + 1))
    _lookalikes(figures, 3_000 if quick else 30_000)
    missed = []
    # One message in ten names a transaction, an address or a number.
    texts = family.said(2_000, SEED) + [text for _, text in lookalikes(200, SEED + 9)]
    _speed(figures, "messages of people in trouble", texts)
    if not quick:
        paragraphs = list(ordinary.messages())
        missed += _ordinary(figures, paragraphs)
        texts = [text for _, text in random.Random(SEED).sample(paragraphs, 20_000)]
        texts += [text for _, text in lookalikes(2_000, SEED + 9)]
        _speed(figures, "ordinary text", texts)
    _phrases(figures, C, draw_c.phrases(2_000 if quick else 20_000, SEED))
    _secrets(figures, C, secrets_c.secrets(1_200 if quick else 10_000, SEED + 1))
    _phrases(figures, B, draw_b.phrases(2_000 if quick else 20_000, SEED))
    _secrets(figures, B, secrets_b.secrets(1_200 if quick else 10_000, SEED + 1))
    _phrases(figures, A, family.phrases(2_000 if quick else 20_000, SEED))
    _secrets(figures, A, keys.secrets(800 if quick else 10_000, SEED + 1))
    if not quick:
        _on_purpose("B", draw_b.hidden_on_purpose(2_000, SEED + 2))
        _on_purpose("A", family.hostile(2_000, SEED + 2))
    missed += _aims(figures, quick=quick)
    print("\nAims: " + ("all met" if not missed else "MISSED: " + "; ".join(missed)))
    if record and not quick:
        floor.write(figures)
        print(f"Written: {floor.PLACE.name}")
    if not quick:
        return 1 if missed else 0
    worse = floor.worse(figures, floor.read())
    print("Floor: " + ("; ".join(["WORSE", *worse]) if worse else "kept"))
    return 1 if worse else 0


def _aims(figures: Figures, *, quick: bool) -> list[str]:
    """A sample of 3,000 shows 99.8 % as its lower bound only if it misses nothing: there the share itself is looked at."""
    tally = figures.found[f"{D}: recovery_phrase"]
    reached = tally.hits / tally.count if quick else lower(tally.hits, tally.count)
    missed = [f"phrases {'' if quick else 'at least '}{reached:.3%} of {AIM:.1%}"] if reached < AIM else []
    missed += [f"{loud} certain or high alarms in {name}" for name, (loud, _) in figures.alarms.items() if loud]
    slow = {name: ratio * CALIBRATED for name, ratio in figures.p99.items() if ratio * CALIBRATED >= SLOWEST}
    return missed + [f"p99 {time_taken:.0f} us of {SLOWEST:.0f}, {name}" for name, time_taken in slow.items()]


def _phrases(figures: Figures, family_name: str, samples: Iterable[Sample]) -> None:
    start = time.perf_counter()
    counted = by_scope(samples)
    promised, beyond = counted[PROMISED], counted[BEYOND]
    figures.found[f"{family_name}: recovery_phrase"] = promised.whole
    _head(f"Recovery phrases, {family_name}: within the promise ({time.perf_counter() - start:.0f} s)")
    print(f"  {'all':43}{promised.whole}")
    _table(promised, "list", every=True)
    _table(promised, "layout")
    _table(promised, "words", every=True)
    _misses(promised, "class")
    _head(f"Recovery phrases, {family_name}: beyond the promise (not part of the claim)")
    print(f"  {'all':43}{beyond.whole}")
    _misses(beyond, "layout", most=12)
    _misses(beyond, "words", most=6)


def _secrets(figures: Figures, family_name: str, samples: Iterable[Sample]) -> None:
    counted = Recall()
    bare = Tally()
    for sample in samples:
        if bare_hex(sample):
            bare.add(masked(sample))
        else:
            counted.add(sample)
    _head(f"Keys, cards, codes, passwords, {family_name}: {counted.whole.count + bare.count} samples")
    _table(counted, "kind", every=True)
    _table(counted, "words", every=True)
    print(f"  {'64 hex digits without a word':43}{bare}")
    figures.found |= {f"{family_name}: {kind}": tally for kind, tally in counted.by["kind"].items()}
    figures.found[f"{family_name}: 64 hex digits without a word"] = bare
    by_language: dict[str, Counter[str]] = defaultdict(Counter)
    for sample in counted.missed:
        by_language[sample.distortion][sample.list_name] += 1
    for form, languages in sorted(by_language.items()):
        print(f"    missed {form}: " + ", ".join(f"{language} {times}" for language, times in languages.most_common()))


def _on_purpose(family_name: str, samples: Iterable[Sample]) -> None:
    _head(f"Hidden on purpose, family {family_name} (not part of the claim)")
    _table(recall(samples), "words", every=True)


def _lookalikes(figures: Figures, count: int) -> None:
    by_class: dict[str, Alarms] = defaultdict(Alarms)
    whole = Alarms()
    for name, text in lookalikes(count, SEED + 3):
        before = len(whole.shown)
        whole.add(text)
        alarms = by_class[name]
        alarms.texts += 1
        alarms.found.update(certainty for certainty, _, _ in whole.shown[before:])
    _head(f"Look-alikes: {count} texts, {whole.loud} certain or high, {whole.found['ambiguous']} ambiguous")
    for name, alarms in sorted(by_class.items()):
        if alarms.found:
            print(
                f"  {name:36}{alarms.loud:>6} certain or high, {alarms.found['ambiguous']:>6} ambiguous of {alarms.texts}"
            )
    _excerpts(whole)
    figures.alarms["look-alikes"] = whole.loud, count


def _ordinary(figures: Figures, paragraphs: list[tuple[str, str]]) -> list[str]:
    by_language: dict[str, Alarms] = defaultdict(Alarms)
    whole, pasted = Alarms(), Alarms()
    for language, text in paragraphs:
        by_language[language].add(text)
        whole.add(text)
    for text in ordinary.long_messages(paragraphs):
        pasted.add(text)
    size = whole.bytes / 1e6
    _head(f"Ordinary text: {size:.1f} MB, {whole.texts} messages, {len(by_language)} languages")
    print(
        f"  certain or high: {whole.loud} = {whole.loud / size * 10:.2f} in 10 MB; ambiguous {whole.found['ambiguous'] / size:.2f} in 1 MB"
    )
    print(f"  pasted together, 20 at a time: certain or high {pasted.loud}, ambiguous {pasted.found['ambiguous']}")
    for language, alarms in sorted(by_language.items()):
        print(
            f"  {language:8}{alarms.bytes / 1e6:6.2f} MB{alarms.loud:>6} certain or high{alarms.found['ambiguous']:>6} ambiguous"
        )
    _excerpts(whole)
    figures.alarms["ordinary text"] = whole.loud + pasted.loud, whole.texts + pasted.texts
    return [f"only {size:.1f} MB of ordinary text"] if whole.bytes < ORDINARY else []


def _speed(figures: Figures, name: str, texts: list[str]) -> None:
    """The 99th percentile of a chat message, in calibration loops: of the best of five rounds of each message, so that
    a busy machine is not measured.
    """
    texts = [text for text in texts if len(text) <= CHAT]
    rounds = [[_microseconds(text) for text in texts] for _ in range(5)]
    best = [min(times) for times in zip(*rounds, strict=True)]
    calibration = min(_calibration() for _ in range(20))
    at = quantiles(best, n=100)
    ratio = at[98] / calibration
    figures.p99[name] = ratio
    _head(f"Speed: {len(texts)} chat messages of at most {CHAT} code points, {name}")
    print(f"  median {at[49]:.1f} us, p99 {at[98]:.1f} us; calibration loop {calibration:.0f} us, ratio {ratio:.3f}")
    print(f"  p99 where the loop takes {CALIBRATED:.0f} us: {ratio * CALIBRATED:.1f} us (aim {SLOWEST:.0f})")


def _microseconds(text: str) -> float:
    start = time.perf_counter_ns()
    redact(text)
    return (time.perf_counter_ns() - start) / 1000


def _calibration() -> float:
    """Plain Python work of a fixed amount: dictionary look-ups and string building, as redaction does; in us."""
    table = {str(number): number for number in range(500)}
    start = time.perf_counter_ns()
    total = 0
    for number in range(10_000):
        total += table.get(str(number % 700), 1)
    assert total > 0
    return (time.perf_counter_ns() - start) / 1000


def _head(text: str) -> None:
    print(f"\n{text}")


def _table(counted: Recall, heading: str, *, every: bool = False) -> None:
    rows = counted.by[heading]
    for name, tally in sorted(rows.items(), key=lambda row: row[1].hits / row[1].count):
        if every or tally.misses:
            print(f"  {heading:7}{name:36}{tally}")


def _misses(counted: Recall, heading: str, most: int = 30) -> None:
    rows = [(tally.misses, name, tally.count) for name, tally in counted.by[heading].items() if tally.misses]
    print(f"  Missed by class ({len(rows)} classes):")
    for misses, name, count in sorted(rows, reverse=True)[:most]:
        print(f"    {misses:>5} of {count:>5}  {name}")


def _excerpts(alarms: Alarms, most: int = 12) -> None:
    for certainty, kind, excerpt in [shown for shown in alarms.shown if shown[0] != "ambiguous"][:most]:
        print(f"    {certainty} {kind}: {excerpt}")
