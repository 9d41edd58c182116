"""The router's loop and the deadlines together: several at once, after a crash, and woken by notices."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError

from holdfast.access.viewer import StaffViewer
from holdfast.app import reactions
from holdfast.conversations.errors import AlreadyAssigned, ConversationNotFound
from holdfast.conversations.models import Conversation
from holdfast.core import due
from holdfast.core.database import Database
from holdfast.core.due import Claimer, Due
from holdfast.core.notify import DUE, LIVE, ROUTING, Listener
from holdfast.people import presence
from holdfast.people.models import Agent, Presence
from holdfast.routing import operations
from holdfast.routing.choice import Choice
from holdfast.routing.models import Offer
from holdfast.routing.router import LOCK, Router
from tests.routing.support import Desk


async def test_two_routers_never_offer_twice(desk: Desk) -> None:
    """200 conversations, room for 150, two routers in parallel on connections of their own."""
    agents = [await desk.agent(f"Agent {n}", capacity=15) for n in range(10)]
    async with desk.database.transaction() as session:
        for _ in range(200):
            await desk.open_in(session)
    others = [Database(desk.dsn, answer=reactions.answer) for _ in range(2)]
    try:
        passes = await asyncio.gather(*(Router(other).decide() for other in others for _ in range(3)))
    finally:
        for other in others:
            await other.close()
    assert sum(done.offered for done in passes) == 150
    async with desk.database.transaction() as session:
        found = await session.execute(select(Offer.agent_id, func.count()).group_by(Offer.agent_id))
        per_agent = {row[0]: row[1] for row in found}
        conversations = await session.scalar(select(func.count(Offer.conversation_id.distinct())))
    assert per_agent == {agent.id: 15 for agent in agents}
    assert conversations == 150


async def test_routers_and_takers_in_parallel_leave_one_agent_for_each(desk: Desk) -> None:
    """Two routers decide while agents take by hand what they see waiting."""
    agents = [await desk.agent(f"Agent {n}", capacity=10) for n in range(6)]
    async with desk.database.transaction() as session:
        ids = [await desk.open_in(session) for _ in range(60)]

    async def take(agent: StaffViewer, nth: int) -> None:
        for conversation_id in ids[nth::6]:
            with suppress(AlreadyAssigned, ConversationNotFound):
                async with desk.database.transaction() as session:
                    await operations.take(session, agent, conversation_id)

    await asyncio.gather(*(take(agent, nth) for nth, agent in enumerate(agents)), *(desk.decide() for _ in range(8)))
    await desk.decide()
    for conversation_id in ids:
        assert len([a for a in await desk.assignments(conversation_id) if a[2] is None]) == 1
        assert await desk.rings(conversation_id) is None


async def test_a_conversation_that_somebody_holds_is_missed_not_waited_for(desk: Desk) -> None:
    ana = await desk.agent("Ana")
    held, free = await desk.open(), await desk.open()
    async with desk.database.transaction() as session:
        await session.execute(select(Conversation).where(Conversation.id == held).with_for_update())
        done = await desk.decide()
    assert (done.offered, done.missed) == (1, 1)
    assert await desk.rings_at(free) == ana.id
    await desk.decide()
    assert await desk.rings_at(held) == ana.id


async def test_an_absent_agents_conversation_that_somebody_holds_is_released_right_after(desk: Desk) -> None:
    """A message is being stored at the moment its agent goes away."""
    ana = await desk.agent("Ana")
    conversation_id = await desk.accepted(ana)
    async with desk.database.transaction() as holding:
        await holding.execute(select(Conversation).where(Conversation.id == conversation_id).with_for_update())
        async with desk.database.transaction() as session:
            await presence.choose(session, ana, "away")
        assert (await desk.decide()).missed == 1
    assert (await desk.read(conversation_id)).assignee_id == ana.id
    assert (await desk.decide()).released == 1
    assert (await desk.read(conversation_id)).assignee_id is None


async def test_taken_by_hand_while_away_it_stays(desk: Desk) -> None:
    """Even over a reload of the console, and although the agent was absent from it once before."""
    ana = await desk.agent("Ana")
    conversation_id = await desk.accepted(ana)
    async with desk.database.transaction() as session:
        await presence.choose(session, ana, "away")
    async with desk.database.transaction() as session:
        await operations.take(session, ana, conversation_id)
    await desk.lose_socket(ana)
    async with desk.database.transaction() as session:
        await presence.socket_opened(session, ana.id, desk.process_id)
    assert (await desk.decide()).released == 0
    assert (await desk.read(conversation_id)).assignee_id == ana.id


# --- after a crash ---


async def test_what_a_crash_left_is_put_right(desk: Desk) -> None:
    """An offer whose deadline is lost, one at an agent who is gone without a word, and a conversation of theirs."""
    ana = await desk.agent("Ana")
    had = await desk.accepted(ana)
    overdue = await desk.open()
    await desk.decide()
    async with desk.database.transaction() as session:
        await session.execute(Due.__table__.delete())  # type: ignore[attr-defined]  # a Table at run time
        await session.execute(
            update(Presence).where(Presence.agent_id == ana.id).values(state="offline", since=desk.clock())
        )
    desk.clock.turn(seconds=61)
    bo = await desk.agent("Bo")
    first = await desk.decide()
    assert (first.ended, first.released) == (1, 1)
    assert await desk.outcomes(overdue) == ["expired", None]
    await desk.decide()
    assert await desk.rings_at(overdue) == bo.id
    assert await desk.rings_at(had) == bo.id


async def test_an_offer_made_while_its_agent_left_is_withdrawn(desk: Desk) -> None:
    """The presence changed after the router had read it: the next pass, which that change wakes, finds the offer."""
    ana = await desk.agent("Ana", online=False)
    conversation_id = await desk.open()
    async with desk.database.transaction() as session:
        await operations.make_offer(session, Choice(conversation_id, ana.id, ()), 60)
    bo = await desk.agent("Bo")
    await desk.decide()
    assert await desk.outcomes(conversation_id) == ["withdrawn", None]
    assert await desk.rings_at(conversation_id) == bo.id


async def test_a_deactivated_agent_keeps_nothing(desk: Desk) -> None:
    ana = await desk.agent("Ana")
    conversation_id = await desk.accepted(ana)
    async with desk.database.transaction() as session:
        await session.execute(update(Agent).where(Agent.id == ana.id).values(active=False))
    assert (await desk.decide()).released == 1
    assert (await desk.read(conversation_id)).assignee_id is None


async def test_the_grace_is_not_cut_short(desk: Desk) -> None:
    ana = await desk.agent("Ana")
    conversation_id = await desk.accepted(ana)
    desk.clock.turn(seconds=3600)
    await desk.lose_socket(ana)
    assert (await desk.decide()).released == 0
    assert (await desk.read(conversation_id)).assignee_id == ana.id


# --- running ---


class Calls:
    """The agents that were called over the LIVE channel."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[str] = asyncio.Queue()

    def notice(self, payload: str) -> None:
        for word in payload.split(" "):
            if word.startswith("a:"):
                self.queue.put_nowait(word[2:])

    async def next_of(self, agent: StaffViewer) -> None:
        async with asyncio.timeout(10):
            while await self.queue.get() != agent.id.hex:
                pass

    def forget(self) -> None:
        while not self.queue.empty():
            self.queue.get_nowait()


