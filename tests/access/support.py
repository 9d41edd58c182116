"""A sealed log: entries written as the application writes them, seals as the worker makes them, and a vandal who has
the database's whole power."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from holdfast.access import sealing, verifying
from holdfast.access.audit import record
from holdfast.access.models import AuditEntry, AuditSeal
from holdfast.access.seals import Checkpoint
from holdfast.access.verifying import Report
from holdfast.access.viewer import SystemViewer, Viewer
from holdfast.core.clock import now
from holdfast.core.database import Database

KEY = Ed25519PrivateKey.from_private_bytes(b"s" * 32)
PUBLIC = KEY.public_key()


class Log:
    """The audit log of a test."""

    def __init__(self, database: Database, dsn: str) -> None:
        self.database = database
        self.dsn = dsn

    async def write(self, count: int = 1, viewer: Viewer | None = None, **detail: Any) -> list[UUID]:
        async with self.database.transaction() as session:
            for _ in range(count):
                record(session, viewer or SystemViewer("test"), "test.done", ("thing", uuid4()), **detail)
            entries = [entry for entry in session.new if isinstance(entry, AuditEntry)]
            await session.flush()
            return sorted(entry.id for entry in entries)

    async def seal(self, *, whole: bool = False) -> AuditSeal | None:
        async with self.database.transaction() as session:
            return await sealing.seal_once(session, KEY, whole=whole)

    async def sealed(self, *sizes: int) -> list[list[UUID]]:
        """As many seals as sizes, each over so many entries."""
        made = []
        for size in sizes:
            made.append(await self.write(size))
            row = await self.seal()
            assert row is not None
            assert row.count == size
        return made

    async def checkpoints(self) -> list[Checkpoint]:
        async with self.database.transaction() as session:
            rows = await session.scalars(select(AuditSeal).order_by(AuditSeal.number))
            return [sealing.checkpoint_of(row) for row in rows]

    async def verify(self, checkpoints: Sequence[Checkpoint] = (), public: Any = PUBLIC) -> Report:
        async with self.database.snapshot() as session:
            return await verifying.verify(session, moment=now(), public=public, checkpoints=checkpoints)

    async def findings(self, checkpoints: Sequence[Checkpoint] = ()) -> list[str]:
        return [finding.words() for finding in (await self.verify(checkpoints)).findings]

    def vandal(self, *statements: str) -> None:
        """Change what must not be changed, as the owner of the tables can."""
        with psycopg.connect(self.dsn) as connection:
            for table in ("audit_entry", "audit_seal", "audit_leaf"):
                connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only".encode())
            for statement in statements:
                connection.execute(statement.encode())
            for table in ("audit_entry", "audit_seal", "audit_leaf"):
                connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER append_only".encode())

    async def rewrite(self, key: Ed25519PrivateKey) -> None:
        """The whole log anew without one entry, with every seal signed again: nothing in the database tells."""
        async with self.database.transaction() as session:
            first = await session.scalar(select(AuditEntry.id).order_by(AuditEntry.id).limit(1))
            counts = list(await session.scalars(select(AuditSeal.count).order_by(AuditSeal.number)))
        self.vandal("TRUNCATE audit_leaf, audit_seal", f"DELETE FROM audit_entry WHERE id = '{first}'")
        counts[0] -= 1
        with patched_most(counts):
            for _ in counts:
                async with self.database.transaction() as session:
                    assert await sealing.seal_once(session, key, whole=True) is not None


@contextmanager
def patched_most(counts: Sequence[int]) -> Iterator[None]:
    """Each seal takes as many entries as before."""
    wanted = iter(counts)
    real = sealing._unsealed

    async def some(*arguments: Any) -> list[AuditEntry]:
        return (await real(*arguments))[: next(wanted)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealing, "_unsealed", some)
        yield
