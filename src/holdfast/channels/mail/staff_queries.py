"""What staff see of mailboxes and letters: administrators and leads how they fare, whoever answers the quarantine."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import Role, StaffViewer
from holdfast.channels.mail.models import Mailbox, SentLetter, StoredLetter
from holdfast.channels.mail.queries import all_mailboxes
from holdfast.conversations.models import Conversation


def _sees(viewer: StaffViewer) -> bool:
    return viewer.holds(Role.ADMINISTRATOR, Role.LEAD)


async def mailboxes(session: AsyncSession, viewer: StaffViewer) -> Sequence[Mailbox]:
    return await all_mailboxes(session) if _sees(viewer) else []


async def quarantined(
    session: AsyncSession, viewer: StaffViewer, limit: int, before: datetime | None = None
) -> Sequence[StoredLetter]:
    """Waiting letters, the newest first. Agents decide them: they are what customers say."""
    if not viewer.answers:
        return []
    statement = select(StoredLetter).where(StoredLetter.state == "quarantined")
    if before is not None:
        statement = statement.where(StoredLetter.came_at < before)
    return (await session.scalars(statement.order_by(StoredLetter.came_at.desc()).limit(limit))).all()


async def waiting(session: AsyncSession, viewer: StaffViewer) -> int:
    """How many letters wait for whoever answers to decide them."""
    if not viewer.answers:
        return 0
    return await session.scalar(select(func.count()).where(StoredLetter.state == "quarantined")) or 0


async def counts(session: AsyncSession, viewer: StaffViewer, since: datetime) -> dict[tuple[UUID, str], int]:
    """Letters by mailbox and state; quarantined ones all, of the others those since."""
    if not _sees(viewer):
        return {}
    rows = await session.execute(
        select(StoredLetter.mailbox_id, StoredLetter.state, func.count())
        .where(or_(StoredLetter.came_at > since, StoredLetter.state == "quarantined"))
        .group_by(StoredLetter.mailbox_id, StoredLetter.state)
    )
    return {(row[0], row[1]): row[2] for row in rows}


async def outgoing_counts(session: AsyncSession, viewer: StaffViewer, since: datetime) -> dict[str, int]:
    if not _sees(viewer):
        return {}
    rows = await session.execute(
        select(SentLetter.state, func.count())
        .where(or_(SentLetter.created_at > since, SentLetter.state == "waiting"))
        .group_by(SentLetter.state)
    )
    return {row[0]: row[1] for row in rows}


async def troubled(session: AsyncSession, viewer: StaffViewer, limit: int = 50) -> list[Row[SentLetter, str]]:
    """Letters of ours that failed or came back, with their conversation's reference, the newest first."""
    if not _sees(viewer):
        return []
    return list(
        await session.execute(
            select(SentLetter, Conversation.reference)
            .join(Conversation, Conversation.id == SentLetter.conversation_id)
            .where(
                or_(SentLetter.state.in_(("failed", "bounced")), SentLetter.attempts > 0), SentLetter.state != "sent"
            )
            .order_by(SentLetter.created_at.desc())
            .limit(limit)
        )
    )
