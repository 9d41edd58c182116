"""One engine for the tests of a module; nothing is left in it between two of them, which each test sees to."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest

from holdfast.channels.voice.ari import Ari
from holdfast.channels.voice.engine.trial import Engine
from holdfast.channels.voice.settings import VoiceSettings
from tests.support import phones


@dataclass(frozen=True)
class Exchange:
    """An engine, its settings, and the port of the public network to which its trunk leads."""

    engine: Engine
    settings: VoiceSettings
    network: int


@pytest.fixture(scope="module")
def exchange() -> Iterator[Exchange]:
    port = phones.free_port()
    given = phones.settings(port)
    with phones.engine(given) as engine:
        yield Exchange(engine, given, port)


@pytest.fixture
async def line(exchange: Exchange) -> AsyncIterator[Ari]:
    """Our client, connected to the engine; afterwards no call may be left."""
    async with phones.connected(exchange.engine) as ari:
        yield ari
        for channel in await ari.channels():
            await ari.hang_up(channel.id)
        for bridge in await ari.bridges():
            await ari.destroy_bridge(bridge.id)
