"""Draws phrases of family C: who writes, of which list, what happened to the words, how they stand and are sent."""

import random
import unicodedata
from collections.abc import Iterator
from dataclasses import replace

from bench.held_out.family_c.sending import ONE_MESSAGE, SENDINGS, Messages, send
from bench.held_out.family_c.slips import ACCENTED, LATIN, LETTERS, SCRIPT, Entry, happen, possible
from bench.held_out.family_c.speech import NOTES, SCREENS, Voice, after, fill, voice, who
from bench.held_out.family_c.standing import OFTEN, weights
from bench.held_out.phrases import draw
from bench.held_out.promise import scope
from bench.held_out.sample import STRAY, Piece, Sample, build

KIND = "recovery_phrase"
LISTS = {
    "english": 30.0,
    "spanish": 8,
    "french": 6,
    "italian": 5,
    "portuguese": 6,
    "czech": 4,
    "japanese": 7,
    "korean": 6,
    "chinese_simplified": 8,
    "chinese_traditional": 4.5,
    "slip39": 4.5,
    "electrum_old": 3.5,
    "electrum_new": 3.5,
    "monero": 4,
}
# Twelve words lead: telephones make them; apparatus make twenty-four.
SIZES = {12: 62, 15: 4, 18: 6, 21: 3, 24: 25}
VALID = 0.9
# How somebody's keyboard or habit writes large and small letters.
CASES = {
    "as listed": 63.0,
    "first letter large": 15,
    "title case": 8,
    "capitals": 9,
    "some large": 4,
    "capitals locked": 0.6,
}
# What is told around the words.
AROUND = {
    "nothing": 34.0,
    "label": 16,
    "before": 24,
    "after": 8,
    "before and after": 11,
    "label and after": 4,
    "a note": 2,
    "a screen": 1.5,
}
PREFERRED = {
    "corrected by the keyboard": ["spaces", "spaces", "commas", "one a line"],
    "heard by a telephone": ["spaces"],
    "read by a camera": ["spaces", "rows", "numbered in a line", "numbered lines", "one a line", "two columns"],
    "full width": ["wide spaces", "spaces"],
}
MORE_OFTEN = 0.8


def chosen(rng: random.Random, table: dict[str, float]) -> str:
    return rng.choices(list(table), list(table.values()))[0]


def cased(rng: random.Random, case: str, entries: list[Entry]) -> list[Entry]:
    """Large letters as the writer makes them; "first letter large" is for `send`, which knows where lines begin."""

    def change(text: str) -> str:
        if case == "title case" or (case == "some large" and rng.random() < 0.3):
            return text[:1].upper() + text[1:]
        if case == "capitals":
            return text.upper()
        return text[:1] + text[1:].upper() if case == "capitals locked" else text

    return [entry if entry.index is None else replace(entry, text=change(entry.text)) for entry in entries]


def phrases(count: int, seed: int) -> Iterator[Sample]:
    rng = random.Random(f"C {seed}")
    for _ in range(count):
        yield phrase(rng)


def phrase(rng: random.Random) -> Sample:
    list_name = chosen(rng, LISTS)
    drawn = draw(rng, list_name, valid=rng.random() < VALID, sizes=SIZES)
    language = who(rng, list_name)
    said = voice(language)
    slip = chosen(rng, possible(list_name))
    entries = happen(rng, slip, drawn, list_name, said)
    if slip in LETTERS and list_name in ACCENTED and rng.random() < 0.3:
        entries = [replace(entry, text=_bare(entry.text)) for entry in entries]
    if [(entry.text, entry.tail) for entry in entries] == [(word, "") for word in drawn]:
        slip = "none"  # nothing in this phrase that could go wrong in this way
    case = chosen(rng, CASES) if SCRIPT.get(list_name, LATIN) == LATIN else "as listed"
    entries = cased(rng, case, entries)

    sending = chosen(rng, SENDINGS)
    table = weights(list_name)
    if sending not in ONE_MESSAGE:
        table = {name: table[name] for name in OFTEN}
    standing = chosen(rng, table)
    if sending in ONE_MESSAGE and slip in PREFERRED and rng.random() < MORE_OFTEN:
        standing = rng.choice(PREFERRED[slip])
    if standing == "hyphenated" and (slip != "none" or not _divisible(entries)):
        standing = "wrapped"
    large = case == "first letter large"
    messages, first = send(rng, sending, standing, entries, said, language, list_name, large=large)
    messages = around(rng, chosen(rng, AROUND), messages, first, language, list_name)

    written = list(drawn)
    for entry in first:
        if entry.index is not None:
            written[entry.index] = entry.text
    for index, text in _divided(messages):
        written[index] = text
    layout = standing if sending == "one message" else sending
    distortion = slip if slip != "none" else case if case != "as listed" else "none"
    return build(KIND, list_name, layout, distortion, messages, scope(drawn, written, messages))


