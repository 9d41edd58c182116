"""The staff's requests about customers' rights, holds, rules and reviews."""

from uuid import UUID

from litestar import delete, get, post, put
from litestar.response import Stream
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import Role, StaffViewer
from holdfast.conversations.intake import clean
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.http import STATUS_OK
from holdfast.core.settings import Settings
from holdfast.people import queries as people
from holdfast.people.http_viewer import FRESH
from holdfast.privacy import export, http_widget, operations, queries, retention, review
from holdfast.privacy.errors import ArchiveIsTheirs, PrivacyRefused
from holdfast.privacy.models import LegalHold, SecurityReview, SubjectRequest
from holdfast.privacy.schemas import (
    ArchiveTaken,
    HoldPlaced,
    HoldView,
    RequestAsked,
    RequestView,
    ReviewRow,
    ReviewView,
    RuleChanged,
    RuleView,
    SignOff,
)


def view(request: SubjectRequest) -> RequestView:
    return RequestView(
        id=request.id,
        customer=request.customer_id,
        kind=request.kind,
        state=request.state,
        asked_by=request.asked_by,
        why=request.why,
        begins_at=request.begins_at,
        done=request.done,
        total=request.total,
        size=sum(part.size for part in export.parts(request)),
        proof=request.proof,
        created_at=request.created_at,
        finished_at=request.finished_at,
        expires_at=request.expires_at,
    )


@get("/api/privacy/requests")
async def list_requests(database: Database, viewer: StaffViewer) -> list[RequestView]:
    async with database.transaction() as session:
        return [view(row) for row in await queries.requests(session, viewer)]


@post("/api/privacy/requests", opt=FRESH)
async def ask(database: Database, settings: Settings, viewer: StaffViewer, data: RequestAsked) -> RequestView:
    """An erasure waits as one that the customer asks for: there is time to stop it."""
    async with database.transaction() as session:
        customer = await queries.customer_named(session, viewer, data.customer)
        request = await operations.ask(
            session, viewer, customer, data.kind, why=clean(data.why)[0], wait=http_widget.wait(settings)
        )
        return view(request)


@get("/api/privacy/requests/{request_id:uuid}")
async def one_request(database: Database, viewer: StaffViewer, request_id: UUID) -> RequestView:
    async with database.transaction() as session:
        return view(await queries.request(session, viewer, request_id))


@post("/api/privacy/requests/{request_id:uuid}/stop", status_code=STATUS_OK)
async def stop(database: Database, viewer: StaffViewer, request_id: UUID) -> RequestView:
    async with database.transaction() as session:
        return view(await operations.stop(session, viewer, request_id))


@post("/api/privacy/requests/{request_id:uuid}/resume", status_code=STATUS_OK)
async def resume(database: Database, viewer: StaffViewer, request_id: UUID) -> RequestView:
    async with database.transaction() as session:
        return view(await operations.resume(session, viewer, request_id))


@post("/api/privacy/requests/{request_id:uuid}/withdraw", status_code=STATUS_OK)
async def withdraw(database: Database, viewer: StaffViewer, request_id: UUID) -> RequestView:
    async with database.transaction() as session:
        return view(await operations.withdraw(session, viewer, request_id))


@post("/api/privacy/requests/{request_id:uuid}/archive", status_code=STATUS_OK, opt=FRESH)
async def archive(
    database: Database, settings: Settings, viewer: StaffViewer, request_id: UUID, data: ArchiveTaken
) -> Stream:
    """The ZIP, for a customer who cannot download it: only of a request that staff made, for a purpose that is written
    down. It raises an alarm. Administrators only."""
    async with database.transaction() as session:
        request = await queries.request(session, viewer, request_id)
        if not viewer.holds(Role.ADMINISTRATOR):
            raise PrivacyRefused
        if request.asked_by != "staff":
            raise ArchiveIsTheirs
        answer = http_widget.archived(settings, request)
        record(
            session,
            viewer,
            "privacy.archive_taken",
            ("customer", request.customer_id),
            purpose=data.purpose,
            request=str(request.id),
        )
    return answer


