"""Column types that keep personal data sealed in the database."""

from typing import Any

from sqlalchemy import LargeBinary
from sqlalchemy.engine import Dialect
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
