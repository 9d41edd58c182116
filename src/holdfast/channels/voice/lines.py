"""What administrators and leads keep: lines, menus, blocked numbers; and the devices that agents sign in with."""

import secrets
from datetime import timedelta
from uuid import UUID

import msgspec
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import StaffViewer
from holdfast.channels.voice import keeping, listing, menus, queries
from holdfast.channels.voice.channel import VOICE, calls_changed, phone_changed
from holdfast.channels.voice.errors import (
    CallBackUnknown,
    CallUnknown,
    DeviceUnknown,
    LineTaken,
    LineUnknown,
    MenuUnfit,
    MenuUnknown,
    NobodyRegistered,
    NumberNotBlocked,
    TooManyDevices,
)
from holdfast.channels.voice.models import BlockedNumber, CallBack, Device, Line, Menu
from holdfast.channels.voice.schemas import BlockInput, LineInput, MenuInput
from holdfast.conversations import queries as conversations
from holdfast.conversations.intake import clean
from holdfast.conversations.models import Conversation
from holdfast.conversations.operations import must_have_open
from holdfast.core.clock import now
from holdfast.core.database import tell
from holdfast.core.i18n import LANGUAGES
from holdfast.core.ids import new_id, new_secret
from holdfast.routing import operations as routing

# A tab asks again each time it is loaded; one that is left open over a shift keeps its phone.
_TAB_LIVES = timedelta(hours=16)
_MOST_DEVICES = 12


async def add_device(session: AsyncSession, viewer: StaffViewer, kind: str) -> Device:
    """Credentials for one tab or desk phone. Raises TooManyDevices."""
    known = await queries.devices(session, viewer.id)
    if len(known) >= _MOST_DEVICES:
        # A tab that was shut does not say so: its phone makes room.
        silent = next((device for device in known if not device.online and device.kind == "browser"), None)
        if silent is None:
            raise TooManyDevices
        silent.expires_at = now()
    device = Device(
        id=new_id(),
        agent_id=viewer.id,
        name=f"{'tab' if kind == 'browser' else 'desk'}-{secrets.token_hex(6)}",
        kind=kind,
        password=new_secret(),
        created_at=now(),
        expires_at=now() + _TAB_LIVES if kind == "browser" else None,
    )
    session.add(device)
    record(session, viewer, "phone.device_added", ("device", device.id), kind=kind)
    tell(session, VOICE, "devices")
    phone_changed(session, viewer.id)
    return device


async def remove_device(session: AsyncSession, viewer: StaffViewer, name: str) -> None:
    """It may no longer sign in; a call that it is in goes on. Raises DeviceUnknown."""
    device = await queries.device(session, name)
    if device is None or device.agent_id != viewer.id:
        raise DeviceUnknown
    record(session, viewer, "phone.device_removed", ("device", device.id))
    # Its row stays until the engine has forgotten it (switchboard).
    device.expires_at = now()
    tell(session, VOICE, "devices")
    phone_changed(session, viewer.id)


async def add_line(session: AsyncSession, viewer: StaffViewer, data: LineInput) -> Line:
    """Raises LineTaken, MenuUnknown, LineUnknown."""
    line = Line(id=new_id(), inbox_id=(await queries.inbox_of(session, None)).id)
    await _fill(session, line, data)
    session.add(line)
    record(session, viewer, "line.added", ("line", line.id), kind=data.kind)
    return line


async def change_line(session: AsyncSession, viewer: StaffViewer, line_id: UUID, data: LineInput) -> Line:
    """Raises LineUnknown, LineTaken, MenuUnknown."""
    line = await session.get(Line, line_id)
    if line is None:
        raise LineUnknown
    await _fill(session, line, data)
    record(session, viewer, "line.changed", ("line", line.id), kind=data.kind)
    return line


async def _fill(session: AsyncSession, line: Line, data: LineInput) -> None:
    same = await queries.line_by_number(session, data.number)
    if same is not None and same.id != line.id:
        raise LineTaken
    if data.language not in LANGUAGES:
        raise LineUnknown
    if data.menu != "standard" and await queries.menu(session, keeping.SYSTEM, data.menu) is None:
        raise MenuUnknown
    for name in _AS_GIVEN:
        setattr(line, name, getattr(data, name))
    line.name, _ = clean(data.name)
    tell(session, VOICE, "lines")


_AS_GIVEN = tuple(field for field in LineInput.__struct_fields__ if field != "name")


async def faults(session: AsyncSession, tree: menus.Tree) -> list[menus.Fault]:
    """What is wrong with a menu; a text in which a secret was found is wrong, too."""
    queues, topics = await queries.keys_of(session)
    found = menus.faults(tree, queues, topics)
    for name, node in tree.nodes.items():
        texts = node.texts.values() if isinstance(node, menus.Say | menus.Choice) else ()
        if any(clean(text, may_be_empty=True)[1] is not None for text in texts):
            found.append(menus.Fault("secret", name))
    return found


