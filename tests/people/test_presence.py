"""The state machine of presence: sockets, choices, the grace, and processes that die without a word."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.core.clock import now
from holdfast.core.due import Due
from holdfast.core.notify import LIVE, ROUTING
from holdfast.people import ports, presence, queries
from holdfast.people.facts import AgentAbsent, AgentAvailable, AgentUnreachable
from holdfast.people.models import Agent, ConsoleSocket, Presence, Process
from holdfast.people.presence import ProcessSweptError
from holdfast.people.schemas import PresenceView
from tests.people.support import FACTS, House, viewer

GRACE = 20.0


class Floor:
    """One agent and one process, and what happens to them, each act in its own transaction."""

    def __init__(self, house: House, agent: Agent, process: UUID) -> None:
        self.house, self.agent, self.process = house, agent, process

    async def open(self, process: UUID | None = None) -> UUID:
        async with self.house.database.transaction() as session:
            return await presence.socket_opened(session, self.agent.id, process or self.process)

    async def close(self, socket: UUID) -> None:
        async with self.house.database.transaction() as session:
            await presence.socket_closed(session, socket, GRACE)

    async def choose(self, chosen: str) -> PresenceView:
        async with self.house.database.transaction() as session:
            return await presence.choose(session, viewer(self.agent), chosen)

    async def beat(self, process: UUID | None = None) -> bool:
        async with self.house.database.transaction() as session:
            return await presence.beat(session, process or self.process)

    async def sweep(self) -> int:
        async with self.house.database.transaction() as session:
            return await presence.sweep(session, timedelta(seconds=GRACE))

    async def grace_over(self) -> None:
        async with self.house.database.transaction() as session:
            await presence.grace_over(session, self.agent.id)

    async def state(self) -> str:
        async with self.house.database.transaction() as session:
            return (await presence.state_of(session, self.agent.id)).state

    async def due(self) -> timedelta | None:
        """How long until the grace ends; None when it does not run."""
        async with self.house.database.transaction() as session:
            at = await session.scalar(select(Due.at).where(Due.kind == presence.GRACE_KIND, Due.ref == self.agent.id))
        return at - now() if at else None

    def facts(self) -> list[object]:
        """What happened since the last look."""
        found = list(FACTS)
        FACTS.clear()
        return found


@pytest.fixture
async def floor(house: House) -> Floor:
    agent = await house.agent("ana@example.org")
    async with house.database.transaction() as session:
        process = await presence.register_process(session, "web")
    FACTS.clear()
    return Floor(house, agent, process)


async def test_online_is_chosen_and_reachable(floor: Floor) -> None:
    available, absent = AgentAvailable(floor.agent.id), AgentAbsent(floor.agent.id, "away")
    assert await floor.state() == "offline"
    socket = await floor.open()
    assert (await floor.state(), floor.facts()) == ("away", [])
    floor.house.clock.turn(minutes=5)
    await floor.beat()
    view = await floor.choose("online")
    assert (view.state, view.chosen, view.since) == ("online", "online", now())
    assert floor.facts() == [available]
    await floor.choose("online")
    assert floor.facts() == []
    second = await floor.open()
    await floor.close(socket)
    assert (await floor.state(), floor.facts(), await floor.due()) == ("online", [], None)
    await floor.choose("away")
    assert (await floor.state(), floor.facts(), await floor.due()) == ("away", [absent], None)
    await floor.close(second)
    await floor.choose("online")
    assert (await floor.state(), floor.facts()) == ("offline", [])
    await floor.open()
    assert (await floor.state(), floor.facts()) == ("online", [available])


async def test_the_last_socket_lost(floor: Floor) -> None:
    socket = await floor.open()
    await floor.choose("online")
    floor.facts()
    await floor.close(socket)
    assert (await floor.state(), floor.facts()) == ("offline", [AgentUnreachable(floor.agent.id)])
    assert await floor.due() == timedelta(seconds=GRACE)
    # Closing it twice changes nothing.
    await floor.close(socket)
    assert floor.facts() == []
    floor.house.clock.turn(seconds=GRACE)
    await floor.grace_over()
    assert floor.facts() == [AgentAbsent(floor.agent.id, "unreachable")]


async def test_back_within_the_grace(floor: Floor) -> None:
    socket = await floor.open()
    await floor.choose("online")
    await floor.close(socket)
    floor.facts()
    floor.house.clock.turn(seconds=5)
    await floor.beat()
    await floor.open()
    assert (await floor.state(), floor.facts(), await floor.due()) == ("online", [AgentAvailable(floor.agent.id)], None)
    # A deadline that was claimed in the same moment finds them there.
    await floor.grace_over()
    assert floor.facts() == []


async def test_the_end_of_the_grace_does_not_wait_for_a_console_that_connects(floor: Floor) -> None:
    """It holds the deadline's row, which the console clears while it holds the presence: one of them would fail."""
    socket = await floor.open()
    await floor.choose("online")
    await floor.close(socket)
    floor.facts()
    async with floor.house.database.transaction() as session:
        await queries.presence(session, floor.agent.id, lock=True)
        await asyncio.wait_for(floor.grace_over(), 10)
        assert (floor.facts(), await floor.due()) == ([], timedelta(seconds=1))
        await presence.socket_opened(session, floor.agent.id, floor.process)
    assert (await floor.state(), floor.facts(), await floor.due()) == ("online", [AgentAvailable(floor.agent.id)], None)
    async with floor.house.database.transaction() as session:
        await presence.grace_over(session, uuid4())
    assert floor.facts() == []


