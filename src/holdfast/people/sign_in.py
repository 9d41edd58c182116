"""Signing in: password, then a second factor where there is one; or a passkey alone. Signing out."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import Role, SystemViewer
from holdfast.core.clock import now
from holdfast.core.errors import HoldfastError
from holdfast.core.settings import Oidc
from holdfast.people import identity_queries, lockout, passkeys, passwords, queries, sessions, totp
from holdfast.people.errors import (
    CodeWrong,
    NoHalfWaySession,
    PasskeyRefused,
    SignInRefused,
    TooManyAttempts,
)
from holdfast.people.models import Agent, SignInSession

# Work that does harm in the wrong hands: a password alone is not enough for it.
NEEDS_SECOND_FACTOR = frozenset({Role.ADMINISTRATOR, Role.LEAD, Role.EMERGENCY_AGENT})
_OPEN_CEREMONIES = 60

_SYSTEM = SystemViewer("sign-in")


@dataclass(frozen=True, slots=True)
class Browser:
    """Where a request comes from: ``network`` is an IPv4 address or the /64 of an IPv6 one."""

    network: str
    user_agent: str


@dataclass(frozen=True, slots=True)
class Step:
    """What came of one step. A refusal is returned, not raised: its failure must be committed first."""

    cookie: str | None = None
    methods: tuple[str, ...] = ()
    options: dict[str, Any] | None = None
    refused: HoldfastError | None = None

    @property
    def state(self) -> str:
        return "second_factor" if self.methods else "signed_in"


async def must_enrol(session: AsyncSession, agent: Agent, *, demo: bool) -> bool:
    """True if the agent's roles need a second factor and there is none yet (never in a demo)."""
    if demo or NEEDS_SECOND_FACTOR.isdisjoint(agent.roles) or agent.totp_confirmed_at is not None:
        return False
    return await queries.passkey_count(session, agent.id) == 0


async def with_password(
    session: AsyncSession, email: str, password: str, browser: Browser, oidc: Oidc | None = None
) -> Step:
    """The first step. The answer and its work are the same for an unknown, a former and a wrong account."""
    account = lockout.account_index(email)
    try:
        await lockout.admit(session, account, browser.network)
    except TooManyAttempts as error:
        record(session, _SYSTEM, "sign_in.locked", ("account", None), network=browser.network)
        return Step(refused=error)
    agent = await queries.agent_by_email(session, email)
    stored = agent.password_hash if agent is not None and agent.active else None
    if agent is not None and await password_is_off(session, oidc, agent):
        stored = None
    if not await passwords.fits(password, stored) or agent is None or stored is None:
        await failed(session, account, browser, agent, "password")
        return Step(refused=SignInRefused())
    if passwords.outdated(stored):
        agent.password_hash = await passwords.hashed(password)
    methods = await methods_of(session, agent)
    if methods:
        _, cookie = await sessions.start(
            session, agent.id, complete=False, network=browser.network, user_agent=browser.user_agent
        )
        return Step(cookie, methods)
    return await _complete(session, agent, browser, "password")


async def with_code(session: AsyncSession, cookie: str | None, code: str, browser: Browser) -> Step:
    """The second step: a code of the authenticator app, or a recovery code in its place."""
    agent, half_way = await _half_way(session, cookie)
    account = lockout.account_index(agent.email)
    try:
        await lockout.admit(session, account, browser.network)
    except TooManyAttempts as error:
        record(session, _SYSTEM, "sign_in.locked", ("agent", agent.id), network=browser.network)
        return Step(refused=error)
    locked = await queries.agent_by_id(session, agent.id, lock=True)
    how = await use_code(session, locked, code) if locked is not None else None
    if locked is None or how is None:
        await failed(session, account, browser, agent, "code")
        return Step(refused=CodeWrong())
    await sessions.end(session, half_way)
    return await _complete(session, locked, browser, how)


async def use_code(session: AsyncSession, agent: Agent, code: str) -> str | None:
    """Use a code up (the agent's row is locked): how it was accepted, or None."""
    await session.refresh(agent, ["totp_last_step", "recovery_hashes", "totp_secret", "totp_confirmed_at"])
    if agent.totp_secret is None or agent.totp_confirmed_at is None:
        return None
    step = totp.matching_step(agent.totp_secret, code, now(), agent.totp_last_step)
    if step is not None:
        agent.totp_last_step = step
        return "totp"
    spent = totp.recovery_hash(code)
    if spent is not None and spent in agent.recovery_hashes:
        agent.recovery_hashes = [kept for kept in agent.recovery_hashes if kept != spent]
        return "recovery_code"
    return None


async def passkey_options(
    session: AsyncSession, cookie: str | None, party: passkeys.RelyingParty, browser: Browser
) -> Step:
    """Begin a passkey: as the second step when a password was given in this browser, else as the only one."""
    challenge = passkeys.new_challenge()
    found = await sessions.find(session, cookie)
    if found is not None and found[0] is not None and not found[1].complete:
        agent, half_way = found
        half_way.challenge = challenge
        known = list(await queries.passkeys_of(session, agent.id)) if agent is not None else []
        return Step(options=passkeys.authentication_options(party, known, challenge))
    if await too_many_ceremonies(session, browser):
        return Step(refused=TooManyAttempts(seconds=int(lockout.NETWORK_WINDOW.total_seconds())))
    _, secret = await sessions.start(
        session,
        None,
        complete=False,
        network=browser.network,
        user_agent=browser.user_agent,
        challenge=challenge,
    )
    return Step(secret, options=passkeys.authentication_options(party, [], challenge))


