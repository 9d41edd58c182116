"""An agent's phone and calls. What is done with a call is answered with 202: it is on its way to the process that
conducts it. A frame ``phone`` on the console's socket says that ``GET /api/phone`` tells something new."""

from uuid import UUID

from litestar import delete, get, post

from holdfast.access.viewer import Role, StaffViewer
from holdfast.channels.voice import commands, lines, listing, presenting, recording
from holdfast.channels.voice.schemas import (
    AnswerInput,
    CallBackView,
    CallView,
    ConsultInput,
    DeviceInput,
    DeviceSecret,
    KeysInput,
    ListedCall,
    MissedView,
    On,
    PhoneView,
    PlayInput,
    RecordingView,
    SuperviseInput,
    TransferInput,
)
from holdfast.core.database import Database
from holdfast.core.files import FileStore
from holdfast.core.http import STATUS_OK
from holdfast.core.settings import Settings
from holdfast.people.http_viewer import staff

_ANSWERING = [staff(Role.AGENT, Role.EMERGENCY_AGENT, Role.LEAD)]
_LEAD = [staff(Role.LEAD)]
_ON_ITS_WAY = 202


@get("/api/phone", guards=_ANSWERING)
async def show_phone(database: Database, viewer: StaffViewer) -> PhoneView:
    """The viewer's devices, and the calls that ring at them, that they are in, or whose wrap-up they are in."""
    async with database.transaction() as session:
        return await presenting.phone(session, viewer)


@post("/api/phone/devices", guards=_ANSWERING)
async def add_device(database: Database, viewer: StaffViewer, data: DeviceInput) -> DeviceSecret:
    """One-off SIP credentials for this tab, or for a desk phone. It may sign in once it is ready."""
    async with database.transaction() as session:
        device = await lines.add_device(session, viewer, data.kind)
        return DeviceSecret(device.name, device.password, device.kind, device.expires_at)


@delete("/api/phone/devices/{name:str}", guards=_ANSWERING)
async def remove_device(database: Database, viewer: StaffViewer, name: str) -> None:
    async with database.transaction() as session:
        await lines.remove_device(session, viewer, name)


@get("/api/phone/missed", guards=_ANSWERING)
async def list_missed(database: Database, viewer: StaffViewer) -> list[MissedView]:
    """Calls of the last week that rang at the viewer in vain."""
    async with database.transaction() as session:
        return await presenting.missed(session, viewer)


@get("/api/calls", guards=_ANSWERING)
async def list_live_calls(database: Database, viewer: StaffViewer) -> list[ListedCall]:
    """Those that wait or talk now, of conversations that the viewer may see (leads: all), the longest first."""
    async with database.transaction() as session:
        return await presenting.listed(session, viewer, await listing.live_calls(session, viewer))


@get("/api/calls/lost", guards=_ANSWERING)
async def list_lost_calls(database: Database, viewer: StaffViewer) -> list[ListedCall]:
    """Those of the last day that ended before anybody answered, the latest first."""
    async with database.transaction() as session:
        return await presenting.listed(session, viewer, await listing.lost_calls(session, viewer))


@get("/api/conversations/{conversation_id:uuid}/calls", guards=_ANSWERING)
async def list_calls(database: Database, viewer: StaffViewer, conversation_id: UUID) -> list[CallView]:
    """The calls of a conversation, the latest first."""
    async with database.transaction() as session:
        return await presenting.calls(session, viewer, conversation_id)


@post("/api/calls/{call_id:uuid}/answer", guards=_ANSWERING, status_code=_ON_ITS_WAY)
async def answer(database: Database, viewer: StaffViewer, call_id: UUID, data: AnswerInput) -> None:
    """Take a call that waits; then the chosen device rings, and shall answer at once."""
    async with database.transaction() as session:
        await commands.answer(session, viewer, call_id, data.device)


