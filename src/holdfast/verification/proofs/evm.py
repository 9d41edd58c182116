"""EVM chains: a key's signature (EIP-191), a contract wallet's (EIP-1271), or one not yet deployed (EIP-6492)."""

from coincurve import PublicKey

from holdfast.chains import evm
from holdfast.chains.addresses import Address
from holdfast.chains.hashes import keccak256
from holdfast.chains.ports import EvmReader, NodeFailed
from holdfast.chains.validator import UNDEPLOYED_MARK, VALID, creation_code, unwrap
from holdfast.verification.proofs import ecdsa
from holdfast.verification.proofs.challenge import names_chain
from holdfast.verification.proofs.outcome import (
    CHAIN_NOT_READ,
    DELEGATED,
    KeyKind,
    Proof,
    ProofRefused,
    Reason,
)

# Contract wallets sign with what they like: several owners' keys, passkeys, sessions. A call that creates a contract
# may have 49,152 bytes (EIP-3860), the question's code among them.
LONGEST = 32_768
# EIP-7702: what stands as code of an account that runs another's.
_DELEGATION = b"\xef\x01\x00"


def digest(text: str) -> bytes:
    """EIP-191, version E: what personal_sign hashes."""
    message = text.encode()
    return keccak256(b"\x19Ethereum Signed Message:\n" + str(len(message)).encode() + message)


async def verify(text: str, address: Address, signature: str, reader: EvmReader | None) -> Proof:
    if len(signature) > 2 * LONGEST + 2:
        raise ProofRefused(Reason.MALFORMED)
    raw = ecdsa.from_hex(signature)
    hashed = digest(text)
    try:
        _require_key(ecdsa.recover_ethereum(hashed, raw), address)
    except ProofRefused as refused:
        # A contract's signature may look like anything, also like a key's.
        if reader is None:
            raise ProofRefused(refused.reason if len(raw) == 65 else Reason.NEEDS_CHAIN) from None
        return await _ask_contract(text, address, hashed, raw, reader, refused)
    if reader is None:
        return Proof(address, KeyKind.KEY, (CHAIN_NOT_READ,))
    delegate = _delegate(await _code(text, address, reader))
    return Proof(address, KeyKind.KEY, (f"{DELEGATED}:{delegate}",) if delegate else ())


def _require_key(key: PublicKey, address: Address) -> None:
    if evm.encode(evm.from_key(key.format(compressed=False))) != address.canonical:
        raise ProofRefused(Reason.WRONG_SIGNATURE)


async def _code(text: str, address: Address, reader: EvmReader) -> bytes:
    """The code at the address, on the chain that the text names and no other."""
    try:
        if not names_chain(text, str(await reader.chain_id())):
            raise ProofRefused(Reason.WRONG_CHAIN)
        return await reader.code(address.canonical)
    except NodeFailed:
        raise ProofRefused(Reason.CHAIN_FAILED) from None


def _delegate(code: bytes) -> str | None:
    return evm.encode(code[3:]) if len(code) == 23 and code.startswith(_DELEGATION) else None


async def _ask_contract(
    text: str, address: Address, hashed: bytes, signature: bytes, reader: EvmReader, as_key: ProofRefused
) -> Proof:
    code = await _code(text, address, reader)
    factory, factory_call, inner = bytes(20), b"", signature
    if signature.endswith(UNDEPLOYED_MARK):
        unwrapped = unwrap(signature)
        if unwrapped is None:
            raise ProofRefused(Reason.MALFORMED)
        factory, factory_call, inner = unwrapped
    elif not code:
        raise as_key
    # A delegated account is ruled by its key. What its delegate calls valid is the delegate's word, not the owner's.
    if _delegate(code):
        raise ProofRefused(as_key.reason if len(signature) == 65 else Reason.WRONG_SIGNATURE)
    call = creation_code(bytes.fromhex(address.canonical[2:]), hashed, factory, factory_call, inner)
    try:
        answer = await reader.simulate(call)
    except NodeFailed:
        raise ProofRefused(Reason.CHAIN_FAILED) from None
    if answer != VALID:
        raise ProofRefused(Reason.CONTRACT_REFUSED)
    return Proof(address, KeyKind.CONTRACT if code else KeyKind.UNDEPLOYED)
