"""The wrap-up of an agent who has passed a call on: it goes on with somebody else meanwhile."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.channels.voice.channel import phone_changed
from holdfast.channels.voice.keeping import SOURCE
from holdfast.channels.voice.models import Call
from holdfast.core.clock import now
from holdfast.core.due import set_due
from holdfast.routing import operations as routing
from holdfast.routing.models import WrapUp

# The kind of the deadline that ends it.
PASSED_ON = "call_passed_on"


async def passed_on(session: AsyncSession, call: Call, agent_id: UUID) -> None:
    """The call goes on with somebody else; the wrap-up of who passed it on begins."""
    until = now() + timedelta(seconds=call.wrap_seconds)
    if call.wrap_seconds:
        row = await routing.begin_wrap_up(session, agent_id, call.id, SOURCE, until)
        await set_due(session, PASSED_ON, row.id, until)
    phone_changed(session, agent_id)


async def passed_on_over(session: AsyncSession, wrap_up_id: UUID) -> None:
    """The handler of the deadline. Harmless when the agent has ended it before."""
    phone_changed(session, await routing.end_wrap_up(session, WrapUp.id == wrap_up_id))


async def passed_on_done(session: AsyncSession, call: Call, agent_id: UUID) -> bool:
    """Before its time; whether there was one."""
    ended = await routing.end_wrap_up(session, WrapUp.ref == call.id, WrapUp.agent_id == agent_id)
    if ended is not None and call.agent_id is None and call.place.get("passed_by") == str(agent_id):
        call.wrapped_at = now()
    phone_changed(session, ended)
    return ended is not None
