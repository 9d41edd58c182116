"""What is sent: made at the moment of sending from what is true then, with as little of a person as possible."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.masks import shown_text
from holdfast.access.policy import Field, Stance, sight
from holdfast.access.viewer import SystemViewer
from holdfast.channels.webhooks import queries
from holdfast.channels.webhooks.events import TEST, UNSEEN
from holdfast.channels.webhooks.models import WebhookDelivery
from holdfast.conversations import presenting, timeline, visibility
from holdfast.conversations.models import Conversation, Message, Queue
from holdfast.conversations.schemas import RedactedView
from holdfast.people import customers
from holdfast.people.schemas import FieldView
from holdfast.redaction.redact import redact


class Customer(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who asks, by an id of ours; ``fields`` are masked: a system that needs a value asks for it with a purpose."""

    id: UUID
    proven: bool
    fields: list[FieldView] = []


class ConversationPart(msgspec.Struct, frozen=True):
    id: UUID
    reference: str
    channel: str
    category: str
    language: str
    emergency: bool
    queue: str
    episode: int
    assignee_id: UUID | None
    tags: list[str]
    opened_at: datetime
    resolved_at: datetime | None
    customer: Customer


class AttachmentPart(msgspec.Struct, frozen=True):
    """Without its name (people put names and numbers there) and without a link."""

    id: UUID
    type: str
    size: int


class MessagePart(msgspec.Struct, frozen=True, rename={"author": "from"}):
    seq: int
    author: str
    agent_id: UUID | None
    text: str
    hidden: list[RedactedView]
    attachments: list[AttachmentPart]
    at: datetime


class Payload(msgspec.Struct, frozen=True, omit_defaults=True):
    """``id`` is the ``webhook-id``; ``timestamp`` is when it happened; ``data`` as it is at the moment of sending."""

    id: str
    type: str
    timestamp: datetime
    seq: int | None = None
    conversation: ConversationPart | None = None
    message: MessagePart | None = None
    solved: str | None = None
    rule: list[str] = []


Words = Callable[[str], str]

# Whoever receives a webhook: nobody of the house.
VIEWER = SystemViewer("webhook")


def safe_words(text: str) -> str:
    """The words of a message as they may leave the house: redacted once more, by the rules of this moment, and with
    personal parts as the policy leaves them for whoever has nothing to do with the conversation."""
    return shown_text(redact(text).text, sight(VIEWER, Field.TEXT, Stance.AWAY))


async def render(session: AsyncSession, delivery: WebhookDelivery, words: Words = safe_words) -> bytes | None:
    """The body of a delivery, or None if what it is about is no longer there."""
    if delivery.event == TEST:
        return _encoded(Payload(message_id(delivery), delivery.event, delivery.happened_at))
    if delivery.conversation_id is None:
        return None
    found = await queries.subject(session, delivery.conversation_id, delivery.seq)
    if found is None:
        return None
    conversation, entry = found
    if entry is None:
        return None
    return _encoded(
        Payload(
            id=message_id(delivery),
            type=delivery.event,
            timestamp=delivery.happened_at,
            seq=delivery.seq,
            conversation=await _conversation(session, conversation),
            message=await _message(session, entry, words)
            if entry.kind == "public" and delivery.event != UNSEEN
            else None,
            solved=(entry.event or {}).get("solved") if entry.kind == "system" else None,
            rule=(entry.event or {}).get("webhooks", []) if entry.kind == "system" else [],
        )
    )


def message_id(delivery: WebhookDelivery) -> str:
    """The same at every attempt, and at a resend: by it a receiver knows what it has had."""
    return f"msg_{delivery.key.hex}"


def _encoded(payload: Payload) -> bytes:
    return msgspec.json.encode(payload)


async def _conversation(session: AsyncSession, conversation: Conversation) -> ConversationPart:
    queue = await session.get_one(Queue, conversation.queue_id)
    customer = await customers.view(
        session, VIEWER, conversation.customer_id, stance=Stance.AWAY, conversation_id=conversation.id
    )
    return ConversationPart(
        id=conversation.id,
        reference=conversation.reference,
        channel=conversation.channel,
        category=visibility.category(conversation),
        language=conversation.language,
        emergency=conversation.emergency,
        queue=queue.key,
        episode=conversation.episode,
        assignee_id=conversation.assignee_id,
        tags=[shown_text(tag, sight(VIEWER, Field.TEXT, Stance.AWAY)) for tag in conversation.tags],
        opened_at=conversation.opened_at,
        resolved_at=conversation.resolved_at,
        customer=Customer(customer.id, customer.proven, customer.fields),
    )


async def _message(session: AsyncSession, entry: Message, words: Words) -> MessagePart:
    files = (await timeline.attachments_of(session, entry.conversation_id, [entry.seq])).get(entry.seq, [])
    return MessagePart(
        seq=entry.seq,
        author=entry.author,
        agent_id=entry.author_id if entry.author == "agent" else None,
        text=words(entry.body),
        hidden=presenting.redacted(entry.event),
        attachments=[AttachmentPart(file.id, file.media_type, file.size) for file in files],
        at=entry.created_at,
    )
