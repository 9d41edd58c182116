"""Follows the timelines for the rules, and for what is scheduled: the customer may write before it goes."""

import logging
from collections.abc import Mapping, Sequence
from uuid import UUID

from holdfast.automation import queries, rulebook, scheduled
from holdfast.automation.following import follow, glance
from holdfast.core.database import Database
from holdfast.core.following import AT_ONCE, Following

# A rule acts as quickly as anybody who reads along.
_APART = 0.5
_AGAIN = 5.0

logger = logging.getLogger(__name__)


class RuleReader(Following):
    """A conversation's cursor is held by one at a time."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, apart=_APART)

    async def _unread(self) -> Sequence[UUID]:
        async with self._database.transaction() as session:
            return await queries.unread(session, AT_ONCE) if await rulebook.active(session) else []

    async def _read(self, ids: Sequence[UUID]) -> Mapping[UUID, float]:
        # By itself: it holds conversations, and rules hold the cursor first.
        async with self._database.transaction() as session:
            await scheduled.stop_overtaken(session, ids)
        async with self._database.transaction() as session:
            concerned = await glance(session, ids)
        failed: dict[UUID, float] = {}
        for conversation_id in concerned:
            try:
                async with self._database.transaction() as session:
                    await follow(session, conversation_id)
            except Exception:
                # It must hold up no other.
                logger.exception("rules for conversation %s failed, trying again in 5 s", conversation_id)
                failed[conversation_id] = _AGAIN
        return failed
