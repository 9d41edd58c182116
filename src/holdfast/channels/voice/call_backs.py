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
AGAIN, FAILED, CALLED_IN = "call_back_again", "call_back_failed", "call_back_called_in"


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


async def called_in(session: AsyncSession, call: Call) -> str | None:
    """They have called themselves and were answered: what waited before is done, the kind of what is to be noted. Only
    if it is certain that it was they: a number can be faked, and somebody else's call settles nothing of theirs."""
    known = call.place.get("proven") or call.place.get("app")
    if call.conversation_id is None or call.answered_at is None or call.direction != "in" or not known:
        return None
    back = await queries.call_back_of(session, call.conversation_id)
    if back is None or back.call_id == call.id or back.since > call.answered_at:
        return None
    back.state, back.decided_at = "done", now()
    return CALLED_IN


async def _made_by(session: AsyncSession, call: Call) -> CallBack | None:
    """The one that the call is to carry out, if that is not decided."""
    back = await session.get(CallBack, UUID(call.place["back"])) if call.place.get("back") else None
    return back if back is not None and back.state == "ringing" else None
