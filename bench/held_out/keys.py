"""Private keys of the large chains as people paste them, card numbers, one-time codes and passwords."""

import base64
import hashlib
import json
import random
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.held_out.sample import Piece, Sample, build

BITCOIN = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
RIPPLE = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def base58(data: bytes, alphabet: str = BITCOIN) -> str:
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = alphabet[digit] + text
    return alphabet[0] * (len(data) - len(data.lstrip(b"\0"))) + text


def checked(data: bytes, alphabet: str = BITCOIN) -> str:
    return base58(data + hashlib.sha256(hashlib.sha256(data).digest()).digest()[:4], alphabet)


def bech32(prefix: str, data: bytes) -> str:
    bits = "".join(f"{byte:08b}" for byte in data)
    bits += "0" * (-len(bits) % 5)
    values = [int(bits[at : at + 5], 2) for at in range(0, len(bits), 5)]
    head = [*(ord(mark) >> 5 for mark in prefix), 0, *(ord(mark) & 31 for mark in prefix)]
    check = 1
    for value in [*head, *values, 0, 0, 0, 0, 0, 0]:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= generator if top >> bit & 1 else 0
    check ^= 1
    return (
        prefix + "1" + "".join(BECH32[value] for value in [*values, *(check >> 5 * (5 - at) & 31 for at in range(6))])
    )


def crc16(data: bytes) -> int:
    check = 0
    for byte in data:
        check ^= byte << 8
        for _ in range(8):
            check = (check << 1 ^ 0x1021 if check & 0x8000 else check << 1) & 0xFFFF
    return check


def _wif(rng: random.Random) -> str:
    return checked(b"\x80" + rng.randbytes(32) + (b"\x01" if rng.random() < 0.8 else b""))


def _extended(rng: random.Random) -> str:
    version = rng.choice(["0488ADE4", "049D7878", "04B2430C", "04358394"])  # xprv, yprv, zprv, tprv
    node = b"\x03" + rng.randbytes(4) + rng.randbytes(4) + rng.randbytes(32) + b"\0" + rng.randbytes(32)
    return checked(bytes.fromhex(version) + node)


def _pair(rng: random.Random) -> bytes:
    seed = rng.randbytes(32)
    return seed + Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def _eos(rng: random.Random) -> str:
    key = rng.randbytes(32)
    if rng.random() < 0.5:
        return checked(b"\x80" + key)
    return "PVT_K1_" + base58(key + hashlib.new("ripemd160", key + b"K1").digest()[:4])


def _xrp(rng: random.Random) -> str:
    head = b"\x21" if rng.random() < 0.5 else b"\x01\xe1\x4b"
    return checked(head + rng.randbytes(16), RIPPLE)


def _stellar(rng: random.Random) -> str:
    data = b"\x90" + rng.randbytes(32)
    return base64.b32encode(data + crc16(data).to_bytes(2, "little")).decode()


def _tezos(rng: random.Random) -> str:
    return checked(b"\x0d\x0f\x3a\x07" + rng.randbytes(32))


def _encrypted(rng: random.Random) -> str:
    """BIP-38: a key under a password; with a weak one it is a key."""
    return checked(b"\x01\x42\xc0" + rng.randbytes(36))


def _keystore(rng: random.Random) -> str:
    cipher = {
        "ciphertext": rng.randbytes(32).hex(), "cipherparams": {"iv": rng.randbytes(16).hex()}, "cipher": "aes-128-ctr",
        "kdf": "scrypt", "kdfparams": {"dklen": 32, "salt": rng.randbytes(32).hex(), "n": 8192, "r": 8, "p": 1},
        "mac": rng.randbytes(32).hex(),
    }  # fmt: skip
    whole = {"version": 3, "id": str(rng.randbytes(16).hex()), "address": rng.randbytes(20).hex(), "crypto": cipher}
    return json.dumps(whole, indent=rng.choice([None, 2, 4]))


def _pem(rng: random.Random) -> str:
    body = base64.b64encode(rng.randbytes(118)).decode()
    lines = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
    return f"-----BEGIN EC PRIVATE KEY-----\n{lines}\n-----END EC PRIVATE KEY-----"


