"""What is kept of calls, and the requests about phones, lines and menus; no engine is needed for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest
from litestar import Litestar
from litestar.datastructures import State
from sqlalchemy import select, update

from holdfast.access.viewer import Role, StaffViewer
from holdfast.channels.voice import http, http_figures, http_lines, keeping, menus, queries, stages
from holdfast.channels.voice.models import Call, CallBack, CallCommand, CallLeg, Device, Line
from holdfast.conversations import operations as conversations
from holdfast.conversations.models import Conversation
from holdfast.core.clock import now
from holdfast.core.http import EXCEPTION_HANDLERS, PROVIDERS
from holdfast.core.settings import Settings
from holdfast.people.http_viewer import DEPENDENCIES, SignedIn
from holdfast.people.models import Agent
from holdfast.routing.loads import load_of
from tests.routing.support import Desk
from tests.routing.support import desk as make_desk

NUMBER = "+15550001"


@asynccontextmanager
async def browser(desk: Desk, viewer: StaffViewer) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in which ``viewer`` is signed in, and has just shown their second factor."""
    app = Litestar(
        [*http.HANDLERS, *http_figures.HANDLERS, *http_lines.HANDLERS],
        state=State({"database": desk.database, "settings": Settings()}),
        dependencies={**PROVIDERS, **DEPENDENCIES},
        exception_handlers=EXCEPTION_HANDLERS,
        openapi_config=None,
    )

    async def signed_in(scope: Any, receive: Any, send: Any) -> None:
        scope["state"] = {"signed_in": SignedIn(viewer, uuid4(), now())}
        await app(scope, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(signed_in), base_url="http://localhost:8420") as client:
        yield client


@pytest.fixture
async def desk(fresh_database_url: str) -> AsyncIterator[Desk]:
    async with make_desk(fresh_database_url) as made:
        yield made


async def arrive(desk: Desk, number: str = NUMBER, line: Line | None = None) -> tuple[UUID, str | None]:
    async with desk.database.transaction() as session:
        call, refused = await keeping.arrive(
            session, channel=uuid4().hex, application="holdfast", line=line, number=number, language="es"
        )
        return call.id, refused


async def entered(desk: Desk, number: str = NUMBER, **given: object) -> Call:
    call_id, _ = await arrive(desk, number)
    async with desk.database.transaction() as session:
        call = await queries.call(session, call_id, lock=True)
        assert call is not None
        await keeping.enter(session, call, **given)  # type: ignore[arg-type]  # by their names
    return call


async def taken_and_answered(desk: Desk, of: Call, agent: StaffViewer) -> None:
    """The agent takes its conversation, and speaks with the caller."""
    async with desk.database.transaction() as session:
        call = await session.get_one(Call, of.id)
        await conversations.assign(session, keeping.SYSTEM, call.conversation_id or uuid4(), agent.id, how="taken")
        await keeping.answered(session, call, agent.id)


async def with_phone(desk: Desk, name: str, *roles: Role) -> StaffViewer:
    agent = await desk.agent(name, *roles, languages={"en": "native", "es": "native"})
    async with desk.database.transaction() as session:
        await session.execute(update(Agent).where(Agent.id == agent.id).values(capacity={"voice": 1, "chat": 4}))
    return agent


async def test_a_repeat_caller_joins_what_is_open_and_a_withheld_number_does_not(desk: Desk) -> None:
    first, second = await entered(desk), await entered(desk, "0015550001")
    assert first.conversation_id != second.conversation_id, "another way of writing is another number"
    async with desk.database.transaction() as session:
        await keeping.finish(session, await session.get_one(Call, first.id), "abandoned")
    again = await entered(desk)
    assert again.conversation_id == first.conversation_id
    withheld = await entered(desk, "")
    assert withheld.conversation_id not in {first.conversation_id, second.conversation_id}
    async with desk.database.transaction() as session:
        await conversations.resolve(session, keeping.SYSTEM, again.conversation_id or uuid4())
    assert (await entered(desk)).conversation_id != first.conversation_id, "what is settled is not opened again"


async def test_who_calls_beside_a_talk_does_not_get_into_it(desk: Desk) -> None:
    """A number can be faked: while somebody speaks in a conversation nobody else comes into it by the same number."""
    ann = await with_phone(desk, "Ann")
    first = await entered(desk)
    await taken_and_answered(desk, first, ann)
    second = await entered(desk)
    assert second.conversation_id != first.conversation_id
    async with desk.database.transaction() as session:
        assert (await session.get_one(Conversation, first.conversation_id)).assignee_id == ann.id
        for each in (first, second):
            await keeping.finish(session, await session.get_one(Call, each.id), "answered")
    assert (await entered(desk)).conversation_id in {first.conversation_id, second.conversation_id}


