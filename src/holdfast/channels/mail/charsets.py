"""Bytes of a letter as text, whatever it says of itself. Pure.

Half of the mails of the CJK world name a charset that is narrower than what they use (gb2312 with characters of GBK,
shift_jis with those of Windows, ks_c_5601 with those of UHC), and some name none or a wrong one. The wider relative
reads all of them; what is not named is guessed by the characters that each reading would give.
"""

import base64
import binascii
import codecs
import quopri
import re

# The wider relative of what is named.
_WIDER = {
    "gb2312": "gb18030", "gbk": "gb18030", "hz-gb-2312": "hz", "x-gbk": "gb18030", "gb_2312-80": "gb18030",
    "big5": "big5hkscs", "big5-hkscs": "big5hkscs", "x-x-big5": "big5hkscs", "cn-big5": "big5hkscs",
    "shift_jis": "cp932", "shift-jis": "cp932", "x-sjis": "cp932", "sjis": "cp932", "windows-31j": "cp932",
    "ms_kanji": "cp932", "iso-2022-jp": "iso2022_jp_ext", "csiso2022jp": "iso2022_jp_ext", "x-euc-jp": "euc_jp",
    "ks_c_5601-1987": "cp949", "ks_c_5601": "cp949", "euc-kr": "cp949", "x-windows-949": "cp949",
    "windows-949": "cp949",
    "iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "utf-8", "ascii": "utf-8", "utf8": "utf-8",
    "unicode-1-1-utf-7": "utf-7", "x-unknown": "", "unknown-8bit": "", "default": "", "binary": "", "8bit": "",
}  # fmt: skip
# What undeclared bytes may be, in the order in which equally good readings are taken.
_GUESSED = ("gb18030", "big5hkscs", "cp932", "euc_jp", "cp949", "cp1251", "cp1252")
_ISO_2022 = re.compile(rb"\x1b\$[@B]|\x1b\([BJI]")
_ISO_2022_KR = b"\x1b$)C"
# The most frequent characters of each script: a wrong reading hardly has them.
_FREQUENT = frozenset(
    "的一是不了在人有我他这为之大来以个中上们到说国和地也子时道出而要于就下得可你年生自会那后能对着事其里所去行过家"
    "這為來個們說國時對過們後會裡沒還點嗎請問錢"
    "のにはをがとでたしいまるれすかなもあっくこりよう"
    "이다는을를에의가고하지도로그나요합니기해서"
    "иоаенстрвлкмдпуя"
)
_WORD = re.compile(r"=\?([^?*\s]{1,40})(?:\*[^?]*)?\?([bBqQ])\?([^?]*)\?=")


def decode(data: bytes, charset: str | None) -> str:
    """``data`` as text. ``charset`` is what the letter says, or None. Never fails: what cannot be read is U+FFFD."""
    if _ISO_2022_KR in data[:200]:
        return data.decode("iso2022_kr", "replace")
    named = _codec(charset)
    if _ISO_2022.search(data) and named not in ("iso2022_jp_ext", "hz", "utf-7"):
        named = "iso2022_jp_ext"
    for codec in (named, "utf-8"):
        try:
            if codec:
                return data.decode(codec)
        except (UnicodeDecodeError, ValueError):
            continue
    # Named and nearly right (a line cut inside of a character) is better than guessed.
    if named and named not in ("utf-8", "cp1252"):
        return data.decode(named, "replace")
    return _guessed(data)


def _codec(charset: str | None) -> str | None:
    name = (charset or "").strip().strip("\"'").lower()
    name = _WIDER.get(name, name)
    try:
        # Some of Python's codecs are no charsets (base64, rot13): they must not be reached from outside.
        return codecs.lookup(name).name if name and codecs.lookup(name)._is_text_encoding else None
    except (LookupError, ValueError):
        return None


def _guessed(data: bytes) -> str:
    """The reading with the most frequent characters; UTF-8 with holes if it is nearly that."""
    best, score = data.decode("utf-8", "replace"), -1.0
    if best.count("�") * 20 < len(best):
        return best
    for codec in _GUESSED:
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        foreign = [char for char in text if char > "\x7f"]
        found = sum(char in _FREQUENT for char in foreign) / max(1, len(foreign))
        if found > score:
            best, score = text, found
    return best


def header(raw: str) -> str:
    """A header's value as people read it: unfolded, its encoded words (RFC 2047) decoded, raw bytes guessed.

    Neighbouring words of one charset are joined as bytes first: writers cut inside of a character.
    """
    value = re.sub(r"\r?\n[ \t]*", " ", raw)
    pieces: list[tuple[str | None, bytes]] = []
    end = 0
    for match in _WORD.finditer(value):
        between = value[end : match.start()]
        if between.strip() or not pieces or pieces[-1][0] is None:
            _add(pieces, None, between.encode("utf-8", "surrogateescape"))
        _add(pieces, match[1].lower(), _word(match[2], match[3]))
        end = match.end()
    _add(pieces, None, value[end:].encode("utf-8", "surrogateescape"))
    text = "".join(decode(data, charset) for charset, data in pieces)
    # Headers are one line, whatever their encoded words say.
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _add(pieces: list[tuple[str | None, bytes]], charset: str | None, data: bytes) -> None:
    if not data:
        return
    if pieces and pieces[-1][0] == charset:
        pieces[-1] = (charset, pieces[-1][1] + data)
    else:
        pieces.append((charset, data))


def _word(kind: str, text: str) -> bytes:
    raw = text.encode("utf-8", "surrogateescape")
    if kind in "qQ":
        return quopri.decodestring(raw, header=True)
    try:
        return base64.b64decode(raw + b"=" * (-len(raw) % 4))
    except (binascii.Error, ValueError):
        return raw
