"""A letter's own words, apart from what it quotes and from its signature. Pure. No line is lost: what is no quote for
sure stays with the words."""

import re
from typing import NamedTuple


class Split(NamedTuple):
    """The three parts in the order in which they stand; together they are the whole text."""

    words: str
    signature: str
    quoted: str


# "On Tue, 3 Mar 2026, Support wrote:" as mail programmes say it, in the languages of the catalogues.
_WROTE = (
    r"wrote|writes|写道|寫道|さん?は?(?:書きました|のメッセージ)|のメール|님이\s*(?:작성|쓴 글)|작성|đã viết|menulis|เขียนว่า"
    r"|написал\(?а?\)?|пишет|escribió|escreveu|şunu yazdı|yazdı|a écrit|schrieb|كتب"
)
_ATTRIBUTION = re.compile(rf"^(?=.*\d)(?=.*[@<\d]).{{6,300}}?(?:{_WROTE})\s*(?:\S.{{0,80}})?[:：]\s*$", re.I)
_RULE = re.compile(
    r"^\s*-{2,}\s*(?:original message|forwarded message|原始邮件|原始郵件|转发邮件|轉寄郵件|元のメッセージ|원본\s?(?:메시지|메일)|"
    r"ursprüngliche nachricht|message d'origine|mensaje original|mensagem original|исходное сообщение|"
    r"thư gốc|pesan asli|özgün ileti)\s*-{2,}\s*$",
    re.I,
)
# Outlook's block of headers: the sender's line, and within four lines the time's.
_FROM = re.compile(
    r"^\*?(?:from|von|de|发件人|寄件者|寄件人|差出人|보낸\s?사람|от|kimden|dari|từ|จาก|من)\*?\s?[:：]\*?\s?\S", re.I
)
_SENT = re.compile(
    r"^\*?(?:sent|date|gesendet|datum|envoyé|enviado(?: el)?|enviada em|fecha|发送时间|日期|寄件日期|傳送時間|送信日時|日付|"
    r"보낸\s?날짜|날짜|отправлено|дата|gönderildi|tarih|dikirim|tanggal|đã gửi|ngày|ส่ง|วันที่|التاريخ)\*?\s?[:：]",
    re.I,
)
_SIGNED = re.compile(r"^-- ?$")
_PHONE = re.compile(
    r"^(?:sent from my (?:iphone|ipad|android|galaxy|samsung|huawei|mobile|phone).{0,40}|get outlook for (?:ios|android).{0,60}|"
    r"发自我的\s?\S{1,20}|從我的\s?\S{1,20}傳送|iphoneから送信|나의 iphone에서 보냄|von meinem \S{1,20} gesendet|"
    r"envoyé de mon \S{1,20}|enviado desde mi \S{1,20}|enviado do meu \S{1,20}|отправлено с \S{1,20})\.?$",
    re.I,
)


def split(text: str) -> Split:
    """``text`` in its parts. A letter that is nothing but a quote is taken whole as words."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    begin = _quote_begins(lines)
    own, quoted = lines[:begin], lines[begin:]
    sign = _signature_begins(own)
    words = "\n".join(own[:sign]).strip("\n")
    if not words.strip():
        return Split("\n".join(lines).strip("\n"), "", "")
    return Split(words, "\n".join(own[sign:]).strip("\n"), "\n".join(quoted).strip("\n"))


def _quote_begins(lines: list[str]) -> int:
    """The line from which on everything is a quote, or the number of lines."""
    for number, line in enumerate(lines):
        if _RULE.match(line) or _header_block(lines, number):
            return number
        two = f"{line.strip()} {lines[number + 1].strip()}" if number + 1 < len(lines) else ""
        for rest, said in ((number + 1, line.strip()), (number + 2, two)):
            if _ATTRIBUTION.match(said) and _all_quoted(lines[rest:]):
                return number
    # A quote without a line that says whose: from the end backwards.
    end = len(lines)
    while end and (lines[end - 1].startswith(">") or not lines[end - 1].strip()):
        end -= 1
    return end if any(line.startswith(">") for line in lines[end:]) else len(lines)


def _header_block(lines: list[str], number: int) -> bool:
    return bool(_FROM.match(lines[number].strip())) and any(
        _SENT.match(line.strip()) for line in lines[number + 1 : number + 5]
    )


def _all_quoted(lines: list[str]) -> bool:
    """Whether nobody wrote anything between the quoted lines; an answer between them stays whole."""
    filled = [line for line in lines if line.strip()]
    return bool(filled) and all(line.startswith(">") for line in filled)


def _signature_begins(lines: list[str]) -> int:
    for number, line in enumerate(lines):
        if _SIGNED.match(line.rstrip("\r")):
            return number
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    if end and _PHONE.match(lines[end - 1].strip()):
        return end - 1
    return len(lines)
