"""One browser and one running Holdfast for all tests of this folder; each test has its own people."""

from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser

from tests.e2e.browser import Watch, Windows, chromium
from tests.support.server import Holdfast, running
from tests.support.waiting import until

# Whoever closes the tab is gone after this many seconds: a test should not wait longer.
SETTINGS = {"HOLDFAST_PRESENCE_GRACE": "2"}


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def holdfast() -> Iterator[Holdfast]:
    """People, but no conversations."""
    with running(chats=4, environment=SETTINGS) as server:
        yield server


def _clear(server: Holdfast) -> None:
    """An empty desk for the next test: nobody is there, nothing waits."""
    server.execute("UPDATE presence SET chosen = 'away'")
    server.execute(
        "UPDATE conversation SET category = 'resolved', resolved_at = now(), assignee_id = NULL, waiting_since = NULL,"
        " next_due = NULL, preferred_agent_id = NULL WHERE category <> 'resolved'"
    )
    until(lambda: server.query("SELECT 1 FROM console_socket LIMIT 1") == [], 20, "every console is gone")
    until(lambda: server.query("SELECT 1 FROM offer WHERE outcome IS NULL LIMIT 1") == [], 20, "nothing rings")


@pytest.fixture
async def windows(browser: Browser, holdfast: Holdfast) -> AsyncIterator[Windows]:
    """Fails the test at its end when a page did what none may do."""
    watch = Watch({f"localhost:{holdfast.port}", f"127.0.0.1:{holdfast.port}"})
    made = Windows(browser, watch)
    yield made
    await made.close()
    _clear(holdfast)
    assert not watch.faults, "\n".join(watch.faults)
