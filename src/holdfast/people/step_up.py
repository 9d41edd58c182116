"""Step-up: somebody who is signed in shows once more that it is them, before what does harm in the wrong hands.

A cookie may be stolen and a screen left open; the second factor is still in its owner's pocket. Who has none (their
role does not need one, or a demo) gives their password.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import StaffViewer
from holdfast.core.clock import now
from holdfast.core.errors import HoldfastError
from holdfast.people import lockout, passkeys, passwords, queries, sign_in
from holdfast.people.errors import CodeWrong, PasskeyRefused, PasswordWrong, StepUpRequired, TooManyAttempts
from holdfast.people.models import Agent, SignInSession
from holdfast.people.sign_in import Browser

FRESH_FOR = timedelta(minutes=5)


def demand_fresh(stepped_up_at: datetime | None) -> None:
    """Raises StepUpRequired."""
    if stepped_up_at is None or now() - stepped_up_at > FRESH_FOR:
        raise StepUpRequired(minutes=int(FRESH_FOR.total_seconds() // 60))


async def methods(session: AsyncSession, viewer: StaffViewer) -> tuple[str, ...]:
    """How the viewer can show it: totp, passkey; password for those who have neither."""
    agent = await queries.agent_by_id(session, viewer.id)
    if agent is None:
        return ()
    return await sign_in.methods_of(session, agent) or (("password",) if agent.password_hash else ())


async def passkey_options(
    session: AsyncSession, viewer: StaffViewer, session_id: UUID, party: passkeys.RelyingParty
) -> dict[str, Any]:
    """For ``navigator.credentials.get``, with the viewer's own passkeys."""
    challenge = passkeys.new_challenge()
    await session.execute(update(SignInSession).where(SignInSession.id == session_id).values(challenge=challenge))
    return passkeys.authentication_options(party, list(await queries.passkeys_of(session, viewer.id)), challenge)


async def show(
    session: AsyncSession,
    viewer: StaffViewer,
    session_id: UUID,
    browser: Browser,
    party: passkeys.RelyingParty,
    *,
    code: str | None = None,
    password: str | None = None,
    credential: dict[str, Any] | None = None,
) -> HoldfastError | None:
    """Take one proof; from then the session is fresh. A refusal is returned: its failure must be committed."""
    agent = await queries.agent_by_id(session, viewer.id, lock=True)
    if agent is None:
        return CodeWrong()
    account = lockout.account_index(agent.email)
    try:
        await lockout.admit(session, account, browser.network)
    except TooManyAttempts as error:
        return error
    refused: HoldfastError | None = None
    if credential is not None:
        how = "passkey"
        challenge = await sign_in.spend_challenge(session, session_id)
        refused = await _passkey(session, agent, credential, party, challenge)
    elif password is not None:
        how = "password"
        refused = await _password(session, agent, password)
    else:
        how = await sign_in.use_code(session, agent, code or "") or "code"
        refused = CodeWrong() if how == "code" else None
    if refused is not None:
        await sign_in.failed(session, account, browser, agent, f"step_up_{how}")
        return refused
    await session.execute(update(SignInSession).where(SignInSession.id == session_id).values(stepped_up_at=now()))
    record(session, viewer, "sign_in.stepped_up", ("session", session_id), network=browser.network, how=how)
    return None


async def _passkey(
    session: AsyncSession,
    agent: Agent,
    credential: dict[str, Any],
    party: passkeys.RelyingParty,
    challenge: bytes | None,
) -> HoldfastError | None:
    try:
        known = await queries.passkey_by_credential(session, passkeys.credential_id(credential))
        if known is None or known[1].id != agent.id:
            raise PasskeyRefused(reason="unknown")
        passkeys.check(party, known[0], credential, challenge)
    except PasskeyRefused as error:
        return error
    return None


async def _password(session: AsyncSession, agent: Agent, password: str) -> HoldfastError | None:
    """Only from those who have nothing stronger."""
    if await sign_in.methods_of(session, agent) or not await passwords.fits(password, agent.password_hash):
        return PasswordWrong()
    return None
