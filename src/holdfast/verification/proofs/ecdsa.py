"""Signatures of secp256k1 in the one form that its signers make, so that no second one passes for another proof."""

import re

from coincurve import PublicKey

from holdfast.verification.proofs.outcome import ProofRefused, Reason

_ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
_HEX = re.compile(r"(?:0[xX])?((?:[0-9a-fA-F]{2})+)")


def from_hex(text: str) -> bytes:
    """With or without 0x."""
    form = _HEX.fullmatch(text)
    if not form:
        raise ProofRefused(Reason.MALFORMED)
    return bytes.fromhex(form[1])


def require_low(s: int) -> None:
    """S and its negative verify alike; signers give the lower one."""
    if s > _ORDER // 2:
        raise ProofRefused(Reason.HIGH_S)


def recover(digest: bytes, r_and_s: bytes, recovery_id: int) -> PublicKey:
    """The key that signed ``digest`` (32 bytes). ``r_and_s`` has 64 bytes. Of the four recovery ids two are for an r
    above the group's order: one signature in 2^128, so nobody makes them but on purpose."""
    if len(r_and_s) != 64 or recovery_id not in (0, 1):
        raise ProofRefused(Reason.MALFORMED)
    require_low(int.from_bytes(r_and_s[32:], "big"))
    try:
        return PublicKey.from_signature_and_message(r_and_s + bytes([recovery_id]), digest, hasher=None)
    except ValueError:
        raise ProofRefused(Reason.WRONG_SIGNATURE) from None


def recover_ethereum(digest: bytes, signature: bytes) -> PublicKey:
    """r, s, v: v is 27 or 28, or 0 or 1 as some hardware wallets have it."""
    if len(signature) != 65:
        raise ProofRefused(Reason.MALFORMED)
    v = signature[64]
    return recover(digest, signature[:64], v - 27 if v >= 27 else v)
