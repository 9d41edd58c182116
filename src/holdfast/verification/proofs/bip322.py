"""BIP-322, simple: the witness of a transaction that can never be sent, spending one that commits to the message.

For one key: P2WPKH, P2SH-P2WPKH, and Taproot by its key. Everything else is refused as unsupported, which BIP-322 calls
inconclusive. Signatures must say SIGHASH_ALL, strictly encoded, with a low s, as the standard demands.
"""

from hashlib import sha256

from coincurve import PublicKey, PublicKeyXOnly

from holdfast.chains.bitcoin import Kind, Output
from holdfast.chains.hashes import double_sha256, hash160, tagged_hash
from holdfast.verification.proofs.ecdsa import require_low
from holdfast.verification.proofs.outcome import ProofRefused, Reason

_SIGHASH_ALL = 1
_ZERO_32 = bytes(4)
_ZERO_64 = bytes(8)
_VERSION, _LOCK_TIME, _SEQUENCE = _ZERO_32, _ZERO_32, _ZERO_32
# No value, and a script that can never be spent: OP_RETURN.
_OUTPUTS = _ZERO_64 + b"\x01\x6a"


def message_hash(message: bytes) -> bytes:
    return tagged_hash("BIP0322-signed-message", message)


def _sized(data: bytes) -> bytes:
    """Scripts here have at most 42 bytes: their length is one byte."""
    return bytes([len(data)]) + data


def to_spend_id(message: bytes, script: bytes) -> bytes:
    """The id (in the order of its bytes, not as it is shown) of the transaction that commits to message and address."""
    spends = bytes(32) + b"\xff\xff\xff\xff" + _sized(b"\x00" + _sized(message_hash(message))) + _SEQUENCE
    return double_sha256(_VERSION + b"\x01" + spends + b"\x01" + _ZERO_64 + _sized(script) + _LOCK_TIME)


def to_sign_id(message: bytes, script: bytes) -> bytes:
    spends = to_spend_id(message, script) + _ZERO_32 + _sized(b"") + _SEQUENCE
    return double_sha256(_VERSION + b"\x01" + spends + b"\x01" + _OUTPUTS + _LOCK_TIME)


def _witness(raw: bytes) -> list[bytes]:
    """A stack of parts, each with its length in front. All that is supported here is shorter than 253 bytes."""
    if not raw:
        raise ProofRefused(Reason.MALFORMED)
    parts, place = [], 1
    for _ in range(raw[0]):
        if place >= len(raw):
            raise ProofRefused(Reason.MALFORMED)
        end = place + 1 + raw[place]
        parts.append(raw[place + 1 : end])
        place = end
    if place != len(raw) or raw[0] >= 0xFD or any(len(part) >= 0xFD for part in parts):
        raise ProofRefused(Reason.MALFORMED)
    return parts


def verify(message: bytes, output: Output, raw: bytes) -> None:
    """``raw``: the witness. Raises ProofRefused unless it is good."""
    witness = _witness(raw)
    outpoint = to_spend_id(message, output.script()) + _ZERO_32
    if output.kind is Kind.P2TR:
        _verify_taproot(output, outpoint, witness)
    else:
        _verify_witness_key(output, outpoint, witness)


def _verify_witness_key(output: Output, outpoint: bytes, witness: list[bytes]) -> None:
    """BIP-143 for a hashed key, bare or inside of P2SH."""
    if len(witness) != 2 or len(witness[1]) != 33:
        raise ProofRefused(Reason.UNSUPPORTED)
    signature, key = witness
    hashed = hash160(key)
    inside = hash160(Output(Kind.P2WPKH, hashed).script()) if output.kind is Kind.P2SH else hashed
    if inside != output.payload:
        raise ProofRefused(Reason.WRONG_SIGNATURE)
    if not signature or signature[-1] != _SIGHASH_ALL:
        raise ProofRefused(Reason.MALFORMED)
    _require_strict(signature[:-1])
    code = _sized(Output(Kind.P2PKH, hashed).script())
    hashes = double_sha256(outpoint) + double_sha256(_SEQUENCE)
    spends = outpoint + code + _ZERO_64 + _SEQUENCE
    ending = double_sha256(_OUTPUTS) + _LOCK_TIME + _SIGHASH_ALL.to_bytes(4, "little")
    digest = double_sha256(_VERSION + hashes + spends + ending)
    try:
        good = PublicKey(key).verify(signature[:-1], digest, hasher=None)
    except ValueError:
        good = False
    if not good:
        raise ProofRefused(Reason.WRONG_SIGNATURE)


def _require_strict(der: bytes) -> None:
    """BIP-66: 30 size 02 size r 02 size s, both numbers positive and without a zero too many; and s low."""
    place, numbers = 2, []
    for _ in range(2):
        size = der[place + 1] if len(der) > place + 1 and der[place] == 0x02 else 0
        number = der[place + 2 : place + 2 + size]
        padded = number[:1] == b"\0" and not (len(number) > 1 and number[1] & 0x80)
        if not size or len(number) != size or number[0] & 0x80 or padded:
            raise ProofRefused(Reason.MALFORMED)
        numbers.append(int.from_bytes(number, "big"))
        place += 2 + size
    if place != len(der) or der[0] != 0x30 or der[1] != len(der) - 2:
        raise ProofRefused(Reason.MALFORMED)
    require_low(numbers[1])


def _verify_taproot(output: Output, outpoint: bytes, witness: list[bytes]) -> None:
    """BIP-341 by the key: one signature of 64 bytes, or of 65 that say SIGHASH_ALL."""
    if len(witness) != 1:
        raise ProofRefused(Reason.UNSUPPORTED)
    signature, kind = witness[0][:64], witness[0][64:]
    if len(signature) != 64 or kind not in (b"", b"\x01"):
        raise ProofRefused(Reason.MALFORMED)
    hashes = (outpoint, _ZERO_64, _sized(output.script()), _SEQUENCE, _OUTPUTS)
    body = (kind or b"\x00") + _VERSION + _LOCK_TIME + b"".join(sha256(part).digest() for part in hashes)
    # Epoch, then behind the hashes: spent by the key and without an annex, the first input.
    digest = tagged_hash("TapSighash", b"\x00" + body + b"\x00" + _ZERO_32)
    try:
        good = PublicKeyXOnly(output.payload).verify(signature, digest)
    except ValueError:
        raise ProofRefused(Reason.NOT_A_KEY) from None
    if not good:
        raise ProofRefused(Reason.WRONG_SIGNATURE)
