"""How people of family D number words."""

from functools import cache

from bench.held_out.family_d.voices import people

MOST = 33  # a long SLIP-39 share
ROMAN = [
    "i",
    "ii",
    "iii",
    "iv",
    "v",
    "vi",
    "vii",
    "viii",
    "ix",
    "x",
    "xi",
    "xii",
    "xiii",
    "xiv",
    "xv",
    "xvi",
    "xvii",
    "xviii",
    "xix",
    "xx",
    "xxi",
    "xxii",
    "xxiii",
    "xxiv",
]
ROMAN += ["xxv", "xxvi", "xxvii", "xxviii", "xxix", "xxx", "xxxi", "xxxii", "xxxiii"]
STYLES: dict[str, dict[str, float]] = {
    "plain": {
        "{n}. ": 36, "{n} ": 15, "{n}) ": 10, "{n}.": 9, "{n}: ": 4, "{n}- ": 4, "{n} - ": 4, "({n}) ": 1.5,
        "0{n}. ": 1.5, "0{n} ": 1, "#{n} ": 1.5, "{n} = ": 0.6, "{n}-": 1.2, "[{n}] ": 0.4, "{n}.) ": 0.7, "{n}\t": 1,
        "{n}: \n": 0.2, "n°{n} ": 0.3, "{n}/ ": 0.3, "{n}, ": 0.3, "{n}.  ": 1, "{n} . ": 0.5, "{n}→": 0.1,
    },
    "own": {"{n}. ": 40, "{n}- ": 22, "{n} - ": 10, "{n}) ": 10, "{n} ": 15, "({n}) ": 3},
    "east": {
        "{n}. ": 26, "{n}.": 16, "{n}、": 22, "{n} ": 12, "{n}: ": 3, "{n}：": 6, "{n}) ": 4, "{n}）": 4, "({n})": 2,
        "（{n}）": 2, "{n}．": 2, "{n}-": 2, "#{n} ": 1,
    },
}  # fmt: skip


def numerals(language: str, count: int) -> list[str]:
    """1 2 3 in the digits of this language; Western ones where there are no others."""
    own = people()["digits"].get(language)
    table = str.maketrans("0123456789", own) if own else {}
    return [str(at + 1).translate(table) for at in range(count)]


@cache
def _all(style: str) -> tuple[str, ...]:
    every = range(1, MOST + 1)
    if style == "circled":
        return tuple(chr(0x2460 + at - 1) if at <= 20 else chr(0x3251 + at - 21) for at in every)
    if style == "keycaps":
        return tuple("🔟" if at == 10 else "".join(f"{digit}\ufe0f\u20e3" for digit in str(at)) for at in every)
    if style == "letters":
        return tuple(f"{chr(0x60 + at)})" if at <= 26 else f"a{chr(0x60 + at - 26)})" for at in every)
    if style == "roman":
        return tuple(f"{mark}." for mark in ROMAN)
    if style == "ROMAN":
        return tuple(f"{mark.upper()}." for mark in ROMAN)
    if style == "dots":
        return tuple(chr(0x2488 + at - 1) if at <= 20 else f"{at}." for at in every)
    if style == "han":
        return tuple(f"{_han(at)}、" for at in every)
    return tuple(map(str, every))


def _han(number: int) -> str:
    tens, ones = divmod(number, 10)
    digits = " 一二三四五六七八九"
    head = "" if tens == 0 else "十" if tens == 1 else digits[tens] + "十"
    return head + digits[ones].strip()


def numbers(count: int, style: str = "") -> list[str]:
    return list(_all(style)[:count])
