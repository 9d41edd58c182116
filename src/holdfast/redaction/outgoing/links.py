"""Links in a text, however they are written: with a scheme, bare, a mail address, or defanged ("evil [dot] com")."""

import re

from holdfast.redaction.outgoing.letters import visible

# Endings that are no word: a bare name before one of these is an address.
_SURE = (
    "com|net|org|info|biz|io|app|dev|xyz|site|online|top|shop|store|club|vip|link|click|live|help|support|finance|"
    "cash|money|exchange|network|cloud|tech|space|website|page|pro|wiki|news|blog|agency|company|world|"
    "example|test|onion|co|cc|tv|gg|ai|ru|cn|jp|kr|tw|hk|vn|th|br|mx|ar|cl|pt|fr|uk|us|ca|au|nz|eu|nl|pl|cz|ua|kz|"
    "ng|ke|za|ae|sa|ir|tk|ml|ga|cf|gq|su|рф|中国|公司|网络|コム|닷컴"
)
# Endings that are also words, abbreviations or names of files: only with more around them.
_DOUBTFUL = (
    "is|it|to|at|be|in|me|my|no|so|as|by|do|id|am|de|es|la|ch|se|li|ly|ph|sg|tr|fi|dk|ws|pw|im|zip|py|sh|rs|md|fm|st"
)
_LABEL = r"[^\W_](?:[\w\-]{0,61}[^\W_])?"
_BARE = re.compile(
    rf"(?<![\w@.\-*])(?:{_LABEL}\.)+(?:{_SURE})(?![\w\-])(?:[:/?#][^\s<>\"'，。、）)]*)?"
    rf"|(?<![\w@.\-*])(?:{_LABEL}\.)+(?:{_DOUBTFUL})(?![\w\-])(?=[/?])[/?][^\s<>\"'，。、）)]+"
    rf"|(?<![\w@.\-*])(?:{_LABEL}\.)+{_LABEL}\.(?:{_DOUBTFUL})(?![\w\-])"
    rf"|(?<![\w@.\-*])(?=[\w.]*[\-\d])(?:[^\W\d_][\w\-]{{3,61}}\.)+(?:{_DOUBTFUL})(?![\w\-])"
)
_SCHEME = re.compile(
    r"\b(?:h[tx]{2}ps?|ftp|wc|tg|ethereum|javascript|data)\s?:\s?/{0,2}[^\s<>\"'，。、）)]{2,}|\bwww\.[^\s<>\"'，。、）)]+"
)
# The way up in an address, as browsers and servers read it.
_SEPARATOR = r"(?:[/\\]|%(?:25)*(?:2f|5c))"
_UP = re.compile(rf"{_SEPARATOR}(?:\.|%(?:25)*2e){{1,2}}(?=[/\\]|%(?:25)*(?:2f|5c))")
_BEGIN = re.compile(r"[a-z]{2,10}://")
_SIGN = re.compile(r"[),、。，）\u3040-\uffff]")
_GOES_ON = re.compile(r"\.[^\W\d_]|。(?:[a-z]|(?:中国|公司|网络)(?!\w))")
_MAIL = re.compile(r"(?<![\w.+\-*@])[\w.+\-]{1,64}@(?:[\w\-]+\.)+[\w\-]{2,24}(?![\w@])")
_DOT_WORD = "dot|d0t|punkt|punto|ponto|点|點"
_DEFANGED = re.compile(
    rf"\s*[\[({{<]\s*(?:\.|{_DOT_WORD}|point)\s*[\])}}>]\s*"
    rf"|\s+(?:{_DOT_WORD})\s+(?=(?:com|net|org|io|app|xyz|me|co|info|site|online|top|help|support|finance)\b)"
)
_DEFANGED_HINT = re.compile("[\\[({<点點]|d[o0]t|pun[kt]t?o?|ponto")
_AT = re.compile(r"\s*[\[({<]\s*(?:at|@)\s*[\])}>]\s*")
_DOTS = str.maketrans({"\u3002": ".", "\uff0e": ".", "\uff61": ".", "\u2024": "."})
# "e v i l . c o m": single letters with gaps, a dot among them.
_SPREAD = re.compile(r"(?<!\w)(?:\w ){2,}\. ?(?:\w ){1,}\w(?!\w)")
# These begin with what they look for: the engine then jumps from one to the next.
_SPREAD_HINT = re.compile(r"\. ?\w(?:\s|$)")
_INNER_DOT = re.compile(r"\.(?<=\w\.)(?=\w)")
_DENSE = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_NEIGHBOURS = re.compile(f"(?<=[{_DENSE}])(?=[a-z0-9@])|(?<=[a-z0-9/])(?=[{_DENSE}])")
_ENDING_PUNCTUATION = ".,;:!?…)]}>»”’\"'"
# A name and its platform: t.me is written "@name on Telegram" as well.
_HANDLE = re.compile(
    r"(?<![\w.@])@[a-z]\w{3,31}\b(?=.{0,24}\b(?:telegram|tg|whatsapp|discord|signal|wechat|line|instagram))"
    r"|\b(?:telegram|tg|whatsapp|discord|signal|wechat|line|instagram)\b.{0,16}?(?P<at>@[a-z]\w{3,31})\b"
)


