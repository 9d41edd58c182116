"""Every SELECT of the figures: one pass over the calls of a period for all that is said of them (``figures.py``)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Float, Integer, Select, and_, cast, false, func, or_, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import Viewer
from holdfast.channels.voice import stages
from holdfast.channels.voice.figures import SHORT, Handling, Tally
from holdfast.channels.voice.models import Call, CallBack, CallLeg, Device, Line, SurveyAnswer
from holdfast.channels.voice.queries import oversees
from holdfast.core.clock import now
from holdfast.people.models import Agent, Presence

# The line's own, or of a call whose line is not known any more.
_ANSWER_WITHIN = func.coalesce(Line.answer_within, 20)


@dataclass(frozen=True, slots=True)
class Period:
    """Calls that began to wait from ``since`` to before ``until``; of one line, in one language."""

    since: datetime
    until: datetime
    line: UUID | None = None
    language: str | None = None


def _within(period: Period) -> ColumnElement[bool]:
    """The ``direction`` is not looked at: call-backs are work, too."""
    return and_(
        Call.queued_at >= period.since,
        Call.queued_at < period.until,
        Call.line_id == period.line if period.line else true(),
        Call.language == period.language if period.language else true(),
    )


def _seconds(span: ColumnElement[Any]) -> ColumnElement[float]:
    return cast(func.extract("epoch", span), Float)


def _fates(period: Period, zone: str) -> Any:
    """One row for each decided call: its hour of the day in ``zone``, its language, and what became of it."""
    answered = Call.answered_at.is_not(None)
    given_up = and_(~answered, Call.outcome == "abandoned")
    return (
        select(
            cast(func.extract("hour", func.timezone(zone, Call.queued_at)), Integer).label("hour"),
            Call.language,
            answered.label("answered"),
            (Call.answered_at - Call.queued_at <= func.make_interval(0, 0, 0, 0, 0, 0, _ANSWER_WITHIN)).label(
                "in_time"
            ),
            given_up.label("abandoned"),
            and_(given_up, Call.ended_at - Call.queued_at < SHORT).label("short"),
            and_(~answered, Call.outcome == "callback").label("call_back"),
            and_(~answered, Call.outcome.in_(("message", "missed"))).label("message"),
            and_(~answered, Call.outcome == "lost").label("lost"),
            _seconds(Call.answered_at - Call.queued_at).label("waited"),
        )
        .outerjoin(Line, Line.id == Call.line_id)
        .where(_within(period), Call.direction == "in", or_(answered, Call.ended_at.is_not(None)))
        .subquery("fate")
    )


def _tallies(fate: Any) -> list[ColumnElement[Any]]:
    c = fate.c
    waits = func.percentile_cont([0.5, 0.9]).within_group(c.waited)
    return [
        func.count(),
        *(func.count().filter(each) for each in (c.answered, c.in_time, c.abandoned, c.short)),
        *(func.count().filter(each) for each in (c.call_back, c.message, c.lost)),
        func.avg(c.waited),
        waits,
    ]


def _tally(values: Any) -> Tally:
    return Tally(*values[:-1], *(values[-1] or (None, None)))


async def total(session: AsyncSession, viewer: Viewer, period: Period) -> Tally:
    fate = _fates(period, "UTC")
    return _tally((await session.execute(select(*_tallies(fate)).where(oversees(viewer)))).one())


async def by_hour_and_language(
    session: AsyncSession, viewer: Viewer, period: Period, zone: str
) -> dict[tuple[int | None, str | None], Tally]:
    """Of each hour of the day (in ``zone``), of each language, of both; None: of all."""
    fate = _fates(period, zone)
    hour, language = fate.c.hour, fate.c.language
    sets = func.grouping_sets(tuple_(), tuple_(hour), tuple_(language), tuple_(hour, language))
    statement = select(hour, language, *_tallies(fate)).where(oversees(viewer)).group_by(sets)
    return {(row[0], row[1]): _tally(row[2:]) for row in await session.execute(statement)}


async def handling(session: AsyncSession, viewer: Viewer, period: Period) -> Handling:
    wrapped = func.least(func.coalesce(Call.wrapped_at, Call.wrap_until), Call.wrap_until)
    # Who waits for another agent may be talked with yet.
    done = and_(Call.talked_until.is_not(None), Call.ended_at.is_not(None), wrapped <= now())
    held, alone = Call.held_seconds, Call.requeued_seconds
    found = (
        await session.execute(
            select(
                func.count().filter(done),
                func.sum(_seconds(Call.talked_until - Call.answered_at) - held - alone).filter(done),
                func.sum(held).filter(done),
                func.sum(_seconds(func.greatest(wrapped - Call.talked_until, timedelta()))).filter(done),
                func.count(Call.survey_at),
            ).where(_within(period), Call.answered_at.is_not(None), oversees(viewer))
        )
    ).one()
    return Handling(*(value or 0 for value in found))


async def scores(session: AsyncSession, viewer: Viewer, period: Period) -> list[int]:
    """How often each of 1 to 5 was pressed."""
    found = dict(
        (
            await session.execute(
                select(SurveyAnswer.score, func.count())
                .join(Call, Call.id == SurveyAnswer.call_id)
                .where(_within(period), oversees(viewer))
                .group_by(SurveyAnswer.score)
            )
        ).all()
    )
    return [found.get(score, 0) for score in range(1, 6)]


async def call_backs(session: AsyncSession, viewer: Viewer, period: Period) -> dict[str, int]:
    """Call-backs by state, of callers who began to wait in the period; messages, whoever heard them calls, and calls
    that an agent begins are not among them."""
    statement = (
        select(CallBack.state, func.count())
        .join(Call, Call.id == CallBack.call_id)
        .where(_within(period), CallBack.why.in_(("asked", "lost")), oversees(viewer))
        .group_by(CallBack.state)
    )
    return dict((await session.execute(statement)).all())


# --- now ---


async def waiting(
    session: AsyncSession, viewer: Viewer, line: UUID | None = None, language: str | None = None
) -> list[tuple[str, int, datetime]]:
    """Callers in the queue by language, and since when the longest of them waits; the most first."""
    statement = (
        select(Call.language, func.count(), func.min(Call.queued_at))
        .where(
            Call.ended_at.is_(None),
            Call.direction == "in",
            Call.stage.in_((stages.WAITING, stages.CONNECTING)),
            Call.queued_at.is_not(None),
            oversees(viewer),
            Call.line_id == line if line else true(),
            Call.language == language if language else true(),
        )
        .group_by(Call.language)
        .order_by(func.count().desc(), Call.language)
    )
    return [(tongue, count, since) for tongue, count, since in await session.execute(statement) if since]


async def call_backs_waiting(session: AsyncSession, viewer: Viewer) -> int:
    statement = select(func.count()).where(CallBack.state == "waiting", CallBack.why != "message", oversees(viewer))
    return await session.scalar(statement) or 0


def _at_the_phone() -> Select[Any]:
    """Agents with a device that is signed in."""
    living = or_(Device.expires_at.is_(None), Device.expires_at > now())
    return select(Device.agent_id).where(Device.online, living)


async def agents(session: AsyncSession, viewer: Viewer) -> dict[str, int]:
    """How many talk, wrap up, are rung at, or are ready (online, a phone, room for a call)."""
    leg = select(CallLeg.agent_id).where(CallLeg.state != "ended", CallLeg.role.in_(("agent", "consult")))
    talks = Agent.id.in_(leg.where(CallLeg.state == "up"))
    wraps = Agent.id.in_(
        select(Call.agent_id).where(
            Call.agent_id.in_(_at_the_phone()),
            Call.started_at > now() - timedelta(days=1),
            Call.wrap_until > now(),
            Call.wrapped_at.is_(None),
        )
    )
    rings = Agent.id.in_(leg.where(CallLeg.state == "ringing"))
    able = and_(
        Agent.id.in_(_at_the_phone()), Presence.state == "online", cast(Agent.capacity["voice"].astext, Integer) > 0
    )
    states = {
        "talking": talks,
        "wrap_up": and_(wraps, ~talks),
        "ringing": and_(rings, ~talks, ~wraps),
        "ready": and_(able, ~talks, ~wraps, ~rings),
    }
    counted = [func.count().filter(func.coalesce(each, false())) for each in states.values()]
    statement = select(*counted).outerjoin(Presence, Presence.agent_id == Agent.id)
    statement = statement.where(Agent.active, oversees(viewer))
    return dict(zip(states, (await session.execute(statement)).one(), strict=True))
