"""The hash functions of the chains that ``hashlib`` lacks, or that are always used together."""

from hashlib import sha256

from Crypto.Hash import RIPEMD160, keccak


def keccak256(data: bytes) -> bytes:
    """Keccak as Ethereum uses it: from before the padding of SHA-3 was chosen."""
    return keccak.new(digest_bits=256, data=data).digest()


def ripemd160(data: bytes) -> bytes:
    """Not by ``hashlib``: OpenSSL 3 has moved it to its legacy provider, which Debian does not load."""
    return RIPEMD160.new(data).digest()


def double_sha256(data: bytes) -> bytes:
    return sha256(sha256(data).digest()).digest()


def hash160(data: bytes) -> bytes:
    return ripemd160(sha256(data).digest())


def tagged_hash(tag: str, data: bytes) -> bytes:
    """BIP-340's hash: one function for each purpose."""
    prefix = sha256(tag.encode()).digest()
    return sha256(prefix + prefix + data).digest()
