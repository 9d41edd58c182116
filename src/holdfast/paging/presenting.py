"""Rotas, duties, contact methods and pages as they are shown."""

from collections.abc import Mapping, Sequence
from typing import get_args
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import StaffViewer
from holdfast.core.clock import now
from holdfast.paging import apprise_way, contacts, coverage, ports, queries, rotas
from holdfast.paging.addresses import Kind
from holdfast.paging.errors import PageUnknown, RotaUnknown
from holdfast.paging.models import ContactMethod, Page, PagingPolicy, RotaOverride, RotaRow
from holdfast.paging.rota import spans
from holdfast.paging.rotas import AHEAD, Plan
from holdfast.paging.schemas import (
    ContactsView,
    ContactView,
    Duty,
    DutyView,
    GapView,
    OnCallView,
    OverrideView,
    PageDeliveryView,
    PageEventView,
    PageLog,
    PageView,
    PagingProviderView,
    PersonView,
    ProviderKind,
    RotaView,
    SpanView,
)

_KINDS: Mapping[str, Kind] = {kind: kind for kind in get_args(Kind)}
DUTIES: tuple[Duty, ...] = get_args(Duty)


async def on_call(session: AsyncSession, viewer: StaffViewer) -> OnCallView:
    """Every duty with whoever has it now, and how each person can be reached."""
    policies = await queries.policies(session, viewer)
    plan = await rotas.plan(session, viewer)
    staff = await queries.active_agents(session) if queries.may_see(viewer) else []
    methods = await queries.confirmed_contacts(session, [agent.id for agent in staff])
    people = [PersonView(agent.id, agent.name, contacts.reach(methods[agent.id])) for agent in staff]
    return OnCallView([await _duty(session, duty, plan, policies) for duty in DUTIES] if staff else [], people)


async def _duty(session: AsyncSession, duty: Duty, plan: Plan, policies: Mapping[str, PagingPolicy]) -> DutyView:
    row = policies.get(duty)
    steps = rotas.steps_of(row)
    found = coverage.gaps(plan, steps if row else None, now())
    # Without rotas of its own, health is the leads' by design.
    gaps = [] if duty not in coverage.DUTIES and row is None else [GapView(*gap) for gap in found]
    fit = await ports.certificates().held_until(session, duty, plan.active)
    passed = plan.passed_over(steps[0], now(), fit)
    told = [one for one in plan.people(steps[0], now()) if one not in passed]
    unqualified = await coverage.unqualified(session, plan, duty, steps if row else None)
    hard = await coverage.hard_to_reach(session, plan, steps if row else None)
    return DutyView(duty, steps if row else None, told, gaps, [GapView(*gap) for gap in unqualified], hard)


async def rota_views(session: AsyncSession, viewer: StaffViewer) -> list[RotaView]:
    rows = await queries.rotas(session, viewer)
    overriding = await queries.overrides(session, viewer, now())
    plan = await rotas.plan(session, viewer)
    return [_rota(row, [one for one in overriding if one.rota_id == row.id], plan) for row in rows]


async def rota_view(session: AsyncSession, viewer: StaffViewer, rota_id: UUID) -> RotaView:
    """Raises RotaUnknown."""
    await session.flush()
    found = next((view for view in await rota_views(session, viewer) if view.id == rota_id), None)
    if found is None:
        raise RotaUnknown
    return found


def _rota(row: RotaRow, overriding: Sequence[RotaOverride], plan: Plan) -> RotaView:
    coming = spans(plan.rotas[row.id], now(), now() + AHEAD)
    return RotaView(
        row.id,
        row.name,
        rotas.layers_of(row),
        [OverrideView(one.id, one.agent_id, one.starts_at, one.ends_at) for one in overriding],
        [SpanView(span.begins, span.ends, span.agent_id) for span in coming],
    )


async def own_contacts(session: AsyncSession, viewer: StaffViewer) -> ContactsView:
    await session.flush()
    rows = await queries.own_contacts(session, viewer)
    return ContactsView(
        [contact(row) for row in rows],
        contacts.available(await queries.providers(session)),
        contacts.reach(rows),
        await queries.next_test(session, viewer, contacts.TEST_KIND),
    )


def contact(row: ContactMethod) -> ContactView:
    push = row.kind == "push"
    return ContactView(
        row.id,
        _KINDS[row.kind],
        urlsplit(row.address).netloc if push else row.address,
        row.secret is not None and not push,
        row.after_minutes,
        row.confirmed_at,
        row.answered_at,
        row.failing_since,
    )


async def provider_views(session: AsyncSession) -> list[PagingProviderView]:
    named = await queries.providers(session)
    kinds: tuple[ProviderKind, ...] = get_args(ProviderKind)
    return [
        PagingProviderView(
            kind, named[kind].partition("://")[0] if kind in named else None, list(apprise_way.PROVIDERS[kind])
        )
        for kind in kinds
    ]


async def page_log(session: AsyncSession, viewer: StaffViewer, page_id: UUID) -> PageLog:
    """Raises PageUnknown."""
    row = await queries.page(session, viewer, page_id)
    if row is None:
        raise PageUnknown
    return PageLog(
        page(row),
        [
            PageEventView(one.kind, one.at, one.agent_id, one.step, one.round, one.until, one.via)
            for one in await queries.events(session, row.id)
        ],
        [
            PageDeliveryView(
                one.agent_id,
                one.kind,
                one.step,
                one.round,
                one.state,
                one.attempts,
                one.made_at,
                one.tried_at,
                one.reason,
            )
            for one in await queries.deliveries(session, row.id)
        ],
    )


def page(row: Page) -> PageView:
    return PageView(
        row.id,
        row.kind,
        row.duty,
        row.reference,
        row.agent_id,
        row.state,
        row.round,
        row.due,
        row.holder_id,
        row.until,
        row.raised_at,
        row.resolved_at,
    )
