"""One conversation over channels: when an answer goes by letter, to whom, and that nothing comes twice."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import Message as Parsed
from uuid import UUID

import pytest
from sqlalchemy import select

from holdfast.access.viewer import CustomerViewer
from holdfast.channels.mail import confirming, outbox, queries, reach, threads
from holdfast.channels.mail.courier import Courier
from holdfast.channels.mail.errors import AddressUnfit, ConfirmationEnded, MailImpossible
from holdfast.channels.mail.models import SentLetter
from holdfast.conversations import operations, presences
from holdfast.conversations.facts import ConversationOpened, ConversationsMoved
from holdfast.conversations.models import Conversation
from holdfast.core import clock
from holdfast.core import mail as smtp
from holdfast.core.due import Due
from holdfast.core.errors import RateLimited
from holdfast.people import customers, presence
from holdfast.people.models import ContactPoint, Customer, Process
from tests.channels.mail.conftest import LI, House, written

DELAY = timedelta(minutes=2)


@dataclass
class Travel:
    """A clock that moves when it is told."""

    moment: datetime

    def by(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@contextmanager
def _travelling() -> Iterator[Travel]:
    travel = Travel(clock.now())
    clock.set_source(lambda: travel.moment)
    try:
        yield travel
    finally:
        clock.set_source(None)


@dataclass
class Channels:
    """A chat whose customer comes and goes, and the letters that leave the house."""

    house: House
    travel: Travel
    conversation_id: UUID
    process_id: UUID
    sent: list[Parsed]

    @property
    def viewer(self) -> CustomerViewer:
        return self.house.desk.viewer(self.conversation_id)

    async def here(self, on: bool) -> None:
        async with self.house.desk.database.transaction() as session:
            await presences.write(session, self.process_id, {self.conversation_id: on})

    async def answers(self, text: str) -> int:
        desk = self.house.desk
        async with desk.database.transaction() as session:
            _, stored = await operations.post(
                session, desk.ana, self.conversation_id, desk.answers(self.conversation_id, text, desk.ana)
            )
        return stored.seq

    async def reads(self, seq: int) -> None:
        async with self.house.desk.database.transaction() as session:
            (await session.get_one(Conversation, self.conversation_id)).customer_read = seq

    async def work(self) -> None:
        """What the worker does now: looks at timelines, handles the deadlines that have come, sends what waits."""
        database, settings = self.house.desk.database, replace(self.house.settings, smtp_url="smtp://localhost")
        async with database.transaction() as session:
            await outbox.collect(session, None)
        async with database.transaction() as session:
            for row in list(await session.scalars(select(Due).where(Due.kind == outbox.ANSWER))):
                if row.at <= clock.now():
                    await session.delete(row)
                    await session.flush()
                    await outbox.Answers(settings)(session, row.ref)
        await Courier(settings, database)._look()

    async def after(self, seconds: float) -> list[str]:
        """The words of the letters that go in this time, looked at each ten seconds."""
        before = len(self.sent)
        await self.work()
        while seconds > 0:
            self.travel.by(10)
            seconds -= 10
            await self.work()
        return [words(letter) for letter in self.sent[before:]]

    async def confirm(self, address: str = LI) -> None:
        async with self.house.desk.database.transaction() as session:
            await reach.ask(session, self.viewer, address)
            row = await queries.asked(session, self.conversation_id)
            assert row is not None
            assert await reach.confirm_by_code(session, self.viewer, confirming.code(row))

    async def replies(self, text: str, **headers: str) -> None:
        """They answer the letter."""
        to = threads.reply_address(self.conversation_id, self.house.mailbox.address)
        letter = written(text, subject=f"Re: {self.sent[-1]['Subject']}", to=to, **headers)
        assert await self.house.take(letter, to) == "taken"

    async def said(self) -> list[tuple[str, str]]:
        return [
            (entry.author, entry.body)
            for entry in await self.house.timeline(self.conversation_id)
            if entry.kind == "public"
        ]

    async def state(self) -> reach.Reach:
        async with self.house.desk.database.transaction() as session:
            return await reach.reach(session, await session.get_one(Conversation, self.conversation_id))


def words(letter: Parsed) -> str:
    part = next(part for part in letter.walk() if part.get_content_type() == "text/plain")
    text = part.get_payload(decode=True)
    assert isinstance(text, bytes)
    return text.decode().replace("\r\n", "\n").split("\n-- \n")[0].strip()


@pytest.fixture
async def chat(house: House, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Channels]:
    sent: list[Parsed] = []

    async def hand_over(_server: object, raw: bytes, *, sender: str, to: str) -> None:
        letter = message_from_bytes(raw)
        letter["X-Envelope"] = f"{sender} {to}"
        sent.append(letter)

    monkeypatch.setattr(smtp, "send", hand_over)
    conversation_id = await house.desk.open("Where is my money?")
    await house.desk.assign(conversation_id, house.desk.ana)
    async with house.desk.database.transaction() as session:
        process_id = await presence.register_process(session, "web")
    with _travelling() as travel:
        channels = Channels(house, travel, conversation_id, process_id, sent)
        await channels.here(True)
        yield channels


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


async def test_nothing_of_the_conversation_goes_to_an_address_that_nobody_confirmed(chat: Channels) -> None:
    async with chat.house.desk.database.transaction() as session:
        await reach.ask(session, chat.viewer, "victim@example.net")
    await chat.here(False)
    await chat.answers("Your balance is 5 BTC.")
    (asking,) = await chat.after(900)
    raw = chat.sent[0].as_string()
    conversation = await chat.house.desk.read(chat.conversation_id)
    assert "Where is my money" not in asking
    assert "balance" not in asking
    # Neither a name of the conversation by which an answer would get into it.
    assert conversation.reference not in raw
    assert threads.reply_address(conversation.id, "a@b.c")[:20] not in raw
    assert chat.sent[0]["Reply-To"] is None
    assert not chat.sent[0]["Message-ID"].startswith("<hf.")
    assert chat.sent[0]["X-Envelope"] == f"{chat.house.mailbox.address} victim@example.net"
    assert (await chat.state()).state == "asked"

    # The link, later: what waits unread goes then.
    async with chat.house.desk.database.transaction() as session:
        row = await queries.asked(session, chat.conversation_id, 1)
        assert row is not None
        token = confirming.link("https://x", row).rpartition("/")[2]
        await reach.by_link(session, token, act=False)
        assert row.confirmed_at is None
        await reach.by_link(session, token, act=True)
        await reach.by_link(session, token, act=True)
    assert await chat.after(0) == ["Your balance is 5 BTC."]
    kinds = [entry.event["type"] for entry in await chat.house.timeline(chat.conversation_id) if entry.event]
    assert kinds.count("mail_on") == 1


async def test_a_link_or_code_that_is_not_ours_or_too_old_confirms_nothing(chat: Channels) -> None:
    async with chat.house.desk.database.transaction() as session:
        await reach.ask(session, chat.viewer, LI)
        row = await queries.asked(session, chat.conversation_id, 1)
        assert row is not None
        good, token = confirming.code(row), confirming.link("", row).rpartition("/")[2]
    for forged in (token[:-1] + ("0" if token[-1] != "0" else "1"), token.replace("-1-", "-2-"), "x", ""):
        with pytest.raises(ConfirmationEnded):
            async with chat.house.desk.database.transaction() as session:
                await reach.by_link(session, forged, act=True)
    wrong = "111111" if good != "111111" else "222222"
    for _ in range(confirming.TRIES):
        async with chat.house.desk.database.transaction() as session:
            assert not await reach.confirm_by_code(session, chat.viewer, wrong)
    with pytest.raises(ConfirmationEnded):
        async with chat.house.desk.database.transaction() as session:
            await reach.confirm_by_code(session, chat.viewer, good)
    chat.travel.by(86401)
    with pytest.raises(ConfirmationEnded):
        async with chat.house.desk.database.transaction() as session:
            await reach.by_link(session, token, act=True)
    assert await chat.house.count(ContactPoint) == 0


async def test_an_address_gets_three_questions_a_day_and_a_conversation_asks_five(chat: Channels) -> None:
    async def ask(address: str) -> None:
        async with chat.house.desk.database.transaction() as session:
            await reach.ask(session, chat.viewer, address)

    for _ in range(3):
        await ask("victim@example.net")
    with pytest.raises(RateLimited):
        await ask("victim@example.net")
    await ask("a@example.net")
    await ask("b@example.net")
    with pytest.raises(RateLimited):
        await ask("c@example.net")
    assert len([s for s in await chat.house.sent() if s.kind == "confirm"]) == 5
    chat.travel.by(86401)
    await ask("victim@example.net")
    # Only the last one counts: the letters before it are of no use any more.
    assert (await chat.state()).address.startswith("v")


@pytest.mark.parametrize(
    "address", ["", "li", "li@", "a b@example.net", "support@wallet.example", "x" * 250 + "@example.net", "a@b@c.de"]
)
async def test_what_is_no_address_is_refused(chat: Channels, address: str) -> None:
    with pytest.raises(AddressUnfit):
        async with chat.house.desk.database.transaction() as session:
            await reach.ask(session, chat.viewer, address)


async def test_a_chat_confirmed_address_is_no_word_of_the_wallet(chat: Channels) -> None:
    await chat.confirm()
    async with chat.house.desk.database.transaction() as session:
        (point,) = await session.scalars(select(ContactPoint))
        assert point.confirmed_at is not None
        assert point.proven_at is None


async def test_switched_off_nothing_goes_and_a_letter_switches_it_on(chat: Channels) -> None:
    await chat.confirm()
    await chat.after(10)
    await chat.here(False)
    await chat.answers("One")
    async with chat.house.desk.database.transaction() as session:
        await reach.switch_off(session, chat.viewer)
    assert await chat.after(900) == []
    assert (await chat.state()).state == "off"
    # The same address again needs no asking, and what was said before is not sent.
    async with chat.house.desk.database.transaction() as session:
        await reach.ask(session, chat.viewer, LI)
    assert (await chat.state()).state == "on"
    await chat.answers("Two")
    assert await chat.after(130) == ["Two"]
    async with chat.house.desk.database.transaction() as session:
        await reach.switch_off(session, chat.viewer)
    await chat.replies("I write letters again.")
    await chat.answers("Three")
    assert await chat.after(10) == ["Three"]


async def test_whoever_the_wallet_vouches_for_is_answered_by_letter_without_asking(chat: Channels) -> None:
    house = chat.house
    async with house.desk.database.transaction() as session:
        await customers.find_or_create(
            session, subject="wallet:1", name="Lin", language="en", contacts={"email": LI}, proven=True
        )
        proven = next(c for c in await session.scalars(select(Customer)) if c.proven)
        house.desk.customer = proven
    chat.conversation_id = await house.desk.open("Hello")
    async with house.desk.database.transaction() as session:
        await reach.on_opened(session, ConversationOpened(chat.conversation_id, house.desk.queue.id, 1, False))
    await house.desk.assign(chat.conversation_id, house.desk.ana)
    assert (await chat.state()).state == "on"
    await chat.here(True)
    await chat.here(False)
    await chat.answers("Good morning.")
    assert await chat.after(130) == ["Good morning."]


async def test_a_visitor_who_signs_in_takes_the_address_along(chat: Channels) -> None:
    await chat.confirm()
    await chat.after(10)
    async with chat.house.desk.database.transaction() as session:
        known = await customers.find_or_create(
            session, subject="wallet:1", name="Lin", language="en", contacts={}, proven=True
        )
        await operations.move_to_customer(session, [chat.conversation_id], known.id)
        await reach.on_moved(session, ConversationsMoved((chat.conversation_id,), known.id))
        await customers.merge(session, chat.house.desk.customer.id, known.id)
        thread = await queries.thread(session, chat.conversation_id)
        assert thread is not None
        assert thread.customer_id == known.id
        (point,) = await session.scalars(select(ContactPoint))
        assert point.customer_id == known.id
        assert point.confirmed_at is not None
    chat.house.desk.customer = known
    await chat.here(False)
    await chat.answers("Still you?")
    assert await chat.after(130) == ["Still you?"]
    await chat.replies("Still me.")


async def test_without_a_mailbox_of_the_inbox_nobody_can_be_answered_by_letter(chat: Channels) -> None:
    async with chat.house.desk.database.transaction() as session:
        for mailbox in await queries.all_mailboxes(session):
            mailbox.active = False
    assert not (await chat.state()).possible
    with pytest.raises(MailImpossible):
        async with chat.house.desk.database.transaction() as session:
            await reach.ask(session, chat.viewer, LI)


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


async def test_a_stranger_is_asked_whether_they_read_there_and_only_if_they_wrote_it(chat: Channels) -> None:
    house = chat.house
    async with house.desk.database.transaction() as session:
        for mailbox in await queries.all_mailboxes(session):
            mailbox.authserv = "mx.wallet.example"
    genuine = {"Authentication_Results": "mx.wallet.example; dmarc=pass"}
    assert await house.take(written("My secret words", sender="eve@else.example")) == "taken"
    assert await chat.after(0) == []
    for _ in range(4):
        assert await house.take(written("My secret words", sender="new@else.example", **genuine)) == "taken"
    asked = await chat.after(0)
    # Three a day, whatever comes.
    assert len(asked) == 3
    assert not any("secret" in letter.as_string() or "HF-" in words(letter) for letter in chat.sent)
    token = asked[0].split("/address/")[1].split()[0]
    async with house.desk.database.transaction() as session:
        await reach.by_link(session, token, act=True)
    chat.travel.by(86401)
    assert await house.take(written("Again", sender="new@else.example", **genuine)) == "taken"
    await chat.after(0)
    assert [s.kind for s in await house.sent()][-1] == "receipt"