@post("/api/calls/{call_id:uuid}/hang-up", guards=_ANSWERING, status_code=_ON_ITS_WAY)
async def hang_up(database: Database, viewer: StaffViewer, call_id: UUID) -> None:
    """Leave; the customer is asked how it was."""
    async with database.transaction() as session:
        await commands.command(session, viewer, call_id, "hang_up")


@post("/api/calls/{call_id:uuid}/mute", guards=_ANSWERING, status_code=_ON_ITS_WAY)
async def mute(database: Database, viewer: StaffViewer, call_id: UUID, data: On) -> None:
    """Nobody hears the viewer."""
    async with database.transaction() as session:
        await commands.command(session, viewer, call_id, "mute", on=data.on)


@post("/api/calls/{call_id:uuid}/hold", guards=_ANSWERING, status_code=_ON_ITS_WAY)
async def hold(database: Database, viewer: StaffViewer, call_id: UUID, data: On) -> None:
    """The customer hears music, and nobody hears them."""
    async with database.transaction() as session:
        await commands.command(session, viewer, call_id, "hold", on=data.on)


@post("/api/calls/{call_id:uuid}/keys", guards=_ANSWERING, status_code=_ON_ITS_WAY)
async def keys(database: Database, viewer: StaffViewer, call_id: UUID, data: KeysInput) -> None:
    """Press keys towards the customer's side."""
    async with database.transaction() as session:
        await commands.command(session, viewer, call_id, "keys", digits=data.digits)


@post("/api/calls/{call_id:uuid}/transfer", guards=_ANSWERING, status_code=_ON_ITS_WAY)
async def transfer(database: Database, viewer: StaffViewer, call_id: UUID, data: TransferInput) -> None:
    """Pass the call on without words: to a queue (the technical team's, say), a person, or the emergency team."""
    async with database.transaction() as session:
        await commands.transfer(
            session, viewer, call_id, queue_id=data.queue, agent_id=data.agent, emergency=data.emergency
        )


@post("/api/calls/{call_id:uuid}/consult", guards=_ANSWERING, status_code=_ON_ITS_WAY)
async def consult(database: Database, viewer: StaffViewer, call_id: UUID, data: ConsultInput) -> None:
    """Ring at a colleague while the customer hears music."""
    async with database.transaction() as session:
        await commands.command(session, viewer, call_id, "consult", agent=str(data.agent))


@post("/api/calls/{call_id:uuid}/consult/end", guards=_ANSWERING, status_code=_ON_ITS_WAY)
async def end_consult(database: Database, viewer: StaffViewer, call_id: UUID) -> None:
    """Back to the customer, without the colleague."""
    async with database.transaction() as session:
        await commands.command(session, viewer, call_id, "end_consult")


@post("/api/calls/{call_id:uuid}/conference", guards=_ANSWERING, status_code=_ON_ITS_WAY)
async def conference(database: Database, viewer: StaffViewer, call_id: UUID) -> None:
    """Customer, agent and colleague hear each other."""
    async with database.transaction() as session:
        await commands.command(session, viewer, call_id, "conference")


@post("/api/calls/{call_id:uuid}/hand-over", guards=_ANSWERING, status_code=_ON_ITS_WAY)
async def hand_over(database: Database, viewer: StaffViewer, call_id: UUID) -> None:
    """The colleague who was asked has the call and the conversation (attended transfer)."""
    async with database.transaction() as session:
        await commands.command(session, viewer, call_id, "hand_over")


@post("/api/calls/{call_id:uuid}/recording", guards=_ANSWERING, status_code=_ON_ITS_WAY)
async def record_call(database: Database, viewer: StaffViewer, call_id: UUID, data: On) -> None:
    """Pause the recording, or go on with it."""
    async with database.transaction() as session:
        await commands.record_call(session, viewer, call_id, on=data.on)


