"""Where answers go when the customer left: to an address whose holder said so, or that the wallet vouches for."""

import pytest
from sqlalchemy import select, update

from holdfast.channels.mail import confirming, queries, reach, threads
from holdfast.channels.mail.errors import AddressUnfit, ConfirmationEnded, MailImpossible
from holdfast.channels.mail.models import SentLetter
from holdfast.conversations import moving
from holdfast.conversations.facts import ConversationOpened, ConversationsMoved
from holdfast.core.errors import RateLimited
from holdfast.people import customers
from holdfast.people.models import ContactPoint, Customer
from tests.channels.mail.chat import Channels, words
from tests.channels.mail.conftest import LI, written


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
    # Nor does an answer to it.
    answer = written("Let me in", sender="victim@example.net", In_Reply_To=chat.sent[0]["Message-ID"])
    assert await chat.house.take(answer) == "taken"
    assert (await chat.house.last()).conversation_id != chat.conversation_id
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
    "address",
    [
        *("", "li", "li@", "a b@example.net", "support@wallet.example", "x" * 250 + "@example.net", "a@b@c.de"),
        *("jürgen@example.de", "a@bü..de"),
    ],
)
async def test_what_is_no_address_is_refused(chat: Channels, address: str) -> None:
    with pytest.raises(AddressUnfit):
        async with chat.house.desk.database.transaction() as session:
            await reach.ask(session, chat.viewer, address)


async def test_a_domain_in_other_letters_is_kept_as_the_dns_has_it(chat: Channels) -> None:
    async with chat.house.desk.database.transaction() as session:
        await reach.ask(session, chat.viewer, "li@Straße.example")
    await chat.after(10)
    assert chat.sent[0]["X-Envelope"].endswith(" li@xn--strae-oqa.example")
    assert chat.sent[0]["To"] == "li@xn--strae-oqa.example"


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
    # The same address again needs no asking, and what waits unread goes there.
    async with chat.house.desk.database.transaction() as session:
        await reach.ask(session, chat.viewer, LI)
    assert (await chat.state()).state == "on"
    assert await chat.after(10) == ["One"]
    await chat.answers("Two")
    assert await chat.after(130) == ["Two"]
    async with chat.house.desk.database.transaction() as session:
        await reach.switch_off(session, chat.viewer)
    await chat.replies("I write letters again.")
    await chat.answers("Three")
    assert await chat.after(10) == ["Three"]


async def test_a_letter_that_was_ready_when_they_switched_it_off_goes_when_it_is_on_again(chat: Channels) -> None:
    """Each answer in one letter, whatever was read or sent before, and none twice."""
    await chat.first_letter()
    await chat.answers("Two")
    chat.travel.by(130)
    await chat.ripen()
    async with chat.house.desk.database.transaction() as session:
        await reach.switch_off(session, chat.viewer)
    assert await chat.after(30) == []
    assert [letter.state for letter in await chat.house.sent() if letter.kind == "answer"] == ["sent", "dropped"]
    async with chat.house.desk.database.transaction() as session:
        await reach.ask(session, chat.viewer, LI)
    assert await chat.after(10) == ["Two"]
    # What they read in the chat meanwhile is no letter any more.
    async with chat.house.desk.database.transaction() as session:
        await reach.switch_off(session, chat.viewer)
    await chat.reads(await chat.answers("Three"))
    await chat.answers("Four")
    assert await chat.after(300) == []
    async with chat.house.desk.database.transaction() as session:
        await reach.ask(session, chat.viewer, LI)
    assert await chat.after(300) == ["Four"]


async def test_what_came_back_goes_to_the_address_that_they_give_then(chat: Channels) -> None:
    await chat.first_letter()
    async with chat.house.desk.database.transaction() as session:
        await session.execute(update(SentLetter).where(SentLetter.kind == "answer").values(state="bounced"))
    await chat.confirm("li.new@example.net")
    assert (await chat.after(10))[1:] == ["One"]
    assert chat.sent[-1]["X-Envelope"].endswith(" li.new@example.net")


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
        await moving.move_to_customer(session, [chat.conversation_id], known.id)
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
