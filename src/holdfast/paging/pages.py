"""Pages: raised, told step by step, acknowledged until T, resolved. The functions that other parts call."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, get_args
from uuid import UUID

from sqlalchemy import delete, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import StaffViewer, Viewer
from holdfast.core.clock import now
from holdfast.core.database import tell
from holdfast.core.due import clear_due, set_due
from holdfast.core.ids import new_id, parse_reference
from holdfast.paging import climbing, contacts, coverage, ports, queries, rotas
from holdfast.paging.channel import PAGING
from holdfast.paging.climbing import Progress, State, Tell
from holdfast.paging.contacts import SYSTEM, TEST_EVERY, TEST_KIND
from holdfast.paging.errors import PageUnknown
from holdfast.paging.models import ContactMethod, Page, PageDelivery, PageEvent
from holdfast.paging.schemas import Duty, PolicyStep

DUE = "page"
# A test that nobody answers is over after a day.
TEST_OPEN = timedelta(hours=24)
_KEPT = timedelta(days=366)

Kind = Literal["emergency_requested", "promise_breached", "health_alarm", "rule_fired"]
DUTIES: tuple[Duty, ...] = get_args(Duty)


async def raise_page(
    session: AsyncSession, kind: Kind, duty: Duty, about: str, *, reference: str | None = None
) -> UUID:
    """Page whoever has the duty, with this transaction's commit. While a page about the same is open it is that one.

    ``about`` names the thing by kind and id ("conversation:<id>"); ``reference`` is a conversation's public one, and
    all that anybody is told. Raises ValueError for another text.
    """
    if not re.fullmatch(r"[a-z_]+(:[\w.-]{1,80})*", about):
        raise ValueError("a page is about a thing by its kind and id")
    if reference is not None and parse_reference(reference) != reference:
        raise ValueError("a page says a reference, nothing else")
    return await _raise(session, kind, duty, None, about, reference)


async def resolve_about(session: AsyncSession, about: str) -> None:
    """What it was about is over. Harmless if there is no open page."""
    page = await queries.open_about(session, about)
    if page is not None:
        await _resolve(session, page, None, "system")


async def raise_test(session: AsyncSession, agent_id: UUID) -> UUID:
    """A page that goes to this person alone, by every way of theirs at once."""
    return await _raise(session, "test", None, agent_id, f"test:{agent_id}", None)


async def weekly_test(session: AsyncSession, agent_id: UUID) -> None:
    """The handler of the deadline ``paging_test``. Again in a week also while they are away or have no way: nobody
    would think of it when they are back."""
    await set_due(session, TEST_KIND, agent_id, now() + TEST_EVERY)
    methods = (await queries.confirmed_contacts(session, [agent_id]))[agent_id]
    if methods and agent_id in {agent.id for agent in await queries.active_agents(session)}:
        await raise_test(session, agent_id)


async def keep_testing(session: AsyncSession) -> None:
    """Whoever is here, has a way and no next test, as after a time away under an earlier version, gets one again."""
    for agent_id in await queries.untested(session, TEST_KIND):
        await set_due(session, TEST_KIND, agent_id, now() + TEST_EVERY)


async def _raise(
    session: AsyncSession, kind: str, duty: str | None, agent_id: UUID | None, about: str, reference: str | None
) -> UUID:
    begun = climbing.begin(now())
    made: UUID | None = await session.scalar(
        insert(Page)
        .values(
            id=new_id(),
            kind=kind,
            duty=duty,
            agent_id=agent_id,
            about=about,
            reference=reference,
            raised_at=now(),
            state=begun.state.value,
            step=begun.step,
            round=begun.round,
            due=begun.due,
        )
        .on_conflict_do_nothing(index_elements=["about"], index_where=text("state <> 'resolved'"))
        .returning(Page.id)
    )
    if made is None:
        found = await queries.open_about(session, about)
        # Resolved by somebody else between the two statements.
        return found.id if found is not None else await _raise(session, kind, duty, agent_id, about, reference)
    _note(session, made, "raised")
    record(session, SYSTEM, "page.raised", ("page", made), kind=kind, duty=duty)
    await set_due(session, DUE, made, now())
    return made


async def climb(session: AsyncSession, page_id: UUID) -> None:
    """The handler of the deadline ``page``: tell the next step, or open again what was held until now."""
    page = await queries.page(session, SYSTEM, page_id, lock=True)
    if page is None or page.state == State.RESOLVED:
        return
    steps = await _steps(session, page)
    progress, told = climbing.fire([timedelta(minutes=step.minutes) for step in steps], _progress(page), now())
    if told is not None and page.agent_id is not None and (told.round or told.reopened):
        await _unanswered(session, page)
        return
    if told is not None:
        await _tell(session, page, steps[told.step], told)
    _keep(page, progress)
    if page.due is not None:
        await set_due(session, DUE, page.id, page.due)


async def _steps(session: AsyncSession, page: Page) -> Sequence[PolicyStep]:
    if page.agent_id is not None:
        return [PolicyStep(minutes=int(TEST_OPEN.total_seconds() // 60), agents=[page.agent_id])]
    return rotas.steps_of(await queries.policy(session, page.duty or ""))


async def _tell(session: AsyncSession, page: Page, step: PolicyStep, told: Tell) -> None:
    plan = await rotas.plan(session, SYSTEM)
    fit = await ports.certificates().held_until(session, page.duty or "", plan.active)
    passed = plan.passed_over(step, now(), fit)
    for agent_id in passed:
        _note(session, page.id, "passed_over", agent_id, told, via="certificate")
    people = [one for one in plan.people(step, now()) if one not in passed]
    if told.reopened:
        _note(session, page.id, "reopened", page.holder_id, told)
        if page.holder_id in plan.active and page.holder_id not in people and page.holder_id is not None:
            people.append(page.holder_id)
        page.holder_id, page.until = None, None
    if not people:
        # Nobody at this hour: never in silence.
        _note(session, page.id, "nobody", None, told)
        people = list(plan.leads)
    methods = await queries.confirmed_contacts(session, people)
    for agent_id in people:
        _note(session, page.id, "told", agent_id, told)
        deliver(session, page, agent_id, methods[agent_id], told)
    tell(session, PAGING, "due")


def deliver(session: AsyncSession, page: Page, agent_id: UUID, methods: Sequence[ContactMethod], told: Tell) -> None:
    """By each of the person's ways, the first of them at once; without any, to the account's own address."""
    where = {"page_id": page.id, "agent_id": agent_id, "step": told.step, "round": told.round}
    if not methods:
        session.add(PageDelivery(kind="mail", **where))
        return
    first = min(method.after_minutes for method in methods)
    for method in methods:
        # A test asks whether each way works, so none waits for another.
        wait = timedelta(minutes=0 if page.agent_id else method.after_minutes - first)
        session.add(PageDelivery(method_id=method.id, kind=method.kind, next_at=now() + wait, **where))


async def nobody_reached(session: AsyncSession, page_id: UUID, step: int, turn: int) -> None:
    """Every delivery of a step has failed: the next step need not wait for it."""
    page = await queries.page(session, SYSTEM, page_id, lock=True)
    if page is None or page.agent_id is not None or page.state != State.OPEN:
        return
    if set(await queries.of_step(session, page_id, step, turn)) != {"failed"}:
        return
    # Never faster than a minute a step: providers that fail must not make it spin.
    hurried = climbing.hurry(_progress(page), now() + climbing.SHORTEST)
    if hurried == _progress(page):
        return
    _note(session, page_id, "unreachable", None, Tell(step, turn, reopened=False))
    _keep(page, hurried)
    if page.due is not None:
        await set_due(session, DUE, page.id, page.due)


async def acknowledge(session: AsyncSession, viewer: StaffViewer, page_id: UUID, minutes: int, via: str) -> Page:
    """The viewer has it for so long; whoever had it before has it no longer. Raises PageUnknown."""
    page = await queries.page(session, viewer, page_id, lock=True)
    if page is None:
        raise PageUnknown
    await hold(session, page, viewer, viewer.id, minutes, via)
    return page


async def hold(session: AsyncSession, page: Page, viewer: Viewer, agent_id: UUID, minutes: int, via: str) -> None:
    """``page`` is locked. A test is over when it is answered; what is resolved stays so."""
    if page.state == State.RESOLVED:
        return
    if page.agent_id is not None:
        await _resolve(session, page, agent_id, via)
        return
    held = climbing.acknowledge(_progress(page), now(), now() + timedelta(minutes=minutes))
    _keep(page, held)
    page.holder_id, page.until = agent_id, held.due
    _note(session, page.id, "acknowledged", agent_id, None, until=held.due, via=via)
    await _spare(session, page.id)
    if held.due is not None:
        await set_due(session, DUE, page.id, held.due)
    record(session, viewer, "page.acknowledged", ("page", page.id), via=via, agent=str(agent_id), minutes=minutes)


async def resolve(session: AsyncSession, viewer: StaffViewer, page_id: UUID) -> Page:
    """Nothing is left to do. Raises PageUnknown."""
    page = await queries.page(session, viewer, page_id, lock=True)
    if page is None:
        raise PageUnknown
    if page.state != State.RESOLVED:
        await _resolve(session, page, viewer.id, "console")
        record(session, viewer, "page.resolved", ("page", page.id))
    return page


async def _resolve(session: AsyncSession, page: Page, agent_id: UUID | None, via: str) -> None:
    _keep(page, climbing.resolve(_progress(page)))
    page.resolved_at, page.until = now(), None
    _note(session, page.id, "resolved", agent_id, None, via=via)
    await _spare(session, page.id)
    await clear_due(session, DUE, page.id)


async def _unanswered(session: AsyncSession, page: Page) -> None:
    """A test's day is over: its person would not have come, and the leads should know."""
    _note(session, page.id, "unanswered", page.agent_id)
    _keep(page, climbing.resolve(_progress(page)))
    page.resolved_at = now()
    await _spare(session, page.id)
    agent = next((one for one in await queries.active_agents(session) if one.id == page.agent_id), None)
    if agent is not None:
        await coverage.say_unanswered(session, agent)
    record(session, SYSTEM, "page.test_unanswered", ("agent", page.agent_id))


