"""A key for each customer: what is theirs is sealed with it, and destroying it erases all of that at once.

The sealed key comes from the database with every row that needs it (a look-up by primary key), so the database says
whether a customer is erased, at every read. Only the opened key is cached, bounded, and forgotten by notice.
"""

import threading
from collections import OrderedDict
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import Executable

from holdfast.access.encrypted import customers_columns, stale
from holdfast.access.errors import CustomerErased
from holdfast.access.keys import CUSTOMERS, CUSTOMERS_OWN, key_ring, opened_with, sealed_with
from holdfast.access.models import CustomerKey
from holdfast.core.clock import now
from holdfast.core.database import Base, tell
from holdfast.core.notify import KEYS
from holdfast.core.sealed_files import new_file_key

# Of 200 rows of a list each opens one: enough for fifty consoles, at 1 KB a key.
MOST_CACHED = 10_000
DESTROYED = b""


class Cache:
    """Opened keys, the least used dropped first. An entry counts only for the sealed key it was opened from."""

    def __init__(self, most: int = MOST_CACHED) -> None:
        self._most = most
        self._opened: OrderedDict[UUID, tuple[bytes, AESGCM]] = OrderedDict()
        self._lock = threading.Lock()

    def cipher(self, customer_id: UUID, wrapped: bytes) -> AESGCM:
        with self._lock:
            found = self._opened.get(customer_id)
            if found is not None and found[0] == wrapped:
                self._opened.move_to_end(customer_id)
                return found[1]
        cipher = AESGCM(key_ring().open_bytes(wrapped, _context(customer_id), CUSTOMERS))
        with self._lock:
            self._opened[customer_id] = (wrapped, cipher)
            while len(self._opened) > self._most:
                self._opened.popitem(last=False)
        return cipher

    def forget(self, customer_id: UUID) -> None:
        with self._lock:
            self._opened.pop(customer_id, None)

    def clear(self) -> None:
        with self._lock:
            self._opened.clear()

    def __contains__(self, customer_id: UUID) -> bool:
        return customer_id in self._opened


cache = Cache()


def _context(customer_id: UUID) -> str:
    return f"customer_key.{customer_id}"


def seal_for(customer_id: UUID, wrapped: bytes, plain: bytes, context: str) -> bytes:
    """``plain`` sealed with the customer's key for ``context`` (``table.column``). Raises CustomerErased."""
    if wrapped == DESTROYED:
        raise CustomerErased
    return sealed_with(cache.cipher(customer_id, wrapped), plain, f"{context}\0{customer_id}", CUSTOMERS_OWN)


def open_for(customer_id: UUID | None, wrapped: bytes | None, sealed: bytes, context: str) -> bytes | None:
    """The value, or None if its customer was erased. One of the version before this, sealed with the installation's
    key, opens too. Raises ``cryptography.exceptions.InvalidTag`` for a value that was changed or moved."""
    if wrapped == DESTROYED:
        return None
    if sealed[:1] != bytes([CUSTOMERS_OWN]):
        return key_ring().open_bytes(sealed, context)
    if customer_id is None or wrapped is None:
        raise ValueError("a customer's value without its customer's key")
    return opened_with(cache.cipher(customer_id, wrapped), sealed, f"{context}\0{customer_id}")


def new_wrapped(customer_id: UUID) -> bytes:
    return key_ring().seal_bytes(new_file_key(), _context(customer_id), CUSTOMERS)


def rewrapped(customer_id: UUID, wrapped: bytes) -> bytes:
    """The same key under the newest generation."""
    ring = key_ring()
    return ring.seal_bytes(ring.open_bytes(wrapped, _context(customer_id), CUSTOMERS), _context(customer_id), CUSTOMERS)


def _make(customer_id: UUID) -> tuple[Executable, Executable]:
    """Made if there is none, then read: two transactions at once end with the same key."""
    made = insert(CustomerKey).values(customer_id=customer_id, wrapped=new_wrapped(customer_id), created_at=now())
    return (
        made.on_conflict_do_nothing(index_elements=["customer_id"]),
        select(CustomerKey.wrapped).where(CustomerKey.customer_id == customer_id),
    )


def ensure(connection: Connection, customer_id: UUID) -> bytes:
    """The customer's sealed key, made if there is none."""
    make, read = _make(customer_id)
    connection.execute(make)
    return bytes(connection.execute(read).scalar_one())


async def key_of(session: AsyncSession, customer_id: UUID) -> bytes:
    """As ``ensure``."""
    make, read = _make(customer_id)
    await session.execute(make)
    return bytes((await session.execute(read)).scalar_one())


def customers_have_keys() -> bool:
    """False while processes of the first version may live, who read the installation's key only."""
    return key_ring().has(CUSTOMERS)


async def sealed_value(session: AsyncSession, customer_id: UUID, plain: bytes, context: str) -> bytes:
    """For statements that seal by themselves; a model's attribute does it at the flush. Raises CustomerErased."""
    if not customers_have_keys():
        return key_ring().seal_bytes(plain, context)
    return seal_for(customer_id, await key_of(session, customer_id), plain, context)


async def destroy_customer_key(session: AsyncSession, customer_id: UUID) -> None:
    """Erase everything that is sealed for the customer, wherever a copy of it lies; for good, harmless when repeated.

    Their values read as erased from the commit on, in every process. Values that the job has not yet moved from the
    installation's key to theirs are overwritten. Plain files of the version before are the caller's to delete first
    (``conversations.sealing.delete_plain_files``). docs/decisions/0018 says what WAL and backups still hold.
    """
    gone = {"wrapped": DESTROYED, "destroyed_at": now()}
    await session.execute(
        insert(CustomerKey)
        .values(customer_id=customer_id, created_at=now(), **gone)
        .on_conflict_do_update(index_elements=["customer_id"], set_=gone, where=CustomerKey.wrapped != DESTROYED)
    )
    for column, owner in customers_columns(Base.metadata):
        await session.execute(
            update(column.table)
            .where(owner == customer_id, stale(column, CUSTOMERS_OWN))
            .values({column: bytes([CUSTOMERS_OWN])})
        )
    cache.forget(customer_id)
    tell(session, KEYS, f"forget:{customer_id}")


def notice(payload: str) -> None:
    """Another process spoke on KEYS: ``read`` (keys were exchanged) or ``forget:<customer>``."""
    for word in payload.split():
        if word == "read":
            key_ring().read_again()
        elif word.startswith("forget:"):
            cache.forget(UUID(word.removeprefix("forget:")))


async def noticed_nothing() -> None:
    """The listener was away: any notice may have been missed."""
    cache.clear()
    key_ring().read_again()
