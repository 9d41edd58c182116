"""What a rule says goes out by letter, too, and repeats nothing of the customer's."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from uuid import UUID

import pytest

from holdfast.access.viewer import SystemViewer
from holdfast.channels.mail import confirming, outbox, queries, reach
from holdfast.channels.mail.courier import Courier
from holdfast.channels.mail.models import Mailbox, SentLetter
from holdfast.conversations import automatic, operations
from holdfast.conversations.intake import IncomingMessage, chat_source
from holdfast.conversations.models import Conversation
from holdfast.core.clock import now
from holdfast.promises import operations as promises
from holdfast.promises.models import PromiseCalendar, Promised, PromisePolicy
from tests.channels.mail.chat import Channels
from tests.channels.mail.conftest import LI, House


async def _text(house: House, conversation: Conversation) -> EmailMessage:
    """The letter that answers now."""
    async with house.desk.database.transaction() as session:
        await outbox.collect(session, [conversation.id])
        await outbox.Answers(house.settings)(session, conversation.id)
    sent = [one for one in await house.sent() if one.kind == "answer"][-1]
    async with house.desk.database.transaction() as session:
        ready = await Courier(house.settings, house.desk.database)._made(session, await session.merge(sent))
    assert ready is not None
    assert ready.to == LI
    letter = message_from_bytes(ready.raw, policy=default)
    assert isinstance(letter, EmailMessage)
    return letter


def _words(letter: EmailMessage) -> str:
    page = letter.get_body(("plain",))
    assert page is not None
    return str(page.get_content()).replace("\r", "")


async def test_a_rules_message_is_an_automatic_letter_under_our_own_subject(house: House) -> None:
    await house.prove()
    conversation = await house.open("Where is my money?", subject="Withdrawal of Li")
    async with house.desk.database.transaction() as session:
        await automatic.say(
            session, SystemViewer("automation"), conversation.id, "We close this on Friday.", b"once", public=True
        )
    letter = await _text(house, conversation)
    assert letter["Auto-Submitted"] == "auto-replied"
    assert letter["In-Reply-To"] is None
    assert conversation.reference in letter["Subject"]
    text = _words(letter)
    assert "Sent automatically:\nWe close this on Friday." in text
    assert "Withdrawal" not in letter["Subject"] + text
    assert "Where is my money" not in text


async def _said_by_a_rule(house: House, conversation: Conversation) -> None:
    async with house.desk.database.transaction() as session:
        rule = SystemViewer("automation")
        await automatic.say(session, rule, conversation.id, "We have it.", conversation.id.bytes, public=True)


async def _answered(house: House, conversation: Conversation) -> list[SentLetter]:
    """The worker's look, and the letters that this conversation's answers became."""
    async with house.desk.database.transaction() as session:
        await outbox.collect(session, [conversation.id])
        await outbox.Answers(house.settings)(session, conversation.id)
    return [one for one in await house.sent() if one.kind == "answer" and one.conversation_id == conversation.id]


async def test_what_a_rule_says_goes_to_no_address_that_anybody_can_have_written(house: House) -> None:
    """A rule for new conversations must not send a letter for each that somebody writes in a victim's name."""
    some = [await house.open(f"Matter {number}", subject=f"About {number}") for number in range(8)]
    for conversation in some:
        await _said_by_a_rule(house, conversation)
        assert await _answered(house, conversation) == []
    # A person's answer goes, and with it what the rule said.
    async with house.desk.database.transaction() as session:
        key = chat_source(some[0].id, UUID(int=1))
        message = IncomingMessage("chat", key, "agent", house.desk.ana.id, "I am looking.")
        await operations.post(session, SystemViewer("scheduled"), some[0].id, message)
    words = _words(await _text(house, some[0]))
    assert words.startswith("Sent automatically:\nWe have it.\n\nI am looking.\n")


async def test_a_rules_letters_count_with_receipts_and_persons_letters_do_not(house: House) -> None:
    await house.prove()
    some = [await house.open(f"Matter {number}", subject=f"About {number}") for number in range(2)]
    assert [one.kind for one in await house.sent()] == ["receipt"] * 2
    for conversation in some:
        await _said_by_a_rule(house, conversation)
    assert [len(await _answered(house, conversation)) for conversation in some] == [1, 0]
    async with house.desk.database.transaction() as session:
        for number in range(4):
            key = chat_source(some[1].id, UUID(int=number))
            message = IncomingMessage("chat", key, "agent", house.desk.ana.id, f"Line {number}")
            await operations.post(session, SystemViewer("scheduled"), some[1].id, message)
            await session.flush()
            await outbox.Answers(house.settings)(session, some[1].id)
    assert len(await _answered(house, some[1])) == 4


async def test_who_confirms_their_address_hears_then_what_a_rule_has_said(chat: Channels) -> None:
    house = chat.house
    async with house.desk.database.transaction() as session:
        (await session.get_one(Mailbox, house.mailbox.id)).authserv = "mx.wallet.example"
    conversation = await house.open("Hello", Authentication_Results="mx.wallet.example; dmarc=pass")
    chat.conversation_id = conversation.id
    await _said_by_a_rule(house, conversation)
    assert len(await chat.after(10)) == 1
    assert chat.sent[-1]["X-Envelope"].startswith("support@wallet.example ")
    async with house.desk.database.transaction() as session:
        row = await queries.asked(session, conversation.id)
        assert row is not None
        await reach.by_link(session, confirming.link("", row).rpartition("/")[2], act=True)
    assert await chat.after(0) == ["Sent automatically:\nWe have it."]


