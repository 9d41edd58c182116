"""A customer's values open with their key, in their place, until the key is destroyed."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from holdfast.access import customer_keys
from holdfast.access.customer_keys import Cache, cache, destroy_customer_key, key_of, open_for, seal_for
from holdfast.access.customer_values import erased
from holdfast.access.errors import CustomerErased
from holdfast.access.keys import CUSTOMERS, CUSTOMERS_OWN, FIELDS, KeyMissing, KeyRing, first_generation, use_key_ring
from holdfast.access.policy import Stance
from holdfast.access.viewer import SystemViewer
from holdfast.core.database import Database
from holdfast.people import customers, queries
from holdfast.people.models import ContactPoint, Customer

MASTER = b"k" * 32


@pytest.fixture
async def database(fresh_database_url: str) -> AsyncIterator[Database]:
    use_key_ring(KeyRing(MASTER))
    cache.clear()
    made = Database(fresh_database_url)
    yield made
    await made.close()


async def known(database: Database, subject: str = "7", name: str | None = "Lin Haoran") -> UUID:
    async with database.transaction() as session:
        made = await customers.find_or_create(
            session,
            subject=subject,
            name=name,
            language="en",
            contacts={"email": f"{subject}@example.com", "phone": "+86 138 0000 4417"},
            proven=True,
        )
        return made.id


async def raw(database: Database, statement: str, **values: object) -> list[Any]:
    async with database.transaction() as session:
        return list((await session.execute(text(statement), values)).all())


async def test_values_are_read_as_they_were_set_and_stored_sealed(database: Database, fresh_database_url: str) -> None:
    customer_id = await known(database)
    async with database.transaction() as session:
        customer = await session.get_one(Customer, customer_id)
        assert (customer.name, customer.subject) == ("Lin Haoran", "7")
        assert await session.scalar(select(Customer.name).where(Customer.id == customer_id)) == "Lin Haoran"
        points = await queries.contact_points(session, customer_id)
        assert {point.value for point in points} == {"7@example.com", "+86 138 0000 4417"}
        customer.name = "Lin H."
        assert customer.name == "Lin H."
    async with database.transaction() as session:
        assert (await session.get_one(Customer, customer_id)).name == "Lin H."
    stored = await raw(database, "SELECT name, subject FROM customer UNION ALL SELECT value, NULL FROM contact_point")
    assert {row[0][0] for row in stored} == {CUSTOMERS_OWN}
    with psycopg.connect(fresh_database_url) as connection:
        everything = "".join(
            str(row)
            for table in ("customer", "contact_point", "customer_key")
            for row in connection.execute(f"SELECT t::text FROM {table} t")
        )
    for secret in ("Lin", "7@example.com", "4417"):
        assert secret not in everything
        assert secret.encode().hex() not in everything


async def test_a_row_is_locked_and_read_with_its_key(database: Database) -> None:
    customer_id = await known(database)
    async with database.transaction() as session:
        found = await queries.customer(session, customer_id, lock=True)
        assert found is not None
        assert found.name == "Lin Haoran"


@pytest.mark.parametrize(
    "theft",
    [
        "UPDATE customer SET name = (SELECT name FROM customer WHERE id = :other) WHERE id = :own",
        "UPDATE customer SET name = (SELECT subject FROM customer WHERE id = :own) WHERE id = :own",
        "UPDATE customer SET name = (SELECT value FROM contact_point WHERE customer_id = :own LIMIT 1) WHERE id = :own",
        "UPDATE customer_key SET wrapped = (SELECT wrapped FROM customer_key WHERE customer_id = :other)"
        " WHERE customer_id = :own",
        # The name together with the key that it opens with.
        "WITH k AS (UPDATE customer_key SET wrapped = (SELECT wrapped FROM customer_key WHERE customer_id = :other)"
        " WHERE customer_id = :own)"
        " UPDATE customer SET name = (SELECT name FROM customer WHERE id = :other) WHERE id = :own",
    ],
)
async def test_a_value_cannot_be_moved(database: Database, theft: str) -> None:
    own, other = await known(database, "7"), await known(database, "8", "Somebody Else")
    async with database.transaction() as session:
        await session.execute(text(theft), {"own": own, "other": other})
    async with database.transaction() as session:
        customer = await session.get_one(Customer, own)
        with pytest.raises(InvalidTag):
            _ = customer.name


@given(st.binary(max_size=300), st.text(max_size=20), st.uuids())
def test_sealing_round_trips_and_is_never_the_same(plain: bytes, context: str, customer_id: UUID) -> None:
    use_key_ring(KeyRing(MASTER))
    wrapped = customer_keys.new_wrapped(customer_id)
    sealed = seal_for(customer_id, wrapped, plain, context)
    assert open_for(customer_id, wrapped, sealed, context) == plain
    assert seal_for(customer_id, wrapped, plain, context) != sealed


async def test_two_transactions_at_once_end_with_one_key(database: Database) -> None:
    customer_id = uuid4()
    async with database.transaction() as session:
        first = await key_of(session, customer_id)
    async with database.transaction() as session:
        assert await key_of(session, customer_id) == first


async def test_destroying_the_key_erases_everything_everywhere(database: Database, fresh_database_url: str) -> None:
    customer_id, other = await known(database, "7"), await known(database, "8", "Somebody Else")
    before = await raw(
        database,
        "SELECT c.name, k.wrapped FROM customer c JOIN customer_key k ON k.customer_id = c.id WHERE c.id = :id",
        id=customer_id,
    )
    async with database.transaction() as session:
        # This process has the key in its memory.
        assert (await session.get_one(Customer, customer_id)).name == "Lin Haoran"
    assert customer_id in cache
    async with database.transaction() as session:
        await destroy_customer_key(session, customer_id)
    async with database.transaction() as session:
        customer = await session.get_one(Customer, customer_id)
        assert customer.name == ""
        assert erased(customer)
        points = await queries.contact_points(session, customer_id)
        assert [(point.value, erased(point)) for point in points] == [("", True), ("", True)]
        view = await customers.view(
            session, SystemViewer("test"), customer_id, stance=Stance.AWAY, conversation_id=customer_id
        )
        assert view.name == ""
        assert [(field.masked, field.erased) for field in view.fields] == [("", True)] * 2
        assert (await session.get_one(Customer, other)).name == "Somebody Else"
    assert customer_id not in cache
    # What a dump holds now, with the installation's keys at hand.
    (after,) = await raw(
        database, "SELECT wrapped, destroyed_at FROM customer_key WHERE customer_id = :id", id=customer_id
    )
    assert after[0] == b""
    assert after[1] is not None
    assert open_for(customer_id, b"", before[0][0], "customer.name") is None
    with pytest.raises((InvalidTag, ValueError, KeyMissing)):
        open_for(customer_id, customer_keys.new_wrapped(customer_id), before[0][0], "customer.name")


async def test_an_erased_customer_gets_no_other_key(database: Database) -> None:
    customer_id = await known(database)
    async with database.transaction() as session:
        await destroy_customer_key(session, customer_id)
    for _ in range(2):
        async with database.transaction() as session:
            await destroy_customer_key(session, customer_id)
    with pytest.raises(CustomerErased):
        async with database.transaction() as session:
            (await session.get_one(Customer, customer_id)).name = "Again"
    with pytest.raises(CustomerErased):
        async with database.transaction() as session:
            session.add(ContactPoint(customer_id=customer_id, kind="email", value="x@example.com", value_index=b"x"))


async def test_a_process_that_heard_nothing_shows_nothing(database: Database) -> None:
    """Its cache holds the opened key; the row it reads says that it is destroyed."""
    customer_id = await known(database)
    async with database.transaction() as session:
        assert (await session.get_one(Customer, customer_id)).name == "Lin Haoran"
        wrapped = await key_of(session, customer_id)
    async with database.transaction() as session:
        await session.execute(text("UPDATE customer_key SET wrapped = '' WHERE customer_id = :id"), {"id": customer_id})
    assert customer_id in cache
    async with database.transaction() as session:
        assert (await session.get_one(Customer, customer_id)).name == ""
    customer_keys.notice(f"forget:{customer_id} read")
    assert customer_id not in cache
    assert wrapped


async def test_values_of_the_first_version_are_read_and_blotted_out_with_the_key(database: Database) -> None:
    customer_id = await known(database)
    legacy = KeyRing(MASTER).seal("An Old Name", "customer.name")
    async with database.transaction() as session:
        await session.execute(text("DELETE FROM customer_key"))
        await session.execute(text("UPDATE customer SET name = :name, subject = NULL"), {"name": legacy})
        await session.execute(text("DELETE FROM contact_point"))
    async with database.transaction() as session:
        assert (await session.get_one(Customer, customer_id)).name == "An Old Name"
        await destroy_customer_key(session, customer_id)
    async with database.transaction() as session:
        assert (await session.get_one(Customer, customer_id)).name == ""
    ((stored,),) = await raw(database, "SELECT name FROM customer")
    assert stored == bytes([CUSTOMERS_OWN])


async def test_while_the_first_version_may_run_it_can_read_what_is_written(database: Database) -> None:
    keys = first_generation(MASTER)
    del keys[CUSTOMERS]
    use_key_ring(KeyRing.of(keys))
    customer_id = await known(database)
    async with database.transaction() as session:
        assert (await session.get_one(Customer, customer_id)).name == "Lin Haoran"
        session.add(ContactPoint(customer_id=customer_id, kind="wallet", value="0xabc", value_index=b"x"))
    old = KeyRing(MASTER)
    for name, subject in await raw(database, "SELECT name, subject FROM customer"):
        assert (old.open(name, "customer.name"), old.open(subject, "customer.subject")) == ("Lin Haoran", "7")
    values = [
        old.open(value, "contact_point.value") for (value,) in await raw(database, "SELECT value FROM contact_point")
    ]
    assert "0xabc" in values
    assert await raw(database, "SELECT * FROM customer_key") == []


async def test_a_merge_seals_for_the_known_customer(database: Database) -> None:
    into = await known(database, name=None)
    async with database.transaction() as session:
        visitor = await customers.find_or_create(
            session,
            subject=None,
            name="Lin",
            language="en",
            contacts={"wallet": "TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLSE"},
            proven=False,
        )
    async with database.transaction() as session:
        await customers.merge(session, visitor.id, into)
    async with database.transaction() as session:
        await destroy_customer_key(session, visitor.id)
    async with database.transaction() as session:
        assert (await session.get_one(Customer, into)).name == "Lin"
        values = {point.value for point in await queries.contact_points(session, into)}
        assert "TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLSE" in values


def test_the_cache_is_bounded_and_drops_the_least_used() -> None:
    use_key_ring(KeyRing(MASTER))
    small = Cache(2)
    ids = [uuid4() for _ in range(3)]
    wrapped = {i: customer_keys.new_wrapped(i) for i in ids}
    for i in (ids[0], ids[1], ids[0], ids[2]):
        small.cipher(i, wrapped[i])
    assert [i in small for i in ids] == [True, False, True]


def test_a_value_of_a_newer_generation_makes_the_ring_read_again() -> None:
    newer = first_generation(MASTER)
    newer[FIELDS][2] = b"n" * 32
    sealed = KeyRing.of(newer).seal("new", "a.b")
    assert sealed[0] == 2
    reads: list[None] = []

    def again() -> dict[str, dict[int, bytes]]:
        reads.append(None)
        return newer

    ring = KeyRing.of(first_generation(MASTER), again)
    assert ring.open(sealed, "a.b") == "new"
    assert ring.open(sealed, "a.b") == "new"
    assert len(reads) == 1
    with pytest.raises(KeyMissing):
        ring.open(b"\x03" + sealed[1:], "a.b")


def test_a_signature_outlives_a_rotation_and_an_index_tells_its_generation() -> None:
    first = KeyRing(MASTER)
    both = first_generation(MASTER)
    both["signatures"][2], both["index"][2] = b"s" * 32, b"i" * 32
    second = KeyRing.of(both)
    assert second.signed("file:1", first.sign("file:1"))
    assert second.sign("file:1") != first.sign("file:1")
    assert second.blind_indexes("a", "b")[1] == first.blind_index("a", "b")
    assert second.blind_index("a", "b")[0] == 2
    del both["signatures"][1]
    assert not KeyRing.of(both).signed("file:1", first.sign("file:1"))
