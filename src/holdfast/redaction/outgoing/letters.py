"""What letters look like: one form for homoglyphs, invisible characters, spaced letters and digits for letters.

Used for what may not go out, and for addresses that imitate ours. Homoglyphs are Unicode's own table (TR 39).
"""

import re
import unicodedata

from confusable_homoglyphs.confusables import confusables_data  # type: ignore[import-untyped]  # it has no types

# Shown as nothing: soft hyphen, joiners, direction marks, byte order mark, variation selectors, tags.
_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e007f"
)
INVISIBLE = re.compile(f"[{_INVISIBLE}]+")
# Accents of Latin, Cyrillic and Greek, marks of Arabic; the vowels and tones of Thai are letters of their own.
_MARKS = re.compile("[\u0300-\u036f\u064b-\u065f\u0670\u0640]+")
_MARKED = re.compile("[\u00c0-\u024f\u0300-\u036f\u0400-\u045f\u0622-\u0626\u064b-\u065f\u0640\u0670\u1e00-\u1eff]")
_TABLE_LIMIT = 20_000


def _prototypes() -> dict[int, str]:
    """Every single character that looks like an ASCII letter or digit, and that letter in lower case."""
    found: dict[int, str] = {}
    for char, prototypes in confusables_data.items():
        if len(char) != 1 or char.isascii():
            continue
        for prototype in prototypes:
            plain = prototype["c"]
            if len(plain) == 1 and plain.isascii() and plain.isalnum():
                found[ord(char)] = plain.lower()
                break
    return found


PROTOTYPES = _prototypes()
# Also seen on phones' keyboards and not in the table; letters that Unicode counts as letters of their own.
_PLAIN_LATIN = str.maketrans({"đ": "d", "ð": "d", "ø": "o", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe", "ß": "ss"})
_TO_LATIN = {**PROTOTYPES, **_PLAIN_LATIN}
# Latin letters that stand in for Cyrillic ones.
_TO_CYRILLIC = str.maketrans("aceopxykmtbhn3", "асеорхукмтвнпз")
_LATIN = re.compile("[a-z\u00df-\u024f\u1e00-\u1eff]")
_CYRILLIC_ONLY = re.compile("[бгджзилмнптфцчшщъыьэюя]")
_OTHER_ALPHABET = re.compile("[\u0370-\u052f\u0530-\u058f\u13a0-\u13ff\ua4d0-\ua4ff]")
_TOKEN = re.compile(r"[^\W_]+")
_LEET = str.maketrans("0134578@$!|€", "oieastbasile")
_LEET_IN_WORD = re.compile(r"(?<![\w@$!|€])(?=[\w@$!|€]*[a-z])(?=[\w@$!|€]*[0134578@$!|€])[\w@$!|€]{3,24}(?![\w@$!|€])")
# Single letters with the same kind of gap: "s e e d", "p.i.n"; in scripts with spaces only.
_SPACED = re.compile(r"(?<!\w)[^\W_](?:[ ._\-*/|·•~+]{1,2}[^\W_](?!\w)){3,}")
_IN_WORD = re.compile(r"(?<=[^\W\d_])[.\-_*/|·•~+^]{1,2}(?=[^\W\d_])")
# Cheap looks before the dear ones: most texts end here.
_SPACED_HINT = re.compile(r"[ ._\-*/|·•~+](?<=\b\w[ ._\-*/|·•~+])\w\b")
_LEET_HINT = re.compile(r"[0134578@$!|€](?=[a-z])|[0134578@$!|€](?<=[a-z].)(?!\s|$)")
_IN_WORD_HINT = re.compile(r"[.\-_*/|·•~+^](?<=[^\W\d_].)")
_HAN = "\u3040-\u30ff\u3400-\u9fff"
# A single character with a gap on both sides ("助 记 词"): then no gap between characters is meant.
_CJK_ALONE = re.compile(rf"[{_HAN}][ ._\-*/|·•~+]{{1,3}}[{_HAN}][ ._\-*/|·•~+]{{1,3}}[{_HAN}]")
_CJK_GAP = re.compile(rf"(?<=[{_HAN}])[ ._\-*/|·•~+]{{1,3}}(?=[{_HAN}])")
_ALIKE = str.maketrans("01i|5", "ollls")


def visible(text: str) -> str:
    """NFKC without what is shown as nothing, in lower case."""
    if text.isascii():
        return text.lower()
    if INVISIBLE.search(text):
        text = INVISIBLE.sub("", text)
    if not unicodedata.is_normalized("NFKC", text):
        text = INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return text.casefold()


def plain(text: str) -> str:
    """``visible``, without accents; a word of mixed alphabets in the one it pretends to be in. Linear."""
    text = visible(text)
    if text.isascii():
        return text
    if _MARKED.search(text):
        # Korean is taken apart too, and put together again.
        text = unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFD", text)))
    text = text.translate(_PLAIN_LATIN)
    return _TOKEN.sub(_one_alphabet, text) if _OTHER_ALPHABET.search(text) else text


def _one_alphabet(match: re.Match[str]) -> str:
    word = match[0]
    if not _LATIN.search(word) or not _OTHER_ALPHABET.search(word):
        return word
    return word.translate(_TO_CYRILLIC if _CYRILLIC_ONLY.search(word) else _TO_LATIN)


def readings(text: str) -> list[str]:
    """What a reader would take a text for: its plain form first, then without tricks, where there are any."""
    first = plain(text)
    found = [first]
    tricked = first
    if _SPACED_HINT.search(first) and _SPACED.search(first):
        tricked = _SPACED.sub(lambda match: re.sub(r"[\W_]+", "", match[0]), first)
    if not first.isascii() and _CJK_ALONE.search(tricked):
        tricked = _CJK_GAP.sub("", tricked)
    if _LEET_HINT.search(tricked):
        tricked = _LEET_IN_WORD.sub(lambda match: match[0].translate(_LEET), tricked)
    if _IN_WORD_HINT.search(tricked) and _IN_WORD.search(tricked):
        found.append(tricked)
        tricked = _IN_WORD.sub("", tricked)
    if tricked != first:
        found.append(tricked)
    if not first.isascii() and _OTHER_ALPHABET.search(tricked):
        # Whole words of another alphabet that look Latin ("ѕееԁ"): only the table knows.
        found.append(tricked.translate(_TO_LATIN))
    return found


def skeleton(name: str) -> str:
    """What an address looks like at a glance: equal skeletons are mistaken for each other."""
    text = plain(name).translate(_TO_LATIN)
    text = text.replace("rn", "m").replace("vv", "w").replace("cl", "d")
    return text.translate(_ALIKE)


def digits(text: str) -> str:
    """The digits of any script as ASCII ones, without anything else."""
    return "".join(str(unicodedata.digit(char)) for char in text if unicodedata.digit(char, None) is not None)
