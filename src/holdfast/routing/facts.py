"""What the router found; ``app/reactions.py`` lists who answers it."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class EmergencyUnheard:
    """An emergency waits and rings nowhere: nobody certified for it is there, or those who are have declined."""

    conversation_id: UUID
