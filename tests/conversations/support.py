"""A small desk: an inbox with an ordinary and an emergency queue, a customer, agents of several roles."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access import keys
from holdfast.access.disposable_keys import KeyFolder
from holdfast.access.viewer import CustomerViewer, Role, StaffViewer
from holdfast.conversations import exposures, operations, ports
from holdfast.conversations.facts import SecretFound
from holdfast.conversations.intake import IncomingMessage, chat_source, take
from holdfast.conversations.models import Conversation, Inbox, Queue
from holdfast.core.database import Database
from holdfast.people.models import Agent, Customer
from holdfast.people.sessions import viewer_of


@dataclass
class Desk:
    """``facts`` is everything that was stated, in order."""

    database: Database
    dsn: str
    inbox: Inbox
    queue: Queue
    emergency: Queue
    customer: Customer
    ana: StaffViewer
    wei: StaffViewer
    karin: StaffViewer
    keys: KeyFolder
    facts: list[object] = field(default_factory=list)

    async def open(self, text: str = "My withdrawal is pending", *, emergency: bool = False) -> UUID:
        """A new conversation of the customer."""
        async with self.database.transaction() as session:
            conversation, _ = await operations.open_conversation(
                session,
                await session.merge(self.inbox),
                await session.merge(self.customer),
                IncomingMessage("chat-open", self.inbox.id.bytes + uuid4().bytes, "customer", self.customer.id, text),
                language="en",
                emergency=emergency,
            )
        return conversation.id

    async def assign(self, conversation_id: UUID, agent: StaffViewer) -> None:
        async with self.database.transaction() as session:
            await operations.assign(session, agent, conversation_id, agent.id, how="taken")

    async def read(self, conversation_id: UUID) -> Conversation:
        async with self.database.transaction() as session:
            return await session.get_one(Conversation, conversation_id)

    def viewer(self, conversation_id: UUID) -> CustomerViewer:
        return CustomerViewer(self.customer.id, conversation_id)

    def asks(self, conversation_id: UUID, text: str, key: UUID | None = None) -> IncomingMessage:
        """A chat message of the customer."""
        return self._message(conversation_id, key or uuid4(), "customer", self.customer.id, text, "public")

    def answers(self, conversation_id: UUID, text: str, agent: StaffViewer, kind: str = "public") -> IncomingMessage:
        return self._message(conversation_id, uuid4(), "agent", agent.id, text, kind)

    def _message(
        self, conversation_id: UUID, key: UUID, author: str, author_id: UUID, text: str, kind: str
    ) -> IncomingMessage:
        taken = take(text)
        source_id = chat_source(conversation_id, key)
        return IncomingMessage(
            "chat", source_id, author, author_id, taken.body, taken.event, kind=kind, seal=taken.seal
        )

    async def says(self, conversation_id: UUID, text: str) -> int:
        """The customer writes; the entry's sequence."""
        async with self.database.transaction() as session:
            _, stored = await operations.post(
                session, self.viewer(conversation_id), conversation_id, self.asks(conversation_id, text)
            )
        return stored.seq


@asynccontextmanager
async def desk(dsn: str) -> AsyncIterator[Desk]:
    """A desk in an empty, migrated database. Of the reactions only what is found is answered."""
    keys.use_key_ring(keys.KeyRing(b"k" * 32))
    folder = tempfile.TemporaryDirectory(prefix="holdfast-keys-")
    disposable = KeyFolder(Path(folder.name))
    ports.use_keys(disposable)
    facts: list[object] = []

    async def remember(session: AsyncSession, fact: object) -> None:
        facts.append(fact)
        if isinstance(fact, SecretFound):
            await exposures.on_secret_found(session, fact)

    database = Database(dsn, answer=remember)
    async with database.transaction() as session:
        queue = Queue(key="general", name="General", skill="general")
        emergency = Queue(key="emergency", name="Emergency", skill="emergency", emergency=True, answer_seconds=60)
        session.add_all([queue, emergency])
        await session.flush()
        inbox = Inbox(key="wallet", name="Wallet", queue_id=queue.id, emergency_queue_id=emergency.id)
        customer = Customer(name="Lin Haoran")
        agents = [
            Agent(email="ana@example.com", name="Ana", roles=[Role.AGENT]),
            Agent(email="wei@example.com", name="Wei", roles=[Role.AGENT, Role.EMERGENCY_AGENT]),
            Agent(email="karin@example.com", name="Karin", roles=[Role.LEAD]),
        ]
        session.add_all([inbox, customer, *agents])
    ana, wei, karin = (viewer_of(agent) for agent in agents)
    try:
        yield Desk(database, dsn, inbox, queue, emergency, customer, ana, wei, karin, disposable, facts)
    finally:
        await database.close()
        folder.cleanup()
