"""What conversations must call outside: somebody who can read a picture."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from holdfast.conversations.picture_text import Seen


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
