"""One conversation over channels: when an answer goes by letter, and that nothing comes twice."""

from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from holdfast.channels.mail import outbox, threads
from holdfast.channels.mail.models import SentLetter
from holdfast.conversations import presences
from holdfast.conversations.models import Conversation
from holdfast.core import mail as smtp
from holdfast.people import presence
from holdfast.people.models import Process
from tests.channels.mail.chat import Channels, words
from tests.channels.mail.conftest import LI, written


async def test_an_answer_goes_by_letter_two_minutes_after_the_customer_left_and_several_are_one(chat: Channels) -> None:
    await chat.confirm()
    (asking,) = await chat.after(10)
    assert "code" in asking
    await chat.answers("It is on its way.")
    await chat.here(False)
    assert await chat.after(60) == []
    await chat.answers("It should be there in an hour.")
    assert await chat.after(50) == []
    assert await chat.after(20) == ["It is on its way.\n\nIt should be there in an hour."]
    letter = chat.sent[-1]
    assert letter["X-Envelope"].endswith(f" {LI}")
    assert letter["Subject"].startswith("Your request HF-")
    assert await chat.after(600) == []

    # The next one is another letter of the same thread.
    await chat.answers("Has it arrived?")
    assert await chat.after(110) == []
    assert await chat.after(20) == ["Has it arrived?"]
    assert chat.sent[-1]["In-Reply-To"] == letter["Message-ID"] != chat.sent[-1]["Message-ID"]


async def test_what_is_read_in_the_chat_goes_by_no_letter(chat: Channels) -> None:
    await chat.confirm()
    await chat.after(10)
    await chat.here(False)
    first = await chat.answers("Only in the chat.")
    assert await chat.after(60) == []
    await chat.here(True)
    await chat.reads(first)
    await chat.here(False)
    assert await chat.after(900) == []

    # Half of it: the other half goes.
    await chat.answers("One")
    await chat.answers("Two")
    await chat.reads((await chat.house.desk.read(chat.conversation_id)).seq - 1)
    assert await chat.after(130) == ["Two"]


