"""A desk with two mailboxes, an intake, and letters to put into it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from holdfast.channels.mail import queries
from holdfast.channels.mail.intake import Intake
from holdfast.channels.mail.models import Mailbox, SentLetter, StoredLetter
from holdfast.channels.mail.sealed_words import Words, unseal
from holdfast.conversations.models import Conversation, Message
from holdfast.core.clock import now
from holdfast.core.ids import new_id
from holdfast.core.settings import Settings
from holdfast.people import customers
from tests.conversations.support import Desk
from tests.conversations.support import desk as make_desk

LI = "li@example.net"


def written(
    text: str, subject: str = "Help", sender: str = f"Li <{LI}>", to: str = "support@wallet.example", **headers: str
) -> bytes:
    """A letter as a mail programme writes it; ``headers`` with underscores for hyphens."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = format_datetime(now())
    message["Message-ID"] = f"<{new_id().hex}@mail.example>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


@dataclass
class House:
    desk: Desk
    settings: Settings
    intake: Intake
    mailbox: Mailbox
    chinese: Mailbox

    async def take(self, raw: bytes, *envelope: str) -> str:
        return await self.intake.take(self.mailbox.id, raw, envelope)

    async def letters(self) -> list[StoredLetter]:
        async with self.desk.database.transaction() as session:
            return list(await session.scalars(select(StoredLetter).order_by(StoredLetter.id)))

    async def last(self) -> StoredLetter:
        return (await self.letters())[-1]

    async def words(self, row: StoredLetter) -> Words:
        found = unseal(self.intake.keys, row.id, row.sealed)
        assert found is not None
        return found

    async def conversations(self) -> list[Conversation]:
        async with self.desk.database.transaction() as session:
            return list(await session.scalars(select(Conversation).order_by(Conversation.id)))

    async def timeline(self, conversation_id: UUID) -> list[Message]:
        async with self.desk.database.transaction() as session:
            found = select(Message).where(Message.conversation_id == conversation_id).order_by(Message.seq)
            return list(await session.scalars(found))

    async def sent(self) -> list[SentLetter]:
        async with self.desk.database.transaction() as session:
            return list(await session.scalars(select(SentLetter).order_by(SentLetter.id)))

    async def count(self, model: type) -> int:
        async with self.desk.database.transaction() as session:
            return await session.scalar(select(func.count()).select_from(model)) or 0

    async def open(self, text: str = "Where is my money?", **more: str) -> Conversation:
        """A conversation that began with a letter."""
        assert await self.take(written(text, **more)) == "taken"
        row = await self.last()
        assert row.conversation_id
        return await self.desk.read(row.conversation_id)

    async def prove(self, address: str = LI) -> None:
        """Somebody whom the wallet vouches for has this address."""
        async with self.desk.database.transaction() as session:
            await customers.find_or_create(
                session, subject="wallet:1", name="Li", language="en", contacts={"email": address}, proven=True
            )

    async def thread_of(self, conversation_id: UUID) -> str:
        async with self.desk.database.transaction() as session:
            thread = await queries.thread(session, conversation_id)
            assert thread is not None
            return thread.address


@pytest.fixture
async def house(fresh_database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    settings = replace(
        Settings(), data_dir=tmp_path, organisation="Holdfast Wallet", public_url="https://help.wallet.example"
    )
    async with make_desk(fresh_database_url) as desk:
        both = [
            Mailbox(address="support@wallet.example", name="Wallet support", inbox_id=desk.inbox.id, way="lmtp"),
            Mailbox(
                address="zh@wallet.example", name="钱包客服", language="zh-Hans", inbox_id=desk.inbox.id, way="lmtp"
            ),
        ]
        async with desk.database.transaction() as session:
            session.add_all(both)
        intake = Intake(settings, desk.database)
        yield House(desk, settings, intake, both[0], both[1])


@pytest.fixture
async def chat(house: House, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """``Channels``."""
    from tests.channels.mail.chat import begun

    async with begun(house, monkeypatch) as channels:
        yield channels
