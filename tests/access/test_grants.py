"""Grants end: by time, by closing, and with the case; and every console of their agent hears it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from holdfast.access import grants
from holdfast.access.errors import GrantUnknown
from holdfast.access.models import AccessGrant, AuditEntry
from holdfast.access.policy import Field, Stance
from holdfast.access.purposes import FIRST, seed_purposes
from holdfast.access.viewer import StaffViewer
from holdfast.app import reactions
from holdfast.channels.chat.frames import Open
from holdfast.conversations import operations
from holdfast.conversations.schemas import Row
from holdfast.core import due
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.i18n import LANGUAGES
from tests.channels.chat.test_console_desk import open_desk
from tests.channels.chat.test_two_processes import Process, Reader
from tests.conversations.support import Desk
from tests.conversations.support import desk as make_desk
from tests.conversations.test_requests import Counter

FIELD = UUID(int=5)


@pytest.fixture
async def desk(fresh_database_url: str) -> AsyncIterator[Desk]:
    """A desk whose facts are answered as the application answers them."""
    async with make_desk(fresh_database_url) as made:
        answering = Database(fresh_database_url, answer=reactions.answer)
        made.database, remembering = answering, made.database
        async with answering.transaction() as session:
            await seed_purposes(session)
        yield made
        await answering.close()
        made.database = remembering


async def ask(desk: Desk, conversation: UUID, agent: StaffViewer, field: UUID = FIELD) -> UUID:
    async with desk.database.transaction() as session:
        grant = await grants.ask(
            session,
            agent,
            stance=Stance.HOLDS,
            customer_id=desk.customer.id,
            conversation_id=conversation,
            field=Field.PHONE,
            field_id=field,
            purpose="call_back",
        )
    return grant.id


async def ended(desk: Desk) -> list[str | None]:
    async with desk.database.transaction() as session:
        return list(await session.scalars(select(AccessGrant.ended_why).order_by(AccessGrant.id)))


async def test_a_settled_case_closes_what_it_opened(desk: Desk) -> None:
    one, other = await desk.open(), await desk.open()
    for conversation in (one, other):
        await desk.assign(conversation, desk.ana)
        await ask(desk, conversation, desk.ana)
    async with desk.database.transaction() as session:
        await operations.resolve(session, desk.ana, one)
    assert await ended(desk) == ["resolved", None]


async def test_a_case_passed_on_closes_what_it_opened(desk: Desk) -> None:
    conversation = await desk.open()
    await desk.assign(conversation, desk.ana)
    await ask(desk, conversation, desk.ana)
    async with desk.database.transaction() as session:
        await operations.transfer(session, desk.ana, conversation, agent_id=desk.wei.id)
    assert await ended(desk) == ["transferred"]
    await ask(desk, conversation, desk.wei)
    async with desk.database.transaction() as session:
        await operations.release(session, desk.wei, conversation, why="agent_absent")
    assert await ended(desk) == ["transferred", "agent_absent"]


async def test_time_ends_it(desk: Desk) -> None:
    conversation = await desk.open()
    grant = await ask(desk, conversation, desk.ana)
    async with desk.database.transaction() as session:
        row = (await session.scalars(select(due.Due).where(due.Due.kind == grants.DUE))).one()
        assert (row.ref, row.at - now() <= timedelta(seconds=120)) == (grant, True)
        await grants.end_of_time(session, grant)
    assert await ended(desk) == ["time"]


async def test_only_its_agent_closes_it_and_once(desk: Desk) -> None:
    conversation = await desk.open()
    grant = await ask(desk, conversation, desk.ana)
    for viewer in (desk.wei, desk.karin):
        with pytest.raises(GrantUnknown):
            async with desk.database.transaction() as session:
                await grants.close(session, viewer, grant)
    async with desk.database.transaction() as session:
        await grants.close(session, desk.ana, grant)
    with pytest.raises(GrantUnknown):
        async with desk.database.transaction() as session:
            await grants.close(session, desk.ana, grant)
    # What was closed is asked for anew.
    assert await ask(desk, conversation, desk.ana) != grant


async def test_the_agents_consoles_hear_the_end_and_what_they_see_is_read_again(desk: Desk) -> None:
    """Resolved by the agent in one window: the other hides the field and forgets the words."""
    conversation = await desk.open("Call me at +49 151 2345 6789")
    await desk.assign(conversation, desk.ana)
    async with Process(desk, "one").running() as process:
        ana, wei = Reader(), Reader()
        consoles = [open_desk(process, desk.ana, ana), open_desk(process, desk.wei, wei)]
        await consoles[0]._take(Open(conversation))
        heard = await ana.until(lambda frame: frame.get("t") == "msg" and bool(frame["e"]["b"]))
        assert "2345 6789" in heard["e"]["b"]
        grant = await ask(desk, conversation, desk.ana)
        async with desk.database.transaction() as session:
            await operations.resolve(session, desk.ana, conversation)
        told = await ana.until(lambda frame: frame.get("t") == "grant_end")
        assert told == {"t": "grant_end", "id": str(grant), "c": str(conversation), "field": str(FIELD)}
        assert await ana.until(lambda frame: frame.get("t") == "reopen") == {"t": "reopen", "c": str(conversation)}
        ana.frames.clear()
        await consoles[0]._take(Open(conversation))
        heard = await ana.until(lambda frame: frame.get("t") == "msg" and bool(frame["e"]["b"]))
        assert "2345 6789" not in heard["e"]["b"]
        assert "•" in heard["e"]["b"]
        assert not [frame for frame in wei.frames if frame.get("t") == "grant_end"]


async def test_who_takes_it_reads_the_words_in_clear(desk: Desk) -> None:
    conversation = await desk.open("Call me at +49 151 2345 6789")
    async with Process(desk, "one").running() as process:
        ana = Reader()
        console = open_desk(process, desk.ana, ana)
        await console._take(Open(conversation))
        heard = await ana.until(lambda frame: frame.get("t") == "msg" and bool(frame["e"]["b"]))
        assert "2345 6789" not in heard["e"]["b"]
        await desk.assign(conversation, desk.ana)
        await ana.until(lambda frame: frame.get("t") == "reopen")
        ana.frames.clear()
        await console._take(Open(conversation))
        heard = await ana.until(lambda frame: frame.get("t") == "msg" and bool(frame["e"]["b"]))
        assert "2345 6789" in heard["e"]["b"]


async def test_the_catalogue_is_data(desk: Desk, tmp_path: Path) -> None:
    assert all(set(names) == set(LANGUAGES) for *_, names in FIRST)
    counter = Counter(desk, tmp_path)
    body = {"names": {"en": "Tax office", "de": "Finanzamt"}, "fields": ["wallet"], "seconds": 60}
    async with counter.browser(desk.karin) as karin:
        assert (await karin.put("/api/purposes/tax", json=body)).json()["id"] == "purposes_refused"
        keys = [purpose["key"] for purpose in (await karin.get("/api/purposes")).json()]
        assert keys == [key for key, *_ in FIRST]


async def test_a_change_while_it_is_being_opened_is_neither_missed_nor_doubled(desk: Desk) -> None:
    """The row is read, then it comes to the agent, then what was read arrives: the words are clear all the same."""
    conversation = await desk.open("Call me at +49 151 2345 6789")
    async with Process(desk, "one").running() as process:
        ana = Reader()
        console = open_desk(process, desk.ana, ana)
        looked = console._look

        async def slow(conversation_id: UUID, *, first: bool = False) -> Row:
            row = await looked(conversation_id, first=first)
            if first:
                await desk.assign(conversation, desk.ana)
                await process.feed._paint_now([conversation])
            return row

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(console, "_look", slow)
            await console._take(Open(conversation))
        heard = await ana.until(lambda frame: frame.get("t") == "msg" and bool(frame["e"]["b"]))
        assert "2345 6789" in heard["e"]["b"]
        await process.feed._paint_now([conversation])
        assert not [frame for frame in ana.frames if frame.get("t") == "reopen"]
    async with desk.database.transaction() as session:
        opened = await session.scalars(select(AuditEntry.id).where(AuditEntry.action == "conversation.opened"))
        assert len(opened.all()) == 1
