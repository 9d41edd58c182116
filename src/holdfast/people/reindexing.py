"""Blind indexes under the newest index key: the values are opened and indexed anew (steps of the sealing job)."""

from abc import abstractmethod
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, Select, and_, func, or_, select, type_coerce, update
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.customer_keys import DESTROYED, open_for
from holdfast.access.keys import INDEX, key_ring
from holdfast.access.models import CustomerKey
from holdfast.access.resealing import Rows
from holdfast.people.customers import subject_indexes, value_indexes
from holdfast.people.models import ContactPoint, Customer


def outdated(index: Any) -> ColumnElement[bool]:
    """Whether the index was made with another key than the newest: 32 bytes are of the first generation, and longer
    ones begin with theirs."""
    newest = key_ring().newest(INDEX)
    if newest == 1:
        return func.length(index) != 32
    return or_(func.length(index) == 32, func.substring(index, 1, 1) != bytes([newest]))


class _Indexes(Rows):
    def __init__(self, model: Any, value: str, index: str) -> None:
        self.table = model.__table__
        self.name, self.key = f"indexes of {self.table.name}", self.table.c.id
        self.model, self.value, self.index = model, self.table.c[value], self.table.c[index]
        self.owner = self.table.c[self.value.type.owner]

    def due(self) -> ColumnElement[bool]:
        # An erased customer's index cannot be made anew; whoever erases takes it away.
        erased = select(CustomerKey.customer_id).where(
            CustomerKey.customer_id == self.owner, CustomerKey.wrapped == DESTROYED
        )
        return and_(self.index.is_not(None), outdated(self.index), ~erased.exists())

    def read(self) -> Select[Any]:
        wrapped = select(CustomerKey.wrapped).where(CustomerKey.customer_id == self.owner).scalar_subquery()
        return select(self.key, self.owner, wrapped, type_coerce(self.value, LargeBinary), *self.beside())

    def beside(self) -> list[Any]:
        return []

    @abstractmethod
    def indexed(self, value: str, *beside: Any) -> bytes:
        """The value's index under the newest key; ``beside`` is what was read with it."""

    async def do(self, session: AsyncSession, row: Any) -> None:
        key, owner, wrapped, sealed, *beside = row
        if sealed is None:
            raise ValueError("the value was not kept: it is indexed anew when its customer comes back")
        plain = open_for(owner, wrapped, sealed, self.value.type.context)
        if plain is not None:
            index = self.indexed(plain.decode(), *beside)
            await session.execute(update(self.table).where(self.key == key).values({self.index: index}))


class ContactIndexes(_Indexes):
    def __init__(self) -> None:
        super().__init__(ContactPoint, "value", "value_index")

    def beside(self) -> list[Any]:
        return [self.table.c.kind]

    def indexed(self, value: str, *beside: Any) -> bytes:
        return value_indexes(beside[0], value)[0]


class SubjectIndexes(_Indexes):
    """The version before did not keep a customer's subject: those are left until they come back."""

    def __init__(self) -> None:
        super().__init__(Customer, "subject", "subject_index")

    def indexed(self, value: str, *beside: Any) -> bytes:  # noqa: ARG002
        return subject_indexes(value)[0]
