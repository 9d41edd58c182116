"""Links by mail that open something once: invitations, and resets of a forgotten password."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.keys import key_ring
from holdfast.access.viewer import Role, StaffViewer, SystemViewer
from holdfast.core import jobs
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.ids import new_secret, secret_hash
from holdfast.core.settings import Settings
from holdfast.people import agents, lockout, notices, passwords, queries, sessions, sign_in
from holdfast.people.agents import Language
from holdfast.people.errors import AlreadyMember, InvitationUnknown, LinkDead, MailUnavailable, TooManyAttempts
from holdfast.people.mail import can_send
from holdfast.people.models import MailedToken

INVITATION_LIFE = timedelta(days=7)
RESET_LIFE = timedelta(minutes=30)
RESET = "people.password_reset"
_RESETS_AN_HOUR = 3
_SEAL = "job.password_reset"


@dataclass(frozen=True, slots=True)
class InvitationView:
    """What the invited person sees before accepting."""

    email: str
    name: str
    organisation: str


async def invite(
    session: AsyncSession,
    viewer: StaffViewer | SystemViewer,
    settings: Settings,
    *,
    email: str,
    name: str,
    roles: Sequence[Role],
    languages: Sequence[Language],
    network: str | None = None,
) -> MailedToken:
    """Invite somebody by mail. Raises AlreadyMember, MailUnavailable.

    A second invitation to the same address replaces the first.
    """
    if not can_send(settings):
        raise MailUnavailable
    address = email.strip()
    if await queries.agent_by_email(session, address) is not None:
        raise AlreadyMember
    for earlier in await queries.open_invitations(session, now()):
        if earlier.email.lower() == address.lower():
            earlier.used_at = now()
    secret = new_secret()
    token = MailedToken(
        kind="invitation",
        token_hash=secret_hash(secret),
        email=address,
        detail={
            "name": name,
            "roles": [role.value for role in roles],
            "languages": [{"language": known.language, "level": known.level} for known in languages],
        },
        invited_by_id=viewer.id if isinstance(viewer, StaffViewer) else None,
        expires_at=now() + INVITATION_LIFE,
    )
    session.add(token)
    await session.flush()
    record(session, viewer, "invitation.sent", ("invitation", token.id), network=network, roles=token.detail["roles"])
    language = languages[0].language if languages else viewer.language
    link = f"{settings.origin}/console/invitation/{secret}"
    await notices.invitation(session, address, language, link=link, organisation=settings.organisation, viewer=viewer)
    return token


async def open_invitations(session: AsyncSession, viewer: StaffViewer) -> Sequence[MailedToken]:
    """Those nobody has accepted yet; none for who is no administrator."""
    return await queries.open_invitations(session, now()) if viewer.holds(Role.ADMINISTRATOR) else []


async def withdraw(session: AsyncSession, viewer: StaffViewer, invitation_id: UUID, network: str) -> None:
    """Raises InvitationUnknown."""
    found = {token.id: token for token in await queries.open_invitations(session, now())}
    if invitation_id not in found:
        raise InvitationUnknown
    found[invitation_id].used_at = now()
    record(session, viewer, "invitation.withdrawn", ("invitation", invitation_id), network=network)


async def view(session: AsyncSession, secret: str, organisation: str) -> InvitationView:
    """Raises LinkDead."""
    token = await _live(session, "invitation", secret)
    return InvitationView(token.email, str(token.detail.get("name", "")), organisation)


async def accept(
    session: AsyncSession, secret: str, *, name: str, password: str, language: str, browser: sign_in.Browser
) -> sign_in.Step:
    """Make the account and sign its owner in. Raises LinkDead, WeakPassword, AlreadyMember."""
    token = await _live(session, "invitation", secret, lock=True)
    passwords.check_strength(password, token.email)
    token.used_at = now()
    detail: dict[str, Any] = token.detail
    agent = await agents.create(
        session,
        SystemViewer("invitation"),
        email=token.email,
        name=name,
        roles=[Role(role) for role in detail["roles"]],
        languages=[Language(known["language"], known["level"]) for known in detail["languages"]],
        password_hash=await passwords.hashed(password),
        interface_language=language,
    )
    record(
        session,
        sessions.viewer_of(agent),
        "invitation.accepted",
        ("invitation", token.id),
        network=browser.network,
    )
    return await sign_in.complete_for(session, agent, browser, "invitation")


async def request_reset(session: AsyncSession, email: str, network: str) -> None:
    """Somebody forgot their password. Nothing here depends on whether the account exists: the job looks.

    Each request counts as one attempt of its network; beyond the limit it is dropped without a word.
    """
    try:
        await lockout.admit(session, None, network)
    except TooManyAttempts:
        return
    await lockout.failed(session, lockout.account_index(f"reset:{email}"), network)
    sealed = key_ring().seal(email.strip(), _SEAL).hex()
    await jobs.defer(session, RESET, email=sealed, network=network)


async def send_reset(settings: Settings, database: Database, email: str, network: str) -> None:
    """The job ``people.password_reset``: mail a link, if the account exists, is active, and has not been sent three
    within the hour."""
    address = key_ring().open(bytes.fromhex(email), _SEAL)
    async with database.transaction() as session:
        agent = await queries.agent_by_email(session, address, lock=True)
        if agent is None or not agent.active or await sign_in.password_is_off(session, settings.oidc, agent):
            return
        if await queries.recent_resets(session, agent.id, now() - timedelta(hours=1)) >= _RESETS_AN_HOUR:
            return
        secret = new_secret()
        session.add(
            MailedToken(
                kind="reset",
                token_hash=secret_hash(secret),
                agent_id=agent.id,
                email=agent.email,
                expires_at=now() + RESET_LIFE,
            )
        )
        record(session, SystemViewer("password reset"), "password.reset_sent", ("agent", agent.id), network=network)
        link = f"{settings.origin}/console/reset/{secret}"
        await notices.password_reset(session, agent, link, int(RESET_LIFE.total_seconds() // 60))


async def confirm_reset(session: AsyncSession, secret: str, password: str, network: str) -> None:
    """Set the new password, end every session, forget the lockout. Raises LinkDead, WeakPassword.

    It opens no session: a second factor is still asked for at the next sign-in.
    """
    token = await _live(session, "reset", secret, lock=True)
    agent = await queries.agent_by_id(session, token.agent_id, lock=True) if token.agent_id else None
    if agent is None or not agent.active:
        raise LinkDead
    passwords.check_strength(password, agent.email)
    agent.password_hash = await passwords.hashed(password)
    # Every other link that is still under way dies with this one.
    await session.execute(
        update(MailedToken)
        .where(MailedToken.kind == "reset", MailedToken.agent_id == agent.id, MailedToken.used_at.is_(None))
        .values(used_at=now())
    )
    ended = await sessions.end_all(session, agent.id)
    await lockout.forgive(session, lockout.account_index(agent.email))
    record(
        session,
        sessions.viewer_of(agent),
        "password.reset",
        ("agent", agent.id),
        network=network,
        sessions_ended=ended,
    )
    await notices.password_changed(session, agent)


async def purge(session: AsyncSession) -> None:
    """Delete links that have been dead for a month."""
    await session.execute(delete(MailedToken).where(MailedToken.expires_at < now() - timedelta(days=30)))


async def _live(session: AsyncSession, kind: str, secret: str, *, lock: bool = False) -> MailedToken:
    token = await queries.mailed_token(session, kind, secret_hash(secret), lock=lock)
    if token is None or token.used_at is not None or token.expires_at <= now():
        raise LinkDead
    return token
