"""The whole application's requests in front of a test's database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from holdfast.app.start import start
from holdfast.app.web import create_litestar
from holdfast.core.database import Database
from holdfast.core.settings import Settings

ORIGIN = "http://localhost:8420"


@dataclass(frozen=True, slots=True)
class Application:
    settings: Settings
    database: Database
    browser: httpx.AsyncClient


def demo_settings(folder: Path) -> Settings:
    """A demo on ``folder``. Its key is every test's: the process has one, whoever sets it last."""
    key = folder / "keys" / "master.key"
    key.parent.mkdir(mode=0o700)
    key.write_text("6b" * 32)
    return replace(Settings(), data_dir=folder, demo=True, organisation="Lantern")


@asynccontextmanager
async def application(dsn: str, settings: Settings) -> AsyncIterator[Application]:
    """Requests go through every handler and middleware, without a socket."""
    database = start(settings, dsn)
    app = create_litestar(settings, database)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)  # type: ignore[arg-type]  # Litestar's ASGI types are stricter than httpx's
    try:
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"origin": ORIGIN}) as browser:
            yield Application(settings, database, browser)
    finally:
        await database.close()
