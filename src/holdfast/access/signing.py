"""The key that signs seals: Ed25519, kept outside of the database and its backups, or given by the environment."""

import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from holdfast.access.key_sources import write_once
from holdfast.access.seals import public_hex


def load_signing_key(path: Path, given: str | None = None) -> Ed25519PrivateKey:
    """The key in ``given`` (64 hex digits), else in ``path``, made there with mode 0600 if there is none.

    Raises OSError, ValueError.
    """
    if given:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(given.strip()))
    if not path.exists():
        write_once(path, secrets.token_hex(32))
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text().strip()))


def read_public_key(path: Path) -> Ed25519PublicKey:
    """From the file that ``holdfast audit public-key`` wrote (64 hex digits). Raises OSError, ValueError."""
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(path.read_text().split()[0]))


def public_text(key: Ed25519PrivateKey) -> str:
    return public_hex(key.public_key())


_published: str | None = None


def publish_key(public: str) -> None:
    """Set the public key (hex) that the process shows beside seals and proofs (once, at start)."""
    global _published  # noqa: PLW0603 - the process has one
    _published = public


def published_key() -> str | None:
    return _published
