"""Signed-in browsers: who a cookie belongs to, since when, until when. Free of the web framework."""

import re
from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, or_, update
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import Role, StaffViewer
from holdfast.core.clock import now
from holdfast.core.database import tell
from holdfast.core.ids import new_secret, secret_hash
from holdfast.core.notify import LIVE
from holdfast.people import queries
from holdfast.people.errors import SessionUnknown
from holdfast.people.models import Agent, SignInSession

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
# A sign-in that is half done, or a passkey ceremony that nobody finished.
HALF_WAY = timedelta(minutes=10)
_SEEN_EVERY = timedelta(minutes=1)
_KEPT_AFTER_END = timedelta(days=30)
_USER_AGENT_LENGTH = 200


def viewer_of(agent: Agent) -> StaffViewer:
    """The agent as a viewer, with the roles of this moment."""
    roles = frozenset(Role(role) for role in agent.roles)
    return StaffViewer(agent.id, agent.name, roles, agent.interface_language)


async def authenticate(session: AsyncSession, cookie_value: str | None) -> tuple[StaffViewer, SignInSession] | None:
    """Who is signed in with this cookie, or None. Marks the session as seen, at most once a minute."""
    found = await find(session, cookie_value)
    if found is None:
        return None
    agent, signed_in = found
    if agent is None or not signed_in.complete:
        return None
    if now() - signed_in.seen_at >= _SEEN_EVERY:
        await session.execute(update(SignInSession).where(SignInSession.id == signed_in.id).values(seen_at=now()))
    return viewer_of(agent), signed_in


async def find(session: AsyncSession, cookie_value: str | None) -> tuple[Agent | None, SignInSession] | None:
    """The live session of a cookie, half way or complete, and its active agent (None: a passkey is awaited)."""
    if not cookie_value:
        return None
    found = await queries.session_by_hash(session, secret_hash(cookie_value))
    if found is None:
        return None
    signed_in, agent = found
    idle = signed_in.complete and signed_in.seen_at <= now() - IDLE
    if signed_in.ended_at or signed_in.expires_at <= now() or idle:
        return None
    if signed_in.agent_id is not None and (agent is None or not agent.active):
        return None
    return agent, signed_in


async def start(
    session: AsyncSession,
    agent_id: UUID | None,
    *,
    complete: bool,
    network: str,
    user_agent: str,
    challenge: bytes | None = None,
    fresh: bool = True,
) -> tuple[SignInSession, str]:
    """A new session and its cookie's value. Always a new secret: a value from before the sign-in is worth nothing.

    ``fresh``: this sign-in counts as a step-up, since the person has shown the strongest factor they have.
    """
    secret = new_secret()
    signed_in = SignInSession(
        token_hash=secret_hash(secret),
        agent_id=agent_id,
        complete=complete,
        challenge=challenge,
        created_at=now(),
        seen_at=now(),
        expires_at=now() + (LONGEST if complete else HALF_WAY),
        stepped_up_at=now() if complete and fresh else None,
        network=network,
        user_agent=_described(user_agent),
    )
    session.add(signed_in)
    await session.flush()
    return signed_in, secret


async def end(session: AsyncSession, signed_in: SignInSession) -> None:
    """End one session (its own browser signs out, or is replaced by the next step of the sign-in)."""
    await _end_where(session, signed_in.agent_id, [signed_in.id])


async def end_named(session: AsyncSession, viewer: StaffViewer, session_id: UUID, network: str) -> None:
    """End one of the viewer's own sessions. Raises SessionUnknown for anybody else's."""
    known = {entry.id for entry in await queries.live_sessions(session, viewer.id, now(), now() - IDLE)}
    if session_id not in known:
        raise SessionUnknown
    await _end_where(session, viewer.id, [session_id])
    record(session, viewer, "sign_in.session_ended", ("session", session_id), network=network)


async def end_all(session: AsyncSession, agent_id: UUID, *, but: UUID | None = None) -> int:
    """End every session of an agent, but one; how many were ended."""
    ids = [entry.id for entry in await queries.open_sessions(session, agent_id) if entry.id != but]
    await _end_where(session, agent_id, ids)
    return len(ids)


async def list_own(session: AsyncSession, viewer: StaffViewer) -> Sequence[SignInSession]:
    """The viewer's live sessions, the newest first."""
    return await queries.live_sessions(session, viewer.id, now(), now() - IDLE)


async def sessions_alive(session: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    """Those of ``ids`` that are still signed in; the sockets of all others are to be closed."""
    return await queries.alive_among(session, ids, now(), now() - IDLE)


async def purge(session: AsyncSession) -> None:
    """Delete what was never completed, and sessions that ended a month ago."""
    await session.execute(
        delete(SignInSession).where(
            or_(
                SignInSession.expires_at < now() - _KEPT_AFTER_END,
                SignInSession.complete.is_(False) & (SignInSession.expires_at < now()),
            )
        )
    )


async def _end_where(session: AsyncSession, agent_id: UUID | None, ids: Sequence[UUID]) -> None:
    if ids:
        await session.execute(
            update(SignInSession)
            .where(SignInSession.id.in_(ids), SignInSession.ended_at.is_(None))
            .values(ended_at=now(), challenge=None)
        )
        if agent_id is not None:
            tell(session, LIVE, f"a:{agent_id.hex}")


def _described(user_agent: str) -> str:
    """What the browser says it is, printable and short."""
    return re.sub(r"[^\x20-\x7e]+", "", user_agent)[:_USER_AGENT_LENGTH]
