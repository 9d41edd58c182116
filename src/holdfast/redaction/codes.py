"""One-time codes, passwords that are said to be such, and card numbers."""

import re
from dataclasses import dataclass

from holdfast.redaction import contexts
from holdfast.redaction.findings import Certainty, Kind


@dataclass(frozen=True, slots=True)
class Value:
    """``start`` and ``end`` in the folded text."""

    kind: Kind
    start: int
    end: int
    certainty: Certainty


# Characters before and behind digits in which a word says what they are.
_BEFORE, _BEHIND, _NEAR = 48, 40, 28
_DIGITS = re.compile(r"\d\d[\d -]\d")
# Marks of amounts, dates, versions and longer numbers beside digits.
_APART = r"(?<![0-9a-z_$€£¥₫₩₽₹#/.,@+-])(?<![0-9]:)"
_END = r"(?![0-9a-z_%$€£¥₫₩₽₹/@-]|[.,:]\d|\s?(?:usd|eur|btc|eth|trx|sol|bnb|元|円|원)(?![a-z]))"
_CODE = re.compile(rf"{_APART}(?:[a-z]-)?(?:\d{{3}}[ -]\d{{1,5}}|\d{{4}}[ -]\d{{4}}|\d{{4,8}}){_END}")
_ONE_TIME = re.compile(contexts.ONE_TIME)
_SAID = re.compile(
    rf"(?:{contexts.CODE})\s{{0,3}}(?:is|was|ist|es|est|e|la|adalah|:|：|это|هو|كان|=|是|为|為|は|은|는|-|#)?\s{{0,3}}[:：]?\s{{0,3}}$"
    rf"|{contexts.OTHER_CODES}(?:{contexts.CODE}){contexts.LOOSELY}"
)
# Four digits behind "code" alone are mostly something else.
_JOINED = re.compile("[:：=是为為]|(?:is|was|ist|es|est|era|adalah|هو|это)[: ]*$")
_NOT_A_CODE = re.compile(contexts.NOT_A_CODE)
_OTPAUTH = re.compile(r"otpauth(?:-migration)?://[^\s\"'<>]{10,2000}")

_PASSWORD = re.compile(
    rf"(?:{contexts.PASSWORD})(?P<says>{contexts.SAYS})(?P<value>[!-~]{{4,128}}|[^\s，。；、]{{4,128}})"
)
# Without anything that says so: letters with digits or marks, as no word has them.
_BARE = re.compile(
    rf"(?:{contexts.PASSWORD})(?:{contexts.OWN}(?=[!-.:-~]{{0,63}}[0-9!@#$%^&*~+=])"
    rf"|{contexts.FARTHER}(?=[!-.:-~]{{0,63}}[0-9@#$%^&*~+=]))(?P<value>[!-.0-9:-~]{{4,64}})(?=\s|$|[^\x00-\x7f])"
    rf"|(?<!\S)(?P<before>[!-.0-9:-~]{{4,64}}){contexts.BEHIND_PASSWORD}"
)
_LETTER, _MARK = re.compile("[a-z]"), re.compile(r"[0-9!@#$%^&*~+=]")
# Names of methods, versions, programs and fields, which stand beside "password" in manuals.
_TECHNICAL = re.compile(
    r"sha-?\d|.*md\d|.*\[\d+\]?$|[a-z]+!+[\"']+$|[a-z]{9,}!+$|wpa|aes|rc\d|base\d|utf|ssh|oauth|\d+\.\d|\$\{|.*[()<>{}]|.*[^\W\d]\d*\.\d|\d+[-.]?[a-z]{1,3}$|[a-z]\d?[.,;:]*$"
)
_NUMBERED = re.compile(r"[^\W\d]{4,}\d+\.\d")
# Substrings without which no password is named: cheaper than the pattern.
_NAMES_ASCII = (
    "pass",
    "pw",
    "pin",
    "mdp",
    "contrasena",
    "senha",
    "sifre",
    "parola",
    "sandi",
    "mat khau",
    "kennwort",
    "psw",
    "mk",
    "clave",
    "heslo",
    "haslo",
    "wachtwoord",
)
_NAMES_OTHER = (
    "密",
    "口令",
    "わーと",
    "暗証",
    "비번",
    "비밀",
    "패스",
    "รหัส",
    "парол",
    "كلم",
    "암호",
    "พาส",
    "باسور",
    "رمز",
    "پسورد",
    "पासवर्ड",
    *_NAMES_ASCII,
)
_QUOTES = "\"'`«»“”‘’「」『』"
_TRAILING = ".,;:)]}>…" + _QUOTES
_CLEAR = re.compile(r"[:=：＝]")

