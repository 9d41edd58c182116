"""Signing in and out, the list of sessions, and a forgotten password."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, delete, get, post

from holdfast.access.viewer import StaffViewer
from holdfast.core.database import Database
from holdfast.core.http import STATUS_OK, cookie_name
from holdfast.core.settings import Settings
from holdfast.people import invitations, me, sessions, sign_in
from holdfast.people.http_viewer import UNENROLLED, SignedIn, ended_cookie, session_cookie
from holdfast.people.passkeys import relying_party
from holdfast.people.schemas import (
    CodeInput,
    Me,
    PasskeyAnswer,
    PasskeyOptions,
    ResetConfirmation,
    ResetRequest,
    SessionView,
    SignIn,
    SignInStep,
)
from holdfast.people.sign_in import Browser, Step

PlainRequest = Request[Any, Any, Any]


def stepped(settings: Settings, step: Step) -> Response[SignInStep]:
    """The answer to one step of a sign-in, after its commit."""
    if step.refused is not None:
        raise step.refused
    body = SignInStep("second_factor" if step.methods else "signed_in", list(step.methods))
    cookies = [session_cookie(settings, step.cookie, complete=not step.methods)] if step.cookie else []
    return Response(body, status_code=STATUS_OK, cookies=cookies, headers={"cache-control": "no-store"})


@post("/api/session", status_code=STATUS_OK)
async def sign_in_with_password(
    database: Database, settings: Settings, browser: Browser, data: SignIn
) -> Response[SignInStep]:
    async with database.transaction() as session:
        step = await sign_in.with_password(session, data.email, data.password, browser, settings.oidc)
    return stepped(settings, step)


@post("/api/session/totp", status_code=STATUS_OK)
async def sign_in_with_code(
    database: Database, settings: Settings, browser: Browser, data: CodeInput, request: PlainRequest
) -> Response[SignInStep]:
    """A code of the authenticator app, or a recovery code."""
    async with database.transaction() as session:
        step = await sign_in.with_code(session, request.cookies.get(cookie_name(settings)), data.code, browser)
    return stepped(settings, step)


@post("/api/session/passkey/options", status_code=STATUS_OK)
async def sign_in_passkey_options(
    database: Database, settings: Settings, browser: Browser, request: PlainRequest
) -> Response[PasskeyOptions]:
    """With a password given before: one of that account's passkeys. Without: whichever the person picks."""
    party = relying_party(settings)
    async with database.transaction() as session:
        step = await sign_in.passkey_options(session, request.cookies.get(cookie_name(settings)), party, browser)
    if step.refused is not None:
        raise step.refused
    cookies = [session_cookie(settings, step.cookie, complete=False)] if step.cookie else []
    return Response(PasskeyOptions(step.options or {}), status_code=STATUS_OK, cookies=cookies)


@post("/api/session/passkey", status_code=STATUS_OK)
async def sign_in_with_passkey(
    database: Database, settings: Settings, browser: Browser, data: PasskeyAnswer, request: PlainRequest
) -> Response[SignInStep]:
    cookie = request.cookies.get(cookie_name(settings))
    async with database.transaction() as session:
        step = await sign_in.with_passkey(session, cookie, data.credential, relying_party(settings), browser)
    return stepped(settings, step)


@get("/api/session", opt=UNENROLLED)
async def who_am_i(database: Database, settings: Settings, viewer: StaffViewer) -> Me:
    async with database.transaction() as session:
        return await me.view(session, viewer, settings)


@delete("/api/session", status_code=204)
async def sign_out(database: Database, settings: Settings, browser: Browser, request: PlainRequest) -> Response[None]:
    """Also of a sign-in that is half way; harmless without one."""
    async with database.transaction() as session:
        await sign_in.sign_out(session, request.cookies.get(cookie_name(settings)), browser)
    # What this browser holds of the desk goes as well: answers that were kept, and whatever a page put away.
    # In a demo the customers' pages lie on the same origin, and keep what is theirs.
    kinds = '"cache"' if settings.demo else '"cache", "storage"'
    leaving = {"clear-site-data": kinds, "cache-control": "no-store"}
    return Response(None, status_code=204, cookies=[ended_cookie(settings)], headers=leaving)


@get("/api/sessions")
async def list_sessions(database: Database, signed_in: SignedIn) -> list[SessionView]:
    """One's own, the newest first."""
    async with database.transaction() as session:
        return [
            SessionView(
                id=entry.id,
                created_at=entry.created_at,
                seen_at=entry.seen_at,
                network=entry.network,
                user_agent=entry.user_agent,
                current=entry.id == signed_in.session_id,
            )
            for entry in await sessions.list_own(session, signed_in.viewer)
        ]


@delete("/api/sessions/{session_id:uuid}", status_code=204)
async def end_session(database: Database, viewer: StaffViewer, browser: Browser, session_id: UUID) -> None:
    async with database.transaction() as session:
        await sessions.end_named(session, viewer, session_id, browser.network)


@post("/api/password-reset", status_code=202)
async def request_password_reset(database: Database, browser: Browser, data: ResetRequest) -> None:
    """The same answer whether or not the account exists."""
    async with database.transaction() as session:
        await invitations.request_reset(session, data.email, browser.network)


@post("/api/password-reset/confirm", status_code=204)
async def confirm_password_reset(database: Database, browser: Browser, data: ResetConfirmation) -> None:
    async with database.transaction() as session:
        await invitations.confirm_reset(session, data.token, data.password, browser.network)


HANDLERS = [
    sign_in_with_password,
    sign_in_with_code,
    sign_in_passkey_options,
    sign_in_with_passkey,
    who_am_i,
    sign_out,
    list_sessions,
    end_session,
    request_password_reset,
    confirm_password_reset,
]
