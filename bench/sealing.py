"""What sealing costs: MB/s of files beside a plain copy, microseconds a field, and a list of 200 conversations.

python -m bench.sealing [MB]

Figures are also given relative to a calibration of the same run (SHA-256 of 64 MB): machines differ.
"""

import asyncio
import hashlib
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from uuid import uuid4

from sqlalchemy import text
from tests.conversations.support import Desk, desk

from holdfast.access.customer_keys import cache, new_wrapped, open_for, seal_for
from holdfast.access.keys import KeyRing, use_key_ring
from holdfast.access.viewer import Role
from holdfast.app import schema
from holdfast.conversations import operations, queries
from holdfast.conversations.intake import IncomingMessage
from holdfast.core.embedded_postgres import EmbeddedPostgres
from holdfast.core.files import CHUNK, FileStore
from holdfast.core.sealed_files import new_file_key
from holdfast.people import customers
from holdfast.people.models import Agent
from holdfast.people.sessions import viewer_of

ROWS = 200


def best(work: Callable[[], object], times: int = 5) -> float:
    """Seconds of the fastest of some runs."""
    spent = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        spent.append(time.perf_counter() - begun)
    return min(spent)


def files(folder: Path, megabytes: int, calibration: float) -> None:
    """``calibration``: MB/s of SHA-256."""
    store, source = FileStore(folder / "files"), folder / "source"
    source.write_bytes(os.urandom(megabytes << 20))
    stored: list[str] = []

    def put(key: bytes | None) -> None:
        with source.open("rb") as file:
            stored.append(store.put(file, key))

    def read(key: bytes | None) -> None:
        with store.open(stored[-1], key) as file:
            while file.read(CHUNK):
                pass

    rates = []
    for key in (None, new_file_key()):
        rates.append((megabytes / best(partial(put, key)), megabytes / best(partial(read, key))))
    for which, (plain, sealed) in zip(("write", "read"), zip(*rates, strict=True), strict=True):
        print(
            f"  {which:5}  plain {plain:7.0f} MB/s   sealed {sealed:7.0f} MB/s   "
            f"sealed/plain {sealed / plain:.2f}   sealed/calibration {sealed / calibration:.2f}"
        )


def fields() -> None:
    ring, customer_id = KeyRing(b"k" * 32), uuid4()
    use_key_ring(ring)
    wrapped = new_wrapped(customer_id)
    sealed = seal_for(customer_id, wrapped, b"Lin Haoran", "customer.name")
    installation = ring.seal("Lin Haoran", "customer.name")

    def cold() -> None:
        cache.forget(customer_id)
        open_for(customer_id, wrapped, sealed, "customer.name")

    for name, work in {
        "seal with the installation's key": lambda: ring.seal("Lin Haoran", "customer.name"),
        "open with the installation's key": lambda: ring.open(installation, "customer.name"),
        "seal with a customer's key": lambda: seal_for(customer_id, wrapped, b"Lin Haoran", "customer.name"),
        "open with a customer's key": lambda: open_for(customer_id, wrapped, sealed, "customer.name"),
        "open, and the key too": cold,
        "blind index": lambda: ring.blind_index("7", "customer.subject"),
    }.items():
        spent = best(lambda work=work: [work() for _ in range(2000)]) / 2000  # type: ignore[misc]  # mypy infers no lambda that has a default
        print(f"  {name:34} {spent * 1e6:7.2f} us")


async def _fill(made: Desk) -> None:
    for number in range(ROWS):
        async with made.database.transaction() as session:
            customer = await customers.find_or_create(
                session, subject=str(number), name=f"Customer {number}", language="en", contacts={}, proven=True
            )
            opening = IncomingMessage("chat-open", os.urandom(32), "customer", customer.id, "Hello")
            inbox = await session.merge(made.inbox)
            await operations.open_conversation(session, inbox, customer, opening, language="en")


async def _median(work: Callable[[], Awaitable[object]], times: int = 41) -> float:
    await work()
    spent = []
    for _ in range(times):
        begun = time.perf_counter()
        await work()
        spent.append(time.perf_counter() - begun)
    return statistics.median(spent)


async def listing(dsn: str) -> None:
    """The list as it is, beside names that are under the installation's key as in the first version."""
    async with desk(dsn) as made:
        await _fill(made)
        lead = viewer_of(Agent(id=made.karin.id, email="k", name="k", roles=[Role.LEAD]))

        async def read() -> None:
            async with made.database.transaction() as session:
                rows = await queries.listing(session, lead, "all", limit=ROWS)
                assert len(rows) == ROWS
                assert all(row.customer.name for row in rows)

        async def cold() -> None:
            cache.clear()
            await read()

        now, first = await _median(read), await _median(cold)
        ring = KeyRing(b"k" * 32)
        async with made.database.transaction() as session:
            for number, (customer_id,) in enumerate(await session.execute(text("SELECT id FROM customer"))):
                name = ring.seal(f"Customer {number}", "customer.name")
                await session.execute(
                    text("UPDATE customer SET name = :name WHERE id = :id"), {"name": name, "id": customer_id}
                )
            await session.execute(text("DELETE FROM customer_key"))
        before = await _median(read)
        print(f"  names under the installation's key   {before * 1e3:7.2f} ms")
        print(f"  names under each customer's key      {now * 1e3:7.2f} ms   ratio {now / before:.2f}")
        print(f"  the same with no key in memory       {first * 1e3:7.2f} ms   ratio {first / before:.2f}")


def main() -> None:
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 64
    block = os.urandom(64 << 20)
    calibration = 64 / best(lambda: hashlib.sha256(block).digest())
    print(f"calibration: SHA-256 at {calibration:.0f} MB/s")
    with tempfile.TemporaryDirectory() as folder:
        print(f"a file of {megabytes} MB (written durably)")
        files(Path(folder), megabytes, calibration)
        print("a field")
        fields()
        print(f"a list of {ROWS} conversations")
        with EmbeddedPostgres(Path(folder) / "data") as server:
            schema.upgrade(server.dsn)
            asyncio.run(listing(server.dsn))


if __name__ == "__main__":
    main()
