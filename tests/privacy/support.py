"""What the tests of customers' rights look at: one customer with everything, and another who must not be touched."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import select, text, update

from holdfast.access.models import AccessGrant, Alarm
from holdfast.access.viewer import Role, StaffViewer
from holdfast.app.web import create_litestar
from holdfast.conversations import fragments, operations
from holdfast.conversations.models import Attachment, Conversation, Exposure, Fragment, Rating
from holdfast.conversations.tokens import issue_token
from holdfast.core.clock import now
from holdfast.core.due import Claimer
from holdfast.core.settings import Settings
from holdfast.people import customers
from holdfast.people.models import Agent, Customer
from holdfast.people.sessions import viewer_of
from holdfast.privacy import jobs
from tests.conversations.support import Desk
from tests.privacy.rows import fill
from tests.support.browsers import NETWORK, browser_of

# Words that stand nowhere else.
# May be the beginning of a phrase.
PIECE = "legal winner thank year"
WORDS = ("Zebrafink", "Quittenbrot", "Wolkenkuckuck")


@dataclass
class House:
    """``customer`` has a resolved conversation with words, a file and a rating; ``other`` has one too."""

    desk: Desk
    settings: Settings
    app: Any
    admin: StaffViewer
    auditor: StaffViewer
    customer: UUID
    conversation: UUID
    token: str
    other: UUID
    other_conversation: UUID

    @classmethod
    async def built(cls, desk: Desk, settings: Settings) -> "House":
        async with desk.database.transaction() as session:
            staff = [
                Agent(email="root@example.com", name="Rut", roles=[Role.ADMINISTRATOR]),
                Agent(email="eva@example.com", name="Eva", roles=[Role.AUDITOR]),
            ]
            session.add_all(staff)
        made = []
        for subject in ("user-1", "user-2"):
            made.append(await _customer(desk, settings, subject))
        (customer, conversation, token), (other, other_conversation, _) = made
        app = create_litestar(settings, desk.database)
        admin, auditor = map(viewer_of, staff)
        return cls(desk, settings, app, admin, auditor, customer, conversation, token, other, other_conversation)

    def browser(self, viewer: StaffViewer | None = None) -> AbstractAsyncContextManager[httpx.AsyncClient]:
        """Signed in as ``viewer``, or nobody's."""
        return browser_of(self.app, self.desk.database, viewer)

    async def run_jobs(self) -> int:
        """Do the privacy jobs that are enqueued, as the worker would; how many there were."""
        async with self.desk.database.engine.begin() as connection:
            rows = await connection.execute(
                text("DELETE FROM procrastinate_jobs WHERE task_name = 'privacy.work' RETURNING args")
            )
            found = [row[0] for row in rows]
        for arguments in found:
            await jobs.work(self.settings, self.desk.database, **arguments)
        return len(found)

    async def dump(self) -> str:
        """Every row of every table as text, sealed columns as the bytes they are."""
        async with self.desk.database.engine.connect() as connection:
            tables = (
                await connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
            ).scalars()
            whole = []
            for table in tables.all():
                whole += [str(row) for row in await connection.execute(text(f'SELECT t::text FROM "{table}" t'))]
        return "\n".join(whole)

    async def age(self, days: int) -> None:
        """As if everything had happened so many days ago."""
        async with self.desk.database.transaction() as session:
            for column in ("conversation.resolved_at", "rating.at", "customer.seen_at", "letter.came_at"):
                table, name = column.split(".")
                await session.execute(
                    text(f"UPDATE {table} SET {name} = {name} - make_interval(days => :days)"), {"days": days}
                )


