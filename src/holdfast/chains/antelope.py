"""Account names, keys and signatures of Antelope chains (EOS, WAX, Telos)."""

import re

from holdfast.chains import base58
from holdfast.chains.hashes import ripemd160

# Names are 64-bit numbers: 12 letters of five bits and a thirteenth of four. The dot is zero, so none is at the end.
_NAME = re.compile(r"(?=.{1,13}\Z)[a-z1-5.]{0,11}[a-z1-5]|[a-z1-5.]{12}[a-j1-5]")
_KEY, _LEGACY_KEY, _SIGNATURE = "PUB_K1_", "EOS", "SIG_K1_"


def is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None


def _decode(text: str, suffix: bytes, length: int) -> bytes | None:
    raw = base58.decode(text)
    if raw is None or len(raw) != length + 4 or ripemd160(raw[:-4] + suffix)[:4] != raw[-4:]:
        return None
    return raw[:-4]


def decode_key(text: str) -> bytes | None:
    """The compressed key (33 bytes) of ``PUB_K1_…`` or of the older ``EOS…``; None for other curves."""
    if text.startswith(_KEY):
        return _decode(text.removeprefix(_KEY), b"K1", 33)
    if text.startswith(_LEGACY_KEY):
        return _decode(text.removeprefix(_LEGACY_KEY), b"", 33)
    return None


def encode_key(key: bytes) -> str:
    return _KEY + base58.encode(key + ripemd160(key + b"K1")[:4])


def decode_signature(text: str) -> bytes | None:
    """65 bytes: 31 plus the recovery id, r, s."""
    return _decode(text.removeprefix(_SIGNATURE), b"K1", 65) if text.startswith(_SIGNATURE) else None


def parse(text: str) -> str | None:
    """The canonical form of a name or key."""
    key = decode_key(text)
    if key is not None:
        return encode_key(key)
    return text if is_name(text) else None
