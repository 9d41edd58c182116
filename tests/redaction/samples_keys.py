"""Private keys of the chains, made from random bytes: a text, and the part of it that must not survive."""

import base64
import random
from binascii import crc_hqx
from collections.abc import Callable
from hashlib import sha256
from uuid import UUID

from holdfast.chains import bech32 as segwit
from holdfast.chains.hashes import ripemd160
from holdfast.redaction import base58 as codec
from holdfast.redaction.addresses import of_key
from tests.redaction.samples import base58, base58check, solana_pair


def bech32(prefix: str, payload: bytes) -> str:
    count = -(-len(payload) * 8 // 5)
    number = int.from_bytes(payload, "big") << count * 5 - len(payload) * 8
    values = [number >> 5 * place & 31 for place in range(count - 1, -1, -1)]
    return segwit.encode(prefix, values, segwit.BECH32)


def antelope(rng: random.Random, curve: str) -> str:
    key = rng.randbytes(32)
    return f"PVT_{curve}_" + base58(key + ripemd160(key + curve.encode())[:4])


def ripple(payload: bytes) -> str:
    return base58check(payload).translate(str.maketrans(codec.BITCOIN, codec.RIPPLE))


def stellar(rng: random.Random, kind: int = 18) -> str:
    """A seed; of kind 6 the public account."""
    raw = bytes([kind << 3]) + rng.randbytes(32)
    return base64.b32encode(raw + crc_hqx(raw, 0).to_bytes(2, "little")).decode()


def block(rng: random.Random, kind: str, size: int = 1_600) -> str:
    body = base64.encodebytes(rng.randbytes(size)).decode()
    return f"-----BEGIN {kind}-----\n{body}-----END {kind}-----"


def parted(key: str, rng: random.Random, gap: str) -> str:
    """In two to four parts of much the same length, the first one with its prefix."""
    size = -(-len(key) // rng.randint(2, 4))
    return gap.join(key[at : at + size] for at in range(0, len(key), size))


def _text(frame: str, key: str) -> tuple[str, str]:
    return frame.format(key), key


def _with_address(rng: random.Random) -> tuple[str, str]:
    """No word says what it is, but the address that it derives stands in the text."""
    key = rng.randbytes(32)
    address = rng.choice(sorted(of_key(key)))
    return f"{key.hex()} {address} please look", key.hex()


KEYS: dict[str, Callable[[random.Random], tuple[str, str]]] = {
    "Litecoin WIF": lambda rng: _text("my ltc {} help", base58check(b"\xb0" + rng.randbytes(32) + b"\x01")),
    "Dogecoin WIF": lambda rng: _text("{}", base58check(b"\x9e" + rng.randbytes(32))),
    "Dash WIF": lambda rng: _text("dash: {}", base58check(b"\xcc" + rng.randbytes(32) + b"\x01")),
    "EOS, old": lambda rng: _text("eos {}", base58check(b"\x80" + rng.randbytes(32))),
    "Antelope, K1": lambda rng: _text("active: {}", antelope(rng, "K1")),
    "Antelope, R1": lambda rng: _text("owner={}", antelope(rng, "R1")),
    "encrypted, BIP-38": lambda rng: _text("paper wallet {}", base58check(b"\x01\x42\xc0" + rng.randbytes(36))),
    "Ripple seed": lambda rng: _text("XRP secret {}", ripple(b"\x21" + rng.randbytes(16))),
    "Ripple seed, Ed25519": lambda rng: _text("{} does not import", ripple(b"\x01\xe1\x4b" + rng.randbytes(16))),
    "Stellar": lambda rng: _text("stellar {} ok?", stellar(rng)),
    "Tezos": lambda rng: _text("{}", base58check(bytes.fromhex("0d0f3a07") + rng.randbytes(32))),
    "Tezos, 64 bytes": lambda rng: _text("tz: {}", base58check(bytes.fromhex("2bf64e07") + rng.randbytes(64))),
    "NEAR": lambda rng: _text("near {}", "ed25519:" + base58(solana_pair(rng))),
    "Cardano, extended": lambda rng: _text("{}", bech32("xprv", rng.randbytes(96))),
    "Cardano, Ed25519": lambda rng: _text("ada {}", bech32("ed25519e_sk", rng.randbytes(64))),
    "Cardano, root": lambda rng: _text("ada {}", bech32("root_xsk", rng.randbytes(96))),
    "Cardano, file": lambda rng: _text(
        '{{"type":"PaymentSigningKeyShelley_ed25519","description":"","cborHex":"5820{}"}}', rng.randbytes(32).hex()
    ),
    "Sui": lambda rng: _text("sui {}", bech32("suiprivkey", b"\0" + rng.randbytes(32))),
    "Nostr": lambda rng: _text("{}", bech32("nsec", rng.randbytes(32))),
    "Aptos": lambda rng: _text("aptos {}", "ed25519-priv-0x" + rng.randbytes(32).hex()),
    "age": lambda rng: _text("{}", bech32("age-secret-key-", rng.randbytes(32)).upper()),
    "PEM": lambda rng: _text("here\n{}\nthanks", block(rng, "PRIVATE KEY")),
    "RSA": lambda rng: _text("{}", block(rng, "RSA PRIVATE KEY", 2_300)),
    "OpenSSH": lambda rng: _text("id_ed25519:\n{}", block(rng, "OPENSSH PRIVATE KEY", 400)),
    "PGP": lambda rng: _text("{}", block(rng, "PGP PRIVATE KEY BLOCK", 2_000)),
    "PEM, cut off": lambda rng: _text("{}", block(rng, "EC PRIVATE KEY", 120).split("\n-----END")[0]),
    "Polkadot file": lambda rng: _text(
        '{{"encoded":"{}","encoding":{{"content":["pkcs8","sr25519"],"type":["scrypt"],"version":"3"}},"address":"5x"}}',
        base64.b64encode(rng.randbytes(201)).decode(),
    ),
    "Substrate seed": lambda rng: _text("Secret seed: {}", "0x" + rng.randbytes(32).hex()),
    "Monero spend key": lambda rng: _text("Secret spend key: {}", rng.randbytes(32).hex()),
    "Monero view key": lambda rng: _text("view key {}", rng.randbytes(32).hex()),
    "hex beside its address": _with_address,
    "hex in groups": lambda rng: _text("private key {}", " ".join(rng.randbytes(4).hex() for _ in range(8))),
    "hex in two lines": lambda rng: _text("private key:\n{}", rng.randbytes(16).hex() + "\n" + rng.randbytes(16).hex()),
    "hex in four parts": lambda rng: _text("private key {}", parted(rng.randbytes(32).hex(), rng, " ")),
    "hex in three lines": lambda rng: _text("my key:\n{}\nok?", parted(rng.randbytes(32).hex(), rng, "\n")),
    "WIF in lines": lambda rng: _text(
        "it is\n{}\nthank you", parted(base58check(b"\x80" + rng.randbytes(32)), rng, "\n")
    ),
    "WIF quoted in a mail": lambda rng: _text("> {}", parted(base58check(b"\xb0" + rng.randbytes(32)), rng, "\r\n> ")),
    "Sui in parts": lambda rng: _text("sui {}", parted(bech32("suiprivkey", b"\0" + rng.randbytes(32)), rng, " ")),
    "NEAR in lines": lambda rng: _text("{}", parted("ed25519:" + base58(solana_pair(rng)), rng, "\n")),
    "hex, bare": lambda rng: _text("{}", rng.randbytes(32).hex()),
    "hex, full width": lambda rng: _text(
        "my private key {}", "".join(chr(ord(char) + 0xFEE0) for char in rng.randbytes(32).hex())
    ),
    "hex, Turkish": lambda rng: _text("özel anahtarım {}", rng.randbytes(32).hex()),
    "hex, Thai": lambda rng: _text("คีย์ส่วนตัว {}", rng.randbytes(32).hex()),
    "hex, Indonesian": lambda rng: _text("kunci pribadi saya {}", rng.randbytes(32).hex()),
    "hex, French": lambda rng: _text("ma clé privée : {}", rng.randbytes(32).hex()),
    "hex, Portuguese": lambda rng: _text("minha chave privada é {}", rng.randbytes(32).hex()),
}


def pair_of_hashes(rng: random.Random) -> str:
    return f"tx hash:\n0x{rng.randbytes(32).hex()}\n0x{rng.randbytes(32).hex()}"


# Look like keys, and support cannot do without them.
HARMLESS: dict[str, Callable[[random.Random], str]] = {
    "two hashes under one word": pair_of_hashes,
    "receipt": lambda rng: (
        f'{{"transactionHash":"0x{rng.randbytes(32).hex()}","blockHash":"0x{rng.randbytes(32).hex()}",'
        f'"logsBloom":"0x{"00" * 256}","topics":["0x{rng.randbytes(32).hex()}","0x{rng.randbytes(32).hex()}"]}}'
    ),
    "dump of memory": lambda rng: "\n".join(rng.randbytes(8).hex() for _ in range(16)),
    "dump in groups": lambda rng: "\n".join(" ".join(rng.randbytes(2).hex() for _ in range(8)) for _ in range(16)),
    "words and numbers": lambda rng: (
        f"version4build{rng.randrange(10**6)} of release2026candidate is not installed since 12 days"
    ),
    "signature": lambda rng: f"signature 0x{rng.randbytes(65).hex()}",
    "call data": lambda rng: f"data 0xa9059cbb{rng.randbytes(64).hex()}",
    "TRON explorer": lambda rng: f"https://tronscan.org/#/transaction/{rng.randbytes(32).hex()}",
    "blockchair": lambda rng: f"see https://blockchair.com/bitcoin/block/{rng.randbytes(32).hex()}?x=1",
    "sha256sum": lambda rng: f"sha256: {rng.randbytes(32).hex()}  holdfast-1.2.3.tar.gz",
    "public key": lambda rng: f"my public key is {rng.randbytes(32).hex()}",
    "certificate": lambda rng: block(rng, "CERTIFICATE"),
    "public block": lambda rng: block(rng, "PUBLIC KEY", 300),
    "NEAR public key": lambda rng: f"ed25519:{base58(rng.randbytes(32))}",
    "Cardano address": lambda rng: bech32("addr", rng.randbytes(57)),
    "Stellar account": lambda rng: stellar(rng, 6),
    "Ripple address": lambda rng: f"sent to {ripple(bytes(1) + rng.randbytes(20))} tag 104",
    "Antelope public key": lambda rng: "EOS" + base58(bytes([2]) + rng.randbytes(36)),
    "Monero address": lambda rng: f"4{base58(rng.randbytes(69))[:94]}",
    "UUID": lambda rng: f"id {UUID(bytes=rng.randbytes(16), version=4)}",
    "commit": lambda rng: f"fixed in {rng.randbytes(20).hex()}",
    "Base64 picture": lambda rng: f"data:image/png;base64,{base64.b64encode(rng.randbytes(600)).decode()}",
    "JWT": lambda rng: f"eyJ{base64.urlsafe_b64encode(rng.randbytes(60)).decode()}",
    "content identifier": lambda rng: f"ipfs Qm{base58(sha256(rng.randbytes(8)).digest())}",
}
# Nothing says what it is: hidden, with a question mark.
AMBIGUOUS: dict[str, Callable[[random.Random], str]] = {
    "bare hex": lambda rng: rng.randbytes(32).hex(),
    "bare 0x": lambda rng: f"0x{rng.randbytes(32).hex()}",
    "in a sentence": lambda rng: f"what is {rng.randbytes(32).hex()} please",
}
