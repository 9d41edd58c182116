"""Check codes: every message that goes out has one, and ``/verify`` knows from it what we sent, and when. Pure.

A code is worked out from the message's place (conversation and number), so none is stored and none can be forgotten.
It is read out together with the case: ``HF-7K3M-92QX-K4T9-2MXC``.
"""

import hmac
import re
from uuid import UUID

from holdfast.core.ids import ALPHABET, MISREAD, check_character, parse_reference

_SHAPE = re.compile(r"HF-?\w{4}-?\w{4}-?(\w{4})-?(\w{4})")
# Of the code: 35 random bits and a check character, as in a reference.
_BITS = 35


def code_of(key: bytes, conversation_id: UUID, seq: int) -> str:
    """The 8 characters of the entry ``seq``: 7 of an HMAC, and a check character."""
    digest = hmac.digest(key, b"check" + conversation_id.bytes + seq.to_bytes(8, "big"), "sha256")
    number = int.from_bytes(digest[:5], "big") >> (40 - _BITS)
    payload = "".join(ALPHABET[(number >> shift) & 31] for shift in range(_BITS - 5, -1, -5))
    return payload + check_character(payload)


def full(reference: str, code: str) -> str:
    """As it is written and read out."""
    return f"{reference}-{code[:4]}-{code[4:]}"


def parse_check_code(text: str) -> str | None:
    """What a person typed or said, in the canonical form, or None if a check character is wrong."""
    compact = re.sub(r"[\s\-–—_.·/]+", "", text.upper())
    match = _SHAPE.fullmatch(compact)
    if match is None:
        return None
    reference = parse_reference(compact[:10])
    code = (match[1] + match[2]).translate(MISREAD)
    if reference is None or any(c not in ALPHABET for c in code) or check_character(code[:7]) != code[7]:
        return None
    return full(reference, code)


def split(canonical: str) -> tuple[str, str]:
    """``(reference, code)`` of a canonical check code."""
    return canonical[:12], canonical[13:].replace("-", "")
