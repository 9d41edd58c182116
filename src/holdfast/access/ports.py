"""What the audit log needs of the outside: a second place for its checkpoints."""

from typing import Protocol

from holdfast.access.seals import Checkpoint


class SecondPlace(Protocol):
    """Where the database's owner cannot change what was put. Plugged in by ``app``; access/checkpoints.py has the
    ones that need nothing else."""

    name: str
    every: float
    """Seconds between two checkpoints there; 0 sends every seal."""

    async def put(self, checkpoint: Checkpoint) -> None:
        """Keep it, durably, or raise: it is tried again with the next seal."""
