"""A page as whoever was told of it sees it by their link, without a sign-in: what it is, and one act."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import SystemViewer
from holdfast.core.clock import now
from holdfast.paging import links, pages, queries
from holdfast.paging.climbing import State
from holdfast.paging.errors import PageLinkEnded
from holdfast.paging.models import ContactMethod, Page, PageDelivery
from holdfast.people.models import Agent

_VIEWER = SystemViewer("page link")


@dataclass(frozen=True, slots=True)
class Opened:
    """The page, whose link it is, by which of their ways it came, and who has it (their name) if somebody does."""

    page: Page
    agent: Agent
    method: ContactMethod | None
    holder: str | None


async def opened(session: AsyncSession, token: str, *, lock: bool = False) -> Opened:
    """Changes nothing: mail scanners open links. Raises PageLinkEnded."""
    delivery_id = links.delivery_of(token, now())
    delivery = None if delivery_id is None else await session.get(PageDelivery, delivery_id)
    about = None if delivery is None else await queries.subject(session, delivery)
    if about is None or about[1] is None or not about[0].active:
        raise PageLinkEnded
    agent, page, method = about[0], about[1], about[2]
    if lock:
        await queries.page(session, _VIEWER, page.id, lock=True)
        await session.refresh(page)
    holder = await session.get(Agent, page.holder_id) if page.holder_id and page.state != State.OPEN else None
    return Opened(page, agent, method, holder.name if holder else None)


async def acknowledge(session: AsyncSession, token: str, minutes: int) -> Opened:
    """The link's person has it for so long. Raises PageLinkEnded."""
    found = await opened(session, token, lock=True)
    if found.method is not None:
        found.method.answered_at = now()
    await pages.hold(session, found.page, _VIEWER, found.agent.id, minutes, "link")
    await session.flush()
    return Opened(found.page, found.agent, found.method, found.agent.name)
