"""The words of a folded text."""

import re
from typing import NamedTuple

# Words of one script. Accents are gone, so Latin is a to z and a few letters more.
HAN = "\u3005\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_OTHERS = "\u0250-\u1fff\u2c00-\u2dff\ua4d0-\uabff\ufb00-\ufdff\ufe70-\ufefc"
LETTERS = f"a-z\u00df-\u024f{_OTHERS}\u3041-\u3096\u30fc\uac00-\ud7a3{HAN}"
WORD = re.compile(f"[a-z\u00df-\u024f]+|[{HAN}]+|[\u3041-\u3096\u30fc]+|[\uac00-\ud7a3]+|[{_OTHERS}]+")
# What numbering leaves behind between the words: "1st", lettered lists; "a" and "i" are words of prose.
NUMBERING = frozenset({"st", "nd", "rd", "th", *"bcdefghjklmnopqrstuvwxyz"})

# Numbers of other kinds, as whole words, up to 39: xii, 十二.
NUMERALS = frozenset(
    tens + ones
    for row_of_tens, row_of_ones in (
        (("", "x", "xx", "xxx"), ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")),
        (("", "十", "二十", "三十"), ("", *"一二三四五六七八九")),
    )
    for tens in row_of_tens
    for ones in row_of_ones
)
# Chinese characters that carry grammar: three in twelve of prose, of a random phrase one in five phrases.
GRAMMAR = frozenset(
    "的是不了在有我你他这那個个们們来來为為和到说說要就会會可也对對能而得着之过過"
    "后後吗嗎吧呢啊请請没沒什么怎都还還但因把被给給去从從与與及或其"
)

# Fewer in a row are everyday language; eleven are a phrase with one word left out or misspelt.
LEAST = 11
# Of eleven words that many are cut to four letters, where words are cut.
LEAST_CUT = 6
# Letters of eleven words without anything between them; of Korean and Japanese ones, syllables.
LEAST_UNBROKEN, LEAST_SYLLABLES = 33, 22


class Token(NamedTuple):
    start: int
    end: int
    word: str


def tokens_of(lower: str) -> list[Token]:
    return [
        Token(match.start(), match.end(), match.group())
        for match in WORD.finditer(lower)
        if match.group() not in NUMBERING
    ]


def may_be_unbroken(word: str) -> bool:
    first = word[0]
    if first < "\u0250":
        return len(word) >= LEAST_UNBROKEN
    return len(word) >= LEAST_SYLLABLES and ("\u3041" <= first <= "\u30fc" or "\uac00" <= first <= "\ud7a3")
