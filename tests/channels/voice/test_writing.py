"""From a call to writing: a link that opens the call's conversation once, or a word in the app; nobody else's."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import select, update

from holdfast.access.viewer import StaffViewer
from holdfast.channels.voice import keeping, writing
from holdfast.channels.voice.models import Call, CallLink
from holdfast.conversations import operations as conversations
from holdfast.conversations.models import Conversation, Message
from holdfast.core import clock
from holdfast.people.models import ContactPoint
from holdfast.verification import operations as verification
from tests.verification.house import EMAIL, House, at
from tests.verification.house import house as make_house

OTHER = "caller@mail.example"


@dataclass
class Ended:
    """A call that Ana had, in its wrap-up."""

    house: House
    call: UUID
    conversation: UUID

    async def ask(self, method: str, viewer: StaffViewer | None = None, **body: Any) -> httpx.Response:
        async with self.house.browser(viewer or self.house.desk.ana) as client:
            return await client.request(method, f"/api/calls/{self.call}/writing", json=body or None)

    async def sends(self, way: str, address: str | None = None, viewer: StaffViewer | None = None) -> tuple[int, str]:
        answer = await self.ask("POST", viewer, way=way, address=address)
        return answer.status_code, answer.json()["id"] if answer.status_code >= 400 else ""

    async def opens(self, link: str) -> httpx.Response:
        async with self.house.browser() as client:
            return await client.post("/api/widget/continue", json={"link": link})


async def ended(house: House, number: str, *, conversation: UUID | None = None) -> Ended:
    """``conversation``: that of a customer whom the number led to; a new one of a stranger without."""
    async with house.database.transaction() as session:
        call, _ = await keeping.arrive(
            session, channel=str(uuid4()), application="holdfast", line=None, number=number, language="en"
        )
        if conversation is not None:
            keeping.keep_place(call, joined=str(conversation))
        row = await keeping.enter(session, call)
        if row.assignee_id is None:
            await conversations.assign(session, keeping.SYSTEM, row.id, house.desk.ana.id, how="taken")
        await keeping.answered(session, call, house.desk.ana.id)
        await keeping.finish(session, call, "answered")
        return Ended(house, call.id, row.id)


@pytest.fixture
async def house(fresh_database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with make_house(fresh_database_url, tmp_path) as made:
        yield made


def link_in(mail: str) -> str:
    found = re.search(r"http://localhost:8420/help-support\?lang=en#continue=(\S+)", mail)
    assert found is not None, mail
    return found[1]


async def test_a_link_to_the_address_that_we_know_opens_this_conversation_once(house: House) -> None:
    _, conversation = await house.opens(identity=house.identity())
    call = await ended(house, "+15550201", conversation=UUID(conversation))
    assert (await call.ask("GET")).json() == {"app": True, "known": "l••••@mail.example", "typed": False}
    assert await call.sends("mail") == (204, "")
    (mail,) = await house.mails()
    to, _, words = mail.partition("\n")
    assert to == EMAIL
    async with house.database.transaction() as session:
        row = await session.get_one(Conversation, call.conversation)
        assert not any(each in words for each in ("lost my phone", row.reference, str(row.id), "+15550201"))
        assert (await session.scalars(select(CallLink))).one().address is None
    link = link_in(mail)
    assert link not in await house.dump(), "only its hash is kept"

    opened = await call.opens(link)
    assert (opened.status_code, opened.json()["conversation"]) == (200, conversation)
    async with house.browser() as client:
        answer = await client.post("/api/widget/start", json={"inbox": "wallet", "tokens": [opened.json()["token"]]})
    assert [each["state"]["id"] for each in answer.json()["conversations"]] == [conversation]
    again = await call.opens(link)
    assert (again.status_code, again.json()["id"]) == (404, "call_link_over")

    assert await call.sends("mail") == (204, "")
    late = link_in((await house.mails())[0])
    with at(clock.now() + writing.LIFETIME):
        assert (await call.opens(late)).status_code == 404
    events = [entry["ev"] for entry in await timeline(house, conversation) if entry["ev"]]
    assert [event["how"] for event in events if event["type"] == "call_written"] == ["mail", "mail"]


async def timeline(house: House, conversation: str) -> list[dict[str, Any]]:
    async with house.browser(house.desk.karin) as client:
        found = await client.get(f"/api/conversations/{conversation}/timeline?limit=200")
    return list(found.json()["entries"])


async def test_a_number_sends_nobodys_conversation_to_an_address_that_was_typed(house: House) -> None:
    """The conversation was there before: whoever calls with its customer's number may be anybody."""
    _, conversation = await house.opens(identity=house.identity())
    call = await ended(house, "+15550202", conversation=UUID(conversation))
    assert await call.sends("mail", OTHER) == (409, "call_address_not_allowed")
    assert await house.mails() == []
    assert (await house.row())["verification"] == 2, "by the app: that is not who called"
    async with house.database.transaction() as session:
        keeping.keep_place(await session.get_one(Call, call.call), proven=True)
    assert await call.sends("mail", OTHER) == (204, ""), "whoever called has typed the app's code"
    async with house.database.transaction() as session:
        await verification.claim_compromise(session, house.desk.ana, call.conversation)
    assert await call.sends("mail", OTHER) == (409, "call_address_not_allowed")


