"""A recovery phrase that was found."""

from dataclasses import dataclass

from holdfast.redaction.findings import Certainty


@dataclass(frozen=True, slots=True)
class Phrase:
    """``start`` and ``end`` in the folded text."""

    start: int
    end: int
    words: int
    certainty: Certainty
