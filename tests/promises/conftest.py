"""A desk that promises what is shipped."""

from collections.abc import AsyncIterator

import pytest

from tests.promises.support import House, house


@pytest.fixture
async def desk(fresh_database_url: str) -> AsyncIterator[House]:
    async with house(fresh_database_url) as made:
        yield made