_CARD = re.compile(
    r"(?<![\d.,#a-z_$€£¥-])(?:\d{13,19}|\d{4}(?P<four>[ -]{1,2}|\.)\d{4}(?P=four)\d{4}(?P=four)\d{1,4}"
    r"|\d{4}(?P<six>[ -]{1,2}|\.)\d{6}(?P=six)\d{4,5})"
    r"(?![\d,a-z_-]|\.\d)"
)
# In groups of any size, or over lines: half a phone number, too, where nothing names a card.
_GROUPS = re.compile(r"(?<![\d.,#a-z_$€£¥-])\d{1,8}(?:[ \t]{0,3}[\n .-][ \t]{0,3}\d{1,8}){1,40}(?![\d,a-z_-]|\.\d)")
_GROUP = re.compile(r"\d+")
_MOST_GROUPS = 9
# How the digits are grouped on the card itself.
_AS_ON_CARD = ([4, 4, 4, 4], [4, 6, 5], [4, 6, 4])
_CARD_NAMED = re.compile(contexts.CARD)
_ORDER = re.compile(contexts.ORDER)
# Issuers' prefixes with their lengths.
_ISSUERS = re.compile(
    "4(?:[0-9]{12}|[0-9]{15}|[0-9]{18})|5[1-5][0-9]{14}|2(?:22[1-9]|2[3-9][0-9]|[3-6][0-9]{2}|7[01][0-9]"
    "|720)[0-9]{12}"
    "|3[47][0-9]{13}|3(?:0[0-5]|[689][0-9])[0-9]{11}|(?:6011|65[0-9]{2}|64[4-9][0-9])[0-9]{12}|35(?:2[89]"
    "|[3-8][0-9])[0-9]{12}"
    "|62[0-9]{14,17}|220[0-4][0-9]{12}|(?:5018|5020|5038|6304|6759|676[1-3])[0-9]{8,15}|(?:60|508)[0-9]{13,14}"
    "|9792[0-9]{12}"
)


def may_hold_value(lower: str) -> bool:
    """Whether a closer look is worth it: costs 2 us for 100 characters."""
    if _DIGITS.search(lower):
        return True
    names = _NAMES_ASCII if lower.isascii() else _NAMES_OTHER
    return any(map(lower.__contains__, names)) or "otpauth" in lower


def find_values(lower: str) -> list[Value]:
    """In order of kinds; they may overlap. Linear."""
    found = [Value("one_time_code", *match.span(), "certain") for match in _OTPAUTH.finditer(lower)]
    cards = []
    if _DIGITS.search(lower):
        cards = _cards(lower)
        found += _codes(lower)
    return found + cards + _passwords(lower)


def _codes(lower: str) -> list[Value]:
    found = []
    for match in _CODE.finditer(lower):
        start, end = match.span()
        low = max(0, start - _BEFORE)
        # The sentence or the line, and not what stands before the last other number.
        sentences = re.split(r"[\n。！？!?]|\d{4,}", lower[low:start])
        # Alone on its line: what the line before says.
        before = sentences[-1] if sentences[-1].strip() else sentences[-2:][0]
        behind = re.split(r"[\n。！？]|[.!?] |\d{4,}", lower[end : end + _BEHIND])[0]
        digits = sum(char.isdigit() for char in match.group())
        # Four digits are mostly something else: a year, a port, an amount.
        named = _ONE_TIME.search(before if digits > 4 else before[-_NEAR:]) or (
            not re.match(r"\s*[:：,，]", behind) and _ONE_TIME.search(behind if digits > 4 else behind[:_NEAR])
        )
        said = _SAID.search(before)
        if (named or (said and (digits > 4 or _JOINED.search(said.group())))) and not _NOT_A_CODE.search(before[-24:]):
            found.append(Value("one_time_code", start, end, "high"))
    return found


