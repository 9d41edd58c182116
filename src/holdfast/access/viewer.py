"""Who is asking. Every query takes a viewer, and a query that does not know the viewer returns nothing."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What a member of staff may do; a person holds several. No role sees everything."""

    CANDIDATE = "candidate"
    AGENT = "agent"
    EMERGENCY_AGENT = "emergency_agent"
    LEAD = "lead"
    TRAINER = "trainer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class StaffViewer:
    """A signed-in member of staff."""

    id: UUID
    name: str
    roles: frozenset[Role]
    language: str = "en"

    def holds(self, *roles: Role) -> bool:
        """True if any of ``roles`` is held."""
        return not self.roles.isdisjoint(roles)

    @property
    def answers(self) -> bool:
        """May work on conversations."""
        return self.holds(Role.AGENT, Role.EMERGENCY_AGENT, Role.LEAD)


@dataclass(frozen=True, slots=True)
class CustomerViewer:
    """A customer who holds the token of one conversation: sees that one and nothing else."""

    id: UUID
    conversation_id: UUID
    language: str = "en"


@dataclass(frozen=True, slots=True)
class SystemViewer:
    """The application itself (routing, jobs); ``purpose`` says for what, and stands in the audit log."""

    purpose: str
    language: str = "en"


Viewer = StaffViewer | CustomerViewer | SystemViewer
