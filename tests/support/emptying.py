"""Tables emptied between the tests of a file that share a database."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


async def emptied(session: AsyncSession, *tables: str) -> None:
    """As the owner of the tables, who alone can empty the audit log: the application may only append to it."""
    await session.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER append_only"))
    await session.execute(text(f"TRUNCATE {', '.join(tables)} CASCADE"))
    await session.execute(text("ALTER TABLE audit_entry ENABLE TRIGGER append_only"))
