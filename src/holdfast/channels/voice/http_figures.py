"""The figures of the phone, for leads."""

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.params import Parameter

from holdfast.access.viewer import Role, StaffViewer
from holdfast.channels.voice import reporting
from holdfast.channels.voice.schemas_figures import FiguresView
from holdfast.core.database import Database
from holdfast.people.http_viewer import staff

_READERS = [staff(Role.LEAD, Role.ADMINISTRATOR)]
Zone = Annotated[str, Parameter(max_length=40)]


@get("/api/phone/figures", guards=_READERS)
async def figures(
    database: Database,
    viewer: StaffViewer,
    since: date | None = None,
    until: date | None = None,
    zone: Zone = "UTC",
    line: UUID | None = None,
    language: str | None = None,
) -> FiguresView:
    """Calls that began to wait from ``since`` to ``until`` (both days included, by the clock of ``zone``; without them
    today), of one line or language."""
    async with database.transaction() as session:
        return await reporting.of_period(
            session, viewer, since=since, until=until, zone=zone, line=line, language=language
        )


HANDLERS = [figures]
