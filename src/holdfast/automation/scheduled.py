"""Messages for later: an agent writes now, and it goes out at its time, unless the customer has written meanwhile."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import StaffViewer, SystemViewer
from holdfast.automation import queries
from holdfast.automation.errors import FileNotClear, ScheduledNotYours, ScheduledUnknown, TimeRefused, TooManyScheduled
from holdfast.automation.models import ScheduledMessage
from holdfast.conversations import exposures, operations, outgoing, timeline
from holdfast.conversations import queries as conversations
from holdfast.conversations.errors import AttachmentUnknown, NotAssignedToYou
from holdfast.conversations.intake import IncomingMessage, chat_source, clean, hide, take
from holdfast.conversations.models import Attachment
from holdfast.conversations.outgoing import BLOCKED
from holdfast.core.clock import now
from holdfast.core.due import clear_due, set_due
from holdfast.core.errors import Forbidden, HoldfastError
from holdfast.core.ids import new_id

DUE = "scheduled_message"
# Whoever reads it is told that nobody sent it at that moment.
SOURCE = "scheduled"
MOST = 5
_SOONEST, _LATEST = timedelta(seconds=30), timedelta(days=90, minutes=1)
# One that was stopped can be sent again: its files wait that long for it.
_AFTERWARDS = timedelta(days=7)
VIEWER = SystemViewer("scheduled")


async def schedule(
    session: AsyncSession,
    viewer: StaffViewer,
    conversation_id: UUID,
    *,
    text: str,
    at: datetime,
    anyway: bool,
    seen: int,
    files: Sequence[UUID] = (),
) -> ScheduledMessage:
    """``seen`` is the last entry that the agent saw: what the customer wrote after it is "meanwhile". Raises
    ConversationNotFound, NotAssignedToYou, AlreadyResolved, TimeRefused, TooManyScheduled, AttachmentUnknown,
    FileNotClear, and what the outgoing filter gives."""
    await _may(session, viewer, conversation_id)
    if await queries.waiting_count(session, conversation_id) >= MOST:
        raise TooManyScheduled
    row = ScheduledMessage(
        id=new_id(), conversation_id=conversation_id, agent_id=viewer.id, state=queries.WAITING, made_at=now()
    )
    await _set(session, row, text=text, at=at, anyway=anyway, seen=seen, files=files)
    session.add(row)
    record(session, viewer, "message.scheduled", ("conversation", conversation_id), at=at.isoformat(), anyway=anyway)
    await session.flush()
    return row


async def change(
    session: AsyncSession,
    viewer: StaffViewer,
    scheduled_id: UUID,
    *,
    text: str,
    at: datetime,
    anyway: bool,
    seen: int,
    files: Sequence[UUID] = (),
) -> ScheduledMessage:
    """Also of one that was stopped: it waits again. Raises as ``schedule``, and ScheduledUnknown, ScheduledNotYours."""
    row = await _own(session, viewer, scheduled_id)
    await _may(session, viewer, row.conversation_id)
    row.state, row.why, row.ended_at = queries.WAITING, None, None
    await _set(session, row, text=text, at=at, anyway=anyway, seen=seen, files=files)
    record(session, viewer, "message.rescheduled", ("conversation", row.conversation_id), at=at.isoformat())
    return row


async def cancel(session: AsyncSession, viewer: StaffViewer, scheduled_id: UUID) -> None:
    """Take it back, or out of sight when it was stopped. Raises ScheduledUnknown, ScheduledNotYours."""
    row = await _own(session, viewer, scheduled_id)
    if row.state == queries.WAITING:
        record(session, viewer, "message.schedule_cancelled", ("conversation", row.conversation_id))
    # Nobody reads it again.
    row.state, row.ended_at, row.body = "cancelled", now(), ""
    for file in await _files(session, row, row.files):
        file.held_until = None
    await clear_due(session, DUE, row.id)


async def _may(session: AsyncSession, viewer: StaffViewer, conversation_id: UUID) -> None:
    """It goes out in the agent's own name: a lead's rights are not enough."""
    conversation = await operations.must_have_open(session, viewer, conversation_id)
    if conversation.assignee_id != viewer.id:
        raise NotAssignedToYou


async def _set(
    session: AsyncSession,
    row: ScheduledMessage,
    *,
    text: str,
    at: datetime,
    anyway: bool,
    seen: int,
    files: Sequence[UUID],
) -> None:
    if not _SOONEST <= at - now() <= _LATEST:
        raise TimeRefused
    exposures.state(session, row.conversation_id, hide(text).event)
    if (stopped := outgoing.refusal(text)) is not None:
        raise stopped
    row.body, row.at, row.anyway, row.seq = clean(text, may_be_empty=bool(files))[0], at, anyway, seen
    row.files = list(dict.fromkeys(files))
    for file in await _clear_files(session, row):
        file.held_until = at + _AFTERWARDS
    await set_due(session, DUE, row.id, at)


async def _files(session: AsyncSession, row: ScheduledMessage, ids: Sequence[UUID]) -> list[Attachment]:
    """Those of its writer's that no message has, and that are still there; locked."""
    return await timeline.pending_attachments(session, row.conversation_id, "agent", row.agent_id, ids)


