"""A tracker outside, as cases need it."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Place:
    """Where issues are: the interface's address, the repository (owner/name), and the account's token."""

    api: str
    repository: str
    token: str


@dataclass(frozen=True, slots=True)
class Issue:
    """As it is there. ``state`` is open or closed; ``reason`` why (completed, not_planned, reopened …)."""

    repository: str
    number: int
    url: str
    state: str
    reason: str | None
    etag: str | None = None


class TrackerError(Exception):
    """It was asked in vain: ``reason`` is a stable word. ``wait``: seconds in which nothing more is to be asked.
    ``final``: it would fail again. ``denied``: until the token is another one, or may do more."""

    def __init__(self, reason: str, *, wait: float | None = None, final: bool = False, denied: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.wait, self.final, self.denied = reason, wait, final, denied


class IssueGone(TrackerError):
    """It was deleted, or we may see it no longer."""

    def __init__(self) -> None:
        super().__init__("gone", final=True)


class IssueMoved(TrackerError):
    """It is another issue now, of another repository perhaps."""

    def __init__(self, to: Issue) -> None:
        super().__init__("moved", final=True)
        self.to = to


class Tracker(Protocol):
    """Every method raises TrackerError, those of one issue IssueGone and IssueMoved too."""

    async def find(self, place: Place, marker: str, since: str) -> Issue | None:
        """The issue whose text holds ``marker``, among those changed since the instant."""
        ...

    async def create(self, place: Place, title: str, body: str) -> Issue: ...

    async def look(self, place: Place, number: int, etag: str | None = None) -> Issue | None:
        """None: unchanged since ``etag``."""
        ...

    async def commented(self, place: Place, number: int, marker: str, since: str) -> bool:
        """Whether a comment with ``marker`` is there."""
        ...

    async def comment(self, place: Place, number: int, body: str) -> None: ...

    async def set_state(self, place: Place, number: int, state: str) -> Issue: ...
