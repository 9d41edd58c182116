"""Calls, phones and lines as the console gets them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import StaffViewer
from holdfast.channels.voice import keypad, listing, menus, queries, stages
from holdfast.channels.voice.models import BlockedNumber, Call, CallLeg, Device, Line, Menu, Recording
from holdfast.channels.voice.recording import Pause
from holdfast.channels.voice.schemas import (
    BlockedView,
    CallView,
    DeviceView,
    LegView,
    LineView,
    ListedCall,
    MenuView,
    MissedView,
    PauseView,
    PhoneView,
    RecordingView,
)
from holdfast.conversations import queries as conversations
from holdfast.conversations.schemas import Named
from holdfast.core.clock import now
from holdfast.routing import loads


async def phone(session: AsyncSession, viewer: StaffViewer) -> PhoneView:
    devices = await queries.devices(session, viewer.id)
    mine = {call.id: call for call in await queries.calls_with(session, viewer.id)}
    offered = {call.id: call for call in await listing.offered_calls(session, viewer.id)}
    passed_on = await loads.wrap_ups(session, viewer.id)
    calls = await views(session, list((offered | mine).values()), passed_on)
    return PhoneView(_state(viewer.id, devices, calls, set(offered)), [_device(each) for each in devices], calls)


def _state(agent_id: UUID, devices: Sequence[Device], calls: Sequence[CallView], offered: set[UUID]) -> str:
    states = {leg.state for call in calls for leg in call.legs if leg.agent.id == agent_id}
    if "up" in states:
        return "talking"
    if "ringing" in states or offered:
        return "ringing"
    if any(call.wrap_until is not None and call.wrap_until > now() for call in calls):
        return "wrap_up"
    return "ready" if any(device.online for device in devices) else "offline"


def _device(device: Device) -> DeviceView:
    return DeviceView(device.name, device.kind, device.ready, device.online, device.expires_at)


async def views(
    session: AsyncSession, calls: Sequence[Call], passed_on: Mapping[UUID, datetime] | None = None
) -> list[CallView]:
    """Who hears whom; no number. ``passed_on``: until when the viewer wraps up which calls that they passed on."""
    ids = {call.id for call in calls}
    legs = await listing.agents_in(session, ids)
    known = await listing.names(session, {leg.agent_id for leg in legs if leg.agent_id})
    faults = await listing.last_faults(session, ids)
    return [
        _view(
            call,
            [_leg(call, leg, known) for leg in legs if leg.call_id == call.id],
            faults.get(call.id),
            (passed_on or {}).get(call.id),
        )
        for call in calls
    ]


def _leg(call: Call, leg: CallLeg, known: Mapping[UUID, str]) -> LegView:
    if leg.agent_id is None:
        raise ValueError("a leg of ours has an agent")
    mode = call.place.get("supervision", {}).get(str(leg.agent_id), "listen") if leg.role == "supervisor" else ""
    who = Named(leg.agent_id, known.get(leg.agent_id))
    return LegView(who, leg.role, leg.state, leg.device, leg.muted, leg.started_at, mode)


def _view(call: Call, legs: list[LegView], fault: str | None, passed_on: datetime | None) -> CallView:
    wrapping = call.wrapped_at is None and call.stage != stages.TALKING
    return CallView(
        id=call.id,
        conversation=call.conversation_id,
        direction=call.direction,
        language=call.language,
        emergency=call.emergency,
        stage=call.stage,
        outcome=call.outcome,
        started_at=call.started_at,
        answered_at=call.answered_at,
        ended_at=call.ended_at,
        wrap_until=passed_on or (call.wrap_until if wrapping else None),
        held=bool(call.place.get("held")),
        asks=bool(call.place.get("asks")),
        keypad=keypad.may_be_asked(call),
        captions=call.place.get("captions", "") if call.stage == stages.TALKING else "",
        legs=legs,
        fault=fault,
    )


async def listed(session: AsyncSession, viewer: StaffViewer, calls: Sequence[Call]) -> list[ListedCall]:
    """Calls with whose they are, as the viewer may see it."""
    ids = {call.conversation_id for call in calls if call.conversation_id is not None}
    rows = {row.id: row for row in await conversations.rows(session, viewer, list(ids))}
    return [
        ListedCall(view, row.reference, row.customer, row.queue, row.topic)
        for view in await views(session, calls)
        if view.conversation is not None and (row := rows.get(view.conversation)) is not None
    ]


async def calls(session: AsyncSession, viewer: StaffViewer, conversation_id: UUID) -> list[CallView]:
    """Those of a conversation, the latest first. Raises ConversationNotFound."""
    await conversations.conversation(session, viewer, conversation_id)
    return await views(session, await listing.conversation_calls(session, conversation_id))


async def missed(session: AsyncSession, viewer: StaffViewer) -> list[MissedView]:
    found = await listing.missed(session, viewer.id)
    return [MissedView(conversation, reference, at, outcome or "") for conversation, reference, at, outcome in found]


def recording(row: Recording, pauses: Sequence[Pause]) -> RecordingView:
    left_out = [PauseView(pause.at, pause.seconds, pause.why) for pause in pauses]
    kept = row.attachment_id is not None
    return RecordingView(row.id, row.call_id, row.started_at, row.seconds, row.paused, kept, left_out)


def line(row: Line) -> LineView:
    return LineView(
        row.id,
        row.number,
        row.name,
        row.kind,
        row.language,
        row.menu,
        row.hourly,
        row.wrap_seconds,
        row.answer_within,
        row.records,
        row.captions,
        row.active,
    )


STANDARD = MenuView("standard", 0, "", menus.STANDARD, None)


def menu(row: Menu) -> MenuView:
    return MenuView(row.key, row.version, row.name, msgspec.convert(row.tree, menus.Tree), row.at)


def blocked(row: BlockedNumber) -> BlockedView:
    return BlockedView(row.id, row.number[-3:], row.why, row.at, row.until)
