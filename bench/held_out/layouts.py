"""The ways in which people put a phrase into one message. Each is a class of its own in the report."""

import json
import random
from collections.abc import Callable

from bench.held_out.sample import Piece

Person = dict[str, object]
Layout = Callable[[random.Random, list[str], Person], list[Piece]]

COMMAS = [", ", ",", "，", "、", "، ", "; ", ";", "；", " ; ", "､", "٫ ", " , ", ",\n", "。", ". ", " . "]
STROKES = [
    " - ", "-", " – ", " — ", "_", " / ", "/", " | ", "|", " \\ ", " · ", "・", " • ", "•", " * ", "*", " + ", "+",
    " > ", " -> ", " → ", "➡️", " => ", " >> ", " ~ ", " = ", " : ", ":", " & ", " ... ", "…", "..", " ‖ ", " ⁄ ", "%20",
    "&", " x ", "^",
]  # fmt: skip
SPACES = ["  ", "   ", "\t", "\u00a0", "\u3000", "\u2003", "\u2009", " \t ", "      "]
LINES = ["\n", "\r\n", "\n\n", "\n \n", "\r", "\u2028", " \n", "\n\n\n"]
UNSEEN = ["\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u200e", "\u200f", "\u202a", "\ufe0f"]
QUOTES = [
    '""',
    "''",
    "“”",
    "‘’",
    "«»",
    "„“",
    "「」",
    "『』",
    "《》",
    "‹›",
    "``",
    "()",
    "[]",
    "{}",
    "<>",
    "【】",
    "（）",
    "**",
]
EMOJI = ["🙏", "😭", "👉", "🔑", "✅", "❗", "💔", "➡️", "🔸", "😢🙏", "❤️", "👇🏽"]
SCRIPTS = {
    "arabic": "٠١٢٣٤٥٦٧٨٩",
    "persian": "۰۱۲۳۴۵۶۷۸۹",
    "thai": "๐๑๒๓๔๕๖๗๘๙",
    "devanagari": "०१२३४५६७८९",
    "bengali": "০১২৩৪৫৬৭৮৯",
    "wide": "０１２３４５６７８９",
}
AFTER = [
    ". ",
    ".",
    ") ",
    ")",
    ": ",
    ":",
    "- ",
    " - ",
    "-",
    " ",
    " = ",
    "=",
    "/ ",
    "、",
    "．",
    "º ",
    "° ",
    ".- ",
    "번 ",
    "> ",
    "_",
]
ROMAN = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv", "xvi", "xvii", "xviii", "xix", "xx", "xxi", "xxii", "xxiii", "xxiv", "xxv", "xxvi", "xxvii", "xxviii", "xxix", "xxx", "xxxi", "xxxii", "xxxiii"]  # fmt: skip
ENGLISH = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"]  # fmt: skip
ORDINAL = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth"]  # fmt: skip


def joined(words: list[str], between: Callable[[], str]) -> list[Piece]:
    pieces: list[Piece] = []
    for index, word in enumerate(words):
        if index:
            pieces.append((between(), None))
        pieces.append((word, index))
    return pieces


def around(words: list[str], make: Callable[[int], tuple[str, str]], between: str) -> list[Piece]:
    """Each word between what `make` gives for its index."""
    pieces: list[Piece] = []
    for index, word in enumerate(words):
        before, after = make(index)
        pieces += [((between if index else "") + before, None), (word, index), (after, None)]
    return pieces


def _one_of(choices: list[str]) -> Layout:
    def layout(rng: random.Random, words: list[str], _: Person) -> list[Piece]:
        chosen = rng.choice(choices)
        return joined(words, lambda: chosen)

    return layout


def spaces(_: random.Random, words: list[str], __: Person) -> list[Piece]:
    return joined(words, lambda: " ")


def mixed_separators(rng: random.Random, words: list[str], _: Person) -> list[Piece]:
    chosen = [rng.choice([" ", ", ", "\n"]), rng.choice(COMMAS), rng.choice(STROKES[:20]), " "]
    return joined(words, lambda: rng.choice(chosen))


def unbroken(_: random.Random, words: list[str], __: Person) -> list[Piece]:
    return joined(words, lambda: "")


def camel(_: random.Random, words: list[str], __: Person) -> list[Piece]:
    return joined([word[:1].upper() + word[1:] for word in words], lambda: "")


def _number(rng: random.Random) -> Callable[[int], str]:
    style = rng.choice(["plain"] * 12 + ["padded", "circled", "keycap", "roman", "han", "letter", "zero", *SCRIPTS])
    if style == "padded":
        return lambda at: f"{at + 1:02}"
    if style == "circled":
        return lambda at: chr(0x2460 + at) if at < 20 else chr(0x3251 + at - 20)
    if style == "keycap":
        return lambda at: "".join(digit + "\ufe0f\u20e3" for digit in str(at + 1))
    if style == "roman":
        return (lambda at: ROMAN[at].upper()) if rng.random() < 0.5 else (lambda at: ROMAN[at])
    if style == "han":
        return _han
    if style == "letter":
        return lambda at: chr(97 + at % 26)
    if style == "zero":
        return str
    if style in SCRIPTS:
        digits = SCRIPTS[style]
        return lambda at: "".join(digits[int(digit)] for digit in str(at + 1))
    return lambda at: str(at + 1)