async def _clear_files(session: AsyncSession, row: ScheduledMessage) -> list[Attachment]:
    """What goes with it. Raises AttachmentUnknown, FileNotClear: a picture may turn out to hold a secret."""
    found = await _files(session, row, row.files)
    if len(found) != len(row.files):
        raise AttachmentUnknown
    if any(file.state != "clear" for file in found):
        raise FileNotClear
    return found


async def _own(session: AsyncSession, viewer: StaffViewer, scheduled_id: UUID) -> ScheduledMessage:
    row = await queries.scheduled(session, scheduled_id)
    if row is None or row.state not in {queries.WAITING, queries.STOPPED}:
        raise ScheduledUnknown
    # Whoever may not see the conversation learns nothing of it.
    await conversations.conversation(session, viewer, row.conversation_id)
    if row.agent_id != viewer.id:
        raise ScheduledNotYours
    return row


async def send(session: AsyncSession, scheduled_id: UUID) -> None:
    """The handler of the deadline: it goes the one way out, once (its id is the message's key), or is stopped and its
    agent told why."""
    row = await queries.scheduled(session, scheduled_id)
    if row is None or row.state != queries.WAITING:
        return
    if row.at > now():
        await set_due(session, DUE, row.id, row.at)
        return
    # Nobody writes between this look and the sending.
    await conversations.locked(session, VIEWER, row.conversation_id)
    if not row.anyway and await queries.is_overtaken(session, row.id):
        await _stop(session, row, "customer_wrote")
        return
    taken, key = take(row.body, may_be_empty=True), chat_source(row.conversation_id, row.id)
    message = IncomingMessage(
        SOURCE, key, "agent", row.agent_id, taken.body, taken.event, tuple(row.files), seal=taken.seal
    )
    try:
        async with session.begin_nested():
            # Sent before: its files have their message.
            if await timeline.message_by_source(session, SOURCE, key) is None:
                await _clear_files(session, row)
            await operations.post(session, VIEWER, row.conversation_id, message)
    except HoldfastError as error:
        await session.refresh(row)
        if isinstance(error, Forbidden) and not isinstance(error, NotAssignedToYou):
            record(session, VIEWER, BLOCKED, ("conversation", row.conversation_id), kind=error.id)
        await _stop(session, row, error.id)
        return
    await session.refresh(row)
    # Its words stand in the timeline; a copy would outlive them.
    row.state, row.ended_at, row.body = "sent", now(), ""


async def stop_overtaken(session: AsyncSession, ids: Collection[UUID]) -> None:
    """In these conversations the customer may have written."""
    for scheduled_id, _ in await queries.overtaken_in(session, ids):
        row = await queries.scheduled(session, scheduled_id)
        if row is not None and row.state == queries.WAITING:
            await _stop(session, row, "customer_wrote")


async def _stop(session: AsyncSession, row: ScheduledMessage, why: str) -> None:
    """The line in the timeline tells the agent, wherever they are."""
    row.state, row.why, row.ended_at = queries.STOPPED, why, now()
    conversation = await conversations.locked(session, VIEWER, row.conversation_id)
    operations.append(session, conversation, event={"type": "scheduled_stopped", "why": why})
