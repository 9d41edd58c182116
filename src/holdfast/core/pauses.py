"""How long to wait before what failed is tried again."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Pauses:
    """Seconds: the first, each next ``factor`` times as long, up to ``longest``."""

    first: float
    factor: float
    longest: float

    def after(self, attempt: int) -> timedelta:
        """The pause after the given failed attempt (1: the first)."""
        # Past the twentieth power every pause is the longest, and floats stay floats.
        return timedelta(seconds=min(self.first * self.factor ** min(attempt - 1, 20), self.longest))
