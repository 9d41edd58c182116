"""Work that waits in a table: looked for when a notice says so, and else after a while."""

import asyncio
import logging
from abc import ABC, abstractmethod
from contextlib import suppress

logger = logging.getLogger(__name__)

_AFTER_FAILURE = 1.0


class Looking(ABC):
    """One of a kind per worker process. What it does is in the tables: a process that is killed loses nothing."""

    def __init__(self) -> None:
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Look again now (called on NOTIFY)."""
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled. A lost database is retried each second."""
        while True:
            self._wake.clear()
            try:
                pause = await self._look()
            except Exception:
                logger.exception("%s will try again", type(self).__name__)
                # Not before: a failing look that wakes itself must not spin.
                await asyncio.sleep(_AFTER_FAILURE)
                continue
            # Not wait_for: Python 3.11's can swallow a cancellation.
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()

    @abstractmethod
    async def _look(self) -> float:
        """Do what waits; the seconds until the next look if nothing wakes it."""
