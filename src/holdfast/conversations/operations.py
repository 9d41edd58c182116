"""What can be done with a conversation. Each takes the row's lock, writes the timeline, and states facts."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import CustomerViewer, Role, StaffViewer, SystemViewer, Viewer
from holdfast.conversations import fragments, outgoing, queries, timeline
from holdfast.conversations.errors import (
    AlreadyAssigned,
    AlreadyResolved,
    AttachmentUnknown,
    ConversationNotFound,
    NotAssignedToYou,
    NotResolved,
)
from holdfast.conversations.facts import (
    ConversationAssigned,
    ConversationOpened,
    ConversationQueued,
    ConversationResolved,
)
from holdfast.conversations.intake import PREVIEW, IncomingMessage
from holdfast.conversations.models import Conversation, Episode, Inbox, Message, Queue, Topic
from holdfast.core.clock import now
from holdfast.core.database import happened, tell
from holdfast.core.ids import new_id, new_reference
from holdfast.core.notify import LIVE
from holdfast.people.models import Customer


def append(
    session: AsyncSession,
    conversation: Conversation,
    *,
    kind: str = "system",
    author: str = "system",
    author_id: UUID | None = None,
    body: str = "",
    event: dict[str, Any] | None = None,
    source: str | None = None,
    source_id: bytes | None = None,
    at: datetime | None = None,
) -> Message:
    """The next entry of a locked conversation's timeline, of now or of ``at``, which is not before the last one's."""
    conversation.seq += 1
    touch(session, conversation)
    message = Message(
        conversation_id=conversation.id,
        seq=conversation.seq,
        kind=kind,
        author=author,
        author_id=author_id,
        body=body,
        event=event,
        source=source,
        source_id=source_id,
        created_at=at or now(),
    )
    session.add(message)
    return message


def touch(session: AsyncSession, conversation: Conversation) -> None:
    """The row changes: a newer version, told to every process with the commit."""
    conversation.version += 1
    tell(session, LIVE, f"c:{conversation.id.hex}:{conversation.seq}")


def _by(viewer: Viewer) -> tuple[str, UUID | None]:
    match viewer:
        case StaffViewer():
            return "agent", viewer.id
        case CustomerViewer():
            return "customer", viewer.id
        case _:
            return "system", None


def _customer_waits(conversation: Conversation, since: datetime) -> None:
    conversation.waiting_since = conversation.waiting_since or since
    conversation.next_due = conversation.waiting_since + timedelta(seconds=conversation.answer_seconds)


async def open_conversation(
    session: AsyncSession,
    inbox: Inbox,
    customer: Customer,
    message: IncomingMessage,
    *,
    language: str,
    emergency: bool = False,
    topic: Topic | None = None,
) -> tuple[Conversation, Message]:
    """A new conversation with its first message; it waits in its queue, since that message came."""
    at = message.at or now()
    queue = await session.get_one(Queue, inbox.emergency_queue_id if emergency else inbox.queue_id)
    conversation = Conversation(
        id=new_id(),
        reference=new_reference(),
        customer_id=customer.id,
        inbox_id=inbox.id,
        channel=message.source.partition("-")[0],
        queue_id=queue.id,
        topic_id=topic.id if topic else None,
        language=language,
        emergency=emergency,
        priority=3 if emergency else 1,
        answer_seconds=queue.answer_seconds,
        category="open",
        episode=1,
        seq=0,
        version=0,
        tags=[],
        opened_at=at,
        agent_read=0,
        customer_read=0,
    )
    session.add(conversation)
    await session.flush()
    append(session, conversation, event={"type": "opened", "episode": 1}, at=at)
    first = await _store(session, conversation, message)
    session.add(Episode(conversation_id=conversation.id, number=1, opened_at=at, opened_seq=1))
    happened(session, ConversationOpened(conversation.id, queue.id, 1, emergency))
    return conversation, first


async def _store(session: AsyncSession, conversation: Conversation, message: IncomingMessage) -> Message:
    message = await fragments.decided(session, conversation, message)
    stored = append(
        session,
        conversation,
        kind=message.kind,
        author=message.author,
        author_id=message.author_id,
        body=message.body,
        event=message.event,
        source=message.source,
        source_id=message.source_id,
        at=message.at,
    )
    if message.kind == "public":
        sealed = message.seal is not None and message.seal.why == "fragment"
        conversation.preview = fragments.SEALED_PREVIEW if sealed else message.body[:PREVIEW]
        conversation.last_from = message.author
        conversation.last_at = stored.created_at
        if message.author == "agent":
            conversation.waiting_since = conversation.next_due = None
            conversation.answered_at = conversation.answered_at or stored.created_at
        else:
            _customer_waits(conversation, stored.created_at)
    if message.seal is not None or message.event is not None:
        await fragments.keep(session, conversation, message, stored)
    return stored


async def post(
    session: AsyncSession, viewer: Viewer, conversation_id: UUID, message: IncomingMessage
) -> tuple[Conversation, Message]:
    """A message or note in an existing conversation, by the ordinary way: it may reopen a resolved conversation,
    wake the routing, and carry files. The same source twice gives the stored message.

    Raises ConversationNotFound, NotAssignedToYou, AlreadyResolved (agents reopen on purpose), AttachmentUnknown, and
    what ``outgoing.refusal`` gives for an agent's words.
    """
    conversation = await queries.locked(session, viewer, conversation_id)
    known = await timeline.message_by_source(session, message.source, message.source_id)
    if known is not None:
        return conversation, known
    if message.author == "agent" and message.kind == "public":
        # What they scheduled goes out also while they are away, as long as nobody else has it.
        away = isinstance(viewer, SystemViewer) and conversation.assignee_id is None
        if conversation.assignee_id != message.author_id and not away:
            raise NotAssignedToYou
        if conversation.category == "resolved":
            raise AlreadyResolved
        if (stopped := outgoing.refusal(message.seal.text if message.seal else message.body)) is not None:
            raise stopped
    asleep = message.author == "customer" and conversation.assignee_id is None and conversation.waiting_since is None
    if message.author == "customer" and conversation.category == "resolved":
        _reopen(session, conversation, viewer, message.at)
    elif asleep:
        happened(session, ConversationQueued(conversation.id, conversation.queue_id, "customer_wrote"))
    stored = await _store(session, conversation, message)
    if message.attachments:
        await _attach(session, conversation, message, stored.seq)
    await session.flush()
    return conversation, stored


async def write_down(session: AsyncSession, conversation: Conversation, message: IncomingMessage) -> None:
    """Something that was spoken, in a conversation that the caller has locked: an entry like others, but no message,
    so that no clock runs for it and nobody is woken. The same source twice is stored once."""
    if await timeline.message_by_source(session, message.source, message.source_id) is None:
        await _store(session, conversation, message)
        await session.flush()


async def _attach(session: AsyncSession, conversation: Conversation, message: IncomingMessage, seq: int) -> None:
    files = await timeline.pending_attachments(
        session, conversation.id, message.author, message.author_id, message.attachments
    )
    if len(files) != len(set(message.attachments)):
        raise AttachmentUnknown
    for file in files:
        file.seq = seq


def _reopen(session: AsyncSession, conversation: Conversation, viewer: Viewer, at: datetime | None = None) -> None:
    """The next episode begins; who had it last is preferred by the routing."""
    conversation.category = "open"
    conversation.episode += 1
    conversation.resolved_at = conversation.answered_at = None
    conversation.preferred_agent_id = conversation.assignee_id or conversation.preferred_agent_id
    conversation.assignee_id = None
    kind, actor = _by(viewer)
    event = {"type": "reopened", "episode": conversation.episode}
    entry = append(session, conversation, author=kind, author_id=actor, event=event, at=at)
    opened = {"number": conversation.episode, "opened_at": entry.created_at, "opened_seq": entry.seq}
    session.add(Episode(conversation_id=conversation.id, **opened))
    happened(
        session,
        ConversationOpened(conversation.id, conversation.queue_id, conversation.episode, conversation.emergency),
    )


async def reopen(session: AsyncSession, viewer: StaffViewer, conversation_id: UUID) -> Conversation:
    """An agent opens it again and has it; whether they may have it is the routing's question. Raises NotResolved."""
    conversation = await queries.locked(session, viewer, conversation_id)
    if conversation.category != "resolved":
        raise NotResolved
    _reopen(session, conversation, viewer)
    await session.flush()
    await assign(session, viewer, conversation_id, viewer.id, how="reopened")
    return conversation


