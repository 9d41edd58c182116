"""Queued mails: sealed, sent once, deleted; kept by a demo."""

from dataclasses import replace
from email.message import EmailMessage

import aiosmtplib
import pytest
from sqlalchemy import text

from holdfast.core import mail as smtp
from holdfast.core.jobs import PermanentFailure
from holdfast.people import mail
from tests.people.support import House


async def queue(house: House) -> str:
    async with house.database.transaction() as session:
        await mail.send_later(session, "ana@example.org", "A link", "https://example.org/secret-link")
    return str((await house.mails())[-1].id)


async def test_it_is_sealed_until_it_is_sent_and_then_gone(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []

    async def take(server: smtp.SmtpServer, message: EmailMessage) -> None:
        sent.append(f"{server.host} {message['To']} {message['Subject']} {message.get_content().strip()}")

    monkeypatch.setattr(smtp, "send", take)
    mail_id = await queue(house)
    async with house.database.engine.connect() as connection:
        stored = (await connection.execute(text("SELECT m::text FROM outgoing_mail m"))).scalar_one()
        job = (await connection.execute(text("SELECT task_name, args FROM procrastinate_jobs"))).one()
    assert "example" not in stored
    assert b"example".hex() not in stored
    assert tuple(job) == ("mail.send", {"mail": mail_id})
    await mail.send(house.settings, house.database, mail=mail_id)
    assert sent == ["localhost ana@example.org A link https://example.org/secret-link"]
    assert await house.mails() == []
    # The job again, after a crash before its end was noted: nothing.
    await mail.send(house.settings, house.database, mail=mail_id)
    assert len(sent) == 1


async def test_a_server_that_is_away_keeps_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object) -> None:
        raise aiosmtplib.SMTPServerDisconnected("gone")

    async def refuse(*_: object) -> None:
        raise smtp.Refused("no such mailbox")

    mail_id = await queue(house)
    monkeypatch.setattr(smtp, "send", away)
    with pytest.raises(aiosmtplib.SMTPException):
        await mail.send(house.settings, house.database, mail=mail_id)
    monkeypatch.setattr(smtp, "send", refuse)
    with pytest.raises(PermanentFailure):
        await mail.send(house.settings, house.database, mail=mail_id)
    with pytest.raises(RuntimeError, match="HOLDFAST_SMTP_URL"):
        await mail.send(replace(house.settings, smtp_url=None), house.database, mail=mail_id)
    assert len(await house.mails()) == 1


async def test_a_demo_keeps_and_shows_it(demo: House) -> None:
    mail_id = await queue(demo)
    browser = demo.browser()
    assert (await browser.get("/api/demo/mails")).json() == []
    await mail.send(demo.settings, demo.database, mail=mail_id)
    (shown,) = (await browser.get("/api/demo/mails")).json()
    assert (shown["to"], shown["subject"]) == ("ana@example.org", "A link")
    assert shown["text"] == "https://example.org/secret-link"
