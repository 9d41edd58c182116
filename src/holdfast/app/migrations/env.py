"""Alembic's entry: runs on the connection that ``app/schema.py`` hands over."""

from typing import Any, Literal

from alembic import context

from holdfast.access.encrypted import CustomersOwn, Encrypted
from holdfast.app.schema import METADATA, ours


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """A migration names the column's storage, not our type: it must run with any later version of the code."""
    return "sa.LargeBinary()" if kind == "type" and isinstance(item, Encrypted | CustomersOwn) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    include_object=ours,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
