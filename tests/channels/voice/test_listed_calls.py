"""Who is on the phone, waits or was lost, as leads and agents see it; call-backs that are made at once; the wrap-up of
who passed a call on; pauses of a recording. No engine is needed for it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from holdfast.access.viewer import Role
from holdfast.app.worker import DEADLINES
from holdfast.channels.chat.feed import Console, Feed
from holdfast.channels.voice import keeping, passing_on, queries, recording, stages
from holdfast.channels.voice.models import Call, CallBack, CallEvent, CallLeg, Device, Recording
from holdfast.channels.voice.recording import Pause
from holdfast.conversations import operations as conversations
from holdfast.core.clock import now
from holdfast.core.due import Due
from holdfast.core.notify import LIVE, Listener
from holdfast.routing.loads import load_of
from tests.channels.chat.test_two_processes import Reader
from tests.channels.voice.test_keeping import browser, entered, with_phone
from tests.routing.support import Desk
from tests.routing.support import desk as make_desk


@pytest.fixture
async def desk(fresh_database_url: str) -> AsyncIterator[Desk]:
    async with make_desk(fresh_database_url) as made:
        yield made


async def at(desk: Desk, call: Call, stage: str) -> None:
    async with desk.database.transaction() as session:
        await session.execute(update(Call).where(Call.id == call.id).values(stage=stage))


async def test_a_lead_sees_all_calls_and_an_agent_their_own_and_what_waits(desk: Desk) -> None:
    ann, ben, lead = await with_phone(desk, "Ann"), await with_phone(desk, "Ben"), await desk.agent("Lea", Role.LEAD)
    talk, wait, lost = await entered(desk), await entered(desk, "+15550002"), await entered(desk, "+15550003")
    await at(desk, wait, stages.WAITING)
    async with desk.database.transaction() as session:
        call = await queries.call(session, talk.id, lock=True)
        assert call is not None
        await conversations.assign(session, keeping.SYSTEM, call.conversation_id or uuid4(), ann.id, how="taken")
        await keeping.answered(session, call, ann.id)
        keeping.keep_place(call, supervision={str(lead.id): "whisper"})
        for role, agent in (("agent", ann), ("supervisor", lead)):
            session.add(CallLeg(call_id=call.id, role=role, channel=uuid4().hex, agent_id=agent.id, state="up"))
        gone = await queries.call(session, lost.id, lock=True)
        assert gone is not None
        await keeping.finish(session, gone, "abandoned")

    async def seen(viewer: object, path: str) -> list[dict[str, object]]:
        async with browser(desk, viewer) as client:  # type: ignore[arg-type]  # an agent
            return [one["call"] for one in (await client.get(path)).json()]

    found = await seen(lead, "/api/calls")
    assert [one["id"] for one in found] == [str(talk.id), str(wait.id)]
    legs = found[0]["legs"]
    assert isinstance(legs, list)
    assert [(leg["role"], leg["agent"]["name"], leg["mode"]) for leg in legs] == [
        ("agent", "Ann", ""),
        ("supervisor", "Lea", "whisper"),
    ]
    assert [one["id"] for one in await seen(ann, "/api/calls")] == [str(talk.id), str(wait.id)]
    assert [one["id"] for one in await seen(ben, "/api/calls")] == [str(wait.id)], "Ann's call is not Ben's to see"
    assert [one["id"] for one in await seen(lead, "/api/calls/lost")] == [str(lost.id)]
    desk.clock.turn(hours=25)
    assert await seen(lead, "/api/calls/lost") == []


async def test_a_call_back_is_made_now_by_whoever_has_a_phone(desk: Desk) -> None:
    ann, ben = await with_phone(desk, "Ann"), await with_phone(desk, "Ben")
    call = await entered(desk)
    async with desk.database.transaction() as session:
        row = await queries.call(session, call.id, lock=True)
        assert row is not None
        await keeping.ask_back(session, row, "message")
        await keeping.finish(session, row, "message")
    async with browser(desk, ann) as client:
        (back,) = (await client.get("/api/call-backs")).json()
        path = f"/api/call-backs/{back['id']}/call"
        assert (await client.post(path)).json()["id"] == "voice_nobody_registered"
        async with desk.database.transaction() as session:
            session.add(Device(agent_id=ann.id, name="ann-desk", kind="desk", password="x", ready=True, online=True))
        assert (await client.post(path)).status_code == 202
    async with browser(desk, ben) as client:
        assert (await client.post(path)).status_code == 404, "it is Ann's now"
    assert (await desk.read(call.conversation_id or uuid4())).assignee_id == ann.id
    async with desk.database.transaction() as session:
        assert await session.scalar(select(CallBack.why)) == "agent", "a message is called back only by somebody's wish"


@pytest.mark.parametrize("by_hand", [True, False])
async def test_who_passed_a_call_on_has_a_wrap_up_of_their_own(desk: Desk, by_hand: bool) -> None:
    ann, ben = await with_phone(desk, "Ann"), await with_phone(desk, "Ben")
    call = await entered(desk)
    async with desk.database.transaction() as session:
        row = await queries.call(session, call.id, lock=True)
        assert row is not None
        await conversations.assign(session, keeping.SYSTEM, row.conversation_id or uuid4(), ben.id, how="taken")
        await keeping.answered(session, row, ben.id)
        await passing_on.passed_on(session, row, ann.id)
        assert await load_of(session, [ann.id, ben.id]) == {ann.id: {"voice": 1}, ben.id: {"voice": 1}}
        due = (await session.scalars(select(Due).where(Due.kind == passing_on.PASSED_ON))).one()
        assert due.at == now() + timedelta(seconds=60)
    async with browser(desk, ann) as client:
        shown = (await client.get("/api/phone")).json()
        assert (shown["state"], len(shown["calls"])) == ("wrap_up", 1)
    async with browser(desk, ben) as client:
        assert (await client.get("/api/phone")).json()["calls"] == [], "the wrap-up is Ann's alone"
        assert (await client.post(f"/api/calls/{call.id}/wrap-up/end")).status_code == 403
    if by_hand:
        async with browser(desk, ann) as client:
            assert (await client.post(f"/api/calls/{call.id}/wrap-up/end")).status_code == 204
    async with desk.database.transaction() as session:
        await DEADLINES[passing_on.PASSED_ON](session, due.ref)
        assert await load_of(session, [ann.id, ben.id]) == {ben.id: {"voice": 1}}


async def test_leads_hear_once_of_all_that_changes_at_a_time(desk: Desk) -> None:
    """By their sockets, so that the page of calls needs no question in between."""
    ann, lead = await with_phone(desk, "Ann"), await desk.agent("Lea", Role.LEAD)
    feed = Feed(desk.database, "one")
    readers = {agent.id: Reader() for agent in (ann, lead)}
    feed.consoles |= {Console(agent, readers[agent.id].peer) for agent in (ann, lead)}
    try:
        async with asyncio.TaskGroup() as group:
            listening = group.create_task(Listener(desk.dsn, {LIVE: feed.notice}, feed.listening).run())
            await readers[lead.id].until(lambda frame: frame["t"] == "inbox")
            await entered(desk)
            for number in range(3):
                await entered(desk, f"+1555100{number}", emergency=True)
                async with desk.database.transaction() as session:
                    for call in await session.scalars(select(Call)):
                        await keeping.note(session, call, "call_waits", position=1)
            await readers[lead.id].until(lambda frame: frame["t"] == "phone")
            listening.cancel()
    finally:
        await feed.close()
    assert [frame for frame in readers[ann.id].frames if frame["t"] == "phone"] == []
    assert sum(frame["t"] == "phone" for frame in readers[lead.id].frames) < 6, "not for each of nine notes"


def test_pauses_are_shown_where_the_sound_has_a_gap() -> None:
    begun = now()

    def event(seconds: int, how: str, cause: str = "agent") -> CallEvent:
        return CallEvent(at=begun + timedelta(seconds=seconds), detail={"how": how, "cause": cause})

    row = Recording(started_at=begun, ended_at=begun + timedelta(seconds=100))
    events = [event(-5, "paused"), event(0, "on"), event(10, "paused", "secret"), event(30, "resumed", "secret")]
    assert recording.pauses(row, events) == [Pause(10, 20, "secret")]
    more = [*events, event(50, "paused"), event(200, "resumed")]
    assert recording.pauses(row, more) == [Pause(10, 20, "secret"), Pause(30, 50, "agent")], "until its end"