async def _customer(desk: Desk, settings: Settings, subject: str) -> tuple[UUID, UUID, str]:
    async with desk.database.transaction() as session:
        customer = await customers.find_or_create(
            session,
            subject=subject,
            name=f"{WORDS[0]} of {subject}",
            language="en",
            contacts={"email": f"{WORDS[1]}@{subject}.example", "phone": "+49 30 1234567"},
            proven=True,
        )
    desk.customer = customer
    conversation = await desk.open(f"{WORDS[2]} says {subject}")
    await desk.assign(conversation, desk.ana)
    async with desk.database.transaction() as session:
        await operations.post(session, desk.ana, conversation, desk.answers(conversation, "Thank you", desk.ana))
        token = await _token(session, conversation)
        key = jobs.uploads(settings).put(f"bytes of {subject}".encode())
        session.add(
            Attachment(
                conversation_id=conversation,
                seq=2,
                uploader="customer",
                uploader_id=customer.id,
                name=f"{WORDS[0]}.txt",
                media_type="text/plain",
                size=5,
                key=key,
            )
        )
        row = await session.get_one(Conversation, conversation)
        await fill(session, settings.data_dir / "files", row, desk.ana, f"{WORDS[2]} says {subject}")
        await operations.resolve(session, desk.ana, conversation)
        session.add(
            Rating(conversation_id=conversation, episode=1, key=uuid4(), solved="yes", words=f"{WORDS[1]}, good")
        )
    return customer.id, conversation, token


async def _token(session: Any, conversation: UUID) -> str:
    return issue_token(session, conversation)


async def pending_piece(house: House) -> UUID:
    """A message that may be a piece of a phrase, in the first customer's conversation; the name of its key."""
    desk = house.desk
    async with desk.database.transaction() as session:
        row = await session.get_one(Conversation, house.conversation)
        desk.customer = await session.get_one(Customer, row.customer_id)
    await desk.says(house.conversation, PIECE)
    async with desk.database.transaction() as session:
        conversation = await session.get_one(Conversation, house.conversation)
        if conversation.category != "resolved":
            await operations.resolve(session, desk.karin, conversation.id)
        fragment = (await session.scalars(select(Fragment))).one()
        assert (fragment.conversation_id, fragment.why) == (house.conversation, "fragment")
        return fragment.id


async def shred(house: House) -> None:
    """The deadlines of keys, as the worker runs them."""
    claimer = Claimer(house.desk.database, {fragments.SHRED: fragments.shred})
    async with house.desk.database.transaction() as session:
        await session.execute(text("DELETE FROM due WHERE kind <> :kind"), {"kind": fragments.SHRED})
    while await claimer._handle_next(now()):
        pass


def exposure(conversation: UUID, customer: UUID, **more: Any) -> Exposure:
    known = {"kind": "recovery_phrase", "word_count": 12, "certainty": "certain", "place": "message"}
    return Exposure(**known | {"conversation_id": conversation, "customer_id": customer, "author": "customer"} | more)


def grant(conversation: UUID, customer: UUID, *, at: datetime, **more: Any) -> AccessGrant:
    known = {"agent_id": uuid4(), "field": "email", "field_id": uuid4(), "purpose": "refund", "words": WORDS[0]}
    times = {"granted_at": at, "ends_at": at, "ended_at": at, "ended_why": "time"}
    return AccessGrant(**known | times | {"conversation_id": conversation, "customer_id": customer} | more)


def picture(house: House, **more: Any) -> Attachment:
    known = {"seq": None, "uploader": "customer", "uploader_id": house.customer, "name": f"{WORDS[0]}.png"}
    size = {"media_type": "image/png", "size": 19, "width": 2, "height": 2, "sealed": True}
    return Attachment(**known | size | {"conversation_id": house.conversation, "customer_id": house.customer} | more)


def alarm(**more: Any) -> Alarm:
    return Alarm(**{"kind": "canary", "agent_id": uuid4(), "detail": {}} | more)


async def reopened(house: House) -> None:
    async with house.desk.database.transaction() as session:
        await session.execute(
            update(Conversation).where(Conversation.id == house.conversation).values(category="open", resolved_at=None)
        )


async def customer_row(house: House, customer_id: UUID) -> Customer:
    async with house.desk.database.transaction() as session:
        return (await session.scalars(select(Customer).where(Customer.id == customer_id))).one()


__all__ = ["NETWORK", "WORDS", "House", "customer_row", "now", "reopened"]