async def assign(
    session: AsyncSession, viewer: Viewer, conversation_id: UUID, agent_id: UUID, *, how: str
) -> Conversation:
    """Give it to an agent; ``how`` is offer, taken, transfer or reopened. Raises AlreadyAssigned, AlreadyResolved."""
    conversation = await queries.locked(session, viewer, conversation_id)
    if conversation.category == "resolved":
        raise AlreadyResolved
    if conversation.assignee_id == agent_id:
        return conversation
    if conversation.assignee_id is not None:
        raise AlreadyAssigned
    conversation.assignee_id = conversation.preferred_agent_id = agent_id
    append(session, conversation, author="agent", author_id=agent_id, event={"type": "assigned", "how": how})
    happened(session, ConversationAssigned(conversation.id, agent_id))
    await session.flush()
    return conversation


async def release(session: AsyncSession, viewer: Viewer, conversation_id: UUID, *, why: str) -> Conversation:
    """Back to its queue; ``why`` is released, silent, agent_absent, transferred or emergency."""
    conversation = await queries.locked(session, viewer, conversation_id)
    _release(session, conversation, viewer, why)
    await session.flush()
    return conversation


def _release(session: AsyncSession, conversation: Conversation, viewer: Viewer, why: str) -> None:
    if conversation.assignee_id is None:
        return
    conversation.preferred_agent_id, conversation.assignee_id = conversation.assignee_id, None
    kind, actor = _by(viewer)
    append(session, conversation, author=kind, author_id=actor, event={"type": "unassigned", "why": why})
    happened(session, ConversationQueued(conversation.id, conversation.queue_id, why))


