"""The sealed log: what is sealed and when, what every kind of vandal leaves behind, and proofs of single entries."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from holdfast.access import proofs, sealing, seals, verifying
from holdfast.access.audit import record
from holdfast.access.models import AuditEntry
from holdfast.access.seals import Proof
from holdfast.access.viewer import SystemViewer
from holdfast.app import schema
from holdfast.core.clock import now
from holdfast.core.database import Database
from tests.access.support import KEY, PUBLIC, Log


@pytest.fixture
async def log(fresh_database_url: str) -> AsyncIterator[Log]:
    database = Database(fresh_database_url)
    yield Log(database, fresh_database_url)
    await database.close()


def test_models_and_migrations_agree(fresh_database_url: str) -> None:
    assert schema.differences(fresh_database_url) == []


async def test_what_is_committed_is_sealed_once(log: Log) -> None:
    await log.sealed(3, 1, 8)
    assert await log.seal() is None
    assert await log.seal(whole=True) is None
    report = await log.verify()
    assert (report.entries, report.seals, report.unsealed, report.findings) == (12, 3, 0, [])
    assert report.last is not None
    assert report.last.statement.total == 12
    assert seals.signed(PUBLIC, report.last)


async def test_an_entry_that_commits_late_is_not_lost(log: Log) -> None:
    """Its id and its transaction are older than those of entries that are sealed before it."""
    async with log.database.transaction() as slow:
        record(slow, SystemViewer("slow"), "test.slow", ("thing", None))
        await slow.flush()
        (quick,) = await log.write()
        # The horizon is the slow transaction: what began after it waits, so that no hole is sealed over.
        assert await log.seal() is None
    row = await log.seal()
    assert row is not None
    assert row.count == 2
    await log.sealed(1)
    report = await log.verify()
    assert (report.entries, report.findings) == (3, [])
    assert quick


async def test_two_sealers_at_once_make_one_chain(log: Log) -> None:
    for _ in range(5):
        await log.write(2)
        await asyncio.gather(*(log.seal() for _ in range(4)))
    report = await log.verify()
    assert (report.entries, report.unsealed, report.findings) == (10, 0, [])


async def test_after_a_restore_transactions_are_counted_anew_and_everything_is_sealed(log: Log) -> None:
    """As if the log came from a server that had counted far further."""
    await log.sealed(2)
    log.vandal(
        "UPDATE audit_entry SET written = written + 1000000000",
        "UPDATE audit_seal SET horizon = horizon + 1000000000",
    )
    await log.write(3)
    row = await log.seal()
    assert row is not None
    assert row.count == 3
    await log.sealed(1)
    assert (await log.verify()).unsealed == 0


async def test_nothing_is_changed_by_the_way(log: Log) -> None:
    await log.sealed(2)
    for table in ("audit_entry", "audit_seal", "audit_leaf"):
        with psycopg.connect(log.dsn) as connection:
            for statement in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
                with pytest.raises(psycopg.errors.RaiseException, match="only ever appended"):
                    connection.execute(statement.encode())
                connection.rollback()
    with psycopg.connect(log.dsn) as connection, pytest.raises(psycopg.errors.RaiseException, match="only ever"):
        connection.execute("UPDATE audit_entry SET purpose = 'a better one'")


async def test_one_edited_entry_is_named(log: Log) -> None:
    made = await log.sealed(2, 5, 2)
    victim = made[1][3]
    for column, value in (
        ("purpose", "'another'"),
        ("actor_kind", "'staff'"),
        ("detail", "detail || '{\"n\": 1}'"),
        ("at", "at - interval '1 microsecond'"),
        ("network", "'203.0.113.9'"),
    ):
        log.vandal("DROP TABLE IF EXISTS before", "CREATE TABLE before AS TABLE audit_entry")
        log.vandal(f"UPDATE audit_entry SET {column} = {value} WHERE id = '{victim}'")
        assert await log.findings() == [f"entry_changed: {victim}"], column
        log.vandal(f"UPDATE audit_entry e SET {column} = b.{column} FROM before b WHERE b.id = e.id")
        assert await log.findings() == []


async def test_an_edited_entry_with_its_leaf_forged_too_breaks_the_seal(log: Log) -> None:
    made = await log.sealed(2, 5)
    victim = made[1][0]
    log.vandal(f"UPDATE audit_entry SET purpose = 'another' WHERE id = '{victim}'")
    async with log.database.transaction() as session:
        entry = await session.get_one(AuditEntry, victim)
        forged = seals.leaf(sealing.fields(entry)).hex()
    log.vandal(f"UPDATE audit_leaf SET hash = '\\x{forged}' WHERE entry_id = '{victim}'")
    assert await log.findings() == ["root_wrong: seal 2"]


async def test_a_deleted_entry_is_named(log: Log) -> None:
    made = await log.sealed(3, 3)
    log.vandal(f"DELETE FROM audit_entry WHERE id = '{made[0][1]}'")
    assert await log.findings() == [f"entry_deleted: {made[0][1]}"]
    log.vandal(f"DELETE FROM audit_leaf WHERE entry_id = '{made[0][1]}'")
    assert await log.findings() == ["root_wrong: seal 1"]


async def test_an_inserted_entry_is_named(log: Log) -> None:
    made = await log.sealed(3, 3)
    copied = (
        "INSERT INTO audit_entry (id, at, actor_kind, action, subject_kind, detail, written)"
        " SELECT '01900000-0000-7000-8000-000000000001', at - interval '1 hour', actor_kind, action, subject_kind,"
        f" detail, written FROM audit_entry WHERE id = '{made[0][1]}'"
    )
    log.vandal(copied)
    assert await log.findings() == ["entry_inserted: 01900000-0000-7000-8000-000000000001"]
    # The sealer takes it for a fresh one; its date gives it away.
    assert await log.seal(whole=True) is not None
    assert await log.findings() == ["entry_backdated: 01900000-0000-7000-8000-000000000001"]


async def test_exchanged_entries_are_named(log: Log) -> None:
    made = await log.sealed(4)
    one, two = made[0][1], made[0][2]
    nobody = "01900000-0000-7000-8000-000000000002"
    log.vandal(
        f"UPDATE audit_entry SET id = '{nobody}' WHERE id = '{one}'",
        f"UPDATE audit_entry SET id = '{one}' WHERE id = '{two}'",
        f"UPDATE audit_entry SET id = '{two}' WHERE id = '{nobody}'",
    )
    assert await log.findings() == [f"entry_changed: {one}", f"entry_changed: {two}"]


async def test_exchanged_leaves_are_found(log: Log) -> None:
    await log.sealed(4)
    log.vandal(
        "UPDATE audit_leaf SET position = 100 WHERE position = 1",
        "UPDATE audit_leaf SET position = 1 WHERE position = 2",
        "UPDATE audit_leaf SET position = 2 WHERE position = 100",
    )
    (found,) = await log.findings()
    assert found.startswith("order_changed: ")


async def test_a_forged_seal_is_found(log: Log) -> None:
    await log.sealed(2, 2, 2)
    log.vandal("UPDATE audit_seal SET at = at + interval '1 second' WHERE number = 2")
    assert await log.findings() == ["signature_wrong: seal 2", "chain_broken: seal 3"]
    log.vandal("DELETE FROM audit_leaf WHERE seal = 2", "DELETE FROM audit_seal WHERE number = 2")
    found = await log.findings()
    assert "seal_missing: seal 2" in found


async def test_a_log_rewritten_as_a_whole_shows_only_in_its_checkpoints(log: Log) -> None:
    await log.sealed(3, 3, 3)
    kept = await log.checkpoints()
    assert await log.findings(kept) == []
    await log.rewrite(KEY)
    # Every seal is signed with the true key, and every entry fits: the database alone tells nothing.
    assert await log.findings() == []
    assert await log.findings(kept) == [f"checkpoint_differs: seal {number}" for number in (1, 2, 3)]
    # One checkpoint is enough.
    assert await log.findings(kept[2:]) == ["checkpoint_differs: seal 3"]


async def test_a_log_cut_off_at_its_end_shows_in_its_checkpoints(log: Log) -> None:
    made = await log.sealed(3, 3)
    kept = await log.checkpoints()
    log.vandal(
        "DELETE FROM audit_leaf WHERE seal = 2",
        "DELETE FROM audit_seal WHERE number = 2",
        f"DELETE FROM audit_entry WHERE id IN ({', '.join(repr(str(entry)) for entry in made[1])})",
    )
    assert await log.findings() == []
    assert await log.findings(kept) == ["seal_missing: seal 2 (a checkpoint remembers it)"]


async def test_without_the_key_a_rewritten_log_shows_at_once(log: Log) -> None:
    await log.sealed(3)
    await log.rewrite(Ed25519PrivateKey.generate())
    assert await log.findings() == ["signature_wrong: seal 1"]


async def test_a_log_that_nobody_seals_is_said_to_be_one(log: Log) -> None:
    (entry,) = await log.write()
    assert await log.findings() == []
    log.vandal(f"UPDATE audit_entry SET at = at - interval '1 hour' WHERE id = '{entry}'")
    assert await log.findings() == [f"entry_unsealed: {entry}"]


async def test_a_proof_convinces_without_the_database(log: Log) -> None:
    made = await log.sealed(1, 7, 2)
    async with log.database.transaction() as session:
        found = await proofs.proofs(session, [made[0][0], made[1][4], made[2][0]], seals.public_hex(PUBLIC))
    for proof in msgspec.json.decode(msgspec.json.encode(found), type=list[Proof]):
        assert seals.proven(proof, PUBLIC)
        assert seals.proven(proof)
        other = Ed25519PrivateKey.generate()
        assert not seals.proven(proof, other.public_key())
        for changed in (
            {"entry": {**proof.entry, "purpose": "a better one"}},
            {"index": proof.index + 1},
            {"path": [*proof.path, "00" * 32]},
            {"seal": seals.sign(other, proof.seal.statement)},
            {"seal": msgspec.structs.replace(proof.seal, signature="not hex")},
        ):
            assert not seals.proven(msgspec.structs.replace(proof, **changed), PUBLIC), changed


async def test_verifying_holds_few_rows_at_a_time(log: Log) -> None:
    await log.sealed(verifying.PAGE * 2 + 10)
    held = 0
    async with log.database.snapshot() as session:
        look = verifying._look_at

        def counting(*arguments: object) -> bool:
            nonlocal held
            held = max(held, len(session.identity_map))
            return look(*arguments)  # type: ignore[arg-type]  # handed on as they came

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(verifying, "_look_at", counting)
            report = await verifying.verify(session, moment=now(), public=PUBLIC)
    assert report.entries == verifying.PAGE * 2 + 10
    assert 0 < held <= verifying.PAGE * 2 + 10


@given(
    st.dictionaries(
        st.text(max_size=5), st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20), max_size=5
    )
)
def test_what_is_hashed_does_not_hang_on_the_order_of_names(detail: dict[str, object]) -> None:
    turned = dict(reversed(detail.items()))
    assert seals.leaf({"detail": detail}) == seals.leaf({"detail": turned})
