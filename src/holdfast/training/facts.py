"""What happened to the right to answer."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class RightRevoked:
    """The agent no longer holds ``skill``: what rings at them and needs it must ring elsewhere at once."""

    agent_id: UUID
    skill: str


Fact = RightRevoked
