"""The figures of a security review, each counted in the database."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.models import (
    AccessGrant,
    Alarm,
    AuditEntry,
    AuditSeal,
    InstallationKey,
    KeyWork,
    Verification,
)
from holdfast.channels.webhooks.models import WebhookDelivery, WebhookEndpoint
from holdfast.conversations.models import Attachment, Exposure
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


async def last_verification(session: AsyncSession) -> Verification | None:
    found: Verification | None = await session.scalar(select(Verification).order_by(Verification.at.desc()).limit(1))
    return found


async def unsealed(session: AsyncSession, before: datetime) -> int:
    """Entries of the audit log that are older and in no seal yet."""
    horizon = select(func.coalesce(func.max(AuditSeal.horizon), 0)).scalar_subquery()
    return await session.scalar(select(func.count()).where(AuditEntry.written >= horizon, AuditEntry.at < before)) or 0


async def exposures(session: AsyncSession, since: datetime, until: datetime) -> list[tuple[str, str, str, int]]:
    """(kind, place, author, how many) of the secrets that were caught for sure, the most first."""
    rows = await session.execute(
        select(Exposure.kind, Exposure.place, Exposure.author, func.count())
        .where(Exposure.at >= since, Exposure.at < until, Exposure.certainty != "ambiguous")
        .group_by(Exposure.kind, Exposure.place, Exposure.author)
        .order_by(func.count().desc(), Exposure.kind, Exposure.place, Exposure.author)
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


async def doubtful(session: AsyncSession, since: datetime, until: datetime) -> int:
    """How often something may have been a secret."""
    statement = select(func.count()).where(Exposure.at >= since, Exposure.at < until, Exposure.certainty == "ambiguous")
    return await session.scalar(statement) or 0


async def grants(session: AsyncSession, since: datetime, until: datetime) -> list[tuple[UUID, str, str, int]]:
    """(agent, name, purpose, how many) of the personal fields that were opened."""
    rows = await session.execute(
        select(Agent.id, Agent.name, AccessGrant.purpose, func.count())
        .join(AccessGrant, AccessGrant.agent_id == Agent.id)
        .where(AccessGrant.granted_at >= since, AccessGrant.granted_at < until)
        .group_by(Agent.id, Agent.name, AccessGrant.purpose)
        .order_by(AccessGrant.purpose, func.count().desc(), Agent.name)
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


async def archives_taken(session: AsyncSession, since: datetime, until: datetime) -> list[tuple[str, str | None, int]]:
    """(name, purpose, how many) of the archives that staff downloaded."""
    rows = await session.execute(
        select(Agent.name, AuditEntry.purpose, func.count())
        .join(AuditEntry, AuditEntry.actor_id == Agent.id)
        .where(AuditEntry.action == "privacy.archive_taken", AuditEntry.at >= since, AuditEntry.at < until)
        .group_by(Agent.name, AuditEntry.purpose)
        .order_by(Agent.name, AuditEntry.purpose)
    )
    return [(row[0], row[1], row[2]) for row in rows]


async def alarms(session: AsyncSession, since: datetime, until: datetime) -> list[tuple[str, int, int]]:
    """(kind, how many in the period, how many of any time nobody has looked at)."""
    unseen = Alarm.seen_at.is_(None)
    within = (Alarm.at >= since) & (Alarm.at < until)
    rows = await session.execute(
        select(Alarm.kind, func.count().filter(within), func.count().filter(unseen))
        .where(or_(within, unseen))
        .group_by(Alarm.kind)
        .order_by(Alarm.kind)
    )
    return [(row[0], row[1], row[2]) for row in rows]


async def keys(session: AsyncSession) -> list[tuple[str, int, datetime]]:
    """(purpose, newest generation, when it was made) of the installation's keys."""
    rows = await session.execute(
        select(InstallationKey.purpose, func.max(InstallationKey.generation), func.max(InstallationKey.created_at))
        .group_by(InstallationKey.purpose)
        .order_by(InstallationKey.purpose)
    )
    return [(row[0], row[1], row[2]) for row in rows]


async def key_work(session: AsyncSession) -> Sequence[KeyWork]:
    return (await session.scalars(select(KeyWork).order_by(KeyWork.job))).all()


async def endpoints(session: AsyncSession) -> Sequence[WebhookEndpoint]:
    return (await session.scalars(select(WebhookEndpoint).order_by(WebhookEndpoint.name))).all()


async def given_up(session: AsyncSession, since: datetime, until: datetime) -> int:
    """Deliveries of webhooks that failed for good."""
    statement = select(func.count()).where(
        WebhookDelivery.state == "failed", WebhookDelivery.happened_at >= since, WebhookDelivery.happened_at < until
    )
    return await session.scalar(statement) or 0


async def pictures(session: AsyncSession, since: datetime, until: datetime) -> dict[str, int]:
    """How many came in the period, by what became of them."""
    rows = await session.execute(
        select(Attachment.state, func.count())
        .where(Attachment.width.is_not(None), Attachment.created_at >= since, Attachment.created_at < until)
        .group_by(Attachment.state)
    )
    return {row[0]: row[1] for row in rows}


async def pictures_waiting(session: AsyncSession, before: datetime) -> int:
    """Pictures that came earlier and that nobody has read yet."""
    statement = select(func.count()).where(Attachment.state == "reading", Attachment.created_at < before)
    return await session.scalar(statement) or 0


async def first_day(session: AsyncSession) -> datetime | None:
    """When the installation got its first person."""
    found: datetime | None = await session.scalar(select(func.min(Agent.created_at)))
    return found
