"""Customers of a case are told: in their language, once, also when a worker dies, and through the outgoing filter."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.conversations import operations, outgoing
from holdfast.conversations.announcing import announce
from holdfast.conversations.errors import LinkRefused, SecretRequested
from holdfast.conversations.models import Conversation
from holdfast.core.database import Database
from holdfast.technical import announcing, cases, presenting, queries, sending
from holdfast.technical.errors import (
    AnnouncementReleased,
    CaseStateWrong,
    LanguagesMissing,
    LanguageUnknown,
    NotTechnical,
)
from holdfast.technical.sending import Announcer
from tests.redaction.ways import KEY
from tests.technical.support import AnyLink, House


async def test_each_is_told_once_in_their_language_or_in_english(house: House) -> None:
    case, (english, german, thai) = await house.case_of("en", "de", "th")
    async with house.database.transaction() as session:
        assert await queries.linked_languages(session, case) == {"de": 1, "en": 1, "th": 1}
    told = await house.tell(case, "update", en="We work on it.", de="Wir arbeiten daran.")
    await house.send()
    await house.send()
    assert [await house.told(one) for one in (english, german, thai)] == [
        ["We work on it."],
        ["Wir arbeiten daran."],
        ["We work on it."],
    ]
    deliveries = await house.deliveries(told)
    assert [(deliveries[one].state, deliveries[one].language) for one in (english, german, thai)] == [
        ("sent", "en"),
        ("sent", "de"),
        ("sent", "en"),
    ]
    assert (await house.announcement(told)).state == "sent"


async def test_solved_is_told_also_where_the_matter_is_settled_and_then_the_case_is_told(house: House) -> None:
    case, (waiting, settled) = await house.case_of("en", "zh-Hans")
    async with house.database.transaction() as session:
        await operations.resolve(session, house.gus, settled)
    with pytest.raises(CaseStateWrong):
        await house.tell(case, "solved", en="Too early.")
    await house.act(cases.solve, case)
    await house.tell(case, "solved", en="It is solved.", zh_Hans="问题已解决。")
    await house.send()
    assert [await house.told(one) for one in (waiting, settled)] == [["It is solved."], ["问题已解决。"]]
    # Nobody has to take it up again for that.
    row = await house.row(settled)
    assert (row.category, row.episode) == ("resolved", 1)
    assert (await house.case(case)).state == "told"
    assert (await house.log(case))[-2:] == ["released_solved", "sent_solved"]


async def test_only_the_team_writes_and_anybody_who_answers_releases_once(house: House) -> None:
    case, _ = await house.case_of("en")
    with pytest.raises(NotTechnical):
        await house.act(announcing.write, case, "update", {"en": "No."}, by=house.gus)
    row = await house.act(announcing.write, case, "update", {"en": "Soon.", "de": "  "})
    assert row.texts == {"en": "Soon."}
    await house.send()
    assert (await house.announcement(row.id)).state == "draft"
    await house.act(announcing.release, row.id, by=house.gus)
    with pytest.raises(AnnouncementReleased):
        await house.act(announcing.release, row.id, by=house.gus)
    with pytest.raises(AnnouncementReleased):
        await house.act(announcing.discard, row.id)
    other = await house.act(announcing.write, case, "update", {"en": "Never sent."})
    await house.act(announcing.discard, other.id)
    await house.send()
    async with house.database.transaction() as session:
        shown = await presenting.case(session, house.gus, case)
    assert [(one.state, one.sent, one.waiting, one.released_by) for one in shown.announcements] == [
        ("sent", 1, 0, "Gus")
    ]


async def test_english_may_be_missing_only_if_nobody_needs_it(house: House) -> None:
    case, _ = await house.case_of("de")
    await house.tell(case, "update", de="Wir arbeiten daran.")
    row = await house.act(announcing.write, case, "update", {"fr": "Nous y travaillons."})
    with pytest.raises(LanguagesMissing):
        await house.act(announcing.release, row.id)
    with pytest.raises(LanguagesMissing):
        await house.act(announcing.write, case, "update", {"en": " "})
    with pytest.raises(LanguageUnknown):
        await house.act(announcing.write, case, "update", {"xx": "Hello."})


async def test_what_may_not_go_out_is_stopped_when_it_is_written_released_and_sent(house: House) -> None:
    case, (conversation_id,) = await house.case_of("en")
    with pytest.raises(SecretRequested):
        await house.act(announcing.write, case, "update", {"en": "Please send us your recovery phrase."})
    row = await house.act(announcing.write, case, "update", {"en": "See https://status.example/now for more."})
    outgoing.plug(outgoing.NoLinks())
    with pytest.raises(LinkRefused):
        await house.act(announcing.release, row.id)
    outgoing.plug(AnyLink())
    await house.act(announcing.release, row.id)
    # Taken out of the register between the release and the sending.
    outgoing.plug(outgoing.NoLinks())
    await house.send()
    assert await house.told(conversation_id) == []
    refused = (await house.deliveries(row.id))[conversation_id]
    assert (refused.state, refused.reason) == ("refused", "link_refused")
    assert (await house.announcement(row.id)).state == "sent"


async def test_a_customer_whose_language_has_changed_is_not_told_in_another_one(house: House) -> None:
    case, (conversation_id,) = await house.case_of("de")
    announcement = await house.tell(case, "update", de="Wir arbeiten daran.")
    async with house.database.transaction() as session:
        (await session.get_one(Conversation, conversation_id)).language = "fr"
    await house.send()
    assert await house.told(conversation_id) == []
    refused = (await house.deliveries(announcement))[conversation_id]
    assert (refused.state, refused.reason) == ("refused", LanguagesMissing.id)


async def test_a_secret_in_it_is_hidden(house: House) -> None:
    case, (conversation_id,) = await house.case_of("en")
    await house.tell(case, "update", en=f"A key like {KEY} is not lost.")
    await house.send()
    (told,) = await house.told(conversation_id)
    assert KEY not in told


async def test_two_workers_send_each_once(house: House) -> None:
    case, linked = await house.case_of(*["en"] * 6)
    await house.tell(case, "update", en="We work on it.")
    other = Database(house.dsn)
    try:
        await asyncio.gather(*(Announcer(one)._look() for one in (house.database, other, house.database)))
    finally:
        await other.close()
    assert [await house.told(one) for one in linked] == [["We work on it."]] * 6


async def test_a_worker_that_dies_between_two_is_followed_by_one_that_goes_on(house: House) -> None:
    case, linked = await house.case_of("en", "en", "en")
    told = await house.tell(case, "update", en="We work on it.")
    dying = Announcer(house.database)
    assert await dying.send_next()

    class Killed(BaseException):
        """As kill -9: nothing after it runs, and PostgreSQL rolls back."""

    async def die() -> None:
        async with house.database.transaction() as session:
            delivery = await queries.delivery_to_send(session)
            assert delivery is not None
            await sending._send(session, delivery)
            await session.flush()
            raise Killed

    with pytest.raises(Killed):
        await die()
    assert sorted(row.state for row in (await house.deliveries(told)).values()) == ["sent", "waiting", "waiting"]
    await house.send()
    assert [await house.told(one) for one in linked] == [["We work on it."]] * 3


async def test_the_last_one_sent_by_a_dead_worker_ends_the_announcement_all_the_same(house: House) -> None:
    case, _ = await house.case_of("en")
    await house.act(cases.solve, case)
    told = await house.tell(case, "solved", en="It is solved.")
    # It dies before it has said that this was the last.
    assert await Announcer(house.database).send_next()
    assert (await house.announcement(told)).state == "sending"
    await house.send()
    assert ((await house.announcement(told)).state, (await house.case(case)).state) == ("sent", "told")


async def test_a_fault_in_one_holds_up_no_other_and_is_tried_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, (first, second) = await house.case_of("en", "en")
    told = await house.tell(case, "update", en="We work on it.")

    async def failing(session: AsyncSession, conversation_id: UUID, *given: Any, **more: Any) -> Any:
        if conversation_id == first:
            raise RuntimeError("a fault")
        return await announce(session, conversation_id, *given, **more)

    monkeypatch.setattr(sending, "announce", failing)
    await house.send()
    assert [await house.told(one) for one in (first, second)] == [[], ["We work on it."]]
    monkeypatch.undo()
    house.clock.turn(seconds=31)
    await house.send()
    assert [await house.told(one) for one in (first, second)] == [["We work on it."], ["We work on it."]]
    assert (await house.announcement(told)).state == "sent"
