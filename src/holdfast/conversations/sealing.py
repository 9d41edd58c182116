"""Files of the first version, which were plain: given an owner and a key, then sealed (steps of the sealing job)."""

import asyncio
from contextlib import suppress
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, not_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.customer_keys import DESTROYED, key_of, open_for, seal_for
from holdfast.access.keys import CUSTOMERS_OWN
from holdfast.access.models import CustomerKey
from holdfast.access.resealing import Rows
from holdfast.conversations.models import Attachment, Conversation
from holdfast.core.files import FileStore, StoredFileMissing
from holdfast.core.sealed_files import new_file_key

_TABLE: Any = Attachment.__table__
_CONTEXT: str = _TABLE.c.file_key.type.context


class FileOwners(Rows):
    """The customer of each file, which the first version does not write."""

    name = "owners of files"
    key = _TABLE.c.id

    def due(self) -> ColumnElement[bool]:
        return _TABLE.c.customer_id.is_(None)  # type: ignore[no-any-return]

    def read(self) -> Select[Any]:
        owner = select(Conversation.customer_id).where(Conversation.id == _TABLE.c.conversation_id).scalar_subquery()
        return select(self.key, owner)

    async def do(self, session: AsyncSession, row: Any) -> None:
        await session.execute(update(_TABLE).where(self.key == row[0]).values(customer_id=row[1]))


class FileKeys(Rows):
    """A key for each plain file, committed before the file changes: a sealed file always has its key."""

    name = "keys of files"
    key = _TABLE.c.id

    def due(self) -> ColumnElement[bool]:
        return and_(not_(_TABLE.c.sealed), _TABLE.c.file_key.is_(None), _TABLE.c.customer_id.is_not(None))

    def read(self) -> Select[Any]:
        return select(self.key, _TABLE.c.customer_id)

    async def do(self, session: AsyncSession, row: Any) -> None:
        wrapped = await key_of(session, row[1])
        # An erased customer's opens nothing, and the next step deletes the file.
        erased = wrapped == DESTROYED
        sealed = bytes([CUSTOMERS_OWN]) if erased else seal_for(row[1], wrapped, new_file_key(), _CONTEXT)
        await session.execute(update(_TABLE).where(self.key == row[0]).values(file_key=sealed))


class Files(Rows):
    """The files themselves, in place. Those of an erased customer are deleted."""

    name = "files"
    key = _TABLE.c.id
    # A file has 10 MB at most: a transaction stays below a second or two.
    most = 10

    def __init__(self, store: FileStore) -> None:
        self.store = store

    def due(self) -> ColumnElement[bool]:
        return and_(not_(_TABLE.c.sealed), _TABLE.c.file_key.is_not(None))

    def read(self) -> Select[Any]:
        wrapped = select(CustomerKey.wrapped).where(CustomerKey.customer_id == _TABLE.c.customer_id).scalar_subquery()
        return select(self.key, _TABLE.c.customer_id, wrapped, _TABLE.c.key, _TABLE.c.file_key)

    async def do(self, session: AsyncSession, row: Any) -> None:
        attachment_id, customer_id, wrapped, key, sealed = row
        file_key = open_for(customer_id, wrapped, sealed, _CONTEXT)
        if file_key is None:
            await asyncio.to_thread(self.store.delete, key)
        else:
            with suppress(StoredFileMissing):
                await asyncio.to_thread(self.store.seal, key, file_key)
        await session.execute(update(_TABLE).where(self.key == attachment_id).values(sealed=True))


async def delete_plain_files(session: AsyncSession, store: FileStore, customer_id: UUID) -> int:
    """Delete the customer's files that are not sealed yet, which destroying their key would leave; how many."""
    found = await session.execute(
        select(Attachment.id, Attachment.key)
        .join(Conversation, Conversation.id == Attachment.conversation_id)
        .where(Conversation.customer_id == customer_id, not_(Attachment.sealed))
        .with_for_update(of=Attachment)
    )
    rows = found.all()
    for attachment_id, key in rows:
        await asyncio.to_thread(store.delete, key)
        await session.execute(update(_TABLE).where(_TABLE.c.id == attachment_id).values(sealed=True))
    return len(rows)
