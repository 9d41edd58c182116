"""The job that moves what is stored to the newest keys: what the first version left, a rotation, an index key."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Uuid, delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access import installation_keys
from holdfast.access.customer_keys import cache, destroy_customer_key
from holdfast.access.encrypted import CustomersOwn, Encrypted
from holdfast.access.keys import CUSTOMERS, CUSTOMERS_OWN, FIELDS, INDEX, KeyRing, key_ring, use_key_ring
from holdfast.access.resealing import Batch, steps
from holdfast.app import sealing
from holdfast.app.schema import METADATA
from holdfast.app.start import start
from holdfast.channels.voice.keeping import number_indexes
from holdfast.channels.voice.models import BlockedNumber, Call
from holdfast.channels.voice.queries import known_of
from holdfast.conversations import moving
from holdfast.conversations.files import content
from holdfast.conversations.models import Attachment, Inbox
from holdfast.conversations.sealing import delete_plain_files
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.files import StoredFileMissing
from holdfast.core.ids import new_id
from holdfast.people import customers, queries
from holdfast.people.models import Agent, Customer, MailedToken, Process
from tests.app.installed import MASTER, Installation, installation


@pytest.fixture
async def plain(fresh_database_url: str, tmp_path: Path) -> AsyncIterator[Installation]:
    """Just migrated from the first version: everything under the installation's key, a plain file."""
    async with installation(fresh_database_url, tmp_path) as made:
        old = KeyRing(MASTER)
        conversation_id = await made.desk.open()
        key = made.store.put(b"some words")
        async with made.database.transaction() as session:
            agent = await session.get_one(Agent, made.desk.ana.id)
            agent.totp_secret = "TOTPSECRET"
            inbox = await session.get_one(Inbox, made.desk.inbox.id)
            inbox.identity_secret = "inbox secret"
            session.add(MailedToken(kind="reset", token_hash=b"h", email="ana@example.com", expires_at=now()))
            await session.execute(text("UPDATE customer SET name = :n"), {"n": old.seal("Lin Haoran", "customer.name")})
            await session.execute(
                text(
                    "INSERT INTO contact_point (id, customer_id, kind, value, value_index, created_at)"
                    " VALUES (:id, :customer, 'email', :value, :index, now())"
                ),
                {
                    "id": new_id(),
                    "customer": made.desk.customer.id,
                    "value": old.seal("lin@example.com", "contact_point.value"),
                    "index": old.blind_index("lin@example.com", "contact_point.email"),
                },
            )
            await session.execute(
                text(
                    "INSERT INTO attachment (id, conversation_id, uploader, uploader_id, name, media_type, size, key,"
                    " created_at)"
                    " VALUES (:id, :conversation, 'customer', :customer, :name, 'text/plain', 10, :key, now())"
                ),
                {
                    "id": new_id(),
                    "conversation": conversation_id,
                    "customer": made.desk.customer.id,
                    "name": old.seal("note.txt", "attachment.name"),
                    "key": key,
                },
            )
            await session.execute(text("DELETE FROM customer_key"))
        use_key_ring(installation_keys.open_ring(made.desk.dsn, made.source))
        yield made


@pytest.fixture
async def fresh(fresh_database_url: str, tmp_path: Path) -> AsyncIterator[Installation]:
    """A new installation with a known customer, and a file of theirs."""
    async with installation(fresh_database_url, tmp_path) as made:
        async with made.database.transaction() as session:
            await session.execute(text("UPDATE customer SET name = NULL"))
        use_key_ring(installation_keys.open_ring(made.desk.dsn, made.source))
        installation_keys.begin_customers(made.desk.dsn, made.source)
        key_ring().read_again()
        yield made


async def marks(database: Database) -> set[tuple[str, int]]:
    """The first byte of every sealed value, by column."""
    found: set[tuple[str, int]] = set()
    async with database.transaction() as session:
        for table in METADATA.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, Encrypted | CustomersOwn):
                    for (value,) in await session.execute(
                        text(f'SELECT "{column.name}" FROM "{table.name}" WHERE "{column.name}" IS NOT NULL')
                    ):
                        found.add((f"{table.name}.{column.name}", value[0]))
    return found


async def read_everything(made: Installation) -> None:
    async with made.database.transaction() as session:
        customer = await session.get_one(Customer, made.desk.customer.id)
        assert customer.name == "Lin Haoran"
        assert [p.value for p in await queries.contact_points(session, customer.id)] == ["lin@example.com"]
        assert (await session.get_one(Agent, made.desk.ana.id)).totp_secret == "TOTPSECRET"
        assert (await session.get_one(Inbox, made.desk.inbox.id)).identity_secret == "inbox secret"
        (file,) = (await session.scalars(select(Attachment))).all()
        assert file.name == "note.txt"
    assert content(made.store, file) == b"some words"


