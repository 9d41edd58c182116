"""Two web processes on one database: what one stores or shows, the other's sockets get."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from holdfast.channels.chat.feed import Console, Feed
from holdfast.channels.chat.frames import frame
from holdfast.channels.chat.looking import Looking
from holdfast.channels.chat.moments import CHANNEL, Moments
from holdfast.conversations.intake import chat_source
from holdfast.conversations.schemas import Entry
from holdfast.conversations.writer import FollowUp, Outcome, Writer
from holdfast.core.live import Audience, Peer
from holdfast.core.notify import LIVE, Listener
from tests.conversations.support import Desk, desk


class Reader:
    """A socket's far end, that can wait for a frame."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self._more = asyncio.Event()
        self.peer = Peer(self._send, self._close)

    async def _send(self, text: str) -> None:
        self.frames.append(json.loads(text))
        self._more.set()

    async def _close(self, code: int) -> None:
        self.frames.append({"t": "closed", "code": code})
        self._more.set()

    async def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        async with asyncio.timeout(10):
            while True:
                for found in self.frames:
                    if wanted(found):
                        return found
                self._more.clear()
                await self._more.wait()


class Process:
    """The live parts of one web process."""

    def __init__(self, of: Desk, name: str) -> None:
        self.desk = of
        self.feed = Feed(of.database, name)
        self.moments = Moments(of.dsn, name, self.feed.hub)
        self.moments.others = True
        self.looking = Looking(self.feed.hub, self.moments)
        self.writer = Writer(of.dsn, name)
        self.listener = Listener(of.dsn, {LIVE: self.feed.notice, CHANNEL: self.moments.notice}, self.feed.listening)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Process"]:
        tasks = [asyncio.create_task(self.listener.run()), asyncio.create_task(self.moments.run())]
        await self.listener.connected.wait()
        try:
            yield self
        finally:
            await self.writer.close()
            await self.feed.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def write(self, conversation_id: Any, text: str) -> int:
        """Store by the hot path and push to this process's own sockets, as a socket does."""
        done: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        source = chat_source(conversation_id, uuid4())
        customer = self.desk.customer.id
        self.writer.put(FollowUp(conversation_id, "customer", customer, source, text, done.set_result))
        outcome = await done
        assert isinstance(outcome, tuple)
        seq, at = outcome
        self.feed.wrote(conversation_id, Entry(seq, "public", "customer", text, at))
        return seq


@pytest.fixture
async def processes(fresh_database_url: str) -> AsyncIterator[tuple[Process, Process]]:
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(desk(fresh_database_url))
        one = await stack.enter_async_context(Process(made, "one").running())
        two = await stack.enter_async_context(Process(made, "two").running())
        yield one, two


async def test_both_see_every_entry_in_one_order(processes: tuple[Process, Process]) -> None:
    one, two = processes
    conversation_id = await one.desk.open("first")
    readers = [Reader(), Reader()]
    for process, reader in zip(processes, readers, strict=True):
        await process.feed.hub.subscribe(conversation_id, reader.peer, Audience.STAFF, 0)
    await asyncio.gather(
        *(process.write(conversation_id, f"{process.feed.process} {n}") for n in range(20) for process in (one, two))
    )
    for reader in readers:
        await reader.until(lambda f: f.get("t") == "msg" and f["e"]["seq"] == 42)
    seen = [[(f["e"]["seq"], f["e"]["b"]) for f in reader.frames if f["t"] == "msg"] for reader in readers]
    assert seen[0] == seen[1]
    assert [seq for seq, _ in seen[0]] == list(range(1, 43))


async def test_a_row_reaches_the_consoles_of_both_and_leaves_who_may_no_longer_see_it(
    processes: tuple[Process, Process],
) -> None:
    one, _ = processes
    conversation_id = await one.desk.open()
    readers = [Reader(), Reader()]
    for process, reader, viewer in zip(processes, readers, (one.desk.ana, one.desk.wei), strict=True):
        console = Console(viewer, reader.peer)
        process.feed.consoles.add(console)
        await process.feed.show_inbox(console)
    await one.desk.assign(conversation_id, one.desk.ana)
    # The row may come before, too, while nobody has it.
    row = await readers[0].until(lambda f: f.get("t") == "row" and f["row"]["assignee"])
    assert row["row"]["assignee"]["name"] == "Ana"
    assert (await readers[1].until(lambda f: f.get("t") == "gone"))["c"] == str(conversation_id)


async def test_moments_cross_and_are_not_heard_twice(processes: tuple[Process, Process]) -> None:
    one, two = processes
    conversation_id = await one.desk.open()
    here, there, customer = Reader(), Reader(), Reader()
    await one.feed.hub.subscribe(conversation_id, here.peer, Audience.STAFF, 10)
    await two.feed.hub.subscribe(conversation_id, there.peer, Audience.STAFF, 10)
    await two.feed.hub.subscribe(conversation_id, customer.peer, Audience.CUSTOMER, 10)
    one.moments.push(conversation_id, frame("typing", n=1), Audience.STAFF)
    one.moments.push(conversation_id, frame("read", n=2))
    await there.until(lambda f: f.get("t") == "read")
    await customer.until(lambda f: f.get("t") == "read")
    assert [f["t"] for f in here.frames] == ["typing", "read"]
    assert [f["t"] for f in there.frames] == ["typing", "read"]
    assert [f["t"] for f in customer.frames] == ["read"]


async def test_who_looks_is_known_everywhere(processes: tuple[Process, Process]) -> None:
    one, two = processes
    conversation_id = await one.desk.open()
    here, there = Reader(), Reader()
    ana, karin = Console(one.desk.ana, here.peer), Console(one.desk.karin, there.peer)
    await one.feed.hub.subscribe(conversation_id, here.peer, Audience.STAFF, 10)
    await two.feed.hub.subscribe(conversation_id, there.peer, Audience.STAFF, 10)

    def names(wanted: set[str], writing: set[str]) -> Callable[[dict[str, Any]], bool]:
        def check(found: dict[str, Any]) -> bool:
            agents = found.get("agents", [])
            return {a["name"] for a in agents} == wanted and {a["name"] for a in agents if a["writing"]} == writing

        return check

    one.looking.enter(conversation_id, ana)
    two.looking.enter(conversation_id, karin)
    await here.until(names({"Ana", "Karin"}, set()))
    one.looking.write(conversation_id, ana, True)
    await there.until(names({"Ana", "Karin"}, {"Ana"}))
    one.looking.leave(conversation_id, ana)
    await there.until(names({"Karin"}, set()))


async def test_a_lost_listener_reads_what_it_missed(processes: tuple[Process, Process]) -> None:
    one, two = processes
    conversation_id = await one.desk.open()
    reader = Reader()
    await two.feed.hub.subscribe(conversation_id, reader.peer, Audience.STAFF, 2)
    async with one.desk.database.transaction() as session:
        await session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'holdfast-listener' AND datname = current_database()"
            )
        )
    for n in range(300):
        await one.write(conversation_id, str(n))
    await reader.until(lambda f: f.get("t") == "msg" and f["e"]["seq"] == 302)
    assert [f["e"]["seq"] for f in reader.frames if f["t"] == "msg"] == list(range(3, 303))
