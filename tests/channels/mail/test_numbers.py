"""A number in a subject names no thread; whose it is decides whether the letter is believed."""

from uuid import uuid4

from holdfast.access.viewer import StaffViewer
from holdfast.channels.mail import staff_queries
from holdfast.core.ids import parse_reference
from tests.channels.mail.conftest import LI, House, written


async def test_who_quotes_their_own_number_is_heard_in_a_conversation_of_its_own(house: House) -> None:
    first = await house.open("Where is it?")
    for number, subject in enumerate((f"Re: Your request {first.reference}", f"[{first.reference.lower()}] still")):
        assert await house.take(written(f"Still nothing {number}", subject=subject)) == "taken"
    conversations = await house.conversations()
    assert len(conversations) == 3
    assert {one.customer_id for one in conversations} == {first.customer_id}
    assert len(await house.timeline(first.id)) == 2


async def test_a_number_of_somebody_else_waits_alone_or_beside_an_own_one(house: House) -> None:
    mine = await house.open("Where is it?")
    theirs = await house.open("Mine too", sender="eve@example.org")
    invented = mine.reference[:-1] + ("0" if mine.reference[-1] != "0" else "1")
    assert parse_reference(invented) is None
    for subject in (theirs.reference, f"{mine.reference} and {theirs.reference}", f"{mine.reference} {invented}"):
        assert await house.take(written("Answer me", subject=subject, sender=f"Li <{LI}>")) == "quarantined"
        assert (await house.last()).why == "number_in_subject"
    assert await house.take(written("Answer me", subject=mine.reference, sender="eve@example.org")) == "quarantined"


async def test_who_may_open_the_quarantine_sees_how_many_wait(house: House) -> None:
    await house.open("Where is it?")
    for number in range(3):
        await house.take(written(f"x {number}", subject="HF-7K3M-92QX"))
    async with house.desk.database.transaction() as session:
        assert await staff_queries.waiting(session, house.desk.ana) == 3
        assert await staff_queries.waiting(session, StaffViewer(uuid4(), "Auditor", frozenset())) == 0
