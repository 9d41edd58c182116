"""The sealer: every few seconds it signs what has been committed since, and sends checkpoints to second places."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access import merkle, queries, seals
from holdfast.access.models import AuditEntry, AuditLeaf, AuditSeal, CheckpointSent
from holdfast.access.ports import SecondPlace
from holdfast.access.seals import NO_SEAL, Checkpoint, Statement
from holdfast.core.clock import now
from holdfast.core.database import Database

# Seconds between two seals, and the most entries of one: a proof carries log2 of it hashes, and a backlog is worked
# off in pieces that fit in memory.
EVERY = 2.0
MOST = 10_000
# Only one sealer at a time, of however many workers: a lock of the transaction, which nobody else takes.
_LOCK = 0x486F6C6453656121

logger = logging.getLogger(__name__)

Sealed = Callable[[AsyncSession, Sequence[AuditEntry]], Awaitable[None]]


def fields(entry: AuditEntry) -> dict[str, object]:
    """The entry as it is hashed."""
    return seals.entry_fields(
        entry.id,
        entry.at,
        (entry.actor_kind, entry.actor_id),
        entry.action,
        (entry.subject_kind, entry.subject_id),
        entry.purpose,
        (entry.network, entry.salt) if entry.network is not None else None,
        entry.detail,
    )


def checkpoint_of(row: AuditSeal) -> Checkpoint:
    """The signed statement that a row of ``audit_seal`` holds."""
    statement = Statement(
        row.number, seals.instant(row.at), row.count, row.total, bytes(row.root).hex(), bytes(row.previous).hex()
    )
    return Checkpoint(statement, bytes(row.signature).hex(), row.key)


async def last_seal(session: AsyncSession) -> AuditSeal | None:
    return await session.scalar(select(AuditSeal).order_by(AuditSeal.number.desc()).limit(1))


async def _unsealed(session: AsyncSession, last: AuditSeal | None, horizon: int, whole: bool) -> list[AuditEntry]:
    """What committed before ``horizon`` and is in no seal, in the order of ids. ``whole`` looks at every entry (once
    after a start: a restored database counts its transactions anew); else only at those since the last horizon."""
    statement = (
        select(AuditEntry)
        .outerjoin(AuditLeaf, AuditLeaf.entry_id == AuditEntry.id)
        .where(AuditLeaf.entry_id.is_(None))
        .order_by(AuditEntry.id)
        .limit(MOST)
    )
    if not whole:
        statement = statement.where(AuditEntry.written < horizon)
        if last is not None:
            statement = statement.where(AuditEntry.written >= last.horizon)
    return list(await session.scalars(statement))


async def seal_once(
    session: AsyncSession, key: Ed25519PrivateKey, *, whole: bool = False, sealed: Sealed | None = None
) -> AuditSeal | None:
    """One seal over at most MOST entries; None if there is nothing to seal, or another sealer is at it.

    A transaction that is still open has written nothing we can see and may have the oldest id of all: entries below
    the snapshot's horizon are complete, the rest waits for the next seal.
    """
    if not await session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK))):
        return None
    horizon = int(await session.scalar(text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")) or 0)
    last = await last_seal(session)
    # A restored database counts its transactions from the beginning again.
    whole = whole or (last is not None and horizon < last.horizon)
    entries = await _unsealed(session, last, horizon, whole)
    if not entries:
        return None
    leaves = [seals.leaf(fields(entry)) for entry in entries]
    # A full piece may have left entries below the horizon: the next one begins where this one began.
    until = horizon if len(entries) < MOST else (last.horizon if last else 0)
    moment = now()
    statement = Statement(
        number=last.number + 1 if last else 1,
        at=seals.instant(moment),
        count=len(entries),
        total=(last.total if last else 0) + len(entries),
        root=merkle.root(leaves).hex(),
        previous=(checkpoint_of(last).statement.digest() if last else NO_SEAL).hex(),
    )
    signed = seals.sign(key, statement)
    row = AuditSeal(
        number=statement.number,
        at=moment,
        count=statement.count,
        total=statement.total,
        root=bytes.fromhex(statement.root),
        previous=bytes.fromhex(statement.previous),
        horizon=until,
        key=signed.key,
        signature=bytes.fromhex(signed.signature),
    )
    session.add(row)
    await session.flush()
    await session.execute(
        insert(AuditLeaf),
        [
            {"seal": row.number, "position": place, "entry_id": entry.id, "hash": leaf}
            for place, (entry, leaf) in enumerate(zip(entries, leaves, strict=True))
        ],
    )
    if sealed is not None:
        await sealed(session, entries)
    return row


async def send_checkpoints(database: Database, places: Sequence[SecondPlace]) -> None:
    """The newest seal to each place whose turn it is: a seal binds all before it. What fails is tried again."""
    if not places:
        return
    async with database.transaction() as session:
        last = await last_seal(session)
        sent = {row.place: row for row in await queries.checkpoints_sent(session)}
    if last is None:
        return
    for place in places:
        known = sent.get(place.name)
        if known is not None and (known.seal >= last.number or now() - known.at < timedelta(seconds=place.every)):
            continue
        try:
            await place.put(checkpoint_of(last))
        except Exception:
            logger.warning("the checkpoint of seal %d did not reach %s", last.number, place.name, exc_info=True)
            continue
        values = {"seal": last.number, "at": now()}
        async with database.transaction() as session:
            await session.execute(
                upsert(CheckpointSent)
                .values(place=place.name, **values)
                .on_conflict_do_update(index_elements=["place"], set_=values)
            )


async def run(
    database: Database, key: Ed25519PrivateKey, places: Sequence[SecondPlace], *, sealed: Sealed | None = None
) -> None:
    """Seal until cancelled; a lost database is tried again."""
    whole = True
    while True:
        try:
            async with database.transaction() as session:
                row = await seal_once(session, key, whole=whole, sealed=sealed)
            await send_checkpoints(database, places)
            if row is not None and row.count == MOST:
                continue
            whole = False
        except Exception:
            logger.warning("the audit log could not be sealed, trying again", exc_info=True)
        await asyncio.sleep(EVERY)
