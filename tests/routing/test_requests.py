"""The requests about offers, and the answer to "why?"."""

from uuid import uuid4

from holdfast.access.viewer import Role
from holdfast.conversations import operations as conversations
from holdfast.routing import operations
from tests.routing.application import browser
from tests.routing.support import Desk


async def test_accepting_answers_with_the_row_and_a_second_time_with_a_conflict(desk: Desk) -> None:
    ana = await desk.agent("Ana")
    conversation_id = await desk.open()
    await desk.decide()
    offer = await desk.rings(conversation_id)
    assert offer is not None
    async with browser(desk, ana) as client:
        answer = await client.post(f"/api/offers/{offer.id}/accept")
        assert (answer.status_code, answer.json()["assignee"]["name"]) == (200, "Ana")
        again = await client.post(f"/api/offers/{offer.id}/accept")
        assert (again.status_code, again.json()["id"]) == (409, "offer_gone")
        assert (await client.post(f"/api/offers/{uuid4()}/decline")).json()["id"] == "offer_gone"


async def test_declining_and_taking(desk: Desk) -> None:
    ana = await desk.agent("Ana")
    conversation_id = await desk.open()
    await desk.decide()
    offer = await desk.rings(conversation_id)
    assert offer is not None
    async with browser(desk, ana) as client:
        assert (await client.post(f"/api/offers/{offer.id}/decline")).status_code == 204
        assert (await client.post(f"/api/conversations/{conversation_id}/take")).json()["assignee"]["id"] == str(ana.id)
    bo = await desk.agent("Bo", online=False)
    async with browser(desk, bo) as client:
        assert (await client.post(f"/api/conversations/{conversation_id}/take")).status_code == 404
        assert (await client.get(f"/api/conversations/{conversation_id}/why")).status_code == 404


async def test_why_tells_every_decision_and_who_could_be_asked(desk: Desk) -> None:
    """Rung out at Ana, taken by Bo and lost by silence; now it rings at nobody, and each knows why not."""
    karin = await desk.agent("Karin", Role.LEAD, skills=(), online=False)
    ana = await desk.agent("Ana")
    conversation_id = await desk.open()
    await desk.decide()
    offer = await desk.rings(conversation_id)
    assert offer is not None
    desk.clock.turn(seconds=60)
    bo = await desk.agent("Bo", languages={"en": "fluent"})
    async with desk.database.transaction() as session:
        await operations.expire(session, offer.id)
    async with desk.database.transaction() as session:
        await operations.take(session, bo, conversation_id)
    desk.clock.turn(seconds=900)
    async with desk.database.transaction() as session:
        await operations.silence(session, conversation_id)
    desk.clock.turn(seconds=1)
    async with browser(desk, karin) as client:
        told = (await client.get(f"/api/conversations/{conversation_id}/why")).json()
    assert [(d["outcome"], d["chosen"] and d["chosen"]["agent"]["name"]) for d in told["decisions"]] == [
        ("expired", "Ana"),
        ("taken", "Bo"),
        ("silent", None),
    ]
    assert told["decisions"][0]["reasons"][0] == {"id": "speaks_native", "params": {"language": "en"}}
    candidates = {
        c["agent"]["name"]: (c["eligible"], [r["id"] for r in c["reasons"]]) for c in told["now"]["candidates"]
    }
    assert candidates == {
        "Ana": (True, ["speaks_native", "only_candidate"]),
        "Bo": (False, ["declined"]),
        "Karin": (False, ["offline", "lacks_skill"]),
    }
    assert told["now"]["candidates"][0]["agent"]["name"] == "Ana"
    async with desk.database.transaction() as session:
        await operations.take(session, ana, conversation_id)
        await conversations.resolve(session, ana, conversation_id)
    async with browser(desk, karin) as client:
        told = (await client.get(f"/api/conversations/{conversation_id}/why")).json()
    assert told["now"]["candidates"] == []


async def test_what_rings_does_not_count_against_its_own_agent(desk: Desk) -> None:
    karin = await desk.agent("Karin", Role.LEAD, online=False)
    ana = await desk.agent("Ana", capacity=1)
    conversation_id = await desk.open()
    await desk.decide()
    async with browser(desk, karin) as client:
        told = (await client.get(f"/api/conversations/{conversation_id}/why")).json()
    assert told["decisions"][0]["outcome"] == "ringing"
    assert (told["now"]["candidates"][0]["agent"]["id"], told["now"]["candidates"][0]["eligible"]) == (
        str(ana.id),
        True,
    )
