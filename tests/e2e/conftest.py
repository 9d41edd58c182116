"""One browser and one running Holdfast for all tests of this folder; each test has its own people."""

from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser

from tests.e2e.browser import Watch, Windows, chromium
from tests.e2e.leaks import everything, remembered, search, typed
from tests.support.provider import CLIENT, SECRET, Provider, provider
from tests.support.server import Holdfast, free_port, running
from tests.support.waiting import until

# Where tests that need one put a receiver of webhooks.
RECEIVER = free_port()
# Where letters are delivered to.
LETTERS = free_port()
# Whoever closes the tab is gone after this many seconds: a test should not wait longer.
SETTINGS = {"HOLDFAST_PRESENCE_GRACE": "2"}


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@pytest.fixture(scope="session")
async def identity_provider() -> AsyncIterator[Provider]:
    """The organisation's own sign-in, on another site than Holdfast (127.0.0.1 and localhost)."""
    async with provider() as made:
        yield made


@pytest.fixture(scope="session")
def holdfast(identity_provider: Provider) -> Iterator[Holdfast]:
    """People, but no conversations."""
    host = urlsplit(identity_provider.issuer).netloc
    outside = {
        "HOLDFAST_OIDC_ISSUER": identity_provider.issuer,
        "HOLDFAST_OIDC_CLIENT_ID": CLIENT,
        "HOLDFAST_OIDC_CLIENT_SECRET": SECRET,
        "HOLDFAST_OIDC_NAME": "Example SSO",
        "HOLDFAST_OUTGOING_NETWORKS": "127.0.0.0/8",
        "HOLDFAST_MAIL_LISTEN": f"lmtp://127.0.0.1:{LETTERS}",
        "HOLDFAST_OUTGOING_HTTP_HOSTS": f"{host},127.0.0.1:{RECEIVER}",
    }
    typed(SECRET, "the client's secret at the provider")
    with running(chats=4, environment={**SETTINGS, **outside}) as server:
        yield server
        # Whatever the tests typed: it stands in no table, no file and no log.
        leaks = search(remembered(), everything(server))
        assert not leaks, "\n".join(f"{leak.what} stands in {leak.where}" for leak in leaks)


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
