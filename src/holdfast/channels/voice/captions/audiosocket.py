"""Sound out of the engine: Asterisk's AudioSocket, TCP with frames of a kind, a length (16 bits, big-endian) and so
many bytes. The first names the stream, which we have named when we asked for it. Source: Asterisk's documentation,
"AudioSocket"; the channel driver is ``chan_audiosocket``.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from uuid import UUID

_HANG_UP, _NAME, _SOUND = 0x00, 0x01, 0x10
# A stream that is not named so soon is none of ours.
_SECONDS = 5.0


class Stream:
    """One that has come. ``sound`` is never asked for twice at once."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader

    async def frame(self) -> tuple[int, bytes]:
        kind, *length = await self._reader.readexactly(3)
        return kind, await self._reader.readexactly(int.from_bytes(length, "big"))

    async def sound(self) -> bytes | None:
        """The next samples (``utterances``); None at the end."""
        try:
            while True:
                kind, content = await self.frame()
                if kind == _SOUND:
                    return content
                if kind == _HANG_UP:
                    return None
        except (asyncio.IncompleteReadError, OSError):
            # An engine that is gone may be noticed as any fault of the line, after minutes too.
            return None


class Receiver:
    """Listens, and gives each stream to whoever has asked for it. ``address`` is host:port, empty while it does not."""

    def __init__(self, host: str, port: int) -> None:
        self._where = host, port
        self._expected: dict[UUID, tuple[Callable[[Stream], Awaitable[None]], asyncio.Event]] = {}
        self._writers: set[asyncio.StreamWriter] = set()
        self.address = ""

    async def run(self) -> None:
        """Until cancelled. Raises OSError when the port is taken."""
        server = await asyncio.start_server(self._connected, *self._where)
        try:
            host, port = server.sockets[0].getsockname()[:2]
            self.address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
            # Not ``serve_forever``: cancelled, it waits for streams to end by themselves (Python 3.12), as long as a
            # call lasts.
            await asyncio.get_running_loop().create_future()
        finally:
            self.address = ""
            server.close()
            for writer in tuple(self._writers):
                writer.transport.abort()
            await server.wait_closed()

    def expect(self, name: UUID, take: Callable[[Stream], Awaitable[None]]) -> asyncio.Event:
        """``take`` gets the stream of this name, once; what is given is set when it has come."""
        came = asyncio.Event()
        self._expected[name] = take, came
        return came

    def forget(self, name: UUID) -> None:
        """It is no longer expected: whoever comes with that name now is a stranger."""
        self._expected.pop(name, None)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        stream = Stream(reader)
        self._writers.add(writer)
        try:
            async with asyncio.timeout(_SECONDS):
                kind, name = await stream.frame()
            expected = self._expected.pop(UUID(bytes=name), None) if kind == _NAME and len(name) == 16 else None
            if expected is not None:
                take, came = expected
                came.set()
                await take(stream)
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
