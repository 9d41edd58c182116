"""Timeline rows and conversations as they leave the server: entries for staff and customers, the customer's state."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.customer_values import erased
from holdfast.conversations import fragments, queries, timeline, visibility
from holdfast.conversations.files import file_url
from holdfast.conversations.intake import chat_key
from holdfast.conversations.models import Attachment, Conversation, Message
from holdfast.conversations.schemas import (
    AnsweringAgent,
    AttachmentView,
    CanRate,
    ConvState,
    Entry,
    Named,
    Promise,
    Reads,
    RedactedView,
)
from holdfast.people.models import Agent

# System lines a customer sees; the rest is the desk's own business.
CUSTOMER_EVENTS = {"opened", "assigned", "resolved", "reopened", "redacted", "language", "emergency", "rated"}
CUSTOMER_EVENTS |= {"proof_asked", "proof_given", "proof_refused", "proof_withdrawn", "proof_compromised"}
# Also by these the widget learns that it is to ask anew where answers go.
CUSTOMER_EVENTS |= {"mail_on", "mail_off", "mail_bounced", "mail_failed"}

# Sources of words that did not come by chat, or not when they were written: whoever reads them is told.
OTHER_WAYS = frozenset({"email", "scheduled"})


def entry(message: Message, agent_name: str | None, files: Sequence[Attachment] = (), body: str | None = None) -> Entry:
    """One timeline row as staff see it; ``body`` is what is shown of a sealed one."""
    event = message.event
    return Entry(
        seq=message.seq,
        kind=message.kind,
        author=message.author,
        b=message.body if body is None else body,
        at=message.created_at,
        by=Named(message.author_id, agent_name) if message.author == "agent" and message.author_id else None,
        k=chat_key(message.source, message.source_id),
        att=[attachment_view(f, own=f.uploader == "agent") for f in files],
        ev=event if message.kind == "system" else None,
        red=redacted(event),
        seal=(event or {}).get("seal"),
        via=message.source if message.source in OTHER_WAYS and message.kind == "public" else None,
    )


def redacted(event: Mapping[str, Any] | None) -> list[RedactedView]:
    return [RedactedView(r["kind"], r["count"], r.get("certainty", "high")) for r in (event or {}).get("red", ())]


def for_customer(staff: Entry) -> Entry | None:
    """The entry as its customer sees it, or None for notes, what was spoken, and internal lines."""
    if staff.kind == "public":
        if all(file.state == "clear" for file in staff.att):
            return staff
        return replace(staff, att=[_seen_by(file, own=staff.author == "customer") for file in staff.att])
    # What a note held is the desk's own business.
    if staff.kind == "system" and staff.ev and staff.ev["type"] in CUSTOMER_EVENTS and staff.ev.get("where") != "note":
        return staff
    return None


def attachment_view(file: Attachment, *, own: bool) -> AttachmentView:
    """``own``: for the side that uploaded it, which sees it also before it was read."""
    view = AttachmentView(
        file.id,
        file.name,
        file.media_type,
        file.size,
        file.width,
        file.height,
        url=None,
        state=file.state,
        erased=erased(file),
    )
    return _seen_by(view, own=own)


def _seen_by(view: AttachmentView, *, own: bool) -> AttachmentView:
    sees = not view.erased and (view.state == "clear" or (own and view.state != "secret"))
    return replace(view, url=file_url(view.id) if sees else None)


async def entries(session: AsyncSession, conversation_id: UUID, rows: Sequence[timeline.TimelineRow]) -> list[Entry]:
    """Timeline rows with their files, as staff see them."""
    seqs = [message.seq for message, _ in rows if message.kind != "system"]
    files = await timeline.attachments_of(session, conversation_id, seqs)
    sealed = await fragments.texts(session, [message for message, _ in rows])
    return [entry(message, name, files.get(message.seq, ()), sealed.get(message.seq)) for message, name in rows]


async def state(session: AsyncSession, conversation: Conversation, assignee: Named | None = None) -> ConvState:
    """The conversation as its customer sees it. ``assignee`` saves a look-up where it is known."""
    agent = await _agent_name(session, conversation, assignee)
    resolved = conversation.category == "resolved"
    can_rate = resolved and not await queries.rated(session, conversation.id, conversation.episode)
    return ConvState(
        id=conversation.id,
        reference=conversation.reference,
        category=visibility.category(conversation),
        emergency=conversation.emergency,
        language=conversation.language,
        episode=conversation.episode,
        agent=AnsweringAgent(agent) if agent else None,
        promise=Promise(conversation.next_due) if conversation.next_due else None,
        answered_at=conversation.answered_at,
        read=Reads(conversation.agent_read, conversation.customer_read),
        can_rate=CanRate(conversation.episode) if can_rate else None,
        seq=conversation.seq,
        position=await queries.position(session, conversation),
    )


async def _agent_name(session: AsyncSession, conversation: Conversation, assignee: Named | None) -> str | None:
    if conversation.assignee_id is None:
        return None
    if assignee is not None:
        return assignee.name
    return (await session.get_one(Agent, conversation.assignee_id)).name
