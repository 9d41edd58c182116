"""How the words of one message stand: with what between, numbered or not, in which markup."""

import random
from itertools import pairwise

from bench.held_out.family_c.markup import marked_up
from bench.held_out.family_c.rows import batched, joined, word
from bench.held_out.family_c.slips import Entry
from bench.held_out.family_c.speech import Voice
from bench.held_out.sample import STRAY, Piece

# By weight, for words that are written with spaces. Those of one line and of one message are told apart below.
STANDINGS = {
    "spaces": 30.0,
    "commas": 8.5,
    "one a line": 8.5,
    "numbered lines": 10,
    "numbered in a line": 7,
    "number above word": 1.5,
    "empty lines between": 1.8,
    "rows": 3.5,
    "wrapped": 2,
    "hyphenated": 0.7,
    "double spaces": 1.2,
    "uneven spaces": 1,
    "mixed signs": 1.2,
    "non-breaking spaces": 0.8,
    "wide spaces": 0.2,
    "some spaces missing": 1.8,
    "run together": 1,
    "camel case": 0.5,
    "semicolons": 0.9,
    "slashes": 1.1,
    "dots": 1.5,
    "ellipses": 0.7,
    "arrows": 0.9,
    "pipes": 0.7,
    "dashes": 1.8,
    "plus signs": 0.5,
    "underscores": 0.3,
    "tabs": 0.8,
    "emoji": 1,
    "bullets": 1.8,
    "labelled words": 1.8,
    "ordinals": 0.8,
    "numbers in letters": 0.8,
    "keys": 0.8,
    "two columns": 1,
    "numbers first": 0.3,
    "table": 0.9,
    "csv": 0.8,
    "json": 1.2,
    "yaml": 0.3,
    "html": 0.3,
    "environment": 0.5,
    "quoted words": 1.2,
    "bracketed words": 0.5,
    "in quotes": 1.5,
    "in brackets": 1,
    "code block": 1.1,
    "mail quote": 1,
    "chat copied": 0.5,
    "last with and": 0.8,
    "spoken commas": 0.15,
    "one then another": 0.2,
    "columns read down": 0.1,
}
# Where no spaces are written, words run together more, and the input method's own space and marks stand between.
EAST: dict[str, dict[str, float]] = {
    "japanese": {"wide spaces": 24, "run together": 3, "spaces": 24, "dots": 2, "camel case": 0, "hyphenated": 0},
    "chinese": {"wide spaces": 3, "run together": 22, "spaces": 24, "dots": 3, "camel case": 0, "hyphenated": 0},
    "korean": {"wide spaces": 0.2, "run together": 2, "camel case": 0, "hyphenated": 0},
}
# The telephone makes the first letter of a line large.
LINES = {"one a line", "numbered lines", "empty lines between", "bullets", "number above word"}
# What somebody writes who sends several messages.
OFTEN = ["spaces", "commas", "one a line", "numbered lines", "numbered in a line", "rows", "dots", "labelled words"]

BETWEEN: dict[str, list[str]] = {
    "spaces": [" "],
    "commas": [", ", ", ", ", ", ",", ",", " , ", ",  "],
    "semicolons": ["; ", ";", " ; "],
    "slashes": [" / ", "/", " // "],
    "dots": [". ", ".", " . ", " · ", " • "],
    "ellipses": ["... ", "..", "…", "...", " .. "],
    "arrows": [" -> ", " → ", ">", " > ", " => ", "->", " ➡ "],
    "pipes": [" | ", "|"],
    "dashes": [" - ", "-", " – ", "–", " -- ", " — "],
    "plus signs": [" + ", "+"],
    "underscores": ["_", " _ "],
    "tabs": ["\t"],
    "emoji": [" 🔑 ", "➡️", " 👉 ", " ✅ ", "🔹", " ❤️ ", " 🙏 "],
    "double spaces": ["  ", "   "],
    "non-breaking spaces": ["\u00a0"],
    "wide spaces": ["\u3000"],
    "one a line": ["\n", "\n", "\n", "\n", "\r\n", " \n", ",\n"],
    "empty lines between": ["\n\n", "\n\n\n"],
    "run together": [""],
    "camel case": [""],
}
BETWEEN_EAST = {"commas": ["，", "、", ",", ", ", "， "], "dots": ["。", "・", ".", "·"], "semicolons": ["；", ";"]}
NUMBERED = [
    "{n}. {w}", "{n}. {w}", "{n}. {w}", "{n}.{w}", "{n}.{w}", "{n}) {w}", "{n}) {w}", "{n}){w}", "{n}- {w}", "{n}-{w}",
    "{n} - {w}", "{n} {w}", "{n} {w}", "#{n} {w}", "({n}) {w}", "({n}){w}", "{n}: {w}", "{n}:{w}", "{n}/ {w}", "{n}_{w}",
    "[{n}] {w}", "{n:02d}. {w}", "{n:02d} {w}", "n°{n} {w}", "{o} {w}", "{o}{w}", "{n}.\t{w}", "{n}\t{w}", "{n}={w}", "{n}{w}", "{n})- {w}",
    "{k} {w}", "{n}º {w}", "{n}.- {w}", "{n}*{w}", "{n},{w}", "{w} ({n})", "{w} {n}", "№{n} {w}", "**{n}.** {w}", "{n}→{w}",
]  # fmt: skip
NUMBERED_EAST = [
    "{n}、{w}",
    "{n}.{w}",
    "{n}．{w}",
    "（{n}）{w}",
    "{o}{w}",
    "{n} {w}",
    "{f} {w}",
    "{n}：{w}",
    "{n}. {w}",
]
EASTERN_DIGITS = {"ar": "٠١٢٣٤٥٦٧٨٩", "fa": "۰۱۲۳۴۵۶۷۸۹", "hi": "०१२३४५६७८९", "th": "๐๑๒๓๔๕๖๗๘๙"}
AFTER_NUMBER = {"{w} ({n})", "{w} {n}"}


