"""Attest, revoke, and who may; against a real database and over HTTP."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from holdfast.access.models import AuditEntry
from holdfast.access.viewer import Role
from holdfast.core.clock import now
from holdfast.core.errors import HoldfastError
from holdfast.people.errors import AgentUnknown
from holdfast.people.models import Agent
from holdfast.training import operations, queries
from holdfast.training.errors import (
    MayNotCertify,
    MayNotSeeRights,
    OwnAttestation,
    RoleNeeded,
    SkillUnknown,
)
from holdfast.training.models import Rule
from tests.routing.application import browser
from tests.routing.support import Desk


async def skills_of(desk: Desk, agent_id: UUID) -> set[str]:
    async with desk.database.transaction() as session:
        return set((await operations.certified_skills(session, [agent_id], now()))[agent_id])


async def test_attested_by_a_lead_it_is_held_for_its_time_and_audited(desk: Desk) -> None:
    lead = await desk.agent("Karin", Role.LEAD, online=False)
    ana = await desk.agent("Ana", skills=(), online=False)
    assert await skills_of(desk, ana.id) == set()
    async with desk.database.transaction() as session:
        await operations.attest(session, lead, ana.id, "general", "Ten chats observed")
    assert await skills_of(desk, ana.id) == {"general"}
    desk.clock.turn(days=194, seconds=-1)
    assert await skills_of(desk, ana.id) == {"general"}
    desk.clock.turn(seconds=1)
    assert await skills_of(desk, ana.id) == set()
    async with desk.database.transaction() as session:
        audited = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "training.attested"))).one()
    assert (audited.actor_id, audited.subject_id, audited.detail) == (lead.id, ana.id, {"skill": "general"})


async def test_secrets_that_are_quoted_are_not_kept(desk: Desk) -> None:
    trainer = await desk.agent("Tom", Role.TRAINER, online=False)
    ana = await desk.agent("Ana", online=False)
    words = "legal winner thank year wave sausage worth useful legal winner thank yellow"
    async with desk.database.transaction() as session:
        evidence = await operations.attest(session, trainer, ana.id, "general", f"She hid {words} at once")
        revocation = await operations.revoke(session, trainer, ana.id, "general", f"She asked for: {words}")
        audited = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "training.revoked"))).one()
    for kept in (evidence.note, revocation.why, audited.purpose):
        assert kept is not None
        assert ("⛔" in kept, "sausage" in kept) == (True, False)


async def test_revoked_it_is_gone_until_it_is_shown_anew(desk: Desk) -> None:
    trainer = await desk.agent("Tom", Role.TRAINER, online=False)
    ana = await desk.agent("Ana", online=False)
    async with desk.database.transaction() as session:
        await operations.revoke(session, trainer, ana.id, "general", "Asked a customer for a password")
    assert await skills_of(desk, ana.id) == set()
    desk.clock.turn(seconds=1)
    async with desk.database.transaction() as session:
        await operations.attest(session, trainer, ana.id, "general")
    assert await skills_of(desk, ana.id) == {"general"}


async def test_emergency_needs_the_role_at_the_attestation_and_ever_after(desk: Desk) -> None:
    lead = await desk.agent("Karin", Role.LEAD, online=False)
    ana = await desk.agent("Ana", online=False)
    with pytest.raises(RoleNeeded):
        async with desk.database.transaction() as session:
            await operations.attest(session, lead, ana.id, "emergency")
    wei = await desk.agent("Wei", Role.AGENT, Role.EMERGENCY_AGENT, online=False)
    async with desk.database.transaction() as session:
        await operations.attest(session, lead, wei.id, "emergency")
    assert await skills_of(desk, wei.id) == {"general", "emergency"}
    async with desk.database.transaction() as session:
        await session.execute(update(Agent).where(Agent.id == wei.id).values(roles=["agent"]))
    assert await skills_of(desk, wei.id) == {"general"}
    async with desk.database.transaction() as session:
        right = (await operations.rights(session, lead, wei.id))["emergency"]
    assert (right.held, [r.id for r in right.why]) == (False, ["shown", "lacks_role"])


async def test_nobody_certifies_themselves_and_agents_nobody(desk: Desk) -> None:
    lead = await desk.agent("Karin", Role.LEAD, skills=(), online=False)
    ana = await desk.agent("Ana", online=False)
    async with desk.database.transaction() as session:
        with pytest.raises(OwnAttestation):
            await operations.attest(session, lead, lead.id, "general")
        for act in (operations.attest, operations.revoke):
            with pytest.raises(MayNotCertify):
                await act(session, ana, lead.id, "general", "because")
            with pytest.raises(SkillUnknown):
                await act(session, lead, ana.id, "cooking", "because")
            with pytest.raises(AgentUnknown):
                await act(session, lead, uuid4(), "general", "because")
        with pytest.raises(MayNotSeeRights):
            await operations.rights(session, ana, lead.id)
        with pytest.raises(AgentUnknown):
            await operations.rights(session, lead, uuid4())
    assert await skills_of(desk, lead.id) == set()


async def test_a_skill_without_a_rule_is_held_by_nobody(desk: Desk) -> None:
    ana = await desk.agent("Ana", skills=("general", "cooking"), online=False)
    assert await skills_of(desk, ana.id) == {"general"}


async def test_who_is_not_active_holds_no_emergency(desk: Desk) -> None:
    wei = await desk.agent("Wei", Role.EMERGENCY_AGENT, skills=("emergency",), online=False)
    assert await skills_of(desk, wei.id) == {"emergency"}
    async with desk.database.transaction() as session:
        await session.execute(update(Agent).where(Agent.id == wei.id).values(active=False))
    assert await skills_of(desk, wei.id) == set()


async def test_rules_are_seeded_once_and_a_newer_one_takes_over(desk: Desk) -> None:
    ana = await desk.agent("Ana", online=False)
    async with desk.database.transaction() as session:
        await operations.seed_rules(session)
        assert len((await session.scalars(select(Rule))).all()) == len(operations.DEFAULT_RULES)
        rules = await queries.rules(session, now())
        assert rules["emergency"].valid + rules["emergency"].grace == timedelta(days=90)
        session.add(
            Rule(
                skill="general",
                needs=[{"kind": "exam", "ref": "general"}],
                valid=timedelta(days=365),
                since=now() + timedelta(days=1),
            )
        )
    assert await skills_of(desk, ana.id) == {"general"}
    desk.clock.turn(days=1)
    assert await skills_of(desk, ana.id) == set()


async def test_over_http(desk: Desk) -> None:
    lead = await desk.agent("Karin", Role.LEAD, online=False)
    ana = await desk.agent("Ana", skills=(), online=False)
    async with browser(desk, lead) as client:
        answer = await client.post(f"/api/agents/{ana.id}/attestations", json={"skill": "general", "note": "Observed"})
        assert answer.status_code == 201
        general = next(r for r in answer.json() if r["skill"] == "general")
        assert (general["held"], general["why"][0]["id"]) == (True, "shown")
        assert general["from"] < general["until"]
        desk.clock.turn(seconds=1)
        answer = await client.post(f"/api/agents/{ana.id}/revocations", json={"skill": "general", "why": "Left a seed"})
        general = next(r for r in answer.json() if r["skill"] == "general")
        assert (general["held"], general["why"][0]["id"]) == (False, "revoked")
        nothing = await client.post(f"/api/agents/{ana.id}/revocations", json={"skill": "general", "why": ""})
        assert nothing.status_code == 400
    async with browser(desk, ana) as client:
        assert len((await client.get(f"/api/agents/{ana.id}/rights")).json()) == len(operations.DEFAULT_RULES)
        refused = await client.get(f"/api/agents/{lead.id}/rights")
        assert (refused.status_code, refused.json()["id"]) == (403, "may_not_see_rights")


def test_every_error_has_an_id_and_a_title() -> None:
    errors = [MayNotCertify(), MayNotSeeRights(), OwnAttestation(), AgentUnknown()]
    for error in (*errors, SkillUnknown(skill="x"), RoleNeeded(role="y")):
        assert isinstance(error, HoldfastError)
        assert error.id
        assert str(error).startswith(error.title)
