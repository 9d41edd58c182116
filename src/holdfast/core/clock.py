"""The one clock. Everything that asks for the time asks here, so that a test can say what time it is."""

from collections.abc import Callable
from datetime import UTC, datetime


def _system() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system


def now() -> datetime:
    """The present instant, timezone-aware, in UTC."""
    return _source()


def set_source(source: Callable[[], datetime] | None) -> None:
    """Replace the clock (tests); ``None`` gives the system's back."""
    global _source  # noqa: PLW0603 - the process has one clock by design
    _source = source or _system
