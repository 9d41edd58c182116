"""What becomes of a call-back that we are making: it is done when an agent and the customer talk, and by nothing less.
Who answered, wanted to be connected and found nobody is called again, a few times."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.channels.voice import queries
from holdfast.channels.voice.models import Call, CallBack
from holdfast.core.clock import now

# So often we call somebody whom nobody of ours then speaks with: who heard music that often may have given up.
MOST = 3
# The kinds of what is noted of one that was not done.
AGAIN, FAILED = "call_back_again", "call_back_failed"


async def decide(session: AsyncSession, call: Call, state: str) -> None:
    """``state``: done, failed or cancelled. Harmless when the call makes none, or it was decided before."""
    if (back := await _made_by(session, call)) is not None:
        back.state, back.decided_at = state, now()


async def not_done(session: AsyncSession, call: Call, *, asked: bool = False) -> str | None:
    """It waits anew, and is announced anew; the kind of what is to be noted, None if the call makes none. ``asked``:
    the customer has just asked for it, whatever was tried before."""
    back = await _made_by(session, call)
    if back is None:
        return None
    if asked:
        back.tries = 0
    if back.tries >= MOST:
        await decide(session, call, "failed")
        return FAILED
    waiting = await queries.call_back_of(session, back.conversation_id)
    if waiting is not None:
        # Asked for meanwhile: there is one of a conversation. Whoever left a message before wants to be called now.
        superseded = waiting if waiting.why == "message" else back
        superseded.state, superseded.decided_at = "cancelled", now()
        await session.flush()
    if waiting is None or waiting.why == "message":
        back.state, back.rings_at = "waiting", None
        # Nobody has decided to call at this moment.
        back.why = "asked" if back.why == "agent" else back.why
    return AGAIN


async def _made_by(session: AsyncSession, call: Call) -> CallBack | None:
    """The one that the call is to carry out, if that is not decided."""
    back = await session.get(CallBack, UUID(call.place["back"])) if call.place.get("back") else None
    return back if back is not None and back.state == "ringing" else None