KEYS: dict[str, tuple[str, Callable[[random.Random], str]]] = {  # chain, form
    "EVM hex": ("EVM", lambda rng: rng.randbytes(32).hex()),
    "EVM 0x hex": ("EVM", lambda rng: "0x" + rng.randbytes(32).hex()),
    "EVM HEX": ("EVM", lambda rng: rng.randbytes(32).hex().upper()),
    "WIF": ("Bitcoin", _wif),
    "extended key": ("Bitcoin", _extended),
    "BIP-38": ("Bitcoin", _encrypted),
    "Solana base58": ("Solana", lambda rng: base58(_pair(rng))),
    "Solana array": ("Solana", lambda rng: str(list(_pair(rng))).replace(", ", rng.choice([",", ", "]))),
    "EOS": ("EOS", _eos),
    "XRP seed": ("XRP", _xrp),
    "Stellar secret": ("Stellar", _stellar),
    "Tezos edsk": ("Tezos", _tezos),
    "Sui": ("Sui", lambda rng: bech32("suiprivkey", b"\0" + rng.randbytes(32))),
    "Cosmos or TRON hex": ("TRON", lambda rng: rng.randbytes(32).hex()),
    "keystore JSON": ("EVM", _keystore),
    "PEM": ("any", _pem),
}
BARE = {
    "EVM hex",
    "EVM 0x hex",
    "EVM HEX",
    "Cosmos or TRON hex",
}  # look like a hash: without a word, ambiguous is right


@cache
def sentences() -> dict[str, dict[str, list[str]]]:
    read: dict[str, dict[str, list[str]]] = json.loads((Path(__file__).parent / "secrets.json").read_text())
    return read


def _card(rng: random.Random) -> str:
    head, size = rng.choice(
        [("4", 16), ("51", 16), ("55", 16), ("2221", 16), ("37", 15), ("6011", 16), ("62", 16), ("3528", 16)]
    )
    digits = head + "".join(rng.choice("0123456789") for _ in range(size - len(head) - 1))
    total = sum(sum(divmod(int(digit) * (2 - at % 2), 10)) for at, digit in enumerate(reversed(digits)))
    digits += str(-total % 10)
    mark = rng.choice(["", " ", "-", "  ", "."])
    cuts = [4, 10] if size == 15 else [4, 8, 12]
    return mark.join(digits[start:end] for start, end in zip([0, *cuts], [*cuts, size], strict=True))


def _code(rng: random.Random) -> str:
    digits = "".join(rng.choice("0123456789") for _ in range(rng.choice([4, 5, 6, 6, 6, 6, 8])))
    return digits[:3] + rng.choice(["", "", "", " ", "-"]) + digits[3:]


def _password(rng: random.Random) -> str:
    words = [
        "Tiger",
        "sonne",
        "marie",
        "Passw0rd",
        "qwerty",
        "Bitcoin",
        "iloveyou",
        "Anh",
        "kedi",
        "Moscow",
        "sakura",
        "azul",
    ]
    tail = rng.choice(["!", "123", "1987", "@88", "#", "_x", "2024!", "$$", "007"])
    if rng.random() < 0.3:
        return "".join(
            rng.choice("abcdefghkmnpqrstuvwxyzABCDEFGHKMNPQRSTUVWXYZ23456789!#%*-_")
            for _ in range(rng.randrange(8, 20))
        )
    return rng.choice(words) + rng.choice(["", str(rng.randrange(100))]) + tail


OTHERS = {"card_number": _card, "one_time_code": _code, "password": _password}


def secrets(count: int, seed: int) -> Iterator[Sample]:
    """`count` keys, cards, codes and passwords in sentences of 15 languages; `list_name` is the language."""
    rng = random.Random(seed)
    languages = list(sentences())
    for _ in range(count):
        language = rng.choice(languages)
        kind = rng.choices(["private_key", *OTHERS], [55, 15, 15, 15])[0]
        if kind == "private_key":
            form = rng.choice(list(KEYS))
            secret = KEYS[form][1](rng)
            alone = rng.random() < 0.25
            layout = "alone" if alone else "in a sentence"
            frame = "{s}" if alone else rng.choice(sentences()[language][kind])
        else:
            form, layout, secret = kind, "in a sentence", OTHERS[kind](rng)
            frame = rng.choice(sentences()[language][kind])
        before, after = frame.split("{s}")
        # Of a keystore the ciphertext is the secret; of a PEM block its body.
        inner: list[Piece] = [(secret, 0)]
        if form == "keystore JSON":
            cipher = secret.split('"ciphertext": "')[1][:64]
            head, tail = secret.split(cipher)
            inner = [(head, None), (cipher, 0), (tail, None)]
        elif form == "PEM":
            head, body, tail = secret.partition("\n")[0] + "\n", secret[31:-29], "\n-----END EC PRIVATE KEY-----"
            inner = [(head, None), (body, 0), (tail, None)]
        yield build(kind, language, layout, form, [[(before, None), *inner, (after, None)]])
