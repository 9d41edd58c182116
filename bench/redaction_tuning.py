"""Figures of redaction on the samples that it was tuned on: recall by kind and list, false alarms, speed.

The held-out figures are the ones to claim; these say where a change made something better or worse.
"""

import random
import statistics
import time
from collections.abc import Callable
from functools import partial

from tests.redaction import samples, samples_keys
from tests.redaction.samples_chat import CHATS
from tests.redaction.samples_phrases import ALL_LISTS, phrase_of, ways
from tests.redaction.samples_values import HARMLESS, SECRETS, parts
from tests.redaction.test_fragments import (
    in_three,
    missed,
    numbered_out_of_order,
    one_by_one,
    overlapping,
    two_by_two,
)

from holdfast.redaction import join, may_be_piece, redact

SEED = 2048


def main(count: int) -> None:
    rng = random.Random(SEED)
    print(f"recall by list, {count} phrases of 12 or 24 words each way; found: at least nine tenths are hidden")
    for name in ALL_LISTS:
        _list(rng, name, count)
    print(f"recall by key, {count // 4} each")
    for kind, make in (samples.KEYS | samples_keys.KEYS).items():
        found = sum(secret not in redact(text).text for text, secret in (make(rng) for _ in range(count // 4)))
        print(f"  {kind:26} {found / (count // 4):8.2%}")
    hidden = sum(parts(text)[1] not in redact(parts(text)[0]).text for _, _, text in SECRETS)
    print(f"codes, passwords, cards in 15 languages: {hidden} of {len(SECRETS)} hidden")
    print(f"phrases in pieces, {count} each, English: not noticed, and a piece of it stayed")
    for split in (in_three, numbered_out_of_order, overlapping, two_by_two, one_by_one):
        print(f"  {split.__name__:26} {missed('english', split, count)}")
    _false_alarms(rng, count)
    _speed(rng)


def _list(rng: random.Random, name: str, count: int) -> None:
    found, words, worst = 0, 0, (1.0, "")
    forms = ways(name)
    for way, form in forms.items():
        here = 0
        for _ in range(count):
            phrase = phrase_of(name, rng, rng.choice((12, 24)))
            text = form(rng, phrase, name)
            findings = redact(text).findings
            here += sum(finding.end - finding.start for finding in findings) >= 0.9 * len(text) - 8
            words += any(finding.words == len(phrase) for finding in findings)
        worst = min(worst, (here / count, way))
        found += here
    total = count * len(forms)
    print(
        f"  {name:20} {found / total:8.2%} of {total}, words counted right {words / total:8.2%}, "
        f"worst: {worst[1] or 'none'} {worst[0]:.2%}"
    )


def _false_alarms(rng: random.Random, count: int) -> None:
    print("false alarms")
    for kind, make in (samples.HARMLESS | samples_keys.HARMLESS).items():
        alarms = sum(bool(redact(make(rng)).findings) for _ in range(count // 4))
        if alarms:
            print(f"  {kind:26} {alarms / (count // 4):8.2%}")
    lines = [*samples.MESSAGES, *HARMLESS, *(line for chat in CHATS for line in chat)]
    print(f"  ordinary messages hidden       {sum(bool(redact(line).findings) for line in lines)} of {len(lines)}")
    print(f"  ordinary messages, held        {sum(may_be_piece(line) for line in lines)} of {len(lines)}")
    print(f"  conversations joined           {sum(join(chat) is not None for chat in CHATS)} of {len(CHATS)}")
    short = [line for line in lines if len(line) < 25]
    mixed = sum(join(rng.choices(short, k=40)) is not None for _ in range(count * 4))
    print(f"  mixed short answers joined     {mixed} of {count * 4}")


def _speed(rng: random.Random) -> None:
    lines = [*samples.MESSAGES, *(line for chat in CHATS for line in chat)]
    costs = sorted(_microseconds(partial(redact, line)) for line in lines)
    loop = _microseconds(_calibration, 1)
    print("speed (least of five)")
    print(f"  calibration loop               {loop:9.1f} us (7,000 where 50 us are allowed)")
    print(f"  ordinary message, median       {statistics.median(costs):9.1f} us")
    print(f"  ordinary message, p99          {costs[int(len(costs) * 0.99) - 1]:9.1f} us")
    print(f"    scaled to that loop          {costs[int(len(costs) * 0.99) - 1] * 7_000 / loop:9.1f} us")
    phrase = " ".join(phrase_of("english", rng))
    print(f"  message with a phrase          {_microseconds(lambda: redact(phrase)):9.1f} us")
    hashed = f"please check tx 0x{rng.randbytes(32).hex()}"
    print(f"  message with a hash            {_microseconds(lambda: redact(hashed)):9.1f} us")
    long = (samples.MESSAGES[1] * 12_000)[:1_000_000]
    print(f"  1,000,000 characters           {_microseconds(lambda: redact(long), 1):9.1f} us")
    pieces = [line for chat in CHATS[:4] for line in chat][:64]
    print(f"  64 messages to join            {_microseconds(lambda: join(pieces), 3):9.1f} us")


def _calibration() -> None:
    counts: dict[str, int] = {}
    for number in range(50_000):
        counts[str(number % 100)] = number


def _microseconds(work: Callable[[], object], times: int = 10) -> float:
    best = float("inf")
    for _ in range(5):
        begin = time.thread_time()
        for _ in range(times):
            work()
        best = min(best, time.thread_time() - begin)
    return best / times * 1e6
