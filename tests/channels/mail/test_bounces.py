"""Reports of delivery are about the letter and the address that they are about, and about nothing else."""

import aiosmtplib
import pytest
from sqlalchemy import select, update

from holdfast.channels.mail import reach
from holdfast.channels.mail.models import AddressAsked, Mailbox, SentLetter
from holdfast.conversations import presenting
from holdfast.core import mail as smtp
from holdfast.people.models import ContactPoint
from tests.channels.mail.chat import Channels
from tests.channels.mail.conftest import LI


def _report(to: str, about: str = "", status: str = "5.1.1") -> bytes:
    """As a mail server writes it; ``about``: the Message-ID that it quotes."""
    quoted = f"--x\nContent-Type: text/rfc822-headers\n\nMessage-ID: {about}\n\n" if about else ""
    return (
        f"Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nTo: {to}\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n--x\n\nSorry\n"
        "--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n"
        f"Action: {'failed' if status.startswith('5') else 'delayed'}\nStatus: {status}\n\n{quoted}--x--\n"
    ).encode()


async def _comes_back(chat: Channels, number: int, *, quotes: bool = True, status: str = "5.1.1") -> None:
    """A report about the letter with this number of all that went."""
    letter = chat.sent[number]
    sender = letter["X-Envelope"].split()[0]
    assert await chat.house.take(_report(sender, letter["Message-ID"] if quotes else "", status), sender) == "bounce"


async def _states(chat: Channels, kind: str = "answer") -> list[str]:
    return [one.state for one in sorted(await chat.house.sent(), key=lambda one: one.seq) if one.kind == kind]


async def _bounced(chat: Channels) -> set[str]:
    async with chat.house.desk.database.transaction() as session:
        return {point.value for point in await session.scalars(select(ContactPoint)) if point.bounced_at is not None}


@pytest.mark.parametrize("quotes", [True, False])
async def test_a_report_takes_no_letter_away_that_waits(
    chat: Channels, monkeypatch: pytest.MonkeyPatch, *, quotes: bool
) -> None:
    await chat.first_letter()

    async def away(*_: object, **__: object) -> None:
        raise aiosmtplib.SMTPConnectError("away")

    with monkeypatch.context() as patch:
        patch.setattr(smtp, "send", away)
        await chat.answers("Two")
        assert await chat.after(130) == []
        assert await _states(chat) == ["sent", "waiting"]
        await _comes_back(chat, -1, quotes=quotes)
        assert await _states(chat) == ["bounced", "waiting"]
    assert await chat.after(120) == ["Two"]
    assert await _states(chat) == ["bounced", "sent"]


async def test_a_report_about_a_letter_whose_fate_was_not_known_yet_counts(chat: Channels) -> None:
    """A worker died between the server's answer and noting it."""
    await chat.first_letter()
    async with chat.house.desk.database.transaction() as session:
        unknown = {"state": "waiting", "sent_at": None, "tried_at": chat.travel.moment}
        await session.execute(update(SentLetter).where(SentLetter.kind == "answer").values(unknown))
    await _comes_back(chat, -1)
    assert await _states(chat) == ["bounced"]
    assert await chat.after(300) == []


NEW = "li.new@example.net"


async def test_a_late_report_about_the_old_address_says_nothing_of_the_new_one(chat: Channels) -> None:
    await chat.first_letter()
    went = len(chat.sent) - 1
    await chat.confirm(NEW)
    assert len(await chat.after(10)) == 1
    await _comes_back(chat, went)
    assert (await chat.state()).state == "on"
    assert await _bounced(chat) == {LI}
    await chat.answers("Two")
    assert await chat.after(130) == ["Two"]
    await _comes_back(chat, -1)
    assert (await chat.state()).state == "bounced"
    assert await _bounced(chat) == {LI, NEW}


async def test_a_genuine_letter_from_there_shows_that_somebody_reads_there_again(chat: Channels) -> None:
    async with chat.house.desk.database.transaction() as session:
        (await session.get_one(Mailbox, chat.house.mailbox.id)).authserv = "mx.wallet.example"
    await chat.first_letter()
    await _comes_back(chat, -1, status="4.2.2")
    assert await _bounced(chat) == set()
    await _comes_back(chat, -1)
    # Anybody can write a sender.
    await chat.replies("My mailbox was full.")
    assert (await chat.state()).state == "bounced"
    await chat.replies("It is not any more.", Authentication_Results="mx.wallet.example; dmarc=pass")
    assert (await chat.state()).state == "on"


async def _ask(chat: Channels, address: str) -> None:
    async with chat.house.desk.database.transaction() as session:
        await reach.ask(session, chat.viewer, address)


async def test_who_gave_an_address_that_does_not_exist_hears_of_it_at_once(chat: Channels) -> None:
    await _ask(chat, "typo@example.net")
    await chat.after(10)
    await _comes_back(chat, -1, status="4.4.1")
    assert (await chat.state()).state == "asked"
    await _comes_back(chat, -1)
    state = await chat.state()
    assert (state.state, state.address) == ("bounced", "t••••@example.net")
    assert await _states(chat, "confirm") == ["bounced"]
    entry = (await chat.house.timeline(chat.conversation_id))[-1]
    assert entry.event == {"type": "mail_bounced", "status": "5.1.1"}
    shown = presenting.for_customer(presenting.entry(entry, None))
    # By this line the chat's window asks anew.
    assert shown is not None
    # And another address is as good as ever.
    await _ask(chat, LI)
    await chat.after(10)
    assert (await chat.state()).state == "asked"


async def test_a_report_about_a_question_says_nothing_of_answers(chat: Channels) -> None:
    """The number of a question may be that of an entry."""
    await chat.confirm()
    await chat.after(10)
    await chat.here(False)
    seq = await chat.answers("One")
    assert await chat.after(130) == ["One"]
    went = chat.sent[-1]
    for number in range(2, seq + 1):
        async with chat.house.desk.database.transaction() as session:
            session.add(
                AddressAsked(
                    conversation_id=chat.conversation_id,
                    number=number,
                    mailbox_id=chat.house.mailbox.id,
                    customer_id=chat.house.desk.customer.id,
                    address=f"typo{number}@example.net",
                )
            )
            session.add(SentLetter(conversation_id=chat.conversation_id, first=number, seq=number, kind="confirm"))
    await chat.after(10)
    assert chat.sent[-1]["Message-ID"].split(".")[2] == str(seq)
    await _comes_back(chat, -1)
    assert await _states(chat) == ["sent"]
    assert await _bounced(chat) == set()
    assert (await _states(chat, "confirm"))[-1] == "bounced"
    number = chat.sent.index(went)
    await _comes_back(chat, number)
    assert await _states(chat) == ["bounced"]
    assert (await _states(chat, "confirm"))[-2:] == ["sent", "bounced"]


async def test_a_question_that_the_server_refuses_for_good_is_told(
    chat: Channels, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuses(*_: object, **__: object) -> None:
        raise smtp.Refused("550")

    monkeypatch.setattr(smtp, "send", refuses)
    await _ask(chat, "typo@example.net")
    await chat.after(10)
    assert (await chat.state()).state == "bounced"


async def test_a_report_that_quotes_a_forged_question_waits(chat: Channels) -> None:
    await _ask(chat, LI)
    await chat.after(10)
    identifier = chat.sent[-1]["Message-ID"]
    forged = identifier.replace(identifier.split(".")[3].split("@")[0], "0" * 32)
    assert await chat.house.take(_report("support@wallet.example", forged)) == "quarantined"
    assert (await chat.state()).state == "asked"
