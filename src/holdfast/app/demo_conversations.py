"""The demo's conversations, played through the operations that real ones go through, at moments of the last days.

What is said is in ``demo_scripts.json``: a list of conversations, each with its customer and its steps. A step is
``[minutes, who, what, …]``; minutes are counted from the conversation's beginning.
"""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import CustomerViewer, StaffViewer, SystemViewer
from holdfast.app.demo_organisation import at
from holdfast.conversations import labelling, operations, queries, timeline
from holdfast.conversations.intake import IncomingMessage, chat_source, take
from holdfast.conversations.models import Conversation, Inbox
from holdfast.conversations.ratings import rate
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.people import customers
from holdfast.people.models import Customer

_SCRIPTS = Path(__file__).parent / "demo_scripts.json"
_SPACE = UUID("6f1d2c1e-8a53-4c6b-9a57-3f1f0a4be201")
_SYSTEM = SystemViewer("demo")


class Guest(msgspec.Struct, frozen=True):
    """A customer; with ``subject`` they are known to the wallet's back end, without they are anonymous."""

    name: str | None = None
    subject: str | None = None
    email: str | None = None
    phone: str | None = None
    about: dict[str, str] = {}


class Script(msgspec.Struct, frozen=True):
    """``begins`` is minutes before the seeding; ``first`` what the customer opens with."""

    key: str
    begins: float
    language: str
    guest: Guest
    first: str
    topic: str | None = None
    emergency: bool = False
    steps: list[list[Any]] = []


def scripts() -> list[Script]:
    """Everything that is played, oldest first."""
    return sorted(
        msgspec.convert(json.loads(_SCRIPTS.read_text("utf-8")), list[Script]), key=lambda s: s.begins, reverse=True
    )


async def seed_conversations(database: Database, inbox_key: str, staff: dict[str, StaffViewer]) -> int:
    """Play what has not been played yet; how many that were. Each step is a transaction, as it is in life."""
    base = now()
    played = 0
    for script in scripts():
        begins = base - timedelta(minutes=script.begins)
        with at(begins):
            async with database.transaction() as session:
                conversation_id = await _open(session, await queries.inbox_by_key(session, inbox_key), script)
        if conversation_id is None:
            continue
        for number, (minutes, who, what, *more) in enumerate(script.steps):
            with at(begins + timedelta(minutes=minutes)):
                async with database.transaction() as session:
                    await _step(session, staff, conversation_id, number, who, what, more)
        played += 1
    return played


async def _open(session: AsyncSession, inbox: Inbox, script: Script) -> UUID | None:
    """The conversation's id, or None if it was opened at an earlier start."""
    key = uuid5(_SPACE, script.key)
    source_id = inbox.id.bytes + key.bytes
    if await timeline.message_by_source(session, "chat-open", source_id) is not None:
        return None
    customer = await _customer(session, inbox, script)
    taken = take(script.first)
    conversation, _ = await operations.open_conversation(
        session,
        inbox,
        customer,
        IncomingMessage("chat-open", source_id, "customer", customer.id, taken.body, taken.event, seal=taken.seal),
        language=script.language,
        emergency=script.emergency,
        topic=await queries.topic_by_key(session, script.topic) if script.topic else None,
    )
    return conversation.id


async def _customer(session: AsyncSession, inbox: Inbox, script: Script) -> Customer:
    guest = script.guest
    known = guest.subject is not None
    return await customers.find_or_create(
        session,
        subject=f"{inbox.key}:{guest.subject}" if known else None,
        name=guest.name,
        language=script.language,
        contacts={kind: value for kind, value in (("email", guest.email), ("phone", guest.phone)) if value},
        proven=known,
        about=guest.about,
    )


async def _step(
    session: AsyncSession,
    staff: dict[str, StaffViewer],
    conversation_id: UUID,
    number: int,
    who: str,
    what: str,
    more: list[Any],
) -> None:
    conversation = await queries.locked(session, _SYSTEM, conversation_id)
    if who == "customer":
        await _customer_step(session, conversation, number, what, more)
    else:
        await _agent_step(session, staff[who], conversation, number, what, more)


async def _customer_step(
    session: AsyncSession, conversation: Conversation, number: int, what: str, more: list[Any]
) -> None:
    viewer = CustomerViewer(conversation.customer_id, conversation.id, conversation.language)
    match what:
        case "says":
            message = _message(conversation, number, "customer", viewer.id, more[0])
            await operations.post(session, viewer, conversation.id, message)
            conversation.customer_read = conversation.seq
        case "reads":
            conversation.customer_read = conversation.seq
        case "rates":
            solved, words = more
            key = uuid5(_SPACE, f"{conversation.id}:{number}")
            await rate(session, viewer, episode=conversation.episode, solved=solved, words=words, key=key)
        case _:
            raise ValueError(f"a customer cannot do {what!r}")


async def _agent_step(
    session: AsyncSession, viewer: StaffViewer, conversation: Conversation, number: int, what: str, more: list[Any]
) -> None:
    match what:
        case "takes":
            await operations.assign(session, viewer, conversation.id, viewer.id, how="taken")
        case "says" | "notes":
            kind = "public" if what == "says" else "note"
            message = _message(conversation, number, "agent", viewer.id, more[0], kind)
            await operations.post(session, viewer, conversation.id, message)
            conversation.agent_read = conversation.seq
        case "passes":
            keys = {queue.key: queue.id for queue in await queries.queues(session)}
            await operations.transfer(session, viewer, conversation.id, queue_id=keys[more[0]])
        case "tags":
            await labelling.change(session, viewer, conversation.id, tags=more[0])
        case "resolves":
            await operations.resolve(session, viewer, conversation.id)
        case _:
            raise ValueError(f"an agent cannot do {what!r}")


def _message(
    conversation: Conversation, number: int, author: str, author_id: UUID, text: str, kind: str = "public"
) -> IncomingMessage:
    taken = take(text)
    key = uuid5(_SPACE, f"{conversation.id}:{number}")
    return IncomingMessage(
        "chat",
        chat_source(conversation.id, key),
        author,
        author_id,
        taken.body,
        taken.event,
        kind=kind,
        seal=taken.seal,
    )
