"""What people ask of those above them (``people/ports.py``), answered by routing and training."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.core.clock import now
from holdfast.routing import queries as routing
from holdfast.training.operations import certified_skills


class RoutingDesk:
    """The real desk."""

    async def load(self, session: AsyncSession, agent_id: UUID) -> dict[str, int]:
        return (await routing.load_of(session, [agent_id])).get(agent_id, {})

    async def skills(self, session: AsyncSession, agent_id: UUID) -> list[str]:
        return sorted((await certified_skills(session, [agent_id], now())).get(agent_id, frozenset()))
