"""Addresses of Solana: 32 bytes in Base58, without a checksum. Not all of them are keys: a program's are not."""

from holdfast.chains import base58


def decode(text: str) -> bytes | None:
    """The 32 bytes, or None."""
    raw = base58.decode(text) if 32 <= len(text) <= 44 else None
    return raw if raw is not None and len(raw) == 32 else None


def parse(text: str) -> str | None:
    return text if decode(text) is not None else None
