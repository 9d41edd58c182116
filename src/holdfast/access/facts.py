"""What happened to access; ``app/reactions.py`` lists who answers."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class AlarmRaised:
    """Somebody looked where or how nobody should; ``kind`` is browse_rate, canary or archive."""

    alarm_id: UUID
    agent_id: UUID
    kind: str


Fact = AlarmRaised
