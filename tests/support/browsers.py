"""Browsers on an application in this process: requests go through every handler and middleware, without a socket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import update

from holdfast.access.viewer import StaffViewer
from holdfast.core.database import Database
from holdfast.core.http import SESSION_COOKIE
from holdfast.people import sessions
from holdfast.people.models import SignInSession

ORIGIN = "http://localhost:8420"
NETWORK = "203.0.113.9"


async def session_of(database: Database, agent_id: UUID, network: str = NETWORK) -> str:
    """The cookie that a sign-in would give."""
    async with database.transaction() as session:
        _, cookie = await sessions.start(session, agent_id, complete=True, network=network, user_agent="")
    return cookie


async def stale(database: Database) -> None:
    """Everybody who is signed in showed their second factor too long ago for a step-up."""
    async with database.transaction() as session:
        await session.execute(update(SignInSession).values(stepped_up_at=None))


@asynccontextmanager
async def browser(
    app: Any, cookie: str | None = None, *, network: str = NETWORK, origin: str = ORIGIN
) -> AsyncIterator[httpx.AsyncClient]:
    """At an address of the network, showing a page of ``origin``. What an application raises is an answer to it."""
    transport = httpx.ASGITransport(app, client=(network, 50000), raise_app_exceptions=False)
    cookies = {SESSION_COOKIE: cookie} if cookie else {}
    async with httpx.AsyncClient(
        transport=transport, base_url=ORIGIN, headers={"origin": origin}, cookies=cookies
    ) as client:
        yield client


@asynccontextmanager
async def browser_of(
    app: Any, database: Database, viewer: StaffViewer | None, *, network: str = NETWORK, origin: str = ORIGIN
) -> AsyncIterator[httpx.AsyncClient]:
    """The same, signed in as ``viewer``, if there is one."""
    cookie = await session_of(database, viewer.id, network) if viewer is not None else None
    async with browser(app, cookie, network=network, origin=origin) as client:
        yield client
