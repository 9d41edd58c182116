"""What the people of family D write around the words, and in how many messages they send them."""

import random

from bench.held_out.family_d.errors import slip
from bench.held_out.family_d.layouts import Written, joined
from bench.held_out.family_d.voices import RIGHT_TO_LEFT, people, pick, say, voices
from bench.held_out.sample import STRAY, Piece

Messages = list[list[Piece]]
PLANS: dict[str, float] = {
    "one message": 83,
    "talk first": 8.5,
    "talk around": 2.6,
    "in two parts": 2.4,
    "a row a message": 1.4,
    "a word a message": 0.7,
    "corrected afterwards": 1.2,
    "last word afterwards": 0.6,
    "sent twice": 0.5,
    "talk between the words": 2.6,
    "answered between": 1,
    "only some of the words": 0.5,
}
WHOLE = {"one message", "talk first", "talk around"}  # these leave the layout as it is
# Layouts that come out of a program or picture and are sent as one.
UNSPLIT = {
    "code or JSON", "in quotes", "wallet screen", "note or password manager", "numbers apart from words", "table",
    "quoted mail", "numbered columns", "columns read crosswise", "taken back at once", "run together",
}  # fmt: skip
FRAMES: dict[str, float] = {
    "bare": 23,
    "label": 16,
    "opening": 25,
    "opening, ending": 19,
    "ending": 7,
    "opening, label": 7,
    "mail": 3,
}
UNSPACED = {"zh", "zh-Hant", "ja", "th"}


def body(written: Written, start: int = 0, stop: int | None = None) -> list[Piece]:
    """The cells from `start` to `stop` with what stands between them."""
    stop = len(written.cells) if stop is None else stop
    out: list[Piece] = [(written.head, None)] if start == 0 and written.head else []
    for at in range(start, stop):
        out += written.cells[at]
        if at + 1 < stop:
            out += written.gaps[at]
    if stop == len(written.cells) and written.tail:
        out.append((written.tail, None))
    return out


def send(rng: random.Random, written: Written, language: str, layout: str) -> tuple[Messages, str]:
    """The messages, and the name of the way if the words did not come whole."""
    size = len(written.cells)
    plan = pick(rng, PLANS)
    if layout in UNSPLIT and plan not in WHOLE:
        plan = "one message"
    if plan == "a word a message" and size > 15 and rng.random() < 0.7:
        plan = "a row a message"
    if plan == "one message":
        return [frame(rng, body(written), language, size, pick(rng, FRAMES))], layout
    if plan in {"talk first", "talk around"}:
        kind = pick(
            rng, {"bare": 70.0, "label": 15, "ending": 15} if plan == "talk first" else {"bare": 85.0, "label": 15}
        )
        out: Messages = [_talk(rng, language, size), frame(rng, body(written), language, size, kind)]
        if plan == "talk around":
            out.append([(say(rng, language, "endings", size), STRAY)])
        return out, layout
    return _before(rng, SPLITS[plan](rng, written, language), language, size), plan


def _talk(rng: random.Random, language: str, size: int) -> list[Piece]:
    if rng.random() < 0.2:
        return [(rng.choice(voices()[language]["labels"]), None)]
    return [(say(rng, language, "openings", size), STRAY)]


def _before(rng: random.Random, messages: Messages, language: str, size: int) -> Messages:
    """Talk before and after what comes in parts: as messages of their own, or none."""
    if rng.random() < 0.5:
        messages = [_talk(rng, language, size), *messages]
    elif rng.random() < 0.4:
        messages[0] = frame(rng, messages[0], language, size, "opening")
    if rng.random() < 0.25:
        messages = [*messages, [(say(rng, language, "endings", size), STRAY)]]
    return messages


def frame(rng: random.Random, pieces: list[Piece], language: str, size: int, kind: str) -> list[Piece]:
    """The words with the sentences of one message around them."""
    many = sum("\n" in text for text, _ in pieces) > 2
    pieces = _directed(rng, pieces, language)
    if rng.random() < 0.015:  # the address that belongs to it
        pieces = [*pieces, (rng.choice(["\n", "\n\n", " "]) + "0x" + rng.randbytes(20).hex(), STRAY)]
    if kind == "mail":
        subjects = people()["subjects"]
        head = subjects.get(language, subjects["en"]) if rng.random() < 0.5 else ""
        opening, ending = say(rng, language, "openings", size), say(rng, language, "endings", size)
        return [(head, None), (opening, STRAY), ("\n\n", None), *pieces, ("\n\n", None), (ending, STRAY)]
    if "label" in kind:
        label = rng.choice(voices()[language]["labels"])
        closed = label.endswith((":", "：", "-", "="))
        gap = pick(rng, {"\n": 85.0, "\n\n": 10, " ": 5} if many else {" ": 62.0, "\n": 30, "": 8 if closed else 0})
        pieces = [(label + gap, None), *pieces]
    if "opening" in kind:
        opening = say(rng, language, "openings", size)
        pieces = [(opening, STRAY), (_joint(rng, opening, language, many), None), *pieces]
    if "ending" in kind:
        gaps = {"\n": 48.0, "\n\n": 16, " ": 16, ". ": 8, ", ": 6, " - ": 1, "  ": 2}
        if language in UNSPACED:
            gaps = {"\n": 55.0, "\n\n": 12, " ": 18, "，" if language.startswith("zh") else "\u3000": 10}
        if many:
            gaps = {"\n": 70.0, "\n\n": 30}
        pieces = [*pieces, (pick(rng, gaps), None), (say(rng, language, "endings", size), STRAY)]
    return pieces


