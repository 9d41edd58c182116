"""What routing must ask of those above it: the ways on which agents cannot be reached just now."""

from collections.abc import Collection, Mapping
from typing import Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession


class Reach(Protocol):
    """Plugged in by ``app``."""

    async def out_of_reach(self, session: AsyncSession, agent_ids: Collection[UUID]) -> Mapping[UUID, frozenset[str]]:
        """The channels on which an agent can take nothing now, a call without a phone, say; none: not in it."""


class EverywhereInReach:
    """For tests of routing alone, and before anything is plugged in."""

    async def out_of_reach(self, session: AsyncSession, agent_ids: Collection[UUID]) -> Mapping[UUID, frozenset[str]]:  # noqa: ARG002 - the port's shape
        return {}


_reach: Reach = EverywhereInReach()


def plug(reach: Reach) -> None:
    """Set the process's reach (once, at start)."""
    global _reach  # noqa: PLW0603 - the process has one
    _reach = reach


def reach() -> Reach:
    return _reach
