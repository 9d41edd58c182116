"""Attest and revoke; and the question that routing asks: who holds which skill now?"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import Role, StaffViewer, Viewer
from holdfast.core.clock import now
from holdfast.core.database import happened, tell
from holdfast.core.notify import LIVE, ROUTING
from holdfast.people.errors import AgentUnknown
from holdfast.redaction import redact
from holdfast.training import queries
from holdfast.training.errors import (
    MayNotCertify,
    MayNotSeeRights,
    OwnAttestation,
    RoleNeeded,
    SkillUnknown,
)
from holdfast.training.facts import RightRevoked
from holdfast.training.models import Evidence, Revocation, Rule
from holdfast.training.rights import Reason, Right, Terms, certified

EMERGENCY = "emergency"
# A certificate alone is not enough for these: the administrator's role is the second key.
ROLES_NEEDED = {EMERGENCY: Role.EMERGENCY_AGENT}

_DAY = timedelta(days=1)
# skill: (valid, grace). Emergency work is renewed twice as often, and without grace.
DEFAULT_RULES = {
    "general": (180 * _DAY, 14 * _DAY),
    "account": (180 * _DAY, 14 * _DAY),
    "technical": (180 * _DAY, 14 * _DAY),
    "security": (180 * _DAY, 14 * _DAY),
    EMERGENCY: (90 * _DAY, timedelta()),
}


def _right(person: queries.Record, skill: str, rule: Terms | None, t: datetime) -> Right:
    right = certified(person.evidence, rule, person.revocations.get(skill, ()), t)
    role = ROLES_NEEDED.get(skill)
    if role is not None and role.value not in person.roles:
        return Right(False, right.from_, right.until, (*right.why, Reason("lacks_role", {"role": role.value})))
    return right


async def certified_skills(
    session: AsyncSession, agent_ids: Collection[UUID], t: datetime
) -> dict[UUID, frozenset[str]]:
    """The skills each agent holds at ``t``; four statements, however many agents. Emergency needs the role too."""
    rules = await queries.rules(session, t)
    return {
        agent_id: frozenset(skill for skill, rule in rules.items() if _right(person, skill, rule, t).held)
        for agent_id, person in (await queries.records(session, agent_ids, t)).items()
    }


async def held_until(
    session: AsyncSession, agent_ids: Collection[UUID], skill: str, t: datetime
) -> dict[UUID, datetime]:
    """Who holds a skill at ``t``, and until when if nothing new is shown."""
    rule = (await queries.rules(session, t)).get(skill)
    if rule is None:
        return {}
    people = await queries.records(session, agent_ids, t)
    found = {agent_id: _right(person, skill, rule, t) for agent_id, person in people.items()}
    return {agent_id: right.until for agent_id, right in found.items() if right.held and right.until is not None}


async def rights(session: AsyncSession, viewer: Viewer, agent_id: UUID) -> dict[str, Right]:
    """Each skill that has a rule, and whether the agent holds it now. Raises MayNotSeeRights, AgentUnknown."""
    if not queries.may_see_rights(viewer, agent_id):
        raise MayNotSeeRights
    if await queries.agent(session, agent_id) is None:
        raise AgentUnknown
    t = now()
    person = (await queries.records(session, [agent_id], t))[agent_id]
    rules = await queries.rules(session, t)
    return {skill: _right(person, skill, rules[skill], t) for skill in sorted(rules)}


async def attest(session: AsyncSession, viewer: StaffViewer, agent_id: UUID, skill: str, note: str = "") -> Evidence:
    """A lead or trainer testifies that the agent has shown the skill.

    Raises MayNotCertify, OwnAttestation, AgentUnknown, SkillUnknown, RoleNeeded (emergency without its role).
    """
    if not viewer.holds(Role.LEAD, Role.TRAINER):
        raise MayNotCertify
    if viewer.id == agent_id:
        raise OwnAttestation
    await _known_skill(session, skill)
    agent = await queries.agent(session, agent_id)
    if agent is None or not agent.active:
        raise AgentUnknown
    role = ROLES_NEEDED.get(skill)
    if role is not None and role.value not in agent.roles:
        raise RoleNeeded(role=role.value)
    evidence = Evidence(
        agent_id=agent_id, kind="attestation", ref=skill, version=1, at=now(), by_id=viewer.id, note=redact(note).text
    )
    session.add(evidence)
    await session.flush()
    record(session, viewer, "training.attested", ("agent", agent_id), skill=skill)
    _changed(session, agent_id)
    return evidence


async def revoke(session: AsyncSession, viewer: StaffViewer, agent_id: UUID, skill: str, why: str) -> Revocation:
    """Take the right away at once: what was shown before counts no more. States RightRevoked.

    Raises MayNotCertify, AgentUnknown, SkillUnknown.
    """
    if not viewer.holds(Role.LEAD, Role.TRAINER):
        raise MayNotCertify
    await _known_skill(session, skill)
    if await queries.agent(session, agent_id) is None:
        raise AgentUnknown
    # Observed chats are quoted here, and the reason stands in the audit log for good.
    why = redact(why).text
    revocation = Revocation(agent_id=agent_id, skill=skill, at=now(), by_id=viewer.id, why=why)
    session.add(revocation)
    await session.flush()
    record(session, viewer, "training.revoked", ("agent", agent_id), purpose=why, skill=skill)
    happened(session, RightRevoked(agent_id, skill))
    _changed(session, agent_id)
    return revocation


async def _known_skill(session: AsyncSession, skill: str) -> None:
    if not await queries.has_rule(session, skill, now()):
        raise SkillUnknown(skill=skill)


def _changed(session: AsyncSession, agent_id: UUID) -> None:
    tell(session, ROUTING, "rights")
    tell(session, LIVE, f"a:{agent_id.hex}")


async def seed_rules(session: AsyncSession) -> None:
    """The rules an installation begins with, for each skill that has none: one attestation."""
    t = now()
    known = await queries.rules(session, t)
    for skill, (valid, grace) in DEFAULT_RULES.items():
        if skill not in known:
            needs = [{"kind": "attestation", "ref": skill, "version": 1}]
            session.add(Rule(skill=skill, needs=needs, valid=valid, grace=grace, since=t))
    await session.flush()
