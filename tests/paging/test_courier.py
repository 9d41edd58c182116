"""The courier: one at a time sends, a dead one's is sent again, and what came of it stands in the log."""

import asyncio

from sqlalchemy import delete, text, update

from holdfast.core.due import Claimer
from holdfast.paging import contacts, courier, pages
from holdfast.paging.models import ContactMethod, PageDelivery
from holdfast.paging.ports import Message, Outcome
from holdfast.paging.schemas import PolicyStep
from tests.paging.support import HANDLERS, House


async def test_a_courier_that_dies_between_claim_and_sending_lets_it_be_sent_again(house: House) -> None:
    page_id = await house.raised(duty="health")
    await Claimer(house.database, HANDLERS)._look()
    ((delivery_id, message),) = await house.courier._claim()
    assert isinstance(message, Message)
    # It is killed here. Another one does not take what somebody may just be sending …
    assert await house.courier._claim() == []
    house.clock.turn(seconds=29)
    assert await house.work() == []
    # … but half a minute later it does, under the same id.
    house.clock.turn(seconds=1)
    assert await house.work() == [("Karin", "mail")]
    assert [sent.id for sent in house.sender.messages] == [delivery_id]
    assert await house.log(page_id) == ["raised", "told"]


async def test_two_couriers_send_each_once(house: House) -> None:
    for number in range(20):
        await house.raised(f"conversation:{number}", "health")
    await Claimer(house.database, HANDLERS)._look()
    await asyncio.gather(*(house.carry() for _ in range(4)))
    assert len(house.sender.messages) == len({message.id for message in house.sender.messages}) == 20
    assert {row.state for row in await house.deliveries()} == {"sent"}


async def test_what_fails_is_tried_again_with_longer_pauses_and_then_given_up(house: House) -> None:
    async def failing(_: Message) -> Outcome:
        return Outcome(False, "connect")

    house.sender.answer = failing
    await house.raised(duty="health")
    await house.work()
    waited = 0.0
    for attempt in range(1, courier.ATTEMPTS):
        pause = courier.PAUSES.after(attempt).total_seconds()
        async with house.database.transaction() as session:
            row = await session.get(PageDelivery, house.sender.messages[0].id)
            assert row is not None
            assert (row.state, row.attempts, row.reason) == ("waiting", attempt, "connect")
            # The next steps are not what is tried here.
            await session.execute(update(PageDelivery).where(PageDelivery.id != row.id).values(state="spared"))
        house.clock.turn(seconds=pause)
        waited += pause
        await house.carry()
    async with house.database.transaction() as session:
        row = await session.get(PageDelivery, house.sender.messages[0].id)
    assert row is not None
    assert (row.state, row.attempts) == ("failed", courier.ATTEMPTS)
    assert waited == 5 + 10 + 20 + 40 + 80 + 160 + 300


async def test_a_sender_that_breaks_or_hangs_holds_up_no_other(house: House) -> None:
    async def broken(message: Message) -> Outcome:
        if message.address == "karin@example.com":
            raise RuntimeError("a fault of ours")
        return Outcome(True)

    house.sender.answer = broken
    await house.raised(duty="health")
    await house.work()
    (row,) = await house.deliveries()
    assert (row.state, row.reason) == ("waiting", "fault")


async def test_a_provider_that_hangs_holds_up_no_other(house: House) -> None:
    """A new page goes out while twenty old ones hang: all places but the hung ones' are free."""
    hung, go_on = asyncio.Semaphore(0), asyncio.Event()

    async def hanging(message: Message) -> Outcome:
        if message.address != "lena@example.com":
            hung.release()
            await go_on.wait()
        return Outcome(True)

    house.sender.answer = hanging
    for number in range(20):
        await house.raised(f"conversation:{number}", "health")
    await Claimer(house.database, HANDLERS)._look()
    courier = house.courier
    await courier._look()
    for _ in range(20):
        await hung.acquire()
    await house.policy("technical", PolicyStep(minutes=5, agents=[house.lena.id]))
    await house.raised("conversation:new", "technical")
    await Claimer(house.database, HANDLERS)._look()
    await courier._look()
    while house.sender.messages[-1].address != "lena@example.com":
        await asyncio.sleep(0)
    go_on.set()
    await courier.idle()
    assert {row.state for row in await house.deliveries()} == {"sent"}


async def test_a_way_that_is_removed_meanwhile_is_not_exchanged_for_another_address(house: House) -> None:
    """A text goes to a number or to nobody: never to the account's address, by the provider of texts."""
    method = await house.contact(house.karin, "sms", "+15550100001")
    await house.raised(duty="health")
    await Claimer(house.database, HANDLERS)._look()
    async with house.database.transaction() as session:
        await session.execute(delete(ContactMethod).where(ContactMethod.id == method))
    await house.carry()
    assert house.sender.messages == []
    (row,) = await house.deliveries()
    assert (row.state, row.reason, row.method_id) == ("failed", "gone", None)


async def test_a_value_that_cannot_be_opened_holds_up_no_other_page(house: House) -> None:
    broken = await house.contact(house.karin, "ntfy", "https://push.example.org/karin")
    await house.contact(house.karin, "sms", "+15550100001")
    async with house.database.transaction() as session:
        await session.execute(
            text("UPDATE contact_method SET address = :sealed WHERE id = :id"), {"sealed": b"\x01" * 40, "id": broken}
        )
    await house.raised(duty="health")
    await Claimer(house.database, HANDLERS)._look()
    await house.carry()
    assert [message.kind for message in house.sender.messages] == ["sms"]
    states = {row.kind: (row.state, row.reason) for row in await house.deliveries()}
    assert states == {"ntfy": ("waiting", "fault"), "sms": ("sent", None)}


async def test_a_method_that_fails_is_marked_until_something_arrives(house: House) -> None:
    method = await house.contact(house.karin, "ntfy", "https://push.example.org/karin")

    async def failing(_: Message) -> Outcome:
        return Outcome(False, "503")

    house.sender.answer = failing
    await house.raised(duty="health")
    await house.work()

    async def kept() -> ContactMethod:
        async with house.database.transaction() as session:
            found = await session.get(ContactMethod, method)
        assert found is not None
        return found

    assert (await kept()).failing_since == house.clock.moment
    assert contacts.reach([await kept()]) == "none"
    house.sender.answer = None
    house.clock.turn(seconds=5)
    await house.work()
    assert (await kept()).failing_since is None
    assert contacts.reach([await kept()]) == "single"


async def test_an_acknowledgement_while_it_is_sent_blocks_nothing(house: House) -> None:
    """The courier settles a delivery, the acknowledgement spares it: neither waits for the other in a circle."""
    for number in range(12):
        await house.raised(f"conversation:{number}", "health")
    await Claimer(house.database, HANDLERS)._look()
    ids = {row.page_id for row in await house.deliveries() if row.page_id is not None}

    async def failing(_: Message) -> Outcome:
        await asyncio.sleep(0)
        return Outcome(False, "404", final=True)

    house.sender.answer = failing

    async def acknowledge_all() -> None:
        for page_id in ids:
            async with house.database.transaction() as session:
                await pages.acknowledge(session, house.ana, page_id, 30, "console")

    await asyncio.gather(house.carry(), acknowledge_all())
    for page_id in ids:
        assert (await house.page(page_id)).state == "acknowledged"
