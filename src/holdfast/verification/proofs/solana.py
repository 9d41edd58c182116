"""Solana: Ed25519 over the text, or over one of the two layouts of an off-chain message.

By PyNaCl, whose libsodium refuses keys of small order, an s that is not reduced, and keys that are not reduced.
(`cryptography` 50 takes 119 of 400 signatures that were forged for a key of order four.)
"""

from nacl.bindings import crypto_core_ed25519_is_valid_point
from nacl.exceptions import CryptoError
from nacl.signing import VerifyKey

from holdfast.chains import base58, solana
from holdfast.chains.addresses import Address
from holdfast.verification.proofs.outcome import KeyKind, Proof, ProofRefused, Reason

_HEADER = b"\xffsolana offchain\x00"
_LONGEST_SHOWN = 1212
# Heights (y) of the points of small order, and their two forms that are not reduced, in libsodium's order.
_SMALL_ORDER = frozenset(
    bytes.fromhex(point)
    for point in (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    )
)


def verify(text: str, address: Address, signature: str) -> Proof:
    key = solana.decode(address.canonical)
    raw = base58.decode(signature)
    if key is None or raw is None or len(raw) != 64:
        raise ProofRefused(Reason.MALFORMED)
    # The highest bit is the sign of x: both points of a height have the same order.
    if bytes([*key[:31], key[31] & 0x7F]) in _SMALL_ORDER:
        raise ProofRefused(Reason.SMALL_ORDER)
    if not crypto_core_ed25519_is_valid_point(key):
        raise ProofRefused(Reason.NOT_A_KEY)
    if not any(_verifies(key, body, raw) for body in bodies(text.encode(), key)):
        raise ProofRefused(Reason.WRONG_SIGNATURE)
    return Proof(address, KeyKind.KEY)


def _verifies(key: bytes, body: bytes, signature: bytes) -> bool:
    try:
        VerifyKey(key).verify(body, signature)
    except (CryptoError, ValueError):
        return False
    return True


def bodies(message: bytes, key: bytes) -> tuple[bytes, ...]:
    """What wallets sign of a message: itself; the off-chain message of Ledger and of Solana's command line (header,
    format, length, text); that of the specification (header, application, format, signers, length, text), whose
    application is zero where a wallet knows none."""
    if len(message) > 0xFFFF:
        return (message,)
    length = len(message).to_bytes(2, "little")
    # 0: one line of ASCII. 1: UTF-8 that a hardware wallet can show. 2: longer.
    one_line = all(0x20 <= byte <= 0x7E for byte in message)
    form = bytes([2 if len(message) > _LONGEST_SHOWN else 0 if one_line else 1])
    return (
        message,
        _HEADER + form + length + message,
        _HEADER + bytes(32) + form + b"\x01" + key + length + message,
    )
