"""Follows the timelines for the promises."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from holdfast.core.database import Database
from holdfast.core.following import AT_ONCE, Following
from holdfast.promises import queries
from holdfast.promises.keeping import read

# Nothing turns sooner: the shortest target is ten seconds, its first warning comes after five, and whoever announces
# something reads before.
_APART = 2.0
_HELD = 0.05


class PromiseReader(Following):
    """A conversation's book is held by one at a time."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, apart=_APART)
        # Those whose row was held when its shown instant was to be changed.
        self._held: set[UUID] = set()

    async def _unread(self) -> Sequence[UUID]:
        async with self._database.transaction() as session:
            return await queries.unread(session, AT_ONCE)

    async def _read(self, ids: Sequence[UUID]) -> Mapping[UUID, float]:
        async with self._database.transaction() as session:
            done = await read(session, ids, show=self._held & set(ids))
        self._held = (self._held - set(ids)) | done.held
        return dict.fromkeys(done.more, 0.0) | dict.fromkeys(done.held, _HELD)
