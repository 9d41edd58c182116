"""What people do with letters that were kept back: read them, admit them, discard them. Nothing leaves it by itself but
after thirty days, and then for good."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.disposable_keys import KeyFolder
from holdfast.access.keys import key_ring
from holdfast.access.viewer import StaffViewer
from holdfast.channels.mail import entering, queries, screening, sealed_words
from holdfast.channels.mail.errors import LetterUnanswerable, LetterUnknown
from holdfast.channels.mail.models import Mailbox, StoredLetter
from holdfast.channels.mail.sealed_words import Words
from holdfast.conversations.models import Conversation
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.due import set_due
from holdfast.core.files import FileStore

KEPT = timedelta(days=30)
# What the blind index of a sender is made for.
SENDER = "letter.sender"
# The kind of the deadline at which a key is destroyed (core/due.py).
SHRED = "letter_shred"
# A younger key without a row may belong to a transaction that is still on its way.
_ORPHAN_SECONDS = 3600.0
_BATCH = 100


async def read(
    session: AsyncSession, keys: KeyFolder, viewer: StaffViewer, letter_id: UUID
) -> tuple[StoredLetter, Words]:
    """What it says; that it was read is written down, since it may be a stranger's. Raises LetterUnknown."""
    row, words = await _waiting(session, keys, viewer, letter_id)
    record(session, viewer, "mail.read", ("letter", letter_id))
    return row, words


async def admit(session: AsyncSession, keys: KeyFolder, viewer: StaffViewer, letter_id: UUID) -> Conversation:
    """It becomes a conversation of its own. Never a part of another: whoever wrote it has not shown to belong there.

    Raises LetterUnknown, LetterUnanswerable.
    """
    row, words = await _waiting(session, keys, viewer, letter_id)
    if not words.sender or words.unread:
        raise LetterUnanswerable
    mailbox = await session.get_one(Mailbox, row.mailbox_id)
    conversation = await entering.open_by(session, mailbox, words, row)
    await _decided(session, row, "admitted", viewer)
    record(session, viewer, "mail.admitted", ("letter", letter_id), why=row.why, conversation=str(conversation.id))
    return conversation


async def discard(
    session: AsyncSession, keys: KeyFolder, files: FileStore, viewer: StaffViewer, letter_id: UUID
) -> None:
    """It is destroyed: its key, and with it every copy of its words. Raises LetterUnknown."""
    row, words = await _waiting(session, keys, viewer, letter_id)
    await asyncio.to_thread(screening.discard, files, words.stored)
    await _decided(session, row, "discarded", viewer)
    record(session, viewer, "mail.discarded", ("letter", letter_id), why=row.why)


async def _waiting(
    session: AsyncSession, keys: KeyFolder, viewer: StaffViewer, letter_id: UUID
) -> tuple[StoredLetter, Words]:
    row = await queries.letter(session, letter_id) if viewer.answers else None
    if row is None or row.state != "quarantined":
        raise LetterUnknown
    words = await asyncio.to_thread(sealed_words.unseal, keys, row.id, row.sealed)
    if words is None:
        raise LetterUnknown
    return row, words


async def _decided(session: AsyncSession, row: StoredLetter, state: str, viewer: StaffViewer | None) -> None:
    """The words go with this transaction, and their key follows: a deadline outlives this process."""
    row.state, row.sealed, row.decided_at = state, None, now()
    row.decided_by_id = viewer.id if viewer else None
    await session.flush()
    await set_due(session, SHRED, row.id, now())


class Shredder:
    """The deadline's handler: it needs the folder."""

    def __init__(self, keys: KeyFolder) -> None:
        self._keys = keys

    async def __call__(self, _session: AsyncSession, name: UUID) -> None:
        await asyncio.to_thread(self._keys.destroy, name)


async def forget_senders(session: AsyncSession, keys: KeyFolder, files: FileStore, addresses: Sequence[str]) -> None:
    """What waits from these addresses is discarded, and no letter says any more that it came from there."""
    ring = key_ring()
    indexes = [index for address in addresses for index in ring.blind_indexes(address, SENDER)]
    await _discard(session, keys, files, await queries.quarantined_from(session, indexes))
    await session.execute(update(StoredLetter).where(StoredLetter.sender_index.in_(indexes)).values(sender_index=None))


async def _discard(session: AsyncSession, keys: KeyFolder, files: FileStore, ids: Sequence[UUID]) -> None:
    """Without a person; what somebody has decided meanwhile is left."""
    for letter_id in ids:
        row = await queries.letter(session, letter_id)
        if row is None or row.state != "quarantined":
            continue
        words = await asyncio.to_thread(sealed_words.unseal, keys, row.id, row.sealed)
        await asyncio.to_thread(screening.discard, files, words.stored if words else [])
        await _decided(session, row, "discarded", None)


async def purge(database: Database, files: FileStore, keys: KeyFolder) -> None:
    """What has waited too long is discarded, and keys that no row names."""
    while True:
        async with database.transaction() as session:
            old = await queries.quarantined_before(session, now() - KEPT, _BATCH)
            await _discard(session, keys, files, old)
        if len(old) < _BATCH:
            break
    names = await asyncio.to_thread(lambda: list(keys.older_than(_ORPHAN_SECONDS)))
    for start in range(0, len(names), 1000):
        some = names[start : start + 1000]
        async with database.transaction() as session:
            alive = await queries.key_names(session, some)
        for name in set(some) - alive:
            await asyncio.to_thread(keys.destroy, name)
