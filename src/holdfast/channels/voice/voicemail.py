"""Messages: what a caller said becomes a sealed file of their conversation, and the engine's plain one is deleted."""

import asyncio
import logging
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import CustomerViewer
from holdfast.channels.voice import keeping, queries
from holdfast.channels.voice.app_names import conversation_of
from holdfast.channels.voice.conducting import Desk
from holdfast.channels.voice.engine import messages
from holdfast.channels.voice.engine.messages import Message
from holdfast.channels.voice.models import Call
from holdfast.channels.voice.sealing import Sealed, seal
from holdfast.conversations import operations as conversations
from holdfast.conversations import queries as conversation_queries
from holdfast.conversations.intake import IncomingMessage
from holdfast.conversations.models import Conversation
from holdfast.core.i18n import translate

# "HfSpool" as a number: the lock of whoever takes messages out of it.
_SPOOL = 0x486653706F6F6C

logger = logging.getLogger(__name__)


async def keep(desk: Desk, call: Call, name: str) -> None:
    """What ``name`` holds in the engine's folder of recordings. Twice is once."""
    place = desk.layout.recordings / f"{name}.wav"
    content = await asyncio.to_thread(_read, place)
    await _keep(desk, call, content)
    await asyncio.to_thread(place.unlink, missing_ok=True)


def _read(place: Path) -> bytes:
    try:
        return place.read_bytes()
    except FileNotFoundError:
        return b""


async def _keep(desk: Desk, call: Call, content: bytes) -> None:
    sealed = await seal(desk, content)
    async with desk.database.transaction() as session:
        row = await queries.call(session, call.id, lock=True)
        if row is None or row.outcome in {"message", "missed"}:
            return
        place = row.place
        await keeping.enter(session, row, queue=place.get("queue", ""), topic=place.get("topic", ""), live=False)
        if sealed is not None:
            await _entry(session, row, sealed)
        await keeping.note(session, row, "call_message", seconds=max(0, len(content) - 44) // 16_000)
        # Who hung up without a word has called all the same.
        row.outcome = "message" if sealed else "missed"
        if row.number:
            await keeping.ask_back(session, row, "message")


async def _entry(session: AsyncSession, call: Call, sealed: Sealed) -> None:
    if call.conversation_id is None:
        raise ValueError("a message has a conversation")
    conversation = await conversation_queries.locked(session, keeping.SYSTEM, call.conversation_id)
    customer_id = conversation.customer_id
    words = translate("Voice message", call.language)
    message = IncomingMessage(keeping.SOURCE, call.id.bytes + b"message", "customer", customer_id, words)
    viewer = CustomerViewer(customer_id, conversation.id, call.language)
    conversation, stored = await conversations.post(session, viewer, conversation.id, message)
    session.add(sealed.attachment(conversation, stored.seq, f"{words}.wav"))


async def take_spool(desk: Desk) -> int:
    """What the dialplan took while we were away; how many. A message stays there until it is kept here. One process
    at a time: of several, all would find the same."""
    async with desk.database.transaction() as session:
        if not await session.scalar(select(func.pg_try_advisory_xact_lock(_SPOOL))):
            return 0
        return await _take_spool(desk)


async def _take_spool(desk: Desk) -> int:
    taken = 0
    for message in await asyncio.to_thread(lambda: list(messages.left(desk.layout))):
        content = await asyncio.to_thread(_read, message.sound)
        call = await _spooled(desk, message)
        await _keep(desk, call, content)
        async with desk.database.transaction() as session:
            row = await queries.call(session, call.id, lock=True)
            if row is not None:
                await keeping.finish(session, row, row.outcome or "missed")
        await asyncio.to_thread(messages.done, message)
        taken += 1
    return taken


async def _spooled(desk: Desk, message: Message) -> Call:
    """Its call; the one that was made before if we died in between."""
    channel = f"spool-{message.identifier}"
    async with desk.database.transaction() as session:
        known = await queries.call_by_channel(session, channel)
        if known is not None:
            return known
        # A call from the app names its conversation instead of a line; its number is nobody's.
        app = conversation_of(message.line)
        call, _ = await keeping.arrive(
            session,
            channel=channel,
            application=desk.application,
            line=None if app else await queries.line_by_number(session, message.line),
            number="" if app else message.caller,
            language=message.language,
        )
        if app and await session.get(Conversation, app) is not None:
            call.conversation_id = app
        call.started_at = message.at
        # Whoever called too often while nobody was there has left a message all the same.
        call.ended_at = call.outcome = None
        await keeping.note(session, call, "call_unattended")
        return call
