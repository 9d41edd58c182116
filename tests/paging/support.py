"""People on call, a clock that stands still until it is turned, and a sender that keeps what it was given."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from holdfast.access import keys
from holdfast.access.viewer import Role, StaffViewer
from holdfast.app import reactions
from holdfast.core import clock
from holdfast.core.database import Database
from holdfast.core.due import Claimer
from holdfast.paging import contacts, pages, ports, rotas
from holdfast.paging.courier import Courier
from holdfast.paging.models import ContactMethod, Page, PageDelivery, PageEvent
from holdfast.paging.ports import Message, Outcome
from holdfast.paging.schemas import Duty, LayerView, PolicyStep
from holdfast.people.models import Agent
from holdfast.people.sessions import viewer_of

ORIGIN = "http://localhost:8420"
HANDLERS = {pages.DUE: pages.climb, contacts.TEST_KIND: pages.weekly_test}


class Clock:
    """Stands still until it is turned."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def turn(self, **by: float) -> None:
        self.moment += timedelta(**by)


@dataclass
class Kept:
    """The fake of ``ports.Sender``. ``answer`` says what comes of the next messages; by default all arrive."""

    messages: list[Message] = field(default_factory=list)
    answer: Callable[[Message], Awaitable[Outcome]] | None = None

    async def send(self, message: Message) -> Outcome:
        self.messages.append(message)
        return Outcome(True) if self.answer is None else await self.answer(message)


@dataclass
class House:
    database: Database
    clock: Clock
    sender: Kept
    ana: StaffViewer
    wei: StaffViewer
    karin: StaffViewer
    lena: StaffViewer

    @property
    def courier(self) -> Courier:
        return Courier(self.database, self.sender, ORIGIN)

    async def work(self) -> list[tuple[str, str]]:
        """Everything that is due now, as a worker does it; (name, kind) of those who were told."""
        before = len(self.sender.messages)
        await Claimer(self.database, HANDLERS)._look()
        await self.carry()
        names = {viewer.id: viewer.name for viewer in (self.ana, self.wei, self.karin, self.lena)}
        async with self.database.transaction() as session:
            told = {row.id: names[row.agent_id] for row in await session.scalars(select(PageDelivery))}
        return [(told[message.id], message.kind) for message in self.sender.messages[before:]]

    async def carry(self) -> None:
        """What is due to be sent, until nothing is on its way."""
        courier = self.courier
        await courier._look()
        await courier.idle()

    async def contact(self, viewer: StaffViewer, kind: str, address: str, after: int = 0) -> UUID:
        """A confirmed one."""
        async with self.database.transaction() as session:
            made = ContactMethod(
                agent_id=viewer.id, kind=kind, address=address, after_minutes=after, confirmed_at=clock.now()
            )
            session.add(made)
        return made.id

    async def rota(self, name: str, *people: StaffViewer, days: int = 1) -> UUID:
        """Turns from nine to nine in UTC, since yesterday."""
        turns = LayerView([one.id for one in people], "UTC", date(2026, 11, 24), "09:00", days)
        async with self.database.transaction() as session:
            row = await rotas.save_rota(session, self.karin, None, name=name, layers=[turns], network="n")
            return row.id

    async def policy(self, duty: Duty, *steps: PolicyStep) -> None:
        async with self.database.transaction() as session:
            await rotas.save_policy(session, self.karin, duty, steps, "n")

    async def raised(self, about: str = "conversation:1", duty: Duty = "emergency") -> UUID:
        async with self.database.transaction() as session:
            return await pages.raise_page(session, "emergency_requested", duty, about)

    async def page(self, page_id: UUID) -> Page:
        async with self.database.transaction() as session:
            found = await session.get(Page, page_id)
        assert found is not None
        return found

    async def log(self, page_id: UUID) -> list[str]:
        async with self.database.transaction() as session:
            return list(
                await session.scalars(select(PageEvent.kind).where(PageEvent.page_id == page_id).order_by(PageEvent.id))
            )

    async def deliveries(self) -> list[PageDelivery]:
        async with self.database.transaction() as session:
            return list(await session.scalars(select(PageDelivery).order_by(PageDelivery.id)))


@asynccontextmanager
async def house(dsn: str) -> AsyncIterator[House]:
    keys.use_key_ring(keys.KeyRing(b"k" * 32))
    before = ports.certificates()
    ports.plug(ports.NoCertificates())
    ticking = Clock()
    clock.set_source(ticking)
    database = Database(dsn, answer=reactions.answer)
    staff = [
        Agent(email="ana@example.com", name="Ana", roles=[Role.AGENT]),
        Agent(email="wei@example.com", name="Wei", roles=[Role.AGENT, Role.EMERGENCY_AGENT], interface_language="de"),
        Agent(email="karin@example.com", name="Karin", roles=[Role.LEAD]),
        Agent(email="lena@example.com", name="Lena", roles=[Role.ADMINISTRATOR]),
    ]
    async with database.transaction() as session:
        session.add_all(staff)
    try:
        yield House(database, ticking, Kept(), *(viewer_of(agent) for agent in staff))
    finally:
        ports.plug(before)
        clock.set_source(None)
        await database.close()