def weights(list_name: str) -> dict[str, float]:
    return {**STANDINGS, **EAST.get(list_name.partition("_")[0], {})}


def numbered(rng: random.Random, entries: list[Entry], between: str, language: str) -> list[Piece]:
    style = rng.choice(NUMBERED_EAST if language.startswith(("zh", "ja")) and rng.random() < 0.6 else NUMBERED)
    if style in {"{n} {w}", "{w} {n}"} and any(mark.isdigit() for entry in entries for mark in entry.text):
        style = "{n}. {w}"
    if between == " " and style in AFTER_NUMBER:
        between = ", "
    digits = EASTERN_DIGITS.get(language, "") if rng.random() < 0.25 else ""
    rows: list[list[Piece]] = []
    for entry in entries:
        before, _, after = style.partition("{w}")
        row = [
            (_number(before, entry.number, digits), None),
            *word(entry),
            (_number(after, entry.number, digits), None),
        ]
        rows.append([piece for piece in row if piece[0]])
    return joined(rows, between)


def _number(form: str, number: int, digits: str = "") -> str:
    circled = chr(0x2460 + number - 1) if number <= 20 else chr(0x3251 + number - 21)
    keycap = "".join(f"{digit}\ufe0f\u20e3" for digit in str(number))
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in str(number))
    text = form.format(n=number, o=circled, k=keycap, f=wide)
    return "".join(digits[int(mark)] if digits and mark in "0123456789" else mark for mark in text)


def stand(rng: random.Random, name: str, entries: list[Entry], said: Voice, language: str) -> list[Piece]:
    """The words of one message, as `name` says."""
    words = [word(entry) for entry in entries]
    east = language.startswith(("zh", "ja"))
    if name in BETWEEN:
        choice = BETWEEN_EAST.get(name, BETWEEN[name]) if east and rng.random() < 0.7 else BETWEEN[name]
        if name == "commas" and language in {"ar", "fa"} and rng.random() < 0.5:
            choice = ["، ", "،"]
        between = rng.choice(choice)
        if name == "camel case":
            words = [[(text[:1].upper() + text[1:], index) for text, index in row] for row in words]
        return joined(words, between)
    if name in {"uneven spaces", "mixed signs", "some spaces missing", "wrapped"}:
        return _uneven(rng, name, words)
    if name == "numbered lines":
        return numbered(rng, entries, rng.choice(["\n", "\n", "\n", "\n\n", "\r\n", " \n"]), language)
    if name == "numbered in a line":
        return numbered(rng, entries, rng.choice([" ", " ", " ", ", ", ",", "  ", "; ", " | "]), language)
    if name == "rows":
        inside = rng.choice([" ", " ", "  ", "\t", ", "])
        return joined([joined(row, inside) for row in batched(words, rng.choice([2, 3, 4, 4, 5, 6]))], "\n")
    return _by_line(rng, name, entries, said)


