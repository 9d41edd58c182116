"""A picture is read before anybody at the desk sees it: with the real tesseract, a real database, a real file store."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from mnemonic import Mnemonic
from sqlalchemy import select

from holdfast.access.models import AuditEntry
from holdfast.app.tesseract import Tesseract
from holdfast.conversations import files, operations, pictures, presenting, timeline
from holdfast.conversations.errors import AttachmentUnknown, ConversationNotFound, PictureNotYours
from holdfast.conversations.facts import SecretFound
from holdfast.conversations.models import Attachment
from holdfast.conversations.picture_text import Seen
from holdfast.conversations.pictures import Readings
from holdfast.conversations.ports import NoReader, PictureReader
from holdfast.conversations.schemas import Entry
from holdfast.core.files import FileStore, StoredFileMissing
from tests.conversations.support import Desk
from tests.support.screenshots import phrase_picture, screenshot

# The vectors of BIP-39: nobody's wallet.
PHRASE = ["legal", "winner", "thank", "year", "wave", "sausage"]
PHRASE += ["worth", "useful", "legal", "winner", "thank", "yellow"]
HASH = "0x" + "5c504ed432cb51138bcf09aa5e8a410dd4a1e204ef84bfed1be16dfba1b22060"


class Told(PictureReader):
    """A reader that says what it is told."""

    def __init__(self, *words: str, fault: Exception | None = None) -> None:
        self.words, self.fault, self.read_pictures = words, fault, 0

    async def read(self, picture: bytes) -> AsyncIterator[Sequence[Seen]]:
        assert picture.startswith(b"\x89PNG")
        self.read_pictures += 1
        if self.fault:
            raise self.fault
        yield [Seen(word, 10 + at * 200, 10, 90, 30) for at, word in enumerate(self.words)]


class Room:
    """A conversation with a picture in it."""

    def __init__(self, desk: Desk, store: FileStore, conversation_id: UUID) -> None:
        self.desk, self.store, self.conversation_id = desk, store, conversation_id

    async def upload(self, picture: bytes, *, agent: bool = False, sent: bool = True) -> UUID:
        viewer = self.desk.ana if agent else self.desk.viewer(self.conversation_id)
        file = await files.upload(
            self.desk.database, self.store, viewer, self.conversation_id, data=picture, name="a.png", declared_type=""
        )
        if sent:
            message = (
                self.desk.answers(self.conversation_id, "see", self.desk.ana)
                if agent
                else self.desk.asks(self.conversation_id, "see")
            )
            async with self.desk.database.transaction() as session:
                await operations.post(session, viewer, self.conversation_id, replace(message, attachments=(file.id,)))
        return file.id

    async def read(self, reader: PictureReader) -> None:
        await Readings(self.desk.database, self.store, reader).read_all()

    async def file(self, attachment_id: UUID) -> Attachment:
        async with self.desk.database.transaction() as session:
            return await session.get_one(Attachment, attachment_id)

    async def entries(self) -> list[Entry]:
        async with self.desk.database.transaction() as session:
            rows = await timeline.entries_after(session, self.conversation_id, 0)
            return await presenting.entries(session, self.conversation_id, rows)


@pytest.fixture
async def room(desk: Desk, tmp_path: Path) -> Room:
    conversation_id = await desk.open()
    await desk.assign(conversation_id, desk.ana)
    return Room(desk, FileStore(tmp_path / "files"), conversation_id)


def bytes_of(store: FileStore) -> int:
    return sum(path.stat().st_size for path in store.root.rglob("*") if path.is_file())


@pytest.mark.parametrize(("columns", "dark"), [(1, False), (3, True)], ids=["light", "dark, three columns"])
async def test_a_phrase_in_a_picture_is_destroyed(room: Room, columns: int, dark: bool) -> None:
    attachment_id = await room.upload(phrase_picture(PHRASE, columns=columns, dark=dark))
    await room.read(Tesseract())
    file = await room.file(attachment_id)
    assert (file.state, file.key) == ("secret", "")
    assert bytes_of(room.store) == 0
    told = (await room.entries())[-1]
    assert told.ev
    assert (told.ev["type"], told.ev["where"]) == ("redacted", "picture")
    assert [(red.kind, red.count) for red in told.red] == [("recovery_phrase", 12)]
    assert presenting.for_customer(told) is not None
    facts = [fact for fact in room.desk.facts if isinstance(fact, SecretFound)]
    assert [(fact.kind, fact.words, fact.where, fact.seq) for fact in facts] == [
        ("recovery_phrase", 12, "picture", file.seq)
    ]


@pytest.mark.parametrize("name", ["japanese", "chinese_simplified", "french"])
async def test_a_phrase_of_another_list_is_seen_by_nobody(room: Room, name: str) -> None:
    words = Mnemonic(name).to_mnemonic(b"\x7f" * 16).split()
    attachment_id = await room.upload(phrase_picture(words))
    await room.read(Tesseract())
    assert (await room.file(attachment_id)).state in {"secret", "unread"}


async def test_nothing_that_was_read_is_stored(room: Room) -> None:
    await room.upload(phrase_picture(PHRASE))
    await room.read(Tesseract())
    async with room.desk.database.transaction() as session:
        connection = await session.connection()
        for table in ("message", "attachment", "audit_entry", "conversation"):
            for row in await connection.exec_driver_sql(f"SELECT t::text FROM {table} t"):
                assert "winner" not in row[0]


async def test_an_ordinary_screenshot_is_clear_and_its_hash_makes_it_doubtful_at_most(room: Room) -> None:
    plain = await room.upload(
        screenshot(["Send 20 USDT", "Network fee 1.20 USDT", "Status: pending", "Contact support"])
    )
    await room.read(Tesseract())
    assert (await room.file(plain)).state == "clear"
    hashed = await room.upload(screenshot(["Transaction details", HASH], size=20))
    await room.read(Tesseract())
    assert (await room.file(hashed)).state in {"clear", "unread"}
    assert not [fact for fact in room.desk.facts if isinstance(fact, SecretFound)]


async def test_until_it_is_read_only_its_uploader_has_a_link(room: Room) -> None:
    await room.upload(screenshot(["Hello"]))

    async def links() -> tuple[str, bool, bool]:
        entry = next(entry for entry in await room.entries() if entry.att)
        seen = presenting.for_customer(entry)
        assert seen
        return entry.att[0].state, entry.att[0].url is not None, seen.att[0].url is not None

    assert await links() == ("reading", False, True)
    await room.read(NoReader())
    assert await links() == ("unread", False, True)


async def test_a_read_picture_is_everybodys_and_a_destroyed_one_nobodys(room: Room) -> None:
    clear = await room.upload(screenshot(["Hello"]))
    await room.read(Told("hello", "there"))
    secret = await room.upload(screenshot(["Hello"]))
    await room.read(Told(*PHRASE))
    entries = {entry.att[0].id: entry for entry in await room.entries() if entry.att}
    assert entries[clear].att[0].url
    assert presenting.for_customer(entries[clear]) is entries[clear]
    gone = presenting.for_customer(entries[secret])
    assert gone
    assert entries[secret].att[0].url is None
    assert gone.att[0].url is None
    url = files.file_url(secret)
    until, signature = url.rsplit("/", 2)[1:]
    async with room.desk.database.transaction() as session:
        with pytest.raises(AttachmentUnknown):
            await files.signed_attachment(session, secret, int(until), signature)


async def test_pictures_of_agents_are_read_too_and_their_customer_sees_them_unread(room: Room) -> None:
    unread = await room.upload(screenshot(["Hello"]), agent=True)
    secret = await room.upload(screenshot(["Hello"]), agent=True)
    entry = next(entry for entry in await room.entries() if entry.att)
    seen = presenting.for_customer(entry)
    assert seen
    assert (entry.att[0].url is not None, seen.att[0].url is not None) == (True, False)
    reader = Told(*PHRASE)
    await room.read(NoReader())
    assert (await room.file(unread)).state == "clear"
    async with room.desk.database.transaction() as session:
        (await session.get_one(Attachment, secret)).state = "reading"
    await room.read(reader)
    assert (await room.file(secret)).state == "secret"


@pytest.mark.parametrize("fault", [RuntimeError("of the reader"), StoredFileMissing()])
async def test_a_fault_of_the_reader_blurs_the_picture_and_does_not_stop_the_next(room: Room, fault: Exception) -> None:
    first = await room.upload(screenshot(["Hello"]))
    await room.read(Told(fault=fault))
    second = await room.upload(screenshot(["Hello"]))
    await room.read(Told("hello"))
    assert [(await room.file(one)).state for one in (first, second)] == ["unread", "clear"]


async def test_a_numbered_grid_that_was_misread_is_blurred(room: Room) -> None:
    attachment_id = await room.upload(screenshot(["Hello"]))
    await room.read(Told(*(f"{number}.xq{number}" for number in range(1, 13))))
    assert (await room.file(attachment_id)).state == "unread"


async def test_a_worker_that_is_killed_while_it_reads_loses_nothing(room: Room) -> None:
    class Hanging(Told):
        def __init__(self) -> None:
            super().__init__()
            self.begun = asyncio.Event()

        async def read(self, picture: bytes) -> AsyncIterator[Sequence[Seen]]:
            self.begun.set()
            await asyncio.Event().wait()
            yield []

    attachment_id = await room.upload(screenshot(["Hello"]), sent=False)
    reader = Hanging()
    work = asyncio.create_task(Readings(room.desk.database, room.store, reader).run())
    await reader.begun.wait()
    # Another worker leaves it alone meanwhile, and its message is not held up.
    other = Told(*PHRASE)
    await room.read(other)
    assert other.read_pictures == 0
    async with room.desk.database.transaction() as session:
        assert await timeline.pending_attachments(
            session, room.conversation_id, "customer", room.desk.customer.id, [attachment_id]
        )
    work.cancel()
    with suppress(asyncio.CancelledError):
        await work
    assert (await room.file(attachment_id)).state == "reading"
    await room.read(other)
    assert (await room.file(attachment_id)).state == "secret"
    assert bytes_of(room.store) == 0


async def test_bytes_that_a_dead_worker_left_are_destroyed_by_the_next(room: Room) -> None:
    attachment_id = await room.upload(screenshot(["Hello"]))
    async with room.desk.database.transaction() as session:
        (await session.get_one(Attachment, attachment_id)).state = "secret"
    assert bytes_of(room.store) > 0
    await room.read(NoReader())
    assert bytes_of(room.store) == 0
    assert (await room.file(attachment_id)).key == ""


async def test_an_unread_picture_is_opened_by_those_who_may_for_a_purpose(room: Room) -> None:
    attachment_id = await room.upload(screenshot(["Hello"]))

    async def show(viewer: object) -> str:
        async with room.desk.database.transaction() as session:
            url, _ = await pictures.show(session, viewer, attachment_id, purpose="refund", network=None)  # type: ignore[arg-type]  # three of the desk
            return url

    with pytest.raises(AttachmentUnknown):
        await show(room.desk.karin)  # it is being read
    await room.read(NoReader())
    with pytest.raises(PictureNotYours):
        await show(room.desk.ana)  # hers, but she is no lead
    with pytest.raises(ConversationNotFound):
        await show(room.desk.wei)  # of the emergency team, but not hers
    url = await show(room.desk.karin)
    until, signature = url.rsplit("/", 2)[1:]
    async with room.desk.database.transaction() as session:
        found = await files.signed_attachment(session, attachment_id, int(until), signature)
        assert files.content(room.store, found).startswith(b"\x89PNG")
        audited = list(await session.scalars(select(AuditEntry).where(AuditEntry.action == "attachment.shown")))
    assert [(entry.purpose, entry.actor_id) for entry in audited] == [("refund", room.desk.karin.id)]


async def test_other_files_are_clear_at_once(room: Room) -> None:
    async def text() -> Attachment:
        return await files.upload(
            room.desk.database,
            room.store,
            room.desk.viewer(room.conversation_id),
            room.conversation_id,
            data=b"a log",
            name="a.txt",
            declared_type="text/plain",
        )

    assert (await text()).state == "clear"
