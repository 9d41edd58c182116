"""How a phrase stands in a message: typed by hand, copied from a wallet, a note, a photo's text. Each is a class."""

import random
from collections.abc import Callable

from bench.held_out.family_b.slips import one_letter
from bench.held_out.family_b.voices import Voice
from bench.held_out.sample import STRAY, Piece

Writing = Callable[[random.Random, list[str], Voice], list[Piece]]


def row(words: list[str], between: Callable[[int], str], first: str = "", start: int = 0) -> list[Piece]:
    """`between(n)` stands before the n-th word, n from 1; `first` before word 0."""
    pieces: list[Piece] = []
    for at, word in enumerate(words):
        lead = between(at) if at else first
        pieces += [(lead, None), (word, start + at)] if lead else [(word, start + at)]
    return pieces


def _same(*choices: str) -> Writing:
    def write(rng: random.Random, words: list[str], _: Voice) -> list[Piece]:
        mark = rng.choice(choices)
        return row(words, lambda _: mark)

    return write


def in_a_line(rng: random.Random, words: list[str], _: Voice) -> list[Piece]:
    """With spaces; a thumb gives two now and then, or a line ends where the field did."""
    if rng.random() < 0.7:
        return row(words, lambda _: " ")
    other, share = rng.choice([("  ", 0.15), ("\n", 0.2), ("   ", 0.1), (" \n", 0.15), ("\u3000", 0.2)])
    return row(words, lambda _: other if rng.random() < share else " ")


def commas(rng: random.Random, words: list[str], voice: Voice) -> list[Piece]:
    usual = voice.comma if voice.comma and rng.random() < 0.6 else ", "
    careless = rng.random() < 0.35
    return row(words, lambda _: rng.choice([usual, usual, ",", " ,", " , ", " "]) if careless else usual)


def commas_and_end(rng: random.Random, words: list[str], voice: Voice) -> list[Piece]:
    """a, b, c and d."""
    last = len(words) - 1
    pieces = row(words[:last], lambda _: ", ")
    return [*pieces, (f" {rng.choice([voice.joint, '&'])} ", STRAY), (words[last], last)]


def numbers_in_lines(rng: random.Random, words: list[str], voice: Voice) -> list[Piece]:
    after = rng.choice([". ", ". ", ". ", ") ", " ", ".", "- ", " - ", ": ", ":", ".) ", " : ", ", ", "\t", "_ ", "/ "])
    number = _numbers(rng, voice)
    end = rng.choice(["\n"] * 8 + ["\n\n", " \n", ",\n", ".\n", ";\n"])
    return row(words, lambda at: f"{end}{number(at)}{after}", f"{number(0)}{after}")


def numbers_in_a_row(rng: random.Random, words: list[str], voice: Voice) -> list[Piece]:
    after = rng.choice([". ", ".", " ", ")", ") ", "-", ":", ": ", "", "="])
    end = rng.choice([" ", " ", "  ", ", ", ",", "; ", " / ", " | "]) if after else rng.choice([" ", "  ", ","])
    number = _numbers(rng, voice)
    return row(words, lambda at: f"{end}{number(at)}{after}", f"{number(0)}{after}")


def _numbers(rng: random.Random, voice: Voice) -> Callable[[int], str]:
    """Digits; for a few those of their script, two digits, brackets, or keycaps of the phone."""
    style = rng.choices(["digits", "two", "(", "#", "keycap", "own", "circle"], [80, 6, 4, 3, 1.5, 4, 1.5])[0]
    if style == "two":
        return lambda at: f"{at + 1:02}"
    if style in "(#":
        return lambda at: f"{style}{at + 1}"
    if style == "keycap":
        return lambda at: "".join(f"{digit}\ufe0f\u20e3" for digit in str(at + 1))
    if style == "own" and voice.digits:
        return lambda at: "".join(voice.digits[int(digit)] for digit in str(at + 1))
    if style == "circle":
        return lambda at: chr((0x2460 if at < 20 else 0x3251 - 20) + at)
    return lambda at: str(at + 1)


def lost_count(rng: random.Random, words: list[str], _: Voice) -> list[Piece]:
    """Numbered by hand, with a number twice or left out, or none at all for some words."""
    shift = rng.choice([-1, 1])
    at_which = rng.randrange(2, len(words) - 1)
    end, after = rng.choice(["\n", " ", ", "]), rng.choice([". ", " ", "."])

    def lead(at: int) -> str:
        number = at + 1 + (shift if at >= at_which else 0)
        return f"{end}{number}{after}" if rng.random() < 0.93 else end

    return row(words, lead, f"1{after}")


