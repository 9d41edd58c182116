"""The demo's past calls, so that the phone's figures show something. Nobody spoke in them: they are times alone, and
have no conversation and no number."""

import random
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.channels.voice.models import Call, Line
from holdfast.channels.voice.queries import first_inbox
from holdfast.core.clock import now
from holdfast.core.ids import new_id

# Numbers that belong to nobody, and the language of each line.
_LINES = {"+18005550142": ("Hotline, English", "en"), "+85200000142": ("热线，中文", "zh-Hans")}
_DAYS, _A_DAY = 14, 60
# Most customers are awake by day; a few call at night.
_HOURS = (1, 1, 1, 1, 1, 2, 4, 7, 10, 12, 12, 10, 9, 10, 11, 11, 9, 7, 6, 5, 4, 3, 2, 1)
_LANGUAGES = {"en": 10, "zh-Hans": 6, "es": 3, "ja": 2, "ar": 1}


async def seed_calls(session: AsyncSession) -> None:
    """Harmless when they were made before."""
    if await session.scalar(select(Line.id).where(Line.number.in_(_LINES)).limit(1)) is not None:
        return
    dice = random.Random(142)  # noqa: S311 - the same at every demo
    inbox = await first_inbox(session)
    lines = [
        Line(id=new_id(), number=number, name=name, language=language, inbox_id=inbox.id)
        for number, (name, language) in _LINES.items()
    ]
    session.add_all(lines)
    await session.flush()
    midnight = now().replace(hour=0, minute=0, second=0, microsecond=0)
    hours = dice.choices(range(24), _HOURS, k=_DAYS * _A_DAY)
    for number, hour in enumerate(hours):
        at = midnight - timedelta(days=number % _DAYS) + timedelta(hours=hour, seconds=dice.uniform(0, 3600))
        if at < now() - timedelta(minutes=15):
            language = dice.choices(list(_LANGUAGES), list(_LANGUAGES.values()))[0]
            line = next((line for line in lines if line.language == language), lines[0])
            session.add(_call(dice, line, language, at, busy=_HOURS[hour] / max(_HOURS)))


def _call(dice: random.Random, line: Line, language: str, at: datetime, *, busy: float) -> Call:
    """``busy``: between 0 and 1; callers wait longer then."""
    queued = at + timedelta(seconds=dice.uniform(15, 40))
    decided = queued + timedelta(seconds=dice.expovariate(1 / (8 + 40 * busy)))
    patient = dice.random() < 0.9 - 0.15 * busy
    call = Call(
        line_id=line.id,
        application="demo",
        channel=f"demo-{new_id()}",
        language=language,
        stage="over",
        outcome="answered" if patient else dice.choice(("abandoned", "abandoned", "callback")),
        started_at=at,
        queued_at=queued,
        ended_at=decided,
    )
    if patient:
        call.answered_at, call.held_seconds = decided, dice.choice((0, 0, 0, 25, 70))
        call.talked_until = call.ended_at = decided + timedelta(seconds=call.held_seconds + dice.gauss(240, 60))
        call.wrap_until = call.talked_until + timedelta(seconds=60)
        call.wrapped_at = call.talked_until + timedelta(seconds=dice.uniform(10, 60))
    return call
