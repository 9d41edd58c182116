"""Base58 with Bitcoin's alphabet, which TRON, Solana and Antelope share."""

from holdfast.chains.hashes import double_sha256

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_DIGIT = {char: value for value, char in enumerate(_ALPHABET)}
# Decoding is quadratic. The longest thing that anyone here writes is a signature of 69 bytes, 95 characters.
LONGEST = 128


def encode(data: bytes) -> str:
    number = int.from_bytes(data, "big")
    digits = []
    while number:
        number, digit = divmod(number, 58)
        digits.append(_ALPHABET[digit])
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + "".join(reversed(digits))


def decode(text: str) -> bytes | None:
    """The bytes; None when a character is not of the alphabet, or when there are more than LONGEST. Each sequence of
    bytes has one text only."""
    if len(text) > LONGEST:
        return None
    number = 0
    for char in text:
        digit = _DIGIT.get(char)
        if digit is None:
            return None
        number = number * 58 + digit
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def encode_checked(payload: bytes) -> str:
    return encode(payload + double_sha256(payload)[:4])


def decode_checked(text: str) -> bytes | None:
    """The payload, or None when the four bytes of checksum are wrong."""
    raw = decode(text)
    if raw is None or len(raw) < 5 or double_sha256(raw[:-4])[:4] != raw[-4:]:
        return None
    return raw[:-4]
