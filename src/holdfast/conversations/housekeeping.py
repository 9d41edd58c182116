"""What is swept out of conversations now and then: files that no message ever named, and tokens that open nothing."""

import asyncio
from datetime import timedelta

from sqlalchemy import delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.conversations import fragments, presences
from holdfast.conversations.models import Attachment, ConversationToken
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.files import FileStore

# An uploaded file waits this long for its message (a browser that was closed comes back).
WAITS = timedelta(days=1)
# Rows of one transaction: 200 files are unlinked within a second or two.
BATCH = 200


async def purge(database: Database, store: FileStore) -> None:
    """Files older than a day without a message, expired or revoked tokens, and keys without a row. Harmless at any
    time."""
    await fragments.purge(database)
    async with database.transaction() as session:
        await presences.purge(session)
        await session.execute(
            delete(ConversationToken).where(
                or_(ConversationToken.expires_at <= now(), ConversationToken.revoked_at.is_not(None))
            )
        )
    while True:
        async with database.transaction() as session:
            keys = await _delete_unattached(session)
            # Before the commit: if the process dies in between, the rows are still there to find the files by.
            await asyncio.to_thread(_unlink, store, keys)
        if len(keys) < BATCH:
            return


async def _delete_unattached(session: AsyncSession) -> list[str]:
    """Rows without a message, at most BATCH of them; the keys of their files."""
    old = (
        select(Attachment.id)
        .where(Attachment.seq.is_(None), func.coalesce(Attachment.held_until, Attachment.created_at) < now() - WAITS)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    found = await session.execute(
        delete(Attachment).where(Attachment.id.in_(old)).returning(Attachment.key),
        execution_options={"synchronize_session": False},
    )
    return list(found.scalars())


def _unlink(store: FileStore, keys: list[str]) -> None:
    for key in keys:
        store.delete(key)
