"""Several voice processes at one engine: each holds a lease on the calls that it conducts, and renews it every 2 s.
Calls of one whose lease has run out go to the first other one that looks. Whoever is back in time keeps its own."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.channels.voice.models import Call, VoiceLease
from holdfast.core.clock import now

RENEW_SECONDS = 2.0
# Four renewals missed. A process that is started again, which takes 1 to 2 s, finds its calls where it left them.
LASTS = timedelta(seconds=8)


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


async def take_over(session: AsyncSession, names: Sequence[str], application: str) -> Sequence[Call]:
    """Their calls that are up are ours from now on."""
    statement = update(Call).where(Call.application.in_(names), Call.ended_at.is_(None)).values(application=application)
    return (await session.scalars(statement.returning(Call))).all()


async def forget(session: AsyncSession, names: Sequence[str]) -> None:
    """Nothing of theirs is left."""
    for lease in await session.scalars(select(VoiceLease).where(VoiceLease.application.in_(names))):
        await session.delete(lease)
