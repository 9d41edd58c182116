"""A page in the database: it climbs, is held until T, comes again, is resolved; and says who was told."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from holdfast.core.clock import now
from holdfast.core.due import Due
from holdfast.core.ids import new_reference
from holdfast.paging import links, pages
from holdfast.paging.ports import Message, Outcome
from holdfast.paging.schemas import PolicyStep
from holdfast.people.models import Agent, OutgoingMail
from tests.paging.support import House


async def two_steps(house: House) -> None:
    await house.policy(
        "emergency",
        PolicyStep(minutes=5, rotas=[await house.rota("First", house.ana, house.wei)]),
        PolicyStep(minutes=10, agents=[house.wei.id], leads=True),
    )


async def test_it_climbs_until_somebody_has_it(house: House) -> None:
    await two_steps(house)
    page_id = await house.raised()
    assert await house.work() == [("Ana", "mail")]
    assert await house.work() == []
    house.clock.turn(minutes=4, seconds=59)
    assert await house.work() == []
    house.clock.turn(seconds=1)
    assert sorted(await house.work()) == [("Karin", "mail"), ("Wei", "mail")]
    house.clock.turn(minutes=10)
    # It never gives up: from the beginning again.
    assert await house.work() == [("Ana", "mail")]
    page = await house.page(page_id)
    assert (page.round, page.step, page.state) == (1, 1, "open")
    async with house.database.transaction() as session:
        await pages.acknowledge(session, house.wei, page_id, 30, "console")
    house.clock.turn(minutes=29)
    assert await house.work() == []
    page = await house.page(page_id)
    assert (page.state, page.holder_id, page.until) == ("acknowledged", house.wei.id, now() + timedelta(minutes=1))
    assert await house.log(page_id) == ["raised", "told", "told", "told", "told", "acknowledged"]


async def test_without_progress_it_comes_again_and_climbs(house: House) -> None:
    await two_steps(house)
    page_id = await house.raised()
    await house.work()
    async with house.database.transaction() as session:
        await pages.acknowledge(session, house.ana, page_id, 20, "console")
    house.clock.turn(minutes=20)
    # The next step, and whoever had it.
    assert sorted(await house.work()) == [("Ana", "mail"), ("Karin", "mail"), ("Wei", "mail")]
    assert "reopened" in await house.log(page_id)
    async with house.database.transaction() as session:
        await pages.resolve(session, house.ana, page_id)
    house.clock.turn(days=2)
    assert await house.work() == []
    assert (await house.page(page_id)).state == "resolved"


async def test_an_acknowledgement_can_be_made_longer_by_somebody_else(house: House) -> None:
    await two_steps(house)
    page_id = await house.raised()
    await house.work()
    async with house.database.transaction() as session:
        await pages.acknowledge(session, house.ana, page_id, 20, "console")
    house.clock.turn(minutes=19)
    async with house.database.transaction() as session:
        await pages.acknowledge(session, house.wei, page_id, 60, "console")
    house.clock.turn(minutes=59)
    assert await house.work() == []
    assert (await house.page(page_id)).holder_id == house.wei.id


async def test_what_is_about_the_same_is_one_page(house: House) -> None:
    first = await house.raised("conversation:7")
    assert await house.raised("conversation:7") == first
    assert await house.raised("conversation:8") != first
    many = await asyncio.gather(*(house.raised("conversation:9") for _ in range(6)))
    assert len(set(many)) == 1
    async with house.database.transaction() as session:
        await pages.resolve_about(session, "conversation:7")
        await pages.resolve_about(session, "conversation:unknown")
    assert await house.raised("conversation:7") != first


async def test_without_a_policy_the_leads_are_told_and_without_leads_the_administrators(house: House) -> None:
    await house.raised(duty="health")
    assert await house.work() == [("Karin", "mail")]
    async with house.database.transaction() as session:
        await session.execute(update(Agent).where(Agent.id == house.karin.id).values(active=False))
    house.clock.turn(minutes=5)
    assert await house.work() == [("Lena", "mail")]


async def test_a_step_that_has_nobody_at_this_hour_is_not_silent(house: House) -> None:
    await two_steps(house)
    async with house.database.transaction() as session:
        await session.execute(update(Agent).where(Agent.id == house.ana.id).values(active=False))
    page_id = await house.raised()
    assert await house.work() == [("Karin", "mail")]
    assert "nobody" in await house.log(page_id)
    # The turn of whoever has left is not somebody else's.
    house.clock.turn(days=1)
    await house.raised("conversation:tomorrow")
    assert ("Wei", "mail") in await house.work()


async def test_each_way_has_its_turn_and_is_spared_when_somebody_has_it(house: House) -> None:
    await house.policy("emergency", PolicyStep(minutes=30, agents=[house.ana.id]))
    await house.contact(house.ana, "ntfy", "https://push.example.org/ana", after=2)
    await house.contact(house.ana, "sms", "+15550100001", after=4)
    await house.contact(house.ana, "call", "+15550100001", after=7)
    page_id = await house.raised()
    # The first way goes at once, also if it was meant to wait.
    assert await house.work() == [("Ana", "ntfy")]
    house.clock.turn(minutes=2)
    assert await house.work() == [("Ana", "sms")]
    async with house.database.transaction() as session:
        await pages.acknowledge(session, house.ana, page_id, 60, "console")
    house.clock.turn(minutes=10)
    assert await house.work() == []
    assert [row.state for row in await house.deliveries()] == ["sent", "sent", "spared"]


async def test_when_every_way_of_a_step_fails_the_next_need_not_wait(house: House) -> None:
    await house.policy(
        "emergency", PolicyStep(minutes=60, agents=[house.ana.id]), PolicyStep(minutes=60, agents=[house.wei.id])
    )
    await house.contact(house.ana, "ntfy", "https://push.example.org/ana")
    await house.contact(house.ana, "sms", "+15550100001")

    async def refused(message: Message) -> Outcome:
        return Outcome(message.kind == "mail", "404", final=True)

    house.sender.answer = refused
    page_id = await house.raised()
    assert sorted(await house.work()) == [("Ana", "ntfy"), ("Ana", "sms")]
    house.clock.turn(minutes=1)
    assert await house.work() == [("Wei", "mail")]
    assert (await house.log(page_id)).count("unreachable") == 1


async def test_a_page_says_a_kind_and_a_reference_in_the_readers_language(house: House) -> None:
    reference = new_reference()
    async with house.database.transaction() as session:
        await pages.raise_page(session, "promise_breached", "technical", "conversation:1", reference=reference)
    await house.policy("emergency", PolicyStep(minutes=5, agents=[house.wei.id]))
    await house.raised("conversation:2")
    await house.work()
    to_karin, to_wei = sorted(house.sender.messages, key=lambda message: message.subject.startswith("A promise"))[::-1]
    assert to_karin.subject == f"A promise to a customer was broken · {reference}"
    assert to_wei.subject == "Ein Notfall hat niemanden, der antwortet"
    assert (to_karin.link or "").startswith("http://localhost:8420/page/")
    with pytest.raises(ValueError, match="nothing else"):
        async with house.database.transaction() as session:
            await pages.raise_page(session, "promise_breached", "technical", "c:3", reference="Lin Haoran, HF-1")


async def test_a_link_is_for_one_delivery_and_ends(house: House) -> None:
    await house.raised()
    await house.work()
    (delivery,) = await house.deliveries()
    made = links.token(delivery.id, now())
    assert links.delivery_of(made, now()) == delivery.id
    assert links.delivery_of(made, now() + timedelta(days=7, seconds=1)) is None
    identity, until, signature = made.split(".")
    later = f"{int(until, 16) + 60:x}"
    for wrong in (f"{identity}.{later}.{signature}", f"{identity}.{until}.{signature[::-1]}", f"{made}.x", "", "a.b.c"):
        assert links.delivery_of(wrong, now()) is None


async def test_everything_is_rolled_back_with_what_wanted_it(house: House) -> None:
    with pytest.raises(RuntimeError):
        async with house.database.transaction() as session:
            await pages.raise_page(session, "health_alarm", "health", "disk")
            raise RuntimeError
    assert await house.work() == []
    async with house.database.transaction() as session:
        assert (await session.scalar(text("SELECT count(*) FROM due"))) == 0


async def test_the_weekly_test_comes_until_it_is_answered_or_a_day_is_over(house: House) -> None:
    ntfy = await house.contact(house.ana, "ntfy", "https://push.example.org/ana")
    await house.contact(house.ana, "sms", "+15550100001", after=10)
    async with house.database.transaction() as session:
        await pages.weekly_test(session, house.ana.id)
    # By every way at once: it asks whether each works.
    assert sorted(await house.work()) == [("Ana", "ntfy"), ("Ana", "sms")]
    async with house.database.transaction() as session:
        rows = await house.deliveries()
        by_ntfy = next(row for row in rows if row.method_id == ntfy)
        test_page = by_ntfy.page_id
        assert test_page is not None
        await pages.acknowledge(session, house.ana, test_page, 30, "console")
    assert (await house.page(test_page)).state == "resolved"
    house.clock.turn(days=7)
    assert sorted(await house.work()) == [("Ana", "ntfy"), ("Ana", "sms")]
    house.clock.turn(hours=24)
    assert await house.work() == []
    unanswered = next(row.page_id for row in await house.deliveries() if row.page_id != test_page)
    assert unanswered is not None
    assert (await house.log(unanswered))[-1] == "unanswered"
    async with house.database.transaction() as session:
        mails = {mail.to: mail.subject for mail in await session.scalars(select(OutgoingMail))}
    assert mails == dict.fromkeys(("ana@example.com", "karin@example.com"), "A test page to Ana was not answered")
    house.clock.turn(days=6)
    assert len(await house.work()) == 2


async def _active(house: House, active: bool) -> None:
    async with house.database.transaction() as session:
        await session.execute(update(Agent).where(Agent.id == house.ana.id).values(active=active))


async def test_tests_go_on_after_a_time_away_and_after_one_without_a_way(house: House) -> None:
    async with house.database.transaction() as session:
        await pages.weekly_test(session, house.ana.id)
    assert await house.work() == []
    await house.contact(house.ana, "ntfy", "https://push.example.org/ana")
    house.clock.turn(days=7)
    assert await house.work() == [("Ana", "ntfy")]
    await _active(house, False)
    for _ in range(2):
        house.clock.turn(days=7)
        assert await house.work() == []
    await _active(house, True)
    for _ in range(2):
        house.clock.turn(days=7)
        assert await house.work() == [("Ana", "ntfy")]


async def test_whoever_lost_their_tests_gets_them_again(house: House) -> None:
    await house.contact(house.ana, "ntfy", "https://push.example.org/ana")
    await house.contact(house.ana, "sms", "+15550100001")
    await house.contact(house.wei, "ntfy", "https://push.example.org/wei")
    await _active(house, False)
    at = now() + timedelta(days=7)
    for _ in range(2):
        async with house.database.transaction() as session:
            await pages.keep_testing(session)
            assert (await session.execute(select(Due.ref, Due.at))).all() == [(house.wei.id, at)]
    await _active(house, True)
    async with house.database.transaction() as session:
        await pages.keep_testing(session)
        assert set((await session.execute(select(Due.ref, Due.at))).all()) == {(house.wei.id, at), (house.ana.id, at)}