@post("/api/calls/{call_id:uuid}/code", guards=_ANSWERING, status_code=_ON_ITS_WAY)
async def ask_code(database: Database, viewer: StaffViewer, call_id: UUID, data: On) -> None:
    """Ask the customer for the code that their app shows, or no longer. The recording pauses meanwhile."""
    async with database.transaction() as session:
        await commands.ask_code(session, viewer, call_id, on=data.on)


@get("/api/conversations/{conversation_id:uuid}/recordings", guards=_ANSWERING)
async def list_recordings(database: Database, viewer: StaffViewer, conversation_id: UUID) -> list[RecordingView]:
    """What was recorded of a conversation's calls, the latest first."""
    async with database.transaction() as session:
        found = await recording.of_conversation(session, viewer, conversation_id)
        return [presenting.recording(row, pauses) for row, pauses in found]


@post("/api/recordings/{recording_id:uuid}/play", guards=_ANSWERING, status_code=STATUS_OK, media_type="audio/wav")
async def play_recording(
    database: Database, settings: Settings, viewer: StaffViewer, recording_id: UUID, data: PlayInput
) -> bytes:
    """The sound, for a purpose, which is written down."""
    async with database.transaction() as session:
        store = FileStore(settings.data_dir / "files")
        return await recording.play(session, store, viewer, recording_id, data.purpose)


@post("/api/calls/{call_id:uuid}/supervise", guards=_LEAD, status_code=_ON_ITS_WAY)
async def supervise(database: Database, viewer: StaffViewer, call_id: UUID, data: SuperviseInput) -> None:
    """The lead's phone rings; whoever listens stands in the audit log."""
    async with database.transaction() as session:
        await commands.supervise(session, viewer, call_id, data.mode)


@post("/api/calls/{call_id:uuid}/wrap-up/end", guards=_ANSWERING, status_code=204)
async def end_wrap_up(database: Database, viewer: StaffViewer, call_id: UUID) -> None:
    """The viewer can be asked again."""
    async with database.transaction() as session:
        await commands.end_wrap_up(session, viewer, call_id)


@get("/api/call-backs", guards=_ANSWERING)
async def list_call_backs(database: Database, viewer: StaffViewer) -> list[CallBackView]:
    """Who waits to be called, the longest first."""
    async with database.transaction() as session:
        return [
            CallBackView(row.id, row.conversation_id, reference, language, row.why, row.since, row.tries)
            for row, reference, language in await listing.call_backs(session, viewer)
        ]


@post("/api/call-backs/{call_back_id:uuid}/cancel", guards=_ANSWERING, status_code=204)
async def cancel_call_back(database: Database, viewer: StaffViewer, call_back_id: UUID) -> None:
    """Nobody calls them."""
    async with database.transaction() as session:
        await lines.cancel_call_back(session, viewer, call_back_id)


@post("/api/call-backs/{call_back_id:uuid}/call", guards=_ANSWERING, status_code=_ON_ITS_WAY)
async def call_now(database: Database, viewer: StaffViewer, call_back_id: UUID) -> None:
    """The viewer takes the conversation and calls its customer at once, although others wait longer."""
    async with database.transaction() as session:
        await lines.call_now(session, viewer, call_back_id)


@post("/api/conversations/{conversation_id:uuid}/call-back", guards=_ANSWERING, status_code=_ON_ITS_WAY)
async def ask_call_back(database: Database, viewer: StaffViewer, conversation_id: UUID) -> None:
    """Call the customer now, at the number of their last call."""
    async with database.transaction() as session:
        await lines.ask_call_back(session, viewer, conversation_id)


HANDLERS = [
    ask_call_back,
    show_phone,
    add_device,
    remove_device,
    list_missed,
    list_live_calls,
    list_lost_calls,
    list_calls,
    answer,
    hang_up,
    mute,
    hold,
    keys,
    transfer,
    consult,
    end_consult,
    conference,
    hand_over,
    record_call,
    ask_code,
    list_recordings,
    play_recording,
    supervise,
    end_wrap_up,
    list_call_backs,
    cancel_call_back,
    call_now,
]
