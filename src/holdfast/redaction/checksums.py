"""Whether words are a whole phrase: the checksums of BIP-39, SLIP-39, Electrum, Monero and Algorand. Pure integers
and hashes; ``words`` are folded words of the list."""

import hmac
from collections.abc import Sequence
from hashlib import sha256, sha512
from zlib import crc32

from holdfast.redaction.lists import WordList

# Electrum's versions 2 and later: standard, two-factor, segwit, two-factor segwit.
_SEED_VERSIONS = ("01", "100", "101", "102")
_ELECTRUM_SIZES = (12, 24)
_UNSPACED = ("chinese_simplified", "chinese_traditional", "japanese")
_RS1024 = (
    0xE0E040, 0x1C1C080, 0x3838100, 0x7070200, 0xE0E0009, 0x1C0C2412, 0x38086C24, 0x3090FC48, 0x21B1F890, 0x3F3F120,
)  # fmt: skip
# Letters of a word that Monero's checksum takes.
_MONERO_PREFIX = 3


def right(words: Sequence[str], list_: WordList) -> bool:
    """Whether the checksum of a whole phrase is right. By chance: 1 random phrase in 16 (12 words) to 256."""
    if len(set(words)) < 2:
        return False
    if list_.name == "slip39":
        return slip39([list_.index[word] for word in words])
    if list_.name == "monero":
        return monero(words)
    if list_.name == "electrum_old":
        return False
    return bip39([list_.index[word] for word in words])


def bip39(places: Sequence[int]) -> bool:
    bits = 0
    for place in places:
        bits = bits << 11 | place
    length = len(places) // 3
    entropy = (bits >> length).to_bytes(length * 4, "big")
    return sha256(entropy).digest()[0] >> (8 - length) == bits & ((1 << length) - 1)


def electrum(words: Sequence[str], list_: WordList) -> bool:
    """The version that Electrum hides in the hash of a seed (1 random text in 235 has one)."""
    if len(words) not in _ELECTRUM_SIZES:
        return False
    text = ("" if list_.name in _UNSPACED else " ").join(words)
    return hmac.new(b"Seed version", text.encode(), sha512).hexdigest().startswith(_SEED_VERSIONS)


def slip39(places: Sequence[int]) -> bool:
    """RS1024 over the ten-bit words of a share, with either customization string (1 in a billion by chance)."""
    extendable = len(places) > 1 and places[1] >> 4 & 1
    values = [*(b"shamir_extendable" if extendable else b"shamir"), *places]
    state = 1
    for value in values:
        top = state >> 20
        state = (state & 0xFFFFF) << 10 ^ value
        for bit, factor in enumerate(_RS1024):
            if top >> bit & 1:
                state ^= factor
    return state == 1


def monero(words: Sequence[str]) -> bool:
    """The last word repeats the one that the CRC-32 of the others' beginnings points at."""
    *body, last = words
    place = crc32("".join(word[:_MONERO_PREFIX] for word in body).encode()) % len(body)
    return body[place][:_MONERO_PREFIX] == last[:_MONERO_PREFIX]