def _han(at: int) -> str:
    ones, tens = (at + 1) % 10, (at + 1) // 10
    digit: list[str] = ["", *"一二三四五六七八九"]
    return (digit[tens] if tens > 1 else "") + ("十" if tens else "") + digit[ones]


def numbered(rng: random.Random, words: list[str], _: Person) -> list[Piece]:
    number, after = _number(rng), rng.choice(AFTER)
    before = rng.choice([""] * 6 + ["(", "#", "[", "№", "no.", "No ", "n°", "-"])
    between = rng.choice(["\n"] * 5 + [" "] * 4 + [", ", "\n\n", "  ", "\t", "; ", "\r\n", " / "])
    if before == "(":
        after = ") "
    if before == "[":
        after = "] "
    return around(words, lambda at: (before + number(at) + after, ""), between)


def numbered_close(rng: random.Random, words: list[str], _: Person) -> list[Piece]:
    """1abandon 2ability, as forms and screenshots give it."""
    return around(words, lambda at: (str(at + 1), ""), rng.choice([" ", "\n", "", ",", "  "]))


def number_after(rng: random.Random, words: list[str], _: Person) -> list[Piece]:
    before, after = rng.choice(
        [(" (", ")"), ("-", ""), (" ", ""), ("", ""), (" #", ""), (" [", "]"), ("=", ""), (" - ", ".")]
    )
    return around(words, lambda at: ("", f"{before}{at + 1}{after}"), rng.choice(["\n", ", ", " ", "; "]))


def labelled(rng: random.Random, words: list[str], person: Person) -> list[Piece]:
    label = str(person["label"])
    label = rng.choice([label, label.lower(), label.capitalize()])
    return around(words, lambda at: (label.format(n=at + 1), ""), rng.choice(["\n", ", ", " ", "; ", "\n\n"]))


def told(rng: random.Random, words: list[str], person: Person) -> list[Piece]:
    before, after = str(person["is"]).split("{w}")
    return around(words, lambda at: (before.format(n=at + 1), after), rng.choice([", ", ". ", "\n", "; ", " "]))


def ordinals(rng: random.Random, words: list[str], _: Person) -> list[Piece]:
    names, end = (ORDINAL, "th") if rng.random() < 0.6 else (ENGLISH, "")
    spelled = rng.random() < 0.6
    after = rng.choice([" ", ": ", " is ", " - ", " word ", " = "])

    def label(at: int) -> tuple[str, str]:
        return (names[at] if spelled and at < len(names) else f"{at + 1}{end}") + after, ""

    return around(words, label, rng.choice([" ", ", ", "\n", ". "]))


def table_rows(rng: random.Random, words: list[str], _: Person) -> list[Piece]:
    columns = rng.choice([2, 3, 4, 6])
    number = rng.choice(["", "{n}. ", "{n:>2} ", "{n}"])
    between = rng.choice(["    ", "\t", " | ", " │ ", "  ", ",", " ; "])
    pieces: list[Piece] = []
    for at, word in enumerate(words):
        lead = "" if at == 0 else "\n" if at % columns == 0 else between
        pieces += [(lead + number.format(n=at + 1), None), (word, at)]
    return pieces


