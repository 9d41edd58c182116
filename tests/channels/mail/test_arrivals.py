"""A letter counts since it reached the mail server, however late we come to it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update

from holdfast.channels.mail import quarantine, threads
from holdfast.channels.mail.entering import OLDEST
from holdfast.channels.mail.imap import arrival
from holdfast.conversations import operations
from holdfast.conversations.models import Conversation, Episode
from holdfast.core.clock import now
from holdfast.core.due import Due
from holdfast.promises import operations as promises
from holdfast.promises import turns
from holdfast.promises.keeping import TURN, read
from holdfast.promises.model import Kind
from holdfast.promises.models import Promised, PromisePolicy
from tests.channels.mail.chat import Channels
from tests.channels.mail.conftest import LI, House, written

HOUR = timedelta(hours=1)


@pytest.fixture
async def promising(chat: Channels) -> Channels:
    """A house that has promised for months what is shipped."""
    async with chat.house.desk.database.transaction() as session:
        await promises.seed(session)
        await session.flush()
        await session.execute(update(PromisePolicy).values(made_at=now() - timedelta(days=90)))
    return chat


async def _first(house: House, conversation_id: UUID) -> Promised:
    """The promise of a first answer, after the reader and the claimer have done what is to be done now."""
    async with house.desk.database.transaction() as session:
        await read(session, [conversation_id])
    async with house.desk.database.transaction() as session:
        for ref in await session.scalars(delete(Due).where(Due.kind == TURN, Due.at <= now()).returning(Due.ref)):
            await turns.turn(session, ref)
    async with house.desk.database.transaction() as session:
        found = select(Promised).where(Promised.conversation_id == conversation_id, Promised.kind == Kind.FIRST.value)
        return (await session.scalars(found)).one()


async def _in_order(house: House, conversation_id: UUID) -> bool:
    times = [entry.created_at for entry in await house.timeline(conversation_id)]
    return times == sorted(times) and times[-1] <= now()


async def test_what_waited_in_the_quarantine_waits_for_an_answer_since_it_came(promising: Channels) -> None:
    house = promising.house
    assert await house.take(written("Where is it?", subject="[HF-7K3M-92QX]")) == "quarantined"
    came = now()
    promising.travel.by(20 * 3600)
    async with house.desk.database.transaction() as session:
        conversation = await quarantine.admit(session, house.intake.keys, house.desk.ana, (await house.last()).id)
        assert (conversation.opened_at, conversation.waiting_since, conversation.last_at) == (came, came, came)
        episode = await session.get_one(Episode, (conversation.id, 1))
        assert episode.opened_at == came
    promise = await _first(house, conversation.id)
    assert (promise.started_at, promise.state) == (came, "broken")
    assert any(line.event and line.event["type"] == "promise_broken" for line in await house.timeline(conversation.id))
    assert await _in_order(house, conversation.id)


async def test_a_letter_counts_since_it_reached_the_mail_server(promising: Channels) -> None:
    house = promising.house
    arrived = now() - 5 * HOUR
    assert await house.intake.take(house.mailbox.id, written("After an outage"), arrived=arrived) == "taken"
    row = await house.last()
    assert row.conversation_id
    # When we took it is another matter: floods and the days of the quarantine are counted from there.
    assert row.came_at == now()
    promise = await _first(house, row.conversation_id)
    assert (promise.started_at, promise.state) == (arrived, "broken")


@pytest.mark.parametrize("wrong", [timedelta(days=400), -2 * HOUR])
async def test_an_arrival_that_cannot_be_is_not_believed(promising: Channels, wrong: timedelta) -> None:
    house = promising.house
    assert await house.intake.take(house.mailbox.id, written("x"), arrived=now() - wrong) == "taken"
    row = await house.last()
    assert row.conversation_id
    conversation = await house.desk.read(row.conversation_id)
    assert conversation.opened_at == (now() - OLDEST if wrong > HOUR else now())


async def test_an_answer_that_comes_late_stays_behind_what_stands_there(promising: Channels) -> None:
    house = promising.house
    conversation = await house.open("Where is it?")
    to = threads.reply_address(conversation.id, house.mailbox.address)
    promising.travel.by(3600)
    async with house.desk.database.transaction() as session:
        row = await session.get_one(Conversation, conversation.id, with_for_update=True)
        row.category, row.waiting_since, row.resolved_at = "resolved", None, now()
        operations.append(session, row, event={"type": "resolved", "episode": 1})
    resolved = now()
    promising.travel.by(3600)
    for late in (1.5 * HOUR, 0.5 * HOUR):
        letter = written(f"It is not. {late}", to=to, sender=f"Li <{LI}>")
        assert await house.intake.take(house.mailbox.id, letter, arrived=now() - late) == "taken"
    entries = await house.timeline(conversation.id)
    assert [(e.event or {}).get("type", e.author) for e in entries][2:] == [
        "resolved", "reopened", "customer", "customer"
    ]  # fmt: skip
    # The first reached the server before the matter was settled, the second after.
    assert [e.created_at for e in entries[-3:]] == [resolved, resolved, now() - 0.5 * HOUR]
    assert await _in_order(house, conversation.id)
    assert (await house.desk.read(conversation.id)).waiting_since == resolved


@pytest.mark.parametrize(
    ("said", "at"),
    [
        (
            b'1 (UID 7 RFC822.SIZE 9 INTERNALDATE "17-Jul-2026 02:44:25 -0730")',
            datetime(2026, 7, 17, 10, 14, 25, tzinfo=UTC),
        ),
        (b'1 (INTERNALDATE " 1-Mar-2026 23:59:60 +0000" UID 7)', datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC)),
        (b'1 (INTERNALDATE "31-Feb-2026 00:00:00 +0000")', None),
        (b'1 (INTERNALDATE "01-Xyz-2026 00:00:00 +0000")', None),
        (b'1 (INTERNALDATE "01-Jan-2026 00:00:00 +9900")', None),
        (b"1 (UID 7 RFC822.SIZE 9)", None),
    ],
)
def test_when_a_letter_reached_the_server_is_read_from_what_it_says(said: bytes, at: datetime | None) -> None:
    assert arrival([said]) == at
    assert arrival([(said, b"x"), b")"]) == at
    assert arrival([None, said]) == at
