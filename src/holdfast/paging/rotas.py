"""Rotas, overrides and policies: kept, and who they mean at an instant."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import Role, StaffViewer, SystemViewer, Viewer
from holdfast.core.clock import now
from holdfast.paging import queries
from holdfast.paging.errors import (
    OverrideRefused,
    OverrideUnknown,
    PolicyRefused,
    RotaInUse,
    RotaNameTaken,
    RotaRefused,
    RotaUnknown,
)
from holdfast.paging.models import PagingPolicy, RotaOverride, RotaRow
from holdfast.paging.rota import Gaps, Layer, Override, Rota, Window, on_call, spans, uncovered, unfit
from holdfast.paging.schemas import LayerView, PolicyStep
from holdfast.people.errors import RoleMissing
from holdfast.people.models import Agent

AHEAD = timedelta(days=14)
_YEAR = timedelta(days=366)
# Whom pages of a duty reach that nobody has set up, and those of a step that has nobody at this hour.
LEADS = PolicyStep(minutes=5, leads=True)

_SYSTEM = SystemViewer("paging")


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that decides who is on call, read once."""

    rotas: Mapping[UUID, Rota]
    active: frozenset[UUID]
    leads: tuple[UUID, ...]

    def people(self, step: PolicyStep, at: datetime) -> list[UUID]:
        """Whom a step means at an instant, each once; nobody who has left."""
        found = [on_call(self.rotas[rota_id], at) for rota_id in step.rotas if rota_id in self.rotas]
        named = [*found, *step.agents, *(self.leads if step.leads else ())]
        return list(dict.fromkeys(one for one in named if one is not None and one in self.active))

    def within(self, steps: Sequence[PolicyStep], begins: datetime, ends: datetime) -> list[UUID]:
        """Whom any of the steps means at some hour, each once; nobody who has left."""
        turns = (one.agent_id for step in steps for rota in self._of(step) for one in spans(rota, begins, ends))
        named = (one for step in steps for one in (*step.agents, *(self.leads if step.leads else ())))
        return [one for one in dict.fromkeys((*turns, *named)) if one is not None and one in self.active]

    def passed_over(self, step: PolicyStep, at: datetime, fit: Mapping[UUID, datetime] | None) -> list[UUID]:
        """Who of them may not do the duty's work then (``fit``: who may, and until when; None: everybody). The leads
        of a step are told as leads, who find somebody."""
        leads = self.leads if step.leads else ()
        there = [] if fit is None else [one for one in self.people(step, at) if one not in leads]
        return [one for one in there if fit is not None and not (one in fit and at < fit[one])]

    def gaps(self, step: PolicyStep, begins: datetime, ends: datetime) -> Gaps:
        """When a step means nobody."""
        if self.active.intersection(step.agents) or (step.leads and self.leads):
            return []
        return uncovered(self._of(step), begins, ends)

    def unfit(self, step: PolicyStep, fit: Mapping[UUID, datetime], begins: datetime, ends: datetime) -> Gaps:
        """When a step's people are there and none of them may do the work."""
        always = [Rota((), (Override(one, begins, ends),)) for one in self.active.intersection(step.agents)]
        return unfit([*self._of(step), *always], fit, begins, ends)

    def _of(self, step: PolicyStep) -> list[Rota]:
        return [self.rotas[rota_id] for rota_id in step.rotas if rota_id in self.rotas]


async def plan(session: AsyncSession, viewer: Viewer) -> Plan:
    """As the viewer may see it; whoever has left is in no layer."""
    staff = await queries.active_agents(session)
    active = frozenset(agent.id for agent in staff)
    overriding: dict[UUID, list[Override]] = {}
    for row in await queries.overrides(session, viewer, now() - timedelta(days=1)):
        if row.agent_id in active:
            overriding.setdefault(row.rota_id, []).append(Override(row.agent_id, row.starts_at, row.ends_at))
    made = {
        row.id: Rota(tuple(_layer(layer, active) for layer in layers_of(row)), tuple(overriding.get(row.id, ())))
        for row in await queries.rotas(session, viewer)
    }
    return Plan(made, active, tuple(agent.id for agent in leads_of(staff)))


def leads_of(staff: Sequence[Agent]) -> list[Agent]:
    """Whoever is told when nobody else is there: the leads; without one, the administrators."""
    leads = [agent for agent in staff if Role.LEAD in agent.roles]
    return leads or [agent for agent in staff if Role.ADMINISTRATOR in agent.roles]


def layers_of(row: RotaRow) -> list[LayerView]:
    return msgspec.convert(row.layers, list[LayerView])


def steps_of(row: PagingPolicy | None) -> list[PolicyStep]:
    return [LEADS] if row is None else msgspec.convert(row.steps, list[PolicyStep])


def _layer(view: LayerView, active: Collection[UUID]) -> Layer:
    """The turns of people who have left are nobody's, so that nobody else's turn moves and the gap is seen."""
    windows = tuple(Window(window.weekday, _time(window.begins), _time(window.ends)) for window in view.windows)
    people = tuple(one if one in active else None for one in view.people)
    return Layer(people, view.zone, view.start, _time(view.handover), view.days, windows)