def _by_line(rng: random.Random, name: str, entries: list[Entry], said: Voice) -> list[Piece]:
    words = [word(entry) for entry in entries]
    if name == "bullets":
        sign = rng.choice(["- ", "* ", "• ", "-", "· ", "> ", "🔹 ", "☑️ ", "– "])
        return joined([[(sign, None), *row] for row in words], "\n")
    if name == "number above word":
        sign = rng.choice(["{n}\n", "{n}.\n", "{n}\n\n"])
        return joined([[(sign.format(n=entry.number), None), *word(entry)] for entry in entries], "\n")
    if name == "two columns":
        return _columns(rng, entries)
    if name == "columns read down":
        half = (len(words) + 1) // 2
        return joined([joined(words[at::half], "    ") for at in range(half)], "\n")
    if name == "numbers first":
        numbers = " ".join(str(entry.number) for entry in entries)
        return [(numbers + rng.choice(["\n", " "]), None), *joined(words, " ")]
    if name == "last with and":
        return [*joined(words[:-1], ", "), (f" {said['and'][0]} ", STRAY), *words[-1]]
    if name in {"spoken commas", "one then another"}:
        between = f" {said['comma' if name == 'spoken commas' else 'then'][0]} "
        return joined(words, between, STRAY)
    if name in {"labelled words", "ordinals", "numbers in letters"}:
        return _told(rng, name, entries, said)
    if name == "hyphenated":
        return _hyphenated(rng, entries)
    return marked_up(rng, name, entries, words)


def _uneven(rng: random.Random, name: str, words: list[list[Piece]]) -> list[Piece]:
    gaps: list[str] = []
    width, line = rng.randrange(22, 64), 0
    missing = set(rng.sample(range(len(words)), max(1, len(words) // rng.choice([4, 6, 10]))))
    for at, (row, after) in enumerate(pairwise([*words, []])):
        line += sum(len(text) for text, _ in row) + 1
        if name == "uneven spaces":
            gaps.append(" " * rng.choice([1, 1, 1, 2, 3, 5]))
        elif name == "mixed signs":
            gaps.append(rng.choice([" ", " ", " ", ", ", ",", "\n", ". ", " - "]))
        elif name == "some spaces missing":
            gaps.append("" if at in missing else " ")
        elif line + sum(len(text) for text, _ in after) > width:
            gaps.append("\n")
            line = 0
        else:
            gaps.append(" ")
    pieces: list[Piece] = []
    for row, gap in zip(words[:-1], gaps, strict=False):
        pieces += [*row, (gap, None)] if gap else row
    return [*pieces, *words[-1]]


def _columns(rng: random.Random, entries: list[Entry]) -> list[Piece]:
    """Numbered, in columns that are read down: each line holds words from different places of the phrase."""
    columns = rng.choice([2, 2, 3])
    high = -(-len(entries) // columns)
    style = rng.choice(["{n}. ", "{n} ", "{n}.", "{n}) "])
    gap = rng.choice(["   ", "\t", "      ", " | ", "  "])
    lines = []
    for at in range(high):
        line = [[(style.format(n=entry.number), None), *word(entry)] for entry in entries[at::high]]
        lines.append(joined(line, gap))
    return joined(lines, "\n")


def _told(rng: random.Random, name: str, entries: list[Entry], said: Voice) -> list[Piece]:
    """A label before each word. Who has no more ordinals or numbers in mind goes on with digits."""
    between = rng.choice(["\n", "\n", ", ", " "])
    form = rng.choice(said["ordinal"]) if name == "ordinals" and "ordinal" in said else rng.choice(said["word"])
    names = said.get({"ordinals": "ordinals", "numbers in letters": "numbers"}.get(name, ""), [])
    bare = name == "numbers in letters" and bool(names)
    if bare:
        between = rng.choice([" ", " ", ", ", "\n"])
        form = rng.choice(["{o}", "{o}", "{o}:", "{o} -"])
    large = name == "ordinals" and rng.random() < 0.3
    rows: list[list[Piece]] = []
    for entry in entries:
        at = entry.number - 1
        label = names[at] if 0 <= at < len(names) else str(entry.number)
        label = form.format(n=entry.number, o=label)
        rows.append([((label[:1].upper() + label[1:] if large else label) + " ", None), *word(entry)])
    return joined(rows, between)


def _hyphenated(rng: random.Random, entries: list[Entry]) -> list[Piece]:
    """A narrow column: lines are full, and one word was divided at the end of a line."""
    long = [at for at, entry in enumerate(entries) if len(entry.text) > 5 and entry.index is not None]
    divided = rng.choice(long) if long else -1
    rows: list[list[Piece]] = []
    for at, entry in enumerate(entries):
        if at == divided:
            cut = rng.randrange(3, len(entry.text) - 1)
            rows.append([(f"{entry.text[:cut]}-\n{entry.text[cut:]}", entry.index)])
        else:
            rows.append(word(entry))
    per_line = rng.choice([3, 4, 5])
    pieces: list[Piece] = []
    for at, row in enumerate(rows):
        gap = "\n" if at and (at - max(divided, 0)) % per_line == 0 and at != divided else " "
        pieces += [(gap, None), *row] if at else row
    return pieces
