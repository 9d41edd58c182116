"""Technical cases over REST: everybody who answers hands over and releases; leads and the technical team work."""

from uuid import UUID

from litestar import delete, get, post, put
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import Role, StaffViewer
from holdfast.conversations import outgoing
from holdfast.core.database import Database
from holdfast.core.http import STATUS_OK
from holdfast.core.outgoing import rules_of
from holdfast.core.settings import Settings
from holdfast.people.http_viewer import FRESH, staff
from holdfast.people.sign_in import Browser
from holdfast.technical import announcing, cases, presenting, problems, queries, tracking
from holdfast.technical.schemas import (
    AnnouncementInput,
    CaseInput,
    CasesView,
    CaseView,
    HandoverInput,
    HandoverView,
    IssueInput,
    KnownProblemView,
    ProblemInput,
    Settled,
    TrackerInput,
    TrackerView,
)

_ANSWERS = [staff(Role.AGENT, Role.EMERGENCY_AGENT, Role.LEAD)]
_ADMINISTRATOR = [staff(Role.ADMINISTRATOR)]
HOOK = "/api/hooks/github"


async def _shown(session: AsyncSession, viewer: StaffViewer, case_id: UUID) -> CaseView:
    await session.flush()
    return await presenting.case(session, viewer, case_id)


@get("/api/conversations/{conversation_id:uuid}/handovers", guards=_ANSWERS)
async def list_handovers(database: Database, viewer: StaffViewer, conversation_id: UUID) -> list[HandoverView]:
    """The technical cases that a conversation is linked to."""
    async with database.transaction() as session:
        return await presenting.handovers(session, viewer, conversation_id)


@post("/api/conversations/{conversation_id:uuid}/handovers", guards=_ANSWERS)
async def hand_over(
    database: Database, viewer: StaffViewer, conversation_id: UUID, data: HandoverInput
) -> list[HandoverView]:
    """To the technical team: what was tried, and what is asked."""
    async with database.transaction() as session:
        await cases.hand_over(
            session,
            viewer,
            conversation_id,
            tried=data.tried,
            asked=data.asked,
            case_id=data.case_id,
            title=data.title,
        )
        return await presenting.handovers(session, viewer, conversation_id)


@get("/api/technical/cases", guards=_ANSWERS)
async def list_cases(database: Database, viewer: StaffViewer, over: bool = False) -> CasesView:
    """What somebody must look at first; ``over``: those whose customers were told, or that are closed."""
    async with database.transaction() as session:
        return await presenting.cases(session, viewer, over=over)


@get("/api/technical/cases/{case_id:uuid}", guards=_ANSWERS)
async def show_case(database: Database, viewer: StaffViewer, case_id: UUID) -> CaseView:
    """That it was opened is written down for each conversation whose words it shows."""
    async with database.transaction() as session:
        view = await presenting.case(session, viewer, case_id)
        for link in view.links:
            subject = "conversation", link.conversation_id
            record(session, viewer, "technical_case.opened", subject, case=str(case_id))
        return view


@put("/api/technical/cases/{case_id:uuid}", guards=_ANSWERS)
async def describe_case(database: Database, viewer: StaffViewer, case_id: UUID, data: CaseInput) -> CaseView:
    """In the team's own words; a tracker gets them."""
    async with database.transaction() as session:
        await cases.describe(session, viewer, case_id, data.title, data.description)
        return await _shown(session, viewer, case_id)


@post("/api/technical/cases/{case_id:uuid}/take", guards=_ANSWERS, status_code=STATUS_OK)
async def take_case(database: Database, viewer: StaffViewer, case_id: UUID) -> CaseView:
    async with database.transaction() as session:
        await cases.take(session, viewer, case_id)
        return await _shown(session, viewer, case_id)


@post("/api/technical/cases/{case_id:uuid}/solve", guards=_ANSWERS, status_code=STATUS_OK)
async def solve_case(database: Database, viewer: StaffViewer, case_id: UUID) -> CaseView:
    """The cause is gone; its customers are still to be told."""
    async with database.transaction() as session:
        await cases.solve(session, viewer, case_id)
        return await _shown(session, viewer, case_id)


@post("/api/technical/cases/{case_id:uuid}/close", guards=_ANSWERS, status_code=STATUS_OK)
async def close_case(database: Database, viewer: StaffViewer, case_id: UUID) -> CaseView:
    async with database.transaction() as session:
        await cases.close(session, viewer, case_id)
        return await _shown(session, viewer, case_id)


@post("/api/technical/cases/{case_id:uuid}/reopen", guards=_ANSWERS, status_code=STATUS_OK)
async def reopen_case(database: Database, viewer: StaffViewer, case_id: UUID) -> CaseView:
    """It is not solved after all."""
    async with database.transaction() as session:
        await cases.reopen(session, viewer, case_id)
        return await _shown(session, viewer, case_id)


@post("/api/technical/cases/{case_id:uuid}/announcements", guards=_ANSWERS)
async def write_announcement(
    database: Database, viewer: StaffViewer, case_id: UUID, data: AnnouncementInput
) -> CaseView:
    """What its customers are to be told; it goes out when somebody who answers has released it."""
    async with outgoing.noted(database, viewer, ("technical_case", case_id)) as session:
        texts = {one.language: one.text for one in data.texts}
        await announcing.write(session, viewer, case_id, data.kind, texts)
        return await _shown(session, viewer, case_id)


