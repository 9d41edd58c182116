"""Sign-in by the organisation's identity provider: the ceremony, and whose account it opens.

The ceremony is a session that is half way, under a cookie of its own, which may come along when another site sends the
browser back (decision 0022). What the provider must return is sealed in it, and is spent before it is looked at.
"""

import hashlib
import json
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.keys import key_ring
from holdfast.access.viewer import Role, SystemViewer
from holdfast.core.clock import now
from holdfast.core.i18n import negotiate
from holdfast.core.settings import Oidc
from holdfast.people import agents, identity_queries, lockout, queries, sessions, sign_in
from holdfast.people.agents import Language
from holdfast.people.errors import AccountMissing, AlreadyMember, ProviderRefused, TooManyAttempts
from holdfast.people.models import Agent, ExternalIdentity
from holdfast.people.oidc_provider import Provider
from holdfast.people.oidc_tokens import Claims
from holdfast.people.sign_in import Browser, Step
from holdfast.people.step_up import FRESH_FOR

_SEAL = "sign_in_session.oidc"
_SYSTEM = SystemViewer("sign-in by the identity provider")


@dataclass(frozen=True, slots=True)
class Ceremony:
    """What was asked of the provider. ``fresh``: the person is to be asked anew, whatever the provider remembers."""

    state: str
    nonce: str
    verifier: str
    next: str
    fresh: bool

    @property
    def challenge(self) -> str:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return urlsafe_b64encode(digest).rstrip(b"=").decode()


async def begin(session: AsyncSession, browser: Browser, next_path: str, *, fresh: bool) -> tuple[Ceremony, str]:
    """A new ceremony, and the value of its cookie. Raises TooManyAttempts for a network that begins and never ends."""
    if await sign_in.too_many_ceremonies(session, browser):
        raise TooManyAttempts(seconds=int(lockout.NETWORK_WINDOW.total_seconds()))
    ceremony = Ceremony(
        secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48), next_path, fresh
    )
    written = json.dumps([ceremony.state, ceremony.nonce, ceremony.verifier, ceremony.next, ceremony.fresh])
    _, cookie = await sessions.start(
        session,
        None,
        complete=False,
        network=browser.network,
        user_agent=browser.user_agent,
        challenge=key_ring().seal(written, _SEAL),
    )
    return ceremony, cookie


async def take(session: AsyncSession, cookie: str | None, state: str) -> Ceremony:
    """The ceremony of this browser with this state, which is over from now on. Raises ProviderRefused."""
    found = await sessions.find(session, cookie)
    if found is None or found[1].complete or found[0] is not None:
        raise ProviderRefused(reason="state")
    sealed = await sign_in.spend_challenge(session, found[1].id)
    await sessions.end(session, found[1])
    if sealed is None:
        raise ProviderRefused(reason="state")
    try:
        ceremony = Ceremony(*json.loads(key_ring().open(sealed, _SEAL)))
    except Exception as error:
        # The challenge of a passkey, in a cookie that was renamed.
        raise ProviderRefused(reason="state") from error
    if not secrets.compare_digest(ceremony.state.encode(), state.encode()):
        raise ProviderRefused(reason="state")
    return ceremony


async def sign_in_as(
    session: AsyncSession, provider: Provider, claims: Claims, browser: Browser, *, fresh: bool = False
) -> Step:
    """Sign the person in whom the provider vouches for; our second factor is still asked for, unless the provider says
    that it asked for one and the operator believes it. A refusal is returned, to be written down.

    ``fresh``: the provider was to ask the person anew, and must say when it did. Only then counts the sign-in as a
    step-up too: a provider that remembers somebody shows nothing new.
    """
    settings = provider.settings
    if fresh and (claims.auth_time is None or now().timestamp() - claims.auth_time > FRESH_FOR.total_seconds()):
        return Step(refused=ProviderRefused(reason="auth_time"))
    agent = await _account(session, settings, claims)
    if agent is None or not agent.active:
        record(session, _SYSTEM, "sign_in.failed", ("account", None), network=browser.network, what="provider_unknown")
        return Step(refused=AccountMissing())
    trusted = settings.trust_mfa and claims.strong(settings.acr)
    factors = () if trusted else await sign_in.methods_of(session, agent)
    if factors:
        _, cookie = await sessions.start(
            session, agent.id, complete=False, network=browser.network, user_agent=browser.user_agent
        )
        return Step(cookie, factors)
    return await sign_in.complete_for(session, agent, browser, "provider_mfa" if trusted else "provider", fresh=fresh)


async def _account(session: AsyncSession, settings: Oidc, claims: Claims) -> Agent | None:
    """Known by the provider's own id; else, once, by a verified address: an account, an invitation, or (if the
    operator wants it) a new candidate."""
    index = _subject_index(settings, claims.subject)
    known = await identity_queries.external_identity(session, settings.issuer, index)
    if known is not None:
        known[0].used_at = now()
        return known[1]
    if claims.email is None:
        return None
    agent = await queries.agent_by_email(session, claims.email, lock=True)
    if agent is None and claims.email.rpartition("@")[2].lower() in settings.domains:
        agent = await _made(session, settings, claims, claims.email)
    if (
        agent is None
        or not agent.active
        or await identity_queries.has_external_identity(session, settings.issuer, agent.id)
    ):
        # Another person of the provider was given the address of somebody who is known by their own id.
        return None
    session.add(ExternalIdentity(issuer=settings.issuer, subject_index=index, agent_id=agent.id))
    record(session, sessions.viewer_of(agent), "agent.identity_linked", ("agent", agent.id))
    return agent


def _subject_index(settings: Oidc, subject: str) -> bytes:
    """Hashed first: a blind index does not tell the case of letters, and two subjects may differ by it alone."""
    digest = hashlib.sha256(subject.encode()).hexdigest()
    return key_ring().blind_index(digest, f"external_identity {settings.issuer}")


async def _made(session: AsyncSession, settings: Oidc, claims: Claims, email: str) -> Agent | None:
    invited = next(
        (token for token in await queries.open_invitations(session, now()) if token.email.lower() == email.lower()),
        None,
    )
    if invited is None and not settings.create:
        return None
    roles, languages, name = [Role.CANDIDATE], [], claims.name or email.partition("@")[0]
    if invited is not None:
        invited.used_at = now()
        roles = [Role(role) for role in invited.detail["roles"]]
        languages = [Language(known["language"], known["level"]) for known in invited.detail["languages"]]
        name = invited.detail["name"]
    language = negotiate(claims.language)
    try:
        return await agents.create(
            session, _SYSTEM, email=email, name=name, roles=roles, languages=languages, interface_language=language
        )
    except AlreadyMember:
        return None
