"""Parts of a recovery phrase that come in several messages: told one by one, and joined."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from holdfast.redaction.findings import Certainty, Kind
from holdfast.redaction.folding import fold
from holdfast.redaction.phrases import _NUMBERING, _WORD, WORDS
from holdfast.redaction.redact import redact

# Fewer list words in a row are everyday language.
LEAST = 3


@dataclass(frozen=True, slots=True)
class Fragment:
    """A run of list words that may be a part of a recovery phrase; ``words`` counts them."""

    words: int


@dataclass(frozen=True, slots=True)
class Joined:
    """Pieces that are a secret together; ``indices`` says which, ``words`` counts its words."""

    indices: tuple[int, ...]
    kind: Kind
    words: int
    certainty: Certainty


def fragment(text: str) -> Fragment | None:
    """The longest run of at least three list words in a row, or None."""
    longest = run = 0
    for word in _WORD.findall(fold(text).lower):
        if word in _NUMBERING:
            continue
        run = run + 1 if word in WORDS else 0
        longest = max(longest, run)
    return Fragment(longest) if longest >= LEAST else None


def join(pieces: Sequence[str]) -> Joined | None:
    """The first secret that the pieces hold together, or None."""
    text = "\n".join(pieces)
    ends = list(accumulate(len(piece) + 1 for piece in pieces))
    for found in redact(text).findings:
        if found.kind == "recovery_phrase":
            indices = tuple(
                i for i, end in enumerate(ends) if end - len(pieces[i]) - 1 < found.end and found.start < end - 1
            )
            return Joined(indices, found.kind, found.words, found.certainty)
    return None
