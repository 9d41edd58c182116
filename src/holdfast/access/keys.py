"""The keys of this installation: made on first start, kept outside the database and its backups."""

import hmac
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_VERSION = b"\x01"
_NONCE = 12


class KeyRing:
    """Encrypts fields and makes blind indexes and signatures, each with its own derived key.

    A sealed value is ``version (1) || nonce (12) || AES-256-GCM ciphertext and tag``; its context (the
    column's name) is authenticated, so that a value cannot be moved to another column.
    """

    def __init__(self, master: bytes) -> None:
        if len(master) != 32:
            raise ValueError("the master key must have 32 bytes")
        self._master = master
        self._fields = AESGCM(self._derive(b"fields"))
        self._index = self._derive(b"blind-index")
        self._signing = self._derive(b"signatures")

    def _derive(self, label: bytes) -> bytes:
        return HKDF(SHA256(), 32, salt=None, info=b"holdfast/" + label).derive(self._master)

    def seal(self, text: str, context: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        return _VERSION + nonce + self._fields.encrypt(nonce, text.encode(), context.encode())

    def open(self, sealed: bytes, context: str) -> str:
        """Raises ``cryptography.exceptions.InvalidTag`` for a value that was changed or moved."""
        if sealed[:1] != _VERSION:
            raise ValueError("a sealed value of an unknown version")
        return self._fields.decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], context.encode()).decode()

    def blind_index(self, value: str, context: str) -> bytes:
        """Equal values have equal indexes, and the index says nothing without the key (HMAC-SHA256)."""
        return hmac.digest(self._index, f"{context}\0{value.strip().lower()}".encode(), "sha256")

    def sign(self, message: str) -> str:
        """A URL-safe HMAC-SHA256 of ``message``, cut to 128 bits."""
        return hmac.digest(self._signing, message.encode(), "sha256")[:16].hex()

    def signed(self, message: str, signature: str) -> bool:
        return hmac.compare_digest(self.sign(message), signature)


def load_key_ring(path: Path) -> KeyRing:
    """The key ring of ``path``, made with mode 0600 if there is none. Raises OSError, ValueError."""
    try:
        return KeyRing(bytes.fromhex(path.read_text().strip()))
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            # A link, not a rename: two processes that start together must end with the same key.
            os.link(temporary, path)
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
        return KeyRing(bytes.fromhex(path.read_text().strip()))


_ring: KeyRing | None = None


def use_key_ring(ring: KeyRing) -> None:
    """Set the process's key ring (once, at start)."""
    global _ring  # noqa: PLW0603 - column types have no other way to reach the process's key
    _ring = ring


def key_ring() -> KeyRing:
    """The process's key ring. Raises RuntimeError before ``use_key_ring``."""
    if _ring is None:
        raise RuntimeError("no key ring: call use_key_ring() at start")
    return _ring
