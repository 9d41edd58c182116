"""The bus to the voice processes. Words: ``call:<id>`` (look at this call again), ``conversation:<id>`` (at those of
this conversation), ``devices`` (some are new or gone), ``lines`` (numbers or languages changed)."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.core.database import tell
from holdfast.core.notify import LIVE

VOICE = "holdfast_voice"


def call_changed(session: AsyncSession, call_id: UUID) -> None:
    tell(session, VOICE, f"call:{call_id.hex}")


def calls_changed(session: AsyncSession) -> None:
    """The consoles of leads ask for the calls of all again."""
    tell(session, LIVE, "v:*")


def phone_changed(session: AsyncSession, agent_id: UUID | None) -> None:
    """The agent's consoles ask for the state of their phone again."""
    if agent_id is not None:
        tell(session, LIVE, f"v:{agent_id.hex}")
