"""What people must ask of those above them: the work an agent holds, and the skills they have shown."""

from typing import Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession


class Desk(Protocol):
    """Plugged in by ``app``."""

    async def load(self, session: AsyncSession, agent_id: UUID) -> dict[str, int]:
        """How many open conversations the agent holds, by channel."""

    async def skills(self, session: AsyncSession, agent_id: UUID) -> list[str]:
        """The skills the agent is certified for now."""


class EmptyDesk:
    """A desk without work: for tests of people alone, and before anything is plugged in."""

    async def load(self, session: AsyncSession, agent_id: UUID) -> dict[str, int]:  # noqa: ARG002 - the port's shape
        return {}

    async def skills(self, session: AsyncSession, agent_id: UUID) -> list[str]:  # noqa: ARG002 - the port's shape
        return []


_desk: Desk = EmptyDesk()


def plug(desk: Desk) -> None:
    """Set the process's desk (once, at start)."""
    global _desk  # noqa: PLW0603 - the process has one desk
    _desk = desk


def desk() -> Desk:
    return _desk
