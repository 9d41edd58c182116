"""A desk phone's own transfer key (REFER): to a number of ours, or to a colleague's phone by its name. The engine
leaves it to us, since it would take the customer out of our hands."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import StaffViewer
from holdfast.channels.voice import commands, queries
from holdfast.channels.voice.ari_shapes import ChannelTransfer
from holdfast.channels.voice.conducting import Conductor
from holdfast.channels.voice.errors import NotInCall
from holdfast.conversations.errors import NothingChosen
from holdfast.core.errors import HoldfastError
from holdfast.people import queries as people
from holdfast.people.sessions import viewer_of


async def referred(c: Conductor, event: ChannelTransfer) -> None:
    """Pass the call on as the console does; the phone is told whether it went."""
    leg = c.legs.get(event.referred_by.source_channel.id)
    if leg is None:
        return
    wanted = event.refer_to.requested_destination.destination
    try:
        async with c.desk.database.transaction() as session:
            agent = await people.agent_by_id(session, leg.agent_id) if leg.agent_id else None
            if agent is None:
                raise NotInCall
            await _pass_on(session, viewer_of(agent), c.call.id, wanted.removeprefix("sip:").partition("@")[0])
    except HoldfastError:
        await c.ari.transfer_progress(leg.channel, "channel_declined")
        return
    await c.ari.transfer_progress(leg.channel, "channel_answered")


async def _pass_on(session: AsyncSession, viewer: StaffViewer, call_id: UUID, wanted: str) -> None:
    """Raises what ``commands.transfer`` raises."""
    device = await queries.device(session, wanted)
    line = await queries.line_by_number(session, wanted) if device is None and queries.digits(wanted) else None
    if device is None and line is None:
        raise NothingChosen
    inbox = await queries.inbox_of(session, line.id) if line is not None else None
    emergency = line is not None and line.kind == "emergency"
    await commands.transfer(
        session,
        viewer,
        call_id,
        queue_id=inbox.queue_id if inbox is not None and not emergency else None,
        agent_id=device.agent_id if device is not None else None,
        emergency=emergency,
    )
