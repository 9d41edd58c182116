"""Every SELECT about people. Those that take a viewer answer only what that viewer may see."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select, and_, false, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import StaffViewer, SystemViewer, Viewer
from holdfast.people.models import (
    Agent,
    AgentLanguage,
    ConsoleSocket,
    ContactPoint,
    Customer,
    MailedToken,
    OutgoingMail,
    Passkey,
    Presence,
    Process,
    SignInFailure,
    SignInSession,
    Team,
    TeamMember,
)

Row = TypeVar("Row")

# --- sign-in: asked before anybody is known, so these take no viewer ---


async def agent_by_email(session: AsyncSession, email: str, *, lock: bool = False) -> Agent | None:
    """By address, in any case of letters."""
    statement = select(Agent).where(func.lower(Agent.email) == email.strip().lower())
    return await session.scalar(_locked_agent(statement, lock))


async def agent_by_id(session: AsyncSession, agent_id: UUID, *, lock: bool = False) -> Agent | None:
    return await session.scalar(_locked_agent(select(Agent).where(Agent.id == agent_id), lock))


async def session_by_hash(session: AsyncSession, token_hash: bytes) -> tuple[SignInSession, Agent | None] | None:
    row = (
        await session.execute(
            select(SignInSession, Agent)
            .outerjoin(Agent, Agent.id == SignInSession.agent_id)
            .where(SignInSession.token_hash == token_hash)
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1])


async def session_locked(session: AsyncSession, session_id: UUID) -> SignInSession | None:
    """The session as it is now, locked until the commit."""
    return await session.scalar(
        select(SignInSession)
        .where(SignInSession.id == session_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


async def account_failures(session: AsyncSession, account: bytes, since: datetime) -> tuple[int, datetime | None]:
    """How many failures of the account since then, and when the last was."""
    row = (
        await session.execute(
            select(func.count(), func.max(SignInFailure.at)).where(
                SignInFailure.account_index == account, SignInFailure.at > since
            )
        )
    ).one()
    return row[0], row[1]


async def network_failures(
    session: AsyncSession, network: str, since: datetime, at_most: int
) -> tuple[int, datetime | None]:
    """How many failures of the network since then (counted up to ``at_most``), and the oldest of those."""
    times = (
        await session.scalars(
            select(SignInFailure.at)
            .where(SignInFailure.network == network, SignInFailure.at > since)
            .order_by(SignInFailure.at.desc())
            .limit(at_most)
        )
    ).all()
    return len(times), times[-1] if times else None


async def passkey_by_credential(session: AsyncSession, credential_id: bytes) -> tuple[Passkey, Agent] | None:
    """The passkey, locked against a second use at the same moment, and its agent."""
    row = (
        await session.execute(
            select(Passkey, Agent)
            .join(Agent, Agent.id == Passkey.agent_id)
            .where(Passkey.credential_id == credential_id)
            .with_for_update(of=Passkey)
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1])


async def passkeys_of(session: AsyncSession, agent_id: UUID) -> Sequence[Passkey]:
    return (
        await session.scalars(select(Passkey).where(Passkey.agent_id == agent_id).order_by(Passkey.created_at))
    ).all()


async def passkey_count(session: AsyncSession, agent_id: UUID) -> int:
    return (await session.scalar(select(func.count()).where(Passkey.agent_id == agent_id))) or 0


async def passkey_counts(session: AsyncSession, agent_ids: Collection[UUID]) -> dict[UUID, int]:
    rows = await session.execute(
        select(Passkey.agent_id, func.count()).where(Passkey.agent_id.in_(agent_ids)).group_by(Passkey.agent_id)
    )
    return {row[0]: row[1] for row in rows}


async def open_sessions(session: AsyncSession, agent_id: UUID) -> Sequence[SignInSession]:
    """Not ended yet, half way ones too."""
    return (
        await session.scalars(
            select(SignInSession).where(SignInSession.agent_id == agent_id, SignInSession.ended_at.is_(None))
        )
    ).all()


async def live_sessions(
    session: AsyncSession, agent_id: UUID, moment: datetime, seen_after: datetime
) -> Sequence[SignInSession]:
    """Complete and neither ended, expired nor idle; the newest first."""
    return (
        await session.scalars(
            select(SignInSession)
            .where(
                SignInSession.agent_id == agent_id,
                SignInSession.complete,
                SignInSession.ended_at.is_(None),
                SignInSession.seen_at > seen_after,
                SignInSession.expires_at > moment,
            )
            .order_by(SignInSession.created_at.desc())
        )
    ).all()


async def alive_among(
    session: AsyncSession, ids: Collection[UUID], moment: datetime, seen_after: datetime
) -> set[UUID]:
    rows = await session.scalars(
        select(SignInSession.id)
        .join(Agent, Agent.id == SignInSession.agent_id)
        .where(
            SignInSession.id.in_(ids),
            SignInSession.complete,
            SignInSession.ended_at.is_(None),
            SignInSession.expires_at > moment,
            SignInSession.seen_at > seen_after,
            Agent.active,
        )
    )
    return set(rows)


async def waiting_ceremonies(session: AsyncSession, network: str, since: datetime) -> int:
    """Passkey sign-ins that were begun from a network and not finished."""
    return (
        await session.scalar(
            select(func.count()).where(
                SignInSession.agent_id.is_(None), SignInSession.network == network, SignInSession.created_at > since
            )
        )
    ) or 0


async def mailed_token(
    session: AsyncSession, kind: str, token_hash: bytes, *, lock: bool = False
) -> MailedToken | None:
    statement = select(MailedToken).where(MailedToken.kind == kind, MailedToken.token_hash == token_hash)
    return await session.scalar(_locked(statement, lock))


async def recent_resets(session: AsyncSession, agent_id: UUID, since: datetime) -> int:
    return (
        await session.scalar(
            select(func.count()).where(
                MailedToken.agent_id == agent_id, MailedToken.kind == "reset", MailedToken.created_at > since
            )
        )
    ) or 0


async def outgoing_mail(session: AsyncSession, mail_id: UUID) -> OutgoingMail | None:
    return await session.scalar(select(OutgoingMail).where(OutgoingMail.id == mail_id).with_for_update())


async def sink_mails(session: AsyncSession, limit: int = 100) -> Sequence[OutgoingMail]:
    """The mails of a demo, which are kept instead of sent; the newest first."""
    return (
        await session.scalars(
            select(OutgoingMail)
            .where(OutgoingMail.kept_at.is_not(None))
            .order_by(OutgoingMail.created_at.desc())
            .limit(limit)
        )
    ).all()


# --- staff ---


def _staff(viewer: Viewer) -> Select[Agent]:
    """Staff see staff; customers see nobody here (an agent's name reaches them with the conversation)."""
    visible = isinstance(viewer, StaffViewer | SystemViewer)
    return select(Agent).where(true() if visible else false())


async def agents(session: AsyncSession, viewer: Viewer) -> Sequence[Agent]:
    """All staff by name, former ones too."""
    return (await session.scalars(_staff(viewer).order_by(func.lower(Agent.name), Agent.id))).all()


async def agent(session: AsyncSession, viewer: Viewer, agent_id: UUID, *, lock: bool = False) -> Agent | None:
    return await session.scalar(_locked_agent(_staff(viewer).where(Agent.id == agent_id), lock))


async def languages_of(session: AsyncSession, agent_ids: Collection[UUID]) -> dict[UUID, list[AgentLanguage]]:
    """The languages of each, sorted by code."""
    result: dict[UUID, list[AgentLanguage]] = {agent_id: [] for agent_id in agent_ids}
    rows = await session.scalars(
        select(AgentLanguage).where(AgentLanguage.agent_id.in_(agent_ids)).order_by(AgentLanguage.language)
    )
    for row in rows:
        result[row.agent_id].append(row)
    return result


async def teams_of(session: AsyncSession, agent_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    result: dict[UUID, list[UUID]] = {agent_id: [] for agent_id in agent_ids}
    rows = await session.scalars(
        select(TeamMember).where(TeamMember.agent_id.in_(agent_ids)).order_by(TeamMember.team_id)
    )
    for row in rows:
        result[row.agent_id].append(row.team_id)
    return result


async def other_administrators(session: AsyncSession, agent_id: UUID) -> int:
    """Active administrators but this one; their rows are locked, so that two cannot resign at once."""
    rows = await session.scalars(
        select(Agent.id)
        .where(Agent.active, Agent.roles.contains(["administrator"]), Agent.id != agent_id)
        .with_for_update(key_share=True)
    )
    return len(rows.all())


async def teams(session: AsyncSession, viewer: Viewer) -> Sequence[Team]:
    if not isinstance(viewer, StaffViewer | SystemViewer):
        return []
    return (await session.scalars(select(Team).order_by(func.lower(Team.name)))).all()


async def team(session: AsyncSession, viewer: Viewer, team_id: UUID) -> Team | None:
    return next((found for found in await teams(session, viewer) if found.id == team_id), None)


async def team_members(session: AsyncSession) -> dict[UUID, list[UUID]]:
    result: dict[UUID, list[UUID]] = {}
    for row in await session.scalars(select(TeamMember).order_by(TeamMember.agent_id)):
        result.setdefault(row.team_id, []).append(row.agent_id)
    return result


async def open_invitations(session: AsyncSession, moment: datetime) -> Sequence[MailedToken]:
    """Not accepted and not expired; the newest first. The caller has checked that the viewer may."""
    return (
        await session.scalars(
            select(MailedToken)
            .where(MailedToken.kind == "invitation", MailedToken.used_at.is_(None), MailedToken.expires_at > moment)
            .order_by(MailedToken.created_at.desc())
        )
    ).all()


# --- presence ---


async def presence(session: AsyncSession, agent_id: UUID, *, lock: bool = False) -> Presence | None:
    return await session.scalar(_locked(select(Presence).where(Presence.agent_id == agent_id), lock))


async def presence_if_free(session: AsyncSession, agent_id: UUID) -> Presence | None:
    """The presence, locked; None also if another transaction holds it."""
    return await session.scalar(select(Presence).where(Presence.agent_id == agent_id).with_for_update(skip_locked=True))


async def presences(session: AsyncSession, agent_ids: Collection[UUID]) -> dict[UUID, Presence]:
    rows = await session.scalars(select(Presence).where(Presence.agent_id.in_(agent_ids)))
    return {row.agent_id: row for row in rows}


async def process_kept(session: AsyncSession, process_id: UUID) -> bool:
    """True if the process is registered; it cannot be swept before this transaction's end."""
    statement = select(Process.id).where(Process.id == process_id).with_for_update(read=True, key_share=True)
    return await session.scalar(statement) is not None


async def live_sockets(session: AsyncSession, agent_id: UUID, beating_since: datetime) -> int:
    """The agent's open consoles on processes that live."""
    return (
        await session.scalar(
            select(func.count())
            .select_from(ConsoleSocket)
            .join(Process, Process.id == ConsoleSocket.process_id)
            .where(ConsoleSocket.agent_id == agent_id, Process.beat_at > beating_since)
        )
    ) or 0


async def socket(session: AsyncSession, socket_id: UUID) -> ConsoleSocket | None:
    return await session.get(ConsoleSocket, socket_id)


async def sockets_of(session: AsyncSession, process_id: UUID, before: datetime) -> set[UUID]:
    """The console sockets that are noted for a process since before an instant."""
    return set(
        await session.scalars(
            select(ConsoleSocket.id).where(ConsoleSocket.process_id == process_id, ConsoleSocket.opened_at < before)
        )
    )


async def live_processes(session: AsyncSession, kind: str, since: datetime) -> int:
    """How many processes of a kind have beaten after ``since``."""
    return (await session.scalar(select(func.count()).where(Process.kind == kind, Process.beat_at > since))) or 0


async def dead_processes(session: AsyncSession, beaten_before: datetime) -> Sequence[Process]:
    """Silent ones, claimed so that two sweepers never take the same."""
    return (
        await session.scalars(select(Process).where(Process.beat_at <= beaten_before).with_for_update(skip_locked=True))
    ).all()


async def agents_on(session: AsyncSession, process_ids: Collection[UUID]) -> set[UUID]:
    """Whose consoles are open on these processes."""
    return set(await session.scalars(select(ConsoleSocket.agent_id).where(ConsoleSocket.process_id.in_(process_ids))))


# --- customers ---


async def customer(session: AsyncSession, customer_id: UUID, *, lock: bool = False) -> Customer | None:
    """The customer, or the one they were merged into. Whether the viewer may is the conversation's question."""
    found = await session.scalar(_locked(select(Customer).where(Customer.id == customer_id), lock))
    while found is not None and found.merged_into_id is not None:
        found = await session.scalar(_locked(select(Customer).where(Customer.id == found.merged_into_id), lock))
    return found


async def customer_by_subject(session: AsyncSession, indexes: Sequence[bytes]) -> Customer | None:
    """``indexes`` is the subject's index under every index key there is."""
    return await session.scalar(select(Customer).where(Customer.subject_index.in_(indexes)))


async def customers_by_value(session: AsyncSession, indexes: Sequence[tuple[str, bytes]]) -> list[UUID]:
    """The customers with one of these values, each given as its kind and blind index."""
    either = [and_(ContactPoint.kind == kind, ContactPoint.value_index == index) for kind, index in indexes]
    return list(await session.scalars(select(ContactPoint.customer_id).where(or_(*either)).distinct().limit(100)))


async def contact_points(session: AsyncSession, customer_id: UUID) -> Sequence[ContactPoint]:
    return (
        await session.scalars(
            select(ContactPoint)
            .where(ContactPoint.customer_id == customer_id)
            .order_by(ContactPoint.kind, ContactPoint.created_at)
        )
    ).all()


async def contact_point(session: AsyncSession, customer_id: UUID, field_id: UUID) -> ContactPoint | None:
    return await session.scalar(
        select(ContactPoint).where(ContactPoint.id == field_id, ContactPoint.customer_id == customer_id)
    )


def _locked_agent(statement: Select[Agent], lock: bool) -> Select[Agent]:
    """NO KEY UPDATE: two changes of an agent exclude each other, but what refers to the agent (an assignment, an entry)
    can be written meanwhile. Otherwise who accepts, holding their presence, and who deactivates them, holding their
    row, would wait for each other."""
    return statement.with_for_update(key_share=True) if lock else statement


def _locked(statement: Select[Row], lock: bool) -> Select[Row]:
    return statement.with_for_update() if lock else statement
