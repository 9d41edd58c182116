"""What the operations commands share: the error they end with, and how they reach the database."""

from collections.abc import Iterator
from contextlib import contextmanager

from holdfast.core.embedded_postgres import EmbeddedPostgres, connected
from holdfast.core.settings import Settings


class OperatorError(RuntimeError):
    """A command cannot do what it was asked; the message says why and what to do. Exit status 1."""


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """A connection string: the named server, else the embedded one, which is started for the time if it is down."""
    if settings.database_url:
        yield settings.database_url
        return
    with connected(EmbeddedPostgres(settings.data_dir, say=print)) as dsn:
        yield dsn


def running_database(settings: Settings) -> str:
    """A connection string for a process that ``holdfast up`` does not look after. Raises OperatorError."""
    if settings.database_url:
        return settings.database_url
    server = EmbeddedPostgres(settings.data_dir)
    if not server.running_elsewhere():
        raise OperatorError(
            "no database: start `holdfast up` (it brings its own PostgreSQL), or set HOLDFAST_DATABASE_URL"
        )
    return server.dsn
