"""Keys for one thing each, kept outside the database and its backups: destroying the key destroys the thing, also in
data files, logs of the database and backups that nobody can rewrite."""

import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from holdfast.core.files import make_durable, sync_folder, write_durable

SIZE = 32
_NONCE = 12


class KeyFolder:
    """One file for each key below ``root`` (mode 0600); machines share them by sharing the folder.

    Blocking: each call but ``get`` waits for the disk. Safe to use from several threads, processes and machines.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def make(self, name: UUID) -> bytes:
        """A new random key, on the disk when it returns. Raises OSError."""
        key = secrets.token_bytes(SIZE)
        path = self._path(name)
        make_durable(path.parent, self.root)
        write_durable(path, iter([key]), new=True)
        return key

    def get(self, name: UUID) -> bytes | None:
        """The key, or None if it was destroyed (or half destroyed)."""
        try:
            key = self._path(name).read_bytes()
        except FileNotFoundError:
            return None
        return key if len(key) == SIZE else None

    def destroy(self, name: UUID) -> None:
        """Overwrite it, then remove it, each on the disk before the next; one that is gone already is no error."""
        path = self._path(name)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        try:
            # A file system that copies on write keeps the old block until it reuses it: docs/operations/secure.md.
            os.pwrite(descriptor, secrets.token_bytes(SIZE), 0)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        path.unlink(missing_ok=True)
        sync_folder(path.parent)

    def older_than(self, seconds: float) -> Iterator[UUID]:
        """Names of the keys that were made longer ago."""
        for path in self.root.glob("??/????????????????????????????????"):
            try:
                if time.time() - path.stat().st_mtime > seconds:
                    yield UUID(path.name)
            except (FileNotFoundError, ValueError):
                continue

    def _path(self, name: UUID) -> Path:
        # The last digits are random; the first of a UUIDv7 are the time and would put everything into one folder.
        return self.root / name.hex[-2:] / name.hex


def seal(key: bytes, text: str, name: UUID) -> bytes:
    """``nonce (12) || AES-256-GCM ciphertext and tag``, bound to the name."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, text.encode(), name.bytes)


def unseal(key: bytes | None, sealed: bytes, name: UUID) -> str | None:
    """The text, or None without the key."""
    if key is None:
        return None
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], name.bytes).decode()
    except InvalidTag:
        # Overwritten while it was read.
        return None
