"""Two calls of one customer at a time: a number can be faked, so that what one proves must not count for the other."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from holdfast.channels.voice import in_app, keeping, keypad
from holdfast.channels.voice.conducting import Conductor
from holdfast.channels.voice.models import Call
from holdfast.conversations.models import Conversation, Message
from holdfast.core.clock import now
from holdfast.people import customers
from holdfast.verification.catalogue import ON_THE_PHONE
from holdfast.verification.models import Verification
from tests.channels.voice.test_keeping import NUMBER, arrive, entered, taken_and_answered, with_phone
from tests.channels.voice.test_keypad import ASKS, has_menu, outcomes
from tests.routing.support import Desk
from tests.support import phones
from tests.support.app_caller import App
from tests.support.hotline import DIRECT, HOTLINE, Hotline
from tests.support.phones import Exchange

pytestmark = pytest.mark.engine


async def over(desk: Desk, call: Call) -> None:
    async with desk.database.transaction() as session:
        await keeping.finish(session, await session.get_one(Call, call.id), "abandoned")


async def from_app(desk: Desk, conversation_id: UUID) -> Call:
    async with desk.database.transaction() as session:
        return await in_app.arrive(session, uuid4().hex, "holdfast", conversation_id)


async def customer_of(desk: Desk, call: Call) -> UUID:
    return (await desk.read(call.conversation_id or uuid4())).customer_id


async def test_of_those_who_wait_each_has_a_conversation(house: Desk) -> None:
    first = await entered(house)
    second = await entered(house)
    assert second.conversation_id != first.conversation_id
    assert await customer_of(house, second) == await customer_of(house, first)
    for call in (first, second):
        await over(house, call)
    assert (await entered(house)).conversation_id in {first.conversation_id, second.conversation_id}


async def test_of_those_who_come_at_once_one_has_what_is_open(house: Desk) -> None:
    open_one = await entered(house)
    await over(house, open_one)
    found = [call.conversation_id for call in await asyncio.gather(*(entered(house) for _ in range(5)))]
    assert open_one.conversation_id in found
    assert len(set(found)) == 5


async def test_whoever_typed_the_code_in_the_menu_has_the_conversation_before_they_come_into_it(house: Desk) -> None:
    before = await entered(house)
    await over(house, before)
    mine, _ = await arrive(house, "")
    async with house.database.transaction() as session:
        keeping.keep_place(await session.get_one(Call, mine), joined=str(before.conversation_id))
    other = await entered(house)
    assert other.conversation_id != before.conversation_id, "it has a proof that is not theirs"
    async with house.database.transaction() as session:
        call = await session.get_one(Call, mine)
        await keeping.enter(session, call)
        assert call.conversation_id == before.conversation_id


async def test_a_proof_ends_with_the_call_that_left_in_the_menu(house: Desk) -> None:
    before = await entered(house)
    await over(house, before)
    assert before.conversation_id is not None
    mine, _ = await arrive(house, "")
    async with house.database.transaction() as session:
        call = await session.get_one(Call, mine)
        keeping.keep_place(call, joined=str(before.conversation_id))
        proof = Verification(
            conversation_id=before.conversation_id,
            purpose=ON_THE_PHONE.key,
            level=2,
            state="proven",
            valid_until=now() + timedelta(hours=1),
        )
        session.add(proof)
        await session.flush()
        await keeping.finish(session, call, "abandoned")
    async with house.database.transaction() as session:
        ends = (await session.get_one(Verification, proof.id)).valid_until
        assert ends is not None
        assert ends <= now()


async def test_a_call_from_the_app_does_not_come_into_another_ones(house: Desk) -> None:
    """Whoever loses the connection and calls anew from the app comes back into what they had."""
    other = await entered(house)
    assert other.conversation_id is not None
    mine = await from_app(house, other.conversation_id)
    assert mine.conversation_id != other.conversation_id
    assert await customer_of(house, mine) == await customer_of(house, other)
    assert (await house.read(mine.conversation_id or uuid4())).inbox_id == house.inbox.id
    for call in (mine, other):
        await over(house, call)
    first, again = [await from_app(house, other.conversation_id) for _ in range(2)]
    assert first.conversation_id == again.conversation_id == other.conversation_id
    assert (await entered(house)).conversation_id != other.conversation_id, "who calls by number beside it"


async def has_number(app: App) -> None:
    """The app's customer is known by ``NUMBER``."""
    async with app.desk.desk.database.transaction() as session:
        contacts = {"phone": NUMBER}
        subject = f"wallet:{app.subject}"
        await customers.find_or_create(
            session, subject=subject, name=None, language="en", contacts=contacts, proven=True
        )


