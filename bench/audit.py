"""The audit log: entries sealed and verified a second, and the verifier's memory, beside SHA-256 of as many bytes.

``python -m bench.audit [--entries 200000]``; starts a PostgreSQL of its own in a temporary folder.
"""

import argparse
import asyncio
import hashlib
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from holdfast.access import sealing, verifying
from holdfast.app import schema
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.embedded_postgres import EmbeddedPostgres

# Entries as an opened conversation leaves them.
_FILL = """
INSERT INTO audit_entry (id, at, actor_kind, actor_id, action, subject_kind, subject_id, network, detail)
SELECT gen_random_uuid(), now(), 'staff', gen_random_uuid(), 'conversation.opened', 'conversation', gen_random_uuid(),
       '203.0.113.7', '{"kind": "email"}' FROM generate_series(1, %s)
"""


async def measure(dsn: str, entries: int) -> None:
    key = Ed25519PrivateKey.generate()
    database = Database(dsn)
    begun = time.perf_counter()
    sealed = 0
    while sealed < entries:
        async with database.transaction() as session:
            row = await sealing.seal_once(session, key)
        if row is None:
            raise RuntimeError("nothing was sealed: does another transaction hold the horizon back?")
        sealed += row.count
    seconds = time.perf_counter() - begun
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    async with database.snapshot() as session:
        report = await verifying.verify(session, moment=now(), public=key.public_key())
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    await database.close()
    if not report.whole or report.entries != entries:
        raise RuntimeError(f"{report.entries} of {entries} entries, {report.findings[:3]}")
    begun = time.perf_counter()
    for _ in range(entries):
        hashlib.sha256(bytes(400)).digest()
    reference = entries / (time.perf_counter() - begun)
    sys.stdout.write(
        f"sealed    {entries / seconds:>10,.0f} entries/s ({report.seals} seals)\n"
        f"verified  {entries / report.seconds:>10,.0f} entries/s; {grown:.1f} MB more than sealing needed\n"
        f"reference {reference:>10,.0f} SHA-256 of 400 bytes/s on one core\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=200_000)
    entries = parser.parse_args().entries
    folder = Path(tempfile.mkdtemp(prefix="holdfast-bench-"))
    server = EmbeddedPostgres(folder)
    try:
        server.start()
        schema.upgrade(server.dsn)
        with psycopg.connect(server.dsn) as connection:
            connection.execute(_FILL, [entries])
        with psycopg.connect(server.dsn, autocommit=True) as connection:
            connection.execute("ANALYZE")
        asyncio.run(measure(server.dsn, entries))
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
