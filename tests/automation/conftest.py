"""The desk of the promises' tests, with rules."""

from collections.abc import AsyncIterator

import pytest

from tests.automation.support import House, house


@pytest.fixture
async def desk(fresh_database_url: str) -> AsyncIterator[House]:
    async with house(fresh_database_url) as made:
        yield made
