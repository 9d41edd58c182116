"""Waiting for a condition: the only way in which these tests pass time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from threading import Event

# Seconds between two looks.
LOOK_EVERY = 0.02


class NeverTrue(AssertionError):
    """What was waited for did not come; the message names it."""


def until(true: Callable[[], bool], seconds: float, what: str) -> None:
    """Return as soon as ``true()``; raises NeverTrue after ``seconds``."""
    deadline = time.monotonic() + seconds
    tick = Event()
    while not true():
        if time.monotonic() > deadline:
            raise NeverTrue(f"not within {seconds:g} s: {what}")
        tick.wait(LOOK_EVERY)


async def eventually(true: Callable[[], bool], seconds: float, what: str) -> None:
    """The same beside other tasks of the loop."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise NeverTrue(f"not within {seconds:g} s: {what}")
        await asyncio.sleep(LOOK_EVERY)


async def eventually_so(true: Callable[[], Awaitable[bool]], seconds: float, what: str) -> None:
    """The same where it has to be asked for."""
    deadline = time.monotonic() + seconds
    while not await true():
        if time.monotonic() > deadline:
            raise NeverTrue(f"not within {seconds:g} s: {what}")
        await asyncio.sleep(LOOK_EVERY)
