"""Several voice processes at one engine: each holds a lease on the calls that it conducts, and renews it every 2 s.
Calls of one whose lease has run out go to the first other one that looks. Whoever is back in time keeps its own."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.channels.voice.ari import Synced
from holdfast.channels.voice.conducting import Desk
from holdfast.channels.voice.models import Call, VoiceLease
from holdfast.core.clock import now
from holdfast.core.database import Database

logger = logging.getLogger(__name__)

RENEW_SECONDS = 2.0
# Four renewals missed. A process that is started again, which takes 1 to 2 s, finds its calls where it left them.
LASTS = timedelta(seconds=8)


class Lease:
    """Of one process. ``adopt`` takes up calls of another: what there is, the calls that were its, its name."""

    def __init__(self, desk: Desk, adopt: Callable[[Synced, Sequence[Call], str], Awaitable[None]]) -> None:
        self._desk = desk
        self._adopt = adopt

    async def hold(self) -> None:
        """Until cancelled; on a connection of its own: behind a hundred calls that begin it would come too late."""
        database = Database(self._desk.database.dsn, pool_size=1)
        try:
            while True:
                try:
                    await self._look(database)
                except Exception:
                    logger.warning("the lease was not renewed, or calls not taken over: trying again", exc_info=True)
                await asyncio.sleep(RENEW_SECONDS)
        finally:
            await database.close()

    async def _look(self, database: Database) -> None:
        ours, ari = self._desk.application, self._desk.ari
        async with database.transaction() as session:
            await renew(session, ours)
        if not ari.connected.is_set():
            return
        async with database.transaction() as session:
            names = await over(session, ours)
            found = [(await ari.there_is(name), await take_over(session, name, ours), name) for name in names]
            await forget(session, names)
        for there, calls, name in found:
            logger.warning("%s is gone: its %d calls are taken over", name, len(calls))
            await self._adopt(there, calls, name)


async def renew(session: AsyncSession, application: str) -> None:
    statement = insert(VoiceLease).values(application=application, renewed_at=now())
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["application"], set_={"renewed_at": statement.excluded.renewed_at}
        )
    )


async def over(session: AsyncSession, application: str) -> Sequence[str]:
    """Others whose lease has run out; until the end of the transaction nobody else gets them."""
    statement = select(VoiceLease.application).where(
        VoiceLease.application != application, VoiceLease.renewed_at < now() - LASTS
    )
    return (await session.scalars(statement.with_for_update(skip_locked=True))).all()


async def take_over(session: AsyncSession, name: str, application: str) -> Sequence[Call]:
    """Its calls that are up are ours from now on."""
    statement = update(Call).where(Call.application == name, Call.ended_at.is_(None)).values(application=application)
    return (await session.scalars(statement.returning(Call))).all()


async def forget(session: AsyncSession, names: Sequence[str]) -> None:
    """Nothing of theirs is left."""
    await session.execute(delete(VoiceLease).where(VoiceLease.application.in_(names)))
