"""Every SELECT on evidence, rules and revocations."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import Role, StaffViewer, SystemViewer, Viewer
from holdfast.people.models import Agent
from holdfast.training.models import Evidence, Revocation, Rule
from holdfast.training.rights import Piece, Terms, needs_of, rule_in_force

_MAY_SEE = (Role.LEAD, Role.TRAINER, Role.ADMINISTRATOR, Role.AUDITOR)


def may_see_rights(viewer: Viewer, agent_id: UUID) -> bool:
    """One's own; leads, trainers, administrators and auditors see everybody's."""
    match viewer:
        case SystemViewer():
            return True
        case StaffViewer():
            return viewer.id == agent_id or viewer.holds(*_MAY_SEE)
        case _:
            return False


async def agent(session: AsyncSession, agent_id: UUID) -> Agent | None:
    """The member of staff, active or not."""
    return await session.get(Agent, agent_id)


async def rules(session: AsyncSession, t: datetime) -> dict[str, Terms]:
    """The rule in force at ``t`` of every skill that has one."""
    by_skill: dict[str, list[Terms]] = defaultdict(list)
    for rule in await session.scalars(select(Rule).where(Rule.since <= t)):
        by_skill[rule.skill].append(Terms(needs_of(rule.needs), rule.valid, rule.grace, rule.since))
    found = {skill: rule_in_force(terms, t) for skill, terms in by_skill.items()}
    return {skill: terms for skill, terms in found.items() if terms is not None}


async def has_rule(session: AsyncSession, skill: str, t: datetime) -> bool:
    return await session.scalar(select(Rule.id).where(Rule.skill == skill, Rule.since <= t).limit(1)) is not None


@dataclass(slots=True)
class Record:
    """What is known of one agent: roles (none for who is not active), evidence, and revocations by skill."""

    roles: frozenset[str] = frozenset()
    evidence: list[Piece] = field(default_factory=list)
    revocations: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))


async def records(session: AsyncSession, agent_ids: Collection[UUID], t: datetime) -> dict[UUID, Record]:
    """The record of each of ``agent_ids`` as of ``t``, in three statements."""
    result = {agent_id: Record() for agent_id in agent_ids}
    if not result:
        return result
    ids = list(result)
    for agent_id, roles, active in await session.execute(
        select(Agent.id, Agent.roles, Agent.active).where(Agent.id.in_(ids))
    ):
        result[agent_id].roles = frozenset(roles) if active else frozenset()
    for piece in await session.scalars(select(Evidence).where(Evidence.agent_id.in_(ids), Evidence.at <= t)):
        result[piece.agent_id].evidence.append(Piece(piece.kind, piece.ref, piece.at, piece.version, piece.score))
    for agent_id, skill, at in await session.execute(
        select(Revocation.agent_id, Revocation.skill, Revocation.at).where(
            Revocation.agent_id.in_(ids), Revocation.at <= t
        )
    ):
        result[agent_id].revocations[skill].append(at)
    return result
