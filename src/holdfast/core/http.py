"""The web edge: where a request comes from, what is refused before it is read, and errors as problem details."""

import functools
import logging
import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import unquote

import msgspec
import psycopg
import sqlalchemy.exc
from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.di import Provide
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException, ValidationException
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, ExceptionHandlersMap, Receive, Scope, Send

from holdfast.core.database import Database
from holdfast.core.errors import (
    BadInput,
    Forbidden,
    HoldfastError,
    Internal,
    Malformed,
    NotAvailable,
    NotFound,
    NotSignedIn,
    RateLimited,
    TooLarge,
    TooMany,
    Unsupported,
    problem_of,
)
from holdfast.core.i18n import negotiate
from holdfast.core.ids import new_id
from holdfast.core.settings import Settings

STATUS_OK = 200

# JSON bodies are small; uploads state their own limit on their route (``request_max_body_size``).
BODY_LIMIT = 256 * 1024
SESSION_COOKIE = "hf_session"


def cookie_name(settings: Settings, name: str = SESSION_COOKIE) -> str:
    """With https the browser itself holds a ``__Host-`` cookie to this very host, to ``/`` and to TLS: neither another
    host of the domain nor a man in the middle of plain HTTP can set one in its place."""
    return f"__Host-{name}" if settings.origin.startswith("https:") else name


_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

logger = logging.getLogger(__name__)


class InvalidInput(BadInput):
    id = "invalid_input"
    title = "Something in this request is missing or wrong"
    detail = "See {field}."


class OriginRefused(Forbidden):
    id = "origin_refused"
    title = "This request does not come from this installation's own pages"
    detail = "Open {origin}."


class RouteUnknown(NotFound):
    id = "not_found"
    title = "There is nothing here"


class MethodRefused(HoldfastError):
    id = "method_not_allowed"
    status = 405
    title = "This address does not know this method"


class BodyTooLarge(TooLarge):
    id = "too_large"
    title = "This request is too large"


class Refused(Forbidden):
    id = "forbidden"
    title = "You may not do this"


class SignInRequired(NotSignedIn):
    id = "sign_in_required"
    title = "You are not signed in"


class MediaTypeUnknown(Unsupported):
    id = "media_type"
    title = "This kind of content is not understood here"


_OF_STATUS: dict[int, type[HoldfastError]] = {
    400: Malformed,
    401: SignInRequired,
    403: Refused,
    404: RouteUnknown,
    405: MethodRefused,
    413: BodyTooLarge,
    415: MediaTypeUnknown,
    429: RateLimited,
    503: NotAvailable,
}

# What a database that is away, going away or overrun looks like.
_DATABASE_LOST: tuple[type[Exception], ...] = (
    sqlalchemy.exc.OperationalError,
    sqlalchemy.exc.InterfaceError,
    sqlalchemy.exc.TimeoutError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
    ConnectionError,
)

Address = IPv4Address | IPv6Address


def client_network(scope: Any, settings: Settings) -> str:
    """Where an ASGI connection comes from, as it is counted and shown: an IPv4 address, or the /64 of an IPv6 one
    (one household has a whole /64). ``unknown`` on a Unix socket.

    ``X-Forwarded-For`` is read only from peers in HOLDFAST_TRUSTED_PROXIES, from its right end: the first address
    that is not a proxy of ours is the client, whatever it wrote further left.
    """
    client = scope.get("client")
    address = _address(client[0]) if client else None
    if address is not None and _trusted(address, settings):
        forwarded = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
        for part in reversed(forwarded.decode("latin-1").split(",")):
            hop = _address(part)
            if hop is None:
                break
            address = hop
            if not _trusted(hop, settings):
                break
    if address is None:
        return "unknown"
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return str(address)


def _address(text: str) -> Address | None:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


@functools.cache
def _networks(written: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(network) for network in written)


def _trusted(address: Address, settings: Settings) -> bool:
    return any(address in network for network in _networks(settings.trusted_proxies))


