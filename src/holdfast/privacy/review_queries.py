"""The figures of a security review, each counted in the database."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.models import AuditEntry
from holdfast.people.models import Agent, Passkey, SignInSession
from holdfast.privacy.models import LegalHold, SubjectRequest
from holdfast.privacy.queries import OPEN


class Account(NamedTuple):
    """An active member of staff: what they may, and when they last came and acted."""

    id: UUID
    name: str
    roles: list[str]
    second_factor: bool
    created_at: datetime
    signed_in_at: datetime | None
    acts: int


async def accounts(session: AsyncSession, since: datetime, until: datetime) -> list[Account]:
    """Acts are counted in the period, sign-ins from the beginning."""
    came = (
        select(SignInSession.agent_id, func.max(SignInSession.created_at).label("at"))
        .where(SignInSession.complete)
        .group_by(SignInSession.agent_id)
        .subquery()
    )
    acted = (
        select(AuditEntry.actor_id, func.count().label("acts"))
        .where(AuditEntry.actor_kind == "staff", AuditEntry.at >= since, AuditEntry.at < until)
        .group_by(AuditEntry.actor_id)
        .subquery()
    )
    keyed = select(Passkey.agent_id).distinct().subquery()
    rows = await session.execute(
        select(Agent, came.c.at, acted.c.acts, keyed.c.agent_id)
        .outerjoin(came, came.c.agent_id == Agent.id)
        .outerjoin(acted, acted.c.actor_id == Agent.id)
        .outerjoin(keyed, keyed.c.agent_id == Agent.id)
        .where(Agent.active)
        .order_by(Agent.name)
    )
    return [
        Account(
            agent.id,
            agent.name,
            sorted(agent.roles),
            agent.totp_confirmed_at is not None or passkey is not None,
            agent.created_at,
            at,
            acts or 0,
        )
        for agent, at, acts, passkey in rows
    ]


async def acts_by_agent(
    session: AsyncSession, actions: Sequence[str], since: datetime, until: datetime
) -> list[tuple[UUID, str, int]]:
    """(agent, name, how often) of these actions, the most first."""
    rows = await session.execute(
        select(Agent.id, Agent.name, func.count())
        .join(AuditEntry, AuditEntry.actor_id == Agent.id)
        .where(AuditEntry.action.in_(actions), AuditEntry.at >= since, AuditEntry.at < until)
        .group_by(Agent.id, Agent.name)
        .order_by(func.count().desc(), Agent.name)
    )
    return [(row[0], row[1], row[2]) for row in rows]


async def actions(session: AsyncSession, names: Sequence[str], since: datetime, until: datetime) -> dict[str, int]:
    """How often each happened, zero included."""
    rows = await session.execute(
        select(AuditEntry.action, func.count())
        .where(AuditEntry.action.in_(names), AuditEntry.at >= since, AuditEntry.at < until)
        .group_by(AuditEntry.action)
    )
    return dict.fromkeys(names, 0) | {row[0]: row[1] for row in rows}


async def open_requests(session: AsyncSession) -> tuple[int, datetime | None]:
    """How many wait or run, and since when the oldest."""
    row = (
        await session.execute(
            select(func.count(), func.min(SubjectRequest.created_at)).where(SubjectRequest.state.in_(OPEN))
        )
    ).one()
    return row[0], row[1]


async def holds_in_force(session: AsyncSession) -> tuple[int, datetime | None]:
    row = (
        await session.execute(select(func.count(), func.min(LegalHold.placed_at)).where(LegalHold.ended_at.is_(None)))
    ).one()
    return row[0], row[1]


async def first_day(session: AsyncSession) -> datetime | None:
    """When the installation got its first person."""
    found: datetime | None = await session.scalar(select(func.min(Agent.created_at)))
    return found
