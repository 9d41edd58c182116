"""Nobody has what they are not certified for, whichever way they come to it; against a real database."""

import asyncio

import pytest
from sqlalchemy import select, text

from holdfast.access.models import AuditEntry
from holdfast.access.viewer import Role, SystemViewer
from holdfast.conversations import operations as conversations
from holdfast.conversations import queries as conversation_queries
from holdfast.routing import operations
from holdfast.routing.errors import SkillMissing
from holdfast.routing.transfer import transfer
from holdfast.training import operations as training
from tests.routing.application import browser
from tests.routing.support import Desk


async def test_an_emergency_is_not_reopened_by_the_uncertified(desk: Desk) -> None:
    """Whoever had it last still sees it; a right that has ended meanwhile keeps it from them."""
    wei = await desk.agent("Wei", Role.AGENT, Role.EMERGENCY_AGENT, skills=("general", "emergency"))
    karin = await desk.agent("Karin", Role.LEAD, online=False)
    conversation_id = await desk.accepted(wei, emergency=True)
    async with desk.database.transaction() as session:
        await conversations.resolve(session, wei, conversation_id)
        await training.revoke(session, karin, wei.id, "emergency", "Asked for a phrase")
    async with browser(desk, wei) as client:
        answer = await client.post(f"/api/conversations/{conversation_id}/reopen")
    assert (answer.status_code, answer.json()["id"]) == (403, "skill_missing")
    assert (await desk.read(conversation_id)).category == "resolved"


async def test_reopened_it_is_theirs_and_audited(desk: Desk) -> None:
    ana = await desk.agent("Ana")
    conversation_id = await desk.accepted(ana)
    async with browser(desk, ana) as client:
        early = await client.post(f"/api/conversations/{conversation_id}/reopen")
        assert (early.status_code, early.json()["id"]) == (409, "not_resolved")
        async with desk.database.transaction() as session:
            await conversations.resolve(session, ana, conversation_id)
        answer = await client.post(f"/api/conversations/{conversation_id}/reopen")
    assert (answer.status_code, answer.json()["assignee"]["id"], answer.json()["episode"]) == (200, str(ana.id), 2)
    async with desk.database.transaction() as session:
        audited = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "conversation.reopened"))).one()
    assert (audited.actor_id, audited.subject_id) == (ana.id, conversation_id)


async def test_raised_to_an_emergency_in_the_same_moment_it_is_not_passed_to_the_uncertified(desk: Desk) -> None:
    """The transfer waits for the conversation's row, and asks for the certificate only then."""
    ana, bo = await desk.agent("Ana"), await desk.agent("Bo", capacity=1)
    conversation_id = await desk.open()
    async with desk.database.transaction() as session:
        await operations.take(session, ana, conversation_id)

    async def pass_on() -> None:
        async with desk.database.transaction() as session:
            await transfer(session, ana, conversation_id, queue_id=None, agent_id=bo.id)

    async with desk.database.transaction() as session:
        conversation = await conversation_queries.locked(session, SystemViewer("test"), conversation_id)
        passing = asyncio.create_task(pass_on())
        await somebody_waits_for_a_lock(desk)
        # As a raise, but it stays with its agent: so nothing else than the certificate can stop the transfer.
        conversation.emergency = True
    with pytest.raises(SkillMissing):
        await passing
    assert (await desk.read(conversation_id)).assignee_id == ana.id


async def somebody_waits_for_a_lock(desk: Desk) -> None:
    blocked = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    async with desk.database.engine.connect() as connection:
        while not (await connection.execute(blocked)).scalar_one():
            await asyncio.sleep(0)
