"""Identifiers: UUIDv7 inside, short checked references to read out over the phone."""

import hashlib
import secrets
from uuid import UUID

import uuid_utils

# Crockford's base 32 without I, L, O, U: nothing that is misheard or misread for another.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0", "U": "V"})


def new_id() -> UUID:
    """A time-ordered UUIDv7 (RFC 9562): new rows land beside each other in every index."""
    return UUID(bytes=uuid_utils.uuid7().bytes)


def check_character(payload: str) -> str:
    """One check character: odd weights modulo 32, so that every single wrong character changes it, and
    so do 30 of 31 swaps of two different neighbours (all but those 16 apart)."""
    return ALPHABET[sum((2 * i + 1) * ALPHABET.index(c) for i, c in enumerate(payload)) % 32]


def new_reference() -> str:
    """A random public reference such as ``HF-7K3M-92QX``: 7 random characters (35 bits) and one check
    character. Unique by the database's constraint; never derived from a counter."""
    payload = "".join(secrets.choice(ALPHABET) for _ in range(7))
    full = payload + check_character(payload)
    return f"HF-{full[:4]}-{full[4:]}"


def parse_reference(text: str) -> str | None:
    """What a person typed or said, as the canonical reference, or None if its check character is wrong."""
    compact = text.upper().replace("-", "").replace(" ", "").removeprefix("HF").translate(MISREAD)
    if len(compact) != 8 or any(c not in ALPHABET for c in compact) or check_character(compact[:7]) != compact[7]:
        return None
    return f"HF-{compact[:4]}-{compact[4:]}"


def new_secret() -> str:
    """256 random bits, URL-safe: tokens of sessions, conversations, invitations and resets."""
    return secrets.token_urlsafe(32)


def secret_hash(secret: str) -> bytes:
    """What is stored of a secret (SHA-256; the secret has 256 bits of entropy, so no slow hash is needed)."""
    return hashlib.sha256(secret.encode()).digest()