async def write_menu(session: AsyncSession, viewer: StaffViewer, key: str, data: MenuInput) -> Menu:
    """The next version; calls that are in the menu stay in the one that they began with. Raises MenuUnfit."""
    for fault in await faults(session, data.tree):
        raise MenuUnfit(node=fault.node or data.tree.start, fault=fault.id)
    version = await session.scalar(select(func.max(Menu.version)).where(Menu.key == key)) or 0
    name, _ = clean(data.name)
    tree = msgspec.to_builtins(data.tree)
    menu = Menu(id=new_id(), key=key, version=version + 1, name=name, tree=tree, by_id=viewer.id, at=now())
    session.add(menu)
    record(session, viewer, "menu.written", ("menu", menu.id), key=key, version=menu.version)
    return menu


async def block(session: AsyncSession, viewer: StaffViewer, data: BlockInput) -> BlockedNumber:
    """The number of a conversation's last call. Raises CallUnknown (it had none), ConversationNotFound."""
    await conversations.conversation(session, viewer, data.conversation)
    calls = await listing.conversation_calls(session, data.conversation)
    number = next((call.number for call in calls if call.number), None)
    if number is None:
        raise CallUnknown
    indexes = keeping.number_indexes(number)
    await session.execute(delete(BlockedNumber).where(BlockedNumber.number_index.in_(indexes)))
    until = now() + timedelta(days=data.days) if data.days else None
    row = BlockedNumber(
        id=new_id(), number=number, number_index=indexes[0], why=data.why, by_id=viewer.id, at=now(), until=until
    )
    session.add(row)
    record(session, viewer, "number.blocked", ("conversation", data.conversation), why=data.why, days=data.days)
    return row


async def unblock(session: AsyncSession, viewer: StaffViewer, blocked_id: UUID) -> None:
    """Raises NumberNotBlocked."""
    row = await session.get(BlockedNumber, blocked_id)
    if row is None:
        raise NumberNotBlocked
    record(session, viewer, "number.unblocked", ("blocked_number", row.id))
    await session.delete(row)


async def ask_call_back(session: AsyncSession, viewer: StaffViewer, conversation_id: UUID) -> None:
    """The viewer, who has the conversation, calls its customer now, at the number of the last call. Raises
    NotAssignedToYou, CallUnknown (there is no number)."""
    conversation = await must_have_open(session, viewer, conversation_id)
    calls = await listing.conversation_calls(session, conversation_id)
    number = next((call.number for call in calls if call.number), None)
    if number is None or conversation.assignee_id is None:
        raise CallUnknown
    waiting = await queries.call_back_of(session, conversation_id)
    if waiting is None:
        session.add(CallBack(conversation_id=conversation_id, number=number, why="agent", since=now()))
    else:
        waiting.why = "agent"
    record(session, viewer, "call_back.asked", ("conversation", conversation_id))
    tell(session, VOICE, f"conversation:{conversation_id.hex}")


async def call_now(session: AsyncSession, viewer: StaffViewer, call_back_id: UUID) -> None:
    """The viewer has the conversation from now on, and its customer is called. Raises CallBackUnknown,
    NobodyRegistered (no phone of the viewer is on), and what taking it raises."""
    row = await session.get(CallBack, call_back_id, with_for_update=True)
    if row is None or row.state != "waiting":
        raise CallBackUnknown
    conversation = await conversations.locked(session, viewer, row.conversation_id)
    if not any(phone.online for phone in await queries.phones(session, [viewer.id])):
        raise NobodyRegistered
    row.why = "agent"
    record(session, viewer, "call_back.asked", ("conversation", row.conversation_id))
    if conversation.assignee_id != viewer.id:
        await routing.take(session, viewer, row.conversation_id)
    tell(session, VOICE, f"conversation:{row.conversation_id.hex}")


async def cancel_call_back(session: AsyncSession, viewer: StaffViewer, call_back_id: UUID) -> None:
    """Nobody calls: it was settled in writing, say. Raises CallBackUnknown, ConversationNotFound."""
    row = await session.get(CallBack, call_back_id, with_for_update=True)
    if row is None or row.state != "waiting":
        raise CallBackUnknown
    conversation = await conversations.locked(session, viewer, row.conversation_id)
    await not_called(session, conversation, row)
    record(session, viewer, "call_back.cancelled", ("conversation", row.conversation_id))


async def not_called(session: AsyncSession, conversation: Conversation, row: CallBack) -> None:
    """It was decided: nobody sits at a phone for it."""
    row.state, row.decided_at = "cancelled", now()
    if conversation.channel == keeping.SOURCE and not await queries.calls_of(session, conversation.id):
        conversation.channel = keeping.IN_WRITING
    calls_changed(session)
