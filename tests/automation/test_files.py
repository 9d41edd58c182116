"""Files of a message for later: clear when it is scheduled, and looked at again when it is sent."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, update

from holdfast.access.disposable_keys import KeyFolder
from holdfast.automation import presenting, scheduled
from holdfast.automation.errors import FileNotClear
from holdfast.conversations import housekeeping, ports, timeline
from holdfast.conversations.errors import AttachmentUnknown, EmptyMessage
from holdfast.conversations.files import upload
from holdfast.conversations.models import Attachment, Message
from holdfast.core.files import FileStore
from tests.automation.support import House
from tests.automation.test_later import _schedule, _state


@pytest.fixture(autouse=True)
def _keys(tmp_path: Path) -> None:
    ports.use_keys(KeyFolder(tmp_path / "keys"))


async def _file(desk: House, store: FileStore, conversation: UUID, name: str = "steps.txt") -> UUID:
    made = await upload(
        desk.database, store, desk.agent_, conversation, data=b"one, two", name=name, declared_type="text/plain"
    )
    return made.id


async def _sent(desk: House, conversation: UUID) -> list[str]:
    """The names of the files of what was sent."""
    async with desk.database.transaction() as session:
        seqs = list(await session.scalars(select(Message.seq).where(Message.source == scheduled.SOURCE)))
        found = await timeline.attachments_of(session, conversation, seqs)
    return [file.name for files in found.values() for file in files]


async def test_a_file_waits_with_its_message_and_goes_out_with_it(desk: House, tmp_path: Path) -> None:
    store, conversation = FileStore(tmp_path / "files"), await desk.taken()
    file = await _file(desk, store, conversation)
    later = desk.clock() + timedelta(days=30)
    scheduled_id = await _schedule(desk, conversation, "", files=[file], at=later)
    async with desk.database.transaction() as session:
        view = await presenting.later(session, desk.agent_, conversation)
    assert [one.name for one in view.scheduled[0].files] == ["steps.txt"]
    # What no message names is swept after a day; this one has its message.
    desk.clock.turn(days=29)
    await housekeeping.purge(desk.database, store)
    desk.clock.turn(days=1)
    await desk.work()
    assert await _state(desk, scheduled_id) == ("sent", None)
    assert await _sent(desk, conversation) == ["steps.txt"]


async def test_a_file_that_turns_out_to_hold_a_secret_stops_it(desk: House, tmp_path: Path) -> None:
    store, conversation = FileStore(tmp_path / "files"), await desk.taken()
    file = await _file(desk, store, conversation)
    scheduled_id = await _schedule(desk, conversation, files=[file])
    async with desk.database.transaction() as session:
        await session.execute(update(Attachment).where(Attachment.id == file).values(state="secret"))
    desk.clock.turn(hours=1)
    await desk.work()
    assert await _state(desk, scheduled_id) == ("stopped", "file_not_clear")
    assert "scheduled_stopped" in await desk.types(conversation)
    assert await _sent(desk, conversation) == []


async def test_only_clear_files_of_ones_own_wait(desk: House, tmp_path: Path) -> None:
    store, conversation = FileStore(tmp_path / "files"), await desk.taken()
    file = await _file(desk, store, conversation)
    async with desk.database.transaction() as session:
        await session.execute(update(Attachment).where(Attachment.id == file).values(state="reading"))
    with pytest.raises(FileNotClear):
        await _schedule(desk, conversation, files=[file])
    other = await _file(desk, store, await desk.taken())
    with pytest.raises(AttachmentUnknown):
        await _schedule(desk, conversation, files=[other])
    with pytest.raises(EmptyMessage):
        await _schedule(desk, conversation, "")


async def test_a_file_of_a_message_that_is_taken_back_is_swept(desk: House, tmp_path: Path) -> None:
    store, conversation = FileStore(tmp_path / "files"), await desk.taken()
    scheduled_id = await _schedule(desk, conversation, files=[await _file(desk, store, conversation)])
    async with desk.database.transaction() as session:
        await scheduled.cancel(session, desk.agent_, scheduled_id)
    desk.clock.turn(days=2)
    await housekeeping.purge(desk.database, store)
    async with desk.database.transaction() as session:
        assert list(await session.scalars(select(Attachment.id))) == []
