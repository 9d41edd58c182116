"""Base58 as Bitcoin, Solana and EOS write it. (``chains`` has the codecs of addresses; keys stay in here.)"""

from hashlib import sha256

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_DIGIT = {char: value for value, char in enumerate(_ALPHABET)}


def decode(text: str) -> bytes | None:
    """The bytes, or None when a character is not of the alphabet. Quadratic: for texts of a known short length."""
    number = 0
    for char in text:
        digit = _DIGIT.get(char)
        if digit is None:
            return None
        number = number * 58 + digit
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def decode_checked(text: str) -> bytes | None:
    """The payload, or None when the four bytes of checksum are wrong."""
    raw = decode(text)
    if raw is None or len(raw) < 5:
        return None
    payload, checksum = raw[:-4], raw[-4:]
    return payload if sha256(sha256(payload).digest()).digest()[:4] == checksum else None
