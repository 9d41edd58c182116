"""A desk to prove something to."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.verification.house import House
from tests.verification.house import house as make_house


@pytest.fixture
async def house(fresh_database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with make_house(fresh_database_url, tmp_path) as made:
        yield made
