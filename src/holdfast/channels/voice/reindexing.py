"""Blind indexes of callers' numbers under the newest index key (steps of the sealing job): without them a blocked
number could call again once the older key is retired."""

from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, Select, and_, select, type_coerce, update
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.keys import key_ring
from holdfast.access.resealing import Rows
from holdfast.channels.voice.keeping import number_indexes
from holdfast.channels.voice.models import BlockedNumber, Call
from holdfast.people.reindexing import outdated


class NumberIndexes(Rows):
    def __init__(self, model: type[Call | BlockedNumber]) -> None:
        self.table: Any = model.__table__
        self.name, self.key = f"indexes of {model.__tablename__}", self.table.c.id

    def due(self) -> ColumnElement[bool]:
        # One whose number was erased is found no more.
        return and_(self.table.c.number.is_not(None), outdated(self.table.c.number_index))

    def read(self) -> Select[Any]:
        return select(self.key, type_coerce(self.table.c.number, LargeBinary))

    async def do(self, session: AsyncSession, row: Any) -> None:
        number = key_ring().open(bytes(row[1]), self.table.c.number.type.context)
        index = number_indexes(number)[0]
        await session.execute(update(self.table).where(self.key == row[0]).values(number_index=index))
