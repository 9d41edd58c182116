"""A desk to prove something to, the same for a module; each test begins with nobody known."""

from collections.abc import AsyncIterator

import pytest

from tests.verification.house import House
from tests.verification.house import house as make_house


@pytest.fixture(scope="module")
async def whole_house(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with make_house(database_url, tmp_path_factory.mktemp("house")) as made:
        yield made


@pytest.fixture
async def house(whole_house: House) -> AsyncIterator[House]:
    yield whole_house
    await whole_house.forget()
