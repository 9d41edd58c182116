"""The event that an answer waits unseen: once for an answer, to whoever is not in the chat, and no word of it."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from holdfast.channels.webhooks import unseen
from holdfast.channels.webhooks.events import UNSEEN
from holdfast.conversations import operations, presences
from holdfast.conversations.models import Conversation
from holdfast.core.clock import now
from holdfast.core.due import Due
from holdfast.people import presence
from tests.channels.webhooks.conftest import House


async def _answered(house: House, conversation_id: UUID, text: str) -> int:
    async with house.desk.database.transaction() as session:
        words = house.desk.answers(conversation_id, text, house.desk.ana)
        _, stored = await operations.post(session, house.desk.ana, conversation_id, words)
    return stored.seq


async def _due(house: House) -> list[Due]:
    async with house.desk.database.transaction() as session:
        return list(await session.scalars(select(Due).where(Due.kind == unseen.DUE)))


async def _begun(house: House) -> UUID:
    conversation_id = await house.desk.open("Where is my money?")
    await house.desk.assign(conversation_id, house.desk.ana)
    return conversation_id


async def test_an_answer_that_nobody_saw_is_told_once_without_its_words(house: House) -> None:
    await house.register(UNSEEN)
    async with house.worker():
        conversation_id = await _begun(house)
        seq = await _answered(house, conversation_id, "Your account is 12345.")
        while not (found := await _due(house)):
            await house.until(lambda _: True)
        assert found[0].at <= now() + unseen.SOON
        for _ in range(2):
            async with house.desk.database.transaction() as session:
                await unseen.told(session, conversation_id)
        (body,) = await house.heard(1)
        await house.settled(1)
    assert (body["type"], body["seq"], body["conversation"]["id"]) == (UNSEEN, seq, str(conversation_id))
    assert "message" not in body
    assert b"12345" not in house.receiver.heard[0].body


async def test_whoever_is_in_the_chat_or_has_read_it_is_not_pushed(house: House) -> None:
    await house.register(UNSEEN)
    conversation_id = await _begun(house)
    seq = await _answered(house, conversation_id, "Hello")
    async with house.desk.database.transaction() as session:
        process_id = await presence.register_process(session, "web")
        await presences.write(session, process_id, {conversation_id: True})
    async with house.desk.database.transaction() as session:
        await unseen.told(session, conversation_id)
    assert await house.deliveries() == []
    # They may leave without having looked.
    assert [row.at > now() + unseen.AGAIN - timedelta(seconds=5) for row in await _due(house)] == [True]
    async with house.desk.database.transaction() as session:
        await presences.write(session, process_id, {conversation_id: False})
    async with house.desk.database.transaction() as session:
        await unseen.told(session, conversation_id)
    assert [(d.event, d.seq) for d in await house.deliveries()] == [(UNSEEN, seq)]
    seq = await _answered(house, conversation_id, "And this?")
    async with house.desk.database.transaction() as session:
        (await session.get_one(Conversation, conversation_id)).customer_read = seq
    async with house.desk.database.transaction() as session:
        await unseen.told(session, conversation_id)
    assert len(await house.deliveries()) == 1


async def test_without_a_receiver_of_it_nothing_waits(house: House) -> None:
    await house.register("message.created")
    async with house.worker():
        conversation_id = await _begun(house)
        await _answered(house, conversation_id, "Hello")
        await house.settled(2)
    assert await _due(house) == []
