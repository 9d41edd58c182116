"""Whether somebody is on call at every hour of the coming two weeks, may do the work, and would come; if not, the leads
are told."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.core.clock import now
from holdfast.core.i18n import translate
from holdfast.paging import ports, queries, rotas
from holdfast.paging.contacts import SYSTEM, reach
from holdfast.paging.models import PagingWarning
from holdfast.paging.rota import Gaps
from holdfast.paging.rotas import AHEAD, Plan
from holdfast.paging.schemas import PolicyStep
from holdfast.people.mail import send_later
from holdfast.people.models import Agent

DUTIES = ("technical", "emergency")
# How often the leads hear of the same: daily while a policy has gaps, weekly while there is none at all or somebody is
# hard to reach: a turn is seen two weeks ahead.
_DAILY, _WEEKLY = timedelta(hours=24), timedelta(days=7)


def gaps(plan: Plan, steps: Sequence[PolicyStep] | None, at: datetime) -> Gaps:
    """When a duty has nobody, in the coming two weeks: at the first step, or at the last (which must never be empty).
    A duty without a policy has nobody of its own."""
    if not steps:
        return [(at, at + AHEAD)]
    first = plan.gaps(steps[0], at, at + AHEAD)
    return first or plan.gaps(steps[-1], at, at + AHEAD)


async def unqualified(session: AsyncSession, plan: Plan, duty: str, steps: Sequence[PolicyStep] | None) -> Gaps:
    """When somebody is told first who may not do the duty's work at that hour: their certificate has ended by then."""
    fit = await ports.certificates().held_until(session, duty, plan.active)
    return [] if fit is None or not steps else plan.unfit(steps[0], fit, now(), now() + AHEAD)


async def hard_to_reach(session: AsyncSession, plan: Plan, steps: Sequence[PolicyStep] | None) -> list[UUID]:
    """Who has the duty within two weeks and would not hear of a page if one way fails."""
    people = plan.within(steps or (), now(), now() + AHEAD)
    methods = await queries.confirmed_contacts(session, people)
    return [one for one in people if reach(methods[one]) != "good"]


async def check(session: AsyncSession) -> list[str]:
    """Hourly; the duties of which the leads were told now."""
    plan, policies = await rotas.plan(session, SYSTEM), await queries.policies(session, SYSTEM)
    warned = []
    for duty in DUTIES:
        row = policies.get(duty)
        steps = rotas.steps_of(row) if row else None
        found = gaps(plan, steps, now())
        if found and await _may_warn(session, duty, _DAILY if row else _WEEKLY):
            await _warn(session, duty, found, _nobody)
            warned.append(duty)
        unfit = await unqualified(session, plan, duty, steps)
        if unfit and await _may_warn(session, f"{duty}.certificate", _DAILY):
            await _warn(session, duty, unfit, _nobody_certified)
            warned.append(f"{duty}.certificate")
        hard = await hard_to_reach(session, plan, steps)
        if hard and await _may_warn(session, f"{duty}.reach", _WEEKLY):
            await _warn_of_people(session, duty, hard)
            warned.append(f"{duty}.reach")
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


async def _warn(session: AsyncSession, duty: str, found: Gaps, worded: Callable[..., tuple[str, str]]) -> None:
    begins, ends = (f"{at:%Y-%m-%d %H:%M}" for at in found[0])
    for agent in rotas.leads_of(await queries.active_agents(session)):
        said = {"duty": duty, "begins": begins, "ends": ends, "count": len(found)}
        subject, words = worded(agent.interface_language, **said)
        await send_later(session, agent.email, subject, f"{words}\n")


async def _warn_of_people(session: AsyncSession, duty: str, people: Sequence[UUID]) -> None:
    staff = await queries.active_agents(session)
    names = ", ".join(agent.name for agent in staff if agent.id in people)
    for agent in rotas.leads_of(staff):
        language = agent.interface_language
        subject = translate("Pages for “{duty}” may not reach everybody on call", language, duty=duty)
        words = translate(
            "On call in the coming two weeks with one way to be paged, or none: {names}. Each needs two that do not "
            "fail together, such as web push and a call. See On call in the console.",
            language,
            names=names,
        )
        await send_later(session, agent.email, subject, f"{words}\n")


def _nobody(language: str, **said: object) -> tuple[str, str]:
    words = translate(
        "The first gap begins {begins} and ends {ends} (UTC); there are {count} in the coming two weeks. Until "
        "somebody takes them, pages of these hours go to the leads. See On call in the console.",
        language,
        **said,
    )
    return translate("Nobody is on call for “{duty}” at some hours", language, **said), words


def _nobody_certified(language: str, **said: object) -> tuple[str, str]:
    words = translate(
        "The first time begins {begins} and ends {ends} (UTC); there are {count} in the coming two weeks. Pages of "
        "these hours pass them over and go to the leads. Renew the certificate, or let somebody stand in: see On call "
        "in the console.",
        language,
        **said,
    )
    return translate("Whoever is on call for “{duty}” lacks its certificate at some hours", language, **said), words
