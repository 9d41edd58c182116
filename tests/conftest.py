"""What every test may ask for: a real PostgreSQL, a fresh migrated database in it, a free port."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from holdfast.core.embedded_postgres import EmbeddedPostgres

# A test's data may be lost in a power cut: without fsync the suite writes a database in a tenth of the time.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB"}


@dataclass(frozen=True, slots=True)
class Postgres:
    """A server for tests. ``administrator`` may create databases, ``owner`` is the role the application has."""

    administrator: str
    owner: str

    @property
    def owner_name(self) -> str:
        return str(conninfo_to_dict(self.owner)["user"])

    def dsn(self, database: str) -> str:
        """A libpq connection string for ``database`` with the application's rights."""
        return make_conninfo(self.owner, dbname=database)

    @contextmanager
    def fresh(self, template: str = "template0") -> Iterator[str]:
        """A new database, a copy of ``template``, dropped at the end; gives its connection string."""
        name = f"test_{uuid4().hex[:12]}"
        with psycopg.connect(self.administrator, autocommit=True) as connection:
            # In memory (scripts/test) it takes 0.02 s, through the log 0.13; on a disk both take half a second.
            owner = f'OWNER "{self.owner_name}"'
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY {owner}")
        try:
            yield self.dsn(name)
        finally:
            with psycopg.connect(self.administrator, autocommit=True) as connection:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On a second server only what asks for a database is run again: the rest cannot tell the difference."""
    if "HOLDFAST_TEST_DATABASE_URL" not in os.environ:
        return
    asking = [item for item in items if "postgres" in getattr(item, "fixturenames", ())]
    known = set(asking)
    config.hook.pytest_deselected(items=[item for item in items if item not in known])
    items[:] = asking


@pytest.fixture(scope="session", autouse=True)
def text_finder() -> None:
    """What is personal in a text is found as in the application, whichever tests ran before."""
    from holdfast.access.masks import use_text_finder
    from holdfast.app.start import personal_parts

    use_text_finder(personal_parts)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The embedded server, or the one that HOLDFAST_TEST_DATABASE_URL names (scripts/with-debian-postgres)."""
    if url := os.environ.get("HOLDFAST_TEST_DATABASE_URL"):
        yield Postgres(url, url)
        return
    folder = Path(tempfile.mkdtemp(prefix="holdfast-tests-"))
    server = EmbeddedPostgres(folder, settings=FAST)
    try:
        server.start()
        yield Postgres(server.administrator_dsn, server.dsn)
    finally:
        server.stop()
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def migrated_template(postgres: Postgres) -> Iterator[str]:
    """The name of a database with every migration applied; nobody may be connected to it."""
    from holdfast.app import schema

    with postgres.fresh() as dsn:
        schema.upgrade(dsn)
        yield str(conninfo_to_dict(dsn)["dbname"])


@pytest.fixture(scope="module")
def database_url(postgres: Postgres, migrated_template: str) -> Iterator[str]:
    """A migrated, empty database of the module's own, as a libpq connection string."""
    with postgres.fresh(migrated_template) as dsn:
        yield dsn


@pytest.fixture
def fresh_database_url(postgres: Postgres, migrated_template: str) -> Iterator[str]:
    """A migrated, empty database of the one test's own."""
    with postgres.fresh(migrated_template) as dsn:
        yield dsn


@pytest.fixture
def empty_database_url(postgres: Postgres) -> Iterator[str]:
    """A database without a single table."""
    with postgres.fresh() as dsn:
        yield dsn


@pytest.fixture
def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listened on a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
