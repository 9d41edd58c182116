"""The database's edge: base class of the models, engine, and the one transaction of a request or job."""

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, MetaData, Text, Uuid, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from holdfast.core.ids import new_id

_SERVER_OPTIONS = "-c timezone=UTC"


class Base(DeclarativeBase):
    """Base of every model. Timestamps are timestamptz, strings text, ids UUIDv7 made by us."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: DateTime(timezone=True), str: Text(), UUID: Uuid()}  # noqa: RUF012


class Identified:
    """Mixin: a UUIDv7 primary key made in Python, so that it is known before the insert."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)


def sqlalchemy_url(dsn: str) -> URL:
    """A SQLAlchemy URL (``postgresql+psycopg``) for a libpq connection string or URL."""
    if "://" in dsn:
        return make_url(dsn).set(drivername="postgresql+psycopg")
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415 - only needed for key=value strings

    parts = {k: str(v) for k, v in conninfo_to_dict(dsn).items() if v is not None}
    # Everything goes into the query: libpq accepts a socket folder as host only there.
    database = parts.pop("dbname", "holdfast")
    return URL.create("postgresql+psycopg", database=database, query=parts)


Answer = Callable[[AsyncSession, object], Awaitable[None]]


def happened(session: AsyncSession, fact: object) -> None:
    """State a fact; whoever answers it (``app/reactions.py``) does so in this transaction, before its commit."""
    session.info.setdefault("facts", deque()).append(fact)


def tell(session: AsyncSession, channel: str, item: str) -> None:
    """Add one word to this transaction's notice on ``channel``; equal words are sent once, with the commit."""
    session.info.setdefault("notices", {}).setdefault(channel, {})[item] = None


class Database:
    """An engine and its sessions. ``transaction()`` is the only place that commits.

    ``answer`` is called for each fact stated in a transaction, before the commit, in order; it may state more.
    """

    def __init__(self, dsn: str, *, answer: Answer | None = None, pool_size: int = 10) -> None:
        self.dsn = dsn
        self._answer = answer
        self.engine: AsyncEngine = create_async_engine(
            sqlalchemy_url(dsn),
            pool_size=pool_size,
            max_overflow=5,
            pool_pre_ping=True,
            # Parameters are customers' words and sealed secrets: they must not reach a log with an error.
            hide_parameters=True,
            connect_args={"options": _SERVER_OPTIONS, "application_name": "holdfast"},
        )
        event.listen(self.engine.sync_engine, "handle_error", _without_values)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """One transaction: committed when the block ends, rolled back when it raises."""
        async with self._sessions() as session, session.begin():
            yield session
            await self._close(session)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncSession]:
        """A long read that sees one state of the database; nothing can be written in it."""
        async with self._sessions() as session, session.begin():
            await session.connection(
                execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
            )
            yield session

    async def _close(self, session: AsyncSession) -> None:
        """Answer the facts, then put the notices into the commit itself."""
        facts: deque[object] = session.info.get("facts", deque())
        while facts and self._answer:
            await self._answer(session, facts.popleft())
        await session.flush()
        for channel, items in session.info.get("notices", {}).items():
            for payload in _payloads(items):
                await session.execute(text("SELECT pg_notify(:c, :p)"), {"c": channel, "p": payload})

    async def close(self) -> None:
        await self.engine.dispose()


def _without_values(context: ExceptionContext) -> None:
    """PostgreSQL quotes the refused row or key in the error's DETAIL: only the first line, which names the constraint,
    is kept. The whole stands in ``diag`` for whoever asks."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args and isinstance(error.args[0], str):
            error.args = (error.args[0].partition("\nDETAIL:")[0], *error.args[1:])


def _payloads(items: Iterable[str]) -> Iterator[str]:
    """Words joined by spaces, split below PostgreSQL's limit of 8,000 bytes a notice."""
    line: list[str] = []
    size = 0
    for item in items:
        if line and size + len(item) + 1 > 7900:
            yield " ".join(line)
            line, size = [], 0
        line.append(item)
        size += len(item) + 1
    yield " ".join(line)
