"""A desk, a receiver on this machine, and a worker's part that reads timelines and sends."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from holdfast.access.viewer import Role, StaffViewer
from holdfast.channels.webhooks import operations
from holdfast.channels.webhooks.courier import Courier
from holdfast.channels.webhooks.events import EVENTS
from holdfast.channels.webhooks.models import WebhookDelivery, WebhookEndpoint
from holdfast.channels.webhooks.reader import Reader
from holdfast.conversations.writer import FollowUp, Outcome, Writer
from holdfast.core.ids import new_id
from holdfast.core.notify import LIVE, WEBHOOKS, Listener
from holdfast.core.outgoing import Outgoing, Rules
from holdfast.people.models import Agent
from holdfast.people.sessions import viewer_of
from tests.conversations.support import Desk
from tests.conversations.support import desk as make_desk
from tests.support.outside import Heard, Outside, Reply, answering, outside
from tests.support.waiting import eventually_so


@dataclass
class House:
    """``answer`` is what the receiver does with the next request."""

    desk: Desk
    boss: StaffViewer
    receiver: Outside
    rules: Rules
    answer: list[Reply] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.receiver.port}/hook/path-secret"

    async def register(self, *events: str, name: str = "Tickets") -> WebhookEndpoint:
        async with self.desk.database.transaction() as session:
            return await operations.register(
                session, self.boss, self.rules, name=name, url=self.url, events=events or EVENTS, network="n"
            )

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        """As app/worker.py plugs it together."""
        reader, courier = Reader(self.desk.database), Courier(self.desk.database, Outgoing(self.rules))

        def changed(word: str) -> None:
            courier.wake()
            if "changed" in word:
                reader.look_again()

        async def look_again() -> None:
            reader.look_again()
            courier.wake()

        listener = Listener(self.desk.dsn, {LIVE: reader.notice, WEBHOOKS: changed}, look_again)
        tasks = [asyncio.create_task(part) for part in (listener.run(), reader.run(), courier.run())]
        await listener.connected.wait()
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.gather(*tasks, return_exceptions=True)

    async def say(self, conversation_id: UUID, *texts: str) -> None:
        """Follow-ups of the customer, by the batching writer."""
        writer = Writer(self.desk.dsn)
        stored: list[Outcome] = []
        for text in texts:
            source = conversation_id.bytes + new_id().bytes
            writer.put(FollowUp(conversation_id, "customer", self.desk.customer.id, source, text, stored.append))
        await writer.close()
        assert all(isinstance(outcome, tuple) for outcome in stored)

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(heard.body) for heard in self.receiver.heard]

    def types(self) -> list[str]:
        return [body["type"] for body in self.bodies()]

    async def heard(self, count: int) -> list[dict[str, Any]]:
        await self.receiver.until(lambda: len(self.receiver.heard) >= count)
        return self.bodies()

    async def deliveries(self) -> list[WebhookDelivery]:
        async with self.desk.database.transaction() as session:
            return list(await session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.id)))

    async def endpoint(self) -> WebhookEndpoint:
        async with self.desk.database.transaction() as session:
            return (await session.scalars(select(WebhookEndpoint))).one()

    async def until(
        self, true: Callable[[list[WebhookDelivery]], bool], seconds: float = 15.0
    ) -> list[WebhookDelivery]:
        """Until what is stored of the deliveries is so (another connection's commits)."""
        found: list[WebhookDelivery] = []

        async def so() -> bool:
            found[:] = await self.deliveries()
            return true(found)

        await eventually_so(so, seconds, "the deliveries as they should be")
        return found

    async def settled(self, count: int) -> None:
        await self.until(lambda found: len(found) == count and not [d for d in found if d.state == "waiting"])


@pytest.fixture
async def house(fresh_database_url: str) -> AsyncIterator[House]:
    answers: list[Reply] = []
    usual = answering(204)

    async def reply(heard: Heard, writer: asyncio.StreamWriter) -> None:
        await (answers.pop(0) if answers else usual)(heard, writer)

    async with make_desk(fresh_database_url) as desk, outside(reply) as receiver:
        boss = Agent(email="boss@example.com", name="Boss", roles=[Role.ADMINISTRATOR])
        async with desk.database.transaction() as session:
            session.add(boss)
        rules = Rules((ip_network("127.0.0.0/8"),), frozenset({f"127.0.0.1:{receiver.port}"}))
        yield House(desk, viewer_of(boss), receiver, rules, answers)
