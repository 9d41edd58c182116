"""What is promised of a phrase, and whether a sample is within it.

The promise (docs: the runs of one word list; numbering and labels; typing errors): at least 12 words are written, in
their order or each with its number; at most a quarter of them are misspelt, by one letter; at most one stray word
comes on eight. A word of the phrase that is wrong by more than a letter is a stray word. What is told at length before
the first or after the last word is no stray word. Labels, numbers and markup are none either, whatever their length,
nor is the same word written again. What is not within is `beyond`: measured and printed, not claimed, never dropped.
"""

import re
import unicodedata

from bench.held_out.sample import STRAY, Piece

PROMISED, BEYOND, ON_PURPOSE = "promised", "beyond", "hidden on purpose"
FEWEST = 12
SHORT = 4  # the first four letters are the word: the lists are made so
MARKUP = re.compile(r"</?\w+>")
# Written without gaps: two Han characters, or five kana in a row, are counted as a word.
UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]+")
KANA = re.compile(r"[\u3040-\u30ff]+")


def scope(drawn: list[str], written: list[str], messages: list[list[Piece]]) -> str:
    """PROMISED or BEYOND. `drawn`: the phrase; `written`: the same words as they come in `messages`."""
    shown = {index for pieces in messages for _, index in pieces if index is not None and index >= 0}
    slips = [errors(drawn[index], written[index]) for index in shown]
    strays = _strays(messages) + sum(slip > 1 for slip in slips)
    kept = (
        len(shown) >= FEWEST
        and sum(slip == 1 for slip in slips) * 4 <= len(shown)
        and strays * 8 <= len(shown)
        and (_in_order(messages) or _each_numbered(messages))
    )
    return PROMISED if kept else BEYOND


def errors(drawn: str, written: str) -> int:
    """0, 1 or 2 (more than one) letters in which a word differs; case, accents, width and kana are no difference."""
    wanted, got = _plain(drawn), _plain(written)
    if got in {wanted, wanted[:SHORT]}:
        return 0
    if _neighbours(wanted, got):
        return 1
    # A syllable of Korean is several letters of the keyboard.
    return 1 if _neighbours(*(unicodedata.normalize("NFD", text) for text in (wanted, got))) else 2


def _plain(word: str) -> str:
    parts = unicodedata.normalize("NFKD", word.replace("\u30fc", "")).casefold()
    kept = "".join(
        chr(ord(mark) - 0x60) if "ァ" <= mark <= "ヶ" else mark
        for mark in parts
        if unicodedata.category(mark) not in {"Mn", "Cf"}
    )
    return unicodedata.normalize("NFC", kept).rstrip(".")


def _neighbours(one: str, other: str) -> bool:
    """Whether a letter lost, added, changed or two swapped make one of the other."""
    if abs(len(one) - len(other)) > 1:
        return False
    at = 0
    while at < min(len(one), len(other)) and one[at] == other[at]:
        at += 1
    rest, left = one[at:], other[at:]
    return (
        rest[1:] == left[1:]
        or rest[1:] == left
        or rest == left[1:]
        or (rest[:2] == left[:2][::-1] and rest[2:] == left[2:])
    )


def _strays(messages: list[list[Piece]]) -> int:
    """Words marked as talk between the first and the last word of the phrase."""
    flat = [piece for pieces in messages for piece in [*pieces, (" ", None)]]
    places = [at for at, (_, index) in enumerate(flat) if index is not None and index >= 0]
    return sum(_count(text) for text, index in flat[places[0] : places[-1]] if index == STRAY)


def _count(text: str) -> int:
    """Words of a text, without signs, numbers and markup."""
    text = MARKUP.sub(" ", text)
    han = sum("\u3400" <= mark <= "\u9fff" for mark in text)
    kana = KANA.findall(text)
    rest = "".join(
        mark if unicodedata.category(mark)[0] in "LM" or mark in "'’" else " " for mark in UNSPACED.sub(" ", text)
    )
    return len(rest.split()) + (han + 1) // 2 + sum(-(-len(run) // 5) for run in kana)


def _in_order(messages: list[list[Piece]]) -> bool:
    """By where each word comes first: who writes all of it twice keeps the order."""
    first = dict.fromkeys(index for pieces in messages for _, index in pieces if index is not None and index >= 0)
    return list(first) == sorted(first)


def _each_numbered(messages: list[list[Piece]]) -> bool:
    number = False
    for pieces in messages:
        for text, index in pieces:
            if index is None:
                number = number or any(mark.isnumeric() for mark in text)
            elif index >= 0:
                if not number:
                    return False
                number = False
    return True
