"""What is found: the words that the parts of this package share."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["recovery_phrase", "private_key", "one_time_code", "password", "card_number"]
Certainty = Literal["certain", "high", "ambiguous"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A secret at ``text[start:end]`` of the text that was given to ``redact`` (characters).

    ``certain``: its checksum or its public half proves it. ``high``: its form or its label says so.
    ``ambiguous``: it may be a secret (not used yet; nothing ambiguous is hidden). ``words`` counts the words of a
    recovery phrase and is 0 for a key. Holds nothing of the secret itself.
    """

    kind: Kind
    start: int
    end: int
    certainty: Certainty
    words: int = 0
