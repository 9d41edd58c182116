"""What is found: the words that the parts of this package share."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "recovery_phrase", "private_key", "one_time_code", "password", "card_number",
    "identity_number", "phone", "email", "address",
]  # fmt: skip
# Never kept; the other kinds are kept, but masked by role.
SECRET: tuple[Kind, ...] = ("recovery_phrase", "private_key", "one_time_code", "password", "card_number")
PERSONAL: tuple[Kind, ...] = ("identity_number", "phone", "email", "address")
Certainty = Literal["certain", "high", "ambiguous"]
RANK: dict[Certainty, int] = {"ambiguous": 0, "high": 1, "certain": 2}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something at ``text[start:end]`` of the text that was given (code points).

    ``certain``: its checksum or its public half proves it. ``high``: its form or its label says so. ``ambiguous``: it
    may as well be harmless (64 hex digits without a word beside them). ``words`` counts the words of a recovery phrase
    and is 0 for the rest. Holds nothing of the secret itself.
    """

    kind: Kind
    start: int
    end: int
    certainty: Certainty
    words: int = 0
