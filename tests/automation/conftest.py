"""The desk of the promises' tests, with rules."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from holdfast.access.disposable_keys import KeyFolder
from holdfast.conversations import ports
from tests.automation.support import House, house


@pytest.fixture
async def desk(fresh_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    monkeypatch.setattr(ports, "_keys", KeyFolder(tmp_path / "keys"))
    async with house(fresh_database_url) as made:
        yield made
