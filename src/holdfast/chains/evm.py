"""Addresses of Ethereum and the chains like it, with EIP-55's checksum in the case of the letters."""

import re

from holdfast.chains.hashes import keccak256

_FORM = re.compile(r"0[xX]([0-9a-fA-F]{40})")


def from_key(public_key: bytes) -> bytes:
    """The 20 bytes of an address, of an uncompressed public key (65 bytes)."""
    return keccak256(public_key[1:])[12:]


def encode(address: bytes) -> str:
    """The address with its checksum, of 20 bytes."""
    digits = address.hex()
    sums = keccak256(digits.encode()).hex()
    return "0x" + "".join(d.upper() if s >= "8" else d for d, s in zip(digits, sums, strict=False))


def parse(text: str) -> str | None:
    """The address with its checksum. Letters of one case carry none; of both cases, it must be right."""
    form = _FORM.fullmatch(text)
    if not form:
        return None
    digits = form[1]
    canonical = encode(bytes.fromhex(digits))
    return canonical if digits in (digits.lower(), digits.upper(), canonical[2:]) else None
