"""The console's requests about proof: the register, the codes of a conversation, impostors, and drafts."""

import asyncio
from datetime import timedelta
from uuid import UUID

from litestar import get, post, put
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.masks import shown_text
from holdfast.access.policy import Field, Stance, sight
from holdfast.access.viewer import StaffViewer, SystemViewer
from holdfast.authenticity import codes, impostors, queries, register
from holdfast.authenticity.models import ImpostorCase, OfficialChannel
from holdfast.authenticity.pack import Evidence, Pack, build
from holdfast.authenticity.schemas import (
    CaseDetail,
    Cases,
    ChannelChange,
    ChannelInput,
    ChannelView,
    CheckableView,
    Draft,
    Heard,
    HeardView,
    ImpostorCaseView,
    ReportView,
    StaffProof,
    StaffReport,
    State,
    StepInput,
    StepView,
    Stopped,
    Taken,
)
from holdfast.conversations import outgoing
from holdfast.conversations.files import content, file_url
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.errors import problem_of
from holdfast.core.files import FileStore
from holdfast.core.http import STATUS_OK
from holdfast.core.settings import Settings
from holdfast.people.http_viewer import FRESH

# Whoever gets a take-down pack.
_OUTSIDE = SystemViewer("take-down pack")
# What leads see of stopped messages.
COUNTED = timedelta(days=30)


def _channel(line: OfficialChannel) -> ChannelView:
    return ChannelView(line.id, line.kind, line.shown, line.note, line.since, line.until)


@get("/api/official-channels")
async def list_channels(database: Database, viewer: StaffViewer) -> list[ChannelView]:
    """The register; it is public."""
    async with database.transaction() as session:
        return [_channel(line) for line in await register.lines(session, viewer)]


@post("/api/official-channels", opt=FRESH)
async def add_channel(database: Database, viewer: StaffViewer, data: ChannelInput) -> ChannelView:
    async with database.transaction() as session:
        return _channel(
            await register.add(
                session, viewer, kind=data.kind, value=data.value, note=data.note, since=data.since, until=data.until
            )
        )


@put("/api/official-channels/{channel_id:uuid}", opt=FRESH)
async def change_channel(database: Database, viewer: StaffViewer, channel_id: UUID, data: ChannelChange) -> ChannelView:
    """Another note or time; a line is ended, never deleted."""
    async with database.transaction() as session:
        return _channel(
            await register.change(session, viewer, channel_id, note=data.note, since=data.since, until=data.until)
        )


@get("/api/conversations/{conversation_id:uuid}/proof")
async def conversation_proof(database: Database, viewer: StaffViewer, conversation_id: UUID) -> StaffProof:
    """The code that agent and customer both see, and the check code of our last message."""
    async with database.transaction() as session:
        both, last, has_words = await codes.of_conversation(session, viewer, conversation_id)
    checkable = CheckableView(last.seq, last.at, last.code) if last else None
    return StaffProof(both.code, both.seconds, checkable, has_words)


@post("/api/conversations/{conversation_id:uuid}/proof", status_code=STATUS_OK)
async def compare_code(database: Database, viewer: StaffViewer, conversation_id: UUID, data: Heard) -> HeardView:
    """Whether the code that the customer reads out is this conversation's (this minute's, or a neighbour's)."""
    async with database.transaction() as session:
        return HeardView(await codes.heard(session, viewer, conversation_id, data.code))


@post("/api/outgoing/check", status_code=STATUS_OK)
async def check_draft(viewer: StaffViewer, data: Draft) -> Stopped:
    """What would stop this message, before it is sent. Nothing is kept."""
    stopped = outgoing.refusal(data.text)
    if stopped is None:
        return Stopped(None)
    problem = problem_of(stopped, viewer.language)
    return Stopped(problem.id, problem.title, str(problem.params.get("link", "")))


def _case(case: ImpostorCase, viewer: StaffViewer) -> ImpostorCaseView:
    steps = list(impostors.STEPS[case.state]) if viewer.holds(*queries.FOLLOW_UP) else []
    state: State = case.state  # type: ignore[assignment]  # a text in the database
    return ImpostorCaseView(
        case.id, case.kind, case.target, state, case.reports, case.opened_at, case.changed_at, steps
    )


