"""Private keys of the large chains as wallets write them, with their real check values."""

import base64
import hashlib
import json
import random
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from bench.held_out.family_c.speech import BASE58, BECH32

RIPPLE = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def scalar(rng: random.Random) -> bytes:
    """A key of secp256k1."""
    return rng.randrange(1, ORDER).to_bytes(32, "big")


def base58(data: bytes, alphabet: str = BASE58) -> str:
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = alphabet[digit] + text
    return alphabet[0] * (len(data) - len(data.lstrip(b"\0"))) + text


def checked(data: bytes, alphabet: str = BASE58) -> str:
    return base58(data + hashlib.sha256(hashlib.sha256(data).digest()).digest()[:4], alphabet)


def bech32(prefix: str, data: bytes) -> str:
    bits = "".join(f"{byte:08b}" for byte in data)
    bits += "0" * (-len(bits) % 5)
    values = [int(bits[at : at + 5], 2) for at in range(0, len(bits), 5)]
    spread = [ord(mark) >> 5 for mark in prefix] + [0] + [ord(mark) & 31 for mark in prefix]
    check = 1
    for value in [*spread, *values, 0, 0, 0, 0, 0, 0]:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= generator if top >> bit & 1 else 0
    check ^= 1
    values += [check >> 5 * (5 - at) & 31 for at in range(6)]
    return f"{prefix}1" + "".join(BECH32[value] for value in values)


def wif(rng: random.Random, version: int = 0x80) -> str:
    return checked(bytes([version]) + scalar(rng) + (b"\1" if rng.random() < 0.8 else b""))


def extended(rng: random.Random, version: int) -> str:
    """BIP-32: version, depth, parent, number, chain code, key."""
    depth = rng.choice([0, 3, 3, 4])
    parent = rng.randbytes(4) if depth else bytes(4)
    number = (0x80000000 + rng.randrange(3)).to_bytes(4, "big") if depth else bytes(4)
    return checked(
        version.to_bytes(4, "big") + bytes([depth]) + parent + number + rng.randbytes(32) + b"\0" + scalar(rng)
    )


def ed25519_pair(rng: random.Random) -> bytes:
    seed = rng.randbytes(32)
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    return seed + public.public_bytes(Encoding.Raw, PublicFormat.Raw)


def solana_array(rng: random.Random) -> str:
    return json.dumps(list(ed25519_pair(rng)), separators=rng.choice([(",", ":"), (", ", ": ")]))


def eos(rng: random.Random) -> str:
    key = scalar(rng)
    return "PVT_K1_" + base58(key + hashlib.new("ripemd160", key + b"K1").digest()[:4])


def stellar(rng: random.Random) -> str:
    data = b"\x90" + rng.randbytes(32)
    check = 0
    for byte in data:  # CRC-16 of XMODEM, low byte first
        check ^= byte << 8
        for _ in range(8):
            check = (check << 1 ^ 0x1021 if check & 0x8000 else check << 1) & 0xFFFF
    return base64.b32encode(data + check.to_bytes(2, "little")).decode()


def xrp(rng: random.Random) -> str:
    return checked((b"\x01\xe1\x4b" if rng.random() < 0.4 else b"\x21") + rng.randbytes(16), RIPPLE)


def cardano(rng: random.Random) -> str:
    form = rng.choice(["ed25519_sk", "ed25519e_sk", "root_xsk", "acct_xsk", "addr_xsk", "cbor"])
    if form == "cbor":
        return "5820" + rng.randbytes(32).hex()
    return bech32(form, rng.randbytes({"ed25519_sk": 32, "ed25519e_sk": 64}.get(form, 96)))


def bip38(rng: random.Random) -> str:
    flags = rng.choice([b"\x42\xc0", b"\x42\xe0"])  # without and with compression; the rest is encrypted
    return checked(b"\x01" + flags + rng.randbytes(4) + rng.randbytes(32))


def tezos(rng: random.Random) -> str:
    return checked(bytes([13, 15, 58, 7]) + rng.randbytes(32))


def pem(rng: random.Random) -> str:
    """A whole file; whoever labels it leaves out the first and the last line."""
    if rng.random() < 0.3:
        edwards = Ed25519PrivateKey.from_private_bytes(rng.randbytes(32))
        return edwards.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode().strip()
    key = ec.derive_private_key(int.from_bytes(scalar(rng), "big"), ec.SECP256K1())
    form = rng.choice([PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8])
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode().strip()


def large_hex(rng: random.Random, text: str) -> str:
    return text.upper() if rng.random() < 0.12 else text


# Each form, how often it is pasted, and how it is made.
KEYS: dict[str, tuple[float, Callable[[random.Random], str]]] = {
    "evm_hex_0x": (14, lambda rng: "0x" + large_hex(rng, scalar(rng).hex())),
    "evm_hex_bare": (14, lambda rng: large_hex(rng, scalar(rng).hex())),
    "bitcoin_wif": (10, wif),
    "xprv": (5, lambda rng: extended(rng, 0x0488ADE4)),
    "zprv": (3, lambda rng: extended(rng, 0x04B2430C)),
    "yprv": (1.5, lambda rng: extended(rng, 0x049D7878)),
    "solana_base58": (9, lambda rng: base58(ed25519_pair(rng))),
    "solana_array": (5, solana_array),
    "tron_hex": (4, lambda rng: large_hex(rng, scalar(rng).hex())),
    "eos_pvt_k1": (2, eos),
    "eos_wif": (2, lambda rng: checked(b"\x80" + scalar(rng))),
    "cosmos_hex": (2, lambda rng: scalar(rng).hex()),
    "sui": (3, lambda rng: bech32("suiprivkey", b"\0" + rng.randbytes(32))),
    "near": (3, lambda rng: "ed25519:" + base58(ed25519_pair(rng))),
    "aptos": (1.5, lambda rng: "ed25519-priv-0x" + rng.randbytes(32).hex()),
    "stellar": (3, stellar),
    "xrp": (3, xrp),
    "polkadot": (2, lambda rng: "0x" + rng.randbytes(32).hex()),
    "cardano": (3, cardano),
    "tezos": (1.5, tezos),
    "litecoin_wif": (2, lambda rng: wif(rng, 0xB0)),
    "dogecoin_wif": (2, lambda rng: wif(rng, 0x9E)),
    "bip38": (3, bip38),
    "pem": (3, pem),
}
