"""Captions at the engine: an ear at one side of the customer's channel, in a bridge with a stream of what it hears."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import Literal
from uuid import UUID

from holdfast.channels.voice import queries
from holdfast.channels.voice.ari import Ari
from holdfast.channels.voice.ari_shapes import Bridge, StasisStart
from holdfast.channels.voice.captions.audiosocket import Receiver, Stream
from holdfast.channels.voice.conducting import Conductor
from holdfast.channels.voice.errors import CallGone, CallNotReady, EngineRefused
from holdfast.core.database import Database
from holdfast.core.ids import new_id

logger = logging.getLogger(__name__)

_NAME = "captions-"
# The engine is beside us, or near: what has not begun by then does not.
_SECONDS = 2.0


async def listen(
    c: Conductor,
    receiver: Receiver,
    spy: Literal["in", "out"],
    take: Callable[[Stream], Awaitable[None]],
    made: list[str],
) -> None:
    """``take`` gets what is heard. The channels are named in ``made`` before there are any, so that ``silence`` finds
    them wherever this ends. Raises CallGone, CallNotReady, EngineRefused, EngineUnreachable, TimeoutError."""
    if not receiver.address:
        raise CallNotReady
    name, ear = new_id(), str(new_id())
    stream = str(name)
    made += [stream, ear]
    bridge = await c.ari.create_bridge(name=_NAME + str(c.call.id))
    came = receiver.expect(name, take)
    try:
        with c.ari.expect(StasisStart, lambda event: event.channel.id == stream, seconds=_SECONDS) as begun:
            await c.ari.stream_out(stream, receiver.address)
            await begun
        await c.ari.add(bridge.id, stream)
        with c.ari.expect(StasisStart, lambda event: event.channel.id == ear, seconds=_SECONDS) as begun:
            await c.ari.snoop(c.call.channel, "caption", stream, spy=spy, ear=ear)
            await begun
        await c.ari.add(bridge.id, ear)
        async with asyncio.timeout(_SECONDS):
            await came.wait()
    finally:
        receiver.forget(name)


async def silence(ari: Ari, call_id: UUID, made: Collection[str] = ()) -> None:
    """No ear is left at the call, nor a stream; ``made``: those that may be in no bridge yet. Raises EngineUnreachable:
    what else goes wrong is no fault of the call's."""
    bridges = [bridge for bridge in await ari.bridges() if bridge.name == _NAME + str(call_id)]
    for channel in {*made, *(channel for bridge in bridges for channel in bridge.channels)}:
        await _harmless(ari.hang_up(channel))
    for bridge in bridges:
        await _harmless(ari.destroy_bridge(bridge.id))


async def _harmless(request: Awaitable[object]) -> None:
    try:
        await request
    except (CallGone, CallNotReady, EngineRefused) as refused:
        logger.warning("something of captions is left in the phone engine: %s", refused)


async def tidy(ari: Ari, database: Database, bridges: Iterable[Bridge]) -> None:
    """What processes that were killed have left of calls that are over."""
    names = {bridge.name.removeprefix(_NAME) for bridge in bridges if bridge.name.startswith(_NAME)}
    if names:
        async with database.transaction() as session:
            up = await queries.still_up(session, ids := {UUID(name) for name in names})
        for call_id in ids - up:
            await silence(ari, call_id)