async def test_a_code_proves_nothing_for_somebody_else_on_the_phone(
    desk: Hotline, exchange: Exchange, app: App
) -> None:
    """A thief with the customer's number waits in their conversation; the customer calls too, and types the code."""
    await app.opens()
    code = await app.code()
    await has_menu(desk, ASKS)
    await has_number(app)
    steps = ("pause:700", "type:5", "pause:1500", f"type:{code}#", "until-bye")
    async with phones.caller(exchange.engine.reach, DIRECT, "until-bye", caller=NUMBER):
        thief = await desk.at("waiting")
        assert thief.conversation_id == app.conversation
        async with phones.caller(exchange.engine.reach, HOTLINE, *steps, caller="+15550108"):
            call = await desk.at("waiting", 40, number=1)
            assert await outcomes(desk) == ["beside"]
            assert call.conversation_id != app.conversation
            assert await customer_of(desk.desk, call) == await customer_of(desk.desk, thief)
            async with desk.desk.database.transaction() as session:
                proven = select(Verification.id).where(Verification.purpose == ON_THE_PHONE.key)
                assert (await session.scalars(proven)).all() == []
            for each in (thief, call):
                await desk.voice.ari.hang_up(each.channel)
            await desk.at("over", number=1)


async def conducted(desk: Hotline, number: str) -> Call:
    """Entered, and in somebody's hands: the switchboard would end a call that nobody conducts."""
    call = await entered(desk.desk, number)
    return Conductor(desk.voice, call).call


async def test_in_a_talk_a_call_stays_where_it_is_while_somebody_else_is_there(desk: Hotline, app: App) -> None:
    """The customer calls with another number, somebody else with theirs. Later the code leads there."""
    await app.opens()
    await has_number(app)
    ann = await desk.agent("Ann")
    other = await conducted(desk, NUMBER)
    assert other.conversation_id == app.conversation
    mine = await conducted(desk, "+15550109")
    conductor = desk.voice.by_call[mine.id]
    async with conductor.change() as (session, call):
        await keeping.answered(session, call, ann.id)
    assert await keypad.compared(conductor, await app.code()) == "code-found"
    assert conductor.call.conversation_id == mine.conversation_id

    await over(desk.desk, other)
    async with desk.desk.database.transaction() as session:
        (await session.get_one(Conversation, app.conversation)).emergency = True
    assert await keypad.compared(conductor, await app.code()) == "code-found"
    assert conductor.call.conversation_id == mine.conversation_id, "she is not certified for it"
    again = await conducted(desk, NUMBER)
    assert again.conversation_id == app.conversation, "it is not kept for who stays away"

    await over(desk.desk, again)
    async with desk.desk.database.transaction() as session:
        (await session.get_one(Conversation, app.conversation)).emergency = False
    assert await keypad.compared(conductor, await app.code()) == "code-right"
    assert conductor.call.conversation_id == app.conversation
    assert await outcomes(desk) == ["beside", "elsewhere", "right"]
    await over(desk.desk, conductor.call)


async def test_who_calls_from_the_number_of_a_talk_is_for_the_same_agent_first(house: Desk) -> None:
    """Perhaps their line broke; perhaps somebody else has that number, so that nothing else follows from it."""
    ann = await with_phone(house, "Ann")
    first = await entered(house)
    await taken_and_answered(house, first, ann)
    second = await entered(house)
    there, here = [await house.read(call.conversation_id or uuid4()) for call in (first, second)]
    assert there.id != here.id
    assert (there.assignee_id, here.assignee_id, here.preferred_agent_id) == (ann.id, None, ann.id)
    for conversation, other in ((there, here), (here, there)):
        async with house.database.transaction() as session:
            events = await session.scalars(select(Message.event).where(Message.conversation_id == conversation.id))
            named = [event["reference"] for event in events if event and event["type"] == "call_same_number"]
        assert named == [other.reference]