async def test_whoever_left_a_message_may_still_be_called_back(desk: Desk) -> None:
    first = await entered(desk, live=False)
    async with desk.database.transaction() as session:
        call = await session.get_one(Call, first.id)
        await keeping.ask_back(session, call, "message")
        await keeping.finish(session, call, "message")
    again = await entered(desk)
    async with desk.database.transaction() as session:
        for _ in range(2):
            await keeping.ask_back(session, await session.get_one(Call, again.id), "asked")
        backs = await session.scalars(select(CallBack).order_by(CallBack.id))
        assert [(back.why, back.state, back.call_id) for back in backs] == [
            ("message", "cancelled", first.id),
            ("asked", "waiting", again.id),
        ]


async def test_our_own_call_that_failed_waits_again(desk: Desk) -> None:
    first = await entered(desk)
    async with desk.database.transaction() as session:
        await keeping.ask_back(session, await session.get_one(Call, first.id), "asked")
        back = (await session.scalars(select(CallBack))).one()
        back.state = "ringing"
        call = await session.get_one(Call, first.id)
        keeping.keep_place(call, back=str(back.id))
        await keeping.ask_back(session, call, "lost")
        assert [each.state for each in await session.scalars(select(CallBack))] == ["waiting"]


async def test_a_number_may_call_so_often_in_an_hour_but_in_an_emergency_always(desk: Desk) -> None:
    async with desk.database.transaction() as session:
        line = Line(number="1", name="x", inbox_id=desk.inbox.id, hourly=2)
        urgent = Line(number="2", name="y", inbox_id=desk.inbox.id, hourly=2, kind="emergency")
        session.add_all([line, urgent])
    assert [(await arrive(desk, line=line))[1] for _ in range(3)] == [None, None, "flooding"]
    assert (await arrive(desk, line=urgent))[1] is None
    assert (await arrive(desk, "", line))[1] is None, "withheld numbers are many people"
    desk.clock.turn(minutes=61)
    assert (await arrive(desk, line=line))[1] is None


async def test_a_caller_keeps_their_place_and_is_all_of_an_agents_attention(desk: Desk) -> None:
    ann = await with_phone(desk, "Ann")
    call = await entered(desk)
    conversation_id = call.conversation_id or uuid4()
    since = (await desk.read(conversation_id)).waiting_since
    await desk.decide()
    assert await desk.rings_at(conversation_id) == ann.id
    offer = await desk.rings(conversation_id)
    assert offer is not None
    assert offer.expires_at - offer.offered_at == timedelta(seconds=20), "a call rings shorter than a chat"
    await desk.accept(ann, offer.id)
    async with desk.database.transaction() as session:
        row = await queries.call(session, call.id, lock=True)
        assert row is not None
        await keeping.back_to_queue(session, row, "phone_silent")
    conversation = await desk.read(conversation_id)
    assert (conversation.assignee_id, conversation.waiting_since) == (None, since), "the head of the queue"
    await desk.decide()
    assert await desk.rings_at(conversation_id) is None, "whose phone was silent is not asked again at once"

    ben = await with_phone(desk, "Ben")
    await desk.decide()
    assert await desk.rings_at(conversation_id) == ben.id
    await desk.accept(ben, (await desk.rings(conversation_id)).id)  # type: ignore[union-attr]  # it rings
    async with desk.database.transaction() as session:
        row = await queries.call(session, call.id, lock=True)
        assert row is not None
        await keeping.answered(session, row, ben.id)
        await keeping.agent_done(session, row, ben.id)
        await keeping.finish(session, row, "answered")
        assert await load_of(session, [ben.id]) == {ben.id: {"voice": 1}}
        await keeping.wrap_up_over(session, call.id)
        assert await load_of(session, [ben.id]) == {ben.id: {"email": 1}}, "it goes on in writing"


async def test_a_call_back_is_asked_once_and_waits_for_a_phone(desk: Desk) -> None:
    call_id, _ = await arrive(desk)
    since = []
    for _ in range(2):
        async with desk.database.transaction() as session:
            call = await queries.call(session, call_id, lock=True)
            assert call is not None
            since.append(call.queued_at)
            await keeping.ask_back(session, call, "asked")
            await keeping.finish(session, call, "callback")
    async with desk.database.transaction() as session:
        (back,) = await session.scalars(select(CallBack))
    assert (back.number, back.since) == (NUMBER, since[1])
    assert (await desk.read(back.conversation_id)).channel == "voice"


