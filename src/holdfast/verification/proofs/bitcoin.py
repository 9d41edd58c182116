"""Bitcoin: BIP-322 (simple), and the older signatures of 65 bytes (BIP-137, Electrum's for segwit) that most hardware
wallets still make."""

import base64
import binascii

from coincurve import PublicKey

from holdfast.chains import bitcoin
from holdfast.chains.addresses import Address
from holdfast.chains.bitcoin import Kind, Output
from holdfast.chains.hashes import double_sha256, hash160
from holdfast.verification.proofs import bip322, ecdsa
from holdfast.verification.proofs.outcome import KeyKind, Proof, ProofRefused, Reason

_MAGIC = b"\x18Bitcoin Signed Message:\n"
# BIP-322's later drafts name their format in front of the Base64. No signature begins so by chance: it would have to
# have 178 parts.
_SIMPLE = "smp"
# Header byte of the old signatures, and for which addresses. Electrum writes 31 to 34 for segwit too.
_HEADERS: tuple[tuple[range, bool, frozenset[Kind]], ...] = (
    (range(27, 31), False, frozenset({Kind.P2PKH})),
    (range(31, 35), True, frozenset({Kind.P2PKH, Kind.P2SH, Kind.P2WPKH})),
    (range(35, 39), True, frozenset({Kind.P2SH})),
    (range(39, 43), True, frozenset({Kind.P2WPKH})),
)


def verify(text: str, address: Address, signature: str) -> Proof:
    output = bitcoin.decode(address.canonical)
    if output is None:
        raise ProofRefused(Reason.MALFORMED)
    raw = _from_base64(signature.removeprefix(_SIMPLE))
    if len(raw) == 65 and 27 <= raw[0] <= 42:
        _verify_legacy(text, output, raw)
    elif output.kind in (Kind.P2WPKH, Kind.P2TR, Kind.P2SH):
        bip322.verify(text.encode(), output, raw)
    else:
        raise ProofRefused(Reason.MALFORMED if output.kind is Kind.P2PKH else Reason.UNSUPPORTED)
    return Proof(address, KeyKind.KEY)


def _from_base64(text: str) -> bytes:
    """Base64 in its one canonical form: the unused last bits must be zero."""
    if len(text) > 1024:
        raise ProofRefused(Reason.MALFORMED)
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        raise ProofRefused(Reason.MALFORMED) from None
    if base64.b64encode(raw).decode() != text:
        raise ProofRefused(Reason.MALFORMED)
    return raw


def legacy_digest(text: str) -> bytes:
    message = text.encode()
    size = bytes([len(message)]) if len(message) < 0xFD else b"\xfd" + len(message).to_bytes(2, "little")
    return double_sha256(_MAGIC + size + message)


def _verify_legacy(text: str, output: Output, raw: bytes) -> None:
    if len(text.encode()) > 0xFFFF:
        raise ProofRefused(Reason.MALFORMED)
    header, compressed, kinds = next(known for known in _HEADERS if raw[0] in known[0])
    key = ecdsa.recover(legacy_digest(text), raw[1:], raw[0] - header.start)
    if output.kind not in kinds or output.payload != _payload(output.kind, key, compressed):
        raise ProofRefused(Reason.WRONG_SIGNATURE)


def _payload(kind: Kind, key: PublicKey, compressed: bool) -> bytes:
    hashed = hash160(key.format(compressed))
    return hash160(Output(Kind.P2WPKH, hashed).script()) if kind is Kind.P2SH else hashed
