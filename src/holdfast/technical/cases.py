"""What is done with a technical case, and how a conversation comes to one."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.masks import shown_text
from holdfast.access.policy import Sight
from holdfast.access.viewer import StaffViewer, SystemViewer
from holdfast.conversations import exposures
from holdfast.conversations import operations as conversations
from holdfast.conversations import queries as conversation_queries
from holdfast.conversations.errors import AlreadyResolved, EmptyMessage
from holdfast.conversations.intake import clean, clean_together
from holdfast.core.clock import now
from holdfast.core.database import tell
from holdfast.core.ids import new_id, new_reference
from holdfast.technical import queries, tracking
from holdfast.technical.channel import TECHNICAL
from holdfast.technical.errors import AlreadyHandedOver, CaseStateWrong, NotTechnical, TitleMissing
from holdfast.technical.models import (
    TechnicalAnnouncement,
    TechnicalCase,
    TechnicalDelivery,
    TechnicalEvent,
    TechnicalLink,
)


def new_case_reference() -> str:
    """As a conversation's, and told apart from one: TC-7K3M-92QX."""
    return "TC" + new_reference().removeprefix("HF")


def outward(text: str, *, may_be_empty: bool = False) -> str:
    """Staff's words for everybody who answers, and for the tracker: redacted, with whatever looks personal masked."""
    return shown_text(clean(text, may_be_empty=may_be_empty)[0], Sight.MASKED)


def note(session: AsyncSession, case: TechnicalCase, kind: str, agent_id: UUID | None = None) -> None:
    """A line of the case's log."""
    case.changed_at = now()
    session.add(TechnicalEvent(case_id=case.id, kind=kind, agent_id=agent_id))


async def must_work(session: AsyncSession, viewer: StaffViewer) -> None:
    """Raises NotTechnical."""
    if not await queries.works(session, viewer):
        raise NotTechnical


async def _to_work_on(session: AsyncSession, viewer: StaffViewer, case_id: UUID, *states: str) -> TechnicalCase:
    """Raises NotTechnical, CaseUnknown, CaseStateWrong."""
    await must_work(session, viewer)
    case = await queries.case(session, viewer, case_id, lock=True)
    if case.state not in states:
        raise CaseStateWrong
    return case


async def hand_over(
    session: AsyncSession,
    viewer: StaffViewer,
    conversation_id: UUID,
    *,
    tried: str,
    asked: str,
    case_id: UUID | None = None,
    title: str | None = None,
) -> TechnicalCase:
    """To the second level, as a new case or with an existing one. The conversation stays with its agent, who goes on
    talking with the customer; the customer's clocks go on, and the update promise begins.

    Raises ConversationNotFound, NotAssignedToYou, AlreadyResolved, TitleMissing, CaseUnknown, CaseStateWrong,
    AlreadyHandedOver, EmptyMessage, MessageTooLong.
    """
    named = case_id is None and title is not None and bool(title.strip())
    (tried, asked, *titles), event = clean_together(tried, asked, *([title] if named and title else []))
    # Before the case: whoever needs both locks takes them in this order.
    conversation = await conversation_queries.locked(session, viewer, conversation_id)
    if conversation.category == "resolved":
        raise AlreadyResolved
    await conversations.must_have(session, viewer, conversation_id)
    if case_id is None:
        case = await _open(session, viewer, titles)
    else:
        case = await queries.case(session, viewer, case_id, lock=True)
        if case.state not in ("open", "working"):
            # Its customers are being told that it is solved: whoever comes now has another cause, or it is reopened.
            raise CaseStateWrong
        if await queries.link(session, case.id, conversation_id) is not None:
            raise AlreadyHandedOver
    line = {"type": "handed_over", "case": case.reference, "case_id": str(case.id)}
    entry = conversations.append(session, conversation, author="agent", author_id=viewer.id, event=line)
    session.add(
        TechnicalLink(
            case_id=case.id,
            conversation_id=conversation_id,
            seq=entry.seq,
            tried=tried,
            asked=asked,
            by_id=viewer.id,
        )
    )
    exposures.state(session, conversation_id, event, entry.seq)
    note(session, case, "linked", viewer.id)
    record(
        session,
        viewer,
        "conversation.handed_over",
        ("conversation", conversation_id),
        case_reference=case.reference,
    )
    await session.flush()
    return case


