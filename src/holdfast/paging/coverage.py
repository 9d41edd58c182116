"""Whether somebody is on call at every hour of the coming two weeks, and would come; if not, the leads are told."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.core.clock import now
from holdfast.core.i18n import translate
from holdfast.paging import queries, rotas
from holdfast.paging.contacts import SYSTEM
from holdfast.paging.models import PagingWarning
from holdfast.paging.rotas import AHEAD, Plan
from holdfast.paging.schemas import PolicyStep
from holdfast.people.mail import send_later
from holdfast.people.models import Agent

DUTIES = ("technical", "emergency")
# How often the leads hear of the same: daily while a policy has gaps, weekly while there is none at all.
_DAILY, _WEEKLY = timedelta(hours=24), timedelta(days=7)

Gaps = list[tuple[datetime, datetime]]


def gaps(plan: Plan, steps: Sequence[PolicyStep] | None, at: datetime) -> Gaps:
    """When a duty has nobody, in the coming two weeks: at the first step, or at the last (which must never be empty).
    A duty without a policy has nobody of its own."""
    if not steps:
        return [(at, at + AHEAD)]
    first = plan.gaps(steps[0], at, at + AHEAD)
    return first or plan.gaps(steps[-1], at, at + AHEAD)


async def check(session: AsyncSession) -> list[str]:
    """Hourly; the duties of which the leads were told now."""
    plan, policies = await rotas.plan(session, SYSTEM), await queries.policies(session, SYSTEM)
    warned = []
    for duty in DUTIES:
        row = policies.get(duty)
        found = gaps(plan, rotas.steps_of(row) if row else None, now())
        if found and await _may_warn(session, duty, _DAILY if row else _WEEKLY):
            await _warn(session, duty, found)
            warned.append(duty)
    return warned


async def _may_warn(session: AsyncSession, duty: str, quiet: timedelta) -> bool:
    """At most so often, whichever worker asks."""
    await session.execute(insert(PagingWarning).values(duty=duty, at=now() - _WEEKLY).on_conflict_do_nothing())
    row = await queries.warning_locked(session, duty)
    if row is None or row.at > now() - quiet:
        return False
    row.at = now()
    return True


async def say_unanswered(session: AsyncSession, agent: Agent) -> None:
    """A test page was not answered within a day: to its person and the leads, each once."""
    told = {agent.id: agent, **{lead.id: lead for lead in rotas.leads_of(await queries.active_agents(session))}}
    for reader in told.values():
        language = reader.interface_language
        subject = translate("A test page to {name} was not answered", language, name=agent.name)
        words = translate(
            "In earnest nobody would have come. Look together at how {name} is paged, in the console under On call.",
            language,
            name=agent.name,
        )
        await send_later(session, reader.email, subject, f"{words}\n")


async def _warn(session: AsyncSession, duty: str, found: Gaps) -> None:
    begins, ends = found[0]
    for agent in rotas.leads_of(await queries.active_agents(session)):
        language = agent.interface_language
        subject = translate("Nobody is on call for “{duty}” at some hours", language, duty=duty)
        words = translate(
            "The first gap begins {begins} and ends {ends} (UTC); there are {count} in the coming two weeks. Until "
            "somebody takes them, pages of these hours go to the leads. See On call in the console.",
            language,
            begins=f"{begins:%Y-%m-%d %H:%M}",
            ends=f"{ends:%Y-%m-%d %H:%M}",
            count=len(found),
        )
        await send_later(session, agent.email, subject, f"{words}\n")