def language_of(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The language of a signed-in reader (the viewer's dependency leaves it in the state), else the browser's."""
    known = connection.scope.get("state", {}).get("language")
    return known if isinstance(known, str) else negotiate(connection.headers.get("accept-language"))


def request_id(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """One id a request: in the problem, and in the log."""
    state: dict[str, Any] = connection.scope.setdefault("state", {})
    found: str = state.setdefault("request_id", new_id().hex)
    return found


class OriginCheck(ASGIMiddleware):
    """Refuses unsafe requests that another origin's page has sent (CSRF), beside the cookie's SameSite=Strict.

    With the session's cookie the Origin must be there and be ours. Without it a foreign Origin is refused as well,
    so that nobody is signed in as somebody else. The widget's requests come from any origin and use no cookie.
    """

    scopes = (ScopeType.HTTP,)
    exclude_path_pattern = "^/api/widget/"

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        if scope.get("method") not in _SAFE:
            own: str = scope["litestar_app"].state.settings.origin
            headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
            origin = headers.get(b"origin")
            site = headers.get(b"sec-fetch-site", "same-origin")
            has_cookie = re.search(rf"(?:^|;\s*)(?:__Host-)?{SESSION_COOKIE}=", headers.get(b"cookie", "")) is not None
            foreign = origin is not None and origin != own
            if foreign or site not in ("same-origin", "none") or (has_cookie and origin is None):
                raise OriginRefused(origin=own)
        await next_app(scope, receive, send)


def _problem_response(request: Request[Any, Any, Any], error: HoldfastError) -> Response[bytes]:
    problem = problem_of(error, language_of(request), request_id(request))
    headers = {"cache-control": "no-store"}
    if isinstance(error, TooMany) and "seconds" in error.params:
        headers["retry-after"] = str(error.params["seconds"])
    return Response(
        msgspec.json.encode(problem),
        status_code=problem.status,
        media_type="application/problem+json",
        headers=headers,
    )


def expected_error(request: Request[Any, Any, Any], error: HoldfastError) -> Response[bytes]:
    return _problem_response(request, error)


def invalid_input(request: Request[Any, Any, Any], error: ValidationException) -> Response[bytes]:
    """Names the field, and says what is wrong with it in the validator's (English) words."""
    extra = error.extra if isinstance(error.extra, list) else []
    first = next((entry for entry in extra if isinstance(entry, dict)), {})
    field, reason = _field(str(first.get("key", "")), str(first.get("message", error.detail)))
    return _problem_response(request, InvalidInput(field=field or "body", reason=reason))


def _field(key: str, message: str) -> tuple[str, str]:
    """msgspec says where in its message: ``Expected `str` of length >= 1 - at `$.name` ``."""
    reason, _, place = message.partition(" - at `$")
    missing = re.search(r"missing required field `([^`]+)`", message)
    path = place.strip("`.") if place else ""
    parts = [part for part in (key if key != "data" else "", path, missing[1] if missing else "") if part]
    return ".".join(dict.fromkeys(parts)), reason


def http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """What the framework refuses by itself: no such route, wrong method, a body that is too large or not JSON."""
    kind = _OF_STATUS.get(error.status_code)
    if kind is None:
        return unexpected_error(request, error)
    return _problem_response(request, kind())


def unexpected_error(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A fault of ours: the log has it under the request's id, the reader gets the id and nothing else."""
    path = re.sub(r"/[\w-]{40,}", "/…", unquote(request.scope["path"]))
    logger.error("request %s to %s %s failed", request_id(request), request.method, path, exc_info=error)
    return _problem_response(request, Internal())


def unstorable_input(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """The database refuses a value: a NUL in a text, a number beyond its column."""
    logger.info("request %s holds what cannot be stored: %s", request_id(request), type(error).__name__)
    return _problem_response(request, InvalidInput(field="body", reason="a value that cannot be stored"))


def database_lost(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """It restarts, or all its connections are taken: the reader's fault is none, and trying again helps."""
    cause = getattr(error, "orig", None) or error
    logger.warning("request %s found no database: %s", request_id(request), str(cause).strip() or type(cause).__name__)
    return _problem_response(request, NotAvailable())


EXCEPTION_HANDLERS: ExceptionHandlersMap = {
    HoldfastError: expected_error,
    ValidationException: invalid_input,
    HTTPException: http_error,
    sqlalchemy.exc.DataError: unstorable_input,
    psycopg.DataError: unstorable_input,
    **dict.fromkeys(_DATABASE_LOST, database_lost),
    Exception: unexpected_error,
}

MIDDLEWARE = [OriginCheck()]


def provide_database(state: State) -> Database:
    database: Database = state.database
    return database


def provide_settings(state: State) -> Settings:
    settings: Settings = state.settings
    return settings


PROVIDERS = {
    "database": Provide(provide_database, sync_to_thread=False),
    "settings": Provide(provide_settings, sync_to_thread=False),
}
