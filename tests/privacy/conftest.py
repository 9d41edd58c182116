"""A house with a customer who has written, sent a file and rated, an administrator and an auditor."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from holdfast.core.settings import Settings
from tests.conversations.support import desk as make_desk
from tests.privacy.support import House


@pytest.fixture
async def house(fresh_database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with make_desk(fresh_database_url) as desk:
        yield await House.built(desk, replace(Settings(), data_dir=tmp_path, demo=True))