@get("/api/impostors")
async def list_impostors(database: Database, viewer: StaffViewer, only: State | None = None) -> Cases:
    """For leads, emergency agents and auditors."""
    async with database.transaction() as session:
        found = await queries.cases(session, viewer, only)
        blocked = await queries.blocked(session, viewer, now() - COUNTED)
    return Cases([_case(case, viewer) for case in found], blocked)


@post("/api/impostors")
async def report_impostor(database: Database, viewer: StaffViewer, data: StaffReport) -> Taken:
    """An agent writes down what a customer has told."""
    async with database.transaction() as session:
        await impostors.report(
            session,
            source="console",
            kind=data.kind,
            target=data.target,
            words=data.words,
            language=viewer.language,
            viewer=viewer,
            conversation_id=data.conversation,
        )
    return Taken()


@get("/api/impostors/{case_id:uuid}")
async def impostor(database: Database, viewer: StaffViewer, case_id: UUID) -> CaseDetail:
    async with database.transaction() as session:
        return await _detail(session, viewer, case_id)


async def _detail(session: AsyncSession, viewer: StaffViewer, case_id: UUID) -> CaseDetail:
    case = await queries.case(session, viewer, case_id)
    record(session, viewer, "impostor.opened", ("impostor_case", case.id))
    found = await queries.reports(session, case.id)
    # A link shows the picture to whoever has it: others are opened in their conversation, by those who may.
    clear = {a.id for a in await queries.evidence(session, found) if a.state == "clear"}
    return CaseDetail(
        _case(case, viewer),
        [
            ReportView(
                r.at,
                r.source,
                r.language,
                # A report is a customer's words, and the case nobody's conversation: it is not held.
                shown_text(r.words, sight(viewer, Field.TEXT, Stance.SEES)),
                r.conversation_id,
                [file_url(a) for a in r.attachments if a in clear],
                sum(a not in clear for a in r.attachments),
            )
            for r in found
        ],
        [StepView(s.at, s.state, s.note, s.agent_id) for s in await queries.steps(session, case.id)],
    )


@post("/api/impostors/{case_id:uuid}/steps", status_code=STATUS_OK)
async def move_impostor(database: Database, viewer: StaffViewer, case_id: UUID, data: StepInput) -> CaseDetail:
    async with database.transaction() as session:
        await impostors.move(session, viewer, case_id, data.state, data.note)
        return await _detail(session, viewer, case_id)


@get("/api/impostors/{case_id:uuid}/pack")
async def take_down_pack(
    database: Database, settings: Settings, files: FileStore, viewer: StaffViewer, case_id: UUID
) -> Response[bytes]:
    """The evidence as a ZIP, for its host, registrar or app store."""
    async with database.transaction() as session:
        case = await queries.case(session, viewer, case_id)
        record(session, viewer, "impostor.packed", ("impostor_case", case.id))
        found = await queries.reports(session, case.id)
        # What nobody could look at before, or what showed a secret, goes to no registrar either.
        clear = [a for a in await queries.evidence(session, found) if a.state == "clear"]
        states = [("new", case.opened_at), *((s.state, s.at) for s in await queries.steps(session, case.id))]
        signed = await register.document(session, settings.organisation)
    # Reading, opening and packing pictures takes its time: neither the loop nor a connection waits for it.
    pictures = await asyncio.to_thread(lambda: {a.id: (a.name, content(files, a)) for a in clear})
    pack = Pack(
        reference=f"IMP-{case.id.hex[-8:].upper()}",
        kind=case.kind,
        target=case.target,
        organisation=settings.organisation,
        contact=settings.mail_from,
        made=now(),
        states=states,
        reports=[
            Evidence(
                r.at,
                r.source,
                r.language,
                # It leaves the house.
                shown_text(r.words, sight(_OUTSIDE, Field.TEXT, Stance.AWAY)),
                tuple(pictures[a] for a in r.attachments if a in pictures),
            )
            for r in found
        ],
        register=signed,
    )
    return Response(
        await asyncio.to_thread(build, pack),
        media_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{pack.reference}.zip"', "Cache-Control": "no-store"},
    )


HANDLERS = [
    list_channels,
    add_channel,
    change_channel,
    conversation_proof,
    compare_code,
    check_draft,
    list_impostors,
    report_impostor,
    impostor,
    move_impostor,
    take_down_pack,
]
