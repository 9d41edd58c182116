"""What becomes of a call-back that we make: at the real engine, and what is kept of it without one."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from holdfast.access.viewer import Role
from holdfast.channels.voice import call_backs, conducting, keeping, queries, stages, waiting
from holdfast.channels.voice.models import Call, CallBack
from holdfast.conversations.models import Message
from holdfast.core.clock import now
from tests.channels.voice.test_keeping import browser, entered, with_phone
from tests.routing.support import Desk
from tests.support import phones
from tests.support.hotline import DIRECT, Hotline
from tests.support.phones import Exchange
from tests.support.waiting import eventually_so

pytestmark = pytest.mark.engine


async def asked(desk: Desk) -> CallBack:
    """Somebody has asked to be called back, and hung up."""
    first = await entered(desk)
    async with desk.database.transaction() as session:
        call = await session.get_one(Call, first.id)
        await keeping.ask_back(session, call, "asked")
        await keeping.finish(session, call, "callback")
        return (await session.scalars(select(CallBack))).one()


async def called(desk: Desk, back: CallBack) -> Call:
    """We call them, and they want to be connected."""
    async with desk.database.transaction() as session:
        row = await session.get_one(CallBack, back.id)
        row.state, row.tries, row.rings_at = "ringing", row.tries + 1, now()
        call = Call(
            id=uuid4(),
            direction="back",
            application="holdfast",
            channel=uuid4().hex,
            number=row.number,
            conversation_id=row.conversation_id,
            language="en",
            stage=stages.WAITING,
            place={"back": str(row.id)},
            channel_before="email",
            queued_at=row.since,
        )
        session.add(call)
        return call


async def backs(desk: Desk) -> list[tuple[str, str, int]]:
    async with desk.database.transaction() as session:
        found = await session.scalars(select(CallBack).order_by(CallBack.id))
        return [(back.why, back.state, back.tries) for back in found]


async def counted(desk: Desk) -> dict[str, Any]:
    async with browser(desk, await desk.agent("Lea", Role.LEAD)) as page:
        found: dict[str, Any] = (await page.get("/api/phone/figures")).json()["call_backs"]
        return found


async def kinds(desk: Desk, back: CallBack) -> list[str]:
    """Of what its conversation's timeline says of it when it was not done."""
    async with desk.database.transaction() as session:
        entries = await session.scalars(
            select(Message.event).where(Message.conversation_id == back.conversation_id).order_by(Message.seq)
        )
        types = [(event or {}).get("type", "") for event in entries]
    return [kind for kind in types if kind in {call_backs.AGAIN, call_backs.FAILED}]