@asynccontextmanager
async def running(desk: Desk, calls: Calls) -> AsyncIterator[Claimer]:
    """A worker's routing: router, claimer and listener."""
    database = Database(desk.dsn, answer=reactions.answer)
    router = Router(database)
    handlers = {"offer": operations.expire, "silence": operations.silence, "presence_grace": presence.grace_over}
    claimer = Claimer(database, handlers)
    listener = Listener(desk.dsn, {ROUTING: lambda _: router.wake(), DUE: lambda _: claimer.wake(), LIVE: calls.notice})
    tasks = [asyncio.create_task(work) for work in (listener.run(), router.run(), claimer.run())]
    try:
        await listener.connected.wait()
        yield claimer
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await database.close()


async def test_notices_wake_it_and_deadlines_move_it_on(desk: Desk) -> None:
    """Opened: it rings. Rung out: it rings at the next. Socket lost: at the next. No pause of 5 s is ever needed."""
    ana = await desk.agent("Ana")
    desk.clock.turn(seconds=1)
    bo = await desk.agent("Bo")
    calls = Calls()
    async with running(desk, calls) as claimer, asyncio.timeout(20):
        conversation_id = await desk.open()
        await calls.next_of(ana)
        assert await desk.rings_at(conversation_id) == ana.id
        desk.clock.turn(seconds=60)
        claimer.wake()
        await calls.next_of(bo)
        assert await desk.rings_at(conversation_id) == bo.id
        desk.clock.turn(minutes=10)
        calls.forget()
        claimer.wake()
        await calls.next_of(ana)
        offer = await desk.rings(conversation_id)
        assert offer is not None
        assert offer.agent_id == ana.id
        await desk.accept(ana, offer.id)
        desk.clock.turn(seconds=900)
        calls.forget()
        claimer.wake()
        await calls.next_of(bo)
        assert await desk.rings_at(conversation_id) == bo.id
    assert await desk.assignments(conversation_id) == [(ana.id, "offer", "silent")]


async def test_killed_in_a_pass_it_loses_nothing(desk: Desk) -> None:
    """The connection of a router dies within its pass, with the lock held and an offer already inserted."""
    ana = await desk.agent("Ana")
    conversation_id = await desk.open()
    killed = Database(desk.dsn, answer=reactions.answer)
    with pytest.raises(DBAPIError):
        async with killed.transaction() as session:
            await session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            await operations.make_offer(session, Choice(conversation_id, ana.id, ()), 60)
            pid = await session.scalar(text("SELECT pg_backend_pid()"))
            async with desk.database.transaction() as other:
                await other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    await killed.close()
    assert await desk.rings(conversation_id) is None
    await desk.decide()
    assert await desk.rings_at(conversation_id) == ana.id


async def test_a_lost_database_is_tried_again(desk: Desk) -> None:
    """Every connection of the router is cut while it waits; it goes on by itself."""
    ana = await desk.agent("Ana")
    calls = Calls()
    async with running(desk, calls), asyncio.timeout(20):
        first = await desk.open()
        await calls.next_of(ana)
        async with desk.database.transaction() as session:
            await session.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        calls.forget()
        second = await desk.open()
        await calls.next_of(ana)
        assert await desk.rings_at(second) == ana.id
        assert await desk.rings_at(first) == ana.id


async def test_deadlines_are_set(desk: Desk) -> None:
    ana = await desk.agent("Ana")
    conversation_id = await desk.accepted(ana)
    async with desk.database.transaction() as session:
        found = {row.kind: row.at for row in await session.scalars(select(due.Due))}
    assert found["silence"] == desk.clock() + timedelta(seconds=900)
    assert found["offer"] == desk.clock() + timedelta(seconds=60)
    assert (await desk.read(conversation_id)).assignee_id == ana.id
