"""What happened to the people who answer."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class AgentAvailable:
    """Online now: may be offered work."""

    agent_id: UUID


@dataclass(frozen=True, slots=True)
class AgentUnreachable:
    """The last socket of an online agent is gone: what rings there must ring elsewhere at once."""

    agent_id: UUID


@dataclass(frozen=True, slots=True)
class AgentAbsent:
    """Away by choice, or unreachable for longer than the grace: holds nothing any more."""

    agent_id: UUID
    why: str


Fact = AgentAvailable | AgentUnreachable | AgentAbsent
