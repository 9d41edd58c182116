"""Draws recovery phrases: ten BIP-39 lists, SLIP-39, Electrum old and new, Monero; with a valid checksum or without."""

import hashlib
import hmac
import random
import unicodedata
import zlib
from functools import cache
from pathlib import Path

from mnemonic import Mnemonic

BIP39 = {
    "english": "en",
    "spanish": "es",
    "french": "fr",
    "italian": "it",
    "portuguese": "pt",
    "czech": "cs",
    "japanese": "ja",
    "korean": "ko",
    "chinese_simplified": "zh-Hans",
    "chinese_traditional": "zh-Hant",
}
# How often each list is drawn. English leads, as in life; none is below 4 %, so that each has a figure of its own.
LISTS = {
    "english": 28,
    "spanish": 8,
    "french": 7,
    "italian": 5,
    "portuguese": 6,
    "czech": 4,
    "japanese": 8,
    "korean": 7,
    "chinese_simplified": 9,
    "chinese_traditional": 5,
    "slip39": 5,
    "electrum_old": 4,
    "electrum_new": 4,
}
SIZES = {12: 55, 15: 6, 18: 7, 21: 7, 24: 25}
VALID = 0.85  # the others have a word that was copied wrongly

_RS1024 = (
    0xE0E040, 0x1C1C080, 0x3838100, 0x7070200, 0xE0E0009,
    0x1C0C2412, 0x38086C24, 0x3090FC48, 0x21B1F890, 0x3F3F120,
)  # fmt: skip


@cache
def words_of(name: str) -> tuple[str, ...]:
    """Every word of a list, in its order, composed as keyboards write it (the published lists are decomposed)."""
    if name == "electrum_new":
        name = "english"
    if name in BIP39:
        return tuple(unicodedata.normalize("NFC", word) for word in Mnemonic(name).wordlist)
    return tuple((Path(__file__).parent / "lists" / f"{name}.txt").read_text().split())


def draw(rng: random.Random, name: str, *, valid: bool, sizes: dict[int, int] = SIZES) -> list[str]:
    """One phrase of the list `name`; its size is drawn too, of BIP-39 by the weights `sizes`."""
    if name == "slip39":
        return _slip39(rng, valid=valid)
    if name == "electrum_old":
        return _electrum_old(rng, valid=valid)
    if name == "electrum_new":
        return _electrum_new(rng, valid=valid)
    if name == "monero":
        return _monero(rng, valid=valid)
    size = rng.choices(list(sizes), list(sizes.values()))[0]
    return _bip39(rng, words_of(name), size, valid=valid)


def _bip39(rng: random.Random, words: tuple[str, ...], size: int, *, valid: bool) -> list[str]:
    if not valid:
        return rng.choices(words, k=size)
    bits = size * 11 * 32 // 33
    entropy = rng.randbytes(bits // 8)
    check = hashlib.sha256(entropy).digest()[0] >> (8 - bits // 32)
    number = int.from_bytes(entropy, "big") << (bits // 32) | check
    return [words[number >> 11 * (size - 1 - at) & 2047] for at in range(size)]


def rs1024(values: list[int]) -> int:
    """The checksum polynomial of SLIP-39; 1 for a valid share with its customisation in front."""
    check = 1
    for value in values:
        top = check >> 20
        check = (check & 0xFFFFF) << 10 ^ value
        for bit, generator in enumerate(_RS1024):
            if top >> bit & 1:
                check ^= generator
    return check


def _slip39(rng: random.Random, *, valid: bool) -> list[str]:
    words = words_of("slip39")
    long = rng.random() < 0.25
    threshold = rng.randrange(1, 4)
    identifier, extendable = rng.getrandbits(15), rng.getrandbits(1)
    # identifier 15, extendable 1, exponent 4; group index, threshold, count, member index, threshold: 4 bits each
    head = identifier << 25 | extendable << 24 | 1 << 20 | rng.randrange(threshold, 6) << 4 | threshold - 1
    value = rng.getrandbits(256 if long else 128)
    number = head << (260 if long else 130) | value
    size = 30 if long else 17
    data = [number >> 10 * (size - 1 - at) & 1023 for at in range(size)]
    custom = list(b"shamir_extendable" if extendable else b"shamir")
    check = rs1024([*custom, *data, 0, 0, 0]) ^ 1
    data += [check >> 20 & 1023, check >> 10 & 1023, check & 1023]
    phrase = [words[index] for index in data]
    if not valid:
        phrase[rng.randrange(4, size)] = rng.choice(words)
    return phrase


def _electrum_old(rng: random.Random, *, valid: bool) -> list[str]:
    words = words_of("electrum_old")
    if not valid:
        return rng.choices(words, k=12)
    return [word for _ in range(8 if rng.random() < 0.2 else 4) for word in _three(rng, words)]


def _three(rng: random.Random, words: tuple[str, ...]) -> list[str]:
    """Electrum's and Monero's way of writing 32 bits as three words of a list of 1626."""
    count, number = len(words), rng.getrandbits(32)
    first = number % count
    second = (number // count + first) % count
    third = (number // count // count + second) % count
    return [words[first], words[second], words[third]]


def _monero(rng: random.Random, *, valid: bool) -> list[str]:
    """24 words, and one of them again, which the first three letters of all choose."""
    words = words_of("monero")
    phrase = [word for _ in range(8) for word in _three(rng, words)]
    check = zlib.crc32("".join(word[:3] for word in phrase).encode()) % len(phrase)
    return [*phrase, phrase[check] if valid else rng.choice(words)]


def _electrum_new(rng: random.Random, *, valid: bool) -> list[str]:
    """Twelve words whose HMAC begins with 01 (standard) or, one in six, 100 (segwit)."""
    words = words_of("english")
    phrase = rng.choices(words, k=12)
    prefix = "100" if rng.random() < 1 / 6 else "01"
    number = rng.randrange(2048)
    while valid:
        digest = hmac.digest(b"Seed version", " ".join(phrase).encode(), "sha512").hex()
        if digest.startswith(prefix):
            break
        number += 1
        phrase[number % 12] = words[(number * 7919) % 2048]
    return phrase
