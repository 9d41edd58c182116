"""What one person of staff has released for many customers: a public entry in each of their conversations.

It answers no question of theirs, so whoever waits for an answer goes on waiting, and a settled matter stays settled:
only their own words open it again.
"""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import SystemViewer
from holdfast.conversations import outgoing, queries, timeline
from holdfast.conversations.intake import PREVIEW
from holdfast.conversations.models import Message
from holdfast.conversations.operations import append


async def announce(
    session: AsyncSession,
    conversation_id: UUID,
    body: str,
    *,
    by_id: UUID,
    source: str,
    source_id: bytes,
    event: dict[str, Any],
) -> Message:
    """``body`` is redacted. The same source twice gives the stored message; ``event`` says what it tells of.

    Raises ConversationNotFound, and what ``outgoing.refusal`` gives.
    """
    conversation = await queries.locked(session, SystemViewer(source), conversation_id)
    known = await timeline.message_by_source(session, source, source_id)
    if known is not None:
        return known
    if (stopped := outgoing.refusal(body)) is not None:
        raise stopped
    stored = append(
        session,
        conversation,
        kind="public",
        author="agent",
        author_id=by_id,
        body=body,
        event=event,
        source=source,
        source_id=source_id,
    )
    conversation.preview, conversation.last_from = body[:PREVIEW], "agent"
    conversation.last_at = stored.created_at
    await session.flush()
    return stored