async def test_lines_and_menus_by_request(desk: Desk) -> None:
    admin = await desk.agent("Ada", Role.ADMINISTRATOR, Role.LEAD, skills=())
    ann = await desk.agent("Ann")
    tree = msgspec.to_builtins(menus.STANDARD)
    async with browser(desk, admin) as client:
        (standard,) = (await client.get("/api/menus")).json()
        assert (standard["key"], standard["version"], standard["tree"]) == ("standard", 0, tree)
        wrong = {**tree, "nodes": {**tree["nodes"], "person": {"kind": "queue", "queue": "none"}}}
        found = await client.post("/api/menus/validate", json=wrong)
        assert found.json() == {"faults": [{"id": "unknown_queue", "node": "person"}]}
        refused = await client.put("/api/menus/standard", json={"name": "Ours", "tree": wrong})
        assert (refused.status_code, refused.json()["id"]) == (422, "menu_unfit")
        for version in (1, 2):
            made = await client.put("/api/menus/standard", json={"name": "Ours", "tree": tree})
            assert (made.status_code, made.json()["version"]) == (200, version)
        line = {"number": "+18005550100", "name": "Hotline", "language": "es"}
        made = await client.post("/api/lines", json=line)
        assert (made.status_code, made.json()["language"]) == (201, "es")
        assert (await client.post("/api/lines", json={**line, "number": "18005550100"})).json()["id"] == "line_taken"
        changed = await client.put(f"/api/lines/{made.json()['id']}", json={**line, "records": True})
        assert changed.json()["records"] is True
    async with browser(desk, ann) as client:
        assert (await client.get("/api/lines")).status_code == 403


async def test_a_phone_by_request(desk: Desk) -> None:
    ann, ben = await with_phone(desk, "Ann"), await with_phone(desk, "Ben")
    async with browser(desk, ann) as client:
        made = (await client.post("/api/phone/devices", json={"kind": "browser"})).json()
        assert len(made["password"]) > 40
        shown = (await client.get("/api/phone")).json()
        assert (shown["state"], [d["name"] for d in shown["devices"]]) == ("offline", [made["name"]])
        assert "password" not in shown["devices"][0]
        for _ in range(20):
            assert (await client.post("/api/phone/devices", json={})).status_code == 201, "silent tabs make room"
    async with browser(desk, ben) as client:
        assert (await client.delete(f"/api/phone/devices/{made['name']}")).json()["id"] == "device_unknown"

    call = await entered(desk)
    async with browser(desk, ann) as client:
        refused = await client.post(f"/api/calls/{call.id}/hold", json={"on": True})
        assert (refused.status_code, refused.json()["id"]) == (403, "not_in_call")
        async with desk.database.transaction() as session:
            row = await queries.call(session, call.id, lock=True)
            assert row is not None
            row.stage = stages.WAITING
        assert (await client.post(f"/api/calls/{call.id}/answer", json={"device": "tab-1"})).status_code == 202
        async with desk.database.transaction() as session:
            row = await queries.call(session, call.id, lock=True)
            assert row is not None
            assert row.place["device"] == "tab-1"
            await keeping.answered(session, row, ann.id)
            leg = CallLeg(call_id=row.id, role="agent", channel="x", agent_id=ann.id, state="up", started_at=now())
            session.add(leg)
        assert (await client.get("/api/phone")).json()["state"] == "talking"
        assert (await client.post(f"/api/calls/{call.id}/keys", json={"digits": "12#"})).status_code == 202
        assert (await client.post(f"/api/calls/{call.id}/keys", json={"digits": "twelve"})).status_code == 400
        assert (await client.post(f"/api/calls/{call.id}/supervise", json={"mode": "listen"})).status_code == 403
    async with browser(desk, ben) as client:
        assert (await client.post(f"/api/calls/{call.id}/hang-up")).status_code == 404
    async with desk.database.transaction() as session:
        (command,) = await session.scalars(select(CallCommand))
        assert (command.verb, command.detail, command.agent_id) == ("keys", {"digits": "12#"}, ann.id)
        assert await session.scalar(select(Device.id).where(Device.agent_id == ben.id)) is None
