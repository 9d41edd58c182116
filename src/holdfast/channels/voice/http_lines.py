"""Lines, menus and blocked numbers."""

from typing import Annotated
from uuid import UUID

from litestar import delete, get, post, put
from litestar.params import Parameter

from holdfast.access.viewer import Role, StaffViewer
from holdfast.channels.voice import lines, listing, presenting, queries
from holdfast.channels.voice.errors import MenuUnknown
from holdfast.channels.voice.menus import Tree
from holdfast.channels.voice.schemas import (
    BlockedView,
    BlockInput,
    LineInput,
    LineView,
    MenuFaults,
    MenuInput,
    MenuView,
)
from holdfast.core.database import Database
from holdfast.core.http import STATUS_OK
from holdfast.people.http_viewer import FRESH, staff

_ADMINISTRATOR = [staff(Role.ADMINISTRATOR)]
_OVERSEER = [staff(Role.ADMINISTRATOR, Role.LEAD)]
_ANSWERING = [staff(Role.AGENT, Role.EMERGENCY_AGENT, Role.LEAD)]
_Key = Annotated[str, Parameter(pattern=r"^[a-z0-9_-]{1,40}$")]


@get("/api/lines", guards=_OVERSEER)
async def list_lines(database: Database, viewer: StaffViewer) -> list[LineView]:
    async with database.transaction() as session:
        return [presenting.line(row) for row in await queries.lines(session, viewer)]


@post("/api/lines", guards=_ADMINISTRATOR, opt=FRESH)
async def add_line(database: Database, viewer: StaffViewer, data: LineInput) -> LineView:
    async with database.transaction() as session:
        return presenting.line(await lines.add_line(session, viewer, data))


@put("/api/lines/{line_id:uuid}", guards=_ADMINISTRATOR, opt=FRESH)
async def change_line(database: Database, viewer: StaffViewer, line_id: UUID, data: LineInput) -> LineView:
    async with database.transaction() as session:
        return presenting.line(await lines.change_line(session, viewer, line_id, data))


@get("/api/menus", guards=_OVERSEER)
async def list_menus(database: Database, viewer: StaffViewer) -> list[MenuView]:
    """Those in force; the standard one as it is brought along until somebody has written another."""
    async with database.transaction() as session:
        found = [presenting.menu(row) for row in await queries.menus(session, viewer)]
    return found if any(one.key == "standard" for one in found) else [presenting.STANDARD, *found]


@get("/api/menus/{key:str}", guards=_OVERSEER)
async def show_menu(database: Database, viewer: StaffViewer, key: _Key) -> MenuView:
    async with database.transaction() as session:
        found = await queries.menu(session, viewer, key)
    if found is None and key != "standard":
        raise MenuUnknown
    return presenting.menu(found) if found else presenting.STANDARD


@get("/api/menus/{key:str}/versions", guards=_OVERSEER)
async def list_menu_versions(database: Database, viewer: StaffViewer, key: _Key) -> list[MenuView]:
    """What callers heard before, the latest first; the standard one began as it is brought along."""
    async with database.transaction() as session:
        found = [presenting.menu(row) for row in await queries.menu_versions(session, viewer, key)]
    return [*found, presenting.STANDARD] if key == "standard" else found


@put("/api/menus/{key:str}", guards=_OVERSEER)
async def write_menu(database: Database, viewer: StaffViewer, key: _Key, data: MenuInput) -> MenuView:
    """The next version, for calls that begin from now on."""
    async with database.transaction() as session:
        return presenting.menu(await lines.write_menu(session, viewer, key, data))


@post("/api/menus/validate", guards=_OVERSEER, status_code=STATUS_OK)
async def validate_menu(database: Database, viewer: StaffViewer, data: Tree) -> MenuFaults:
    """What is wrong with it; nothing is kept."""
    async with database.transaction() as session:
        return MenuFaults(await lines.faults(session, data))


@get("/api/blocked-numbers", guards=_OVERSEER)
async def list_blocked(database: Database, viewer: StaffViewer) -> list[BlockedView]:
    async with database.transaction() as session:
        return [presenting.blocked(row) for row in await listing.blocked_numbers(session, viewer)]


@post("/api/blocked-numbers", guards=_ANSWERING)
async def block_number(database: Database, viewer: StaffViewer, data: BlockInput) -> BlockedView:
    """The number of a conversation's last call hears a reason from now on, and no more."""
    async with database.transaction() as session:
        return presenting.blocked(await lines.block(session, viewer, data))


@delete("/api/blocked-numbers/{blocked_id:uuid}", guards=_OVERSEER)
async def unblock_number(database: Database, viewer: StaffViewer, blocked_id: UUID) -> None:
    async with database.transaction() as session:
        await lines.unblock(session, viewer, blocked_id)


HANDLERS = [
    list_lines,
    add_line,
    change_line,
    list_menus,
    show_menu,
    list_menu_versions,
    write_menu,
    validate_menu,
    list_blocked,
    block_number,
    unblock_number,
]
