"""Personal numbers and addresses: kept, and masked by role where they are shown."""

import re

from holdfast.redaction import contexts, identity
from holdfast.redaction.findings import Finding
from holdfast.redaction.folding import fold
from holdfast.redaction.redact import find_between_markers, joined, replaced

_BEFORE, _BEHIND = 40, 24
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,5}[A-Za-z]{2,24}(?![A-Za-z0-9])"
)
_INTERNATIONAL = re.compile(r"(?<![0-9A-Za-z.+])(?:\+|00)[1-9]\d{0,2}(?:[ .()/-]{0,2}\d{1,5}){2,6}(?![0-9A-Za-z])")
# Mobile numbers as people of one country write them: China, Korea, Japan, Russia, Vietnam, Thailand, Indonesia, Turkey,
# France, Germany, Spain, Brazil, North America.
_NATIONAL = re.compile(
    r"(?<![0-9A-Za-z.+#/-])(?:1[3-9]\d[ -]?\d{4}[ -]?\d{4}|01[016789][ -]\d{3,4}[ -]\d{4}"
    r"|0[5789]0[ -]\d{4}[ -]\d{4}|8[ (-]{1,2}9\d{2}[) -]{1,2}\d{3}[ -]\d{2}[ -]\d{2}"
    r"|0[35789]\d{1,2}[ .-]\d{3}[ .-]\d{3,4}|08\d{2}[ -]\d{4}[ -]\d{3,5}|0?5\d{2} \d{3} \d{2} \d{2}"
    r"|0[67](?:[ .]\d{2}){4}|01[567]\d[ /-]\d{3,4}[ -]?\d{4}|[67]\d{2} \d{3} \d{3}"
    r"|\(\d{2}\) ?9\d{4}-\d{4}|\(\d{3}\) ?\d{3}-\d{4}|[2-9]\d{2}[-.][2-9]\d{2}[-.]\d{4})(?![0-9A-Za-z]|[.-]\d)"
)
_NAMED_PHONE = re.compile(r"(?<![0-9A-Za-z.+#-])(?:\(?\d[\d() .-]{6,16}\d)(?![0-9A-Za-z])")
_PHONE = re.compile(contexts.PHONE)
_IDENTITY = re.compile(contexts.IDENTITY)
_ADDRESS = re.compile(
    rf"(?:{contexts.ADDRESS})(?:\s+(?:is|ist|es|est|e|adalah)|は|是|为|為|는|은)?\s*[:：]?\s*(?P<value>[^\n。;；]{{6,120}})"
)
# A house number beside a street, in the order of the language.
_STREET = re.compile(
    r"(?<![0-9a-z])(?:\d{1,5}[a-z]?,? (?:[a-z'.-]{2,20} ){1,4}(?:street|st\.|avenue|ave\.?|road|rd\.|boulevard"
    r"|blvd\.?|lane|drive|court|square)(?![a-z])"
    r"|\d{1,4}(?: ?bis| ?ter)?,? (?:rue|avenue|boulevard|chemin|impasse) (?:[a-z'-]{2,20} ?){1,4}"
    r"|(?:calle|avenida|rua|av\.|jalan|jl\.|ul\.|via|viale|piazza) (?:[a-z'.-]{2,20} ?){1,4},? (?:n[.o]* ?)?\d{1,5}"
    r"|[a-z-]{3,24}(?:strasse|straße|str\.|weg|platz|allee|gasse) \d{1,4}[a-z]?|(?:ул\.|улица|просп\."
    r"|проспект) [а-я -]{3,30},? (?:д\.|дом)? ?\d{1,4}"
    r"|[\u4e00-\u9fff]{2,12}[路街道巷弄][\u4e00-\u9fff\d]{0,8}\d{1,5}[号號][\u4e00-\u9fff\d-]{0,16}"
    r"|[\u4e00-\u9fff]{2,4}[都道府県][\u4e00-\u9fffぁ-ん]{2,12}[市区町村][\u4e00-\u9fffぁ-ん]{0,12}\d{1,3}(?:-\d{1,4}"
    r"|丁目){1,2}[\d番地号-]{0,8}"
    r"|[가-힣]{2,8}(?:시|도) [가-힣]{1,8}(?:시|군|구) [가-힣\d]{1,12}(?:로|길|동) ?\d{1,5}(?:-\d{1,4})?)"
)


def find_personal(text: str) -> tuple[Finding, ...]:
    """E-mail addresses, telephone numbers, identity numbers and postal addresses, in order. Never fails; linear."""
    return tuple(find_between_markers(text, _look))


def mask_personal(text: str) -> str:
    """The text with markers in their places; twice is the same as once."""
    return replaced(text, list(find_personal(text)))


def _look(text: str) -> list[Finding]:
    folded = fold(text)
    plain, lower = folded.plain, folded.lower
    found = []
    if "@" in plain:
        found += [Finding("email", *folded.span(*match.span()), "certain") for match in _EMAIL.finditer(plain)]
    if any(map(str.isdigit, plain)):
        for start, end in _identities(plain, lower):
            found.append(Finding("identity_number", *folded.span(start, end), "high"))
        for start, end in _phones(plain, lower):
            found.append(Finding("phone", *folded.span(start, end), "high"))
        for match in _STREET.finditer(lower):
            found.append(Finding("address", *folded.span(*match.span()), "high"))
    for match in _ADDRESS.finditer(lower):
        value = match.group("value").rstrip(" .,")
        # Wallets have addresses, too.
        if " " in value.strip() or not value.isascii():
            start = match.start("value")
            found.append(Finding("address", *folded.span(start, start + len(value)), "high"))
    return joined(found)


def _named(pattern: re.Pattern[str], lower: str, start: int, end: int) -> bool:
    before = lower[max(0, start - _BEFORE) : start].rpartition("\n")[2]
    return (
        pattern.search(before) is not None or pattern.search(lower[end : end + _BEHIND].partition("\n")[0]) is not None
    )


def _identities(plain: str, lower: str) -> list[tuple[int, int]]:
    found = []
    for match in identity.CANDIDATE.finditer(plain.upper() if len(plain.upper()) == len(plain) else plain):
        start = match.start()
        # The forms have different separators: the longest that fits from here.
        for _, form, check, needs_name in identity.FORMS:
            fits = form.match(match.group())
            if not fits or match.group()[fits.end() : fits.end() + 1].isalnum():
                continue
            value = "".join(identity.PIECE.findall(fits.group()))
            if check(value) and (not needs_name or _named(_IDENTITY, lower, start, start + fits.end())):
                found.append((start, start + fits.end()))
                break
        else:
            fits = identity.NAMED.fullmatch(match.group())
            if fits and _named(_IDENTITY, lower, *match.span()):
                found.append(match.span())
    return found


def _phones(plain: str, lower: str) -> list[tuple[int, int]]:
    found = []
    for match in _INTERNATIONAL.finditer(plain):
        if 8 <= sum(map(str.isdigit, match.group())) <= 15:
            found.append(match.span())
    found += [match.span() for match in _NATIONAL.finditer(plain)]
    for match in _NAMED_PHONE.finditer(plain):
        if 7 <= sum(map(str.isdigit, match.group())) <= 15 and _named(_PHONE, lower, *match.span()):
            found.append(match.span())
    return found