def grid(rng: random.Random, words: list[str], _: Voice) -> list[Piece]:
    """Rows of two, three, four or six, as on the card of the box."""
    width = rng.choice([2, 3, 3, 4, 4, 6])
    gap = rng.choice(["  ", " ", "    ", "\t", " - ", ", ", " | "])
    number = rng.choice(["", "", "{n}. ", "{n} ", "{n}.", "{n}) "])
    return row(words, lambda at: (gap if at % width else "\n") + number.format(n=at + 1), number.format(n=1))


def grid_by_columns(rng: random.Random, words: list[str], _: Voice) -> list[Piece]:
    """The card is read across but numbered down."""
    columns = rng.choice([2, 2, 3, 4])
    height = -(-len(words) // columns)
    after, gap = rng.choice([". ", " ", ".", ") "]), rng.choice(["  ", " ", "\t", "      "])
    pieces: list[Piece] = []
    for line in range(height):
        for at in range(line, len(words), height):
            lead = "" if not pieces else "\n" if at == line else gap
            pieces += [(f"{lead}{at + 1}{after}", None), (words[at], at)]
    return pieces


def copied_screen(rng: random.Random, words: list[str], voice: Voice) -> list[Piece]:
    """Selected and copied from a wallet's page: the number in one line, the word in the next, buttons around."""
    number = rng.choice(["{n}\n", "{n}.\n", "{n}\n\n", "{n}. ", "{n}"])
    end = rng.choice(["\n", "\n", "\n\n"])
    head, foot = voice.screen
    pieces = row(words, lambda at: end + number.format(n=at + 1), number.format(n=1))
    if rng.random() < 0.6:
        return [(f"{head}\n", None), *pieces, (f"\n{foot}", None)]
    return pieces


def photo_text(rng: random.Random, words: list[str], voice: Voice) -> list[Piece]:
    """What the phone read on a screenshot, with the clock above and the button below."""
    head = rng.choice(["9:41  LTE 87%\n", "21:07 5G ▮▮▮\n< Back\n", "10:22 ☰\n", ""])
    end, after = rng.choice(["\n", "\n", " ", "  "]), rng.choice([" ", ". ", ".", ""])
    pieces = row(words, lambda at: f"{end}{at + 1}{after}", f"1{after}")
    return [(f"{head}{voice.screen[0]}\n", None), *pieces, (f"\n{voice.screen[1]}", None)]


def labelled(rng: random.Random, words: list[str], voice: Voice) -> list[Piece]:
    label = rng.choice([voice.label, voice.label.lower(), voice.label.capitalize()])
    after = rng.choice([": ", ": ", " ", " - ", "= ", ". "])
    end = rng.choice(["\n", "\n", ", ", " "])
    return row(words, lambda at: end + label.format(n=at + 1) + after, label.format(n=1) + after)


def bullets(rng: random.Random, words: list[str], _: Voice) -> list[Piece]:
    mark = rng.choice(["- ", "- ", "* ", "• ", "· ", "– ", "+ ", "> ", "✔ ", "→ ", "☐ "])
    return row(words, lambda _: f"\n{mark}", mark)


def full_stops(rng: random.Random, words: list[str], _: Voice) -> list[Piece]:
    """The phone makes a full stop of two spaces, and a capital after it."""
    dotted = [word[:1].upper() + word[1:] for word in words] if rng.random() < 0.7 else words
    return row(dotted, lambda _: ". ")


def run_together(rng: random.Random, words: list[str], _: Voice) -> list[Piece]:
    """With spaces, but one or two of them were not hit."""
    lost = set(rng.sample(range(1, len(words)), rng.choice([1, 1, 2])))
    return row(words, lambda at: "" if at in lost else " ")


def halves(rng: random.Random, words: list[str], voice: Voice) -> list[Piece]:
    half = len(words) // 2
    mark = rng.choice([" ", ", ", "\n"])
    first, second = rng.choice([voice.halves, ("1-12:", "13-24:"), ("A)", "B)"), ("(1)", "(2)"), ("", "")])
    return [
        (f"{first} " if first else "", None),
        *row(words[:half], lambda _: mark),
        (f"\n{second} " if second else "\n\n", None),
        *row(words[half:], lambda _: mark, start=half),
    ]


def quoted(rng: random.Random, words: list[str], voice: Voice) -> list[Piece]:
    pair = rng.choice(['""', "()", "[]", "“”", "''", "<>", "{}", "``", *([voice.quotes] if voice.quotes else [])])
    if rng.random() < 0.8:
        return [(pair[0], None), *row(words, lambda _: " "), (pair[-1], None)]
    return [*row(words, lambda _: f"{pair[-1]}{rng.choice([' ', ', '])}{pair[0]}", pair[0]), (pair[-1], None)]


def note(rng: random.Random, words: list[str], voice: Voice) -> list[Piece]:
    """A note of the phone or an entry of a password manager, copied whole."""
    before, after = rng.choice([
        ("Name: MetaMask\nUsername: \nPassword: **********\nNotes: ", "\nFolder: Crypto"), ("🔐 wallet\n", "\n\npin on the card"),
        ("trust wallet 2021\n", "\nDO NOT LOSE"), ("Meridian\n0x71C7656EC7ab88b098defB751B7401B5f6d8976F\n", ""), ("Ledger nano\n\n", "\n\nKraken 2fa in the blue book"),
        ("—\nseed\n", "\n—"), ("BTC\n", "\nETH same"), (f"{voice.screen[0]}:\n", "\n(2/2)"), ("Subject: important\nFrom: me\nTo: me\n\n", "\n\nSent from my iPhone"),
    ])  # fmt: skip
    inner = rng.choice([in_a_line, _same("\n"), numbers_in_lines])
    return [(before, None), *inner(rng, words, voice), (after, None)]


def code(rng: random.Random, words: list[str], _: Voice) -> list[Piece]:
    """Of people who write programs."""
    form = rng.randrange(5)
    if form == 0:
        return [("```\n", None), *row(words, lambda _: " "), ("\n```", None)]
    if form == 1:
        return [('const mnemonic = "', None), *row(words, lambda _: " "), ('";', None)]
    if form == 2:
        return [('["', None), *row(words, lambda _: '", "'), ('"]', None)]
    if form == 3:
        return [("SEED_PHRASE=", None), *row(words, lambda _: " "), ("\nRPC_URL=http://localhost:8545", None)]
    return [("<p>", None), *row(words, lambda _: "<br>"), ("</p>", None)]


def asked(rng: random.Random, words: list[str], voice: Voice) -> list[Piece]:
    """One or two words cannot be read: a question mark, or what else it may be."""
    doubtful = set(rng.sample(range(1, len(words)), rng.choice([1, 1, 2])))
    form = rng.choice(["mark", "mark", "or"])
    pieces: list[Piece] = []
    for at, word in enumerate(words):
        pieces += [(" " if at else "", None), (word, at)]
        if at in doubtful and form == "mark":
            pieces.append((rng.choice(["?", " ?", "??", "(?)"]), None))
        elif at in doubtful:
            pieces += [(f" ({voice.either} ", STRAY), (one_letter(rng, word), at), (")", None)]
    return pieces


def stray(rng: random.Random, words: list[str], voice: Voice) -> list[Piece]:
    """A word of the writer's here and there: at most one on eight."""
    places = set(rng.sample(range(1, len(words)), rng.randint(1, len(words) // 8)))
    pieces: list[Piece] = []
    for at, word in enumerate(words):
        lead = f" {rng.choice(voice.fill)} " if at in places else " " if at else ""
        pieces += [(lead, STRAY), (word, at)]
    return pieces


def told(rng: random.Random, words: list[str], voice: Voice) -> list[Piece]:
    """Talk between each two words, or nearly."""
    share = rng.choice([1.0, 0.5])
    pieces: list[Piece] = []
    for at, word in enumerate(words):
        pieces += [
            (f", {rng.choice(voice.fill)} " if at and rng.random() < share else " " if at else "", STRAY),
            (word, at),
        ]
    return pieces


def backwards(_: random.Random, words: list[str], __: Voice) -> list[Piece]:
    order = list(reversed(range(len(words))))
    return [piece for at in order for piece in ((words[at], at), (" ", None))]


def twice(rng: random.Random, words: list[str], voice: Voice) -> list[Piece]:
    """Pasted two times."""
    inner = rng.choice([in_a_line, _same("\n")])
    return [*inner(rng, words, voice), (rng.choice(["\n", "\n\n", " "]), None), *inner(rng, words, voice)]


def numbers_in_words(rng: random.Random, words: list[str], voice: Voice) -> list[Piece]:
    """Read aloud: one apple, two banana; first apple, second banana."""
    names = rng.choice([voice.counted, voice.ordered])
    if rng.random() < 0.3:
        names = tuple(name[:1].upper() + name[1:] for name in names)
    names = (*names, *map(str, range(len(names) + 1, len(words) + 1)))
    after, end = rng.choice([" ", " ", ": ", " - ", ". ", ", ", " = "]), rng.choice(["\n", ", ", " ", "; ", ". "])
    return row(words, lambda at: f"{end}{names[at]}{after}", f"{names[0]}{after}")


def short_ordinals(rng: random.Random, words: list[str], _: Voice) -> list[Piece]:
    """1st, 2nd; 1º; 1er, 2e; 1-й; 第1; 1번."""
    form = rng.choice(
        [
            "st",
            "{n}º",
            "{n}ª",
            "{n}.º",
            "er",
            "{n}-й",
            "{n}-е",
            "第{n}",
            "第{n}个",
            "{n}番目",
            "{n}번",
            "{n}번째",
            "{n}.",
            "{n}e",
            "{n}ème",
            "ke-{n}",
        ]
    )
    ends = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 24: "th"}

    def number(at: int) -> str:
        n = at + 1
        if form == "st":
            return f"{n}{ends.get(n, 'th')}"
        return f"{n}{'er' if n == 1 else 'e'}" if form == "er" else form.format(n=n)

    after, end = rng.choice([" ", " ", ": ", " - ", ") "]), rng.choice(["\n", ", ", " ", "; "])
    return row(words, lambda at: f"{end}{number(at)}{after}", f"{number(0)}{after}")


def camel(rng: random.Random, words: list[str], _: Voice) -> list[Piece]:
    large = [word[:1].upper() + word[1:] for word in words]
    if rng.random() < 0.3:
        large[0] = words[0]
    return row(large, lambda _: "")


def glued(_: random.Random, words: list[str], __: Voice) -> list[Piece]:
    return row(words, lambda _: "")


def gaps_missing(rng: random.Random, words: list[str], _: Voice) -> list[Piece]:
    share = rng.choice([0.2, 0.4, 0.6])
    return row(words, lambda _: "" if rng.random() < share else " ")


def explained(rng: random.Random, words: list[str], voice: Voice) -> list[Piece]:
    """Some words with what the writer says of them in brackets."""
    notes = [*voice.fill, *voice.wait, "ok", "???", "sic", "!!", "maybe", voice.joint]
    pieces: list[Piece] = []
    for at, word in enumerate(words):
        pieces += [(" " if at else "", None), (word, at)]
        if rng.random() < 0.12:
            pieces.append((f" ({rng.choice(notes)})", STRAY))
    return pieces


WRITINGS: dict[str, tuple[float, Writing]] = {
    "in a line": (30, in_a_line),
    "one a line": (12, _same("\n", "\n", "\n", "\n\n", "\r\n", " \n", ",\n")),
    "numbers in lines": (14, numbers_in_lines),
    "numbers in a row": (8, numbers_in_a_row),
    "lost count": (1.5, lost_count),
    "commas": (8, commas),
    "commas and the last one": (1, commas_and_end),
    "grid": (5, grid),
    "grid by columns": (1.5, grid_by_columns),
    "copied from the screen": (4, copied_screen),
    "text of a photo": (2.5, photo_text),
    "labelled": (2.5, labelled),
    "bullets": (2, bullets),
    "dashes and slashes": (2.5, _same("-", " - ", "/", " / ", " – ", "_", "+", " + ", "...", " .. ", " > ", " | ", ";", "; ", " * ", " • ")),
    "full stops": (1.5, full_stops),
    "run together": (1.5, run_together),
    "two halves": (2, halves),
    "in quotes": (2, quoted),
    "from a note": (3, note),
    "code": (1, code),
    "asked": (1.5, asked),
    "stray word": (1.5, stray),
    "pasted twice": (1.2, twice),
    "wide gaps": (1.5, _same("  ", "\t", "\u3000", "\u00a0", "    ")),
    "numbers in words": (1, numbers_in_words),
    "short ordinals": (1, short_ordinals),
    "camel case": (0.5, camel),
    "without gaps": (1, glued),
    "gaps missing": (1, gaps_missing),
    "explained": (0.5, explained),
    "talk between each": (0.8, told),
    "backwards": (0.3, backwards),
}  # fmt: skip
GLUED: Writing = _same("")  # Chinese, by most
IDEOGRAPHIC: Writing = _same("\u3000")  # Japanese, as wallets give it
