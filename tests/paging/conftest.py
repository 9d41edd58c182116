"""The house of each test."""

from collections.abc import AsyncIterator

import pytest

from tests.paging import support
from tests.paging.support import House


@pytest.fixture
async def house(fresh_database_url: str) -> AsyncIterator[House]:
    async with support.house(fresh_database_url) as built:
        yield built