def _bare(text: str) -> str:
    apart = unicodedata.normalize("NFD", text)
    return "".join(mark for mark in apart if unicodedata.category(mark) != "Mn")


def _divisible(entries: list[Entry]) -> bool:
    return any(len(entry.text) > 5 for entry in entries)


def _divided(messages: Messages) -> Iterator[tuple[int, str]]:
    """A word with a hyphen at the line's end is taken as it stands, which the promise counts as a stray word."""
    for pieces in messages:
        for text, index in pieces:
            if index is not None and index >= 0 and "-\n" in text:
                yield index, text


def _lines(pieces: list[Piece]) -> bool:
    return any("\n" in text for text, _ in pieces)


def _label(rng: random.Random, said: Voice, count: int, *, lines: bool) -> str:
    gap = rng.choice([": ", ": ", ":\n", " ", "\n", " - ", " = ", "："])
    if lines and rng.random() < 0.85:
        gap = rng.choice([":\n", "\n", "\n\n"])
    label = rng.choice(said["label"])
    if gap == "：" and label[-1] < "\u3000":  # a wide colon comes from an eastern keyboard
        gap = ": "
    for usual in ("12", "24"):
        label = label.replace(usual, str(count))
    return label + gap


def around(
    rng: random.Random, name: str, messages: Messages, entries: list[Entry], language: str, list_name: str
) -> Messages:
    """What is told before the words and after them, in the same message or in one of its own."""
    said = voice(language)
    readable = [entry for entry in entries if entry.index is not None]
    shown = {index for pieces in messages for _, index in pieces}
    readable = [entry for entry in readable if entry.index in shown]
    named: dict[str, Piece] = {}
    for hole, entry in (("word", rng.choice(readable)), ("last", readable[-1]), ("first", readable[0])):
        named[hole] = (entry.text, entry.index)
    messages = [list(pieces) for pieces in messages]

    if name == "a screen":
        top, bottom = rng.choice(SCREENS)
        messages[0].insert(0, (top, STRAY))
        messages[-1].append((bottom, STRAY))
    elif name == "a note":
        messages[0] = [*fill(rng, rng.choice(NOTES), language, list_name), *messages[0]]
    elif name.startswith("label"):
        messages[0].insert(0, (_label(rng, said, len(entries), lines=_lines(messages[0])), None))
    elif name.startswith("before"):
        telling = fill(rng, rng.choice(said["before"]), language, list_name)
        if rng.random() < (0.22 if len(messages) == 1 else 0.6):
            messages.insert(0, telling)
        else:
            gaps = ["\n", "\n", "\n\n", "\n\n\n"] + ([] if _lines(messages[0]) and rng.random() < 0.85 else [" "] * 3)
            gaps += [] if telling[-1][0][-1] in ":：?？。！!" else [": ", ". "]
            messages[0] = [*telling, (rng.choice(gaps), None), *messages[0]]
    elif rng.random() < 0.1:
        messages[-1].append((rng.choice([".", " ", "\n", ". ", "!"]), None))
    if name.endswith("after"):
        telling = fill(rng, after(rng, language), language, list_name, named)
        if rng.random() < (0.2 if len(messages) == 1 else 0.5):
            messages.append(telling)
        else:
            messages[-1] += [(rng.choice(["\n", "\n\n", " ", ". ", ", "]), None), *telling]
    return messages
