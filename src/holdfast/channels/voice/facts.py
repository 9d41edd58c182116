"""What happened on the phone; ``app/reactions.py`` lists who answers it."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class EmergencyCallUnanswered:
    """A call on the emergency line rang at everybody certified for 20 s, and nobody has answered."""

    conversation_id: UUID
