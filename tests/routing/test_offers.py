"""Offers against a real database: taken, declined, rung out, withdrawn."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from holdfast.access.models import AuditEntry
from holdfast.access.viewer import Role, StaffViewer
from holdfast.conversations import operations as conversations
from holdfast.conversations.errors import AlreadyAssigned, ConversationNotFound
from holdfast.core.clock import now
from holdfast.core.errors import HoldfastError
from holdfast.people import agents, presence
from holdfast.people import queries as people_queries
from holdfast.people.models import Presence
from holdfast.routing import operations, queries
from holdfast.routing.errors import OfferGone, SkillMissing
from holdfast.routing.loads import load_of
from holdfast.training import operations as training
from tests.routing.support import Desk


async def test_what_waits_rings_at_one_agent_and_is_taken(desk: Desk) -> None:
    ana = await desk.agent("Ana")
    conversation_id = await desk.open()
    done = await desk.decide()
    assert (done.offered, done.missed) == (1, 0)
    offer = await desk.rings(conversation_id)
    assert offer is not None
    assert offer.expires_at == now() + timedelta(seconds=60)
    assert offer.why == [
        {"id": "speaks_native", "params": {"language": "en"}},
        {"id": "only_candidate", "params": {}},
    ]
    async with desk.database.transaction() as session:
        (shown,) = await queries.ringing_offers(session, ana.id)
    assert (shown.id, shown.conversation.id) == (offer.id, conversation_id)

    desk.clock.turn(seconds=5)
    await desk.accept(ana, offer.id)
    assert (await desk.read(conversation_id)).assignee_id == ana.id
    assert await desk.outcomes(conversation_id) == ["accepted"]
    assert await desk.assignments(conversation_id) == [(ana.id, "offer", None)]
    async with desk.database.transaction() as session:
        assert (await session.get_one(Presence, ana.id)).idle_since == now()
        assert await load_of(session, [ana.id]) == {ana.id: {"chat": 1}}
        assert await queries.outcomes(session, {offer.id}) == {offer.id: "accepted"}
        assert await queries.ringing_offers(session, ana.id) == []


async def test_it_rings_out_and_rings_at_the_next(desk: Desk) -> None:
    ana = await desk.agent("Ana")
    desk.clock.turn(seconds=1)
    bo = await desk.agent("Bo")
    conversation_id = await desk.open()
    await desk.decide()
    offer = await desk.rings(conversation_id)
    assert offer is not None
    assert offer.agent_id == ana.id

    desk.clock.turn(seconds=60)
    async with desk.database.transaction() as session:
        await operations.expire(session, offer.id)
    await desk.decide()
    assert await desk.rings_at(conversation_id) == bo.id
    assert await desk.outcomes(conversation_id) == ["expired", None]
    with pytest.raises(OfferGone):
        await desk.accept(ana, offer.id)


async def test_an_early_deadline_does_not_end_an_offer(desk: Desk) -> None:
    await desk.agent("Ana")
    conversation_id = await desk.open()
    await desk.decide()
    offer = await desk.rings(conversation_id)
    assert offer is not None
    async with desk.database.transaction() as session:
        await operations.expire(session, offer.id)
        await operations.expire(session, uuid4())
    assert await desk.outcomes(conversation_id) == [None]


async def test_an_offer_past_its_time_cannot_be_taken_even_if_no_deadline_ran(desk: Desk) -> None:
    ana = await desk.agent("Ana")
    conversation_id = await desk.open()
    await desk.decide()
    offer = await desk.rings(conversation_id)
    assert offer is not None
    desk.clock.turn(seconds=60)
    with pytest.raises(OfferGone):
        await desk.accept(ana, offer.id)


async def test_declined_goes_to_the_next_and_comes_back_when_all_have_declined(desk: Desk) -> None:
    ana = await desk.agent("Ana")
    desk.clock.turn(seconds=1)
    bo = await desk.agent("Bo")
    conversation_id = await desk.open()
    for agent in (ana, bo):
        await desk.decide()
        offer = await desk.rings(conversation_id)
        assert offer is not None
        assert offer.agent_id == agent.id
        async with desk.database.transaction() as session:
            await operations.decline(session, agent, offer.id)
        desk.clock.turn(seconds=1)
    await desk.decide()
    assert await desk.rings(conversation_id) is None
    desk.clock.turn(seconds=15)
    await desk.decide()
    assert await desk.rings_at(conversation_id) == ana.id


async def test_an_offer_is_its_agents_alone_and_ends_once(desk: Desk) -> None:
    ana = await desk.agent("Ana")
    bo = await desk.agent("Bo", online=False)
    conversation_id = await desk.open()
    await desk.decide()
    offer = await desk.rings(conversation_id)
    assert offer is not None
    for attempt in (operations.accept, operations.decline):
        with pytest.raises(OfferGone):
            async with desk.database.transaction() as session:
                await attempt(session, bo, offer.id)
        with pytest.raises(OfferGone):
            async with desk.database.transaction() as session:
                await attempt(session, ana, uuid4())
    await desk.accept(ana, offer.id)
    for attempt in (operations.accept, operations.decline):
        with pytest.raises(OfferGone):
            async with desk.database.transaction() as session:
                await attempt(session, ana, offer.id)


async def test_of_many_simultaneous_takers_one_has_it(desk: Desk) -> None:
    """Twice the offer, and three who take it by hand, all at once."""
    ana = await desk.agent("Ana")
    others = [await desk.agent(name, online=False) for name in ("Bo", "Cy", "Di")]
    conversation_id = await desk.open()
    await desk.decide()
    offer = await desk.rings(conversation_id)
    assert offer is not None

    async def take(agent: StaffViewer) -> None:
        async with desk.database.transaction() as session:
            await operations.take(session, agent, conversation_id)

    results = await asyncio.gather(
        desk.accept(ana, offer.id),
        desk.accept(ana, offer.id),
        *(take(agent) for agent in others),
        return_exceptions=True,
    )
    assert sum(r is None for r in results) == 1
    # Who comes later does not even see it any more.
    assert all(isinstance(r, (OfferGone, AlreadyAssigned, ConversationNotFound)) for r in results if r is not None)
    assert len([a for a in await desk.assignments(conversation_id) if a[2] is None]) == 1
    assert await desk.rings(conversation_id) is None


async def test_taking_by_hand_ends_the_offer_and_is_audited(desk: Desk) -> None:
    await desk.agent("Ana")
    bo = await desk.agent("Bo", online=False)
    conversation_id = await desk.open()
    await desk.decide()
    async with desk.database.transaction() as session:
        await operations.take(session, bo, conversation_id)
    assert await desk.outcomes(conversation_id) == ["withdrawn"]
    assert await desk.assignments(conversation_id) == [(bo.id, "taken", None)]
    async with desk.database.transaction() as session:
        audited = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "conversation.taken"))).one()
    assert (audited.actor_id, audited.subject_id) == (bo.id, conversation_id)


async def test_nobody_takes_what_they_are_not_certified_for(desk: Desk) -> None:
    bo = await desk.agent("Bo", skills=(), online=False)
    lead = await desk.agent("Karin", Role.LEAD, online=False)
    ordinary, emergency = await desk.open(), await desk.open(emergency=True)
    for agent, conversation_id in ((bo, ordinary), (lead, emergency)):
        with pytest.raises(SkillMissing):
            async with desk.database.transaction() as session:
                await operations.take(session, agent, conversation_id)


async def test_a_certificate_that_ends_while_it_rings_is_noticed_at_the_taking(desk: Desk) -> None:
    desk.clock.turn(days=-194, seconds=60)
    ana = await desk.agent("Ana")
    desk.clock.turn(days=194, seconds=-30)
    conversation_id = await desk.open()
    await desk.decide()
    offer = await desk.rings(conversation_id)
    assert offer is not None
    desk.clock.turn(seconds=30)
    with pytest.raises(SkillMissing):
        await desk.accept(ana, offer.id)
    await desk.decide()
    assert await desk.outcomes(conversation_id) == ["withdrawn"]


async def test_a_lost_socket_lets_it_ring_elsewhere_at_once(desk: Desk) -> None:
    ana = await desk.agent("Ana")
    desk.clock.turn(seconds=1)
    bo = await desk.agent("Bo")
    conversation_id = await desk.open()
    await desk.decide()
    assert await desk.rings_at(conversation_id) == ana.id
    await desk.lose_socket(ana)
    assert await desk.outcomes(conversation_id) == ["withdrawn"]
    await desk.decide()
    assert await desk.rings_at(conversation_id) == bo.id


async def test_away_is_absence_at_once(desk: Desk) -> None:
    """What rings there and what they have goes back; who had it is preferred when they return."""
    ana = await desk.agent("Ana")
    held = await desk.accepted(ana)
    rung = await desk.open()
    await desk.decide()
    async with desk.database.transaction() as session:
        await presence.choose(session, ana, "away")
    assert await desk.outcomes(rung) == ["withdrawn"]
    assert await desk.assignments(held) == [(ana.id, "offer", "agent_absent")]
    conversation = await desk.read(held)
    assert (conversation.assignee_id, conversation.preferred_agent_id) == (None, ana.id)
    bo = await desk.agent("Bo")
    await desk.decide()
    assert {await desk.rings_at(held), await desk.rings_at(rung)} == {bo.id}


async def test_deactivated_while_they_accept(desk: Desk) -> None:
    """Who deactivates holds the agent's row and then waits for their presence, who accepts holds the presence and
    refers to the agent: that must not wait."""
    chief = await desk.agent("Chief", Role.ADMINISTRATOR, online=False)
    ana = await desk.agent("Ana")
    conversation_id = await desk.open()
    await desk.decide()
    offer = await desk.rings(conversation_id)
    assert offer is not None
    async with desk.database.transaction() as session:
        await people_queries.agent(session, chief, ana.id, lock=True)
        await asyncio.wait_for(desk.accept(ana, offer.id), 10)
        await agents.change(session, chief, ana.id, agents.Changes(active=False), "192.0.2.1")
    assert (await desk.read(conversation_id)).assignee_id is None
    assert await desk.assignments(conversation_id) == [(ana.id, "offer", "agent_absent")]


async def test_the_grace_over_gives_everything_back(desk: Desk) -> None:
    ana = await desk.agent("Ana")
    held = [await desk.accepted(ana) for _ in range(3)]
    await desk.lose_socket(ana)
    assert {(await desk.read(c)).assignee_id for c in held} == {ana.id}
    desk.clock.turn(seconds=20)
    async with desk.database.transaction() as session:
        await presence.grace_over(session, ana.id)
    assert {(await desk.read(c)).assignee_id for c in held} == {None}


async def test_an_emergency_rings_only_at_the_certified(desk: Desk) -> None:
    """The certificate without the role is not enough, nor the role without the certificate."""
    await desk.agent("Ana", skills=("general", "emergency"))
    await desk.agent("Bo", Role.AGENT, Role.EMERGENCY_AGENT)
    emergency = await desk.open(emergency=True)
    await desk.decide()
    assert await desk.rings(emergency) is None
    wei = await desk.agent("Wei", Role.AGENT, Role.EMERGENCY_AGENT, skills=("general", "emergency"))
    await desk.decide()
    offer = await desk.rings(emergency)
    assert offer is not None
    assert (offer.agent_id, offer.why[0]["id"]) == (wei.id, "emergency_first")
    assert offer.expires_at == now() + timedelta(seconds=20)


async def test_a_revocation_in_between_withdraws(desk: Desk) -> None:
    lead = await desk.agent("Karin", Role.LEAD, online=False)
    wei = await desk.agent("Wei", Role.AGENT, Role.EMERGENCY_AGENT, skills=("general", "emergency"))
    emergency, ordinary = await desk.open(emergency=True), await desk.open()
    await desk.decide()
    offer = await desk.rings(emergency)
    assert offer is not None
    desk.clock.turn(seconds=1)
    async with desk.database.transaction() as session:
        await training.revoke(session, lead, wei.id, "emergency", "Failed the observed shift")
    assert await desk.outcomes(emergency) == ["withdrawn"]
    assert await desk.outcomes(ordinary) == [None]
    with pytest.raises(OfferGone):
        await desk.accept(wei, offer.id)
    await desk.decide()
    assert await desk.rings(emergency) is None


async def test_raised_to_an_emergency_it_leaves_the_uncertified(desk: Desk) -> None:
    await desk.agent("Ana")
    conversation_id = await desk.open()
    await desk.decide()
    wei = await desk.agent("Wei", Role.AGENT, Role.EMERGENCY_AGENT, skills=("emergency",))
    async with desk.database.transaction() as session:
        await conversations.raise_emergency(session, wei, conversation_id)
    await desk.decide()
    assert await desk.rings_at(conversation_id) == wei.id


async def test_given_back_it_goes_to_somebody_else(desk: Desk) -> None:
    ana = await desk.agent("Ana")
    conversation_id = await desk.accepted(ana)
    bo = await desk.agent("Bo")
    async with desk.database.transaction() as session:
        await conversations.give_back(session, ana, conversation_id)
    await desk.decide()
    assert await desk.rings_at(conversation_id) == bo.id


async def test_transferred_to_a_person_it_has_one_open_assignment(desk: Desk) -> None:
    ana = await desk.agent("Ana")
    conversation_id = await desk.accepted(ana)
    bo = await desk.agent("Bo")
    async with desk.database.transaction() as session:
        await conversations.transfer(session, ana, conversation_id, agent_id=bo.id)
    assert await desk.assignments(conversation_id) == [(ana.id, "offer", "transferred"), (bo.id, "transfer", None)]


async def test_resolved_frees_the_agent(desk: Desk) -> None:
    ana = await desk.agent("Ana", capacity=1)
    first = await desk.accepted(ana)
    second = await desk.open()
    await desk.decide()
    assert await desk.rings(second) is None
    desk.clock.turn(seconds=7)
    async with desk.database.transaction() as session:
        await conversations.resolve(session, ana, first)
    await desk.decide()
    assert await desk.rings_at(second) == ana.id
    assert await desk.assignments(first) == [(ana.id, "offer", "resolved")]


# --- silence ---


async def silence(desk: Desk, conversation_id: UUID) -> None:
    async with desk.database.transaction() as session:
        await operations.silence(session, conversation_id)


async def test_a_silent_agent_loses_it(desk: Desk) -> None:
    ana = await desk.agent("Ana")
    conversation_id = await desk.accepted(ana)
    bo = await desk.agent("Bo")
    desk.clock.turn(seconds=899)
    await silence(desk, conversation_id)
    assert (await desk.read(conversation_id)).assignee_id == ana.id
    desk.clock.turn(seconds=1)
    await silence(desk, conversation_id)
    assert await desk.assignments(conversation_id) == [(ana.id, "offer", "silent")]
    await desk.decide()
    assert await desk.rings_at(conversation_id) == bo.id


async def test_a_long_wait_in_the_queue_is_not_the_new_agents_silence(desk: Desk) -> None:
    conversation_id = await desk.open()
    desk.clock.turn(seconds=3600)
    ana = await desk.agent("Ana")
    async with desk.database.transaction() as session:
        await operations.take(session, ana, conversation_id)
    desk.clock.turn(seconds=899)
    await silence(desk, conversation_id)
    assert (await desk.read(conversation_id)).assignee_id == ana.id


async def test_who_has_answered_is_left_in_peace(desk: Desk) -> None:
    ana = await desk.agent("Ana")
    conversation_id = await desk.accepted(ana)
    await desk.says(conversation_id, ana)
    desk.clock.turn(seconds=10_000)
    await silence(desk, conversation_id)
    assert (await desk.read(conversation_id)).assignee_id == ana.id
    async with desk.database.transaction() as session:
        await conversations.resolve(session, ana, conversation_id)
    await silence(desk, conversation_id)
    await silence(desk, uuid4())
    assert (await desk.read(conversation_id)).category == "resolved"


def test_every_error_has_an_id_and_a_title() -> None:
    for error in (OfferGone(), SkillMissing(skill="emergency")):
        assert isinstance(error, HoldfastError)
        assert error.id
        assert str(error).startswith(error.title)
