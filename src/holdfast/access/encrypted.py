"""Column types that keep personal data sealed in the database."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, LargeBinary, MetaData, and_, func
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import Column
from sqlalchemy.sql.expression import type_coerce
from sqlalchemy.types import TypeDecorator

from holdfast.access.keys import key_ring


class Encrypted(TypeDecorator[str]):
    """Text that is sealed with the installation's key; ``context`` is ``table.column``."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, context: str) -> None:
        super().__init__()
        self.context = context

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        return None if value is None else key_ring().seal(value, self.context)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else key_ring().open(bytes(value), self.context)


class CustomersOwn(TypeDecorator[bytes]):
    """Bytes that were sealed with a customer's key, whose id is in the column ``owner`` of the same row. As they are:
    ``customer_values.py`` opens and seals them."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, context: str, owner: str = "customer_id") -> None:
        super().__init__()
        self.context = context
        self.owner = owner


def installation_columns(metadata: MetaData) -> Iterator[Column[str]]:
    """Every column that is sealed with the installation's key."""
    for table in metadata.sorted_tables:
        yield from (column for column in table.columns if isinstance(column.type, Encrypted))


def customers_columns(metadata: MetaData) -> Iterator[tuple[Column[bytes], Column[UUID]]]:
    """Every column that is sealed for a customer, with the one that says for whom."""
    for table in metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, CustomersOwn):
                yield column, table.c[column.type.owner]


def stale(column: ColumnElement[Any], mark: int) -> ColumnElement[bool]:
    """Whether the sealed value has another first byte than ``mark`` (a generation, or CUSTOMERS_OWN)."""
    raw = type_coerce(column, LargeBinary)
    return and_(raw.is_not(None), func.substring(raw, 1, 1) != bytes([mark]))
