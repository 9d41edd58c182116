"""Agents of a running installation who have phones and take whatever rings, with the database alone: no consoles."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import Role, SystemViewer
from holdfast.app.start import start
from holdfast.channels.voice import commands
from holdfast.channels.voice.channel import VOICE
from holdfast.channels.voice.models import Device
from holdfast.conversations import operations as conversations
from holdfast.conversations.models import Conversation
from holdfast.core.clock import now
from holdfast.core.database import Database, tell
from holdfast.core.errors import HoldfastError
from holdfast.core.settings import Settings
from holdfast.people import presence
from holdfast.people.models import Agent, AgentLanguage
from holdfast.people.sessions import viewer_of
from holdfast.routing import operations as routing
from holdfast.routing.models import Offer
from holdfast.training.models import Evidence
from tests.support.server import Holdfast
from tests.support.waiting import eventually_so

PASSWORD = "a-password"
_SKILLS = ("general", "emergency")


async def _hire(session: AsyncSession, name: str) -> Agent:
    roles = [Role.AGENT, Role.EMERGENCY_AGENT]
    # Calls become writing when they are over, and may pile up.
    agent = Agent(email=f"{name}@example.com", name=name, roles=roles, capacity={"voice": 1, "email": 1_000})
    session.add(agent)
    await session.flush()
    session.add(AgentLanguage(agent_id=agent.id, language="en", level="native"))
    for skill in _SKILLS:
        session.add(Evidence(agent_id=agent.id, kind="attestation", ref=skill, at=now()))
    session.add(Device(agent_id=agent.id, name=name, kind="desk", password=PASSWORD))
    return agent


async def _beat(database: Database, process_id: UUID) -> None:
    while True:
        async with database.transaction() as session:
            await presence.beat(session, process_id)
        await asyncio.sleep(presence.BEAT_EVERY.total_seconds())


class Staff:
    """Agents whose phones the engine knows. ``rests``: they take nothing more."""

    def __init__(self, database: Database, agents: Sequence[Agent], process_id: UUID) -> None:
        self.database = database
        self.agents = agents
        self.rests = False
        self._viewers = {agent.id: viewer_of(agent) for agent in agents}
        self._process_id = process_id

    async def take_calls(self) -> None:
        while True:
            async with self.database.transaction() as session:
                ring = select(Offer).where(Offer.agent_id.in_(self._viewers), Offer.outcome.is_(None))
                offers = list(await session.scalars(ring))
                written = select(Conversation).where(
                    Conversation.assignee_id.in_(self._viewers),
                    Conversation.category != "resolved",
                    Conversation.channel != "voice",
                )
                done = list(await session.scalars(written))
            for offer in offers if not self.rests else ():
                with suppress(HoldfastError):
                    async with self.database.transaction() as session:
                        await routing.accept(session, self._viewers[offer.agent_id], offer.id)
            for conversation in done:
                # Whoever has something in writing is offered no call.
                with suppress(HoldfastError):
                    async with self.database.transaction() as session:
                        await conversations.resolve(session, SystemViewer("test"), conversation.id)
            await asyncio.sleep(0.1)

    async def hang_up(self, call_id: UUID, agent_id: UUID) -> None:
        """Harmless if they are no longer in it."""
        with suppress(HoldfastError):
            async with self.database.transaction() as session:
                await commands.command(session, self._viewers[agent_id], call_id, "hang_up")

    async def count(self, what: object) -> int:
        """What a SELECT of a count gives now."""
        async with self.database.transaction() as session:
            return int(await session.scalar(what) or 0)  # type: ignore[call-overload]  # any SELECT of one number

    async def come(self) -> None:
        """Open their consoles and choose to be online."""
        async with self.database.transaction() as session:
            for agent in self.agents:
                await presence.socket_opened(session, agent.id, self._process_id)
                await presence.choose(session, viewer_of(agent), "online")


@asynccontextmanager
async def staff(server: Holdfast, names: Sequence[str]) -> AsyncIterator[Staff]:
    """For the time of the block; they are there once ``come`` is called."""
    database = start(replace(Settings(), data_dir=server.data_dir, demo=True, log_level="WARNING"), server.dsn)
    async with database.transaction() as session:
        agents = [await _hire(session, name) for name in names]
        process_id = await presence.register_process(session, "web")
        tell(session, VOICE, "devices")
    made = Staff(database, agents, process_id)
    ready = select(func.count()).where(Device.name.in_(names), Device.ready)

    async def known() -> bool:
        return await made.count(ready) == len(names)

    work = [asyncio.create_task(_beat(database, process_id)), asyncio.create_task(made.take_calls())]
    try:
        await eventually_so(known, 60, "the engine knows the phones")
        yield made
    finally:
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
        async with database.transaction() as session:
            await presence.leave_process(session, process_id, 0)
        await database.close()
