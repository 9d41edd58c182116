"""Bringing what is stored under the newest keys, in small steps that any worker can take up where another ended.

A step goes through one table in the order of its ids, and knows by the values themselves what is left to do: it can be
stopped, killed, repeated and run twice at once. ``app/sealing.py`` strings the steps together.
"""

import logging
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag
from sqlalchemy import ColumnElement, LargeBinary, MetaData, Select, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.schema import Column, Table
from sqlalchemy.sql.expression import type_coerce

from holdfast.access.customer_keys import DESTROYED, key_of, rewrapped, seal_for
from holdfast.access.encrypted import CustomersOwn, Encrypted, customers_columns, installation_columns, stale
from holdfast.access.keys import CUSTOMERS, CUSTOMERS_OWN, FIELDS, KeyMissing, key_ring
from holdfast.access.models import CustomerKey

logger = logging.getLogger(__name__)


class Batch(NamedTuple):
    """What one batch did; ``last`` is the last id it looked at, None at the end of the table."""

    done: int
    failed: int
    last: UUID | None


class Step(Protocol):
    name: str

    async def batch(self, session: AsyncSession, after: UUID) -> Batch:
        """Some rows with ids above ``after``, in this transaction. A row that fails is left and logged."""

    async def left(self, session: AsyncSession) -> int:
        """Rows that are not under the newest keys, failed ones included."""


class Rows(ABC):
    """A step that works row by row on one table, whose key is the UUID ``key``."""

    name: str
    key: Any
    # Rows of one transaction; a step that takes long over each has fewer.
    most = 200

    @abstractmethod
    def due(self) -> ColumnElement[bool]:
        """Which rows are not under the newest keys."""

    @abstractmethod
    def read(self) -> Select[Any]:
        """Each row begins with its key."""

    @abstractmethod
    async def do(self, session: AsyncSession, row: Any) -> None:
        """Bring a row that was read under the newest keys."""

    async def batch(self, session: AsyncSession, after: UUID) -> Batch:
        statement = self.read().where(self.key > after, self.due()).order_by(self.key).limit(self.most)
        # Of this table alone: what is read beside it may be the nullable side of a join.
        rows = (await session.execute(statement.with_for_update(of=self.key.table, skip_locked=True))).all()
        failed = 0
        for row in rows:
            try:
                await self.do(session, row)
            except (InvalidTag, KeyMissing, ValueError):
                failed += 1
                logger.exception("%s of %s cannot be opened and is left as it is", self.name, row[0])
        return Batch(len(rows) - failed, failed, rows[-1][0] if len(rows) == self.most else None)

    async def left(self, session: AsyncSession) -> int:
        return await session.scalar(select(func.count()).select_from(self.key.table).where(self.due())) or 0


class CustomerKeys(Rows):
    """The customers' keys themselves."""

    name = "customers' keys"

    def __init__(self) -> None:
        self.table: Any = CustomerKey.__table__
        self.key = self.table.c.customer_id

    def due(self) -> ColumnElement[bool]:
        wrapped = self.table.c.wrapped
        return and_(wrapped != DESTROYED, stale(wrapped, key_ring().newest(CUSTOMERS)))

    def read(self) -> Select[Any]:
        return select(self.key, self.table.c.wrapped)

    async def do(self, session: AsyncSession, row: Any) -> None:
        customer_id, wrapped = row
        await session.execute(
            update(self.table).where(self.key == customer_id).values(wrapped=rewrapped(customer_id, wrapped))
        )


class InstallationValues(Rows):
    """What one table keeps under the installation's key: staff's secrets, mail, the inbox's secret."""

    def __init__(self, table: Table, columns: list[Column[str]]) -> None:
        self.name, self.table, self.columns = f"{table.name} (installation)", table, columns
        # Mostly "id"; a table of one row for each customer is keyed by the customer.
        (self.key,) = table.primary_key.columns

    def due(self) -> ColumnElement[bool]:
        newest = key_ring().newest(FIELDS)
        return or_(*(stale(column, newest) for column in self.columns))

    def read(self) -> Select[Any]:
        # As bytes: a row that does not open must fail by itself, not the whole result.
        return select(self.key, *(type_coerce(column, LargeBinary) for column in self.columns))

    async def do(self, session: AsyncSession, row: Any) -> None:
        opened = {}
        for column, sealed in zip(self.columns, row[1:], strict=True):
            if sealed is not None and isinstance(column.type, Encrypted):
                opened[column] = key_ring().open(bytes(sealed), column.type.context)
        await session.execute(update(self.table).where(self.key == row[0]).values(opened))


class CustomersValues(Rows):
    """What the first version kept under the installation's key and belongs to a customer."""

    def __init__(self, table: Table, columns: list[Column[bytes]], owner: Column[UUID]) -> None:
        self.name, self.table, self.columns, self.owner = f"{table.name} (customers)", table, columns, owner
        (self.key,) = table.primary_key.columns

    def due(self) -> ColumnElement[bool]:
        return and_(self.owner.is_not(None), or_(*(stale(column, CUSTOMERS_OWN) for column in self.columns)))

    def read(self) -> Select[Any]:
        return select(self.key, self.owner, *self.columns)

    async def do(self, session: AsyncSession, row: Any) -> None:
        customer_id, values = row[1], {}
        wrapped = await key_of(session, customer_id)
        for column, sealed in zip(self.columns, row[2:], strict=True):
            if sealed is None or sealed[:1] == bytes([CUSTOMERS_OWN]) or not isinstance(column.type, CustomersOwn):
                continue
            context = column.type.context
            # An erased customer's is blotted out, as destroy_customer_key does.
            values[column] = (
                bytes([CUSTOMERS_OWN])
                if wrapped == DESTROYED
                else seal_for(customer_id, wrapped, key_ring().open_bytes(sealed, context), context)
            )
        await session.execute(update(self.table).where(self.key == row[0]).values(values))


def steps(metadata: MetaData) -> Iterator[Step]:
    """A step for every table that seals anything: a new sealed column is moved without a line here."""
    yield CustomerKeys()
    for table in metadata.sorted_tables:
        if columns := [c for c in installation_columns(metadata) if c.table is table]:
            yield InstallationValues(table, columns)
        if owned := [(c, owner) for c, owner in customers_columns(metadata) if c.table is table]:
            yield CustomersValues(table, [c for c, _ in owned], owned[0][1])
