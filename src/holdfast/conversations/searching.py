"""Searching: by words and references, and for those who may by an exact personal value, through its blind index."""

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.policy import may_search
from holdfast.access.viewer import StaffViewer
from holdfast.conversations import queries
from holdfast.conversations.intake import clean
from holdfast.conversations.schemas import Row
from holdfast.people import customers


async def search(session: AsyncSession, viewer: StaffViewer, text: str, *, resolved: bool = False) -> list[Row]:
    """Rows that the viewer may see. What was typed is redacted first: a recovery phrase finds nothing and is kept
    nowhere. A search that could have been by a personal value is audited: of which kinds, how many it found, never
    what for."""
    words, hidden = clean(text.strip() or text)
    kinds = customers.kinds_of(words) if hidden is None and may_search(viewer) else []
    found = await customers.by_value(session, words, kinds) if kinds else []
    rows = await queries.search(session, viewer, words, found, resolved=resolved)
    if kinds:
        count = len({row.customer.id for row in rows} & set(found))
        record(session, viewer, "customer.searched", ("customer", None), kinds=kinds, found=count)
    return rows
