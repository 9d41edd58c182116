"""A small desk: an inbox with an ordinary and an emergency queue, a customer, agents of several roles."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access import keys
from holdfast.access.viewer import CustomerViewer, Role, StaffViewer
from holdfast.conversations import operations
from holdfast.conversations.intake import IncomingMessage, chat_source
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
        return IncomingMessage("chat", chat_source(conversation_id, key or uuid4()), "customer", self.customer.id, text)

    def answers(self, conversation_id: UUID, text: str, agent: StaffViewer, kind: str = "public") -> IncomingMessage:
        return IncomingMessage("chat", chat_source(conversation_id, uuid4()), "agent", agent.id, text, kind=kind)


@asynccontextmanager
async def desk(dsn: str) -> AsyncIterator[Desk]:
    """A desk in an empty, migrated database."""
    keys.use_key_ring(keys.KeyRing(b"k" * 32))
    facts: list[object] = []

    async def remember(_session: AsyncSession, fact: object) -> None:
        facts.append(fact)

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
        yield Desk(database, dsn, inbox, queue, emergency, customer, ana, wei, karin, facts)
    finally:
        await database.close()
