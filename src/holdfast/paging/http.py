"""On call: rotas, policies and pages for whoever answers; one's own contact methods; providers for administrators."""

from typing import Annotated
from uuid import UUID

from litestar import delete, get, post, put
from litestar.params import Parameter

from holdfast.access.viewer import Role, StaffViewer
from holdfast.core.database import Database
from holdfast.core.http import STATUS_OK
from holdfast.core.outgoing import rules_of
from holdfast.core.settings import Settings
from holdfast.paging import contacts, pages, presenting, queries, rotas
from holdfast.paging.errors import ContactCodeWrong
from holdfast.paging.schemas import (
    ContactCode,
    ContactInput,
    ContactsView,
    Duty,
    OnCallView,
    OverrideInput,
    PageHold,
    PageLog,
    PageView,
    PagingPolicyInput,
    PagingProviderView,
    ProviderInput,
    ProviderKind,
    PushKeyView,
    RotaInput,
    RotaView,
)
from holdfast.people.http_viewer import FRESH, staff
from holdfast.people.sign_in import Browser
from holdfast.redaction import redact

_ON_CALL = [staff(Role.AGENT, Role.EMERGENCY_AGENT, Role.LEAD, Role.ADMINISTRATOR)]
_LEAD = [staff(Role.LEAD, Role.ADMINISTRATOR)]
_ADMINISTRATOR = [staff(Role.ADMINISTRATOR)]


@get("/api/paging/on-call", guards=_ON_CALL)
async def show_on_call(database: Database, viewer: StaffViewer) -> OnCallView:
    """Who has which duty now, what is uncovered in the coming two weeks, and who can be reached how well."""
    async with database.transaction() as session:
        return await presenting.on_call(session, viewer)


@get("/api/paging/rotas", guards=_ON_CALL)
async def list_rotas(database: Database, viewer: StaffViewer) -> list[RotaView]:
    async with database.transaction() as session:
        return await presenting.rota_views(session, viewer)


@post("/api/paging/rotas", guards=_LEAD)
async def add_rota(database: Database, viewer: StaffViewer, browser: Browser, data: RotaInput) -> RotaView:
    async with database.transaction() as session:
        name = redact(data.name).text
        row = await rotas.save_rota(session, viewer, None, name=name, layers=data.layers, network=browser.network)
        return await presenting.rota_view(session, viewer, row.id)


@put("/api/paging/rotas/{rota_id:uuid}", guards=_LEAD)
async def change_rota(
    database: Database, viewer: StaffViewer, browser: Browser, rota_id: UUID, data: RotaInput
) -> RotaView:
    """As a whole. Open pages go on by it."""
    async with database.transaction() as session:
        name = redact(data.name).text
        await rotas.save_rota(session, viewer, rota_id, name=name, layers=data.layers, network=browser.network)
        return await presenting.rota_view(session, viewer, rota_id)


@delete("/api/paging/rotas/{rota_id:uuid}", guards=_LEAD, status_code=204)
async def remove_rota(database: Database, viewer: StaffViewer, browser: Browser, rota_id: UUID) -> None:
    async with database.transaction() as session:
        await rotas.remove_rota(session, viewer, rota_id, browser.network)


@post("/api/paging/rotas/{rota_id:uuid}/overrides", guards=_ON_CALL)
async def add_override(
    database: Database, viewer: StaffViewer, browser: Browser, rota_id: UUID, data: OverrideInput
) -> RotaView:
    """Leads put anybody in, everybody else themselves."""
    async with database.transaction() as session:
        await rotas.add_override(
            session,
            viewer,
            rota_id,
            agent_id=data.agent_id,
            starts_at=data.starts_at,
            ends_at=data.ends_at,
            network=browser.network,
        )
        return await presenting.rota_view(session, viewer, rota_id)


@delete("/api/paging/overrides/{override_id:uuid}", guards=_ON_CALL, status_code=204)
async def remove_override(database: Database, viewer: StaffViewer, browser: Browser, override_id: UUID) -> None:
    async with database.transaction() as session:
        await rotas.remove_override(session, viewer, override_id, browser.network)


@put("/api/paging/policies/{duty:str}", guards=_LEAD)
async def change_policy(
    database: Database, viewer: StaffViewer, browser: Browser, duty: Duty, data: PagingPolicyInput
) -> OnCallView:
    """Whom the duty's pages reach, step by step."""
    async with database.transaction() as session:
        await rotas.save_policy(session, viewer, duty, data.steps, browser.network)
        return await presenting.on_call(session, viewer)


@get("/api/paging/providers", guards=_ADMINISTRATOR)
async def list_providers(database: Database, viewer: StaffViewer) -> list[PagingProviderView]:
    """The service of each kind alone: the rest of its address is secret."""
    async with database.transaction() as session:
        return await presenting.provider_views(session)


@put("/api/paging/providers/{kind:str}", guards=_ADMINISTRATOR, opt=FRESH)
async def name_provider(
    database: Database, viewer: StaffViewer, browser: Browser, kind: ProviderKind, data: ProviderInput
) -> list[PagingProviderView]:
    async with database.transaction() as session:
        await contacts.name_provider(session, viewer, kind, data.url, browser.network)
        return await presenting.provider_views(session)


