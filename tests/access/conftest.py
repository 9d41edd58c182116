"""The same house as the people's tests, and the stage of the masking matrix."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.access.stage import Stage
from tests.access.stage import stage as make_stage
from tests.conversations.support import desk
from tests.people.conftest import _keys, demo, house


@pytest.fixture
async def stage(fresh_database_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    async with desk(fresh_database_url) as made, make_stage(made, tmp_path) as ready:
        yield ready


__all__ = ["_keys", "demo", "house"]
