"""What customers say of an episode: one tap, and words if they like. Append-only."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import CustomerViewer
from holdfast.conversations import queries
from holdfast.conversations.errors import AlreadyRated, NotResolved
from holdfast.conversations.models import Conversation, Episode, Rating
from holdfast.conversations.operations import append


async def rate(
    session: AsyncSession, viewer: CustomerViewer, *, episode: int, solved: str, words: str, key: UUID
) -> Conversation:
    """Store a rating of a resolved episode; the same ``key`` again is harmless. Raises NotResolved, AlreadyRated."""
    conversation = await queries.locked(session, viewer, viewer.conversation_id)
    ended = await session.get(Episode, (conversation.id, episode))
    if ended is None or ended.resolved_at is None:
        raise NotResolved
    for known in await queries.ratings(session, conversation.id):
        if known.episode == episode:
            if known.key == key:
                return conversation
            raise AlreadyRated
    session.add(
        Rating(
            conversation_id=conversation.id,
            episode=episode,
            key=key,
            solved=solved,
            words=words,
            agent_id=ended.resolved_by_id,
        )
    )
    append(
        session,
        conversation,
        author="customer",
        author_id=viewer.id,
        event={"type": "rated", "episode": episode, "solved": solved},
    )
    await session.flush()
    return conversation
