"""Who is asking: the viewer of a request from its cookie, the guards of roles, the browser it comes from."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.di import Provide
from litestar.handlers import BaseRouteHandler

from holdfast.access.viewer import Role, StaffViewer
from holdfast.core.database import Database
from holdfast.core.http import SignInRequired, client_network, cookie_name
from holdfast.core.settings import Settings
from holdfast.people import queries, sign_in, step_up
from holdfast.people.errors import EnrolmentRequired, RoleMissing
from holdfast.people.sessions import HALF_WAY, LONGEST, authenticate
from holdfast.people.sign_in import Browser
from holdfast.redaction import redact

# Routes that work before a mandatory second factor is set up: @get(…, opt=UNENROLLED).
UNENROLLED = {"unenrolled": True}
# Routes that need a second factor shown within the last five minutes: @post(…, opt=FRESH). Where it depends on what is
# asked for, the handler calls ``signed_in.demand_fresh()`` instead.
FRESH = {"fresh": True}

Connection = ASGIConnection[Any, Any, Any, Any]
Guard = Callable[[Connection, BaseRouteHandler], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The viewer and the session they came by."""

    viewer: StaffViewer
    session_id: UUID
    stepped_up_at: datetime | None = None

    def demand_fresh(self) -> None:
        """Raises StepUpRequired; the console then asks for the factor and repeats the request."""
        step_up.demand_fresh(self.stepped_up_at)


async def _signed_in(connection: Connection) -> SignedIn:
    """Looked up once a request. Raises SignInRequired, EnrolmentRequired."""
    state: dict[str, Any] = connection.scope.setdefault("state", {})
    known = state.get("signed_in")
    if isinstance(known, SignedIn):
        return known
    database: Database = connection.app.state.database
    settings: Settings = connection.app.state.settings
    async with database.transaction() as session:
        found = await authenticate(session, connection.cookies.get(cookie_name(settings)))
        if found is None:
            raise SignInRequired
        viewer, entry = found
        state["language"] = viewer.language
        if not connection.route_handler.opt.get("unenrolled"):
            agent = await queries.agent_by_id(session, viewer.id)
            if agent is None or await sign_in.must_enrol(session, agent, demo=settings.demo):
                raise EnrolmentRequired
    signed_in = SignedIn(viewer, entry.id, entry.stepped_up_at)
    state["signed_in"] = signed_in
    return signed_in


def staff(*roles: Role) -> Guard:
    """A guard: signed in and, if ``roles`` are named, holding one of them (else RoleMissing)."""

    async def check(connection: Connection, _: BaseRouteHandler) -> None:
        signed_in = await _signed_in(connection)
        if roles and not signed_in.viewer.holds(*roles):
            raise RoleMissing

    return check


async def provide_signed_in(request: Request[Any, Any, Any]) -> SignedIn:
    """After the guards: somebody whose role does not allow it is not asked for a factor first."""
    signed_in = await _signed_in(request)
    if request.route_handler.opt.get("fresh"):
        signed_in.demand_fresh()
    return signed_in


async def provide_viewer(request: Request[Any, Any, Any]) -> StaffViewer:
    return (await provide_signed_in(request)).viewer


async def provide_browser(request: Request[Any, Any, Any]) -> Browser:
    settings: Settings = request.app.state.settings
    return Browser(client_network(request.scope, settings), redact(request.headers.get("user-agent", "")).text)


# For the application: what its handlers may name.
DEPENDENCIES = {
    "viewer": Provide(provide_viewer),
    "signed_in": Provide(provide_signed_in),
    "browser": Provide(provide_browser),
}


def session_cookie(settings: Settings, value: str, *, complete: bool) -> Cookie:
    """The cookie of a session: out of reach of scripts, and of other sites' requests."""
    return Cookie(
        key=cookie_name(settings),
        value=value,
        path="/",
        httponly=True,
        samesite="strict",
        secure=settings.origin.startswith("https:"),
        max_age=int((LONGEST if complete else HALF_WAY).total_seconds()),
    )


def ended_cookie(settings: Settings) -> Cookie:
    """Takes the cookie off the browser."""
    return Cookie(
        key=cookie_name(settings),
        value="",
        path="/",
        httponly=True,
        samesite="strict",
        secure=settings.origin.startswith("https:"),
        max_age=0,
    )
