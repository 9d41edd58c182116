"""Requests about promises: policies and calendars of the house, the ledger of a conversation, the shares kept."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, put
from litestar.params import Parameter

from holdfast.access.audit import record
from holdfast.access.viewer import Role, StaffViewer
from holdfast.conversations import queries as conversations
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.people.http_viewer import FRESH, staff
from holdfast.people.sign_in import Browser
from holdfast.promises import operations, presenting, queries
from holdfast.promises.keeping import read
from holdfast.promises.model import Kind
from holdfast.promises.policies import Match
from holdfast.promises.schemas import (
    AttainmentView,
    CalendarInput,
    CalendarView,
    LedgerView,
    PolicyView,
    PromisePolicyInput,
)
from holdfast.promises.versions import known

_READERS = [staff(Role.LEAD, Role.ADMINISTRATOR, Role.AUDITOR)]
_ADMINISTRATOR = [staff(Role.ADMINISTRATOR)]
KeyPath = Annotated[str, Parameter(pattern=r"^[a-z][a-z0-9-]{0,59}$")]
YEAR = timedelta(days=366)


@get("/api/promises/policies", guards=_READERS)
async def list_policies(database: Database, viewer: StaffViewer) -> list[PolicyView]:
    """The newest version of each, those that are switched off too."""
    async with database.transaction() as session:
        calendars = {row.id: row for row in await queries.shown_calendars(session, viewer)}
        return [presenting.policy(row, calendars) for row in await queries.shown_policies(session, viewer)]


@put("/api/promises/policies/{key:str}", guards=_ADMINISTRATOR, opt=FRESH)
async def change_policy(
    database: Database, viewer: StaffViewer, browser: Browser, key: KeyPath, data: PromisePolicyInput
) -> PolicyView:
    """The next version of a policy, or a new one. It holds for what is promised from now on."""
    async with database.transaction() as session:
        row = await operations.change_policy(
            session,
            viewer,
            key,
            kind=Kind(data.kind),
            match=msgspec.convert(msgspec.to_builtins(data.match), Match),
            target_seconds=data.target_seconds,
            calendar=data.calendar,
            wait_seconds=data.wait_seconds,
            active=data.active,
            network=browser.network,
        )
        return presenting.policy(row, {c.id: c for c in await queries.shown_calendars(session, viewer)})


@get("/api/promises/calendars", guards=_READERS)
async def list_calendars(database: Database, viewer: StaffViewer) -> list[CalendarView]:
    """The newest version of each."""
    async with database.transaction() as session:
        newest = {row.key: row for row in await queries.shown_calendars(session, viewer)}
        return [presenting.calendar(row) for row in newest.values()]


@put("/api/promises/calendars/{key:str}", guards=_ADMINISTRATOR, opt=FRESH)
async def change_calendar(
    database: Database, viewer: StaffViewer, browser: Browser, key: KeyPath, data: CalendarInput
) -> CalendarView:
    """The next version of opening hours, or new ones; policies that count by them get a new version, too."""
    async with database.transaction() as session:
        row = await operations.change_calendar(
            session,
            viewer,
            key,
            zone=data.zone,
            weekly=msgspec.to_builtins(data.weekly),
            holidays=data.holidays,
            exceptions=msgspec.to_builtins(data.exceptions, str_keys=True),
            network=browser.network,
        )
        return presenting.calendar(row)


@get("/api/conversations/{conversation_id:uuid}/promises")
async def read_ledger(database: Database, viewer: StaffViewer, conversation_id: UUID) -> LedgerView:
    """Every promise of a conversation that the viewer may see, the newest first, with each second of it."""
    async with database.transaction() as session:
        await conversations.row(session, viewer, conversation_id)
        record(session, viewer, "conversation.ledger_read", ("conversation", conversation_id))
        # What was written a moment ago may not be read yet.
        await read(session, [conversation_id])
        versions, moment = await known(session), now()
        rows = await queries.promises_of(session, viewer, conversation_id)
        return LedgerView(moment, [presenting.promise(row, versions.by_id, moment) for row in rows])


@get("/api/promises/attainment", guards=_READERS)
async def attainment(database: Database, viewer: StaffViewer) -> list[AttainmentView]:
    """Of the last twelve months: how many promises of each kind were kept, and how many broken."""
    async with database.transaction() as session:
        rows = await queries.attainment(session, viewer, now() - YEAR)
        return [AttainmentView(row.month.date(), row.kind, row.kept, row.broken) for row in rows]


HANDLERS = [list_policies, change_policy, list_calendars, change_calendar, read_ledger, attainment]
