"""The question to a contract wallet, as creation code for one ``eth_call`` (contracts/ValidateSignature.sol).

``contracts/ValidateSignature.json`` has its compiled code, the compiler's version and the source's hash;
``node tests/chains/contracts/compile.mjs`` makes it anew, and a test compares.
"""

import json
from functools import cache
from importlib import resources

VALID = b"\x01"
# EIP-6492: what a wallet that is not deployed yet puts behind its signature.
UNDEPLOYED_MARK = bytes.fromhex("6492" * 16)
_WORD = 32


@cache
def bytecode() -> bytes:
    artefact = resources.files("holdfast.chains").joinpath("contracts/ValidateSignature.json").read_bytes()
    return bytes.fromhex(json.loads(artefact)["bytecode"])


def _word(number: int) -> bytes:
    return number.to_bytes(_WORD, "big")


def _padded(data: bytes) -> bytes:
    """The ABI's ``bytes``: length, then the data in whole words."""
    return _word(len(data)) + data + bytes(-len(data) % _WORD)


def creation_code(wallet: bytes, digest: bytes, factory: bytes, factory_call: bytes, signature: bytes) -> bytes:
    """Code and arguments; ``wallet`` and ``factory`` have 20 bytes, ``digest`` 32. A factory of zeros means none."""
    first, second = _padded(factory_call), _padded(signature)
    places = _word(5 * _WORD), _word(5 * _WORD + len(first))
    fixed = wallet.rjust(_WORD, b"\0") + digest + factory.rjust(_WORD, b"\0")
    return b"".join((bytecode(), fixed, *places, first, second))


def unwrap(signature: bytes) -> tuple[bytes, bytes, bytes] | None:
    """(factory of 20 bytes, call to it, inner signature) of an EIP-6492 signature, or None when it is malformed."""
    body = signature.removesuffix(UNDEPLOYED_MARK)
    factory = body[:_WORD]
    if len(body) < 5 * _WORD or any(factory[:12]):
        return None
    call, inner = _bytes_at(body, 1), _bytes_at(body, 2)
    return (factory[12:], call, inner) if call is not None and inner is not None else None


def _bytes_at(body: bytes, argument: int) -> bytes | None:
    place = int.from_bytes(body[argument * _WORD : (argument + 1) * _WORD], "big")
    if place + _WORD > len(body):
        return None
    start = place + _WORD
    length = int.from_bytes(body[place:start], "big")
    return body[start : start + length] if start + length <= len(body) else None
