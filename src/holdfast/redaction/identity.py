"""Identity numbers: those whose check digit proves them, and those that are said to be one."""

import re
from collections.abc import Callable

_LETTERS = {char: number for number, char in enumerate("ABCDEFGHJKLMNPQRSTUVXYWZIO", start=10)}
_ODD = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (
            1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21,
            2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
        ),
        strict=True,
    )
)  # fmt: skip
_VERHOEFF = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_VERHOEFF_TURN = (
    "0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip


def _weighted(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def china(value: str) -> bool:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[_weighted(value[:17], weights) % 11] == value[17] and "11" <= value[:2] <= "82"


def taiwan(value: str) -> bool:
    letter = _LETTERS[value[0]]
    return (letter // 10 + letter % 10 * 9 + _weighted(value[1:], (8, 7, 6, 5, 4, 3, 2, 1, 1))) % 10 == 0


def hong_kong(value: str) -> bool:
    letters, check = value[:-1], value[-1]
    total = 9 * (36 if len(letters) == 7 else int(letters[0], 36)) + sum(
        int(char, 36) * weight for char, weight in zip(letters[-7:], range(8, 1, -1), strict=True)
    )
    return (total + int(check, 16)) % 11 == 0


def korea(value: str) -> bool:
    # Numbers given out since October 2020 have no check digit; the form and the date are proof enough.
    return (11 - _weighted(value, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)) % 11) % 10 == int(value[12]) or value[:2] < "27"


def japan(value: str) -> bool:
    rest = _weighted(value, (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return (0 if rest <= 1 else 11 - rest) == int(value[11])


def brazil(value: str) -> bool:
    def check(length: int) -> int:
        return _weighted(value[:length], tuple(range(length + 1, 1, -1))) * 10 % 11 % 10

    return len(set(value)) > 1 and check(9) == int(value[9]) and check(10) == int(value[10])


def spain(value: str) -> bool:
    number = value[:-1].translate(str.maketrans("XYZ", "012"))
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == value[-1]


def italy(value: str) -> bool:
    odd = sum(_ODD[char] for char in value[:15:2])
    even = sum(int(char) if char.isdigit() else ord(char) - 65 for char in value[1:15:2])
    return chr(65 + (odd + even) % 26) == value[15]


def turkey(value: str) -> bool:
    digits = [int(char) for char in value]
    tenth = (7 * sum(digits[0:9:2]) - sum(digits[1:8:2])) % 10
    return tenth == digits[9] and sum(digits[:10]) % 10 == digits[10]


def india(value: str) -> bool:
    check = 0
    for place, char in enumerate(reversed(value)):
        check = int(_VERHOEFF[check][int(_VERHOEFF_TURN[place % 8][int(char)])])
    return check == 0


def france(value: str) -> bool:
    number = value[:13].replace("2A", "19").replace("2B", "18")
    return 97 - int(number) % 97 == int(value[13:])


def russia(value: str) -> bool:
    """SNILS."""
    rest = _weighted(value, (9, 8, 7, 6, 5, 4, 3, 2, 1)) % 101
    return rest % 100 == int(value[9:])


def thailand(value: str) -> bool:
    return (11 - _weighted(value, tuple(range(13, 1, -1))) % 11) % 10 == int(value[12])


_DATE = "(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01])"
# name: its form in capitals; its check without separators; whether a word beside it must name it, too.
FORMS: tuple[tuple[str, re.Pattern[str], Callable[[str], bool], bool], ...] = (
    ("china", re.compile(rf"[1-9]\d{{5}}(?:19|20)\d{{2}}{_DATE}\d{{3}}[\dX]"), china, False),
    ("korea", re.compile(rf"\d{{2}}{_DATE}-[1-8]\d{{6}}"), korea, False),
    ("taiwan", re.compile(r"[A-Z][12]\d{8}"), taiwan, False),
    ("hong kong", re.compile(r"[A-Z]{1,2}\d{6}\([0-9A]\)"), hong_kong, False),
    ("brazil", re.compile(r"\d{3}\.\d{3}\.\d{3}-\d{2}"), brazil, False),
    ("brazil, plain", re.compile(r"\d{11}"), brazil, True),
    ("spain", re.compile(r"(?:\d{8}|[XYZ]-?\d{7})-?[A-Z]"), spain, False),
    ("italy", re.compile(r"[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]"), italy, False),
    ("turkey", re.compile(r"[1-9]\d{10}"), turkey, True),
    ("japan", re.compile(r"\d{4}[ -]?\d{4}[ -]?\d{4}"), japan, True),
    ("india", re.compile(r"[2-9]\d{3}([ -]?)\d{4}\1\d{4}"), india, True),
    (
        "france",
        re.compile(r"[12] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}"),
        france,
        False,
    ),
    ("russia", re.compile(r"\d{3}-\d{3}-\d{3} \d{2}"), russia, False),
    ("thailand", re.compile(r"[1-8][ -]\d{4}[ -]\d{5}[ -]\d{2}[ -]\d"), thailand, False),
    ("thailand, plain", re.compile(r"[1-8]\d{12}"), thailand, True),
    ("united states", re.compile(r"(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}"), lambda _: True, True),
)
# A passport or another document: only where a word names it.
NAMED = re.compile(
    r"[A-Z]{1,3}\d{6,9}|\d{8,12}|\d{2} \d{2} \d{6}|\d{4} \d{6}|[A-Z](?=[A-Z]*\d[A-Z]*\d[A-Z]*\d)[A-Z\d]{7,8}"
    r"|[A-Z]{5}\d{4}[A-Z]|\d{16}"
)
# Everything that may be one: a row of digits and capitals, with the marks of its forms.
CANDIDATE = re.compile(
    r"(?<![0-9A-Za-z#./+-])(?=[A-Z]{0,6}-?\d)[0-9A-Z]{1,18}(?:[ .-][0-9A-Z]{1,7}){0,7}(?:\([0-9A]\))?(?![0-9A-Za-z])"
)
PIECE = re.compile(r"[0-9A-Z]+")
