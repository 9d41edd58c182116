"""A chat whose customer comes and goes, with a clock that moves when told, and the letters that leave the house."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
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
from holdfast.conversations import operations, presences
from holdfast.conversations.models import Conversation
from holdfast.core import clock
from holdfast.core import mail as smtp
from holdfast.core.due import Due
from holdfast.people import presence
from tests.channels.mail.conftest import LI, House, written


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
        """What the worker does now."""
        await self.ripen()
        await self.courier()._look()

    def courier(self) -> Courier:
        return Courier(replace(self.house.settings, smtp_url="smtp://localhost"), self.house.desk.database)

    async def ripen(self) -> None:
        """Look at timelines, and handle the deadlines that have come."""
        database, settings = self.house.desk.database, self.house.settings
        async with database.transaction() as session:
            await outbox.collect(session, [self.conversation_id])
        async with database.transaction() as session:
            for row in list(await session.scalars(select(Due).where(Due.kind == outbox.ANSWER))):
                if row.at <= clock.now():
                    await session.delete(row)
                    await session.flush()
                    await outbox.Answers(settings)(session, row.ref)

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

    async def first_letter(self) -> None:
        """They confirm their address, leave, and the first answer goes by letter."""
        await self.confirm()
        await self.after(10)
        await self.here(False)
        await self.answers("One")
        assert await self.after(130) == ["One"]

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


@asynccontextmanager
async def begun(house: House, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Channels]:
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