async def _spare(session: AsyncSession, page_id: UUID) -> None:
    """Whoever has not been told yet may sleep on."""
    await session.flush()
    await session.execute(
        update(PageDelivery)
        .where(PageDelivery.page_id == page_id, PageDelivery.state == queries.WAITING)
        .values(state="spared")
    )


def _progress(page: Page) -> Progress:
    return Progress(State(page.state), page.step, page.round, page.due)


def _keep(page: Page, progress: Progress) -> None:
    page.state, page.step, page.round, page.due = progress.state.value, progress.step, progress.round, progress.due


def _note(
    session: AsyncSession,
    page_id: UUID,
    kind: str,
    agent_id: UUID | None = None,
    told: Tell | None = None,
    *,
    until: datetime | None = None,
    via: str | None = None,
) -> None:
    session.add(
        PageEvent(
            page_id=page_id,
            kind=kind,
            at=now(),
            agent_id=agent_id,
            step=told.step if told else None,
            round=told.round if told else None,
            until=until,
            via=via,
        )
    )


async def purge(session: AsyncSession) -> None:
    """Pages that were over a year ago, with their log."""
    await session.execute(delete(Page).where(Page.resolved_at < now() - _KEPT))
    await session.execute(
        delete(PageDelivery).where(PageDelivery.page_id.is_(None), PageDelivery.made_at < now() - contacts.TEST_EVERY)
    )
