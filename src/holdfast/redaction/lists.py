"""The word lists of recovery phrases, folded as ``folding`` leaves a text: no accents, voicing marks and capitals.

BIP-39's ten lists (MIT, bitcoin/bips), SLIP-39's (MIT, satoshilabs/slips), Electrum's before version 2 (MIT,
spesmilo/electrum) and Monero's English one (BSD-3-Clause, monero-project). No list has two words that fold alike.
"""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "lists"
CHINESE = ("chinese_simplified", "chinese_traditional")
LATIN = ("english", "spanish", "french", "italian", "portuguese", "czech", "slip39", "electrum_old", "monero")
SPACED = (*LATIN, "japanese", "korean")
# Made of the commonest words of English (Electrum's old list is from poetry): only unbroken runs count.
EVERYDAY_LISTS = ("electrum_old", "monero")

_BIP39_SIZES = (24, 21, 18, 15, 12)
_SIZES = {"slip39": (33, 20), "electrum_old": (24, 12), "monero": (25, 13)}


@dataclass(frozen=True, slots=True, eq=False)
class WordList:
    """``index``: a word's place in the list. ``sizes``: lengths of a whole phrase, longest first."""

    name: str
    index: dict[str, int] = field(repr=False)
    bit: int
    sizes: tuple[int, ...]
    everyday: frozenset[str] = field(repr=False)


def _read(name: str) -> list[str]:
    return (_FOLDER / f"{name}.txt").read_text("utf-8").split()


# The words of the English list that carry everyday language. Of a random phrase of 12 more than four are among these
# 82 six times in 100,000; of prose that by chance holds 11 list words close together nearly always.
_EVERYDAY_ENGLISH = frozenset(
    (
        "about above again all also always any around ask because before both call can come day during each even "
        "every "
        "find first good great have help home just keep kind know like long make man more most much must need never "
        "next now off often once one only open order other over people place please put right same say should show "
        "since some still such than that then there they thing think this time trust try two under until use very "
        "wait want way what when where will work world year you your"
    ).split()
)
# Electrum's old list is in the order of frequency: of a random phrase 2 of 12 are among the first 250 words.
_EVERYDAY_POETRY = frozenset(_read("electrum_old")[:250])


def _load(name: str, place: int) -> WordList:
    index = {word: number for number, word in enumerate(_read(name))}
    everyday = _EVERYDAY_POETRY if name in EVERYDAY_LISTS else _EVERYDAY_ENGLISH
    return WordList(name, index, 1 << place, _SIZES.get(name, _BIP39_SIZES), everyday & index.keys())


LISTS = {name: _load(name, place) for place, name in enumerate((*SPACED, *CHINESE))}
ENGLISH = LISTS["english"]

# Every word of the lists that are written with separators, with the bits of its lists.
MASK: dict[str, int] = {}
for _list in (LISTS[name] for name in SPACED):
    for _word in _list.index:
        MASK[_word] = MASK.get(_word, 0) | _list.bit

# Both Chinese lists are one list in two writings, in one order: of each the characters of the other, as it writes them.
# People, keyboards and screens mix the writings.
TWINS: dict[str, dict[str, str]] = {
    name: {
        theirs: own
        for own, theirs in zip(LISTS[name].index, LISTS[other].index, strict=True)
        if theirs not in LISTS[name].index
    }
    for name, other in (CHINESE, CHINESE[::-1])
}
# The characters of the Chinese lists, with the bits of both.
HAN: dict[str, int] = {}
for _list in (LISTS[name] for name in CHINESE):
    for _word in (*_list.index, *TWINS[_list.name]):
        HAN[_word] = HAN.get(_word, 0) | _list.bit


@cache
def chinese_pairs() -> frozenset[str]:
    """Two characters that often stand together within a word of ordinary Chinese (6,114, from the dictionary of
    jieba, MIT). Of a random phrase one pair of neighbours in 800 is among them, of prose every third."""
    return frozenset(_read("chinese_pairs"))
