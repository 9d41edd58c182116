"""Talks for the phone's bench: agents with desk phones who take whoever waits."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from sqlalchemy import func, select
from tests.support import phones
from tests.support.server import Holdfast
from tests.support.staff import PASSWORD, staff
from tests.support.waiting import eventually_so

from holdfast.channels.voice.engine.layout import Reach
from holdfast.channels.voice.models import Call, Recording

_RECORDED = (
    select(func.count())
    .select_from(Recording)
    .join(Call, Call.id == Recording.call_id)
    .where(Recording.ended_at.is_(None), Call.stage == "talking")
)


@asynccontextmanager
async def talking(server: Holdfast, reach: Reach, number: str, keys: Sequence[str], count: int) -> AsyncIterator[None]:
    """So many recorded talks for the time of the block; agents hum, and callers send back what they hear."""
    names = [f"bench-{each}" for each in range(count)]
    async with staff(server, names) as agents:

        async def recorded() -> bool:
            return await agents.count(_RECORDED) == count

        async with phones.desk_phones(reach, names, PASSWORD):
            await agents.come()
            steps = (*keys, "pause:600000", "bye")
            async with phones.crowd(reach, number, *steps, calls=count, rate=4, echo=True):
                await eventually_so(recorded, 120, f"{count} talks are recorded")
                yield
