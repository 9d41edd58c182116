"""Chromium under watch: whatever a page must never do is written down, and fails the test at its end."""

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    ViewportSize,
    async_playwright,
    expect,
)

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS: Sequence[str] = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PHONE: ViewportSize = {"width": 375, "height": 720}
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
NARROW: ViewportSize = {"width": 320, "height": 640}

# Runs before any script of a page.
_WATCH = """
addEventListener('securitypolicyviolation', (event) => {
  const where = `${event.sourceFile}:${event.lineNumber}`
  console.error(`CSP violation: ${event.violatedDirective} blocked ${event.blockedURI} at ${where}`)
}, true)
"""
# The console asks who is signed in; the browser itself reports the 401 that says "nobody".
_NOBODY_SIGNED_IN = re.compile(r"status of 401 .*/api/session$")
_NO_NETWORK = re.compile(
    r"ERR_INTERNET_DISCONNECTED|ERR_CONNECTION_|ERR_EMPTY_RESPONSE|ERR_NETWORK_|ERR_SOCKET|WebSocket connection to|"
    r"status of 50[0234]"
)


@dataclass
class Watch:
    """``faults`` of all pages of a test; ``hosts`` are the only ones that may be asked for anything."""

    hosts: set[str]
    faults: list[str] = field(default_factory=list)
    allowed: list[re.Pattern[str]] = field(default_factory=lambda: [_NOBODY_SIGNED_IN])

    def follow(self, context: BrowserContext) -> None:
        context.on("request", lambda request: self._asked(request.url))
        context.on("console", self._said)
        context.on("weberror", lambda error: self.faults.append(f"uncaught: {error.error}"))
        context.on("page", lambda page: page.on("websocket", lambda socket: self._asked(socket.url)))

    def _asked(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"data", "blob", "about"} and parts.netloc not in self.hosts:
            self.faults.append(f"a request left the machine: {url}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        text = f"{message.text} {message.location.get('url', '')}"
        if not any(pattern.search(text) for pattern in self.allowed):
            self.faults.append(f"console.{message.type}: {text}")

    def outage(self) -> AbstractContextManager[None]:
        """While the test itself takes the network away, the browser may say that it is gone."""
        return self._allowing(_NO_NETWORK)

    def refusals(self, status: int) -> AbstractContextManager[None]:
        """While the test itself provokes refusals with this status, the browser may report them."""
        return self._allowing(re.compile(rf"status of {status}"))

    def lost_files(self) -> AbstractContextManager[None]:
        """While a file is destroyed that is shown, the browser may report that it gets none."""
        return self._allowing(re.compile(r"ERR_BLOCKED_BY_RESPONSE.NotSameOrigin \S+/files/"))

    @contextmanager
    def _allowing(self, pattern: re.Pattern[str]) -> Iterator[None]:
        self.allowed.append(pattern)
        try:
            yield
        finally:
            self.allowed.remove(pattern)


class Windows:
    """Browser contexts of one test: each is a person with a device of their own."""

    def __init__(self, browser: Browser, watch: Watch) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.watch = watch

    async def person(self, *, locale: str = "en-GB", size: ViewportSize | None = None, **options: Any) -> Page:
        """A page of a new person. ``options`` as for Playwright's new_context."""
        usual = {"locale": locale, "viewport": size or DESKTOP, "timezone_id": "Europe/Berlin"}
        context = await self._browser.new_context(**usual | options)
        self._contexts.append(context)
        await context.add_init_script(_WATCH)
        self.watch.follow(context)
        page = await context.new_page()
        page.set_default_timeout(15_000)
        return page

    async def close(self) -> None:
        for context in self._contexts:
            await context.close()


@asynccontextmanager
async def chromium(*more: str) -> AsyncIterator[Browser]:
    """One headless browser, with ``more`` switches. Expectations wait for up to 15 s: two cores may be shared by a
    whole suite."""
    expect.set_options(timeout=15_000)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *more])
        try:
            yield browser
        finally:
            await browser.close()
