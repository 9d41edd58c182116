"""The demo's phone: three lines that nobody outside can dial, and a week of calls for the figures. All is made up."""

from datetime import datetime, timedelta
from random import Random

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import StaffViewer
from holdfast.channels.voice import lines, queries, stages
from holdfast.channels.voice.models import Call, Line
from holdfast.channels.voice.schemas import LineInput
from holdfast.core.clock import now
from holdfast.core.ids import new_id

# Numbers that are kept for fiction.
LINES = (
    LineInput("+18005550100", "Hotline", records=True),
    LineInput("+18005550101", "中文热线", language="zh-Hans"),
    LineInput("+18005550199", "Emergencies", kind="emergency", wrap_seconds=120),
)
# Who has each language's calls, and how many there are in an hour by UTC's clock, from midnight.
_PEOPLE = {"en": ("ana", "priya"), "zh-Hans": ("wei",), "ja": ("mei",), "ko": ("seoyeon",)}
_HOURLY = "112345432123455432211111"
_DAYS = 7
# Of a hundred callers: seven hang up while they wait, four are called back.
_OUTCOMES = ("answered",) * 89 + ("abandoned",) * 7 + ("callback",) * 4


async def seed_phone(session: AsyncSession, staff: dict[str, StaffViewer]) -> None:
    """Where there is no line yet."""
    administrator = staff["lena"]
    if await queries.lines(session, administrator):
        return
    hotline, chinese, _ = [await lines.add_line(session, administrator, line) for line in LINES]
    dice = Random(7)  # noqa: S311 - a play, not a secret
    hour = now().replace(minute=0, second=0, microsecond=0) - timedelta(days=_DAYS)
    for n in range(_DAYS * 24):
        begins = hour + timedelta(hours=n)
        for _ in range(int(_HOURLY[begins.hour])):
            language = dice.choices(tuple(_PEOPLE), (5, 3, 1, 1))[0]
            line = chinese if language == "zh-Hans" else hotline
            agent = staff[dice.choice(_PEOPLE[language])]
            session.add(_call(dice, line, agent, language, begins + timedelta(seconds=dice.uniform(0, 3500))))


def _call(dice: Random, line: Line, agent: StaffViewer, language: str, started: datetime) -> Call:
    """Over, as all of them are; nobody's number, and no conversation."""

    def after(begin: datetime, low: float, high: float) -> datetime:
        return begin + timedelta(seconds=dice.triangular(low, high, low + (high - low) / 5))

    outcome = dice.choice(_OUTCOMES)
    queued = after(started, 8, 40)
    call = Call(
        line_id=line.id,
        application="demo",
        channel=f"demo-{new_id()}",
        language=language,
        stage=stages.OVER,
        outcome=outcome,
        wrap_seconds=line.wrap_seconds,
        started_at=started,
        queued_at=queued,
    )
    if outcome == "answered":
        call.agent_id = agent.id
        # Six of seven within the 20 s that most desks aim at.
        call.answered_at = queued + timedelta(seconds=2 + dice.expovariate(1 / 9))
        call.talked_until = after(call.answered_at, 60, 900)
        call.wrap_until = call.talked_until + timedelta(seconds=line.wrap_seconds)
        call.wrapped_at = after(call.talked_until, 5, line.wrap_seconds)
        call.held_seconds = dice.choice((0, 0, 0, 20, 45))
    call.ended_at = call.talked_until or after(queued, 3, 120)
    return call
