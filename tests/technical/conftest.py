"""A house with a technical team, and a GitHub beside it."""

from collections.abc import AsyncIterator

import pytest

from tests.support.github import GitHub, github
from tests.technical import support
from tests.technical.support import House


@pytest.fixture
async def house(fresh_database_url: str) -> AsyncIterator[House]:
    async with support.house(fresh_database_url) as made:
        yield made


@pytest.fixture
async def hub() -> AsyncIterator[GitHub]:
    async with github() as made:
        yield made
