"""Checking the whole audit log against its seals, and the seals against checkpoints: in one pass, in constant memory.

What is found is named: the entry that was changed, deleted, inserted or dated back; the seal that was forged, is
missing, or is not the one a checkpoint remembers.
"""

import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access import sealing, seals
from holdfast.access.merkle import Tree
from holdfast.access.models import AuditEntry, AuditLeaf, AuditSeal
from holdfast.access.seals import NO_SEAL, Checkpoint

# Rows that the driver fetches at once.
PAGE = 2_000
# The most findings that are kept: a wholly rewritten log would name every row.
MOST_FINDINGS = 1_000
# An entry is at most this much older than the seal before the one it is in: a transaction takes seconds. And an entry
# that waits longer than this for its seal says that nobody seals.
SLACK = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something is wrong. ``what`` is entry_changed, entry_deleted, entry_inserted, entry_backdated, entry_unsealed,
    order_changed, root_wrong, signature_wrong, chain_broken, seal_missing, checkpoint_differs or
    checkpoint_signature_wrong; ``about`` the entry's id or the seal's number."""

    what: str
    about: str

    def words(self) -> str:
        return f"{self.what}: {self.about}"


@dataclass(slots=True)
class Report:
    """What was looked at. ``checkpoints`` is how many were compared."""

    entries: int = 0
    unsealed: int = 0
    seals: int = 0
    checkpoints: int = 0
    seconds: float = 0.0
    last: Checkpoint | None = None
    findings: list[Finding] = field(default_factory=list)

    def found(self, what: str, about: object) -> None:
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(what, str(about)))

    @property
    def whole(self) -> bool:
        return not self.findings


class _Chain:
    """Follows seals in order: signature, number, hash of the one before, and what checkpoints remember of each."""

    def __init__(self, report: Report, public: Ed25519PublicKey | None, remembered: Iterable[Checkpoint]) -> None:
        self.report = report
        self.public = public
        self.remembered: dict[int, set[bytes]] = {}
        for checkpoint in remembered:
            report.checkpoints += 1
            if public is not None and not seals.signed(public, checkpoint):
                report.found("checkpoint_signature_wrong", f"seal {checkpoint.statement.number}")
            self.remembered.setdefault(checkpoint.statement.number, set()).add(checkpoint.statement.digest())
        self.previous = NO_SEAL
        self.number = 0
        self.total = 0

    def take(self, row: AuditSeal) -> None:
        signed = sealing.checkpoint_of(row)
        statement = signed.statement
        name = f"seal {row.number}"
        for missing in range(self.number + 1, min(row.number, self.number + 1 + MOST_FINDINGS)):
            self.report.found("seal_missing", f"seal {missing}")
        if row.number == self.number + 1 and bytes(row.previous) != self.previous:
            self.report.found("chain_broken", name)
        self.total += row.count
        if row.total != self.total:
            self.report.found("chain_broken", f"{name} (its total)")
            self.total = row.total
        if self.public is not None and not seals.signed(self.public, signed):
            self.report.found("signature_wrong", name)
        known = self.remembered.pop(row.number, None)
        if known is not None and known != {statement.digest()}:
            self.report.found("checkpoint_differs", name)
        self.previous, self.number = statement.digest(), row.number
        self.report.seals += 1
        self.report.last = signed

    def finish(self) -> None:
        for number in sorted(self.remembered):
            self.report.found("seal_missing", f"seal {number} (a checkpoint remembers it)")


async def verify(
    session: AsyncSession,
    *,
    moment: datetime,
    public: Ed25519PublicKey | None = None,
    checkpoints: Iterable[Checkpoint] = (),
) -> Report:
    """Look at everything. ``public`` is the key that must have signed; without one, signatures are not looked at.

    Runs in one snapshot (the caller's transaction should be REPEATABLE READ).
    """
    report = Report()
    begun = time.perf_counter()
    chain = _Chain(report, public, checkpoints)
    before: datetime | None = None
    leaves = _leaves(session)
    held = await anext(leaves, None)
    async for row in _rows(session, select(AuditSeal).order_by(AuditSeal.number)):
        seal: AuditSeal = row[0]
        chain.take(seal)
        tree, wrong, last_id = Tree(), False, None
        while held is not None and held[0].seal <= seal.number:
            leaf, entry = held
            if leaf.seal < seal.number:
                report.found("seal_missing", f"seal {leaf.seal}")
            else:
                wrong |= _look_at(report, tree, leaf, entry, last_id, before)
                last_id = leaf.entry_id
            held = await anext(leaves, None)
        # Named already where an entry's own hash differs; else the leaves themselves were forged.
        if not wrong and (tree.size != seal.count or tree.root() != bytes(seal.root)):
            report.found("root_wrong", f"seal {seal.number}")
        before = seal.at
    while held is not None:
        report.found("seal_missing", f"seal {held[0].seal}")
        held = await anext(leaves, None)
    chain.finish()
    await _look_at_unsealed(session, report, before, moment)
    report.seconds = time.perf_counter() - begun
    return report


def _look_at(
    report: Report,
    tree: Tree,
    leaf: AuditLeaf,
    entry: AuditEntry | None,
    last_id: UUID | None,
    before: datetime | None,
) -> bool:
    """One leaf and its entry; True if something is wrong with them."""
    report.entries += 1
    found = len(report.findings)
    if entry is None:
        report.found("entry_deleted", leaf.entry_id)
        tree.add(bytes(leaf.hash))
    else:
        computed = seals.leaf(sealing.fields(entry))
        tree.add(computed)
        if computed != bytes(leaf.hash):
            report.found("entry_changed", entry.id)
        elif before is not None and entry.at < before - SLACK:
            report.found("entry_backdated", entry.id)
    if last_id is not None and leaf.entry_id <= last_id:
        report.found("order_changed", leaf.entry_id)
    return len(report.findings) > found


async def _look_at_unsealed(session: AsyncSession, report: Report, last_at: datetime | None, moment: datetime) -> None:
    """Entries in no seal: fresh ones wait for the next; one that is older than the last seal's time was slipped in."""
    statement = (
        select(AuditEntry)
        .outerjoin(AuditLeaf, AuditLeaf.entry_id == AuditEntry.id)
        .where(AuditLeaf.entry_id.is_(None))
        .order_by(AuditEntry.id)
    )
    async for row in _rows(session, statement):
        entry: AuditEntry = row[0]
        report.entries += 1
        report.unsealed += 1
        if last_at is not None and entry.at < last_at - SLACK:
            report.found("entry_inserted", entry.id)
        elif entry.at < moment - SLACK:
            report.found("entry_unsealed", entry.id)


async def _leaves(session: AsyncSession) -> AsyncIterator[tuple[AuditLeaf, AuditEntry | None]]:
    statement = (
        select(AuditLeaf, AuditEntry)
        .outerjoin(AuditEntry, AuditEntry.id == AuditLeaf.entry_id)
        .order_by(AuditLeaf.seal, AuditLeaf.position)
    )
    async for row in _rows(session, statement):
        yield row[0], row[1]


async def _rows(session: AsyncSession, statement: Any) -> AsyncIterator[Any]:
    """A server-side cursor; rows are forgotten when they were looked at."""
    result = await session.stream(statement.execution_options(yield_per=PAGE))
    async for row in result:
        yield row
        for part in row:
            if part is not None:
                session.expunge(part)