async def test_who_was_promised_a_call_and_heard_music_is_called_again(
    desk: Hotline, exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They press one, the agent's phone is not answered, they hang up while they wait: nobody has talked with them."""
    for each in (conducting, waiting):
        monkeypatch.setattr(each, "RING_SECONDS", 4)
    desk.voice.settings = replace(desk.voice.settings, call_back_notice=timedelta())
    back = await asked(desk.desk)
    ann, ben = [await desk.agent(name, languages={"es": "native"}) for name in ("Ann", "Ben")]
    async with phones.answering(exchange.network, "pause:3000", "key:1", "pause:900", "key:1", "until-bye"):
        async with desk.phone(ann, "ann-desk", answers=False):
            await desk.desk.accept(ann, await desk.offer(ann))
            await desk.at("connecting", number=1)
            assert await backs(desk.desk) == [("asked", "ringing", 1)], "they have pressed one, and nobody talks"
            call = await desk.at("waiting", number=1)
            await desk.voice.ari.hang_up(call.channel)
            call = await desk.at("over", number=1)
        assert (call.outcome, await backs(desk.desk)) == ("abandoned", [("asked", "waiting", 1)])
        conversation = await desk.conversation(call)
        assert (conversation.channel, conversation.assignee_id) == ("voice", None), "it waits for somebody with a phone"
        async with desk.phone(ben, "ben-desk"):
            await desk.desk.accept(ben, await desk.offer(ben))
            call = await desk.at("talking", number=2)
            await desk.talked(call.channel)
            assert (call.agent_id, call.conversation_id) == (ben.id, back.conversation_id)
            assert await backs(desk.desk) == [("asked", "done", 2)]
            await desk.voice.ari.hang_up(call.channel)
            await desk.at("over", number=2)
    assert await backs(desk.desk) == [("asked", "done", 2)]
    assert await kinds(desk.desk, back) == [call_backs.AGAIN]


async def test_who_is_taken_while_they_still_hear_that_we_call_is_called(desk: Hotline, exchange: Exchange) -> None:
    """Nobody is called who is on the phone; as soon as they are no longer, they are."""
    desk.voice.settings = replace(desk.voice.settings, call_back_notice=timedelta())
    ann = await desk.agent("Ann")
    steps = ("until-told", "key:1", "pause:900", "key:1", "until-bye")
    async with (
        desk.phone(ann, "ann-desk"),
        phones.answering(exchange.network),
        phones.caller(exchange.engine.reach, DIRECT, *steps, caller="+15550050") as caller,
    ):
        await desk.at("waiting")
        offer = await desk.offer(ann)
        caller.tell()
        await desk.at("callback")
        await desk.desk.accept(ann, offer)
        await desk.at("over")
        call = await desk.at("calling", number=1)
        assert call.direction == "back"

        async def hung_up() -> bool:
            """Once it rings: the engine knows the call a little later than the database."""
            return await desk.voice.ari.hang_up(call.channel)

        await eventually_so(hung_up, 10, "it can be hung up")
        await desk.at("over", number=1)


async def test_it_is_tried_a_few_times(house: Desk) -> None:
    back = await asked(house)
    for number in range(1, call_backs.MOST + 1):
        call = await called(house, back)
        async with house.database.transaction() as session:
            await keeping.finish(session, await session.get_one(Call, call.id), "abandoned")
        over = number == call_backs.MOST
        assert await backs(house) == [("asked", "failed" if over else "waiting", number)]
        assert (await house.read(back.conversation_id)).channel == ("email" if over else "voice")
    assert await kinds(house, back) == [*[call_backs.AGAIN] * (call_backs.MOST - 1), call_backs.FAILED]
    assert await counted(house) == {"waiting": 0, "done": 0, "failed": 1, "cancelled": 0}


async def test_it_is_done_when_they_talk_and_counts_once(house: Desk) -> None:
    ann = await with_phone(house, "Ann")
    back = await asked(house)
    call = await called(house, back)
    async with house.database.transaction() as session:
        await keeping.finish(session, await session.get_one(Call, call.id), "abandoned")
    assert await counted(house) == {"waiting": 1, "done": 0, "failed": 0, "cancelled": 0}
    call = await called(house, back)
    async with house.database.transaction() as session:
        row = await session.get_one(Call, call.id)
        await keeping.answered(session, row, ann.id)
        await keeping.finish(session, row, "answered")
    assert await counted(house) == {"waiting": 0, "done": 1, "failed": 0, "cancelled": 0}


async def test_who_waits_once_more_may_ask_for_it_as_often_as_they_like(house: Desk) -> None:
    back = await asked(house)
    for _ in range(call_backs.MOST + 1):
        call = await called(house, back)
        async with house.database.transaction() as session:
            row = await session.get_one(Call, call.id)
            await keeping.ask_back(session, row, "asked")
            await keeping.finish(session, row, "callback")
        assert await backs(house) == [("asked", "waiting", 0)]


async def test_who_leaves_a_message_instead_is_called_by_whoever_hears_it(house: Desk) -> None:
    call = await called(house, await asked(house))
    async with house.database.transaction() as session:
        row = await session.get_one(Call, call.id)
        await keeping.ask_back(session, row, "message")
        await keeping.finish(session, row, "message")
    assert await backs(house) == [("asked", "cancelled", 1), ("message", "waiting", 0)]


@pytest.mark.parametrize(
    ("why", "left"),
    [
        ("asked", [("asked", "cancelled", 1), ("asked", "waiting", 0)]),
        ("message", [("asked", "waiting", 1), ("message", "cancelled", 0)]),
    ],
)
async def test_of_a_conversation_one_waits(house: Desk, why: str, left: list[tuple[str, str, int]]) -> None:
    """Another one was asked for while we made this."""
    back = await asked(house)
    call = await called(house, back)
    async with house.database.transaction() as session:
        session.add(CallBack(conversation_id=back.conversation_id, number="1", why=why))
        await session.flush()
        await keeping.finish(session, await session.get_one(Call, call.id), "abandoned")
    assert await backs(house) == left


async def test_what_an_agent_wanted_at_once_is_announced_when_it_waits_anew(house: Desk) -> None:
    back = await asked(house)
    call = await called(house, back)
    async with house.database.transaction() as session:
        (await session.get_one(CallBack, back.id)).why = "agent"
        await keeping.finish(session, await session.get_one(Call, call.id), "abandoned")
        again = await queries.call_back_of(session, back.conversation_id)
        assert again is not None
        assert (again.why, again.rings_at) == ("asked", None)