async def test_a_message_that_had_its_time_set_is_an_answer_that_says_so(house: House) -> None:
    """In the customer's language; what an agent sends at once beside it says nothing of the kind."""
    conversation = await house.open("Wo ist mein Geld?", subject="Auszahlung")
    async with house.desk.database.transaction() as session:
        row = await session.get_one(type(conversation), conversation.id)
        row.language = "de"
        for number, (source, words) in enumerate((("chat", "Ich sehe nach."), ("scheduled", "Es ist da."))):
            key = chat_source(conversation.id, UUID(int=number))
            message = IncomingMessage(source, key, "agent", house.desk.ana.id, words)
            await operations.post(session, SystemViewer("scheduled"), conversation.id, message)
    letter = await _text(house, conversation)
    assert letter["Auto-Submitted"] is None
    assert letter["Subject"] == "Re: Auszahlung"
    assert _words(letter).startswith("Ich sehe nach.\n\nAutomatisch gesendet:\nEs ist da.\n")


async def _promise(house: House, conversation_id: UUID, kind: str) -> str:
    """The notes of the letter that would go now."""
    (sent,) = [one for one in await house.sent() if one.kind == kind and one.conversation_id == conversation_id]
    async with house.desk.database.transaction() as session:
        ready = await Courier(house.settings, house.desk.database)._made(session, await session.merge(sent))
    assert ready is not None
    page = message_from_bytes(ready.raw, policy=default).get_body(("plain",))
    assert page is not None
    return str(page.get_content())


@pytest.mark.parametrize("kind", ["receipt", "answer"])
async def test_receipts_and_interim_answers_say_until_when_somebody_answers(house: House, kind: str) -> None:
    """In the mailbox's language and the zone of our opening hours; and nothing where nothing is owed (any more)."""
    async with house.desk.database.transaction() as session:
        (await session.get_one(Mailbox, house.mailbox.id)).language = "de"
    await house.prove()
    conversation = await house.open("Wo ist mein Geld?")
    if kind == "answer":
        async with house.desk.database.transaction() as session:
            await automatic.say(session, SystemViewer("rule"), conversation.id, "Geduld bitte.", b"once", public=True)
            await outbox.collect(session, [conversation.id])
            await outbox.Answers(house.settings)(session, conversation.id)

    async def due(at: datetime | None) -> None:
        async with house.desk.database.transaction() as session:
            (await session.get_one(Conversation, conversation.id)).next_due = at

    year = now().year + 1
    await due(datetime(year, 1, 28, 13, 29, 30, tzinfo=UTC))
    said = f"Sie hören spätestens am 28. Januar {year} um 13:30 Uhr (UTC) von uns."
    assert said in await _promise(house, conversation.id, kind)
    async with house.desk.database.transaction() as session:
        hours = PromiseCalendar(key="office", version=1, zone="Asia/Tokyo", weekly={})
        session.add(hours)
        await session.flush()
        policy = PromisePolicy(key="next", version=1, kind="next", match={}, target_seconds=60, calendar_id=hours.id)
        session.add(policy)
        await session.flush()
        owed = Promised(conversation_id=conversation.id, kind="next", seq=1, policy_id=policy.id, held={})
        owed.state, owed.started_at = "running", now()
        session.add(owed)
    said = f"Sie hören spätestens am 28. Januar {year} um 22:30 Uhr (Asia/Tokyo) von uns."
    assert said in await _promise(house, conversation.id, kind)
    for nothing in (None, now() - timedelta(seconds=1)):
        await due(nothing)
        assert "spätestens" not in await _promise(house, conversation.id, kind)
    await due(datetime(year, 1, 28, tzinfo=UTC))
    async with house.desk.database.transaction() as session:
        (await session.get_one(Conversation, conversation.id)).waiting_since = None
    assert "spätestens" not in await _promise(house, conversation.id, kind)


async def test_a_letter_says_by_when_we_write_again_while_the_technical_team_has_it(house: House) -> None:
    """As it is after what the letter says: renewed by an answer, over when all are told that it is solved."""
    async with house.desk.database.transaction() as session:
        (await session.get_one(Mailbox, house.mailbox.id)).language = "de"
        await promises.seed(session)
    await house.prove()
    conversation = await house.open("Wo ist mein Geld?")
    async with house.desk.database.transaction() as session:
        row = await session.get_one(Conversation, conversation.id)
        row.assignee_id = house.desk.ana.id
        operations.append(session, row, event={"type": "handed_over", "case": "TC-1", "case_id": "1"})

    async def letter(number: int, words: str, **more: Any) -> str:
        async with house.desk.database.transaction() as session:
            key = chat_source(conversation.id, UUID(int=number))
            message = IncomingMessage("chat", key, "agent", house.desk.ana.id, words, **more)
            await operations.post(session, SystemViewer("desk"), conversation.id, message)
        return _words(await _text(house, conversation))

    assert "Sie hören spätestens am" in await letter(1, "Die Technik prüft es.")
    assert "spätestens" not in await letter(2, "Es ist gelöst.", event={"told": "solved"})
