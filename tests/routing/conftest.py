"""A desk for each test."""

from collections.abc import AsyncIterator

import pytest

from tests.routing.support import Desk
from tests.routing.support import desk as make_desk


@pytest.fixture
async def desk(fresh_database_url: str) -> AsyncIterator[Desk]:
    async with make_desk(fresh_database_url) as made:
        yield made
