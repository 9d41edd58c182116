"""The wall board on its way to those who watch it. It is painted once for all of them on this process, at most once a
second, when something happened or so many seconds are over; while nobody watches, not at all."""

import asyncio
import logging
from contextlib import suppress
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import StaffViewer
from holdfast.channels.chat.feed import Console
from holdfast.channels.chat.frames import frame
from holdfast.core.database import Database

logger = logging.getLogger(__name__)

# Seconds between two pictures at least; and at most, since promises come near without that anything happens.
SOONEST, LATEST = 1.0, 10.0


class Painter(Protocol):
    """What is on the board, and who may see it."""

    def admit(self, viewer: StaffViewer, zone: str) -> None:
        """Raises what tells the viewer why not."""

    async def board(self, session: AsyncSession, zone: str) -> Any: ...


class Boards:
    def __init__(self, database: Database, painter: Painter) -> None:
        self._database = database
        self._painter = painter
        self._watchers: dict[Console, str] = {}
        # The last picture of each zone: "today" is another one elsewhere.
        self._last: dict[str, str] = {}
        self._happened = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def notice(self, _payload: str = "") -> None:
        """Something happened at the desk."""
        self._happened.set()

    def watch(self, console: Console, zone: str) -> None:
        """Show it from now on. Raises what the painter raises."""
        self._painter.admit(console.viewer, zone)
        self._watchers[console] = zone
        if zone in self._last:
            console.peer.push(self._last[zone])
        self._happened.set()
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._paint())

    def leave(self, console: Console) -> None:
        self._watchers.pop(console, None)
        self._happened.set()

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _paint(self) -> None:
        while self._watchers:
            self._happened.clear()
            zones = set(self._watchers.values())
            self._last = {zone: text for zone, text in self._last.items() if zone in zones}
            for zone in zones:
                try:
                    await self._show(zone)
                except Exception:
                    logger.warning("the wall board is late", exc_info=True)
            await asyncio.sleep(SOONEST)
            with suppress(TimeoutError):
                async with asyncio.timeout(LATEST - SOONEST):
                    await self._happened.wait()
        self._last.clear()

    async def _show(self, zone: str) -> None:
        """To those who have not been shown the same."""
        async with self._database.transaction() as session:
            text = frame("board", board=await self._painter.board(session, zone))
        if self._last.get(zone) == text:
            return
        self._last[zone] = text
        for console, watched in self._watchers.items():
            if watched == zone:
                console.peer.push(text)
