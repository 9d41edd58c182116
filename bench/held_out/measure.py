"""Runs the redaction over samples and counts: what stays readable, and what is hidden without need."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import sqrt

from bench.held_out.keys import BARE
from bench.held_out.sample import Sample, Span, left_letters, left_run
from holdfast import redaction

RUN = 3  # as many consecutive words of a phrase may not be left
LETTERS = {"private_key": 12, "card_number": 7, "one_time_code": 3, "password": 3}  # as many characters may not be left
MOST = 48  # pieces of one author that the desk looks at together
BEFORE = 8  # messages before the first piece of a phrase that are looked at again
Z = 1.96  # of the 95 % interval


def lower(hits: int, count: int) -> float:
    """The lower end of Wilson's 95 % interval of a share."""
    if not count:
        return 0.0
    return _wilson(hits, count, Z)[0]


def upper(hits: int, count: int, z: float) -> float:
    """The upper end of Wilson's interval of `z` standard deviations."""
    return _wilson(hits, count, z)[1]


def _wilson(hits: int, count: int, z: float) -> tuple[float, float]:
    share = hits / count
    middle = share + z * z / (2 * count)
    half = z * sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    scale = 1 + z * z / count
    return max(0.0, middle - half) / scale, min(1.0, (middle + half) / scale)


@dataclass
class Tally:
    hits: int = 0
    count: int = 0

    def add(self, hit: bool) -> None:
        self.hits += hit
        self.count += 1

    @property
    def misses(self) -> int:
        return self.count - self.hits

    def __str__(self) -> str:
        share = self.hits / self.count if self.count else 0.0
        return f"{share:8.3%} of {self.count:>6}, at least {lower(self.hits, self.count):8.3%}, missed {self.misses}"


@dataclass
class Recall:
    whole: Tally = field(default_factory=Tally)
    by: dict[str, dict[str, Tally]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(Tally)))
    missed: list[Sample] = field(default_factory=list)

    def add(self, sample: Sample) -> None:
        hit = masked(sample)
        self.whole.add(hit)
        for heading, name in (
            ("kind", sample.kind),
            ("list", sample.list_name),
            ("layout", sample.layout),
            ("words", sample.distortion),
            ("class", f"{sample.layout} / {sample.distortion}"),
        ):
            self.by[heading][name].add(hit)
        if not hit:
            self.missed.append(sample)


def hidden(messages: tuple[str, ...]) -> tuple[list[list[Span]], list[str]]:
    """The hidden spans of each message of a conversation, and each message as it is stored in the end: as the desk
    takes them in (conversations/intake and fragments), one after the other, and looks at pieces again when a phrase
    was found beside them."""
    spans: list[list[Span]] = []
    stored: list[str] = []
    held: list[int] = []
    found = running = False

    def hide(place: int) -> None:
        spans[place], stored[place] = [(0, len(messages[place]))], ""

    for place, text in enumerate(messages):
        done = redaction.redact(text)
        spans.append([(finding.start, finding.end) for finding in done.findings])
        stored.append(done.text)
        if any(finding.kind == "recovery_phrase" for finding in done.findings):
            found = running = True
            for other in held[-MOST:]:
                hide(other)
            held = held[:-MOST]
        elif redaction.may_be_piece(done.text, running=running):
            running = True
            held.append(place)
            looked_at = held[-MOST - 1 :]
            joined = redaction.join([stored[each] for each in looked_at])
            if joined is None and redaction.looks_back([stored[each] for each in looked_at]):
                looked_at = [*range(max(0, looked_at[0] - BEFORE), looked_at[0]), *looked_at]
                joined = redaction.join([stored[each] for each in looked_at])
            if joined is not None:
                found = True
                together = [looked_at[at] for at in joined.pieces]
                # The message that completes it is stored as its marker.
                for other in {*together, place}:
                    hide(other)
                held = [each for each in held if each not in {*together, place}]
    first = next((place for place, of_message in enumerate(spans) if of_message), 0)
    for place in sorted({*held, *range(max(0, first - BEFORE), first)}) if found else ():
        if redaction.is_left_over(stored[place]):
            hide(place)
    return spans, stored


def masked(sample: Sample) -> bool:
    """Whether nothing that can be used is left, by the findings' places and in the text that is stored."""
    spans, stored = hidden(sample.messages)
    if sample.kind != "recovery_phrase":
        if left_letters(sample, spans) >= LETTERS[sample.kind]:
            return False
        return not any(
            sample.messages[word.message][word.start : word.end] in stored[word.message] for word in sample.words
        )
    if left_run(sample, spans) >= RUN:
        return False
    return not any(
        first.message == third.message
        and sample.messages[first.message][first.start : third.end] in stored[first.message]
        for first, third in zip(sample.words, sample.words[RUN - 1 :], strict=False)
    )


def recall(samples: Iterable[Sample]) -> Recall:
    counted = Recall()
    for sample in samples:
        counted.add(sample)
    return counted


def by_scope(samples: Iterable[Sample]) -> dict[str, Recall]:
    """What is promised, and what is beyond: each counted for itself."""
    counted: dict[str, Recall] = defaultdict(Recall)
    for sample in samples:
        counted[sample.scope].add(sample)
    return counted


def bare_hex(sample: Sample) -> bool:
    """64 hex digits without a word: nobody can say whether a key or a hash; hidden as ambiguous."""
    return sample.layout == "alone" and sample.distortion in {*BARE, "evm_hex_bare"}  # as families C and D say it


@dataclass
class Alarms:
    """What was found in texts without a secret."""

    bytes: int = 0
    texts: int = 0
    found: Counter[str] = field(default_factory=Counter)  # by certainty
    shown: list[tuple[str, str, str]] = field(default_factory=list)  # certainty, kind, excerpt

    @property
    def loud(self) -> int:
        return self.found["certain"] + self.found["high"]

    def add(self, text: str) -> None:
        self.bytes += len(text.encode())
        self.texts += 1
        self.look(text)

    def look(self, text: str) -> None:
        for finding in redaction.redact(text).findings:
            self.found[str(finding.certainty)] += 1
            excerpt = text[max(0, finding.start - 20) : finding.end + 10].replace("\n", " ")
            self.shown.append((str(finding.certainty), str(finding.kind), excerpt[:160]))