def may_hold_link(text: str) -> bool:
    """The cheap look that ordinary messages end at."""
    return "." in text or "@" in text or "://" in text or not text.isascii() or "dot" in text.lower() or ":/" in text


def find_links(text: str) -> list[str]:
    """Everything that a reader could follow, in order, as it would be followed (lower case, NFKC). Linear."""
    if not may_hold_link(text):
        return []
    seen = visible(text.replace("。", "\ue000")).replace("\ue000", "。")
    whole = _leading_elsewhere(seen)
    if not seen.isascii() and _NEIGHBOURS.search(seen):
        # Chinese, Japanese, Thai and Korean put no space before and behind an address.
        seen = _NEIGHBOURS.sub(" ", seen)
    seen = _dotted(seen)
    found: dict[str, None] = dict.fromkeys(whole)
    if "@" in seen:
        for match in _MAIL.finditer(seen):
            found[match[0].rstrip(_ENDING_PUNCTUATION)] = None
        for match in _HANDLE.finditer(seen):
            found[match["at"] or match[0]] = None
        seen = _MAIL.sub(" ", seen)
    if ":" in seen or "www" in seen:
        for match in _SCHEME.finditer(seen):
            found[match[0].rstrip(_ENDING_PUNCTUATION)] = None
        seen = _SCHEME.sub(" ", seen)
    if _INNER_DOT.search(seen):
        # None has a blank in it: only words with a dot are looked at, 5 us instead of 25 for a sentence with "0.5".
        for word in seen.split():
            if "." in word:
                for match in _BARE.finditer(word):
                    found[match[0].rstrip(_ENDING_PUNCTUATION)] = None
    return list(found)


def _leading_elsewhere(seen: str) -> list[str]:
    """Addresses that end for a reader at a bracket or another sign, and for a mail program only at the next blank, and
    lead elsewhere then: to another host ("https://ours)@theirs"), or up again ("https://host/ours)/../theirs")."""
    if "/" not in seen and "\\" not in seen:
        return []
    found = []
    for word in seen.split() if "://" in seen or _UP.search(seen) else ():
        for begin in _BEGIN.finditer(word):
            rest = word[begin.end() :]
            authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
            sign = _SIGN.search(authority)
            if "@" in authority or (sign and _GOES_ON.search(authority, sign.start())):
                found.append(begin[0] + rest)
        if _UP.search(word) and (first := _BARE.search(word)):
            found.append(word[first.start() :])
    return found


def _dotted(seen: str) -> str:
    """Dots written otherwise are dots. The full stop of Chinese is one only between Latin letters."""
    if not seen.isascii():
        seen = re.sub(r"(?<=[a-z0-9])[。．｡․·](?=[a-z0-9])", ".", seen)
    if _DEFANGED_HINT.search(seen):
        seen = _AT.sub("@", _DEFANGED.sub(".", seen))
    if _SPREAD_HINT.search(seen):
        seen = _SPREAD.sub(lambda match: match[0].replace(" ", ""), seen)
    return seen
