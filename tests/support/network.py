"""A network that can fail: TCP between a browser and the server, which is cut, frozen and healed by the test."""

import asyncio
from contextlib import suppress


class Network:
    """Listens on a port of its own and passes bytes on to ``port`` of 127.0.0.1.

    ``cut`` ends every connection and refuses new ones; ``freeze`` leaves connections open and passes nothing, as when
    a phone enters a lift; ``heal`` undoes both (what was frozen is then cut, as its peer has long given up).
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._refusing = False
        self.port = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        self._end_all()
        self._flowing.set()

    def cut(self) -> None:
        self._refusing = True
        self._end_all()

    def freeze(self) -> None:
        self._flowing.clear()

    def heal(self) -> None:
        if not self._flowing.is_set():
            self._end_all()
        self._refusing = False
        self._flowing.set()

    def _end_all(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refusing:
            writer.transport.abort()
            return
        with suppress(OSError):
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
            await asyncio.gather(self._pass(reader, back), self._pass(there, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while data := await reader.read(65536):
                await self._flowing.wait()
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            self._writers.discard(writer)
            with suppress(OSError, RuntimeError):
                writer.close()
