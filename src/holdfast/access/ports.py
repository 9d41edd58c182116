"""What access asks for outside: whoever keeps the master key, and a second place for the audit log's checkpoints."""

from typing import Protocol

from holdfast.access.seals import Checkpoint


class KeySourceError(RuntimeError):
    """The place where master keys are kept cannot do it; the message says what to do."""


class WrongMasterKey(RuntimeError):
    """The master key that a database needs is not here; the message names it and says what to do."""


class KeySource(Protocol):
    """Keeps master keys and never gives them out: it wraps and unwraps 32-byte keys for us.

    It is asked when a process starts and when keys are exchanged, never for a customer or a message, so that it may
    be slow, billed, or away while the desk runs. Every method may block, and raises KeySourceError.
    """

    name: str

    def masters(self) -> list[str]:
        """The ids of the master keys that are there, the newest last. An id tells nothing about its key."""

    def make(self) -> str:
        """A new master key, to be copied to every machine where the source keeps it in a place of each machine."""

    def wrap(self, master: str, plain: bytes, context: str) -> bytes: ...

    def unwrap(self, master: str, wrapped: bytes, context: str) -> bytes:
        """Raises KeySourceError also if the key is another one than its id says."""

    def first(self, master: str) -> bytes | None:
        """The key itself if its first generation is derived (``keys.first_generation``); None where it stays inside."""

    def repair(self, master: str) -> str:
        """What an operator must do so that this master key is there."""


class SecondPlace(Protocol):
    """Where the database's owner cannot change what was put. Plugged in by ``app``; access/checkpoints.py has the
    ones that need nothing else."""

    name: str
    every: float
    """Seconds between two checkpoints there; 0 sends every seal."""

    async def put(self, checkpoint: Checkpoint) -> None:
        """Keep it, durably, or raise: it is tried again with the next seal."""
