"""Reports of impostors: taking them in, making one case of those that name the same, and following it up."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import CustomerViewer, StaffViewer, Viewer
from holdfast.authenticity import queries, targets
from holdfast.authenticity.errors import ImpostorsRefused, OursReported, ReportEmpty, StepRefused
from holdfast.authenticity.lookalikes import judge
from holdfast.authenticity.models import ImpostorCase, ImpostorReport, ImpostorStep
from holdfast.authenticity.secrets import target_index
from holdfast.conversations import operations as conversations
from holdfast.conversations import queries as conversation_queries
from holdfast.conversations import timeline
from holdfast.conversations.errors import AttachmentUnknown
from holdfast.conversations.intake import clean
from holdfast.core.clock import now
from holdfast.core.ids import new_id

# From where a case can go; a rejected one is opened again by a person, not by the next report.
STEPS = {
    "new": ("confirmed", "rejected"),
    "confirmed": ("reported", "taken_down", "rejected"),
    "reported": ("taken_down", "confirmed", "rejected"),
    "taken_down": ("confirmed",),
    "rejected": ("confirmed",),
}
LONGEST = 4_000


async def report(
    session: AsyncSession,
    *,
    source: str,
    kind: str | None,
    target: str,
    words: str,
    language: str,
    viewer: Viewer | None = None,
    conversation_id: UUID | None = None,
    attachments: Sequence[UUID] = (),
) -> ImpostorReport:
    """Take a report in; ``viewer`` is null for the public. Texts are redacted here.

    Raises ReportEmpty, OursReported, ConversationNotFound, AttachmentUnknown.
    """
    meant = _target(kind, clean(target, may_be_empty=True)[0])
    if judge(meant, await queries.register(session), now()).status == "official":
        raise OursReported
    case = await _case(session, meant)
    if conversation_id is not None and viewer is not None:
        await _in_timeline(session, viewer, conversation_id, attachments)
    made = ImpostorReport(
        case_id=case.id,
        source=source,
        # Cut afterwards: what is left of a phrase that is cut off would not be known as one.
        words=clean(words, may_be_empty=True)[0][:LONGEST],
        language=language,
        conversation_id=conversation_id,
        agent_id=viewer.id if isinstance(viewer, StaffViewer) else None,
        attachments=list(attachments),
    )
    session.add(made)
    case.reports += 1
    case.changed_at = now()
    await session.flush()
    if viewer is not None:
        record(session, viewer, "impostor.reported", ("impostor_case", case.id), kind=meant.kind)
    return made


def _target(kind: str | None, text: str) -> targets.Target:
    if kind == "person":
        name = " ".join(text.split())[:200]
        if not name:
            raise ReportEmpty
        return targets.Target("unknown", name.casefold(), name)
    found = targets.read(text, kind)
    if found.kind in ("unknown", "check_code"):
        found = targets.read(text)
    if found.kind in ("unknown", "check_code"):
        raise ReportEmpty
    return found


async def _case(session: AsyncSession, target: targets.Target) -> ImpostorCase:
    """The case of this target, made where there is none, locked."""
    kind = "person" if target.kind == "unknown" else target.kind
    statement = insert(ImpostorCase).values(
        id=new_id(),
        kind=kind,
        target=target.named,
        target_index=target_index(kind, target.key),
        state="new",
        reports=0,
        opened_at=now(),
        changed_at=now(),
    )
    case_id = await session.scalar(
        statement.on_conflict_do_update(index_elements=["kind", "target_index"], set_={"changed_at": now()}).returning(
            ImpostorCase.id
        )
    )
    return await session.get_one(ImpostorCase, case_id, populate_existing=True)


async def _in_timeline(
    session: AsyncSession, viewer: Viewer, conversation_id: UUID, attachments: Sequence[UUID]
) -> None:
    """The desk sees in the conversation that it was reported; the pictures belong to that line and are kept."""
    conversation = await conversation_queries.locked(session, viewer, conversation_id)
    author = "customer" if isinstance(viewer, CustomerViewer) else "agent"
    actor = viewer.id if isinstance(viewer, CustomerViewer | StaffViewer) else None
    line = conversations.append(
        session, conversation, author=author, author_id=actor, event={"type": "impostor_reported"}
    )
    await session.flush()
    if attachments and actor is not None:
        files = await timeline.pending_attachments(session, conversation_id, author, actor, list(attachments))
        if len(files) != len(set(attachments)):
            raise AttachmentUnknown
        for file in files:
            file.seq = line.seq


async def move(session: AsyncSession, viewer: StaffViewer, case_id: UUID, state: str, note: str) -> ImpostorCase:
    """To the next state. Raises ImpostorsRefused, ImpostorUnknown, StepRefused."""
    if not viewer.holds(*queries.FOLLOW_UP):
        raise ImpostorsRefused
    case = await queries.case(session, viewer, case_id, lock=True)
    if state not in STEPS[case.state]:
        raise StepRefused
    before, case.state, case.changed_at = case.state, state, now()
    session.add(ImpostorStep(case_id=case.id, state=state, note=clean(note, may_be_empty=True)[0], agent_id=viewer.id))
    record(session, viewer, "impostor.moved", ("impostor_case", case.id), before=before, after=state)
    await session.flush()
    return case
