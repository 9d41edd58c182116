"""Somebody waits for our call, and calls themselves, or it is settled otherwise: nobody is called for nothing."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from holdfast.access.viewer import StaffViewer, SystemViewer
from holdfast.channels.voice import calling_back, in_app, keeping
from holdfast.channels.voice.models import Call, CallBack
from holdfast.conversations import operations as conversations
from holdfast.conversations.models import Message
from tests.channels.voice.test_keeping import entered, with_phone
from tests.routing.support import Desk
from tests.support.voiceless import Engine, voice_desk


async def asked(house: Desk, why: str = "asked") -> CallBack:
    """They have asked for it, and hung up."""
    first = await entered(house)
    async with house.database.transaction() as session:
        call = await session.get_one(Call, first.id)
        await keeping.ask_back(session, call, why)
        await keeping.finish(session, call, "callback")
        back = (await session.scalars(select(CallBack))).one()
    house.clock.turn(minutes=10)
    return back


async def change(
    house: Desk,
    call_id: UUID,
    agent: StaffViewer | None,
    over: str | None = "answered",
    place: dict[str, bool] | None = None,
) -> None:
    """The call is answered by the agent, and over."""
    async with house.database.transaction() as session:
        call = await session.get_one(Call, call_id)
        keeping.keep_place(call, **(place or {}))
        if agent is not None:
            await keeping.answered(session, call, agent.id)
    house.clock.turn(minutes=3)
    async with house.database.transaction() as session:
        call = await session.get_one(Call, call_id)
        if over == "lost":
            await keeping.ask_back(session, call, "lost")
        if over is not None:
            await keeping.finish(session, call, over)


async def rings(house: Desk, folder: Path, conversation_id: UUID, agent: StaffViewer) -> bool:
    """Whether we call, now that the agent has the conversation."""
    voice = voice_desk(house, Engine(), folder, None)
    voice.settings = replace(voice.settings, call_back_notice=timedelta())
    async with house.database.transaction() as session:
        if (await keeping.locked(session, conversation_id)).assignee_id is None:
            await conversations.assign(session, keeping.SYSTEM, conversation_id, agent.id, how="taken")
    return await calling_back.begin(voice, conversation_id) is not None


async def state(house: Desk) -> str:
    async with house.database.transaction() as session:
        return (await session.scalars(select(CallBack))).one().state


async def noted(house: Desk, back: CallBack) -> list[str]:
    async with house.database.transaction() as session:
        events = await session.scalars(select(Message.event).where(Message.conversation_id == back.conversation_id))
        kinds = [(event or {}).get("type", "") for event in events]
    return [kind for kind in kinds if kind in {"call_back_open", "call_back_called_in"}]


@pytest.mark.parametrize(("answers", "we_call"), [(True, False), (False, True)])
async def test_who_was_answered_meanwhile_is_not_called_by_itself(
    house: Desk, tmp_path: Path, answers: bool, we_call: bool
) -> None:
    """A number can be faked, so that nothing is done: the agent decides, and is told so once."""
    ann = await with_phone(house, "Ann")
    back = await asked(house)
    call = await entered(house)
    assert call.conversation_id == back.conversation_id
    await change(house, call.id, ann if answers else None, "answered" if answers else "abandoned")
    for _ in range(2):
        assert await rings(house, tmp_path, back.conversation_id, ann) is we_call
        if we_call:
            return
    assert await state(house) == "waiting"
    assert await noted(house, back) == ["call_back_open"]
    async with house.database.transaction() as session:
        (await session.get_one(CallBack, back.id)).why = "agent"
    assert await rings(house, tmp_path, back.conversation_id, ann), "the agent wants it"


async def test_who_was_answered_and_lost_is_called(house: Desk, tmp_path: Path) -> None:
    """The later call waits for ours as well, whatever had been answered before."""
    ann = await with_phone(house, "Ann")
    back = await asked(house)
    for _ in range(2):
        call = await entered(house)
        await change(house, call.id, ann, "lost")
        house.clock.turn(minutes=5)
    assert await state(house) == "waiting"
    assert await rings(house, tmp_path, back.conversation_id, ann)


@pytest.mark.parametrize(("place", "left"), [({"proven": True}, "done"), ({"proven": False}, "waiting")])
async def test_who_is_known_and_was_answered_need_not_be_called(house: Desk, place: dict[str, bool], left: str) -> None:
    ann = await with_phone(house, "Ann")
    back = await asked(house)
    call = await entered(house)
    await change(house, call.id, ann, place=place)
    assert await state(house) == left
    assert await noted(house, back) == (["call_back_called_in"] if left == "done" else [])


@pytest.mark.parametrize(
    ("answers", "over", "left"),
    [(True, "answered", "done"), (False, "abandoned", "waiting"), (True, "lost", "waiting")],
)
async def test_so_it_is_with_calls_from_the_app(house: Desk, answers: bool, over: str, left: str) -> None:
    ann = await with_phone(house, "Ann")
    back = await asked(house)
    async with house.database.transaction() as session:
        call = await in_app.arrive(session, uuid4().hex, "holdfast", back.conversation_id)
    await change(house, call.id, ann if answers else None, over)
    assert await state(house) == left


async def test_what_is_asked_while_they_talk_is_not_done_with_the_talk(house: Desk) -> None:
    ann = await with_phone(house, "Ann")
    first = await entered(house)
    await change(house, first.id, ann, None, {"proven": True})
    async with house.database.transaction() as session:
        session.add(CallBack(conversation_id=first.conversation_id, number="1", why="asked"))
    await change(house, first.id, None, "answered")
    assert await state(house) == "waiting"


@pytest.mark.parametrize(("by_agent", "left"), [(True, "cancelled"), (False, "waiting")])
async def test_what_an_agent_settles_needs_no_call(house: Desk, by_agent: bool, left: str) -> None:
    """A rule that settles what is old knows nothing of what was promised on the phone."""
    ann = await with_phone(house, "Ann")
    back = await asked(house)
    async with house.database.transaction() as session:
        await conversations.assign(session, keeping.SYSTEM, back.conversation_id, ann.id, how="taken")
    async with house.database.transaction() as session:
        await conversations.resolve(session, ann if by_agent else SystemViewer("rule"), back.conversation_id)
    assert await state(house) == left
    assert ((await house.read(back.conversation_id)).channel == "voice") is (left == "waiting")
