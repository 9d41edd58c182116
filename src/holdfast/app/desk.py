"""What people, routing and paging ask of others (``ports.py`` of each), answered by routing, the phone and training."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.channels.voice.keeping import SOURCE
from holdfast.channels.voice.queries import phones
from holdfast.core.clock import now
from holdfast.routing.loads import load_of
from holdfast.training.operations import EMERGENCY, certified_skills, held_until


class RoutingDesk:
    """The real desk."""

    async def load(self, session: AsyncSession, agent_id: UUID) -> dict[str, int]:
        return (await load_of(session, [agent_id])).get(agent_id, {})

    async def skills(self, session: AsyncSession, agent_id: UUID) -> list[str]:
        return sorted((await certified_skills(session, [agent_id], now())).get(agent_id, frozenset()))


class Phones:
    """Calls reach whom a phone has signed in for."""

    async def out_of_reach(self, session: AsyncSession, agent_ids: Collection[UUID]) -> Mapping[UUID, frozenset[str]]:
        there = {phone.agent_id for phone in await phones(session, agent_ids) if phone.online}
        return {agent_id: frozenset({SOURCE}) for agent_id in agent_ids if agent_id not in there}


class Certificates:
    """Emergency work demands its certificate; other duties are led, not done, by whoever is paged."""

    async def held_until(
        self, session: AsyncSession, duty: str, agent_ids: Collection[UUID]
    ) -> dict[UUID, datetime] | None:
        return await held_until(session, agent_ids, EMERGENCY, now()) if duty == "emergency" else None
