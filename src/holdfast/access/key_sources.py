"""Master keys in files (the default) or in the environment. A security module: ``pkcs11_source.py``."""

import hashlib
import os
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from holdfast.access.keys import opened_with, sealed_with
from holdfast.access.ports import KeySource, KeySourceError
from holdfast.core.settings import Settings

_MARK = 1


def fingerprint(written: str) -> str:
    """A name for a key, as written in hex, that tells nothing about it (the key has 256 random bits)."""
    return hashlib.sha256(b"holdfast-key-fingerprint" + written.strip().encode()).hexdigest()[:16]


class LocalSource(ABC):
    """Master keys that this process can read, by id; wraps with AES-256-GCM itself."""

    name = "local"

    def __init__(self, written: Callable[[], Mapping[str, str]]) -> None:
        """``written`` gives the keys in hex by id, the newest last, read anew each time."""
        self._written = written

    def masters(self) -> list[str]:
        return list(self._written())

    def make(self) -> str:
        raise KeySourceError("this source cannot make a key")

    def wrap(self, master: str, plain: bytes, context: str) -> bytes:
        return sealed_with(self._cipher(master), plain, context, _MARK)

    def unwrap(self, master: str, wrapped: bytes, context: str) -> bytes:
        try:
            return opened_with(self._cipher(master), wrapped, context)
        except InvalidTag:
            raise KeySourceError(f"master key {master} does not open what was sealed with it") from None

    def first(self, master: str) -> bytes | None:
        return self._key(master)

    @abstractmethod
    def repair(self, master: str) -> str:
        """What to do where a master key is missing, in words."""

    def _cipher(self, master: str) -> AESGCM:
        return AESGCM(self._key(master))

    def _key(self, master: str) -> bytes:
        written = self._written().get(master)
        if written is None:
            raise KeySourceError(f"master key {master} is not here: {self.repair(master)}")
        try:
            key = bytes.fromhex(written)
        except ValueError:
            key = b""
        if len(key) != 32:
            raise KeySourceError(f"master key {master} is not 64 hexadecimal digits")
        return key


class FileSource(LocalSource):
    """``path`` holds the first key in hex; those made later lie beside it as ``master-<id>.key``, mode 0600."""

    name = "file"

    def __init__(self, path: Path) -> None:
        super().__init__(lambda: {key: file.read_text().strip() for key, file in self.files().items()})
        self.path = path

    def files(self) -> dict[str, Path]:
        """The key files by id, the newest last."""
        later = self.path.parent.glob("master-*.key") if self.path.parent.is_dir() else ()
        found = sorted(
            (p for p in {self.path, *later} if p.exists()), key=lambda p: (p != self.path, p.stat().st_mtime_ns)
        )
        try:
            return {fingerprint(p.read_text()): p for p in found}
        except (OSError, UnicodeDecodeError) as error:
            raise KeySourceError(f"a key file cannot be read: {error}") from error

    def make(self) -> str:
        written = secrets.token_hex(32)
        key = fingerprint(written)
        write_once(self.path.with_name(f"master-{key}.key") if self.files() else self.path, written)
        return self.masters()[-1]

    def repair(self, master: str) -> str:  # noqa: ARG002
        return f"put its file into {self.path.parent} (mode 0600)"


def write_once(path: Path, written: str) -> None:
    """A key's file, mode 0600 in a folder of 0700: whole or not at all, and never over another key. Two processes that
    start together end with the same one: what lies there counts."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(written + "\n")
            file.flush()
            os.fsync(file.fileno())
        # A link, not a rename: it fails where there is a key already.
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()


class EnvironmentSource(LocalSource):
    """``HOLDFAST_MASTER_KEYS``: keys in hex, separated by commas, the newest last. For platforms that hand secrets to
    processes this way. A new key needs a restart of the processes, one after the other."""

    name = "environment"

    def __init__(self, value: str) -> None:
        keys = {fingerprint(part): part.strip() for part in value.split(",") if part.strip()}
        super().__init__(lambda: keys)

    def make(self) -> str:
        raise KeySourceError(
            "add a new key at the end of HOLDFAST_MASTER_KEYS (openssl rand -hex 32), restart the processes, rotate"
        )

    def repair(self, master: str) -> str:  # noqa: ARG002
        return "add it to HOLDFAST_MASTER_KEYS"


def key_source(settings: Settings) -> KeySource:
    """The source that the settings name. Raises KeySourceError."""
    match settings.key_source:
        case "environment":
            return EnvironmentSource(settings.master_keys)
        case "pkcs11":
            from holdfast.access.pkcs11_source import Pkcs11Source  # noqa: PLC0415 - an extra, installed if wanted

            return Pkcs11Source(settings.pkcs11_module, settings.pkcs11_token, settings.pkcs11_pin_file)
        case _:
            return FileSource(settings.key_file)
