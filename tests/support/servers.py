"""Servers of asyncio as Python 3.12 has them, whichever runs the tests."""

import asyncio
from asyncio import base_events

import pytest

from tests.support.waiting import LOOK_EVERY


def wait_for_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits until a server is closed waits for its connections, too."""

    async def wait_closed(self: base_events.Server) -> None:
        while self._active_count:  # type: ignore[attr-defined]  # of asyncio's own
            await asyncio.sleep(LOOK_EVERY)

    monkeypatch.setattr(base_events.Server, "wait_closed", wait_closed)