def _passwords(lower: str) -> list[Value]:
    found = []
    for match in _PASSWORD.finditer(lower):
        value = match.group("value")
        start = match.start("value")
        while value[:1] and value[0] in _QUOTES + "([<":
            value, start = value[1:], start + 1
        quoted = start > match.start("value")
        value = value.rstrip(_TRAILING) if not quoted else re.split(f"[{_QUOTES})\\]>]", value)[0]
        if match.group("value").startswith("<") and ">" in match.group("value"):
            continue
        # A line of a configuration: "password [success=1 default=ignore]".
        if match.group("value").startswith("[") and "=" in value:
            continue
        if len(value) < 4 or value in contexts.NOT_A_PASSWORD or set(value) <= set("*•.-_x?"):
            continue
        label = match.group()[: match.start("says") - match.start()]
        if (
            value.startswith(("http", "[", "/"))
            or _NUMBERED.match(value)
            or not _looks_secret(value, match.group("says"), quoted=quoted)
        ):
            continue
        if not _fits(label, value, match.group("says"), lower[start + len(value) :]):
            continue
        found.append(Value("password", start, start + len(value), "high"))
    return found + [each for each in _bare_passwords(lower) if not any(each.start < one.end for one in found)]


def _bare_passwords(lower: str) -> list[Value]:
    found = []
    for match in _BARE.finditer(lower):
        name = "value" if match.group("value") else "before"
        value = match.group(name).rstrip(".,;:)]}")
        if value.startswith("[") and "=" in value:
            continue
        if len(value) >= 4 and _LETTER.search(value) and _MARK.search(value) and not _TECHNICAL.match(value):
            found.append(Value("password", match.start(name), match.start(name) + len(value), "high"))
    return found


def _fits(label: str, value: str, says: str, behind: str) -> bool:
    """What is said of a PIN, a "pass" or a "parola" (Italian for word) may be something else; so may the next line."""
    plain = not _MARK.search(value)
    if label.startswith("pin"):
        return value.isalnum() and not plain
    if label == "pass":
        return not plain or not behind.split("\n", 1)[0].strip(_TRAILING + " ")
    return not plain or ("\n" not in says and not (label == "parola" and ":" not in says))


def _looks_secret(value: str, says: str, *, quoted: bool) -> bool:
    """After a colon every value counts ("password: monkey"); in a sentence it has to look unlike a word."""
    mixed = any(char.isdigit() for char in value) or any(char in "!@#$%^&*_+=~|" for char in value[1:])
    if mixed:
        # A number with a unit behind it, in a script without blanks: "8글자".
        return value.isascii() or not value[0].isdigit()
    if not value.isascii():
        return False
    return quoted or (_CLEAR.search(says) is not None and len(value) >= 6)


def _cards(lower: str) -> list[Value]:
    found = []
    for match in _CARD.finditer(lower):
        digits = re.sub(r"\D", "", match.group())
        if not _is_card(digits):
            continue
        start, end = match.span()
        before = lower[max(0, start - _BEFORE) : start]
        card = [each.end() for each in _CARD_NAMED.finditer(before)]
        order = [each.end() for each in _ORDER.finditer(before)]
        if order and (not card or order[-1] > card[-1]):
            continue
        grouped = len(digits) < len(match.group())
        sure = card or grouped or _CARD_NAMED.search(lower[end : end + _BEHIND])
        found.append(Value("card_number", start, end, "high" if sure else "ambiguous"))
    return found + [
        each for each in _odd_cards(lower) if not any(each.start < one.end and one.start < each.end for one in found)
    ]


def _odd_cards(lower: str) -> list[Value]:
    found: list[Value] = []
    for run in _GROUPS.finditer(lower):
        groups = list(_GROUP.finditer(lower, *run.span()))
        for first, begin in enumerate(groups):
            for last in range(first + 1, min(len(groups), first + _MOST_GROUPS)):
                those = groups[first : last + 1]
                digits = "".join(group.group() for group in those)
                start, end = begin.start(), those[-1].end()
                if (found and start < found[-1].end) or not _is_card(digits):
                    continue
                beside = f"{lower[max(0, start - _BEFORE) : start]} {lower[end : end + _BEHIND]}"
                if _CARD_NAMED.search(beside):
                    found.append(Value("card_number", start, end, "high"))
                elif len(groups) == len(those) and [len(group.group()) for group in those] in _AS_ON_CARD:
                    found.append(Value("card_number", start, end, "ambiguous"))
    return found


def _is_card(digits: str) -> bool:
    return len(digits) >= 13 and _ISSUERS.fullmatch(digits) is not None and luhn(digits) and len(set(digits)) > 1


def luhn(digits: str) -> bool:
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
