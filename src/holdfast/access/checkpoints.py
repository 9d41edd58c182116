"""Second places for checkpoints that need nothing but a path or an address; mail is plugged in by ``app``."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from holdfast.access.seals import Checkpoint
from holdfast.core.outgoing import Outgoing

_decode = msgspec.json.Decoder(Checkpoint).decode


class File:
    """One line a checkpoint, at the end of a file: best on another machine's disk or one that only appends
    (``chattr +a``, a WORM share)."""

    def __init__(self, path: Path, every: float = 0.0) -> None:
        self.name = f"file:{path}"
        self.every = every
        self._path = path

    async def put(self, checkpoint: Checkpoint) -> None:
        await asyncio.to_thread(self._append, checkpoint.line())

    def _append(self, line: str) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        with os.fdopen(descriptor, "a") as file:
            file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())


class Web:
    """A PUT of each checkpoint under a name of its own (``URL/seal-000000000042.json``): an object store with object
    lock, WebDAV, anything that refuses to replace what is there. ``authorization`` is the header's value.
    One in a network of one's own, or in clear, needs HOLDFAST_OUTGOING_NETWORKS, HOLDFAST_OUTGOING_HTTP_HOSTS."""

    def __init__(self, outgoing: Outgoing, url: str, authorization: str | None, every: float) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"}:
            raise ValueError(f"a second place on the web has an http(s) address, not {url!r}")
        self.name = f"{parts.scheme}://{parts.hostname}{parts.path}"
        self.every = every
        self._outgoing = outgoing
        self._url = url.rstrip("/")
        self._authorization = authorization

    async def put(self, checkpoint: Checkpoint) -> None:
        headers = {"content-type": "application/json", "if-none-match": "*"}
        if self._authorization:
            headers["authorization"] = self._authorization
        url = f"{self._url}/seal-{checkpoint.statement.number:012d}.json"
        answer = await self._outgoing.request("PUT", url, body=checkpoint.line().encode(), headers=headers)
        if answer.status >= 300:
            raise NotTaken(f"{self.name} answered {answer.status}")


class NotTaken(Exception):
    """A second place refused a checkpoint; the next round tries again."""


class DamagedCheckpoints(ValueError):
    """A checkpoints file holds something else; the message names the line."""


def read(path: Path) -> Iterator[Checkpoint]:
    """Checkpoints of a file, in its order: one a line. Lines that do not begin with ``{`` are passed over, so that a
    saved mail can be given as it is. Raises OSError, DamagedCheckpoints."""
    with path.open(encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, 1):
            if line.startswith("{"):
                try:
                    yield _decode(line)
                except (msgspec.MsgspecError, ValueError) as error:
                    raise DamagedCheckpoints(f"{path}, line {number}: {error}") from error
