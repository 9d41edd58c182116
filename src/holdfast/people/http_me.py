"""One's own account: name, language, password, second factors, presence."""

from uuid import UUID

from litestar import delete, get, patch, post, put

from holdfast.access.viewer import StaffViewer
from holdfast.core.database import Database
from holdfast.core.http import STATUS_OK
from holdfast.core.settings import Settings
from holdfast.people import agents, me, presence, second_factors
from holdfast.people.http_viewer import FRESH, UNENROLLED, SignedIn
from holdfast.people.models import Passkey
from holdfast.people.passkeys import relying_party
from holdfast.people.schemas import (
    CodeInput,
    Me,
    MeChanges,
    NewPasskey,
    PasskeyOptions,
    PasskeyView,
    PasswordChange,
    PasswordInput,
    PresenceChoice,
    PresenceView,
    RecoveryCodes,
    TotpEnrolment,
)
from holdfast.people.sign_in import Browser
from holdfast.redaction import redact


@patch("/api/me")
async def change_me(database: Database, settings: Settings, viewer: StaffViewer, data: MeChanges) -> Me:
    async with database.transaction() as session:
        await agents.change_own(session, viewer, redact(data.name).text if data.name else None, data.interface_language)
        return await me.view(session, viewer, settings)


@post("/api/me/password", status_code=204)
async def change_password(database: Database, signed_in: SignedIn, browser: Browser, data: PasswordChange) -> None:
    """Ends all other sessions."""
    async with database.transaction() as session:
        refused = await second_factors.change_password(
            session,
            signed_in.viewer,
            signed_in.session_id,
            current=data.current,
            password=data.password,
            network=browser.network,
        )
    if refused is not None:
        raise refused


@post("/api/me/totp", status_code=STATUS_OK, opt=FRESH | UNENROLLED)
async def begin_totp(database: Database, settings: Settings, viewer: StaffViewer) -> TotpEnrolment:
    async with database.transaction() as session:
        begun = await second_factors.begin_totp(session, viewer, settings.organisation)
    return TotpEnrolment(begun.secret, begun.uri, begun.svg)


@post("/api/me/totp/confirm", status_code=STATUS_OK, opt=UNENROLLED)
async def confirm_totp(database: Database, viewer: StaffViewer, browser: Browser, data: CodeInput) -> RecoveryCodes:
    """The recovery codes are shown this once."""
    async with database.transaction() as session:
        return RecoveryCodes(await second_factors.confirm_totp(session, viewer, data.code, browser.network))


@delete("/api/me/totp", status_code=204, opt=FRESH)
async def remove_totp(database: Database, viewer: StaffViewer, browser: Browser, data: PasswordInput) -> None:
    async with database.transaction() as session:
        refused = await second_factors.remove_totp(session, viewer, data.password, browser.network)
    if refused is not None:
        raise refused


@get("/api/me/passkeys", opt=UNENROLLED)
async def list_passkeys(database: Database, viewer: StaffViewer) -> list[PasskeyView]:
    async with database.transaction() as session:
        return [_passkey(entry) for entry in await second_factors.list_passkeys(session, viewer)]


@post("/api/me/passkeys/options", status_code=STATUS_OK, opt=FRESH | UNENROLLED)
async def begin_passkey(database: Database, settings: Settings, signed_in: SignedIn) -> PasskeyOptions:
    party = relying_party(settings)
    async with database.transaction() as session:
        options = await second_factors.begin_passkey(session, signed_in.viewer, signed_in.session_id, party)
    return PasskeyOptions(options)


@post("/api/me/passkeys", opt=UNENROLLED)
async def add_passkey(
    database: Database, settings: Settings, signed_in: SignedIn, browser: Browser, data: NewPasskey
) -> PasskeyView:
    async with database.transaction() as session:
        added = await second_factors.add_passkey(
            session,
            signed_in.viewer,
            signed_in.session_id,
            relying_party(settings),
            name=redact(data.name).text,
            credential=data.credential,
            network=browser.network,
        )
        return _passkey(added)


@delete("/api/me/passkeys/{passkey_id:uuid}", status_code=204, opt=FRESH)
async def remove_passkey(database: Database, viewer: StaffViewer, browser: Browser, passkey_id: UUID) -> None:
    async with database.transaction() as session:
        await second_factors.remove_passkey(session, viewer, passkey_id, browser.network)


@put("/api/me/presence")
async def choose_presence(database: Database, viewer: StaffViewer, data: PresenceChoice) -> PresenceView:
    async with database.transaction() as session:
        return await presence.choose(session, viewer, data.chosen)


def _passkey(entry: Passkey) -> PasskeyView:
    return PasskeyView(entry.id, entry.name, entry.created_at, entry.used_at)


HANDLERS = [
    change_me,
    change_password,
    begin_totp,
    confirm_totp,
    remove_totp,
    list_passkeys,
    begin_passkey,
    add_passkey,
    remove_passkey,
    choose_presence,
]
