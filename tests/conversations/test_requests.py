"""The console's requests about conversations, through the whole application with a signed-in cookie."""

from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import select

from holdfast.access.models import AuditEntry
from holdfast.access.purposes import seed_purposes
from holdfast.access.viewer import StaffViewer
from holdfast.app.web import create_litestar
from holdfast.conversations import operations, queries
from holdfast.conversations.facts import ConversationQueued
from holdfast.conversations.models import Conversation, Topic
from holdfast.core.settings import Settings
from holdfast.people.models import ContactPoint
from tests.conversations.support import Desk
from tests.support.browsers import NETWORK, browser_of


class Counter:
    """The desk and its browsers."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        # A demo asks leads for no second factor.
        self.app = create_litestar(replace(Settings(), data_dir=folder, demo=True), desk.database)
        self.desk = desk

    def browser(self, viewer: StaffViewer) -> AbstractAsyncContextManager[httpx.AsyncClient]:
        """A browser in which ``viewer`` is signed in."""
        return browser_of(self.app, self.desk.database, viewer)

    async def audited(self, action: str) -> list[AuditEntry]:
        async with self.desk.database.transaction() as session:
            found = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)
            return list(await session.scalars(found))

    async def change(self, conversation_id: UUID, **values: Any) -> None:
        """As if time had passed: set columns of the row."""
        async with self.desk.database.transaction() as session:
            row = await session.get_one(Conversation, conversation_id)
            for name, value in values.items():
                setattr(row, name, value)


@pytest.fixture
def counter(desk: Desk, tmp_path: Path) -> Counter:
    return Counter(desk, tmp_path)


async def test_labels(counter: Counter) -> None:
    desk = counter.desk
    conversation_id = await desk.open()
    await desk.assign(conversation_id, desk.ana)
    async with desk.database.transaction() as session:
        topic = Topic(key="deposit", name="Deposits")
        session.add(topic)
    at = f"/api/conversations/{conversation_id}"
    async with counter.browser(desk.ana) as ana:
        tagged = await ana.put(f"{at}/tags", json={"tags": ["vip ", "vip", "bnb"]})
        assert (tagged.status_code, tagged.json()["tags"]) == (200, ["vip", "bnb"])
        row = (await ana.put(f"{at}/topic", json={"topic": str(topic.id)})).json()
        assert row["topic"] == {"id": str(topic.id), "key": "deposit", "name": "Deposits"}
        assert (await ana.put(f"{at}/priority", json={"priority": 3})).json()["priority"] == 3
        assert (await ana.put(f"{at}/language", json={"language": "vi"})).json()["language"] == "vi"
        # The same again is no change, and no line.
        assert (await ana.put(f"{at}/language", json={"language": "vi"})).status_code == 200
        for label, wrong in (
            ("tags", {"tags": ["x" * 41]}),
            ("tags", {"tags": [str(n) for n in range(21)]}),
            ("priority", {"priority": 4}),
            ("language", {"language": "English"}),
        ):
            assert (await ana.put(f"{at}/{label}", json=wrong)).status_code == 400
        assert (await ana.put(f"{at}/topic", json={"topic": str(uuid4())})).status_code == 404
        entries = (await ana.get(f"{at}/timeline")).json()["entries"]
    lines = [entry["ev"] for entry in entries if entry["ev"]]
    assert [line["type"] for line in lines] == ["opened", "assigned", "tagged", "topic", "priority", "language"]
    audited = await counter.audited("conversation.labelled")
    assert [entry.detail for entry in audited] == [
        {"changed": [what]} for what in ("tagged", "topic", "priority", "language")
    ]
    assert {(entry.actor_id, entry.subject_id) for entry in audited} == {(desk.ana.id, conversation_id)}


@pytest.mark.parametrize(
    ("label", "value"),
    [("tags", {"tags": ["x"]}), ("priority", {"priority": 0}), ("language", {"language": "de"})],
)
async def test_labels_are_its_agents_or_a_leads(counter: Counter, label: str, value: dict[str, Any]) -> None:
    desk = counter.desk
    conversation_id = await desk.open()
    async with counter.browser(desk.ana) as ana:
        answer = await ana.put(f"/api/conversations/{conversation_id}/{label}", json=value)
    assert (answer.status_code, answer.json()["id"]) == (403, "not_assigned")
    assert await counter.audited("conversation.labelled") == []
    async with counter.browser(desk.karin) as karin:
        assert (await karin.put(f"/api/conversations/{conversation_id}/{label}", json=value)).status_code == 200


async def test_passed_on_to_a_queue(counter: Counter) -> None:
    desk = counter.desk
    conversation_id = await desk.open()
    at = f"/api/conversations/{conversation_id}/transfer"
    async with counter.browser(desk.ana) as ana:
        assert (await ana.post(at, json={"queue": str(desk.emergency.id)})).json()["id"] == "not_assigned"
        await desk.assign(conversation_id, desk.ana)
        assert (await ana.post(at, json={})).status_code == 400
        assert (await ana.post(at, json={"queue": str(uuid4())})).status_code == 404
        before = await desk.read(conversation_id)
        assert (await ana.post(at, json={"queue": str(desk.emergency.id)})).status_code == 204
    after = await desk.read(conversation_id)
    assert (after.queue_id, after.assignee_id, after.preferred_agent_id) == (desk.emergency.id, None, None)
    # The customer's clocks are not touched.
    assert (after.waiting_since, after.next_due) == (before.waiting_since, before.next_due)
    assert ConversationQueued(conversation_id, desk.emergency.id, "transferred") in desk.facts
    assert [entry.actor_id for entry in await counter.audited("conversation.transferred")] == [desk.ana.id]


async def test_the_timeline_is_read_in_both_directions_and_that_is_audited(counter: Counter) -> None:
    desk = counter.desk
    conversation_id = await desk.open("One")
    async with desk.database.transaction() as session:
        for words in ("Two", "Three", "Four"):
            message = desk.asks(conversation_id, words)
            await operations.post(session, desk.viewer(conversation_id), conversation_id, message)
    at = f"/api/conversations/{conversation_id}/timeline"
    async with counter.browser(desk.ana) as ana:

        async def page(**chosen: int) -> tuple[list[int], bool]:
            answer = (await ana.get(at, params=chosen)).json()
            return [entry["seq"] for entry in answer["entries"]], answer["first"]

        assert await page() == ([1, 2, 3, 4, 5], True)
        assert await page(limit=2) == ([4, 5], False)
        assert await page(before=4, limit=2) == ([2, 3], False)
        assert await page(before=2) == ([1], True)
        assert await page(after=3) == ([4, 5], False)
        assert await page(after=1, limit=2) == ([2, 3], False)
        assert (await ana.get(at, params={"limit": 201})).status_code == 400
    looks = await counter.audited("conversation.opened")
    assert [(entry.actor_id, entry.subject_id) for entry in looks] == [(desk.ana.id, conversation_id)] * 6
    await desk.assign(conversation_id, desk.wei)
    async with counter.browser(desk.ana) as ana:
        assert (await ana.get(at)).json()["id"] == "conversation_not_found"
    assert len(await counter.audited("conversation.opened")) == 6


async def test_resolving_and_giving_back_are_audited(counter: Counter) -> None:
    desk = counter.desk
    back, done = await desk.open(), await desk.open()
    for conversation_id in (back, done):
        await desk.assign(conversation_id, desk.ana)
    async with counter.browser(desk.ana) as ana:
        assert (await ana.post(f"/api/conversations/{back}/release")).status_code == 204
        assert (await ana.post(f"/api/conversations/{done}/resolve")).json()["category"] == "resolved"
        assert (await ana.post(f"/api/conversations/{done}/resolve")).json()["id"] == "already_resolved"
    for action, subject in (("conversation.released", back), ("conversation.resolved", done)):
        assert [(entry.actor_id, entry.subject_id) for entry in await counter.audited(action)] == [
            (desk.ana.id, subject)
        ]


async def test_a_field_is_shown_while_the_conversation_is_open_and_written_down_with_the_network(
    counter: Counter,
) -> None:
    desk = counter.desk
    conversation_id = await desk.open()
    async with desk.database.transaction() as session:
        point = ContactPoint(customer_id=desk.customer.id, kind="email", value="lin@example.com", value_index=b"1")
        session.add(point)
        await seed_purposes(session)
    at, asked = f"/api/conversations/{conversation_id}/reveal", {"field": str(point.id), "purpose": "refund"}
    async with counter.browser(desk.ana) as ana, counter.browser(desk.karin) as karin:
        for client in (ana, karin):
            assert (await client.post(at, json=asked)).json()["id"] == "field_refused"
        await desk.assign(conversation_id, desk.ana)
        # A lead who only watches has no need of it.
        assert (await karin.post(at, json=asked)).json()["id"] == "field_refused"
        assert (await ana.post(at, json={"field": str(point.id)})).json()["id"] == "purpose_missing"
        assert (await ana.post(at, json=asked)).json()["value"] == "lin@example.com"
        assert (await ana.post(f"/api/conversations/{conversation_id}/resolve")).status_code == 200
        assert (await ana.post(at, json=asked)).json()["id"] == "field_refused"
    shown = await counter.audited("customer.field_shown")
    assert [(entry.actor_id, entry.network, entry.purpose) for entry in shown] == [(desk.ana.id, NETWORK, "refund")]


async def test_the_lists_and_their_filters(counter: Counter) -> None:
    desk = counter.desk
    mine, waits, urgent, others = [await desk.open(emergency=n == 2) for n in range(4)]
    await desk.assign(mine, desk.ana)
    await desk.assign(others, desk.wei)
    await counter.change(mine, preview="Deposit 100% missing")
    await counter.change(waits, language="vi", preview="Deposit of 1000 missing")
    known = await desk.read(waits)
    names = {mine: "mine", waits: "waits", urgent: "urgent", others: "others"}

    async def listed(client: httpx.AsyncClient, **chosen: str) -> list[str]:
        answer = await client.get("/api/conversations", params=chosen)
        assert answer.json()["next"] is None
        return [names[UUID(row["id"])] for row in answer.json()["rows"]]

    async def searched(client: httpx.AsyncClient, words: str) -> list[str]:
        answer = await client.post("/api/conversations/search", json={"text": words})
        return [names[UUID(row["id"])] for row in answer.json()["rows"]]

    async with counter.browser(desk.ana) as ana:
        assert await listed(ana) == ["mine"]
        assert await listed(ana, view="queue") == ["waits"]
        assert sorted(await listed(ana, view="all")) == ["mine", "waits"]
        assert await listed(ana, view="all", language="vi") == ["waits"]
        assert await listed(ana, view="all", language="th") == []
        # A percent sign is a letter here.
        assert await searched(ana, "100%") == ["mine"]
        assert sorted(await searched(ana, "DEPOSIT")) == ["mine", "waits"]
        assert await searched(ana, known.reference.removeprefix("HF-").lower()) == ["waits"]
        assert (await ana.get("/api/conversations", params={"view": "everything"})).status_code == 400
    async with counter.browser(desk.karin) as karin:
        assert await listed(karin) == []
        assert await listed(karin, view="queue") == ["urgent", "waits"]
        assert await listed(karin, view="all", queue=str(desk.emergency.id)) == ["urgent"]
        assert sorted(await listed(karin, view="all", queue=str(desk.queue.id))) == ["mine", "others", "waits"]


async def test_resolved_ones_page_by_page(counter: Counter) -> None:
    desk = counter.desk
    ids = [await desk.open() for _ in range(3)]
    for conversation_id in ids:
        await desk.assign(conversation_id, desk.ana)
    async with counter.browser(desk.ana) as ana:
        for conversation_id in ids:
            assert (await ana.post(f"/api/conversations/{conversation_id}/resolve")).status_code == 200
        chosen = {"view": "resolved", "limit": "2"}
        page = (await ana.get("/api/conversations", params=chosen)).json()
        assert [row["id"] for row in page["rows"]] == [str(ids[2]), str(ids[1])]
        rest = (await ana.get("/api/conversations", params={**chosen, "before": page["next"]})).json()
        assert ([row["id"] for row in rest["rows"]], rest["next"]) == ([str(ids[0])], None)
        assert (await ana.get("/api/conversations", params={"view": "all"})).json()["rows"] == []
    async with counter.browser(desk.wei) as wei:
        assert (await wei.get("/api/conversations", params={"view": "resolved"})).json()["rows"] == []


async def test_the_counters_are_each_viewers_own(counter: Counter) -> None:
    desk = counter.desk
    answered, waiting, urgent = await desk.open(), await desk.open(), await desk.open(emergency=True)
    for conversation_id, agent in ((answered, desk.ana), (waiting, desk.ana), (urgent, desk.wei)):
        await desk.assign(conversation_id, agent)
    for raised in (False, True, True):
        await desk.open(emergency=raised)
    async with desk.database.transaction() as session:
        await operations.post(session, desk.ana, answered, desk.answers(answered, "Here it is", desk.ana))
    async with desk.database.transaction() as session:
        found = await queries.counters(session, [desk.ana, desk.wei, desk.karin])
    general, emergency = str(desk.queue.id), str(desk.emergency.id)
    ana, wei, karin = (found[viewer.id] for viewer in (desk.ana, desk.wei, desk.karin))
    assert (ana.mine, ana.mine_waiting, ana.queued, ana.emergency, ana.by_queue) == (2, 1, 1, 0, {general: 1})
    assert (wei.mine, wei.mine_waiting, wei.queued, wei.emergency) == (1, 1, 3, 3)
    assert wei.by_queue == karin.by_queue == {general: 1, emergency: 2}
    assert (karin.mine, karin.emergency) == (0, 2)


async def test_a_long_queue_does_not_push_out_what_the_agent_has(counter: Counter) -> None:
    """Their own conversation is the least urgent of all: answered, without a promise."""
    desk = counter.desk
    mine, others = await desk.open(), await desk.open()
    await desk.assign(mine, desk.wei)
    await desk.assign(others, desk.ana)
    async with desk.database.transaction() as session:
        await operations.post(session, desk.wei, mine, desk.answers(mine, "Here it is", desk.wei))
    first, second = await desk.open(), await desk.open()
    await counter.change(first, next_due=(await desk.read(second)).opened_at - timedelta(hours=1))
    urgent = await desk.open(emergency=True)
    async with desk.database.transaction() as session:

        async def inbox(viewer: StaffViewer, limit: int) -> list[UUID]:
            return [row.id for row in await queries.inbox(session, viewer, limit)]

        assert await inbox(desk.wei, 3) == [mine, urgent, first]
        assert await inbox(desk.wei, 200) == [mine, urgent, first, second]
        # A lead sees the others' too, after what waits for somebody.
        assert await inbox(desk.karin, 200) == [urgent, first, second, others, mine]
