"""Every SELECT of technical cases and known problems."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from holdfast.access.viewer import Role, StaffViewer, Viewer
from holdfast.conversations.models import Conversation
from holdfast.core.clock import now
from holdfast.people.models import Agent
from holdfast.technical.errors import CaseUnknown
from holdfast.technical.models import (
    KnownProblem,
    TechnicalAction,
    TechnicalAnnouncement,
    TechnicalCase,
    TechnicalDelivery,
    TechnicalEvent,
    TechnicalIssue,
    TechnicalLink,
    TechnicalTracker,
)
from holdfast.training.operations import certified_skills

WAITING, PAUSED = "waiting", "paused"
OVER = ("told", "closed")
SKILL = "technical"
# Solved problems stay on the status page for a week.
_SHOWN_AFTER = timedelta(days=7)


def may_see(viewer: Viewer) -> bool:
    """Cases are seen by whoever answers."""
    return isinstance(viewer, StaffViewer) and viewer.answers


async def works(session: AsyncSession, viewer: StaffViewer) -> bool:
    """Whether they work with cases: leads, and those who answer and are certified for it."""
    if viewer.holds(Role.LEAD):
        return True
    return viewer.answers and SKILL in (await certified_skills(session, [viewer.id], now()))[viewer.id]


# --- cases ---


async def cases(session: AsyncSession, viewer: Viewer, *, over: bool, limit: int = 200) -> Sequence[Any]:
    """``(case, conversations, owner's name, the issue's mark)``; those that are over, or all others."""
    if not may_see(viewer):
        return []
    linked = (
        select(func.count()).where(TechnicalLink.case_id == TechnicalCase.id).correlate(TechnicalCase).scalar_subquery()
    )
    found = await session.execute(
        select(TechnicalCase, linked, Agent.name, TechnicalIssue.mark)
        .outerjoin(Agent, Agent.id == TechnicalCase.owner_id)
        .outerjoin(TechnicalIssue, TechnicalIssue.case_id == TechnicalCase.id)
        .where(TechnicalCase.state.in_(OVER) if over else TechnicalCase.state.not_in(OVER))
        .order_by(TechnicalIssue.mark.is_(None), TechnicalCase.changed_at.desc())
        .limit(limit)
    )
    return found.all()


async def case(session: AsyncSession, viewer: Viewer, case_id: UUID, *, lock: bool = False) -> TechnicalCase:
    """Raises CaseUnknown also for what the viewer may not see."""
    statement = select(TechnicalCase).where(TechnicalCase.id == case_id)
    if lock:
        statement = statement.with_for_update(key_share=True).execution_options(populate_existing=True)
    found = await session.scalar(statement) if may_see(viewer) else None
    if found is None:
        raise CaseUnknown
    return found


async def case_locked(session: AsyncSession, case_id: UUID) -> TechnicalCase:
    """For what nobody asks: the courier and the sender."""
    found: TechnicalCase = (
        await session.scalars(
            select(TechnicalCase)
            .where(TechnicalCase.id == case_id)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
    ).one()
    return found


async def links(session: AsyncSession, viewer: Viewer, case_id: UUID) -> Sequence[Any]:
    """``(link, conversation, who handed it over)``, the first first."""
    if not may_see(viewer):
        return []
    found = await session.execute(
        select(TechnicalLink, Conversation, Agent.name)
        .join(Conversation, Conversation.id == TechnicalLink.conversation_id)
        .join(Agent, Agent.id == TechnicalLink.by_id)
        .where(TechnicalLink.case_id == case_id)
        .order_by(TechnicalLink.at)
    )
    return found.all()


async def link(session: AsyncSession, case_id: UUID, conversation_id: UUID) -> TechnicalLink | None:
    found: TechnicalLink | None = await session.scalar(
        select(TechnicalLink).where(TechnicalLink.case_id == case_id, TechnicalLink.conversation_id == conversation_id)
    )
    return found


async def handovers(session: AsyncSession, conversation_id: UUID) -> Sequence[Any]:
    """``(link, case, who)`` of a conversation that the caller has shown to be the viewer's."""
    found = await session.execute(
        select(TechnicalLink, TechnicalCase, Agent.name)
        .join(TechnicalCase, TechnicalCase.id == TechnicalLink.case_id)
        .join(Agent, Agent.id == TechnicalLink.by_id)
        .where(TechnicalLink.conversation_id == conversation_id)
        .order_by(TechnicalLink.at)
    )
    return found.all()


async def linked_languages(session: AsyncSession, case_id: UUID) -> dict[str, int]:
    """The languages of the linked customers, with how many speak each; the most first."""
    count = func.count()
    found = await session.execute(
        select(Conversation.language, count)
        .join(TechnicalLink, TechnicalLink.conversation_id == Conversation.id)
        .where(TechnicalLink.case_id == case_id)
        .group_by(Conversation.language)
        .order_by(count.desc(), Conversation.language)
    )
    return {row[0]: row[1] for row in found}


