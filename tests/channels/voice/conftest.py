"""One engine for the tests of a module; nothing is left in it between two of them, which each test sees to."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from holdfast.access.disposable_keys import KeyFolder
from holdfast.channels.voice.ari import Ari
from holdfast.conversations import ports
from tests.channels.voice.test_keeping import with_phone
from tests.routing.support import Desk
from tests.routing.support import desk as make_desk
from tests.support import phones
from tests.support.app_caller import App, app_of
from tests.support.hotline import Hotline, hotline
from tests.support.voiceless import House, house_with_call
from tests.support.waiting import eventually


@pytest.fixture(scope="module")
def exchange() -> Iterator[phones.Exchange]:
    port = phones.free_port()
    given = phones.settings(port)
    with phones.engine(given) as engine:
        yield phones.Exchange(engine, given, port)


@pytest.fixture
async def line(exchange: phones.Exchange) -> AsyncIterator[Ari]:
    """Our client, connected to the engine; afterwards no call may be left."""
    async with phones.connected(exchange.engine) as ari:
        yield ari
        for channel in await ari.channels():
            await ari.hang_up(channel.id)
        for bridge in await ari.bridges():
            await ari.destroy_bridge(bridge.id)


@pytest.fixture
async def desk(fresh_database_url: str, exchange: phones.Exchange, tmp_path: Path) -> AsyncIterator[Hotline]:
    async with hotline(fresh_database_url, exchange, tmp_path) as made:
        yield made


@pytest.fixture
async def house(fresh_database_url: str) -> AsyncIterator[Desk]:
    """A desk without a phone."""
    async with make_desk(fresh_database_url) as made:
        yield made


@pytest.fixture
async def app(desk: Hotline, tmp_path: Path) -> AsyncIterator[App]:
    async with app_of(desk, tmp_path) as made:
        yield made


@pytest.fixture
async def talk(house: Desk, tmp_path: Path) -> AsyncIterator[House]:
    """Ann talks with a customer, without an engine."""
    ports.use_keys(KeyFolder(tmp_path / "keys"))
    made = await house_with_call(house, tmp_path, (await with_phone(house, "Ann")).id)
    work = asyncio.create_task(made.voice.captions.run())
    await eventually(lambda: bool(made.voice.captions._receiver.address), 5, "it listens")
    yield made
    work.cancel()
    with suppress(asyncio.CancelledError):
        await work
