"""A desk where routing works: queues, a customer, agents with rights and languages, and a clock that tests turn."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access import keys
from holdfast.access.viewer import Role, StaffViewer
from holdfast.app import reactions
from holdfast.conversations import operations as conversations
from holdfast.conversations.intake import IncomingMessage, chat_source
from holdfast.conversations.models import Conversation, Inbox, Queue
from holdfast.core import clock
from holdfast.core.database import Database
from holdfast.people import presence
from holdfast.people.models import Agent, AgentLanguage, Customer
from holdfast.people.sessions import viewer_of
from holdfast.routing import operations, ports
from holdfast.routing.models import Assignment, Offer
from holdfast.routing.router import Pass, Router
from holdfast.training.models import Evidence
from holdfast.training.operations import seed_rules


class Clock:
    """Stands still until it is turned."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 24, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def turn(self, **by: float) -> None:
        self.moment += timedelta(**by)


@dataclass
class Desk:
    database: Database
    dsn: str
    clock: Clock
    inbox: Inbox
    queue: Queue
    emergency: Queue
    customer: Customer
    process_id: UUID
    sockets: dict[UUID, UUID] = field(default_factory=dict)

    @property
    def router(self) -> Router:
        return Router(self.database)

    async def decide(self) -> Pass:
        return await self.router.decide()

    async def agent(
        self,
        name: str,
        *roles: Role,
        skills: Sequence[str] = ("general",),
        languages: dict[str, str] | None = None,
        capacity: int = 4,
        online: bool = True,
    ) -> StaffViewer:
        """A certified agent, native in English unless told otherwise, at an open console."""
        async with self.database.transaction() as session:
            agent = Agent(
                email=f"{name}-{uuid4().hex[:6]}@example.com",
                name=name,
                roles=list(roles or (Role.AGENT,)),
                capacity={"chat": capacity},
            )
            session.add(agent)
            await session.flush()
            for language, level in (languages or {"en": "native"}).items():
                session.add(AgentLanguage(agent_id=agent.id, language=language, level=level))
            for skill in skills:
                session.add(Evidence(agent_id=agent.id, kind="attestation", ref=skill, at=clock.now()))
        viewer = viewer_of(agent)
        if online:
            await self.come(viewer)
        return viewer

    async def come(self, viewer: StaffViewer) -> None:
        """Open a console and choose to be online."""
        async with self.database.transaction() as session:
            await presence.beat(session, self.process_id)
            self.sockets[viewer.id] = await presence.socket_opened(session, viewer.id, self.process_id)
            await presence.choose(session, viewer, "online")

    async def lose_socket(self, viewer: StaffViewer) -> None:
        async with self.database.transaction() as session:
            await presence.socket_closed(session, self.sockets.pop(viewer.id))

    async def open(self, *, language: str = "en", emergency: bool = False) -> UUID:
        """A new conversation."""
        async with self.database.transaction() as session:
            return await self.open_in(session, language=language, emergency=emergency)

    async def open_in(self, session: AsyncSession, *, language: str = "en", emergency: bool = False) -> UUID:
        conversation, _ = await conversations.open_conversation(
            session,
            self.inbox,
            self.customer,
            IncomingMessage("chat-open", uuid4().bytes, "customer", self.customer.id, "Where is my deposit?"),
            language=language,
            emergency=emergency,
        )
        return conversation.id

    async def says(self, conversation_id: UUID, agent: StaffViewer, text: str = "I am looking into it.") -> None:
        """An answer of the agent."""
        message = IncomingMessage("chat", chat_source(conversation_id, uuid4()), "agent", agent.id, text)
        async with self.database.transaction() as session:
            await conversations.post(session, agent, conversation_id, message)

    async def accept(self, agent: StaffViewer, offer_id: UUID) -> None:
        async with self.database.transaction() as session:
            await operations.accept(session, agent, offer_id)

    async def accepted(self, agent: StaffViewer, *, emergency: bool = False) -> UUID:
        """A new conversation that was offered to the agent and taken."""
        conversation_id = await self.open(emergency=emergency)
        await self.decide()
        offer = await self.rings(conversation_id)
        assert offer is not None
        assert offer.agent_id == agent.id
        await self.accept(agent, offer.id)
        return conversation_id

    async def rings(self, conversation_id: UUID) -> Offer | None:
        async with self.database.transaction() as session:
            found: Offer | None = await session.scalar(
                select(Offer).where(Offer.conversation_id == conversation_id, Offer.outcome.is_(None))
            )
            return found

    async def rings_at(self, conversation_id: UUID) -> UUID | None:
        offer = await self.rings(conversation_id)
        return offer.agent_id if offer else None

    async def outcomes(self, conversation_id: UUID) -> list[str | None]:
        """Of every offer of the conversation, the oldest first."""
        async with self.database.transaction() as session:
            found = await session.scalars(
                select(Offer.outcome).where(Offer.conversation_id == conversation_id).order_by(Offer.id)
            )
            return list(found)

    async def read(self, conversation_id: UUID) -> Conversation:
        async with self.database.transaction() as session:
            return await session.get_one(Conversation, conversation_id)

    async def assignments(self, conversation_id: UUID) -> list[tuple[UUID, str, str | None]]:
        """(agent, how, ended), the oldest first."""
        async with self.database.transaction() as session:
            found = await session.scalars(
                select(Assignment).where(Assignment.conversation_id == conversation_id).order_by(Assignment.id)
            )
            return [(a.agent_id, a.how, a.ended) for a in found]


@asynccontextmanager
async def desk(dsn: str) -> AsyncIterator[Desk]:
    """A desk in an empty, migrated database, with everything wired as in the application."""
    keys.use_key_ring(keys.KeyRing(b"k" * 32))
    time = Clock()
    clock.set_source(time)
    # Another test may have started the application, in which nobody without a phone is called.
    ports.plug(ports.EverywhereInReach())
    database = Database(dsn, answer=reactions.answer)
    async with database.transaction() as session:
        queue = Queue(key="general", name="General", skill="general", answer_seconds=900, offer_seconds=60)
        emergency = Queue(
            key="emergency", name="Emergency", skill="emergency", emergency=True, answer_seconds=60, offer_seconds=20
        )
        session.add_all([queue, emergency])
        await session.flush()
        inbox = Inbox(key="wallet", name="Wallet", queue_id=queue.id, emergency_queue_id=emergency.id)
        customer = Customer(name="Lin Haoran")
        session.add_all([inbox, customer])
        await seed_rules(session)
        process_id = await presence.register_process(session, "web")
    try:
        yield Desk(database, dsn, time, inbox, queue, emergency, customer, process_id)
    finally:
        clock.set_source(None)
        await database.close()
