"""From a call to writing: what its agent may send, and what becomes of the link."""

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, get, post

from holdfast.access.viewer import Role, StaffViewer
from holdfast.authenticity.rates import Rate
from holdfast.channels.voice import writing
from holdfast.core.database import Database
from holdfast.core.http import STATUS_OK, client_network
from holdfast.core.settings import Settings
from holdfast.people.http_viewer import staff

_ANSWERING = [staff(Role.AGENT, Role.EMERGENCY_AGENT, Role.LEAD)]
# A minute, from one network.
_OPENED = Rate(10)


class WritingWays(msgspec.Struct, frozen=True):
    """``app``: the customer sees this conversation there. ``known``: their address, masked, or empty. ``typed``: a link
    may go to another address."""

    app: bool
    known: str
    typed: bool


class WritingInput(msgspec.Struct, frozen=True):
    """``address`` null: the one that we know."""

    way: Literal["app", "mail"]
    address: Annotated[str, msgspec.Meta(max_length=254)] | None = None


class LinkOpened(msgspec.Struct, frozen=True):
    link: Annotated[str, msgspec.Meta(max_length=100)]


class ContinuedView(msgspec.Struct, frozen=True):
    conversation: UUID
    token: str


@get("/api/calls/{call_id:uuid}/writing", guards=_ANSWERING)
async def show_ways(database: Database, settings: Settings, viewer: StaffViewer, call_id: UUID) -> WritingWays:
    """How the viewer may go on in writing, in their call or in its wrap-up."""
    async with database.transaction() as session:
        found = await writing.ways(session, viewer, call_id, settings)
        return WritingWays(found.app, found.known, found.typed)


@post("/api/calls/{call_id:uuid}/writing", guards=_ANSWERING, status_code=204)
async def go_on_in_writing(
    database: Database, settings: Settings, viewer: StaffViewer, call_id: UUID, data: WritingInput
) -> None:
    """Send a letter with a link to this conversation, or say in the app that it goes on there."""
    async with database.transaction() as session:
        if data.way == "app":
            await writing.by_app(session, viewer, call_id)
        else:
            await writing.by_mail(session, viewer, call_id, data.address, settings)


@post("/api/widget/continue", status_code=STATUS_OK)
async def open_link(
    database: Database, settings: Settings, data: LinkOpened, request: Request[Any, Any, Any]
) -> ContinuedView:
    """A letter's link, once."""
    _OPENED.take(client_network(request.scope, settings))
    async with database.transaction() as session:
        conversation_id, token = await writing.opened(session, data.link)
        return ContinuedView(conversation_id, token)


HANDLERS = [show_ways, go_on_in_writing, open_link]