def _time(written: str) -> time:
    return time.fromisoformat(written)


async def save_rota(
    session: AsyncSession,
    viewer: StaffViewer,
    rota_id: UUID | None,
    *,
    name: str,
    layers: Sequence[LayerView],
    network: str,
) -> RotaRow:
    """A new one, or a changed one. Raises RoleMissing, RotaUnknown, RotaRefused, RotaNameTaken."""
    _demand_lead(viewer)
    active = {agent.id for agent in await queries.active_agents(session)}
    for layer in layers:
        if not active.issuperset(layer.people) or not _zone_known(layer.zone):
            raise RotaRefused
    row = RotaRow() if rota_id is None else await queries.rota(session, viewer, rota_id, lock=True)
    if row is None:
        raise RotaUnknown
    row.name, row.layers = name.strip(), msgspec.to_builtins(list(layers))
    row.changed_by_id, row.changed_at = viewer.id, now()
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise RotaNameTaken from error
    record(session, viewer, "rota.changed", ("rota", row.id), network=network, layers=row.layers)
    return row


async def remove_rota(session: AsyncSession, viewer: StaffViewer, rota_id: UUID, network: str) -> None:
    """Raises RoleMissing, RotaUnknown, RotaInUse."""
    _demand_lead(viewer)
    row = await queries.rota(session, viewer, rota_id, lock=True)
    if row is None:
        raise RotaUnknown
    for policy in (await queries.policies(session, viewer)).values():
        if any(rota_id in step.rotas for step in steps_of(policy)):
            raise RotaInUse
    await session.delete(row)
    record(session, viewer, "rota.removed", ("rota", rota_id), network=network)


async def add_override(
    session: AsyncSession,
    viewer: StaffViewer,
    rota_id: UUID,
    *,
    agent_id: UUID,
    starts_at: datetime,
    ends_at: datetime,
    network: str,
) -> RotaOverride:
    """Leads put anybody in, everybody themselves. Raises RoleMissing, RotaUnknown, OverrideRefused."""
    if not (viewer.holds(Role.LEAD, Role.ADMINISTRATOR) or agent_id == viewer.id):
        raise RoleMissing
    if await queries.rota(session, viewer, rota_id) is None:
        raise RotaUnknown
    here = agent_id in {agent.id for agent in await queries.active_agents(session)}
    if starts_at.tzinfo is None or ends_at.tzinfo is None or not here:
        raise OverrideRefused
    if not starts_at < ends_at <= starts_at + _YEAR or not now() < ends_at <= now() + 2 * _YEAR:
        raise OverrideRefused
    row = RotaOverride(
        rota_id=rota_id,
        agent_id=agent_id,
        starts_at=starts_at.astimezone(UTC),
        ends_at=ends_at.astimezone(UTC),
        made_by_id=viewer.id,
        made_at=now(),
    )
    session.add(row)
    await session.flush()
    detail = {"agent": str(agent_id), "starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}
    record(session, viewer, "rota.overridden", ("rota", rota_id), network=network, **detail)
    return row


async def remove_override(session: AsyncSession, viewer: StaffViewer, override_id: UUID, network: str) -> None:
    """Leads any, everybody one for themselves. Raises RoleMissing, OverrideUnknown."""
    row = await queries.override(session, viewer, override_id)
    if row is None:
        raise OverrideUnknown
    if not (viewer.holds(Role.LEAD, Role.ADMINISTRATOR) or row.agent_id == viewer.id):
        raise RoleMissing
    await session.execute(delete(RotaOverride).where(RotaOverride.id == row.id))
    record(session, viewer, "rota.override_removed", ("rota", row.rota_id), network=network, agent=str(row.agent_id))


async def save_policy(
    session: AsyncSession, viewer: StaffViewer, duty: str, steps: Sequence[PolicyStep], network: str
) -> PagingPolicy:
    """Open pages of the duty go on by it. Raises RoleMissing, PolicyRefused."""
    _demand_lead(viewer)
    known = await plan(session, viewer)
    for step in steps:
        named = bool(step.rotas or step.agents or step.leads)
        if not named or not known.rotas.keys() >= set(step.rotas) or not known.active.issuperset(step.agents):
            raise PolicyRefused
    # The last step is never empty: what gets there has passed everybody else.
    if known.gaps(steps[-1], now(), now() + AHEAD):
        raise PolicyRefused
    row = await queries.policy(session, duty)
    if row is None:
        row = PagingPolicy(duty=duty)
        session.add(row)
    row.steps, row.changed_by_id, row.changed_at = msgspec.to_builtins(list(steps)), viewer.id, now()
    await session.flush()
    record(session, viewer, "paging_policy.changed", ("paging_policy", None), network=network, duty=duty)
    return row


async def purge(session: AsyncSession) -> None:
    """Overrides that ended a year ago."""
    await session.execute(delete(RotaOverride).where(RotaOverride.ends_at < now() - _YEAR))


def _demand_lead(viewer: StaffViewer) -> None:
    if not viewer.holds(Role.LEAD, Role.ADMINISTRATOR):
        raise RoleMissing


def _zone_known(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return False
    return True
