"""What carries a page out of the house, and who may do the work that it asks for."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class Message:
    """What one person is told by one method. ``provider`` is the organisation's account (or key), for kinds that need
    one; ``secret`` the method's own. ``view`` is the console's page about it."""

    id: UUID
    kind: str
    address: str
    subject: str
    text: str
    link: str | None
    urgent: bool
    provider: str | None = None
    secret: str | None = None
    view: str = "/console/on-call"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Taken by the other side, or why not; ``final``: it would be refused again."""

    sent: bool
    reason: str | None = None
    final: bool = False


class Sender(Protocol):
    async def send(self, message: Message) -> Outcome:
        """Never raises for what the other side does."""
        ...


class Certificates(Protocol):
    """Plugged in by ``app``."""

    async def held_until(
        self, session: AsyncSession, duty: str, agent_ids: Collection[UUID]
    ) -> dict[UUID, datetime] | None:
        """Who may do the duty's work now, and until when. None: it asks for no certificate."""


class NoCertificates:
    """Before anything is plugged in."""

    async def held_until(
        self,
        session: AsyncSession,  # noqa: ARG002 - the port's shape
        duty: str,  # noqa: ARG002 - the port's shape
        agent_ids: Collection[UUID],  # noqa: ARG002 - the port's shape
    ) -> dict[UUID, datetime] | None:
        return None


_certificates: Certificates = NoCertificates()


def plug(certificates_: Certificates) -> None:
    """Set the process's (once, at start)."""
    global _certificates  # noqa: PLW0603 - the process has one
    _certificates = certificates_


def certificates() -> Certificates:
    return _certificates
