"""The cheap look that ordinary messages end at, before anybody asks whether they are pieces of a phrase."""

import re

from holdfast.redaction.folding import fold
from holdfast.redaction.fragments import LONGEST
from holdfast.redaction.lists import EVERYDAY_BITS, HAN, LISTS, MASK
from holdfast.redaction.spelling import EVERYDAY
from holdfast.redaction.support_words import SUPPORT
from holdfast.redaction.tokens import NUMBERING, WORD

# Three list words among so many in a row: one misspelt, or each with its number and a label.
CLOSE, CLOSE_NUMBERED = 4, 6
# A word or two, perhaps with a number.
SHORT = 24
_EVERYDAY = SUPPORT | LISTS["english"].everyday
# Greetings, thanks and short answers that are list words as well, beside those above.
_ALONE_TEXT = (
    "again also amigo amiga any both ciao clear come day evening great help information later man morning next night "
    "nota obrigado only please possible problem same still sure thank today try under want welcome year"
)
_ALONE = _EVERYDAY | EVERYDAY | frozenset(_ALONE_TEXT.split())
_MASK_OF = MASK.get
_NUMBERS = re.compile(r"\d")


def may_be_piece(text: str) -> bool:
    """Whether a closer look (``fragment``) is worth it: 5 us for 100 characters of English."""
    if len(text) > LONGEST:
        return False
    lower = fold(text).lower
    if not lower.isascii() and not HAN.keys().isdisjoint(lower):
        return True
    words = WORD.findall(lower)
    hits = [place for place, mask in enumerate(map(_MASK_OF, words)) if mask]
    for first, second, third in zip(hits, hits[1:], hits[2:], strict=False):
        if third - first >= CLOSE_NUMBERED or (third - first >= CLOSE and len(_NUMBERS.findall(lower)) < 3):
            continue
        three = (words[first], words[second], words[third])
        common = MASK[three[0]] & MASK[three[1]] & MASK[three[2]]
        # The lists that are made of the commonest words count only when the message is nothing else.
        if not common & ~EVERYDAY_BITS and not (common and len(hits) == len(words)):
            continue
        # Within a sentence three of four words of a piece tell something, and so two of some three in a row; in a
        # message that is nothing else half of them, and so one.
        telling = 3 - sum(map(_EVERYDAY.__contains__, three))
        if telling >= (1 if len(hits) >= 0.7 * len(words) else 2):
            return True
    return False


def alone(text: str) -> bool:
    """Whether the text is one or two words of a list and nothing else but their numbers, and none that people write
    alone: a phrase that is typed word by word begins so."""
    if len(text) > SHORT:
        return False
    words = [word for word in WORD.findall(fold(text).lower) if word not in NUMBERING]
    masks = [MASK.get(word, 0) & ~EVERYDAY_BITS for word in words]
    return 1 <= len(words) <= 2 and bool(masks[0] & masks[-1]) and _ALONE.isdisjoint(words)
