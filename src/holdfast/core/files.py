"""Files on the disk: written whole or not at all, named at random, readable by this account only, sealed if a key is
given (``core/sealed_files.py``)."""

import contextlib
import errno
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from holdfast.core.errors import NotFound, StorageFull
from holdfast.core.sealed_files import SealedFileDamaged, SealedReader, seal_chunks

# 64 KiB: a stream of any length is copied in this much memory.
CHUNK = 64 * 1024
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# 160 random bits: nobody guesses a key, and no two writers choose the same.
_KEY = re.compile(r"[0-9a-f]{40}")


class StoredFileMissing(NotFound):
    id = "stored_file_missing"
    title = "This file is no longer kept"


class FileStore:
    """Keeps bytes under random keys below ``root``, which is made when the first file comes.

    A key is 40 hex digits; its first four are two levels of folders, so that a folder holds few entries
    (65,536 folders: 15 files in each of them at a million files). Safe to use from several threads and processes.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, content: bytes | BinaryIO, file_key: bytes | None = None) -> str:
        """Keep the content, sealed with ``file_key``, and return its key. When it returns, the file survives a loss of
        power.

        Raises StorageFull when the disk, the quota or the process's file size limit refuses; nothing is left then.
        """
        key = secrets.token_hex(20)
        self._write(key, _chunks(content) if file_key is None else seal_chunks(content, file_key, key))
        return key

    def seal(self, key: str, file_key: bytes) -> None:
        """Replace a plain file by its sealed form, at once for every reader; harmless when it is done already.

        Raises StoredFileMissing, StorageFull.
        """
        if self.is_sealed(key, file_key):
            return
        with self.open(key) as file:
            self._write(key, seal_chunks(file, file_key, key), new=False)

    def is_sealed(self, key: str, file_key: bytes) -> bool:
        """Whether it opens with this key. Raises StoredFileMissing."""
        try:
            self.open(key, file_key).close()
        except SealedFileDamaged:
            return False
        return True

    def _write(self, key: str, chunks: Iterator[bytes], *, new: bool = True) -> None:
        target = self._path(key)
        try:
            make_durable(target.parent, self.root)
            write_durable(target, chunks, new=new)
        except OSError as error:
            if error.errno in _FULL:
                raise StorageFull from error
            raise

    def open(self, key: str, file_key: bytes | None = None) -> BinaryIO:
        """The content, for reading, seekable; the caller closes it. Raises StoredFileMissing, also for a key that is
        none, and SealedFileDamaged (reading, too)."""
        try:
            file = self._path(key).open("rb")
        except FileNotFoundError:
            raise StoredFileMissing from None
        if file_key is None:
            return file
        try:
            return cast(BinaryIO, SealedReader(file, file_key, key))
        except BaseException:
            file.close()
            raise

    def read(self, key: str, file_key: bytes | None = None) -> bytes:
        """The whole content. Raises StoredFileMissing, SealedFileDamaged."""
        with self.open(key, file_key) as file:
            return file.read()

    def delete(self, key: str) -> None:
        """Forget the file; one that is already gone is no error, so that a job may run twice.

        An empty key is that of a file that was destroyed."""
        if not key:
            return
        target = self._path(key)
        with contextlib.suppress(FileNotFoundError):
            target.unlink()
            sync_folder(target.parent)

    def _path(self, key: str) -> Path:
        # The key comes from the database, yet a traversal must be impossible even if a row was tampered with.
        if not _KEY.fullmatch(key):
            raise StoredFileMissing
        return self.root / key[:2] / key[2:4] / key


def write_durable(target: Path, chunks: Iterator[bytes], *, new: bool) -> None:
    """Under a name of its own first, then renamed. A target that is not ``new`` is replaced, and never deleted."""
    temporary = target.with_name(f".{target.name}.part")
    if not new:
        # Of a process that died while it replaced this file.
        temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        # Closing may fail as well (a network file system reports its full quota there): inside the try.
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            for chunk in chunks:
                rest = memoryview(chunk)
                while rest:
                    rest = rest[file.write(rest) :]
            os.fsync(file.fileno())
        temporary.rename(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    try:
        sync_folder(target.parent)
    except BaseException:
        if new:
            target.unlink(missing_ok=True)
        raise


def _chunks(content: bytes | BinaryIO) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    while chunk := content.read(CHUNK):
        yield chunk


def make_durable(folder: Path, root: Path) -> None:
    """Make the folder; a new entry is only durable when the folder that holds it is synced too."""
    if folder.is_dir():
        return
    if not root.is_dir():
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        sync_folder(root.parent)
    for part in (folder.parent, folder):
        part.mkdir(mode=0o700, exist_ok=True)
        sync_folder(part.parent)


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