async def test_an_address_that_was_typed_counts_when_its_link_was_opened(house: House) -> None:
    call = await ended(house, "+15550203")
    assert (await call.ask("GET")).json() == {"app": False, "known": "", "typed": True}
    assert await call.sends("app") == (422, "call_no_app")
    assert await call.sends("mail") == (422, "call_no_address")
    for wrong in ("caller", "a@b", "legal winner thank year wave sausage worth useful legal winner thank yellow@x.org"):
        assert await call.sends("mail", wrong) == (422, "call_address_wrong")
    assert await call.sends("mail", OTHER) == (204, "")

    async def points() -> list[ContactPoint]:
        async with house.database.transaction() as session:
            return list(await session.scalars(select(ContactPoint).where(ContactPoint.kind == "email")))

    assert await points() == []
    (mail,) = await house.mails()
    assert mail.startswith(OTHER)
    assert OTHER not in await house.dump()
    opened = await call.opens(link_in(mail))
    assert opened.json()["conversation"] == str(call.conversation)
    assert await points() == [], "a number can be faked: it gives its holder no address"

    async with house.database.transaction() as session:
        keeping.keep_place(await session.get_one(Call, call.call), proven=True)
    assert await call.sends("mail", OTHER) == (204, "")
    await call.opens(link_in((await house.mails())[0]))
    (point,) = await points()
    assert (point.value, point.proven_at) == (OTHER, None)
    assert point.confirmed_at is not None, "somebody reads there; that is no proof of an account"


async def test_a_known_number_sends_no_link_to_an_address_that_was_typed(house: House) -> None:
    """Not even of a conversation that this call began: its customer sees it, and writes in it."""
    first = await ended(house, "+15550205")
    async with house.database.transaction() as session:
        await conversations.resolve(session, keeping.SYSTEM, first.conversation)
    call = await ended(house, "+15550205")
    assert call.conversation != first.conversation
    assert (await call.ask("GET")).json()["typed"] is False
    assert await call.sends("mail", OTHER) == (409, "call_address_not_allowed")


async def test_the_app_says_that_it_goes_on_there(house: House) -> None:
    _, conversation = await house.opens(identity=house.identity())
    call = await ended(house, "+15550204", conversation=UUID(conversation))
    for _ in range(2):
        assert await call.sends("app") == (204, "")
    async with house.database.transaction() as session:
        said = await session.scalars(select(Message.body).where(Message.source == "automation"))
        assert list(said) == ["Our call goes on here, in writing."]


async def test_only_its_agent_while_it_is_wrapped_up(house: House) -> None:
    call = await ended(house, "+15550205")
    assert await call.sends("mail", OTHER, house.desk.karin) == (403, "not_in_call")
    async with house.database.transaction() as session:
        await session.execute(update(Call).values(wrap_until=clock.now()))
    assert await call.sends("mail", OTHER) == (403, "not_in_call")