async def transfer(
    session: AsyncSession,
    viewer: StaffViewer | SystemViewer,
    conversation_id: UUID,
    *,
    queue_id: UUID | None = None,
    agent_id: UUID | None = None,
) -> Conversation:
    """To another queue, or straight to a person. The customer's clocks are not touched.

    Raises ConversationNotFound (also for an unknown queue), AlreadyResolved.
    """
    conversation = await queries.locked(session, viewer, conversation_id)
    if conversation.category == "resolved":
        raise AlreadyResolved
    _must_have(viewer, conversation)
    kind, actor = _by(viewer)
    if queue_id is not None:
        queue = await queries.queue(session, queue_id)
        if queue is None:
            raise ConversationNotFound
        conversation.queue_id = queue.id
        append(session, conversation, author=kind, author_id=actor, event={"type": "transferred", "queue": queue.name})
    _release(session, conversation, viewer, "transferred")
    # Who passed it on is not asked first again.
    conversation.preferred_agent_id = None
    await session.flush()
    if agent_id is not None:
        return await assign(session, SystemViewer("transfer"), conversation_id, agent_id, how="transfer")
    if queue_id is not None:
        happened(session, ConversationQueued(conversation.id, conversation.queue_id, "transferred"))
    return conversation


async def must_have(session: AsyncSession, viewer: StaffViewer | SystemViewer, conversation_id: UUID) -> Conversation:
    """The conversation, if the viewer has it (or leads). Raises ConversationNotFound, NotAssignedToYou."""
    conversation = await queries.conversation(session, viewer, conversation_id)
    _must_have(viewer, conversation)
    return conversation


async def must_have_open(session: AsyncSession, viewer: StaffViewer, conversation_id: UUID) -> Conversation:
    """As ``must_have``, while the matter is not settled. Raises AlreadyResolved too."""
    conversation = await must_have(session, viewer, conversation_id)
    if conversation.category == "resolved":
        raise AlreadyResolved
    return conversation


async def give_back(session: AsyncSession, viewer: StaffViewer, conversation_id: UUID) -> None:
    """An agent gives it back to its queue, for somebody else."""
    _must_have(viewer, await queries.locked(session, viewer, conversation_id))
    record(session, viewer, "conversation.released", ("conversation", conversation_id))
    conversation = await release(session, viewer, conversation_id, why="released")
    conversation.preferred_agent_id = None


def _must_have(viewer: StaffViewer | SystemViewer, conversation: Conversation) -> None:
    """Acts on a conversation are its agent's, a lead's, or of rules that leads made."""
    if isinstance(viewer, StaffViewer) and conversation.assignee_id != viewer.id and not viewer.holds(Role.LEAD):
        raise NotAssignedToYou


async def resolve(session: AsyncSession, viewer: StaffViewer | SystemViewer, conversation_id: UUID) -> Conversation:
    """The matter is settled; the episode ends and can be rated. Raises NotAssignedToYou, AlreadyResolved."""
    conversation = await queries.locked(session, viewer, conversation_id)
    if conversation.category == "resolved":
        raise AlreadyResolved
    _must_have(viewer, conversation)
    agent_id, (kind, actor) = conversation.assignee_id, _by(viewer)
    conversation.category = "resolved"
    conversation.resolved_at = now()
    conversation.waiting_since = conversation.next_due = None
    conversation.preferred_agent_id, conversation.assignee_id = agent_id or conversation.preferred_agent_id, None
    episode = await session.get_one(Episode, (conversation.id, conversation.episode))
    episode.resolved_at = conversation.resolved_at
    episode.resolved_by_id = actor
    episode.answered_at = conversation.answered_at
    append(
        session,
        conversation,
        author=kind,
        author_id=actor,
        event={"type": "resolved", "episode": conversation.episode},
    )
    happened(session, ConversationResolved(conversation.id, agent_id, conversation.episode))
    record(session, viewer, "conversation.resolved", ("conversation", conversation.id), episode=conversation.episode)
    await session.flush()
    return conversation


async def raise_emergency(session: AsyncSession, viewer: Viewer, conversation_id: UUID) -> Conversation:
    """To the emergency queue, at the highest priority; harmless when it is there already."""
    conversation = await queries.locked(session, viewer, conversation_id)
    if conversation.emergency and conversation.category == "open":
        return conversation
    inbox = await session.get_one(Inbox, conversation.inbox_id)
    queue = await session.get_one(Queue, inbox.emergency_queue_id)
    if conversation.category == "resolved":
        _reopen(session, conversation, viewer)
    conversation.emergency, conversation.priority = True, 3
    conversation.queue_id, conversation.answer_seconds = queue.id, queue.answer_seconds
    # The emergency's clock starts now: it is a new promise, shorter than the one before.
    conversation.waiting_since = now()
    _customer_waits(conversation, now())
    kind, actor = _by(viewer)
    append(session, conversation, author=kind, author_id=actor, event={"type": "emergency"})
    _release(session, conversation, viewer, "emergency")
    happened(session, ConversationQueued(conversation.id, queue.id, "emergency"))
    await session.flush()
    record(session, viewer, "conversation.emergency_raised", ("conversation", conversation.id))
    return conversation
