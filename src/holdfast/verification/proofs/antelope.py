"""Antelope (EOS, WAX, Telos): a signature gives a key; the chain says which accounts that key rules."""

from hashlib import sha256

from holdfast.chains import antelope
from holdfast.chains.addresses import Address
from holdfast.chains.ports import AntelopeReader, NodeFailed
from holdfast.verification.proofs import ecdsa
from holdfast.verification.proofs.challenge import names_chain
from holdfast.verification.proofs.outcome import KeyKind, Proof, ProofRefused, Reason

# The wallet's daily permission and the one above it. Custom ones are for contracts and bots.
_RULING = {"owner": KeyKind.OWNER, "active": KeyKind.ACTIVE}


async def verify(text: str, address: Address, signature: str, reader: AntelopeReader | None) -> Proof:
    """``address`` is an account's name, or a key: a key needs no chain, and says nothing of accounts."""
    raw = antelope.decode_signature(signature)
    if raw is None:
        raise ProofRefused(Reason.UNSUPPORTED if signature.startswith(("SIG_R1_", "SIG_WA_")) else Reason.MALFORMED)
    # 31: the recovery id of a compressed key, as in Bitcoin's old signatures.
    key = antelope.encode_key(ecdsa.recover(sha256(text.encode()).digest(), raw[1:], raw[0] - 31).format())
    if not antelope.is_name(address.canonical):
        if key != address.canonical:
            raise ProofRefused(Reason.WRONG_SIGNATURE)
        return Proof(address, KeyKind.KEY)
    if reader is None:
        raise ProofRefused(Reason.NEEDS_CHAIN)
    try:
        if not names_chain(text, await reader.chain_id()):
            raise ProofRefused(Reason.WRONG_CHAIN)
        permissions = await reader.permissions(address.canonical)
    except NodeFailed:
        raise ProofRefused(Reason.CHAIN_FAILED) from None
    if not permissions:
        raise ProofRefused(Reason.UNKNOWN_ACCOUNT)
    ruling = {permission.name: permission for permission in permissions if permission.name in _RULING}
    for name, kind in _RULING.items():
        if name in ruling and ruling[name].alone(key):
            return Proof(address, kind)
    named = any(key in permission.keys for permission in ruling.values())
    raise ProofRefused(Reason.PERMISSION_CHANGED if named else Reason.WRONG_SIGNATURE)
