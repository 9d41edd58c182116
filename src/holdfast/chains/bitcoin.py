"""Addresses of Bitcoin's main network, and the scripts that they stand for."""

from dataclasses import dataclass
from enum import StrEnum

from holdfast.chains import base58, bech32

_PREFIX = "bc"


class Kind(StrEnum):
    P2PKH = "p2pkh"
    P2SH = "p2sh"
    P2WPKH = "p2wpkh"
    P2WSH = "p2wsh"
    P2TR = "p2tr"
    LATER = "later"
    """A witness version whose meaning is not yet defined: the address is valid, nothing can be proven of it."""


_VERSIONS = {0x00: Kind.P2PKH, 0x05: Kind.P2SH}


@dataclass(frozen=True, slots=True)
class Output:
    """What an address pays to: ``payload`` is a hash (20 or 32 bytes), or the key of Taproot (32 bytes)."""

    kind: Kind
    payload: bytes
    witness_version: int = 0

    def script(self) -> bytes:
        """The scriptPubKey."""
        if self.kind is Kind.P2PKH:
            return b"\x76\xa9\x14" + self.payload + b"\x88\xac"
        if self.kind is Kind.P2SH:
            return b"\xa9\x14" + self.payload + b"\x87"
        opcode = 0x50 + self.witness_version if self.witness_version else 0
        return bytes([opcode, len(self.payload)]) + self.payload


def decode(text: str) -> Output | None:
    """What an address pays to, or None when it is not one of the main network."""
    if segwit := bech32.decode_segwit(_PREFIX, text):
        version, program = segwit
        if version == 0:
            return Output(Kind.P2WPKH if len(program) == 20 else Kind.P2WSH, program)
        taproot = version == 1 and len(program) == 32
        return Output(Kind.P2TR if taproot else Kind.LATER, program, version)
    payload = base58.decode_checked(text) if 25 <= len(text) <= 35 else None
    if payload is None or len(payload) != 21 or payload[0] not in _VERSIONS:
        return None
    return Output(_VERSIONS[payload[0]], payload[1:])


def parse(text: str) -> str | None:
    """The address as it is usually written: those in capitals (for QR codes) in small letters."""
    if decode(text) is None:
        return None
    return text.lower() if text[:3].lower() == f"{_PREFIX}1" else text
