"""How the words of family D stand: plain ways, and what phones, papers, wallets and programs make of them."""

import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bench.held_out.family_d.errors import slip
from bench.held_out.family_d.numbers import STYLES, numbers, numerals
from bench.held_out.family_d.voices import people, pick, voices
from bench.held_out.sample import STRAY, Piece


@dataclass(slots=True)
class Written:
    """Each word with its number and signs, what stands between two of them, and around all."""

    cells: list[list[Piece]]
    gaps: list[list[Piece]]
    head: str = ""
    tail: str = ""
    breaks: set[int] = field(default_factory=set)  # gaps at which a row ends


Layout = Callable[[random.Random, list[str], str], Written]  # words, language of the person


def cell(word: str, index: int, before: str = "", after: str = "") -> list[Piece]:
    pieces: list[Piece] = [(before, None), (word, index), (after, None)] if word else [(before + "___" + after, None)]
    return [piece for piece in pieces if piece[0]]


def joined(words: list[str], gap: str | Sequence[str], before: list[str] | None = None, after: str = "") -> Written:
    """The words in their order. `gap`: the same everywhere, or one for each."""
    cells = [cell(word, at, before[at] if before else "", after) for at, word in enumerate(words)]
    gaps = [gap] * (len(words) - 1) if isinstance(gap, str) else list(gap)
    breaks = {at for at, text in enumerate(gaps) if "\n" in text}
    return Written(cells, [[(text, None)] for text in gaps], breaks=breaks)


def separated(*choices: tuple[str, float]) -> Layout:
    """The same sign between all words."""
    return lambda rng, words, _language: joined(words, pick(rng, dict(choices)))


def uneven(rng: random.Random, words: list[str], _language: str) -> Written:
    gaps = [" "] * (len(words) - 1)
    for at in rng.sample(range(len(gaps)), rng.choice([1, 1, 2, 3])):
        gaps[at] = rng.choice(["  ", "  ", ", ", "\n", ". ", " , ", "   "])
    return joined(words, gaps)


def rows(rng: random.Random, words: list[str], _language: str) -> Written:
    width, gap = rng.choice([2, 3, 3, 4, 4, 6, 6]), rng.choice([" ", " ", " ", ", ", "  ", "\t", " - "])
    return joined(words, ["\n" if at % width == 0 else gap for at in range(1, len(words))])


def wrapped(rng: random.Random, words: list[str], _language: str) -> Written:
    """Broken where a screen or mail program ended its line."""
    width, used, gaps = rng.choice([28, 34, 40, 64, 72]), len(words[0]), []
    for word in words[1:]:
        used += len(word) + 1
        gaps.append(" " if used <= width else "\n")
        used = used if used <= width else len(word)
    return joined(words, gaps)


def numbered(gap: dict[str, float], own: bool = False, styles: str = "plain") -> Layout:
    def lay(rng: random.Random, words: list[str], language: str) -> Written:
        style = pick(rng, STYLES[styles])
        marks = numerals(language, len(words)) if own else numbers(len(words))
        two = len(marks) > 9 and "0{n}" in style
        before = [style.replace("0{n}", mark.zfill(2) if two else mark).replace("{n}", mark) for mark in marks]
        return joined(words, pick(rng, gap), before)

    return lay


def numbered_with_word(rng: random.Random, words: list[str], language: str) -> Written:
    style = rng.choice(voices()[language]["word"])
    gap = pick(rng, {"\n": 70, " ": 12, ", ": 12, "\n\n": 6})
    return joined(words, gap, [style.replace("{n}", mark) for mark in numbers(len(words))])


def ordinals(rng: random.Random, words: list[str], language: str) -> Written:
    known = people()["ordinals"].get(language, "{n}.")
    marks = known if isinstance(known, list) else [known.replace("{n}", mark) for mark in numbers(len(words))]
    sign = rng.choice([" ", ": ", " - "])
    return joined(words, pick(rng, {"\n": 60, ", ": 25, " ": 15}), [mark + sign for mark in marks])


def number_behind(rng: random.Random, words: list[str], _language: str) -> Written:
    style, gap = rng.choice([" ({n})", " {n}", " - {n}", "({n})", " #{n}"]), pick(rng, {"\n": 65, ", ": 20, " ": 15})
    written = joined(words, gap)
    for at, pieces in enumerate(written.cells):
        pieces.append((style.replace("{n}", str(at + 1)), None))
    return written