def _hold(row: LegalHold) -> HoldView:
    return HoldView(row.id, row.customer_id, row.reason, row.placed_by_id, row.placed_at)


@get("/api/privacy/holds")
async def list_holds(database: Database, viewer: StaffViewer) -> list[HoldView]:
    async with database.transaction() as session:
        return [_hold(row) for row in await queries.holds(session, viewer)]


@post("/api/privacy/holds")
async def place_hold(database: Database, viewer: StaffViewer, data: HoldPlaced) -> HoldView:
    async with database.transaction() as session:
        customer = await queries.customer_named(session, viewer, data.customer)
        return _hold(await operations.hold(session, viewer, customer, clean(data.reason)[0]))


@delete("/api/privacy/holds/{hold_id:uuid}", status_code=204, opt=FRESH)
async def lift_hold(database: Database, viewer: StaffViewer, hold_id: UUID) -> None:
    async with database.transaction() as session:
        await operations.lift(session, viewer, hold_id)


@get("/api/privacy/retention")
async def list_rules(database: Database, viewer: StaffViewer) -> list[RuleView]:
    async with database.transaction() as session:
        if not queries.handles(viewer):
            raise PrivacyRefused
        rules, runs = await queries.rules(session), await queries.last_runs(session)
    return [
        RuleView(
            kind=name,
            days=retention.days_kept(rules, name),
            least=kind.least,
            last_run=runs[name].at if name in runs else None,
            removed=runs[name].removed if name in runs else 0,
        )
        for name, kind in retention.KINDS.items()
    ]


@put("/api/privacy/retention/{kind:str}", status_code=204, opt=FRESH)
async def change_rule(database: Database, viewer: StaffViewer, kind: str, data: RuleChanged) -> None:
    async with database.transaction() as session:
        await operations.keep_for(session, viewer, kind, data.days)


async def _names(session: AsyncSession, viewer: StaffViewer) -> dict[UUID, str]:
    return {agent.id: agent.name for agent in await people.agents(session, viewer)}


def _row(made: SecurityReview, names: dict[UUID, str]) -> ReviewRow:
    findings = [finding for section in made.facts["sections"] for finding in section["findings"]]
    return ReviewRow(
        id=made.id,
        since=made.since,
        until=made.until,
        due_at=made.due_at,
        attention=sum(finding["attention"] for finding in findings),
        signed_by=names.get(made.signed_by_id) if made.signed_by_id else None,
        signed_at=made.signed_at,
    )


@get("/api/privacy/reviews")
async def list_reviews(database: Database, viewer: StaffViewer) -> list[ReviewRow]:
    async with database.transaction() as session:
        made = await queries.reviews(session, viewer)
        names = await _names(session, viewer)
    return [_row(one, names) for one in made]


@post("/api/privacy/reviews")
async def make_review(database: Database, settings: Settings, viewer: StaffViewer) -> ReviewRow:
    """One before its day: from the end of the last until now."""
    async with database.transaction() as session:
        if not queries.handles(viewer):
            raise PrivacyRefused
        return _row(await review.make(session, settings, now()), await _names(session, viewer))


@get("/api/privacy/reviews/{review_id:uuid}")
async def one_review(database: Database, viewer: StaffViewer, review_id: UUID) -> ReviewView:
    async with database.transaction() as session:
        made = await queries.review(session, viewer, review_id)
        return ReviewView(_row(made, await _names(session, viewer)), made.facts, made.digest, made.remarks)


@post("/api/privacy/reviews/{review_id:uuid}/sign", status_code=STATUS_OK, opt=FRESH)
async def sign_review(database: Database, viewer: StaffViewer, review_id: UUID, data: SignOff) -> ReviewRow:
    async with database.transaction() as session:
        signed = await review.sign(session, viewer, review_id, clean(data.remarks)[0])
        return _row(signed, await _names(session, viewer))


HANDLERS = [
    list_requests,
    ask,
    one_request,
    stop,
    resume,
    withdraw,
    archive,
    list_holds,
    place_hold,
    lift_hold,
    list_rules,
    change_rule,
    list_reviews,
    make_review,
    one_review,
    sign_review,
    *http_widget.HANDLERS,
]
