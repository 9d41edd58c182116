"""What carries a page out of the house."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


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