@post("/api/technical/announcements/{announcement_id:uuid}/release", guards=_ANSWERS, status_code=STATUS_OK)
async def release_announcement(database: Database, viewer: StaffViewer, announcement_id: UUID) -> CaseView:
    """Send it to every linked customer, in their language."""
    async with outgoing.noted(database, viewer, ("technical_announcement", announcement_id)) as session:
        row = await announcing.release(session, viewer, announcement_id)
        return await _shown(session, viewer, row.case_id)


@delete("/api/technical/announcements/{announcement_id:uuid}", guards=_ANSWERS, status_code=204)
async def discard_announcement(database: Database, viewer: StaffViewer, announcement_id: UUID) -> None:
    async with database.transaction() as session:
        await announcing.discard(session, viewer, announcement_id)


@post("/api/technical/cases/{case_id:uuid}/issue", guards=_ANSWERS)
async def make_issue(database: Database, viewer: StaffViewer, case_id: UUID) -> CaseView:
    """A new issue at the tracker. No word of a customer leaves: only the case's title, description and reference."""
    async with database.transaction() as session:
        await tracking.ask_for_issue(session, viewer, case_id)
        return await _shown(session, viewer, case_id)


@put("/api/technical/cases/{case_id:uuid}/issue", guards=_ANSWERS)
async def link_issue(database: Database, viewer: StaffViewer, case_id: UUID, data: IssueInput) -> CaseView:
    async with database.transaction() as session:
        await tracking.link_issue(session, viewer, case_id, data.issue)
        return await _shown(session, viewer, case_id)


@delete("/api/technical/cases/{case_id:uuid}/issue", guards=_ANSWERS, status_code=204)
async def unlink_issue(database: Database, viewer: StaffViewer, case_id: UUID) -> None:
    async with database.transaction() as session:
        await tracking.unlink_issue(session, viewer, case_id)


@post("/api/technical/cases/{case_id:uuid}/issue/settle", guards=_ANSWERS, status_code=STATUS_OK)
async def settle_issue(database: Database, viewer: StaffViewer, case_id: UUID, data: Settled) -> CaseView:
    """Somebody has looked at what differs between here and there."""
    async with database.transaction() as session:
        await tracking.settle(session, viewer, case_id, data.how)
        return await _shown(session, viewer, case_id)


@get("/api/technical/tracker", guards=_ADMINISTRATOR)
async def show_tracker(database: Database, settings: Settings) -> TrackerView:
    async with database.transaction() as session:
        row, paused = await queries.tracker(session), await queries.paused(session)
    hook = f"{settings.origin}{HOOK}"
    if row is None:
        return TrackerView(None, None, hook, None, None, paused)
    return TrackerView(row.api, row.repository, hook, row.trouble, row.paused_until, paused)


@put("/api/technical/tracker", guards=_ADMINISTRATOR, opt=FRESH)
async def set_tracker(
    database: Database, settings: Settings, viewer: StaffViewer, browser: Browser, data: TrackerInput
) -> TrackerView:
    async with database.transaction() as session:
        await tracking.set_tracker(
            session,
            viewer,
            rules_of(settings),
            api=data.api,
            repository=data.repository,
            token=data.token,
            secret=data.secret,
            network=browser.network,
        )
    return TrackerView(data.api.rstrip("/"), data.repository, f"{settings.origin}{HOOK}", None, None, 0)


@delete("/api/technical/tracker", guards=_ADMINISTRATOR, opt=FRESH, status_code=204)
async def drop_tracker(database: Database, viewer: StaffViewer, browser: Browser) -> None:
    async with database.transaction() as session:
        await tracking.drop_tracker(session, viewer, browser.network)


@get("/api/technical/problems", guards=_ANSWERS)
async def list_problems(database: Database, viewer: StaffViewer) -> list[KnownProblemView]:
    async with database.transaction() as session:
        return await presenting.problem_views(session, viewer)


async def _save(
    database: Database, viewer: StaffViewer, problem_id: UUID | None, data: ProblemInput
) -> KnownProblemView:
    async with outgoing.noted(database, viewer, ("known_problem", problem_id)) as session:
        row = await problems.save(
            session,
            viewer,
            problem_id,
            texts={one.language: (one.title, one.text) for one in data.texts},
            state=data.state,
            severity=data.severity,
            starts_at=data.starts_at,
            ends_at=data.ends_at,
            case_id=data.case_id,
        )
        return presenting.problem_view(row)


@post("/api/technical/problems", guards=_ANSWERS)
async def add_problem(database: Database, viewer: StaffViewer, data: ProblemInput) -> KnownProblemView:
    """Customers see it at once, or from ``starts_at`` on."""
    return await _save(database, viewer, None, data)


@put("/api/technical/problems/{problem_id:uuid}", guards=_ANSWERS)
async def change_problem(
    database: Database, viewer: StaffViewer, problem_id: UUID, data: ProblemInput
) -> KnownProblemView:
    """As a whole."""
    return await _save(database, viewer, problem_id, data)


HANDLERS = [
    list_handovers,
    hand_over,
    list_cases,
    show_case,
    describe_case,
    take_case,
    solve_case,
    close_case,
    reopen_case,
    write_announcement,
    release_announcement,
    discard_announcement,
    make_issue,
    link_issue,
    unlink_issue,
    settle_issue,
    show_tracker,
    set_tracker,
    drop_tracker,
    list_problems,
    add_problem,
    change_problem,
]
