"""The customer's own requests about their data, by the token of a conversation; only for who has proven to be them."""

from datetime import timedelta

from litestar import post
from litestar.response import Stream
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import CustomerViewer
from holdfast.conversations.tokens import open_token
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.http import STATUS_OK
from holdfast.core.settings import Settings
from holdfast.people import queries as people
from holdfast.privacy import export, operations, queries
from holdfast.privacy.errors import ArchiveNotReady, IdentityNeeded, WalletCompromised
from holdfast.privacy.jobs import archives
from holdfast.privacy.models import SubjectRequest
from holdfast.privacy.schemas import ByToken, OwnAsked, OwnNamed, OwnRequestView
from holdfast.verification import queries as verification


def wait(settings: Settings) -> timedelta:
    return timedelta(hours=settings.erasure_wait)


async def _known(session: AsyncSession, token: str) -> CustomerViewer:
    """Raises TokenInvalid, TokenExpired, IdentityNeeded: a token alone shows one conversation, not a whole person."""
    viewer = await open_token(session, token)
    customer = await people.customer(session, viewer.id)
    if customer is None or not customer.proven:
        raise IdentityNeeded
    return viewer


async def _safe(session: AsyncSession, token: str) -> CustomerViewer:
    """As ``_known``, and nobody says that the wallet is in other hands: whoever has it would take or wipe everything.
    What is asked is seen, and can be withdrawn, all the same. Raises WalletCompromised."""
    viewer = await _known(session, token)
    if await verification.claimed_since(session, viewer.id) is not None:
        raise WalletCompromised
    return viewer


def view(request: SubjectRequest) -> OwnRequestView:
    return OwnRequestView(
        id=request.id,
        kind=request.kind,
        state=request.state,
        begins_at=request.begins_at,
        done=request.done,
        total=request.total,
        finished_at=request.finished_at,
        expires_at=request.expires_at,
    )


@post("/api/widget/privacy/list", status_code=STATUS_OK)
async def own_requests(database: Database, data: ByToken) -> list[OwnRequestView]:
    async with database.transaction() as session:
        viewer = await _known(session, data.token)
        return [view(row) for row in await queries.requests(session, viewer)]


@post("/api/widget/privacy/requests")
async def ask_own(database: Database, settings: Settings, data: OwnAsked) -> OwnRequestView:
    async with database.transaction() as session:
        viewer = await _safe(session, data.token)
        return view(await operations.ask(session, viewer, viewer.id, data.kind, why="", wait=wait(settings)))


@post("/api/widget/privacy/withdraw", status_code=STATUS_OK)
async def withdraw_own(database: Database, data: OwnNamed) -> OwnRequestView:
    async with database.transaction() as session:
        viewer = await _known(session, data.token)
        return view(await operations.withdraw(session, viewer, data.request))


@post("/api/widget/privacy/archive", status_code=STATUS_OK)
async def own_archive(database: Database, settings: Settings, data: OwnNamed) -> Stream:
    async with database.transaction() as session:
        viewer = await _safe(session, data.token)
        request = await queries.request(session, viewer, data.request)
        answer = archived(settings, request)
        record(session, viewer, "privacy.archive_taken", ("customer", viewer.id), request=str(request.id))
    return answer


def archived(settings: Settings, request: SubjectRequest) -> Stream:
    """The ZIP of a finished export. Raises ArchiveNotReady."""
    if request.kind != "export" or request.state != "done" or (request.expires_at and request.expires_at < now()):
        raise ArchiveNotReady
    return Stream(
        export.zipped(request, archives(settings)),
        media_type="application/zip",
        headers={
            "content-disposition": f'attachment; filename="holdfast-{request.id}.zip"',
            "cache-control": "no-store",
        },
    )


HANDLERS = [own_requests, ask_own, withdraw_own, own_archive]