def table_columns(rng: random.Random, words: list[str], _: Person) -> list[Piece]:
    """Read down, written across: 1. a  7. g / 2. b  8. h."""
    columns = rng.choice([2, 3, 4])
    height = -(-len(words) // columns)
    after = rng.choice([". ", " ", ") ", ": ", ""])
    between = rng.choice(["    ", "\t", " | ", "  "])
    pieces: list[Piece] = []
    for row in range(height):
        for column in range(columns):
            at = column * height + row
            if at < len(words):
                lead = between if column else "\n" if row else ""
                pieces += [(f"{lead}{at + 1}{after}", None), (words[at], at)]
    return pieces


def markdown_table(rng: random.Random, words: list[str], _: Person) -> list[Piece]:
    head = rng.choice(["| # | word |\n|---|---|\n", "| No. | Word |\n| --- | :---: |\n", ""])
    return [(head, None), *around(words, lambda at: (f"| {at + 1} | ", " |"), "\n")]


def box_table(_: random.Random, words: list[str], __: Person) -> list[Piece]:
    rule = "+----+------------+\n"
    body = around(words, lambda at: (f"| {at + 1:>2} | ", " " * max(0, 10 - len(words[at])) + " |"), "\n")
    return [(rule, None), *body, ("\n" + rule, None)]


def json_like(rng: random.Random, words: list[str], _: Person) -> list[Piece]:
    form = rng.randrange(7)
    if form == 0:
        return [("[", None), *around(words, lambda _: ('"', '"'), rng.choice([",", ", ", ",\n  "])), ("]", None)]
    if form == 1:
        return [('{"mnemonic": "', None), *joined(words, lambda: " "), ('", "path": "m/44\'/60\'/0\'/0/0"}', None)]
    if form == 2:
        return [("{", None), *around(words, lambda at: (f'"{at + 1}": "', '"'), ", "), ("}", None)]
    if form == 3:
        return [("['", None), *joined(words, lambda: "', '"), ("']", None)]
    if form == 4:
        return [('{\\"seed\\":\\"', None), *joined(words, lambda: " "), ('\\"}', None)]
    if form == 5:
        body = around(words, lambda at: (f'{{"index":{at},"word":"', '"}'), ",")
        return [('{"words":[', None), *body, ("]}", None)]
    escaped = [json.dumps(word)[1:-1] for word in words]
    return [('{"phrase":"', None), *joined(escaped, lambda: " "), ('"}', None)]


def csv(rng: random.Random, words: list[str], _: Person) -> list[Piece]:
    mark = rng.choice([",", ";", "\t"])
    quote = rng.choice(["", '"'])
    head = rng.choice(["", f"no{mark}word\n", f"index{mark}value\n"])
    return [(head, None), *around(words, lambda at: (f"{at + 1}{mark}{quote}", quote), "\n")]


def html(rng: random.Random, words: list[str], _: Person) -> list[Piece]:
    before, after, between = rng.choice([
        ("<li>", "</li>", ""), ("<li>", "</li>", "\n"), ("", "", "<br>"), ("", "", "<br/>\n"), ("<td>", "</td>", ""),
        ("", "", "&nbsp;"), ('<span class="word">', "</span>", " "), ("<p>", "</p>", "\n"), ("<b>", "</b>", ", "),
        ('<div class="mnemonic-word" data-index="0">', "</div>", ""), ('<input value="', '">', "\n"),
    ])  # fmt: skip
    return [("<ol>", None), *around(words, lambda _: (before, after), between), ("</ol>", None)]


def markdown(rng: random.Random, words: list[str], _: Person) -> list[Piece]:
    before, after, between = rng.choice([
        ("- ", "", "\n"), ("* ", "", "\n"), ("+ ", "", "\n"), ("**", "**", " "), ("`", "`", " "), ("_", "_", " "),
        ("> ", "", "\n"), ("- [ ] ", "", "\n"), ("- [x] ", "", "\n"), ("• ", "", "\n"), ("1. ", "", "\n"), ("## ", "", "\n"),
        ("||", "||", " "), ("➤ ", "", "\n"), ("✓ ", "", "\n"), ("*", "*", ", "),
    ])  # fmt: skip
    return around(words, lambda _: (before, after), between)


def quoted(rng: random.Random, words: list[str], _: Person) -> list[Piece]:
    pair = rng.choice(QUOTES)
    return around(words, lambda _: (pair[0], pair[-1]), rng.choice([" ", ", ", ",", "\n", "", " + "]))


def groups(rng: random.Random, words: list[str], _: Person) -> list[Piece]:
    size = rng.choice([3, 4, 6])
    label = rng.choice(["", "{first}-{last}: ", "line {line}: ", "- "])
    between = rng.choice(["\n", "\n\n", " / ", " | ", "\n---\n"])
    pieces: list[Piece] = []
    for at, word in enumerate(words):
        start = label.format(first=at + 1, last=at + size, line=at // size + 1)
        lead = " " if at % size else (between if at else "") + start
        pieces += [(lead, None), (word, at)]
    return pieces


def emoji(rng: random.Random, words: list[str], _: Person) -> list[Piece]:
    chosen = rng.sample(EMOJI, 2)
    space = rng.choice(["", " "])
    return joined(words, lambda: space + rng.choice(chosen) + space)


LAYOUTS: dict[str, Layout] = {
    "spaces": spaces,
    "odd spaces": _one_of(SPACES),
    "commas": _one_of(COMMAS),
    "strokes": _one_of(STROKES),
    "one a line": _one_of(LINES),
    "mixed separators": mixed_separators,
    "numbered": numbered,
    "numbered, no gap": numbered_close,
    "number after": number_after,
    "labelled": labelled,
    "told in words": told,
    "ordinals": ordinals,
    "table by rows": table_rows,
    "table by columns": table_columns,
    "markdown table": markdown_table,
    "box table": box_table,
    "JSON": json_like,
    "CSV": csv,
    "HTML": html,
    "markdown": markdown,
    "quoted words": quoted,
    "groups": groups,
    "emoji between": emoji,
    "camel case": camel,
    "unbroken": unbroken,
}
