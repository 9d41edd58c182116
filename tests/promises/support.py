"""The routing tests' desk with topics, a technical queue, policies, and a reader and turns that a test calls itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, select

from holdfast.access.viewer import CustomerViewer, StaffViewer
from holdfast.conversations import labelling
from holdfast.conversations import operations as conversations
from holdfast.conversations.intake import IncomingMessage, chat_source
from holdfast.conversations.models import Message, Queue, Topic
from holdfast.core.clock import now
from holdfast.core.due import Due
from holdfast.promises import operations, turns
from holdfast.promises.keeping import TURN, read
from holdfast.promises.model import Kind
from holdfast.promises.models import Promised
from holdfast.promises.policies import Match
from tests.routing.support import Desk
from tests.routing.support import desk as make_desk

OFFICE = {str(day): [["09:00", "17:00"]] for day in range(5)}


@dataclass(kw_only=True)
class House(Desk):
    technical: Queue
    agent_: StaffViewer

    async def follow(self, *ids: UUID) -> None:
        """As the reader does."""
        async with self.database.transaction() as session:
            await read(session, ids)

    async def promises(self, conversation_id: UUID, kind: Kind | None = None) -> list[Promised]:
        """The oldest first."""
        async with self.database.transaction() as session:
            found = await session.scalars(
                select(Promised).where(Promised.conversation_id == conversation_id).order_by(Promised.seq)
            )
            return [p for p in found if kind is None or p.kind == kind.value]

    async def states(self, conversation_id: UUID) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for promise in await self.promises(conversation_id):
            found.setdefault(promise.kind, []).append(promise.state)
        return found

    async def turn_all(self) -> None:
        """Everything whose turn has come, as the claimer does: the row away, then its handler."""
        while True:
            async with self.database.transaction() as session:
                ref = await session.scalar(
                    select(Due.ref).where(Due.kind == TURN, Due.at <= now()).order_by(Due.at).limit(1)
                )
                if ref is None:
                    return
                await session.execute(delete(Due).where(Due.kind == TURN, Due.ref == ref))
                await turns.turn(session, ref)

    async def turns(self) -> list[datetime]:
        """When the next ones come."""
        async with self.database.transaction() as session:
            return list(await session.scalars(select(Due.at).where(Due.kind == TURN).order_by(Due.at)))

    async def lines(self, conversation_id: UUID) -> list[dict[str, Any]]:
        """What was announced of promises in the timeline."""
        async with self.database.transaction() as session:
            found = await session.scalars(
                select(Message.event)
                .where(Message.conversation_id == conversation_id, Message.kind == "system")
                .order_by(Message.seq)
            )
            return [line for line in found if line and line["type"].startswith("promise_")]

    async def taken(self) -> UUID:
        """A new conversation that the agent has."""
        conversation_id = await self.open()
        async with self.database.transaction() as session:
            await conversations.assign(session, self.agent_, conversation_id, self.agent_.id, how="taken")
        return conversation_id

    async def answers(self, conversation_id: UUID, text: str = "I am looking into it.") -> None:
        await self.says(conversation_id, self.agent_, text)

    async def writes(self, conversation_id: UUID, text: str = "Are you there?") -> None:
        """The customer."""
        message = IncomingMessage("chat", chat_source(conversation_id, uuid4()), "customer", self.customer.id, text)
        viewer = CustomerViewer(self.customer.id, conversation_id)
        async with self.database.transaction() as session:
            await conversations.post(session, viewer, conversation_id, message)

    async def resolve(self, conversation_id: UUID) -> None:
        async with self.database.transaction() as session:
            await conversations.resolve(session, self.agent_, conversation_id)

    async def label(self, conversation_id: UUID, **changes: Any) -> None:
        async with self.database.transaction() as session:
            await labelling.change(session, self.agent_, conversation_id, **changes)

    async def transfer(self, conversation_id: UUID, queue: Queue) -> None:
        async with self.database.transaction() as session:
            await conversations.transfer(session, self.agent_, conversation_id, queue_id=queue.id)

    async def policy(self, key: str, kind: Kind, seconds: int, match: Match = Match(), **more: Any) -> None:  # noqa: B008 - frozen
        async with self.database.transaction() as session:
            await operations.change_policy(
                session,
                self.agent_,
                key,
                kind=kind,
                match=match,
                target_seconds=seconds,
                calendar=more.get("calendar"),
                wait_seconds=more.get("wait_seconds"),
                active=more.get("active", True),
                network="test",
            )

    async def office(self, key: str = "office", **more: Any) -> None:
        """Opening hours from nine to five in Berlin."""
        given = {"zone": "Europe/Berlin", "weekly": OFFICE, "holidays": [], "exceptions": {}, **more}
        async with self.database.transaction() as session:
            await operations.change_calendar(session, self.agent_, key, network="test", **given)


@asynccontextmanager
async def house(dsn: str) -> AsyncIterator[House]:
    async with make_desk(dsn) as made:
        async with made.database.transaction() as session:
            technical = Queue(
                key="technical", name="Technical", skill="technical", answer_seconds=900, offer_seconds=60
            )
            session.add_all([technical, Topic(key="fees", name="Network fees"), Topic(key="wish", name="Wish")])
            await operations.seed(session)
        agent = await made.agent("ana", skills=("general", "technical"))
        # A minute after its policies were made.
        made.clock.turn(minutes=1)
        yield House(**vars(made), technical=technical, agent_=agent)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]
