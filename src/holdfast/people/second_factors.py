"""An agent's own password, authenticator app and passkeys: setting up, changing, removing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import StaffViewer
from holdfast.core.clock import now
from holdfast.core.errors import HoldfastError
from holdfast.people import lockout, notices, passkeys, passwords, queries, sessions, totp
from holdfast.people.errors import (
    AgentUnknown,
    CodeWrong,
    PasskeyKnown,
    PasskeyUnknown,
    PasswordWrong,
    TooManyAttempts,
    TotpAlreadyOn,
    TotpNotBegun,
)
from holdfast.people.models import Agent, Passkey


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app needs; ``svg`` is the QR code of ``uri``."""

    secret: str
    uri: str
    svg: str


async def change_password(
    session: AsyncSession, viewer: StaffViewer, signed_in_id: UUID, *, current: str, password: str, network: str
) -> HoldfastError | None:
    """Change the own password and end all other sessions. A refusal is returned: its failure must be committed."""
    agent = await _own(session, viewer)
    if refused := await _check_password(session, agent, current, network):
        return refused
    passwords.check_strength(password, agent.email)
    agent.password_hash = await passwords.hashed(password)
    ended = await sessions.end_all(session, agent.id, but=signed_in_id)
    record(session, viewer, "password.changed", ("agent", agent.id), network=network, sessions_ended=ended)
    await notices.password_changed(session, agent)
    return None


async def begin_totp(session: AsyncSession, viewer: StaffViewer, organisation: str) -> Enrolment:
    """A new secret, which counts only once a code of it was given. Raises TotpAlreadyOn."""
    agent = await _own(session, viewer)
    if agent.totp_confirmed_at is not None:
        raise TotpAlreadyOn
    agent.totp_secret = totp.new_secret()
    agent.totp_last_step = None
    uri = totp.enrolment_uri(agent.totp_secret, agent.email, organisation)
    return Enrolment(agent.totp_secret, uri, totp.qr_svg(uri))


async def confirm_totp(session: AsyncSession, viewer: StaffViewer, code: str, network: str) -> list[str]:
    """Turn the authenticator app on; the recovery codes, which are shown this once. Raises CodeWrong."""
    agent = await _own(session, viewer)
    if agent.totp_confirmed_at is not None:
        raise TotpAlreadyOn
    if agent.totp_secret is None:
        raise TotpNotBegun
    step = totp.matching_step(agent.totp_secret, code, now(), None)
    if step is None:
        raise CodeWrong
    codes = totp.new_recovery_codes()
    agent.totp_last_step = step
    agent.totp_confirmed_at = now()
    agent.recovery_hashes = [spent for code in codes if (spent := totp.recovery_hash(code))]
    record(session, viewer, "totp.enrolled", ("agent", agent.id), network=network)
    await notices.second_factor_changed(session, agent)
    return codes


async def remove_totp(session: AsyncSession, viewer: StaffViewer, password: str, network: str) -> HoldfastError | None:
    """Turn the authenticator app off, with its recovery codes. A refusal is returned, to be committed."""
    agent = await _own(session, viewer)
    if refused := await _check_password(session, agent, password, network):
        return refused
    _forget_totp(agent)
    record(session, viewer, "totp.removed", ("agent", agent.id), network=network)
    await notices.second_factor_changed(session, agent)
    return None


async def list_passkeys(session: AsyncSession, viewer: StaffViewer) -> Sequence[Passkey]:
    return await queries.passkeys_of(session, viewer.id)


async def begin_passkey(
    session: AsyncSession, viewer: StaffViewer, signed_in_id: UUID, party: passkeys.RelyingParty
) -> dict[str, Any]:
    """Options for ``navigator.credentials.create``."""
    agent = await _own(session, viewer)
    entry = await queries.session_locked(session, signed_in_id)
    challenge = passkeys.new_challenge()
    if entry is not None:
        entry.challenge = challenge
    known = list(await queries.passkeys_of(session, agent.id))
    return passkeys.registration_options(party, agent, known, challenge)


async def add_passkey(
    session: AsyncSession,
    viewer: StaffViewer,
    signed_in_id: UUID,
    party: passkeys.RelyingParty,
    *,
    name: str,
    credential: dict[str, Any],
    network: str,
) -> Passkey:
    """Register a passkey. Raises PasskeyRefused, PasskeyKnown."""
    agent = await _own(session, viewer)
    entry = await queries.session_locked(session, signed_in_id)
    challenge = entry.challenge if entry is not None else None
    passkey = passkeys.register(party, agent, name, credential, challenge)
    if entry is not None:
        entry.challenge = None
    try:
        async with session.begin_nested():
            session.add(passkey)
    except IntegrityError as error:
        raise PasskeyKnown from error
    record(session, viewer, "passkey.added", ("passkey", passkey.id), network=network)
    await notices.second_factor_changed(session, agent)
    return passkey


async def remove_passkey(session: AsyncSession, viewer: StaffViewer, passkey_id: UUID, network: str) -> None:
    """Raises PasskeyUnknown for anybody else's."""
    own = {passkey.id: passkey for passkey in await queries.passkeys_of(session, viewer.id)}
    if passkey_id not in own:
        raise PasskeyUnknown
    await session.delete(own[passkey_id])
    record(session, viewer, "passkey.removed", ("passkey", passkey_id), network=network)
    await notices.second_factor_changed(session, await _own(session, viewer))


async def reset(session: AsyncSession, viewer: StaffViewer, agent: Agent, network: str) -> None:
    """Take every second factor off an agent who has lost them (an administrator's act), and end their sessions."""
    _forget_totp(agent)
    for passkey in await queries.passkeys_of(session, agent.id):
        await session.delete(passkey)
    await sessions.end_all(session, agent.id)
    record(session, viewer, "second_factor.reset", ("agent", agent.id), network=network)
    await notices.second_factor_changed(session, agent)


def _forget_totp(agent: Agent) -> None:
    agent.totp_secret = None
    agent.totp_confirmed_at = None
    agent.totp_last_step = None
    agent.recovery_hashes = []


async def _own(session: AsyncSession, viewer: StaffViewer) -> Agent:
    """The viewer's own row, locked."""
    agent = await queries.agent_by_id(session, viewer.id, lock=True)
    if agent is None:
        raise AgentUnknown
    return agent


async def _check_password(session: AsyncSession, agent: Agent, password: str, network: str) -> HoldfastError | None:
    """Asked again of somebody who is signed in: guesses count like those at the door."""
    account = lockout.account_index(agent.email)
    try:
        await lockout.admit(session, account, network)
    except TooManyAttempts as error:
        return error
    if await passwords.fits(password, agent.password_hash):
        return None
    await lockout.failed(session, account, network)
    return PasswordWrong()
