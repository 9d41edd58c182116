"""Sign-in by the organisation's identity provider: off to it, and back."""

from html import escape
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.di import Provide
from litestar.params import Parameter

from holdfast.core.database import Database
from holdfast.core.errors import HoldfastError
from holdfast.core.http import STATUS_OK, RouteUnknown, cookie_name
from holdfast.core.outgoing import outgoing_of
from holdfast.core.settings import Settings
from holdfast.people import oidc
from holdfast.people.errors import ProviderRefused
from holdfast.people.http_viewer import session_cookie
from holdfast.people.oidc_provider import Provider
from holdfast.people.schemas import ProviderRedirect, ProviderStart, ProviderView
from holdfast.people.sessions import HALF_WAY
from holdfast.people.sign_in import Browser
from holdfast.redaction import redact

CALLBACK = "/api/session/provider/callback"
_COOKIE = "hf_provider"
# Nothing but the way on.
_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

PlainRequest = Request[Any, Any, Any]
Word = Annotated[str, Parameter(max_length=4000)]


def provide_provider(request: PlainRequest, settings: Settings) -> Provider:
    """The process's view of the provider. Raises RouteUnknown where there is none."""
    if settings.oidc is None:
        raise RouteUnknown
    state = request.app.state
    if state.get("provider") is None:
        state.provider = Provider(settings.oidc, outgoing_of(settings), settings.origin + CALLBACK)
    provider: Provider = state.provider
    return provider


_PROVIDER = {"provider": Provide(provide_provider, sync_to_thread=False)}


@get("/api/session/provider")
async def show_provider(settings: Settings) -> ProviderView:
    """For the sign-in page."""
    return ProviderView(settings.oidc.name if settings.oidc else None)


@post("/api/session/provider/start", status_code=STATUS_OK, dependencies=_PROVIDER)
async def start_provider(
    database: Database, settings: Settings, browser: Browser, provider: Provider, data: ProviderStart
) -> Response[ProviderRedirect]:
    """Where to go. Not by a link: only a page of this installation can begin it."""
    async with database.transaction() as session:
        ceremony, cookie = await oidc.begin(session, browser, redact(data.next).text, fresh=data.fresh)
    url = await provider.authorization_url(
        state=ceremony.state, nonce=ceremony.nonce, challenge=ceremony.challenge, fresh=ceremony.fresh
    )
    return Response(ProviderRedirect(url), status_code=STATUS_OK, cookies=[_ceremony_cookie(settings, cookie)])


@get(CALLBACK, include_in_schema=False, dependencies=_PROVIDER)
async def provider_callback(
    database: Database,
    settings: Settings,
    browser: Browser,
    provider: Provider,
    request: PlainRequest,
    returned: Annotated[str, Parameter(query="state", max_length=4000)] = "",
    code: Word = "",
    iss: Word | None = None,
) -> Response[bytes]:
    """The browser comes back. The page that answers goes on by itself: a request of our own site, so that the strict
    cookie, which is set with it, comes along from the next one on."""
    cookie = request.cookies.get(cookie_name(settings, _COOKIE))
    try:
        async with database.transaction() as session:
            ceremony = await oidc.take(session, cookie, returned)
        if not code:
            # The person said no, or the provider did.
            raise ProviderRefused(reason="denied")
        claims = await provider.who(code=code, verifier=ceremony.verifier, nonce=ceremony.nonce, issuer=iss)
        async with database.transaction() as session:
            step = await oidc.sign_in_as(session, provider, claims, browser, fresh=ceremony.fresh)
        if step.refused is not None:
            raise step.refused
    except HoldfastError as error:
        reason = {"reason": error.params["reason"]} if "reason" in error.params else {}
        return _hop(settings, f"/sign-in?{urlencode({'problem': error.id, **reason})}", [])
    asked = {"methods": ",".join(step.methods)} if step.methods else {}
    # Only a path of the console: never an address from outside.
    next_path = ceremony.next if ceremony.next.startswith("/") and ceremony.next[1:2] not in ("/", "\\") else "/inbox"
    onward = f"/sign-in?{urlencode({**asked, 'next': next_path})}" if step.methods else next_path
    return _hop(settings, onward, [session_cookie(settings, step.cookie or "", complete=not step.methods)])


def _hop(settings: Settings, path: str, cookies: list[Cookie]) -> Response[bytes]:
    target = escape(f"{settings.origin}/console{path}", quote=True)
    page = (
        '<!doctype html><html><head><meta charset="utf-8"><title>Holdfast</title>'
        f'<meta http-equiv="refresh" content="0;url={target}"></head><body><a href="{target}">→</a></body></html>'
    )
    return Response(
        page.encode(),
        media_type="text/html; charset=utf-8",
        headers={"content-security-policy": _POLICY, "referrer-policy": "no-referrer", "cache-control": "no-store"},
        cookies=[*cookies, _ceremony_cookie(settings, "")],
    )


def _ceremony_cookie(settings: Settings, value: str) -> Cookie:
    """Lax, since another site sends the browser back; it opens nothing but the end of this ceremony."""
    return Cookie(
        key=cookie_name(settings, _COOKIE),
        value=value,
        path="/",
        httponly=True,
        samesite="lax",
        secure=settings.origin.startswith("https:"),
        max_age=int(HALF_WAY.total_seconds()) if value else 0,
    )


HANDLERS = [show_provider, start_provider, provider_callback]
