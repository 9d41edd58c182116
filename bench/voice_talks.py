"""Talks for the phone's bench: agents with desk phones who take whoever waits."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from tests.support import phones
from tests.support.server import Holdfast
from tests.support.waiting import eventually_so

from holdfast.access.viewer import Role
from holdfast.app.start import start
from holdfast.channels.voice.channel import VOICE
from holdfast.channels.voice.engine.layout import Reach
from holdfast.channels.voice.models import Call, Device, Recording
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

_PASSWORD = "a-password"


async def _hire(session: AsyncSession, number: int) -> Agent:
    agent = Agent(
        email=f"bench-{number}@example.com", name=f"Agent {number}", roles=[Role.AGENT], capacity={"voice": 1}
    )
    session.add(agent)
    await session.flush()
    session.add(AgentLanguage(agent_id=agent.id, language="en", level="native"))
    session.add(Evidence(agent_id=agent.id, kind="attestation", ref="general", at=now()))
    session.add(Device(agent_id=agent.id, name=f"bench-{number}", kind="desk", password=_PASSWORD))
    return agent


async def _take_calls(database: Database, agents: Sequence[Agent]) -> None:
    """Accept whatever rings."""
    viewers = {agent.id: viewer_of(agent) for agent in agents}
    while True:
        async with database.transaction() as session:
            offers = list(await session.scalars(select(Offer).where(Offer.outcome.is_(None))))
        for offer in offers:
            if offer.agent_id in viewers:
                with suppress(HoldfastError):
                    async with database.transaction() as session:
                        await routing.accept(session, viewers[offer.agent_id], offer.id)
        await asyncio.sleep(0.1)


async def _beat(database: Database, process_id: object) -> None:
    while True:
        async with database.transaction() as session:
            await presence.beat(session, process_id)  # type: ignore[arg-type]  # as it was registered
        await asyncio.sleep(presence.BEAT_EVERY.total_seconds())


@asynccontextmanager
async def talking(server: Holdfast, reach: Reach, number: str, keys: Sequence[str], count: int) -> AsyncIterator[None]:
    """So many recorded talks for the time of the block; both sides send back what they hear."""
    database = start(replace(Settings(), data_dir=server.data_dir, demo=True, log_level="WARNING"), server.dsn)
    async with database.transaction() as session:
        agents = [await _hire(session, number) for number in range(count)]
        process_id = await presence.register_process(session, "web")
        tell(session, VOICE, "devices")

    async def counted(what: object) -> int:
        async with database.transaction() as session:
            return int(await session.scalar(what) or 0)  # type: ignore[call-overload]  # a count

    ready = select(func.count()).where(Device.name.like("bench-%"), Device.ready)
    recorded = select(func.count()).select_from(Recording).join(Call, Call.id == Recording.call_id)
    recorded = recorded.where(Recording.ended_at.is_(None), Call.stage == "talking")
    work = [asyncio.create_task(_beat(database, process_id)), asyncio.create_task(_take_calls(database, agents))]

    async def are(what: object, wanted: int) -> bool:
        return await counted(what) == wanted

    try:
        await eventually_so(lambda: are(ready, count), 60, "the engine knows the phones")
        async with phones.desk_phones(reach, [f"bench-{number}" for number in range(count)], _PASSWORD):
            async with database.transaction() as session:
                for agent in agents:
                    await presence.socket_opened(session, agent.id, process_id)
                    await presence.choose(session, viewer_of(agent), "online")
            steps = (*keys, "pause:600000", "bye")
            async with phones.crowd(reach, number, *steps, calls=count, rate=4, echo=True):
                await eventually_so(lambda: are(recorded, count), 120, f"{count} talks are recorded")
                yield
    finally:
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
        async with database.transaction() as session:
            await presence.leave_process(session, process_id, 0)
            await session.execute(update(Agent).where(Agent.email.like("bench-%")).values(capacity={"chat": 0}))
        await database.close()
