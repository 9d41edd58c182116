"""How keys are written: Base58 with its alphabets, Bech32's checksum, Stellar's Base32. (``chains`` has the codecs of
addresses; keys stay in here.)"""

import base64
from binascii import crc_hqx
from hashlib import sha256

from holdfast.chains import bech32

BITCOIN = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
RIPPLE = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
_DIGITS = {alphabet: {char: value for value, char in enumerate(alphabet)} for alphabet in (BITCOIN, RIPPLE)}


def decode(text: str, alphabet: str = BITCOIN) -> bytes | None:
    """The bytes, or None when a character is not of the alphabet. Quadratic: for texts of a known short length."""
    digits = _DIGITS[alphabet]
    number = 0
    for char in text:
        digit = digits.get(char)
        if digit is None:
            return None
        number = number * 58 + digit
    zeros = len(text) - len(text.lstrip(alphabet[0]))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def decode_checked(text: str, alphabet: str = BITCOIN) -> bytes | None:
    """The payload, or None when the four bytes of checksum are wrong."""
    raw = decode(text, alphabet)
    if raw is None or len(raw) < 5:
        return None
    payload, checksum = raw[:-4], raw[-4:]
    return payload if sha256(sha256(payload).digest()).digest()[:4] == checksum else None


def antelope_right(text: str, curve: str) -> bool:
    """Whether the checksum of a key after ``PVT_K1_`` or ``PVT_R1_`` is right."""
    # Imported when first needed, as in ``addresses``.
    from holdfast.chains.hashes import ripemd160  # noqa: PLC0415

    raw = decode(text)
    return raw is not None and len(raw) == 36 and ripemd160(raw[:-4] + curve.encode())[:4] == raw[-4:]


def bech32_right(text: str) -> bool:
    """Whether the checksum is right; ``text`` is of lower case. No limit to the length, as Cardano has it."""
    prefix, _, data = text.rpartition("1")
    values = [bech32.DIGIT.get(char, -1) for char in data]
    return bool(prefix) and -1 not in values and bech32.state(prefix, values) in (bech32.BECH32, bech32.BECH32M)


def stellar_right(text: str) -> bool:
    """Whether 56 characters of Base32 are a secret seed with the right CRC-16."""
    raw = base64.b32decode(text)
    return raw[0] == 18 << 3 and crc_hqx(raw[:-2], 0).to_bytes(2, "little") == raw[-2:]
