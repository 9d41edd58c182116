"""What people and paging ask of others (``ports.py`` of each), answered by routing and training."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.core.clock import now
from holdfast.routing.loads import load_of
from holdfast.training.operations import EMERGENCY, certified_skills, held_until


class RoutingDesk:
    """The real desk."""

    async def load(self, session: AsyncSession, agent_id: UUID) -> dict[str, int]:
        return (await load_of(session, [agent_id])).get(agent_id, {})

    async def skills(self, session: AsyncSession, agent_id: UUID) -> list[str]:
        return sorted((await certified_skills(session, [agent_id], now())).get(agent_id, frozenset()))


class Certificates:
    """Emergency work demands its certificate; other duties are led, not done, by whoever is paged."""

    async def held_until(
        self, session: AsyncSession, duty: str, agent_ids: Collection[UUID]
    ) -> dict[UUID, datetime] | None:
        return await held_until(session, agent_ids, EMERGENCY, now()) if duty == "emergency" else None