async def test_what_the_first_version_left_is_moved(plain: Installation) -> None:
    await read_everything(plain)
    assert {mark for _, mark in await marks(plain.database)} == {1}
    # A process of the first version: it registered without a word about keys.
    async with plain.database.transaction() as session:
        old = Process(kind="web")
        session.add(old)
    await sealing.begin_customers(plain.settings, plain.database)
    assert not key_ring().has(CUSTOMERS)
    async with plain.database.transaction() as session:
        await session.execute(delete(Process).where(Process.id == old.id))
    await sealing.begin_customers(plain.settings, plain.database)
    assert key_ring().has(CUSTOMERS)
    assert await plain.run() == "done"
    await read_everything(plain)
    found = await marks(plain.database)
    assert {column for column, mark in found if mark == CUSTOMERS_OWN} == {
        "customer.name", "contact_point.value", "attachment.name", "attachment.file_key",
    }  # fmt: skip
    assert {mark for _, mark in found} == {CUSTOMERS_OWN, 1}
    assert all(b"some words" not in path.read_bytes() for path in plain.store.root.rglob("*") if path.is_file())
    assert (await plain.status()).remaining == {}


async def test_a_rotation_leaves_nothing_under_the_old_key(plain: Installation) -> None:
    await sealing.begin_customers(plain.settings, plain.database)
    assert await plain.run() == "done"
    old_file = plain.settings.key_file
    master = installation_keys.rotate(plain.desk.dsn, plain.source)
    key_ring().read_again()
    await read_everything(plain)
    assert set((await plain.status()).remaining) >= {"customers' keys", "agent (installation)", "inbox (installation)"}
    assert await plain.retire() == [], "what is used is not retired"
    await plain.begin()
    assert await plain.run() == "done"
    assert {mark for _, mark in await marks(plain.database)} == {CUSTOMERS_OWN, 2}
    assert await plain.retire() == ["customers 1", "fields 1"]
    old_file.unlink()
    cache.clear()
    use_key_ring(installation_keys.open_ring(plain.desk.dsn, plain.source))
    assert key_ring().generations(FIELDS) == [2]
    assert installation_keys.master_in_use(plain.desk.dsn) == master
    await read_everything(plain)


async def test_a_process_that_seals_with_the_old_key_keeps_it(fresh: Installation) -> None:
    async with fresh.database.transaction() as session:
        late = Process(kind="web", keys=1)
        session.add(late)
    installation_keys.rotate(fresh.desk.dsn, fresh.source)
    key_ring().read_again()
    await fresh.begin()
    assert await fresh.run() == "done"
    assert (await fresh.status()).behind == 1
    assert await fresh.retire() == []
    async with fresh.database.transaction() as session:
        (await session.get_one(Process, late.id)).keys = 2
    assert await fresh.retire() == ["customers 1", "fields 1"]


async def test_the_job_stops_and_goes_on(plain: Installation) -> None:
    installation_keys.begin_customers(plain.desk.dsn, plain.source)
    key_ring().read_again()
    await plain.begin()
    async with plain.database.transaction() as session:
        await sealing.stop(session)
    assert await plain.run() == "stopped"
    assert (await plain.status()).remaining
    await plain.begin()
    # A second start ends the first one's chain of batches.
    await plain.begin()
    assert await plain.run() == "done"
    await read_everything(plain)


async def test_a_row_that_does_not_open_is_left_and_said(plain: Installation, caplog: pytest.LogCaptureFixture) -> None:
    await sealing.begin_customers(plain.settings, plain.database)
    async with plain.database.transaction() as session:
        await session.execute(text("UPDATE customer SET name = '\\x01'::bytea || decode(repeat('00', 40), 'hex')"))
    assert await plain.run() == "incomplete"
    found = await plain.status()
    assert found.remaining == {"customer (customers)": 1}
    assert found.work is not None
    assert found.work.failed == 1
    assert str(plain.desk.customer.id) in caplog.text
    assert sealing.retirable(found, forget_subjects=False) == [INDEX]


class Late:
    """A step that has nothing to do, but of which something was written between its pass and the count, twice."""

    name = "late"

    def __init__(self) -> None:
        self.counts = [1, 1, 0]

    async def batch(self, _session: AsyncSession, _after: UUID) -> Batch:
        return Batch(0, 0, None)

    async def left(self, _session: AsyncSession) -> int:
        return self.counts.pop(0)


