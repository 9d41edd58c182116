"""The listener answers 250 only for what is stored; a mailbox that has become silent alarms, once."""

import asyncio
import smtplib
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from holdfast.channels.mail import watch
from holdfast.channels.mail.listener import Listener, Place, place
from holdfast.channels.mail.models import Mailbox, StoredLetter
from holdfast.core.clock import now
from holdfast.core.settings import SettingsError
from holdfast.paging.models import Page
from holdfast.people.models import Agent, OutgoingMail
from tests.channels.mail.conftest import House, written
from tests.support.servers import wait_for_connections
from tests.support.waiting import eventually, eventually_so

OURS, NOBODY = "support@wallet.example", "nobody@wallet.example"


def test_a_place_is_read_or_refused() -> None:
    assert place("lmtp://127.0.0.1:8424") == Place("lmtp", "127.0.0.1", 8424)
    assert place("lmtp:///run/holdfast/lmtp.sock") == Place("lmtp", path="/run/holdfast/lmtp.sock")
    for wrong in ("127.0.0.1:25", "http://127.0.0.1:25", "lmtp://127.0.0.1", "lmtp://127.0.0.1:x"):
        with pytest.raises(SettingsError):
            place(wrong)
    for closed in ("10.0.0.7", "192.168.1.2", "localhost", "[::1]", "[fd00::7]", "[::ffff:10.0.0.7]"):
        assert place(f"lmtp://{closed}:8424").port == 8424
    for reached in ("0.0.0.0", "[::]", "203.0.114.7", "[2a01:4f8::1]", "[::ffff:8.8.8.8]", "[::ffff:0.0.0.0]", "mail"):
        with pytest.raises(SettingsError, match="HOLDFAST_MAIL_LISTEN_ANYWHERE"):
            place(f"lmtp://{reached}:8424")
        assert place(f"lmtp://{reached}:8424", anywhere=True).port == 8424


async def test_it_ends_beside_a_session_that_goes_on(
    house: House, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_for_connections(monkeypatch)
    listener = Listener(Place("lmtp", "127.0.0.1", free_port), house.intake, house.desk.database)
    task = asyncio.create_task(listener.run())
    await eventually(lambda: listener.listening, 5, "it listens")
    reader, writer = await asyncio.open_connection("127.0.0.1", free_port)
    assert (await reader.readline()).startswith(b"220")
    task.cancel()
    await asyncio.wait({task}, timeout=5)
    assert task.cancelled()
    writer.write(b"QUIT\r\n")
    assert (await asyncio.wait_for(reader.read(), 5)).startswith(b"221"), "it goes on until then"
    writer.close()


async def test_250_stands_for_a_stored_letter(house: House, free_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    listener = Listener(Place("lmtp", "127.0.0.1", free_port), house.intake, house.desk.database)
    task = asyncio.create_task(listener.run())
    await eventually(lambda: listener.listening, 5, "it listens")

    def send(raw: bytes, *to: str) -> dict[str, tuple[int, bytes]]:
        with smtplib.LMTP("127.0.0.1", free_port) as server:
            return server.sendmail("li@example.net", list(to), raw)

    def each(raw: bytes, *to: str) -> list[int]:
        """By LMTP each recipient has an answer of its own (RFC 2033), which Python's client does not read."""
        with smtplib.LMTP("127.0.0.1", free_port) as server:
            server.ehlo_or_helo_if_needed()
            server.mail("li@example.net")
            for one in to:
                server.rcpt(one)
            return [server.data(raw)[0], *(server.getreply()[0] for _ in to[1:])]

    try:
        refused = await asyncio.to_thread(send, written("Hello"), OURS, NOBODY)
        assert {to: code for to, (code, _) in refused.items()} == {NOBODY: 550}
        assert await house.count(StoredLetter) == 1

        async def away(*_: object) -> str:
            raise OSError("secret words")

        with monkeypatch.context() as patch:
            patch.setattr(house.intake, "take", away)
            with pytest.raises(smtplib.SMTPDataError) as answer:
                await asyncio.to_thread(send, written("Again"), OURS)
        assert answer.value.smtp_code == 451
        assert "secret" not in str(answer.value.smtp_error)
        await asyncio.to_thread(send, written("Again"), OURS)
        assert await house.count(StoredLetter) == 2
        assert await asyncio.to_thread(each, written("Twice"), OURS, "support+token@wallet.example") == [250, 250]
        assert await house.count(StoredLetter) == 3
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_silent_mailbox_alarms_once(house: House) -> None:
    async with house.desk.database.transaction() as session:
        session.add(Agent(email="boss@example.com", name="Boss", roles=["administrator"]))
        await session.execute(
            update(Mailbox)
            .where(Mailbox.address == OURS)
            .values(succeeded_at=now() - watch.SILENT_AFTER - timedelta(seconds=1))
        )
    for expected in (1, 0):
        async with house.desk.database.transaction() as session:
            assert await watch.alarm(session) == expected
    assert await house.count(OutgoingMail) == 1
    async with house.desk.database.transaction() as session:
        [page] = await session.scalars(select(Page))
    assert (page.kind, page.duty, page.state) == ("health_alarm", "health", "open")

    async def over() -> bool:
        async with house.desk.database.transaction() as session:
            return await session.scalar(select(Page.state)) == "resolved"

    # A server of the house delivers to it, and somebody listens again.
    looks = asyncio.create_task(watch.run(house.desk.database, lambda: True))
    try:
        await eventually_so(over, 10, "the end of the page")
    finally:
        looks.cancel()
