"""What happened to a promise; ``app/reactions.py`` lists who answers each."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PromiseTurned:
    """A share of its time is over (``level`` 50 or 80 per cent), or it is broken (100). ``kind``: ``model.Kind``."""

    conversation_id: UUID
    kind: str
    level: int


@dataclass(frozen=True, slots=True)
class PromiseSettled:
    """Something was announced of it, and what was promised has come now."""

    conversation_id: UUID
    kind: str
