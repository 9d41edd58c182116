"""The requests of routing and training, with a viewer that the test chooses instead of a sign-in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide

from holdfast.access.viewer import StaffViewer
from holdfast.core.http import EXCEPTION_HANDLERS, PROVIDERS
from holdfast.core.settings import Settings
from holdfast.routing import http as routing_http
from holdfast.training import http as training_http
from tests.routing.support import Desk


@asynccontextmanager
async def browser(desk: Desk, viewer: StaffViewer) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in which ``viewer`` is signed in."""
    app = Litestar(
        [*routing_http.HANDLERS, *training_http.HANDLERS],
        state=State({"database": desk.database, "settings": Settings()}),
        dependencies={**PROVIDERS, "viewer": Provide(lambda: viewer, sync_to_thread=False)},
        exception_handlers=EXCEPTION_HANDLERS,
        openapi_config=None,
    )
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)  # type: ignore[arg-type]  # Litestar's ASGI types are stricter than httpx's
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8420") as client:
        yield client
