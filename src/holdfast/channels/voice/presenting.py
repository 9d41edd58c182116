"""Calls, phones and lines as the console gets them."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import StaffViewer
from holdfast.channels.voice import menus, queries, stages
from holdfast.channels.voice.models import BlockedNumber, Call, Device, Line, Menu, Recording
from holdfast.channels.voice.schemas import (
    BlockedView,
    CallView,
    DeviceView,
    LegView,
    LineView,
    MenuView,
    MissedView,
    PhoneView,
    RecordingView,
)
from holdfast.conversations import queries as conversations
from holdfast.conversations.schemas import Named
from holdfast.core.clock import now


async def phone(session: AsyncSession, viewer: StaffViewer) -> PhoneView:
    devices = await queries.devices(session, viewer.id)
    mine = {call.id: call for call in await queries.calls_with(session, viewer.id)}
    offered = {call.id: call for call in await queries.offered_calls(session, viewer.id)}
    calls = await views(session, list((offered | mine).values()))
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


async def views(session: AsyncSession, calls: Sequence[Call]) -> list[CallView]:
    """Who hears whom; no number."""
    return [await _view(session, call) for call in calls]


async def _view(session: AsyncSession, call: Call) -> CallView:
    legs = [leg for leg in await queries.legs(session, call.id) if leg.agent_id is not None]
    known = await queries.names(session, {leg.agent_id for leg in legs if leg.agent_id})
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
        wrap_until=call.wrap_until if wrapping else None,
        held=bool(call.place.get("held")),
        legs=[
            LegView(Named(agent_id, known.get(agent_id)), leg.role, leg.state, leg.device, leg.muted, leg.started_at)
            for leg in legs
            if (agent_id := leg.agent_id) is not None
        ],
        fault=await queries.last_fault(session, call.id),
    )


async def calls(session: AsyncSession, viewer: StaffViewer, conversation_id: UUID) -> list[CallView]:
    """Those of a conversation, the latest first. Raises ConversationNotFound."""
    await conversations.conversation(session, viewer, conversation_id)
    return await views(session, await queries.conversation_calls(session, conversation_id))


async def missed(session: AsyncSession, viewer: StaffViewer) -> list[MissedView]:
    found = await queries.missed(session, viewer.id)
    return [MissedView(conversation, reference, at, outcome or "") for conversation, reference, at, outcome in found]


def recording(row: Recording) -> RecordingView:
    return RecordingView(row.id, row.call_id, row.started_at, row.seconds, row.paused, row.attachment_id is not None)


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
        row.active,
    )


STANDARD = MenuView("standard", 0, "", menus.STANDARD, None)


def menu(row: Menu) -> MenuView:
    return MenuView(row.key, row.version, row.name, msgspec.convert(row.tree, menus.Tree), row.at)


def blocked(row: BlockedNumber) -> BlockedView:
    return BlockedView(row.id, row.number[-3:], row.why, row.at, row.until)