async def test_a_letter_that_waits_at_the_server_is_not_sent_when_its_words_were_read_meanwhile(
    chat: Channels, monkeypatch: pytest.MonkeyPatch
) -> None:
    await chat.confirm()
    await chat.after(10)
    await chat.here(False)
    seq = await chat.answers("It is on its way.")
    real = smtp.send

    async def away(*_: object, **__: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(smtp, "send", away)
    assert await chat.after(130) == []
    await chat.reads(seq)
    monkeypatch.setattr(smtp, "send", real)
    assert await chat.after(600) == []
    assert [(s.kind, s.state) for s in await chat.house.sent()] == [("confirm", "sent"), ("answer", "seen")]


async def test_a_letter_that_went_while_the_database_died_is_not_sent_again(
    chat: Channels, monkeypatch: pytest.MonkeyPatch
) -> None:
    await chat.confirm()
    await chat.after(10)
    await chat.here(False)
    await chat.answers("It is on its way.")
    await chat.ripen()
    chat.travel.by(130)
    await chat.ripen()
    database, courier = chat.house.desk.database, chat.courier()
    real, known = smtp.send, database.transaction

    async def dies_meanwhile(*given: Any, **named: Any) -> None:
        await real(*given, **named)
        monkeypatch.setattr(database, "transaction", away)

    def away() -> None:
        raise OperationalError("", None, ConnectionError())

    monkeypatch.setattr(smtp, "send", dies_meanwhile)
    with pytest.raises(OperationalError):
        await courier._look()
    monkeypatch.setattr(database, "transaction", known)
    chat.travel.by(600)
    await courier._look()
    assert [words(letter) for letter in chat.sent[1:]] == ["It is on its way."]
    assert [(s.kind, s.state, s.tried_at) for s in await chat.house.sent()][-1] == ("answer", "sent", None)


async def test_whoever_is_there_gets_no_letter_until_they_leave_or_the_page_is_forgotten(chat: Channels) -> None:
    await chat.confirm()
    await chat.after(10)
    await chat.answers("Are you there?")
    assert await chat.after(300) == []
    await chat.here(False)
    assert await chat.after(110) == []
    assert await chat.after(20) == ["Are you there?"]

    await chat.here(True)
    await chat.answers("Hello?")
    assert await chat.after(590) == []
    assert await chat.after(20) == ["Hello?"]


async def test_the_sockets_of_a_process_that_died_are_nobody(chat: Channels) -> None:
    await chat.confirm()
    await chat.after(10)
    await chat.answers("Are you there?")
    async with chat.house.desk.database.transaction() as session:
        await session.delete(await session.get_one(Process, chat.process_id))
    assert await chat.after(130) == ["Are you there?"]


async def test_two_devices_one_of_which_goes(chat: Channels) -> None:
    async with chat.house.desk.database.transaction() as session:
        other = await presence.register_process(session, "web")
        await presences.write(session, other, {chat.conversation_id: True})
    await chat.here(False)
    async with chat.house.desk.database.transaction() as session:
        assert (await presences.of(session, chat.conversation_id)).here
        await presences.write(session, other, {chat.conversation_id: False})
    async with chat.house.desk.database.transaction() as session:
        assert not (await presences.of(session, chat.conversation_id)).here


async def test_chat_letter_chat_is_one_conversation_in_order(chat: Channels) -> None:
    await chat.confirm()
    await chat.after(10)
    await chat.here(False)
    await chat.answers("Which network was it?")
    assert await chat.after(130) == ["Which network was it?"]
    chat.travel.by(3600)
    await chat.replies("It was TRON.", In_Reply_To=chat.sent[-1]["Message-ID"])
    # Whoever writes letters is answered by letter, at once.
    await chat.answers("Thank you, I see it.")
    assert await chat.after(10) == ["Thank you, I see it."]
    assert (await chat.house.desk.read(chat.conversation_id)).customer_read == 5

    await chat.here(True)
    await chat.house.desk.says(chat.conversation_id, "Back in the app.")
    last = await chat.answers("Welcome back.")
    await chat.reads(last)
    assert await chat.after(900) == []
    assert await chat.said() == [
        ("customer", "Where is my money?"),
        ("agent", "Which network was it?"),
        ("customer", "It was TRON."),
        ("agent", "Thank you, I see it."),
        ("customer", "Back in the app."),
        ("agent", "Welcome back."),
    ]
    assert await chat.house.count(Conversation) == 1


async def test_an_answer_on_both_ways_at_once_is_two_entries_and_none_is_doubled(chat: Channels) -> None:
    await chat.confirm()
    await chat.after(10)
    await chat.here(False)
    await chat.answers("Which network?")
    await chat.after(130)
    letter = written("TRON, by letter.", to=threads.reply_address(chat.conversation_id, chat.house.mailbox.address))
    await chat.here(True)
    await chat.house.desk.says(chat.conversation_id, "TRON, in the chat.")
    for _ in range(2):
        assert await chat.house.take(letter) == "taken"
    await chat.reads(await chat.answers("Got both."))
    await chat.here(False)
    assert await chat.after(900) == []
    assert [body for _, body in await chat.said()][1:] == [
        "Which network?", "TRON, in the chat.", "Help\n\nTRON, by letter.", "Got both."
    ]  # fmt: skip


async def test_ten_answers_and_two_workers_make_one_letter(chat: Channels) -> None:
    """The deadline handled twice at once, as after a lost claim."""
    await chat.confirm()
    await chat.after(10)
    await chat.here(False)
    for number in range(10):
        await chat.answers(f"Line {number}")
    await chat.work()
    chat.travel.by(130)
    database = chat.house.desk.database
    async with database.transaction() as one:
        await outbox.Answers(chat.house.settings)(one, chat.conversation_id)
    async with database.transaction() as two:
        await outbox.Answers(chat.house.settings)(two, chat.conversation_id)
    await chat.work()
    assert [s.first for s in await chat.house.sent() if s.kind == "answer"] == [5]
    assert words(chat.sent[-1]) == "\n\n".join(f"Line {number}" for number in range(10))
    assert await chat.house.count(SentLetter) == 2
