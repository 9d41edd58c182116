"""The hand-over, the case's own workflow, and the update promise from the hand-over to the solution."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from holdfast.channels.chat import states
from holdfast.conversations import operations, presenting, timeline
from holdfast.conversations.errors import AlreadyResolved, ConversationNotFound, EmptyMessage, NotAssignedToYou
from holdfast.conversations.models import Conversation, Exposure
from holdfast.core.clock import now
from holdfast.core.notify import LIVE, Listener
from holdfast.promises.model import Kind
from holdfast.technical import cases, queries
from holdfast.technical.errors import AlreadyHandedOver, CaseStateWrong, NotTechnical, TitleMissing
from tests.redaction.ways import KEY, PHRASE
from tests.support.waiting import eventually
from tests.technical.support import ASKED, TITLE, TRIED, House

DAY = timedelta(days=1)


async def test_a_handover_makes_a_case_and_a_line_that_its_customer_does_not_see(house: House) -> None:
    conversation_id = await house.conversation()
    case = await house.case(await house.hand_over(conversation_id))
    assert (case.title, case.state, case.owner_id, case.opened_by_id) == (TITLE, "open", None, house.gus.id)
    assert case.reference.startswith("TC-")
    async with house.database.transaction() as session:
        entries = await presenting.entries(
            session, conversation_id, await timeline.entries_after(session, conversation_id, 0)
        )
        words = (await session.execute(text("SELECT tried, asked FROM technical_link"))).one()
    line = entries[-1]
    assert line.ev == {"type": "handed_over", "case": case.reference, "case_id": str(case.id)}
    assert line.by is not None
    assert line.by.id == house.gus.id
    assert presenting.for_customer(line) is None
    # Sealed in the database, as every other text of a case.
    assert not any(TRIED.encode() in bytes(value) or ASKED.encode() in bytes(value) for value in words)
    assert (await house.row(conversation_id)).assignee_id == house.gus.id


async def test_what_was_tried_and_what_is_asked_are_required_and_redacted(house: House) -> None:
    conversation_id = await house.conversation()
    empty: tuple[dict[str, Any], ...] = ({"tried": "  "}, {"asked": "\n"})
    for bad in empty:
        with pytest.raises(EmptyMessage):
            await house.hand_over(conversation_id, **bad)
    with pytest.raises(TitleMissing):
        await house.hand_over(conversation_id, title=" ")
    await house.hand_over(conversation_id, tried=f"They sent {PHRASE}", asked=f"Is {KEY} theirs?", title=f"{KEY} leaks")
    async with house.database.transaction() as session:
        (found,) = await queries.handovers(session, conversation_id)
        exposed = list(await session.scalars(select(Exposure.kind).order_by(Exposure.id)))
    link, case, _ = found
    for words in (link.tried, link.asked, case.title):
        assert "gorilla" not in words
        assert KEY not in words
    assert "recovery_phrase" in exposed


async def test_only_whoever_has_it_hands_it_over_and_only_while_it_is_open(house: House) -> None:
    conversation_id = await house.conversation()
    for somebody, error in ((conversation_id, ConversationNotFound), (await house.open(), NotAssignedToYou)):
        with pytest.raises(error):
            await house.act(cases.hand_over, somebody, tried=TRIED, asked=ASKED, title=TITLE)
    await house.act(cases.hand_over, conversation_id, tried=TRIED, asked=ASKED, title=TITLE, by=house.karin)
    async with house.database.transaction() as session:
        await operations.resolve(session, house.gus, conversation_id)
    with pytest.raises(AlreadyResolved):
        await house.hand_over(conversation_id)


async def test_a_second_conversation_joins_the_case_once(house: House) -> None:
    first, second = await house.conversation(), await house.conversation("de")
    case = await house.hand_over(first)
    assert await house.hand_over(second, case) == case
    with pytest.raises(AlreadyHandedOver):
        await house.hand_over(second, case)
    await house.act(cases.solve, case)
    third = await house.conversation()
    with pytest.raises(CaseStateWrong):
        await house.hand_over(third, case)
    assert await house.log(case) == ["opened", "linked", "linked", "solved"]


async def test_a_case_goes_its_way_and_back_and_only_the_team_moves_it(house: House) -> None:
    case = await house.hand_over(await house.conversation())
    for verb in (cases.take, cases.solve, cases.close, cases.reopen):
        with pytest.raises(NotTechnical):
            await house.act(verb, case, by=house.gus)
    with pytest.raises(NotTechnical):
        await house.act(cases.describe, case, "A title", "", by=house.lena)
    await house.act(cases.take, case)
    assert (await house.case(case)).owner_id == house.tess.id
    with pytest.raises(CaseStateWrong):
        await house.act(cases.close, case)
    await house.act(cases.solve, case)
    with pytest.raises(CaseStateWrong):
        await house.act(cases.solve, case)
    await house.act(cases.close, case, by=house.karin)
    assert (await house.case(case)).state == "closed"
    await house.act(cases.reopen, case, by=house.karin)
    assert ((await house.case(case)).state, (await house.case(case)).owner_id) == ("working", house.tess.id)


# --- the update promise, end to end on the database ---


async def test_the_update_promise_begins_with_the_handover_and_each_update_renews_it(house: House) -> None:
    case, (conversation_id,) = await house.case_of("en")
    begun = now()
    await house.follow(conversation_id)
    [promised] = await house.promises(conversation_id, Kind.UPDATE)
    assert (promised.state, promised.due_at) == ("running", begun + DAY)
    # Nothing else begins: the conversation was passed on to nobody.
    assert await house.promises(conversation_id, Kind.INTERNAL) == []

    house.clock.turn(hours=20)
    await house.tell(case, "update", en="We have found the cause and work on it.")
    await house.send()
    await house.follow(conversation_id)
    kept, renewed = await house.promises(conversation_id, Kind.UPDATE)
    assert (kept.state, kept.stopped_at) == ("kept", now())
    assert (renewed.state, renewed.due_at) == ("running", now() + DAY)

    # An ordinary public answer renews it, too.
    house.clock.turn(hours=2)
    await house.says(conversation_id, house.gus, "Tomorrow there is a new version.")
    await house.follow(conversation_id)
    assert [p.state for p in await house.promises(conversation_id, Kind.UPDATE)] == ["kept", "kept", "running"]


async def test_without_an_update_the_promise_breaks_after_a_day(house: House) -> None:
    _, (conversation_id,) = await house.case_of("en")
    await house.says(conversation_id, house.gus, "The technical team has it.")
    await house.follow(conversation_id)
    house.clock.turn(hours=24, seconds=1)
    await house.turn_all()
    broken = (await house.promises(conversation_id, Kind.UPDATE))[-1]
    assert broken.state == "broken"
    assert {"type": "promise_broken", "promise": "update", "due": broken.due_at.isoformat()} in (  # type: ignore[union-attr]
        await house.lines(conversation_id)
    )


async def test_a_handover_pauses_no_clock_of_the_customers_and_an_update_answers_no_question(house: House) -> None:
    case, (conversation_id,) = await house.case_of("en")
    await house.follow(conversation_id)
    (first,) = await house.promises(conversation_id, Kind.FIRST)
    assert (first.state, first.due_at) == ("running", first.started_at + timedelta(minutes=15))
    await house.tell(case, "update", en="We work on it.")
    await house.send()
    await house.follow(conversation_id)
    assert [p.state for p in await house.promises(conversation_id, Kind.FIRST)] == ["running"]
    row = await house.row(conversation_id)
    assert row.waiting_since is not None
    assert (row.preview, row.last_from) == ("We work on it.", "agent")


async def test_the_promise_ends_when_they_are_told_and_begins_anew_when_it_was_not_solved(house: House) -> None:
    case, (conversation_id,) = await house.case_of("en")
    await house.act(cases.solve, case)
    await house.tell(case, "solved", en="It is solved.")
    await house.send()
    await house.follow(conversation_id)
    assert [p.state for p in await house.promises(conversation_id, Kind.UPDATE)] == ["kept"]
    house.clock.turn(hours=1)
    await house.act(cases.reopen, case)
    await house.send()
    await house.follow(conversation_id)
    again = (await house.promises(conversation_id, Kind.UPDATE))[-1]
    assert (again.state, again.due_at) == ("running", now() + DAY)
    assert await house.told(conversation_id) == ["It is solved."]


async def test_the_customer_reads_an_update_as_any_answer(house: House) -> None:
    case, (conversation_id,) = await house.case_of("en")
    await house.tell(case, "update", en="We work on it.")
    await house.send()
    async with house.database.transaction() as session:
        rows = await timeline.entries_after(session, conversation_id, 0)
        entry = presenting.for_customer((await presenting.entries(session, conversation_id, rows))[-1])
    assert entry is not None
    assert (entry.b, entry.author, entry.ev, entry.red) == ("We work on it.", "agent", None, [])
    assert entry.by is not None
    assert entry.by.id == house.agent_.id


async def _customer_sees(house: House, conversation_id: UUID) -> datetime | None:
    """By when we write again, as their window is told."""
    async with house.database.transaction() as session:
        shown = await states.state(session, await session.get_one(Conversation, conversation_id))
        return shown.update.due if shown.update else None


async def test_the_customer_sees_by_when_we_write_again_while_the_team_has_it(house: House) -> None:
    case, (conversation_id,) = await house.case_of("en")
    told: list[str] = []
    listener = Listener(house.dsn, {LIVE: told.append})
    listening = asyncio.create_task(listener.run())
    await listener.connected.wait()

    async def followed() -> None:
        """The window hears of it, although no line is new."""
        told.clear()
        await house.follow(conversation_id)
        await eventually(lambda: any(conversation_id.hex in each for each in told), 5, "the window is told")

    assert await _customer_sees(house, conversation_id) is None
    await followed()
    assert await _customer_sees(house, conversation_id) == now() + DAY
    house.clock.turn(hours=20)
    await house.says(conversation_id, house.gus, "Tomorrow there is a new version.")
    await followed()
    renewed = now() + DAY
    assert await _customer_sees(house, conversation_id) == renewed
    # Late is said, not hidden.
    house.clock.turn(hours=25)
    await house.turn_all()
    assert await _customer_sees(house, conversation_id) == renewed
    await house.act(operations.resolve, conversation_id, by=house.gus)
    await followed()
    assert await _customer_sees(house, conversation_id) is None
    await house.act(operations.reopen, conversation_id, by=house.gus)
    await followed()
    assert await _customer_sees(house, conversation_id) == renewed
    await house.act(cases.solve, case)
    await house.tell(case, "solved", en="It is solved.")
    await house.send()
    await followed()
    assert await _customer_sees(house, conversation_id) is None
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
