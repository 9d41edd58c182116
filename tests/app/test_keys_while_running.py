"""A whole Holdfast under load while its keys are exchanged, its worker is killed, and the old key is taken away."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from holdfast.core.ids import new_id
from tests.support.server import Holdfast, running
from tests.support.waiting import until

ROWS = 3000


def holdfast(server: Holdfast, *words: str) -> "subprocess.CompletedProcess[str]":
    import os

    return subprocess.run(
        [sys.executable, "-m", "holdfast.app.cli", *words],
        env={
            **{k: v for k, v in os.environ.items() if not k.startswith("HOLDFAST_")},
            "HOLDFAST_DATA_DIR": str(server.data_dir),
            "HOLDFAST_DATABASE_URL": server.dsn,
        },
        capture_output=True,
        text=True,
        check=False,
    )


class Load:
    """Customers who open conversations and upload a file, and an agent who lists them and reads names and files."""

    def __init__(self, server: Holdfast) -> None:
        self.server = server
        self.errors: list[str] = []
        self.rounds = 0
        self.files: dict[str, bytes] = {}
        self._end = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._end.set()
        self._thread.join(60)

    async def _run(self) -> None:
        async with httpx.AsyncClient(
            base_url=self.server.origin, headers={"Origin": self.server.origin}, trust_env=False, timeout=30
        ) as agent:
            signed_in = await agent.post("/api/demo/sign-in", json={"email": await self._lead(agent)})
            if signed_in.is_error:
                self.errors.append(f"sign-in: {signed_in.text}")
                return
            while not self._end.is_set():
                try:
                    await self._round(agent)
                except (httpx.HTTPError, AssertionError, KeyError) as error:
                    self.errors.append(repr(error))
                self.rounds += 1

    async def _lead(self, agent: httpx.AsyncClient) -> str:
        raise NotImplementedError

    async def _round(self, agent: httpx.AsyncClient) -> None:
        raise NotImplementedError


@contextmanager
def load(server: Holdfast) -> Iterator[Load]:
    made = Load(server)
    made.start()
    try:
        yield made
    finally:
        made.stop()


__all__ = ["Path", "new_id", "pytest", "running", "until"]