async def state_secrets(session: AsyncSession, case_id: UUID, event: dict[str, Any] | None) -> None:
    """What was hidden in a text of the case, in the conversation that it began with. Before the case is locked."""
    for conversation_id in (await queries.linked(session, case_id))[:1] if event else ():
        await conversation_queries.locked(session, SystemViewer("technical"), conversation_id)
        exposures.state(session, conversation_id, event)


async def _open(session: AsyncSession, viewer: StaffViewer, titles: list[str]) -> TechnicalCase:
    if not titles:
        raise TitleMissing
    case = TechnicalCase(
        id=new_id(),
        reference=new_case_reference(),
        title=outward(titles[0]),
        description="",
        state="open",
        opened_by_id=viewer.id,
    )
    session.add(case)
    await session.flush()
    note(session, case, "opened", viewer.id)
    return case


async def describe(
    session: AsyncSession, viewer: StaffViewer, case_id: UUID, title: str, description: str
) -> TechnicalCase:
    """In the technical team's own words: these are what a tracker gets. Raises NotTechnical, CaseUnknown."""
    await must_work(session, viewer)
    if not title.strip():
        raise EmptyMessage
    words, event = clean_together(title, description, may_be_empty=True)
    await state_secrets(session, case_id, event)
    case = await queries.case(session, viewer, case_id, lock=True)
    case.title, case.description = outward(words[0]), outward(words[1], may_be_empty=True)
    note(session, case, "described", viewer.id)
    record(session, viewer, "technical_case.described", ("technical_case", case.id))
    return case


async def take(session: AsyncSession, viewer: StaffViewer, case_id: UUID) -> TechnicalCase:
    """Somebody works on it from now on. Raises NotTechnical, CaseUnknown, CaseStateWrong."""
    case = await _to_work_on(session, viewer, case_id, "open", "working", "solved")
    case.owner_id = viewer.id
    if case.state == "open":
        case.state = "working"
    note(session, case, "taken", viewer.id)
    record(session, viewer, "technical_case.taken", ("technical_case", case.id))
    return case


async def solve(session: AsyncSession, viewer: StaffViewer, case_id: UUID) -> TechnicalCase:
    """The cause is gone; its customers are still to be told. Raises NotTechnical, CaseUnknown, CaseStateWrong."""
    case = await _to_work_on(session, viewer, case_id, "open", "working")
    case.state, case.owner_id = "solved", case.owner_id or viewer.id
    note(session, case, "solved", viewer.id)
    record(session, viewer, "technical_case.solved", ("technical_case", case.id))
    await tracking.solved_here(session, case)
    return case


async def close(session: AsyncSession, viewer: StaffViewer, case_id: UUID) -> TechnicalCase:
    """Everybody was told, or nobody needs to be. Raises NotTechnical, CaseUnknown, CaseStateWrong."""
    case = await _to_work_on(session, viewer, case_id, "solved", "told")
    case.state = "closed"
    note(session, case, "closed", viewer.id)
    record(session, viewer, "technical_case.closed", ("technical_case", case.id))
    return case


async def reopen(session: AsyncSession, viewer: StaffViewer, case_id: UUID) -> TechnicalCase:
    """It is not solved after all: whoever was told so is promised updates again. Raises NotTechnical, CaseUnknown,
    CaseStateWrong."""
    case = await _to_work_on(session, viewer, case_id, "solved", *queries.OVER)
    case.state = "working"
    note(session, case, "reopened", viewer.id)
    record(session, viewer, "technical_case.reopened", ("technical_case", case.id))
    await tracking.reopened_here(session, case)
    told = await queries.told(session, case.id)
    if told:
        again = TechnicalAnnouncement(
            id=new_id(),
            case_id=case.id,
            kind="reopened",
            texts={},
            state="sending",
            written_by_id=viewer.id,
            released_by_id=viewer.id,
            released_at=now(),
        )
        session.add(again)
        await session.flush()
        session.add_all(TechnicalDelivery(announcement_id=again.id, conversation_id=one) for one in told)
        tell(session, TECHNICAL, "due")
    return case
