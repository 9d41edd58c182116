"""Before a message of ours goes out to a customer: its links are on the list, and it asks for nothing we never ask for.

The list is the register of official channels, which is above this folder: a port. Until one is plugged in, or when it
knows nothing yet, no link goes out.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import Viewer
from holdfast.conversations.errors import LinkRefused, PaymentRequested, RemoteRequested, SecretRequested
from holdfast.core.database import Database
from holdfast.core.errors import HoldfastError
from holdfast.redaction.outgoing import check

logger = logging.getLogger(__name__)
# The audit log's action; its detail has the kind and never a word of the text.
BLOCKED = "outgoing.blocked"


class AllowedLinks(Protocol):
    """Which links may stand in a message to a customer. Asked for every one: no database, no network."""

    def allows(self, link: str) -> bool: ...


class NoLinks:
    """Before anything is plugged in."""

    def allows(self, link: str) -> bool:  # noqa: ARG002 - the port's shape
        return False


_allowed: AllowedLinks = NoLinks()


def plug(allowed: AllowedLinks) -> None:
    """Set the process's list (once, at start)."""
    global _allowed  # noqa: PLW0603 - the one way out is reached from sockets and jobs alike
    _allowed = allowed


_REFUSALS: dict[str, type[HoldfastError]] = {
    "secret": SecretRequested,
    "remote": RemoteRequested,
    "payment": PaymentRequested,
}
_STOPPED: tuple[type[HoldfastError], ...] = (LinkRefused, *_REFUSALS.values())


def refusal(text: str) -> HoldfastError | None:
    """Why this text may not go out to a customer, or None (mean 20 us for an ordinary answer: bench.outgoing)."""
    stop = check(text, _allowed.allows)
    if stop is None:
        return None
    return LinkRefused(link=stop.link[:200]) if stop.kind == "link" else _REFUSALS[stop.kind]()


Subject = tuple[str, UUID | None]


@asynccontextmanager
async def noted(database: Database, viewer: Viewer, subject: Subject) -> AsyncIterator[AsyncSession]:
    """A transaction with texts for customers: one that the filter stops is written down."""
    try:
        async with database.transaction() as session:
            yield session
    except _STOPPED as error:
        await note_block(database, viewer, subject, error)
        raise


async def note_block(database: Database, viewer: Viewer, subject: Subject, error: HoldfastError) -> None:
    """Write down that a message was stopped: who, where, and of what kind. In a transaction of its own, since the
    message's has failed; a fault here must not hide the refusal."""
    try:
        async with database.transaction() as session:
            record(session, viewer, BLOCKED, subject, kind=error.id)
    except Exception:
        logger.exception("a stopped message was not written down")
