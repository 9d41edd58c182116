"""TRON: signMessageV2. The chain may have given the account to other keys: after the multi-signature scam the old key
still signs, and rules nothing."""

from holdfast.chains import tron
from holdfast.chains.addresses import Address
from holdfast.chains.hashes import keccak256
from holdfast.chains.ports import NodeFailed, TronReader
from holdfast.verification.proofs import ecdsa
from holdfast.verification.proofs.outcome import (
    CHAIN_NOT_READ,
    OTHER_KEY,
    OTHERS_HOLD_ACTIVE,
    KeyKind,
    Proof,
    ProofRefused,
    Reason,
)


def digest(text: str) -> bytes:
    message = text.encode()
    return keccak256(b"\x19TRON Signed Message:\n" + str(len(message)).encode() + message)


async def verify(text: str, address: Address, signature: str, reader: TronReader | None) -> Proof:
    if len(signature) > 132:
        raise ProofRefused(Reason.MALFORMED)
    key = ecdsa.recover_ethereum(digest(text), ecdsa.from_hex(signature))
    signer = tron.from_key(key.format(compressed=False))
    own = signer == address.canonical
    if reader is None:
        if not own:
            raise ProofRefused(Reason.WRONG_SIGNATURE)
        return Proof(address, KeyKind.KEY, (CHAIN_NOT_READ,))
    try:
        account = await reader.account(address.canonical)
    except NodeFailed:
        raise ProofRefused(Reason.CHAIN_FAILED) from None
    if not (account.owner.alone(signer) if account.owner else own):
        raise ProofRefused(Reason.PERMISSION_CHANGED if own else Reason.WRONG_SIGNATURE)
    warnings: tuple[str, ...] = () if own else (OTHER_KEY,)
    if any(set(permission.keys) - {signer} for permission in account.active):
        warnings += (OTHERS_HOLD_ACTIVE,)
    return Proof(address, KeyKind.KEY if own else KeyKind.OWNER, warnings)