async def test_what_is_written_while_the_job_counts_does_not_end_it(
    plain: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = Late()
    monkeypatch.setattr(sealing, "task", lambda _settings, database: partial(sealing.work, database, [late]))
    await plain.begin()
    assert await plain.run() == "done"
    assert late.counts == []


async def test_the_index_key_is_exchanged(fresh: Installation) -> None:
    async def come_back() -> UUID:
        async with fresh.database.transaction() as session:
            found = await customers.find_or_create(
                session, subject="7", name="Ada", language="en", contacts={"email": "ada@example.com"}, proven=True
            )
            return found.id

    first = await come_back()
    stale = KeyRing.of(installation_keys.read(fresh.desk.dsn, fresh.source), key_ring()._again)
    installation_keys.rotate_index(fresh.desk.dsn, fresh.source)
    # A process that has not heard of it yet: it must not make a second customer, before the job or after it.
    use_key_ring(stale)
    assert await come_back() == first
    assert key_ring().newest(INDEX) == 2
    await fresh.begin()
    assert await fresh.run() == "done"
    assert await fresh.retire() == ["index 1"]
    assert await come_back() == first
    async with fresh.database.transaction() as session:
        assert len(await queries.contact_points(session, first)) == 1


async def test_the_job_makes_indexes_anew_while_customers_come(fresh: Installation) -> None:
    async def come(number: int) -> UUID:
        async with fresh.database.transaction() as session:
            found = await customers.find_or_create(
                session, subject=str(number), name=None, language="en", contacts={"phone": f"+49 {number}"}, proven=True
            )
            return found.id

    before = [await come(number) for number in range(30)]
    installation_keys.rotate_index(fresh.desk.dsn, fresh.source)
    await fresh.begin()
    coming = asyncio.gather(*(come(number) for number in range(40)))
    assert await fresh.run() == "done"
    assert (await coming)[:30] == before
    assert (await fresh.status()).remaining == {}
    async with fresh.database.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM contact_point")) == 40


async def test_a_blocked_number_stays_blocked(fresh: Installation) -> None:
    """Also once the key with which it was found is retired; so do the calls that it has made."""
    old = number_indexes("+15550001")[0]
    async with fresh.database.transaction() as session:
        by = await session.scalar(select(Agent.id).limit(1))
        session.add(BlockedNumber(number="+15550001", number_index=old, why="abuse", by_id=by))
        session.add(Call(application="x", channel="c", number="+15550001", number_index=old, language="en"))
    installation_keys.rotate_index(fresh.desk.dsn, fresh.source)
    key_ring().read_again()
    await fresh.begin()
    assert await fresh.run() == "done"
    assert await fresh.retire() == ["index 1"]
    found = number_indexes("+1 555 0001")
    assert old not in found
    async with fresh.database.transaction() as session:
        blocked, calls = await known_of(session, found)
    assert blocked
    assert len(calls) == 1


async def test_a_subject_that_was_not_kept_waits_for_its_customer(fresh: Installation) -> None:
    async with fresh.database.transaction() as session:
        await customers.find_or_create(session, subject="7", name=None, language="en", contacts={}, proven=True)
        await session.execute(text("UPDATE customer SET subject = NULL"))
    installation_keys.rotate_index(fresh.desk.dsn, fresh.source)
    key_ring().read_again()
    await fresh.begin()
    assert await fresh.run() == "incomplete"
    assert await fresh.retire() == []
    assert await fresh.retire(forget_subjects=True) == ["index 1"]


async def test_a_file_follows_its_conversation_and_dies_with_its_customer(fresh: Installation) -> None:
    conversation_id = await fresh.desk.open()
    file = await fresh.upload(conversation_id)
    assert content(fresh.store, file) == b"some words"
    async with fresh.database.transaction() as session:
        known = await customers.find_or_create(
            session, subject="7", name="Ada", language="en", contacts={}, proven=True
        )
        await moving.move_to_customer(session, [conversation_id], known.id)
        await destroy_customer_key(session, fresh.desk.customer.id)
    async with fresh.database.transaction() as session:
        found = await session.get_one(Attachment, file.id)
        assert found.name == "note.txt"
    assert content(fresh.store, found) == b"some words"
    async with fresh.database.transaction() as session:
        await destroy_customer_key(session, known.id)
    async with fresh.database.transaction() as session:
        found = await session.get_one(Attachment, file.id)
        assert found.name == ""
    with pytest.raises(StoredFileMissing):
        content(fresh.store, found)


async def test_plain_files_of_an_erased_customer_go(plain: Installation) -> None:
    async with plain.database.transaction() as session:
        assert await delete_plain_files(session, plain.store, plain.desk.customer.id) == 1
        await destroy_customer_key(session, plain.desk.customer.id)
    assert [path for path in plain.store.root.rglob("*") if path.is_file()] == []
    await sealing.begin_customers(plain.settings, plain.database)
    assert await plain.run() == "done"
    async with plain.database.transaction() as session:
        (file,) = (await session.scalars(select(Attachment))).all()
    with pytest.raises(StoredFileMissing):
        content(plain.store, file)


async def test_the_job_deletes_plain_files_that_an_erasure_left(plain: Installation) -> None:
    async with plain.database.transaction() as session:
        await destroy_customer_key(session, plain.desk.customer.id)
    await sealing.begin_customers(plain.settings, plain.database)
    assert await plain.run() == "done"
    assert [path for path in plain.store.root.rglob("*") if path.is_file()] == []


def test_every_sealed_table_can_be_moved() -> None:
    """The job goes through a table by its key, one UUID; another shape needs a step of its own."""
    for table in METADATA.sorted_tables:
        if any(isinstance(column.type, Encrypted | CustomersOwn) for column in table.columns):
            assert [type(column.type) for column in table.primary_key] == [Uuid], table.name
    assert list(steps(METADATA))


async def test_a_start_reads_the_keys_of_the_database(fresh: Installation) -> None:
    before: Any = key_ring()
    opened = start(fresh.settings, fresh.desk.dsn)
    await opened.close()
    assert key_ring() is not before
    assert key_ring().open(before.seal("x", "a.b"), "a.b") == "x"
