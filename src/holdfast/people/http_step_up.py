"""Showing once more that it is you: which ways there are, and the proof."""

from litestar import get, post

from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.http import STATUS_OK
from holdfast.core.settings import Settings
from holdfast.people import step_up
from holdfast.people.http_viewer import UNENROLLED, SignedIn
from holdfast.people.passkeys import relying_party
from holdfast.people.schemas import PasskeyOptions, StepUpProof, StepUpState
from holdfast.people.sign_in import Browser


@get("/api/session/step-up", opt=UNENROLLED)
async def step_up_state(database: Database, signed_in: SignedIn) -> StepUpState:
    until = signed_in.stepped_up_at + step_up.FRESH_FOR if signed_in.stepped_up_at else None
    async with database.transaction() as session:
        ways = await step_up.methods(session, signed_in.viewer)
    return StepUpState(list(ways), until if until and until > now() else None)


@post("/api/session/step-up/passkey/options", status_code=STATUS_OK, opt=UNENROLLED)
async def step_up_passkey_options(database: Database, settings: Settings, signed_in: SignedIn) -> PasskeyOptions:
    async with database.transaction() as session:
        options = await step_up.passkey_options(
            session, signed_in.viewer, signed_in.session_id, relying_party(settings)
        )
    return PasskeyOptions(options)


@post("/api/session/step-up", status_code=204, opt=UNENROLLED)
async def show_step_up(
    database: Database, settings: Settings, signed_in: SignedIn, browser: Browser, data: StepUpProof
) -> None:
    """A code of the authenticator app (or a recovery code), a passkey's answer, or the password of somebody who has
    neither. For five minutes this session may do what needs it."""
    async with database.transaction() as session:
        refused = await step_up.show(
            session,
            signed_in.viewer,
            signed_in.session_id,
            browser,
            relying_party(settings),
            code=data.code,
            password=data.password,
            credential=data.credential,
        )
    if refused is not None:
        raise refused


HANDLERS = [step_up_state, step_up_passkey_options, show_step_up]
