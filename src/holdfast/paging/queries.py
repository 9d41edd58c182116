"""Every SELECT of paging."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from holdfast.access.viewer import Role, StaffViewer, SystemViewer, Viewer
from holdfast.core.due import Due
from holdfast.paging.models import (
    ContactMethod,
    Page,
    PageDelivery,
    PageEvent,
    PagingPolicy,
    PagingProvider,
    PagingWarning,
    PushKey,
    RotaOverride,
    RotaRow,
)
from holdfast.people.models import Agent

WAITING = "waiting"
# Whoever only counts or marks methods does not open them: one that cannot be opened must not stop a page.
_CLOSED = tuple(
    defer(column, raiseload=True) for column in (ContactMethod.address, ContactMethod.secret, ContactMethod.code)
)


def may_see(viewer: Viewer) -> bool:
    """Rotas and pages: whoever answers, and administrators."""
    match viewer:
        case StaffViewer():
            return viewer.answers or viewer.holds(Role.ADMINISTRATOR)
        case SystemViewer():
            return True
        case _:
            return False


# --- rotas and policies ---


async def rotas(session: AsyncSession, viewer: Viewer) -> Sequence[RotaRow]:
    if not may_see(viewer):
        return []
    return (await session.scalars(select(RotaRow).order_by(RotaRow.name))).all()


async def rota(session: AsyncSession, viewer: Viewer, rota_id: UUID, *, lock: bool = False) -> RotaRow | None:
    if not may_see(viewer):
        return None
    statement = select(RotaRow).where(RotaRow.id == rota_id)
    return await session.scalar(statement.with_for_update() if lock else statement)


async def overrides(session: AsyncSession, viewer: Viewer, since: datetime) -> Sequence[RotaOverride]:
    """Those that have not ended, in the order in which they were made."""
    if not may_see(viewer):
        return []
    return (
        await session.scalars(select(RotaOverride).where(RotaOverride.ends_at > since).order_by(RotaOverride.id))
    ).all()


async def override(session: AsyncSession, viewer: Viewer, override_id: UUID) -> RotaOverride | None:
    return await session.get(RotaOverride, override_id) if may_see(viewer) else None


async def policies(session: AsyncSession, viewer: Viewer) -> dict[str, PagingPolicy]:
    if not may_see(viewer):
        return {}
    return {row.duty: row for row in await session.scalars(select(PagingPolicy))}


async def policy(session: AsyncSession, duty: str) -> PagingPolicy | None:
    return await session.get(PagingPolicy, duty)


async def active_agents(session: AsyncSession) -> Sequence[Agent]:
    """Whoever works here: nobody else is on call."""
    return (await session.scalars(select(Agent).where(Agent.active).order_by(Agent.name, Agent.id))).all()


async def warning_locked(session: AsyncSession, duty: str) -> PagingWarning | None:
    found: PagingWarning | None = await session.scalar(
        select(PagingWarning).where(PagingWarning.duty == duty).with_for_update()
    )
    return found


# --- contact methods and providers ---


async def own_contacts(session: AsyncSession, viewer: StaffViewer) -> Sequence[ContactMethod]:
    return (
        await session.scalars(
            select(ContactMethod).where(ContactMethod.agent_id == viewer.id).order_by(ContactMethod.id)
        )
    ).all()


async def own_contact(session: AsyncSession, viewer: StaffViewer, contact_id: UUID) -> ContactMethod | None:
    """Locked: tries of its code are counted."""
    found: ContactMethod | None = await session.scalar(
        select(ContactMethod)
        .where(ContactMethod.id == contact_id, ContactMethod.agent_id == viewer.id)
        .with_for_update()
    )
    return found


async def confirmed_contacts(session: AsyncSession, agent_ids: Collection[UUID]) -> dict[UUID, list[ContactMethod]]:
    found: dict[UUID, list[ContactMethod]] = {agent_id: [] for agent_id in agent_ids}
    for row in await session.scalars(
        select(ContactMethod)
        .where(ContactMethod.agent_id.in_(agent_ids), ContactMethod.confirmed_at.is_not(None))
        .options(*_CLOSED)
        .order_by(ContactMethod.id)
    ):
        found[row.agent_id].append(row)
    return found


async def contact_locked(session: AsyncSession, contact_id: UUID) -> ContactMethod | None:
    found: ContactMethod | None = await session.scalar(
        select(ContactMethod).where(ContactMethod.id == contact_id).options(*_CLOSED).with_for_update()
    )
    return found


async def next_test(session: AsyncSession, viewer: StaffViewer, kind: str) -> datetime | None:
    found: datetime | None = await session.scalar(select(Due.at).where(Due.kind == kind, Due.ref == viewer.id))
    return found


async def untested(session: AsyncSession, kind: str) -> Sequence[UUID]:
    """Who works here and has a confirmed way, and no next test."""
    found = await session.scalars(
        select(ContactMethod.agent_id)
        .join(Agent, Agent.id == ContactMethod.agent_id)
        .outerjoin(Due, and_(Due.kind == kind, Due.ref == ContactMethod.agent_id))
        .where(Agent.active, ContactMethod.confirmed_at.is_not(None), Due.ref.is_(None))
        .distinct()
    )
    return found.all()


async def providers(session: AsyncSession) -> dict[str, str]:
    """The organisation's accounts by kind, for the list of what is available."""
    return {row.kind: row.url for row in await session.scalars(select(PagingProvider))}


