"""Sealed files: content of any length under a key of its own, in chunks, so that memory stays bounded and any range
can be read. Attachments and recordings are kept this way.

``MAGIC (8) || prefix (7) || chunk || chunk …``. A chunk is 64 KiB of content under AES-256-GCM with its tag (16). This
is the STREAM construction: the nonce is ``prefix || number (4) || last (1)``, and the header and the file's name are
authenticated with every chunk, so that chunks that were cut off, moved, doubled or taken from another file do not open.
"""

import io
import secrets
import struct
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from holdfast.core.errors import HoldfastError

MAGIC = b"\x89HFSEAL1"
CHUNK = 64 * 1024
_PREFIX = 7
_HEADER = len(MAGIC) + _PREFIX
_TAG = 16
_SEALED = CHUNK + _TAG
# 2^32 chunks of 64 KiB are 256 TiB: the counter cannot come round.
_NUMBERS = 1 << 32


class SealedFileDamaged(HoldfastError):
    """Changed, cut, moved to another name, or opened with another key."""

    id = "sealed_file_damaged"
    status = 500
    title = "This file is damaged"


def new_file_key() -> bytes:
    return secrets.token_bytes(32)


def sealed_size(size: int) -> int:
    """Bytes on the disk for ``size`` bytes of content; an empty file has one empty chunk."""
    return _HEADER + size + max(1, -(-size // CHUNK)) * _TAG


def seal_chunks(content: bytes | BinaryIO, key: bytes, name: str) -> Iterator[bytes]:
    """The sealed file, piece by piece. A key is used for one content only (``new_file_key``)."""
    source = io.BytesIO(content) if isinstance(content, bytes) else content
    header = MAGIC + secrets.token_bytes(_PREFIX)
    yield header
    cipher, bound = AESGCM(key), header + name.encode()
    number, chunk = 0, _whole(source)
    while True:
        following = _whole(source) if len(chunk) == CHUNK else b""
        last = not following
        yield cipher.encrypt(_nonce(header, number, last), chunk, bound)
        if last:
            return
        number, chunk = number + 1, following
        if number == _NUMBERS:
            raise ValueError("the content is longer than a sealed file can be")


def _whole(source: BinaryIO) -> bytes:
    """A full chunk unless the source ends: a raw file or socket may give less at a time."""
    parts, missing = [], CHUNK
    while missing and (part := source.read(missing)):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _nonce(header: bytes, number: int, last: bool) -> bytes:
    return header[len(MAGIC) :] + struct.pack(">IB", number, last)


class SealedReader(io.RawIOBase):
    """The content of a sealed file, seekable; holds one chunk. Raises SealedFileDamaged."""

    def __init__(self, file: BinaryIO, key: bytes, name: str) -> None:
        self._file = file
        header = file.read(_HEADER)
        length = file.seek(0, io.SEEK_END) - _HEADER
        # The last chunk may be short, but never shorter than its tag.
        full, rest = divmod(length, _SEALED)
        if header[: len(MAGIC)] != MAGIC or length < _TAG or 0 < rest < _TAG:
            raise SealedFileDamaged
        self._header, self._bound = header, header + name.encode()
        self._cipher = AESGCM(key)
        self._chunks = full + (rest > 0)
        self.size = length - self._chunks * _TAG
        self._at = 0
        self._number, self._chunk = -1, b""
        # The last chunk is opened at once: it alone says that nothing was cut off, whatever range is read.
        self._open_chunk(self._chunks - 1)

    def _open_chunk(self, number: int) -> bytes:
        if number != self._number:
            self._file.seek(_HEADER + number * _SEALED)
            nonce = _nonce(self._header, number, number == self._chunks - 1)
            try:
                self._chunk = self._cipher.decrypt(nonce, self._file.read(_SEALED), self._bound)
            except InvalidTag:
                raise SealedFileDamaged from None
            self._number = number
        return self._chunk

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes; all that is left for -1."""
        left = self.size - self._at
        wanted = left if size is None or size < 0 else min(size, left)
        parts = []
        while wanted > 0:
            number, offset = divmod(self._at, CHUNK)
            part = self._open_chunk(number)[offset : offset + wanted]
            parts.append(part)
            self._at += len(part)
            wanted -= len(part)
        return b"".join(parts)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        if base + offset < 0:
            raise ValueError("a negative position")
        self._at = min(base + offset, self.size)
        return self._at

    def tell(self) -> int:
        return self._at

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()