async def log(session: AsyncSession, case_id: UUID) -> Sequence[Any]:
    """``(event, agent's name)``, the newest first."""
    found = await session.execute(
        select(TechnicalEvent, Agent.name)
        .outerjoin(Agent, Agent.id == TechnicalEvent.agent_id)
        .where(TechnicalEvent.case_id == case_id)
        .order_by(TechnicalEvent.id.desc())
        .limit(200)
    )
    return found.all()


# --- what customers are told ---

_Writer, _Releaser = aliased(Agent), aliased(Agent)


async def announcements(session: AsyncSession, case_id: UUID) -> Sequence[Any]:
    """``(announcement, writer, releaser)`` of a case, the newest first."""
    found = await session.execute(
        select(TechnicalAnnouncement, _Writer.name, _Releaser.name)
        .join(_Writer, _Writer.id == TechnicalAnnouncement.written_by_id)
        .outerjoin(_Releaser, _Releaser.id == TechnicalAnnouncement.released_by_id)
        .where(TechnicalAnnouncement.case_id == case_id, TechnicalAnnouncement.kind != "reopened")
        .order_by(TechnicalAnnouncement.id.desc())
    )
    return found.all()


async def announcement_locked(session: AsyncSession, announcement_id: UUID) -> TechnicalAnnouncement | None:
    found: TechnicalAnnouncement | None = await session.scalar(
        select(TechnicalAnnouncement)
        .where(TechnicalAnnouncement.id == announcement_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return found


async def progress(session: AsyncSession, announcement_ids: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    """How many of each one's deliveries are in which state."""
    found: dict[UUID, dict[str, int]] = {one: {} for one in announcement_ids}
    rows = await session.execute(
        select(TechnicalDelivery.announcement_id, TechnicalDelivery.state, func.count())
        .where(TechnicalDelivery.announcement_id.in_(announcement_ids))
        .group_by(TechnicalDelivery.announcement_id, TechnicalDelivery.state)
    )
    for announcement_id, state, number in rows:
        found[announcement_id][state] = number
    return found


async def linked(session: AsyncSession, case_id: UUID) -> Sequence[UUID]:
    """Its conversations, the one that it began with first."""
    linked = select(TechnicalLink.conversation_id).where(TechnicalLink.case_id == case_id).order_by(TechnicalLink.id)
    return (await session.scalars(linked)).all()


async def told(session: AsyncSession, case_id: UUID) -> Sequence[UUID]:
    """Conversations that were told that this case is solved."""
    return (
        await session.scalars(
            select(TechnicalDelivery.conversation_id)
            .join(TechnicalAnnouncement, TechnicalAnnouncement.id == TechnicalDelivery.announcement_id)
            .where(
                TechnicalAnnouncement.case_id == case_id,
                TechnicalAnnouncement.kind == "solved",
                TechnicalDelivery.state == "sent",
            )
            .distinct()
        )
    ).all()


async def delivery_to_send(session: AsyncSession) -> TechnicalDelivery | None:
    """The next one that nobody else sends, locked."""
    found: TechnicalDelivery | None = await session.scalar(
        select(TechnicalDelivery)
        .where(TechnicalDelivery.state == WAITING, TechnicalDelivery.next_at <= now())
        .order_by(TechnicalDelivery.next_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return found


async def all_sent(session: AsyncSession) -> Sequence[TechnicalAnnouncement]:
    """Announcements on their way of which nothing waits any more, locked."""
    waiting = (
        select(TechnicalDelivery.announcement_id)
        .where(TechnicalDelivery.announcement_id == TechnicalAnnouncement.id, TechnicalDelivery.state == WAITING)
        .exists()
    )
    return (
        await session.scalars(
            select(TechnicalAnnouncement)
            .where(TechnicalAnnouncement.state == "sending", ~waiting)
            .with_for_update(skip_locked=True)
        )
    ).all()


async def next_delivery(session: AsyncSession) -> datetime | None:
    found: datetime | None = await session.scalar(
        select(func.min(TechnicalDelivery.next_at)).where(TechnicalDelivery.state == WAITING)
    )
    return found


# --- the tracker ---


async def tracker(session: AsyncSession, *, lock: bool = False) -> TechnicalTracker | None:
    """Whoever locks it does so before a case."""
    statement = select(TechnicalTracker).where(TechnicalTracker.kind == "github")
    if lock:
        statement = statement.with_for_update(key_share=True)
    found: TechnicalTracker | None = await session.scalar(statement.execution_options(populate_existing=True))
    return found


async def paused(session: AsyncSession, case_id: UUID | None = None) -> int:
    """How many actions wait for the tracker's settings, of all cases or of one."""
    ours = () if case_id is None else (TechnicalAction.case_id == case_id,)
    return await session.scalar(select(func.count()).where(TechnicalAction.state == PAUSED, *ours)) or 0


async def issue(session: AsyncSession, case_id: UUID, *, lock: bool = False) -> TechnicalIssue | None:
    statement = select(TechnicalIssue).where(TechnicalIssue.case_id == case_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found: TechnicalIssue | None = await session.scalar(statement)
    return found


async def issue_by_number(session: AsyncSession, repository: str, number: int) -> TechnicalIssue | None:
    """GitHub's names are the same in any case."""
    found: TechnicalIssue | None = await session.scalar(
        select(TechnicalIssue).where(
            func.lower(TechnicalIssue.repository) == repository.lower(), TechnicalIssue.number == number
        )
    )
    return found


async def actions(session: AsyncSession, case_id: UUID) -> Sequence[TechnicalAction]:
    return (
        await session.scalars(
            select(TechnicalAction).where(TechnicalAction.case_id == case_id).order_by(TechnicalAction.id)
        )
    ).all()


_Earlier = aliased(TechnicalAction)


async def actions_ready(session: AsyncSession, limit: int) -> Sequence[TechnicalAction]:
    """Locked; of each case only the first that is not over, so that what is done there has the order of what is done
    here."""
    earlier = (
        select(_Earlier.id)
        .where(
            _Earlier.case_id == TechnicalAction.case_id,
            _Earlier.state.in_((WAITING, PAUSED)),
            _Earlier.id < TechnicalAction.id,
        )
        .exists()
    )
    return (
        await session.scalars(
            select(TechnicalAction)
            .where(
                TechnicalAction.state == WAITING,
                TechnicalAction.next_at <= now(),
                or_(TechnicalAction.held_until.is_(None), TechnicalAction.held_until <= now()),
                ~earlier,
            )
            .order_by(TechnicalAction.id)
            .limit(limit)
            .with_for_update(skip_locked=True, of=TechnicalAction)
        )
    ).all()


async def action_locked(session: AsyncSession, action_id: UUID) -> TechnicalAction | None:
    return await session.get(TechnicalAction, action_id, with_for_update=True, populate_existing=True)


async def issues_to_look_at(session: AsyncSession, limit: int) -> Sequence[TechnicalIssue]:
    return (
        await session.scalars(
            select(TechnicalIssue)
            .where(
                TechnicalIssue.number.is_not(None),
                TechnicalIssue.next_look_at <= now(),
                or_(TechnicalIssue.held_until.is_(None), TechnicalIssue.held_until <= now()),
            )
            .order_by(TechnicalIssue.next_look_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    ).all()


async def next_work(session: AsyncSession) -> datetime | None:
    """When the courier has something to do again."""
    action = select(func.min(func.greatest(TechnicalAction.next_at, TechnicalAction.held_until))).where(
        TechnicalAction.state == WAITING
    )
    look = select(func.min(func.greatest(TechnicalIssue.next_look_at, TechnicalIssue.held_until))).where(
        TechnicalIssue.number.is_not(None), TechnicalIssue.next_look_at.is_not(None)
    )
    found = [await session.scalar(action), await session.scalar(look)]
    return min((at for at in found if at is not None), default=None)


# --- known problems ---


async def problems(session: AsyncSession, viewer: Viewer) -> Sequence[KnownProblem]:
    """All of the last hundred, for whoever answers."""
    if not may_see(viewer):
        return []
    return (await session.scalars(select(KnownProblem).order_by(KnownProblem.starts_at.desc()).limit(100))).all()


async def problem_locked(session: AsyncSession, problem_id: UUID) -> KnownProblem | None:
    return await session.get(KnownProblem, problem_id, with_for_update=True)


async def public_problems(session: AsyncSession, *, solved: bool) -> Sequence[KnownProblem]:
    """What everybody may read now, the worst first; ``solved``: also what was solved or ended in the last week."""
    current = (KnownProblem.state != "solved", or_(KnownProblem.ends_at.is_(None), KnownProblem.ends_at > now()))
    lately = func.coalesce(KnownProblem.ends_at, KnownProblem.changed_at) > now() - _SHOWN_AFTER
    shown = (lately | (current[0] & current[1]),) if solved else current
    found = await session.scalars(
        select(KnownProblem).where(KnownProblem.starts_at <= now(), *shown).order_by(KnownProblem.starts_at.desc())
    )
    worst = {"outage": 0, "major": 1, "minor": 2}
    return sorted(found, key=lambda row: worst[row.severity])


async def case_named(session: AsyncSession, case_ids: Collection[UUID]) -> dict[UUID, str]:
    """References by ids."""
    found = await session.execute(
        select(TechnicalCase.id, TechnicalCase.reference).where(TechnicalCase.id.in_(case_ids))
    )
    return {row[0]: row[1] for row in found}


async def agent_name(session: AsyncSession, agent_id: UUID | None) -> str | None:
    return None if agent_id is None else (await session.get_one(Agent, agent_id)).name
