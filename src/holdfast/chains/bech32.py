"""Bech32 (BIP-173), Bech32m (BIP-350), and the addresses of segregated witness made from them."""

from collections.abc import Iterable, Sequence

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
DIGIT = {char: value for value, char in enumerate(_ALPHABET)}
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
BECH32, BECH32M = 1, 0x2BC830A3


def state(prefix: str, values: Iterable[int]) -> int:
    """What the checksum comes to: BECH32 or BECH32M where it is right. No limit to the length."""
    checksum = 1
    for value in [*(ord(char) >> 5 for char in prefix), 0, *(ord(char) & 31 for char in prefix), *values]:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATOR):
            if top >> bit & 1:
                checksum ^= generator
    return checksum


def decode(text: str) -> tuple[str, list[int], int] | None:
    """(prefix, values of five bits without the checksum, BECH32 or BECH32M), or None."""
    if len(text) > 90 or not all(33 <= ord(char) <= 126 for char in text):
        return None
    if text not in (text.lower(), text.upper()):
        return None
    prefix, separator, data = text.lower().rpartition("1")
    if not separator or not prefix or len(data) < 6 or any(char not in DIGIT for char in data):
        return None
    values = [DIGIT[char] for char in data]
    variant = state(prefix, values)
    return (prefix, values[:-6], variant) if variant in (BECH32, BECH32M) else None


def encode(prefix: str, values: Sequence[int], variant: int) -> str:
    checksum = state(prefix, [*values, 0, 0, 0, 0, 0, 0]) ^ variant
    tail = [checksum >> 5 * (5 - place) & 31 for place in range(6)]
    return prefix + "1" + "".join(_ALPHABET[value] for value in [*values, *tail])


def _regroup(values: Iterable[int], source: int, target: int, pad: bool) -> list[int] | None:
    """Groups of ``source`` bits as groups of ``target`` bits; None when the padding is not zero or too long."""
    held, bits, result = 0, 0, []
    for value in values:
        held, bits = held << source | value, bits + source
        while bits >= target:
            bits -= target
            result.append(held >> bits & (1 << target) - 1)
    rest = held & (1 << bits) - 1
    if pad:
        return [*result, rest << target - bits] if bits else result
    return None if bits >= source or rest else result


def decode_segwit(prefix: str, text: str) -> tuple[int, bytes] | None:
    """(version of the witness program, program), or None."""
    decoded = decode(text)
    if decoded is None or decoded[0] != prefix or not decoded[1]:
        return None
    version, variant = decoded[1][0], decoded[2]
    program = _regroup(decoded[1][1:], 5, 8, pad=False)
    if program is None or not 2 <= len(program) <= 40 or version > 16:
        return None
    if variant != (BECH32M if version else BECH32) or (version == 0 and len(program) not in (20, 32)):
        return None
    return version, bytes(program)


def encode_segwit(prefix: str, version: int, program: bytes) -> str:
    values = _regroup(program, 8, 5, pad=True) or []
    return encode(prefix, [version, *values], BECH32M if version else BECH32)