def drawn_numbers(*sets: str) -> Layout:
    """Circled, keycap, lettered, Roman: one of the sets, each mark with a space or line."""

    def lay(rng: random.Random, words: list[str], _language: str) -> Written:
        style = rng.choice(sets)
        gap = pick(rng, {"\n": 65, " ": 35})
        return joined(words, gap, [mark + rng.choice([" "]) for mark in numbers(len(words), style)])

    return lay


def grid(rng: random.Random, words: list[str], _language: str) -> Written:
    """Numbered, two to four beside each other, read across."""
    width, style, gap = (
        rng.choice([2, 3, 3, 4]),
        pick(rng, STYLES["plain"]),
        rng.choice(["  ", "   ", "\t", " ", " | "]),
    )
    before = [style.replace("0{n}", "{n}").replace("{n}", mark) for mark in numbers(len(words))]
    return joined(words, ["\n" if at % width == 0 else gap for at in range(1, len(words))], before)


def columns(rng: random.Random, words: list[str], _language: str, mark: bool = True) -> Written:
    """Columns of a card, copied across."""
    width, style, gap = rng.choice([2, 2, 3]), pick(rng, STYLES["plain"]), rng.choice(["   ", "\t", "  ", " "])
    height = -(-len(words) // width)
    order = [at for row in range(height) for at in range(row, len(words), height)]
    heads = [style.replace("0{n}", "{n}").replace("{n}", str(at + 1)) if mark else "" for at in order]
    written = joined([words[at] for at in order], ["\n" if b < a else gap for a, b in itertools.pairwise(order)])
    written.cells = [cell(words[at], at, head) for at, head in zip(order, heads, strict=True)]
    return written


def crosswise(rng: random.Random, words: list[str], language: str) -> Written:
    """Columns without numbers, read across by whoever copied the picture."""
    return columns(rng, words, language, mark=False)


def numbers_apart(rng: random.Random, words: list[str], _language: str) -> Written:
    """Text recognition reads the column of numbers first."""
    sign = rng.choice([".", "", ""])
    marks = [mark + sign for mark in numbers(len(words))]
    written = joined(words, "\n")
    written.head = rng.choice(["\n", "\n", " "]).join(marks) + "\n"
    return written


def bullets(rng: random.Random, words: list[str], _language: str) -> Written:
    mark = pick(rng, {"- ": 40, "• ": 24, "* ": 12, "– ": 6, "✅ ": 3, "· ": 4, "-": 6, "👉 ": 2, "> ": 2, "☐ ": 1})
    return joined(words, "\n", [mark] * len(words))


def quoted(rng: random.Random, words: list[str], _language: str) -> Written:
    marks = rng.choice(['""', '""', "''", "“”", "«»", "„“", "()", "[]", "``", "「」"])
    written = joined(words, pick(rng, {" ": 80, ", ": 15, "-": 5}))
    written.head, written.tail = marks[0], marks[1]
    return written


def each_quoted(rng: random.Random, words: list[str], _language: str) -> Written:
    marks = rng.choice(['""', "''", "“”", "[]", "()", "「」", "<>"])
    return joined(words, pick(rng, {", ": 40, " ": 40, ",": 10, "\n": 10}), [marks[0]] * len(words), marks[1])


def code(rng: random.Random, words: list[str], _language: str) -> Written:
    way = rng.randrange(8)
    if way < 2:
        written = joined(words, rng.choice([", ", ",", ",\n  "]), ['"'] * len(words), '"')
        written.head, written.tail = rng.choice([("[", "]"), ('{"mnemonic": [', "]}"), ("words = [", "]")])
    elif way == 2:
        marks = [f'"{at + 1}": "' for at in range(len(words))]
        written = joined(words, rng.choice([", ", ",\n  "]), marks, '"')
        written.head, written.tail = "{", "}"
    elif way == 3:
        written = joined(words, "\n", ["<li>"] * len(words), "</li>")
        written.head, written.tail = rng.choice([("<ol>\n", "\n</ol>"), ("", "")])
    else:
        written = joined(words, " ")
        written.head, written.tail = rng.choice(
            [
                ('MNEMONIC="', '"'),
                ('{"mnemonic": "', '", "path": "m/44\'/60\'/0\'/0/0"}'),
                ("const mnemonic = '", "';"),
                ("mnemonic: ", "\npassphrase: "),
                ("```\n", "\n```"),
                ('"seed": "', '",'),
                ("export SEED_PHRASE='", "'"),
            ]
        )
    return written


def table(rng: random.Random, words: list[str], _language: str) -> Written:
    left, right, head = rng.choice(
        [("| {n} | ", " |", "| # | word |\n|---|---|\n"), ("{n}\t", "", ""), ("{n},", "", "n,word\n"), ("{n};", "", "")]
    )
    written = joined(words, "\n", [left.replace("{n}", mark) for mark in numbers(len(words))], right)
    written.head = head
    return written


def quoted_mail(rng: random.Random, words: list[str], language: str) -> Written:
    written = rng.choice([rows, wrapped, wrapped, numbered({"\n": 1}), separated(("\n", 1))])(rng, words, language)
    mark = rng.choice(["> ", "> ", ">", ">> ", "| "])
    written.gaps = [[(text.replace("\n", "\n" + mark), None) for text, _ in gap] for gap in written.gaps]
    written.head = rng.choice(people()["quotes"]) + mark
    return written


def dictated(rng: random.Random, words: list[str], _language: str) -> Written:
    """The phone sets stops and capitals as it hears pauses."""
    gaps = [pick(rng, {" ": 80.0, ", ": 12, ". ": 8}) for _ in words[1:]]
    caps = [True, *(gap == ". " for gap in gaps)]
    spoken = [word[:1].upper() + word[1:] if cap else word for word, cap in zip(words, caps, strict=True)]
    written = joined(spoken, gaps)
    written.tail = rng.choice([".", "", ""])
    return written


def dictated_numbers(rng: random.Random, words: list[str], language: str) -> Written:
    known: dict[str, str] = people()["spoken"]
    marks = known.get(language, known["en"]).split()
    head = rng.choice(["", "", "number "]) if language not in known or language == "en" else ""
    return joined(words, pick(rng, {" ": 80.0, ", ": 20}), [f"{head}{mark} " for mark in marks])


def spoken_commas(_rng: random.Random, words: list[str], language: str) -> Written:
    word = people()["comma"].get(language, "comma")
    written = joined(words, " ")
    written.gaps = [[(" ", None), (word, STRAY), (" ", None)] for _ in written.gaps]
    return written


def last_and(_rng: random.Random, words: list[str], language: str) -> Written:
    written = joined(words, ", ")
    word = people()["and"].get(language, "and")
    written.gaps[-1] = [(" ", None), (word, STRAY), (" ", None)]
    return written


def framed(heads: list[str], tails: list[str], ways: list[Layout]) -> Layout:
    def lay(rng: random.Random, words: list[str], language: str) -> Written:
        written = rng.choice(ways)(rng, words, language)
        written.head, written.tail = rng.choice(heads) + written.head, written.tail + rng.choice(tails)
        return written

    return lay


def question_marks(rng: random.Random, words: list[str], language: str) -> Written:
    """One or two words could not be read for certain."""
    written = rng.choice([separated((" ", 1)), numbered({"\n": 1})])(rng, words, language)
    for at in rng.sample(range(len(words)), rng.choice([1, 1, 2])):
        written.cells[at].append((rng.choice(["?", " (?)", "??", " ?", "(?)"]), None))
    return written


def second_guess(rng: random.Random, words: list[str], language: str) -> Written:
    written = rng.choice([separated((" ", 1)), numbered({"\n": 1})])(rng, words, language)
    at = rng.randrange(len(words))
    left, right = rng.choice([(" (", "?)"), ("/", ""), (" / ", ""), (" (", ")")])
    other = slip(rng, slip(rng, words[at], language), language) if len(words[at]) > 3 else words[at - 1]
    written.cells[at] += [(left, None), (other or "?", STRAY), (right, None)]
    return written


def taken_back(rng: random.Random, words: list[str], language: str) -> Written:
    """A wrong word, and at once the right one."""
    written = separated((" ", 3), (", ", 1))(rng, words, language)
    at = rng.randrange(1, len(words))
    known: dict[str, list[str]] = people()["no"]
    wrong = words[at][: max(1, len(words[at]) // 2)]
    said: list[Piece] = [
        (wrong, STRAY),
        (" ", None),
        (rng.choice(known.get(language, known["en"])), STRAY),
        (" ", None),
    ]
    written.cells[at] = [*said, *written.cells[at]]
    return written