def _joint(rng: random.Random, opening: str, language: str, many: bool) -> str:
    if many:
        return pick(rng, {"\n": 76.0, "\n\n": 20, " ": 4})
    if opening[-1] in ":：" or not opening[-1].isalnum():
        return pick(rng, {" ": 52.0, "\n": 34, "\n\n": 12, "": 2})
    if language in UNSPACED:
        return pick(rng, {"\n": 45.0, " ": 25, "：": 14, ":": 4, "，": 6, "\n\n": 6})
    return pick(rng, {" ": 34.0, "\n": 30, ": ": 16, "\n\n": 9, ". ": 4, " - ": 2, ":": 2, ", ": 2, "... ": 1})


def _directed(rng: random.Random, pieces: list[Piece], language: str) -> list[Piece]:
    """Marks of direction that keyboards and chat programs add to Latin words in Arabic, Hebrew, Persian, Urdu."""
    if language not in RIGHT_TO_LEFT or rng.random() > 0.1:
        return pieces
    left, right = rng.choice([("\u2066", "\u2069"), ("\u200e", ""), ("\u200f", ""), ("\u202a", "\u202c")])
    return [(left, None), *pieces, (right, None)]


def _halves(rng: random.Random, written: Written, language: str) -> Messages:
    size = len(written.cells)
    cut = size // 2 if rng.random() < 0.7 else rng.randrange(3, size - 2)
    parts = [body(written, 0, cut), body(written, cut)]
    way = rng.random()
    if way < 0.35:
        gap = rng.choice([" ", "\n"])
        labels = voices()[language]["half"]
        return [[(label + gap, None), *part] for label, part in zip(labels, parts, strict=True)]
    if way < 0.5:
        parts[1] = [(rng.choice(voices()[language]["short"]), STRAY), (" ", None), *parts[1]]
    return parts


def _rows(rng: random.Random, written: Written, _language: str) -> Messages:
    width = rng.choice([3, 3, 4, 4, 6])
    size = len(written.cells)
    return [body(written, at, min(at + width, size)) for at in range(0, size, width)]


def _words(_rng: random.Random, written: Written, _language: str) -> Messages:
    return [body(written, at, at + 1) for at in range(len(written.cells))]


def _corrected(rng: random.Random, written: Written, language: str) -> Messages:
    at = rng.randrange(len(written.cells))
    word = next((piece for piece in written.cells[at] if piece[1] is not None and piece[1] >= 0), None)
    if word is None:
        return [body(written)]
    right, index = word
    # Of short words, as in Chinese and Korean, a wholly different one was taken.
    others = [text for cell in written.cells for text, of in cell if of is not None and of not in (STRAY, index)]
    wrong = slip(rng, right, language) if len(right) > 2 else rng.choice(others)
    written.cells[at] = [(wrong, index) if piece == word else piece for piece in written.cells[at]]
    said = rng.choice(voices()[language]["asides"])
    number = rng.choice(voices()[language]["word"]).replace("{n}", str(at + 1))
    ways: list[tuple[list[Piece], float]] = [
        ([("*", None), (right, index)], 40),
        ([(right, index), ("*", None)], 20),
        ([(f"{at + 1}. ", None), (right, index)], 10),
        ([(number, None), (right, index)], 15),
        ([(wrong, index), (rng.choice([" -> ", " = ", " → "]), None), (right, index)], 8),
        ([(said, STRAY), (" ", None), (right, index)], 7),
    ]
    return [body(written), rng.choices([way for way, _ in ways], [weight for _, weight in ways])[0]]


def _last(rng: random.Random, written: Written, language: str) -> Messages:
    size = len(written.cells)
    number = rng.choice(voices()[language]["word"]).replace("{n}", str(size))
    short = rng.choice(voices()[language]["short"])
    heads: list[list[Piece]] = [[], [("+ ", None)], [(number, None)], [(short, STRAY), (" ", None)]]
    last = body(written, size - 1)
    numbered = any(index is None and any(mark.isnumeric() for mark in text) for text, index in last)
    return [body(written, 0, size - 1), [*([] if numbered else rng.choice(heads)), *last]]


def _twice(rng: random.Random, written: Written, _language: str) -> Messages:
    first = body(written)
    if rng.random() < 0.5:
        return [first, list(first)]
    words = {index: text for text, index in first if index is not None and index >= 0}
    again = joined([words.get(at, "") for at in range(len(written.cells))], rng.choice([" ", "\n", ", "]))
    return [first, body(again)]


def _asides(rng: random.Random, written: Written, language: str) -> Messages:
    for at in rng.sample(range(len(written.gaps)), rng.choice([1, 1, 1, 2])):
        said = rng.choice(voices()[language][rng.choice(["short", "asides"])])
        if rng.random() < 0.3:
            said = f"({said})"
        written.gaps[at] = [*written.gaps[at], (said, STRAY), *written.gaps[at]]
    return [body(written)]


def _answered(rng: random.Random, written: Written, language: str) -> Messages:
    parts = _rows(rng, written, language) if rng.random() < 0.5 else _halves(rng, written, language)
    out: Messages = []
    for at, part in enumerate(parts):
        if at and (at == 1 or rng.random() < 0.3):
            out.append([(rng.choice(voices()[language][rng.choice(["short", "asides", "asides"])]), STRAY)])
        out.append(part)
    return out


def _some(rng: random.Random, written: Written, _language: str) -> Messages:
    return [body(written, 0, min(len(written.cells) - 1, rng.randrange(6, 12)))]


SPLITS = {
    "in two parts": _halves,
    "a row a message": _rows,
    "a word a message": _words,
    "corrected afterwards": _corrected,
    "last word afterwards": _last,
    "sent twice": _twice,
    "talk between the words": _asides,
    "answered between": _answered,
    "only some of the words": _some,
}
