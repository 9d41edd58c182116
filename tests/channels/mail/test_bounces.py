"""Reports of delivery are about the letter and the address that they are about, and about nothing else."""

import aiosmtplib
import pytest
from sqlalchemy import select, update

from holdfast.channels.mail.models import Mailbox, SentLetter
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
    await chat.confirm()
    await chat.after(10)
    await chat.here(False)
    await chat.answers("One")
    assert await chat.after(130) == ["One"]

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
    await chat.confirm()
    await chat.after(10)
    await chat.here(False)
    await chat.answers("One")
    assert await chat.after(130) == ["One"]
    async with chat.house.desk.database.transaction() as session:
        unknown = {"state": "waiting", "sent_at": None, "tried_at": chat.travel.moment}
        await session.execute(update(SentLetter).where(SentLetter.kind == "answer").values(unknown))
    await _comes_back(chat, -1)
    assert await _states(chat) == ["bounced"]
    assert await chat.after(300) == []


NEW = "li.new@example.net"


async def test_a_late_report_about_the_old_address_says_nothing_of_the_new_one(chat: Channels) -> None:
    await chat.confirm()
    await chat.after(10)
    await chat.here(False)
    await chat.answers("One")
    assert await chat.after(130) == ["One"]
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
    await chat.confirm()
    await chat.after(10)
    await chat.here(False)
    await chat.answers("One")
    assert await chat.after(130) == ["One"]
    await _comes_back(chat, -1, status="4.2.2")
    assert await _bounced(chat) == set()
    await _comes_back(chat, -1)
    # Anybody can write a sender.
    await chat.replies("My mailbox was full.")
    assert (await chat.state()).state == "bounced"
    await chat.replies("It is not any more.", Authentication_Results="mx.wallet.example; dmarc=pass")
    assert (await chat.state()).state == "on"
