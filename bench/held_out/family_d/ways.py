"""How often each layout of family D is, by the script of the words and the language of the person."""

from functools import cache

from bench.held_out.family_d import layouts as of
from bench.held_out.family_d.layouts import Layout, framed, numbered, separated
from bench.held_out.family_d.voices import people

LINES = {"lines", "numbered lines", "numbered in own digits", "numbered with a word", "bullets", "blank lines between"}
_ONE, _LINES = separated((" ", 1)), separated(("\n", 1))
_NUMBERED = numbered({"\n": 1})
_SCREENS, _MANAGERS = people()["screens"], people()["managers"]
_SCREEN = framed(
    _SCREENS["heads"],
    _SCREENS["tails"],
    [numbered({"\n": 1}, styles="plain"), of.grid, lambda _rng, words, _: of.joined(words, "\n", _bare(len(words)))],
)
_MANAGER = framed(_MANAGERS["heads"], _MANAGERS["tails"], [_ONE, _ONE, _ONE, _LINES, _NUMBERED, of.rows])


def _bare(count: int) -> list[str]:
    return [f"{at + 1}\n" for at in range(count)]


SPECIAL: dict[str, tuple[Layout, float]] = {
    "rows": (of.rows, 3.4),
    "blank lines between": (separated(("\n\n", 1)), 0.7),
    "broken by the screen": (of.wrapped, 1),
    "numbered grid": (of.grid, 2),
    "numbered columns": (of.columns, 1),
    "columns read crosswise": (of.crosswise, 0.25),
    "numbers apart from words": (of.numbers_apart, 0.4),
    "numbered with a word": (of.numbered_with_word, 1.2),
    "ordinal numbers": (of.ordinals, 0.5),
    "number behind the word": (of.number_behind, 0.5),
    "circled or keycap numbers": (of.drawn_numbers("circled", "keycaps", "keycaps", "dots"), 0.6),
    "bullets": (of.bullets, 1.2),
    "in quotes": (of.quoted, 1.3),
    "each in quotes": (of.each_quoted, 0.5),
    "code or JSON": (of.code, 1),
    "table": (of.table, 0.5),
    "quoted mail": (of.quoted_mail, 1),
    "note or password manager": (_MANAGER, 1.5),
    "wallet screen": (_SCREEN, 1.3),
    "with question marks": (of.question_marks, 0.5),
    "taken back at once": (of.taken_back, 0.4),
    "emoji between": (separated(*((f" {mark} ", 1.0) for mark in people()["between"])), 0.3),
}
LATIN: dict[str, tuple[Layout, float]] = SPECIAL | {
    "line": (_ONE, 44),
    "line, uneven": (of.uneven, 2.4),
    "lines": (_LINES, 13),
    "numbered lines": (_NUMBERED, 23),
    "numbered in a line": (numbered({" ": 70, ", ": 20, "  ": 8, "; ": 2}), 6),
    "commas": (separated((", ", 72), (",", 16), (" , ", 5), (" ,", 4), (",  ", 3)), 8),
    "commas and line ends": (separated((",\n", 8), (".\n", 1), (" ,\n", 1), (";\n", 1)), 0.7),
    "commas and a last and": (of.last_and, 0.5),
    "wide spaces": (separated(("  ", 5), ("\t", 3), ("   ", 2), ("\u00a0", 2), ("    ", 1)), 1.2),
    "dashes": (separated((" - ", 10), ("-", 8), (" – ", 2), (" -", 1), ("--", 0.5)), 1.4),
    "other signs": (
        separated((" / ", 4), ("/", 3), (" | ", 3), (". ", 4), ("; ", 3), (" + ", 2), ("_", 2), (".", 2), (" > ", 2),
                  (" • ", 2), (" → ", 1), (" * ", 1), ("\\", 0.3), (" ... ", 1.5), ("...", 1), (" : ", 0.7)),
        1.5,
    ),
    "run together": (separated(("", 1)), 0.2),
    "letters or Roman numbers": (of.drawn_numbers("letters", "letters", "roman", "ROMAN"), 0.25),
    "dictated": (of.dictated, 1),
    "dictated with numbers": (of.dictated_numbers, 0.5),
    "spoken commas": (of.spoken_commas, 0.15),
    "second guess of a word": (of.second_guess, 0.4),
}  # fmt: skip
JAPANESE: dict[str, tuple[Layout, float]] = SPECIAL | {
    "line": (separated((" ", 45), ("\u3000", 55)), 52),
    "line, uneven": (of.uneven, 1.5),
    "lines": (_LINES, 11),
    "numbered lines": (numbered({"\n": 1}, styles="east"), 12),
    "numbered in a line": (numbered({" ": 60, "\u3000": 30, "、": 10}, styles="east"), 3),
    "commas": (separated(("、", 76), (", ", 10), ("，", 6), (",", 8)), 8),
    "other signs": (separated(("・", 8), ("/", 3), ("／", 3), ("。", 3), (" - ", 2), ("→", 1)), 1.8),
    "run together": (separated(("", 1)), 1),
    "numbered in own digits": (numbered({"\n": 80, "\u3000": 20}, own=True, styles="east"), 1.5),
}
KOREAN: dict[str, tuple[Layout, float]] = SPECIAL | {
    "line": (_ONE, 48),
    "line, uneven": (of.uneven, 2),
    "lines": (_LINES, 10),
    "numbered lines": (_NUMBERED, 17),
    "numbered in a line": (numbered({" ": 70, ", ": 25, "/": 5}), 5),
    "commas": (separated((", ", 75), (",", 25)), 9),
    "dashes": (separated((" - ", 6), ("-", 6), (" ~ ", 0.5)), 1),
    "other signs": (separated(("/", 5), (" / ", 4), (". ", 2), ("·", 2), (" | ", 1)), 1.6),
    "run together": (separated(("", 1)), 0.7),
    "dictated with numbers": (numbered({" ": 1}, styles="own"), 0.3),
}
HAN: dict[str, tuple[Layout, float]] = SPECIAL | {
    "line": (separated((" ", 88), ("\u3000", 12)), 33),
    "run together": (separated(("", 1)), 25),
    "line, uneven": (of.uneven, 1),
    "lines": (_LINES, 6),
    "numbered lines": (numbered({"\n": 1}, styles="east"), 10),
    "numbered in a line": (numbered({" ": 65, "": 20, "，": 10, "\u3000": 5}, styles="east"), 4),
    "commas": (separated(("、", 40), ("，", 36), (",", 18), (", ", 6)), 9),
    "rows": (of.rows, 2.5),
    "rows without spaces": (
        lambda rng, words, _: of.joined(
            words,
            ["\n" if at % width == 0 else "" for width in [rng.choice([3, 4, 4, 6])] for at in range(1, len(words))],
        ),
        2.5,
    ),
    "other signs": (separated(("-", 4), ("/", 3), ("。", 3), ("；", 1), ("·", 2), (".", 3), ("|", 1), ("—", 1)), 2),
    "numbers of Han characters": (of.drawn_numbers("han"), 0.5),
    "numbered in own digits": (numbered({"\n": 80, "，": 20}, own=True, styles="east"), 0.6),
}


@cache
def ways_of(name: str, language: str) -> dict[str, tuple[Layout, float]]:
    if name in {"chinese_simplified", "chinese_traditional"}:
        return HAN
    if name == "japanese":
        return JAPANESE
    if name == "korean":
        return KOREAN
    ways = dict(LATIN)
    if language in {"ar", "fa", "ur", "hi", "bn", "th"}:
        share = {"ar": 6, "fa": 6, "ur": 2, "hi": 1.5, "bn": 4, "th": 2}[language]
        ways["numbered in own digits"] = (numbered({"\n": 75, " ": 25}, own=True, styles="own"), share)
    if language in {"zh", "zh-Hant", "ja"}:
        ways["numbered lines"] = (numbered({"\n": 1}, styles="east"), 23)
        ways["commas"] = (separated((", ", 30), (",", 30), ("，", 25), ("、", 15)), 8)
    return ways
