"""The house of each test: a fresh database, cheap password hashes, and a clock that stands still."""

from collections.abc import AsyncIterator

import pytest

from holdfast.access import keys
from holdfast.people import passwords
from tests.people import support
from tests.people.support import House


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_ring", keys.KeyRing(b"k" * 32))
    monkeypatch.setattr(passwords, "_hasher", support.CHEAP)
    monkeypatch.setattr(passwords, "_nobody", support.CHEAP.hash("nobody"))


@pytest.fixture
async def house(fresh_database_url: str) -> AsyncIterator[House]:
    async with support.house(fresh_database_url) as built:
        yield built


@pytest.fixture
async def demo(fresh_database_url: str) -> AsyncIterator[House]:
    async with support.house(fresh_database_url, demo=True, smtp_url=None) as built:
        yield built
