"""The demo's on-call: two rotas, whom pages reach, a page of last week. Nobody is there for technical work at weekends,
so that the warning can be seen. Everything here is made up."""

from datetime import date, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import StaffViewer
from holdfast.app.demo_organisation import DOMAIN, at
from holdfast.core.clock import now
from holdfast.core.due import set_due
from holdfast.paging import contacts, pages, queries, rotas
from holdfast.paging.models import ContactMethod
from holdfast.paging.schemas import Duty, LayerView, PolicyStep, WindowView

_WORK_DAYS = [WindowView(day, "00:00", "00:00") for day in range(5)]
ROTAS: dict[Duty, tuple[str, tuple[str, ...], int, list[WindowView]]] = {
    "technical": ("Technical, work days", ("ana", "seoyeon"), 7, _WORK_DAYS),
    "emergency": ("Emergency, day and night", ("wei", "omar", "priya"), 1, []),
}
_NETWORK = "demo"


async def seed_on_call(session: AsyncSession, staff: dict[str, StaffViewer]) -> None:
    """Where there is no rota yet. A demo keeps its mails, so mail is the way that everybody has."""
    lead = staff["karin"]
    if await queries.rotas(session, lead):
        return
    with at(now() - timedelta(days=20)):
        monday = now().date() - timedelta(days=now().weekday())
        for duty, (name, people, days, windows) in ROTAS.items():
            await _rota(session, lead, duty, name, [staff[key] for key in people], monday, days, windows)
            for key in people:
                address = f"pager.{key}@{DOMAIN}"
                session.add(
                    ContactMethod(
                        agent_id=staff[key].id, kind="mail", address=address, confirmed_at=now(), answered_at=now()
                    )
                )
    await session.flush()
    for _, people, _, _ in ROTAS.values():
        for key in people:
            await set_due(session, contacts.TEST_KIND, staff[key].id, now() + contacts.TEST_EVERY)
    await _last_week(session, staff["ana"])


async def _rota(
    session: AsyncSession,
    lead: StaffViewer,
    duty: Duty,
    name: str,
    people: list[StaffViewer],
    since: date,
    days: int,
    windows: list[WindowView],
) -> None:
    turns = LayerView([one.id for one in people], "Europe/Berlin", since, "09:00", days, windows)
    row = await rotas.save_rota(session, lead, None, name=name, layers=[turns], network=_NETWORK)
    steps = [PolicyStep(minutes=10, rotas=[row.id]), PolicyStep(minutes=15, leads=True)]
    await rotas.save_policy(session, lead, duty, steps, _NETWORK)


async def _last_week(session: AsyncSession, agent: StaffViewer) -> None:
    """Somebody was told, had it, and it was over; nothing is sent for it now."""
    begun = now() - timedelta(days=7)
    with at(begun):
        page_id = await pages.raise_page(session, "promise_breached", "technical", "demo:last_week")
        await pages.climb(session, page_id)
        await session.flush()
    with at(begun + timedelta(minutes=3)):
        await pages.acknowledge(session, agent, page_id, 60, "console")
    with at(begun + timedelta(minutes=41)):
        await pages.resolve(session, agent, page_id)
