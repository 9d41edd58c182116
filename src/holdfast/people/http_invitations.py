"""Invitations: sent, listed and withdrawn by administrators; seen and accepted by whoever holds the link."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, delete, get, post

from holdfast.access.viewer import Role, StaffViewer
from holdfast.core.database import Database
from holdfast.core.http import language_of
from holdfast.core.settings import Settings
from holdfast.people import invitations
from holdfast.people.agents import Language
from holdfast.people.http_session import stepped
from holdfast.people.http_viewer import FRESH, staff
from holdfast.people.models import MailedToken
from holdfast.people.schemas import (
    Acceptance,
    Invitation,
    InvitationDetails,
    InvitationRow,
    LanguageView,
    SignInStep,
)
from holdfast.people.sign_in import Browser
from holdfast.redaction import redact

_ADMINISTRATOR = [staff(Role.ADMINISTRATOR)]


def _row(token: MailedToken) -> InvitationRow:
    return InvitationRow(
        id=token.id,
        email=token.email,
        name=token.detail["name"],
        roles=[Role(role) for role in token.detail["roles"]],
        languages=[LanguageView(known["language"], known["level"]) for known in token.detail["languages"]],
        invited_by=token.invited_by_id,
        created_at=token.created_at,
        expires_at=token.expires_at,
    )


@post("/api/invitations", guards=_ADMINISTRATOR, opt=FRESH)
async def invite(
    database: Database, settings: Settings, viewer: StaffViewer, browser: Browser, data: Invitation
) -> InvitationRow:
    async with database.transaction() as session:
        token = await invitations.invite(
            session,
            viewer,
            settings,
            email=redact(data.email).text,
            name=redact(data.name).text,
            roles=data.roles,
            languages=[Language(known.language, known.level) for known in data.languages],
            network=browser.network,
        )
        return _row(token)


@get("/api/invitations", guards=_ADMINISTRATOR)
async def list_invitations(database: Database, viewer: StaffViewer) -> list[InvitationRow]:
    async with database.transaction() as session:
        return [_row(token) for token in await invitations.open_invitations(session, viewer)]


@delete("/api/invitations/{invitation_id:uuid}", status_code=204, guards=_ADMINISTRATOR)
async def withdraw_invitation(database: Database, viewer: StaffViewer, browser: Browser, invitation_id: UUID) -> None:
    async with database.transaction() as session:
        await invitations.withdraw(session, viewer, invitation_id, browser.network)


@get("/api/invitations/{token:str}/view")
async def view_invitation(database: Database, settings: Settings, token: str) -> InvitationDetails:
    async with database.transaction() as session:
        found = await invitations.view(session, token, settings.organisation)
    return InvitationDetails(found.email, found.name, found.organisation)


@post("/api/invitations/{token:str}/accept")
async def accept_invitation(
    database: Database,
    settings: Settings,
    browser: Browser,
    token: str,
    data: Acceptance,
    request: Request[Any, Any, Any],
) -> Response[SignInStep]:
    """Makes the account and signs in; a mandatory second factor is asked for at once after."""
    language = language_of(request)
    async with database.transaction() as session:
        step = await invitations.accept(
            session, token, name=redact(data.name).text, password=data.password, language=language, browser=browser
        )
    return stepped(settings, step)


HANDLERS = [invite, list_invitations, withdraw_invitation, view_invitation, accept_invitation]
