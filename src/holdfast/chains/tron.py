"""Addresses of TRON: Ethereum's 20 bytes behind 0x41, in Base58Check."""

from holdfast.chains import base58, evm

_PREFIX = b"\x41"


def from_key(public_key: bytes) -> str:
    """The address of an uncompressed public key (65 bytes)."""
    return base58.encode_checked(_PREFIX + evm.from_key(public_key))


def parse(text: str) -> str | None:
    if len(text) != 34 or text[0] != "T":
        return None
    payload = base58.decode_checked(text)
    return text if payload is not None and len(payload) == 21 and payload[:1] == _PREFIX else None
