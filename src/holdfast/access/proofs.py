"""Inclusion proofs of single entries, from the database."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access import merkle, sealing
from holdfast.access.models import AuditEntry, AuditLeaf, AuditSeal
from holdfast.access.seals import Proof


async def proofs(session: AsyncSession, entry_ids: Collection[UUID], public: str) -> list[Proof]:
    """One for each entry that is sealed, in the order of ids; ``public`` is the key in hex. The caller has checked
    that the viewer may read these entries."""
    rows = await session.execute(
        select(AuditLeaf, AuditEntry)
        .join(AuditEntry, AuditEntry.id == AuditLeaf.entry_id)
        .where(AuditLeaf.entry_id.in_(entry_ids))
        .order_by(AuditEntry.id)
    )
    wanted = [(leaf, entry) for leaf, entry in rows]
    numbers = {leaf.seal for leaf, _ in wanted}
    hashes: dict[int, list[bytes]] = {number: [] for number in numbers}
    for number, digest in await session.execute(
        select(AuditLeaf.seal, AuditLeaf.hash)
        .where(AuditLeaf.seal.in_(numbers))
        .order_by(AuditLeaf.seal, AuditLeaf.position)
    ):
        hashes[number].append(bytes(digest))
    found = await session.scalars(select(AuditSeal).where(AuditSeal.number.in_(numbers)))
    signed = {row.number: sealing.checkpoint_of(row) for row in found}
    return [
        Proof(
            sealing.fields(entry),
            leaf.position,
            [step.hex() for step in merkle.path(hashes[leaf.seal], leaf.position)],
            signed[leaf.seal],
            public,
        )
        for leaf, entry in wanted
    ]