async def test_away_in_the_grace_is_absent_at_once(floor: Floor) -> None:
    socket = await floor.open()
    await floor.choose("online")
    await floor.close(socket)
    floor.facts()
    await floor.choose("away")
    assert (floor.facts(), await floor.due()) == ([AgentAbsent(floor.agent.id, "away")], None)


async def test_away_with_work_in_hand_gets_the_grace_too(floor: Floor) -> None:
    socket = await floor.open()
    await floor.close(socket)
    assert (floor.facts(), await floor.due()) == ([], timedelta(seconds=GRACE))
    floor.house.clock.turn(seconds=GRACE)
    await floor.grace_over()
    assert floor.facts() == [AgentAbsent(floor.agent.id, "unreachable")]


async def test_a_process_that_dies_without_a_word(floor: Floor) -> None:
    await floor.open()
    await floor.choose("online")
    floor.facts()
    floor.house.clock.turn(seconds=14)
    assert await floor.sweep() == 0
    assert await floor.beat()
    floor.house.clock.turn(seconds=15)
    assert await floor.sweep() == 1
    assert (await floor.state(), floor.facts()) == ("offline", [AgentUnreachable(floor.agent.id)])
    assert await floor.sweep() == 0
    async with floor.house.database.transaction() as session:
        assert (await session.scalars(select(ConsoleSocket.id))).all() == []
        assert (await session.scalars(select(Process.id))).all() == []
    # It lives after all: it is told, registers again, and its sockets open anew.
    assert not await floor.beat()
    with pytest.raises(ProcessSweptError):
        await floor.open()
    async with floor.house.database.transaction() as session:
        floor.process = await presence.register_process(session, "web")
    await floor.open()
    assert (await floor.state(), floor.facts()) == ("online", [AgentAvailable(floor.agent.id)])


async def test_a_console_elsewhere_keeps_the_agent_online(floor: Floor) -> None:
    async with floor.house.database.transaction() as session:
        other = await presence.register_process(session, "web")
    await floor.open()
    await floor.open(other)
    await floor.choose("online")
    floor.facts()
    floor.house.clock.turn(seconds=15)
    await floor.beat(other)
    assert await floor.sweep() == 1
    assert (await floor.state(), floor.facts(), await floor.due()) == ("online", [], None)


async def test_an_orderly_end_needs_no_missed_beats(floor: Floor) -> None:
    await floor.open()
    await floor.choose("online")
    floor.facts()
    async with floor.house.database.transaction() as session:
        await presence.leave_process(session, floor.process, GRACE)
    assert (await floor.state(), floor.facts()) == ("offline", [AgentUnreachable(floor.agent.id)])


async def test_every_change_is_told(floor: Floor) -> None:
    word = f"a:{floor.agent.id.hex}"
    async with floor.house.database.transaction() as session:
        socket = await presence.socket_opened(session, floor.agent.id, floor.process)
        assert word in session.info["notices"][LIVE]
        assert "presence" in session.info["notices"][ROUTING]
    async with floor.house.database.transaction() as session:
        await presence.choose(session, viewer(floor.agent), "online")
        assert word in session.info["notices"][LIVE]
        assert "presence" in session.info["notices"][ROUTING]
    async with floor.house.database.transaction() as session:
        await presence.socket_closed(session, socket, GRACE)
        assert word in session.info["notices"][LIVE]
        assert "presence" in session.info["notices"][ROUTING]


async def test_two_sockets_that_close_at_once_leave_nobody_online(floor: Floor) -> None:
    """Each sees the other's socket unless the agent's row is locked first."""
    for _ in range(5):
        one, two = await floor.open(), await floor.open()
        await floor.choose("online")
        floor.facts()
        await asyncio.gather(floor.close(one), floor.close(two))
        assert (await floor.state(), floor.facts()) == ("offline", [AgentUnreachable(floor.agent.id)])


async def test_a_choice_is_one_of_two_words(floor: Floor) -> None:
    with pytest.raises(ValueError, match="online or away"):
        await floor.choose("asleep")


async def test_the_view_has_load_and_capacity(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    class Busy:
        async def load(self, session: AsyncSession, agent_id: UUID) -> dict[str, int]:
            return {"chat": 3}

        async def skills(self, session: AsyncSession, agent_id: UUID) -> list[str]:
            return ["general"]

    monkeypatch.setattr(ports, "_desk", Busy())
    view = await floor.choose("online")
    assert (view.load, view.capacity) == ({"chat": 3}, {"chat": 4, "email": 8, "voice": 1})
    async with floor.house.database.transaction() as session:
        nobody = await presence.state_of(session, uuid4())
        assert (nobody.state, nobody.chosen) == ("offline", "away")


async def test_idle_begins_when_they_come_online(floor: Floor) -> None:
    await floor.open()
    floor.house.clock.turn(seconds=10)
    await floor.beat()
    await floor.choose("online")
    async with floor.house.database.transaction() as session:
        row = await session.get_one(Presence, floor.agent.id)
        assert row.idle_since == now()