async def provider(session: AsyncSession, kind: str) -> PagingProvider | None:
    """The organisation's account of one kind."""
    return await session.scalar(select(PagingProvider).where(PagingProvider.kind == kind))


# One row: whoever is second finds the first one's.
PUSH_KEY = UUID(int=1)


async def push_key(session: AsyncSession) -> str | None:
    row = await session.get(PushKey, PUSH_KEY)
    return row.private if row else None


# --- pages ---


async def pages(session: AsyncSession, viewer: StaffViewer, before: UUID | None, limit: int) -> Sequence[Page]:
    """Those that are open or held first, then the newest; of tests only one's own."""
    if not may_see(viewer):
        return []
    statement = (
        select(Page)
        .where(or_(Page.agent_id.is_(None), Page.agent_id == viewer.id))
        .order_by((Page.state == "resolved"), Page.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(Page.state == "resolved", Page.id < before)
    return (await session.scalars(statement)).all()


async def page(session: AsyncSession, viewer: Viewer, page_id: UUID, *, lock: bool = False) -> Page | None:
    if not may_see(viewer):
        return None
    statement = select(Page).where(Page.id == page_id)
    if isinstance(viewer, StaffViewer):
        statement = statement.where(or_(Page.agent_id.is_(None), Page.agent_id == viewer.id))
    return await session.scalar(statement.with_for_update() if lock else statement)


async def open_about(session: AsyncSession, about: str) -> Page | None:
    found: Page | None = await session.scalar(
        select(Page).where(Page.about == about, Page.state != "resolved").with_for_update()
    )
    return found


async def events(session: AsyncSession, page_id: UUID) -> Sequence[PageEvent]:
    """Of a page that the viewer may see, in order."""
    return (await session.scalars(select(PageEvent).where(PageEvent.page_id == page_id).order_by(PageEvent.id))).all()


async def deliveries(session: AsyncSession, page_id: UUID) -> Sequence[PageDelivery]:
    """Of a page that the viewer may see, in order."""
    return (
        await session.scalars(select(PageDelivery).where(PageDelivery.page_id == page_id).order_by(PageDelivery.id))
    ).all()


# --- the courier: nobody asks, nothing is shown ---


async def ready(session: AsyncSession, moment: datetime, limit: int) -> Sequence[PageDelivery]:
    """What is to be sent now and nobody sends, locked."""
    return (
        await session.scalars(
            select(PageDelivery)
            .where(
                PageDelivery.state == WAITING,
                PageDelivery.next_at <= moment,
                func.coalesce(PageDelivery.held_until, moment) <= moment,
            )
            .order_by(PageDelivery.next_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    ).all()


async def earliest(session: AsyncSession) -> datetime | None:
    """When something will be ready to be sent."""
    found: datetime | None = await session.scalar(
        select(func.min(func.greatest(PageDelivery.next_at, PageDelivery.held_until))).where(
            PageDelivery.state == WAITING
        )
    )
    return found


async def delivery_locked(session: AsyncSession, delivery_id: UUID) -> PageDelivery | None:
    found: PageDelivery | None = await session.scalar(
        select(PageDelivery).where(PageDelivery.id == delivery_id).with_for_update()
    )
    return found


async def subject(
    session: AsyncSession, delivery: PageDelivery
) -> tuple[Agent, Page | None, ContactMethod | None] | None:
    """Who is told what by which method, as it is now; None if the person is gone."""
    agent = await session.get(Agent, delivery.agent_id)
    if agent is None:
        return None
    about = None if delivery.page_id is None else await session.get(Page, delivery.page_id)
    method = None if delivery.method_id is None else await session.get(ContactMethod, delivery.method_id)
    return agent, about, method


async def of_step(session: AsyncSession, page_id: UUID, step: int, turn: int) -> Sequence[str]:
    """The states of all deliveries of one step in one round."""
    return (
        await session.scalars(
            select(PageDelivery.state).where(
                PageDelivery.page_id == page_id, PageDelivery.step == step, PageDelivery.round == turn
            )
        )
    ).all()
