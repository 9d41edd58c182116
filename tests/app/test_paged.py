"""What wakes whoever is on call, and what lets them sleep again."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from holdfast.access.viewer import Role, SystemViewer
from holdfast.conversations import operations as conversations
from holdfast.conversations.queries import conversation
from holdfast.paging.models import Page
from holdfast.promises.model import Kind
from tests.promises.support import House, house


@pytest.fixture
async def desk(fresh_database_url: str) -> AsyncIterator[House]:
    async with house(fresh_database_url) as made:
        yield made


async def pages(desk: House) -> list[tuple[str, str | None, str, str]]:
    """(kind, duty, about what, state), the oldest first."""
    async with desk.database.transaction() as session:
        return [(p.kind, p.duty, p.about, p.state) for p in await session.scalars(select(Page).order_by(Page.id))]


async def test_an_emergency_that_rings_nowhere_pages_until_somebody_has_it(desk: House) -> None:
    emergency = await desk.open(emergency=True)
    await desk.open()
    # Every pass of the router finds it again, and it stays one page.
    await desk.decide()
    await desk.decide()
    about = f"emergency:{emergency}"
    assert await pages(desk) == [("emergency_requested", "emergency", about, "open")]
    async with desk.database.transaction() as session:
        page = await session.scalar(select(Page))
        assert page is not None
        assert page.reference == (await conversation(session, SystemViewer("test"), emergency)).reference
    wei = await desk.agent("wei", Role.AGENT, Role.EMERGENCY_AGENT, skills=("general", "emergency"))
    await desk.decide()
    offer = await desk.rings(emergency)
    assert offer is not None
    # It rings at last, and may yet ring out.
    assert [state for *_, state in await pages(desk)] == ["open"]
    await desk.accept(wei, offer.id)
    assert [state for *_, state in await pages(desk)] == ["resolved"]


async def test_an_emergency_whose_agent_says_nothing_pages_after_half_of_its_minute(desk: House) -> None:
    wei = await desk.agent("wei", Role.AGENT, Role.EMERGENCY_AGENT, skills=("general", "emergency"))
    emergency = await desk.accepted(wei, emergency=True)
    await desk.follow(emergency)
    desk.clock.turn(seconds=29)
    await desk.turn_all()
    assert await pages(desk) == []
    desk.clock.turn(seconds=2)
    await desk.turn_all()
    assert [(kind, state) for kind, _, _, state in await pages(desk)] == [("emergency_requested", "open")]
    await desk.says(emergency, wei)
    await desk.follow(emergency)
    assert [state for *_, state in await pages(desk)] == ["resolved"]


async def test_an_overdue_update_pages_the_technical_team_until_it_is_given(desk: House) -> None:
    handed = await desk.taken()
    await desk.answers(handed)
    await desk.transfer(handed, desk.technical)
    await desk.follow(handed)
    [update] = await desk.promises(handed, Kind.UPDATE)
    desk.clock.turn(days=1)
    await desk.turn_all()
    # At its very instant it is still kept; the first takeover and the warnings wake nobody.
    assert await pages(desk) == []
    desk.clock.turn(seconds=1)
    await desk.turn_all()
    assert await pages(desk) == [("promise_breached", "technical", f"update:{handed}", "open")]
    async with desk.database.transaction() as session:
        await conversations.assign(session, desk.agent_, handed, desk.agent_.id, how="taken")
    await desk.answers(handed, "We have found the cause.")
    await desk.follow(handed)
    assert [state for *_, state in await pages(desk)] == ["resolved"]
    # The next update is promised from here.
    assert [p.state for p in await desk.promises(handed, Kind.UPDATE)] == ["broken", "running"]
    assert update.due_at is not None


async def test_a_resolved_conversation_pages_nobody_any_more(desk: House) -> None:
    handed = await desk.taken()
    await desk.transfer(handed, desk.technical)
    await desk.follow(handed)
    desk.clock.turn(days=1, seconds=1)
    await desk.turn_all()
    assert [state for *_, state in await pages(desk)] == ["open"]
    async with desk.database.transaction() as session:
        await conversations.assign(session, desk.agent_, handed, desk.agent_.id, how="taken")
    await desk.resolve(handed)
    assert [state for *_, state in await pages(desk)] == ["resolved"]


async def test_a_late_first_answer_is_no_page(desk: House) -> None:
    late = await desk.open()
    await desk.follow(late)
    desk.clock.turn(hours=1)
    await desk.turn_all()
    assert [line["promise"] for line in await desk.lines(late)]
    assert await pages(desk) == []
