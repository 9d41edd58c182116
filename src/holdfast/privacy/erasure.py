"""Erasing one customer: the ledger first, then table by table from the inventory, then their key, then a scan."""

import asyncio
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.customer_keys import destroy_customer_key
from holdfast.access.disposable_keys import KeyFolder
from holdfast.access.viewer import SystemViewer
from holdfast.channels.mail import quarantine
from holdfast.channels.mail.models import StoredLetter
from holdfast.conversations import fragments
from holdfast.conversations.models import Attachment, Fragment
from holdfast.conversations.operations import touch
from holdfast.core.clock import now
from holdfast.core.errors import HoldfastError
from holdfast.core.files import FileStore
from holdfast.people import queries as people
from holdfast.privacy import export, ledger, queries
from holdfast.privacy.inventory import CUSTOMERS, Holding
from holdfast.privacy.models import Erasure, SubjectRequest
from holdfast.privacy.operations import check_erasable
from holdfast.privacy.retention import unlink

# Rows of one transaction.
BATCH = 500
_ORDER = tuple(holding for holding in reversed(CUSTOMERS) if holding.erasure != "keep")


class Places(NamedTuple):
    """Where a customer's files are: uploads and archives; and the keys of letters in the quarantine."""

    files: FileStore
    archives: FileStore
    keys: KeyFolder


async def step(session: AsyncSession, places: Places, path: Path, request: SubjectRequest) -> bool:
    """Do the next piece; True when the customer is erased, or must not be (``state`` is then refused)."""
    cursor = dict(request.cursor)
    if "place" not in cursor:
        try:
            await check_erasable(session, request.customer_id)
        except HoldfastError as refusal:
            request.state, request.proof = "refused", {"refused": refusal.id}
            return True
        ledger.append(path, request.customer_id, request.id)
        session.add(Erasure(customer_id=request.customer_id))
        request.total, cursor["place"] = len(_ORDER) + 1, 0
    elif cursor["place"] < len(_ORDER):
        holding = _ORDER[cursor["place"]]
        count = await clear(session, holding, request.customer_id, places)
        removed = dict(request.proof.get("removed", {}))
        removed[holding.table] = removed.get(holding.table, 0) + count
        request.proof = {"removed": removed}
        if count < BATCH or holding.erasure == "blank":
            cursor["place"] += 1
            request.done += 1
    else:
        await finish(session, request.customer_id)
        left = await queries.remaining(session, request.customer_id)
        if left:
            # Something was written meanwhile (a mail came in): once more from the beginning.
            cursor["place"] = 0
        else:
            request.done = request.total
            request.proof = {**request.proof, "scanned_at": now().isoformat(), "left": left}
            return True
    request.cursor = cursor
    return False


async def clear(session: AsyncSession, holding: Holding, customer_id: UUID, places: Places) -> int:
    """Delete up to BATCH rows of a table, or blank all of them; how many there were."""
    table = holding.of()
    mine = holding.belongs(customer_id) & holding.erasable()
    if holding.table == SubjectRequest.__tablename__:
        return await _archives(session, places.archives, customer_id)
    if holding.table == Fragment.__tablename__:
        return await fragments.discard(session, mine, BATCH)
    if holding.table == StoredLetter.__tablename__:
        await _letters(session, places, customer_id)
    if holding.erasure == "blank":
        done = await session.execute(update(table).where(mine).values(dict(holding.blank)))
        return int(done.rowcount)  # type: ignore[attr-defined]  # a CursorResult: it comes from an UPDATE
    keys = list(table.primary_key.columns)
    some = select(*keys).where(mine).limit(BATCH)
    if holding.table == Attachment.__tablename__:
        # The bytes go before the commit: if it fails, the rows are still there to find them by.
        found = (await session.scalars(select(table.c.key).where(mine).limit(BATCH).order_by(*keys))).all()
        await asyncio.to_thread(unlink, places.files, found)
        some = some.order_by(*keys)
    done = await session.execute(delete(table).where(tuple_(*keys).in_(some)))
    return int(done.rowcount)  # type: ignore[attr-defined]  # as above


async def _archives(session: AsyncSession, archives: FileStore, customer_id: UUID) -> int:
    """Archives that were made go, and one that is on its way ends."""
    found = await queries.exports_of(session, customer_id)
    for request in found:
        await asyncio.to_thread(export.discard, archives, request)
        request.state, request.finished_at = "expired", request.finished_at or now()
    await session.flush()
    return len(found)


async def _letters(session: AsyncSession, places: Places, customer_id: UUID) -> None:
    """The raw forms of their letters; and letters that nobody has admitted, from an address of theirs: whoever wrote
    them, they hold it. The contact points are still there: an erasure comes to them later."""
    await asyncio.to_thread(unlink, places.files, await queries.raw_names(session, customer_id))
    addresses = [point.value for point in await people.contact_points(session, customer_id) if point.kind == "email"]
    await quarantine.forget_senders(session, places.keys, places.files, addresses)


async def finish(session: AsyncSession, customer_id: UUID) -> None:
    """Their key, and that of a visitor who turned out to be them; the log's entry, and every open window."""
    for own in await queries.ids_of(session, customer_id):
        await destroy_customer_key(session, own)
    for conversation in await queries.conversations_of(session, customer_id):
        touch(session, conversation)
    record(session, SystemViewer("erasure"), "privacy.erased", ("customer", customer_id))


async def replay(session: AsyncSession, customer_id: UUID, places: Places) -> dict[str, int]:
    """Erase somebody whom a restored backup has brought back; rows by table. Harmless when there is nothing."""
    removed: dict[str, int] = {}
    for holding in _ORDER:
        while True:
            count = await clear(session, holding, customer_id, places)
            removed[holding.table] = removed.get(holding.table, 0) + count
            if count < BATCH or holding.erasure == "blank":
                break
    session.add(Erasure(customer_id=customer_id))
    await finish(session, customer_id)
    return {table: count for table, count in removed.items() if count}