async def too_many_ceremonies(session: AsyncSession, browser: Browser) -> bool:
    """From this network many have begun, and not ended."""
    begun = await queries.waiting_ceremonies(session, browser.network, now() - lockout.NETWORK_WINDOW)
    return begun >= _OPEN_CEREMONIES


async def with_passkey(
    session: AsyncSession,
    cookie: str | None,
    credential: dict[str, Any],
    party: passkeys.RelyingParty,
    browser: Browser,
) -> Step:
    """Finish a passkey. It counts as both factors: the device is held, and has verified its person."""
    found = await sessions.find(session, cookie)
    if found is None or found[1].complete:
        return Step(refused=NoHalfWaySession())
    expected, half_way = found
    try:
        await lockout.admit(session, None, browser.network)
    except TooManyAttempts as error:
        return Step(refused=error)
    challenge = await spend_challenge(session, half_way.id)
    owner: Agent | None = None
    try:
        known = await queries.passkey_by_credential(session, passkeys.credential_id(credential))
        if known is None:
            raise PasskeyRefused(reason="unknown")
        passkey, owner = known
        if not owner.active or (expected is not None and expected.id != owner.id):
            raise PasskeyRefused(reason="unknown")
        passkeys.check(party, passkey, credential, challenge)
    except PasskeyRefused as error:
        account = lockout.account_index(owner.email if owner is not None else "")
        await failed(session, account, browser, owner, f"passkey_{error.params['reason']}")
        return Step(refused=error)
    await sessions.end(session, half_way)
    return await _complete(session, owner, browser, "passkey")


async def spend_challenge(session: AsyncSession, session_id: UUID) -> bytes | None:
    """Take the challenge off the session: of two answers to one challenge, one finds it."""
    entry = await queries.session_locked(session, session_id)
    if entry is None:
        return None
    challenge = entry.challenge
    await session.execute(update(SignInSession).where(SignInSession.id == session_id).values(challenge=None))
    return challenge


async def sign_out(session: AsyncSession, cookie: str | None, browser: Browser) -> None:
    """End the cookie's session, half way ones too; harmless if there is none."""
    found = await sessions.find(session, cookie)
    if found is None:
        return
    agent, signed_in = found
    await sessions.end(session, signed_in)
    if agent is not None and signed_in.complete:
        viewer = sessions.viewer_of(agent)
        record(session, viewer, "sign_in.signed_out", ("session", signed_in.id), network=browser.network)


async def password_is_off(session: AsyncSession, oidc: Oidc | None, agent: Agent) -> bool:
    """True for who must come by the identity provider: the operator wants it (HOLDFAST_OIDC_ONLY), and their address
    or account is the provider's."""
    if oidc is None or not oidc.only:
        return False
    if agent.email.rpartition("@")[2].lower() in oidc.domains:
        return True
    return await identity_queries.has_external_identity(session, oidc.issuer, agent.id)


async def _complete(session: AsyncSession, agent: Agent, browser: Browser, how: str, *, fresh: bool = True) -> Step:
    await lockout.forgive(session, lockout.account_index(agent.email))
    signed_in, cookie = await sessions.start(
        session, agent.id, complete=True, network=browser.network, user_agent=browser.user_agent, fresh=fresh
    )
    viewer = sessions.viewer_of(agent)
    record(session, viewer, "sign_in.signed_in", ("session", signed_in.id), network=browser.network, how=how)
    return Step(cookie)


async def complete_for(session: AsyncSession, agent: Agent, browser: Browser, how: str, *, fresh: bool = True) -> Step:
    """Sign an agent in for whom somebody else vouches: the secret of a mail (an invitation), an identity provider."""
    return await _complete(session, agent, browser, how, fresh=fresh)


async def methods_of(session: AsyncSession, agent: Agent) -> tuple[str, ...]:
    """The second factors the agent has."""
    methods = ("totp",) if agent.totp_confirmed_at is not None else ()
    return (*methods, "passkey") if await queries.passkey_count(session, agent.id) else methods


async def _half_way(session: AsyncSession, cookie: str | None) -> tuple[Agent, SignInSession]:
    found = await sessions.find(session, cookie)
    if found is None or found[0] is None or found[1].complete:
        raise NoHalfWaySession
    return found[0], found[1]


async def failed(session: AsyncSession, account: bytes, browser: Browser, agent: Agent | None, what: str) -> None:
    """Count a failure against account and network, and write it down."""
    await lockout.failed(session, account, browser.network)
    subject = ("agent", agent.id) if agent is not None else ("account", None)
    record(session, _SYSTEM, "sign_in.failed", subject, network=browser.network, what=what)
