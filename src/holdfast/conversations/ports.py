"""What conversations need of the outside: keys that can be destroyed, and somebody who can read a picture."""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Protocol
from uuid import UUID

from holdfast.conversations.picture_text import Seen


class DisposableKeys(Protocol):
    """Keeps a key of 32 bytes for each sealed part of a message, outside the database and its backups.

    Every machine that serves the same database must see the same keys. Calls may block: they are made in threads.
    """

    def make(self, name: UUID) -> bytes:
        """A new key; it survives a loss of power when this returns."""
        ...

    def get(self, name: UUID) -> bytes | None:
        """The key, or None if there is none (any more)."""
        ...

    def destroy(self, name: UUID) -> None:
        """Nobody can get it again when this returns; harmless when it is gone."""
        ...

    def older_than(self, seconds: float) -> Iterable[UUID]:
        """Names of the keys made longer ago."""
        ...


_keys: DisposableKeys | None = None


def use_keys(keys: DisposableKeys) -> None:
    """Set the process's store (once, at start)."""
    global _keys  # noqa: PLW0603 - timelines are read in many places that have no settings
    _keys = keys


def keys() -> DisposableKeys:
    """The process's store. Raises RuntimeError before ``use_keys``."""
    if _keys is None:
        raise RuntimeError("no store of keys: call use_keys() at start")
    return _keys


class PictureUnreadable(Exception):
    """Nobody here can read it: no reader, too slow, too large, or the reader gave up."""


class PictureReader(Protocol):
    """Plugged in by ``app``."""

    def read(self, picture: bytes) -> AsyncIterator[Sequence[Seen]]:
        """The words in a picture (PNG, JPEG or WebP as ``media.inspect`` left it), once for each way of reading it.

        Raises PictureUnreadable. It must end by itself: whoever calls sets no time.
        """
        ...


class NoReader:
    """For an installation without one."""

    async def read(self, picture: bytes) -> AsyncIterator[Sequence[Seen]]:  # noqa: ARG002 - the port's shape
        raise PictureUnreadable
        yield []