@delete("/api/paging/providers/{kind:str}", guards=_ADMINISTRATOR, opt=FRESH, status_code=204)
async def drop_provider(database: Database, viewer: StaffViewer, browser: Browser, kind: ProviderKind) -> None:
    """Methods of this kind fail from now on, and their people's test pages say so."""
    async with database.transaction() as session:
        await contacts.drop_provider(session, viewer, kind, browser.network)


@get("/api/me/contacts", guards=_ON_CALL)
async def list_contacts(database: Database, viewer: StaffViewer) -> ContactsView:
    async with database.transaction() as session:
        return await presenting.own_contacts(session, viewer)


@post("/api/me/contacts", guards=_ON_CALL, opt=FRESH)
async def add_contact(
    database: Database, settings: Settings, viewer: StaffViewer, browser: Browser, data: ContactInput
) -> ContactsView:
    """It gets a code by that way, and no page before the code is confirmed."""
    async with database.transaction() as session:
        await contacts.add(
            session,
            viewer,
            rules_of(settings),
            kind=data.kind,
            address=data.address,
            secret=data.secret,
            after_minutes=data.after_minutes,
            network=browser.network,
        )
        return await presenting.own_contacts(session, viewer)


@post("/api/me/contacts/push-key", guards=_ON_CALL, status_code=STATUS_OK)
async def show_push_key(database: Database, viewer: StaffViewer) -> PushKeyView:
    """Made when it is first asked for."""
    async with database.transaction() as session:
        return PushKeyView(await contacts.push_key(session))


@post("/api/me/contacts/{contact_id:uuid}/code", guards=_ON_CALL, status_code=204)
async def send_contact_code(database: Database, viewer: StaffViewer, contact_id: UUID) -> None:
    """Another one, at most once a minute."""
    async with database.transaction() as session:
        await contacts.send_again(session, viewer, contact_id)


@post("/api/me/contacts/{contact_id:uuid}/confirm", guards=_ON_CALL, status_code=STATUS_OK)
async def confirm_contact(
    database: Database, viewer: StaffViewer, browser: Browser, contact_id: UUID, data: ContactCode
) -> ContactsView:
    async with database.transaction() as session:
        outcome = await contacts.confirm(session, viewer, contact_id, data.code, browser.network)
        view = await presenting.own_contacts(session, viewer)
    # After the commit: the try is counted.
    if isinstance(outcome, ContactCodeWrong):
        raise outcome
    return view


@delete("/api/me/contacts/{contact_id:uuid}", guards=_ON_CALL, opt=FRESH, status_code=204)
async def remove_contact(database: Database, viewer: StaffViewer, browser: Browser, contact_id: UUID) -> None:
    async with database.transaction() as session:
        await contacts.remove(session, viewer, contact_id, browser.network)


@post("/api/me/contacts/test", guards=_ON_CALL)
async def page_myself(database: Database, viewer: StaffViewer) -> PageView:
    """A test page, now, by every way of one's own."""
    async with database.transaction() as session:
        page_id = await pages.raise_test(session, viewer.id)
        return (await presenting.page_log(session, viewer, page_id)).page


@get("/api/pages", guards=_ON_CALL)
async def list_pages(
    database: Database,
    viewer: StaffViewer,
    before: UUID | None = None,
    limit: Annotated[int, Parameter(ge=1, le=100)] = 50,
) -> list[PageView]:
    """What is open or held comes first, then what is over, the newest first; of tests only one's own."""
    async with database.transaction() as session:
        return [presenting.page(row) for row in await queries.pages(session, viewer, before, limit)]


@get("/api/pages/{page_id:uuid}", guards=_ON_CALL)
async def show_page(database: Database, viewer: StaffViewer, page_id: UUID) -> PageLog:
    """With its log: who was told by what and when, and what came of it."""
    async with database.transaction() as session:
        return await presenting.page_log(session, viewer, page_id)


@post("/api/pages/{page_id:uuid}/acknowledge", guards=_ON_CALL, status_code=STATUS_OK)
async def acknowledge_page(database: Database, viewer: StaffViewer, page_id: UUID, data: PageHold) -> PageLog:
    """I have it, until then; after that it is open again."""
    async with database.transaction() as session:
        await pages.acknowledge(session, viewer, page_id, data.minutes, "console")
        await session.flush()
        return await presenting.page_log(session, viewer, page_id)


@post("/api/pages/{page_id:uuid}/resolve", guards=_ON_CALL, status_code=STATUS_OK)
async def resolve_page(database: Database, viewer: StaffViewer, page_id: UUID) -> PageLog:
    """Nothing is left to do."""
    async with database.transaction() as session:
        await pages.resolve(session, viewer, page_id)
        await session.flush()
        return await presenting.page_log(session, viewer, page_id)


HANDLERS = [
    show_on_call,
    list_rotas,
    add_rota,
    change_rota,
    remove_rota,
    add_override,
    remove_override,
    change_policy,
    list_providers,
    name_provider,
    drop_provider,
    list_contacts,
    add_contact,
    show_push_key,
    send_contact_code,
    confirm_contact,
    remove_contact,
    page_myself,
    list_pages,
    show_page,
    acknowledge_page,
    resolve_page,
]
