"""Recordings of calls: announced, made by a channel that listens, paused while something secret is asked, sealed as an
attachment when they end, and played for a purpose that is written down.

A snoop channel costs 0.49 % of a core for each call, a recording of the bridge 0.74 %, and it does not hear what the
bridge's others say on hold.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access import queries as access
from holdfast.access.audit import record
from holdfast.access.errors import PurposeUnknown
from holdfast.access.viewer import StaffViewer
from holdfast.channels.voice import keeping, queries
from holdfast.channels.voice.ari_shapes import StasisStart
from holdfast.channels.voice.conducting import Conductor, Desk
from holdfast.channels.voice.errors import CallGone, CallNotReady, RecordingUnknown
from holdfast.channels.voice.models import CallEvent, Recording
from holdfast.channels.voice.sealing import seal
from holdfast.conversations import files, timeline
from holdfast.conversations import queries as conversations
from holdfast.core.clock import now
from holdfast.core.errors import HoldfastError
from holdfast.core.files import FileStore
from holdfast.core.ids import new_id

# The prompt without which nobody is recorded.
TOLD = "recorded"
# Of an attachment that no link opens: it is played for a purpose only.
STATE = "recording"


@dataclass(frozen=True, slots=True)
class Pause:
    """Something was left out: ``at`` is in the sound, ``seconds`` of the talk; ``why`` is agent or secret."""

    at: int
    seconds: int
    why: str


async def wanted(c: Conductor) -> bool:
    """Whether the call's line is recorded."""
    return await c.desk.directory.records(c.call.line_id)


async def begin(c: Conductor) -> None:
    """From now on what customer and agents say to each other is recorded, if the line is and the caller was told.
    Harmless when it is."""
    if not c.informed(TOLD) or not await wanted(c):
        return
    async with c.desk.database.transaction() as session:
        if await queries.recording_up(session, c.call.id) is not None or c.call.conversation_id is None:
            return
    name = f"call-{new_id()}"
    try:
        with c.ari.expect(StasisStart, lambda event: event.args == ("record", name)) as begun:
            ear = await c.ari.snoop(c.call.channel, "record", name)
            await begun
        await c.ari.record(f"channel:{ear.id}", name)
    except (CallGone, CallNotReady):
        return
    async with c.change() as (session, call):
        session.add(
            Recording(
                call_id=call.id, conversation_id=call.conversation_id, name=name, channel=ear.id, started_at=now()
            )
        )
        await keeping.note(session, call, "call_recorded", how="on")


async def pause(c: Conductor, why: str, *, on: bool) -> None:
    """``why``: agent or secret. What the agent paused is not resumed because a secret was given."""
    async with c.desk.database.transaction() as session:
        row = await queries.recording_up(session, c.call.id)
        if row is None or (on and row.paused) or (not on and row.paused != why):
            return
        if not on and why == "agent" and await queries.proof_is_asked(session, c.call):
            # It goes on once the secret was given.
            row.paused = "secret"
            return
    await (c.ari.pause_recording(row.name) if on else c.ari.resume_recording(row.name))
    async with c.change() as (session, call):
        changed = await session.get_one(Recording, row.id)
        changed.paused = why if on else ""
        await keeping.note(session, call, "call_recorded", how="paused" if on else "resumed", cause=why)


async def watch_secrets(c: Conductor) -> None:
    """Pause while the customer is asked to prove something, and go on when they are no longer."""
    async with c.desk.database.transaction() as session:
        if await queries.recording_up(session, c.call.id) is None:
            return
        asked = await queries.proof_is_asked(session, c.call)
    await pause(c, "secret", on=asked)


async def end(c: Conductor) -> None:
    """Stop, and keep what was said."""
    async with c.desk.database.transaction() as session:
        row = await queries.recording_up(session, c.call.id)
    if row is not None:
        await c.ari.stop_recording(row.name)
        await c.ari.hang_up(row.channel)
        await keep(c.desk, row)


async def keep(desk: Desk, row: Recording) -> None:
    """The engine's file becomes a sealed one, and is deleted. Twice is once."""
    place = desk.layout.recordings / f"{row.name}.wav"
    content = await asyncio.to_thread(lambda: place.read_bytes() if place.exists() else b"")
    sealed = await seal(desk, content)
    async with desk.database.transaction() as session:
        kept = await session.get_one(Recording, row.id, with_for_update=True)
        if kept.ended_at is None:
            kept.ended_at, kept.seconds = now(), max(0, len(content) - 44) // 16_000
            call = await queries.call(session, row.call_id, lock=True)
            if call is not None and sealed is not None:
                await keeping.note(session, call, "call_recorded", how="kept", seconds=kept.seconds)
                conversation = await conversations.locked(session, keeping.SYSTEM, row.conversation_id)
                file = sealed.attachment(conversation, conversation.seq, "recording.wav", uploader="agent", state=STATE)
                session.add(file)
                await session.flush()
                kept.attachment_id = file.id
    await asyncio.to_thread(place.unlink, missing_ok=True)


async def of_conversation(
    session: AsyncSession, viewer: StaffViewer, conversation_id: UUID
) -> list[tuple[Recording, list[Pause]]]:
    """The latest first, each with its pauses. Raises ConversationNotFound."""
    await conversations.conversation(session, viewer, conversation_id)
    rows = await queries.recordings(session, conversation_id)
    events = await queries.recording_events(session, {row.call_id for row in rows})
    return [(row, pauses(row, [event for event in events if event.call_id == row.call_id])) for row in rows]


def pauses(row: Recording, events: Sequence[CallEvent]) -> list[Pause]:
    """Where in the sound something was left out. What the engine does not record is not in the file either, so that
    the time before a pause is counted without the pauses before it."""
    found: list[Pause] = []
    end, left_out = row.ended_at or now(), timedelta()
    begun: CallEvent | None = None
    for event in [each for each in events if row.started_at <= each.at <= end]:
        if event.detail["how"] == "paused":
            begun = event
        elif event.detail["how"] == "resumed" and begun is not None:
            found.append(_pause(row, begun, event.at, left_out))
            left_out += event.at - begun.at
            begun = None
    return [*found, _pause(row, begun, end, left_out)] if begun is not None else found


def _pause(row: Recording, begun: CallEvent, until: datetime, left_out: timedelta) -> Pause:
    at = begun.at - row.started_at - left_out
    return Pause(int(at.total_seconds()), int((until - begun.at).total_seconds()), begun.detail.get("cause", ""))


async def play(session: AsyncSession, store: FileStore, viewer: StaffViewer, recording_id: UUID, purpose: str) -> bytes:
    """The sound (WAV), for a purpose of the catalogue that needs no words; that it was played stands in the audit log.
    Raises RecordingUnknown (also when it is deleted), PurposeUnknown, ConversationNotFound."""
    row = await session.get(Recording, recording_id)
    if row is None:
        raise RecordingUnknown
    conversation = await conversations.conversation(session, viewer, row.conversation_id)
    chosen = await access.purpose(session, purpose)
    if chosen is None or not chosen.active or chosen.own_words:
        raise PurposeUnknown
    file = await timeline.attachment(session, row.attachment_id) if row.attachment_id else None
    if file is None:
        raise RecordingUnknown
    record(
        session,
        viewer,
        "recording.played",
        ("conversation", conversation.id),
        purpose=chosen.key,
        recording=str(row.id),
    )
    try:
        return await asyncio.to_thread(files.content, store, file)
    except HoldfastError:
        raise RecordingUnknown from None
