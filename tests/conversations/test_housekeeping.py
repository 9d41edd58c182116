"""What nobody needs any more goes, with its file; the rest stays."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.conversations import housekeeping
from holdfast.conversations.files import upload
from holdfast.conversations.models import Attachment, ConversationToken
from holdfast.conversations.tokens import issue_token, open_tokens
from holdfast.core.clock import now
from holdfast.core.files import FileStore
from holdfast.core.ids import secret_hash
from tests.conversations.support import Desk


async def test_old_files_without_a_message(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Two runs of the loop.
    monkeypatch.setattr(housekeeping, "BATCH", 2)
    store, conversation_id = FileStore(tmp_path / "files"), await desk.open()
    kept = [
        await upload(
            desk.database,
            store,
            desk.viewer(conversation_id),
            conversation_id,
            data=b"a text",
            name=f"{number}.txt",
            declared_type="text/plain",
        )
        for number in range(5)
    ]
    old = now() - housekeeping.WAITS - timedelta(minutes=1)
    async with desk.database.transaction() as session:
        await session.execute(update(Attachment).where(Attachment.id != kept[0].id).values(created_at=old))
        await session.execute(update(Attachment).where(Attachment.id == kept[1].id).values(seq=2))
    await housekeeping.purge(desk.database, store)
    async with desk.database.transaction() as session:
        rest = set(await session.scalars(select(Attachment.id)))
    assert rest == {kept[0].id, kept[1].id}
    assert {path.name for path in store.root.rglob("*") if path.is_file()} == {kept[0].key, kept[1].key}


async def _row(session: AsyncSession, token: str) -> ConversationToken:
    found = await session.scalar(select(ConversationToken).where(ConversationToken.token_hash == secret_hash(token)))
    assert found is not None
    return found


async def test_tokens_that_open_nothing(desk: Desk, tmp_path: Path) -> None:
    conversation_id = await desk.open()
    async with desk.database.transaction() as session:
        expired, revoked, alive = (issue_token(session, conversation_id) for _ in range(3))
    async with desk.database.transaction() as session:
        found = {token: await _row(session, token) for token in (expired, revoked)}
        found[expired].expires_at = now() - timedelta(seconds=1)
        found[revoked].revoked_at = now()
    await housekeeping.purge(desk.database, FileStore(tmp_path / "files"))
    async with desk.database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(ConversationToken)) == 1
        assert set(await open_tokens(session, [expired, revoked, alive])) == {alive}
