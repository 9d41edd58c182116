"""The database's schema: its models in one place, and bringing a database up to date (Alembic)."""

import io
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, pool, text

import holdfast.access.models
import holdfast.authenticity.models
import holdfast.automation.models
import holdfast.channels.mail.models
import holdfast.channels.voice.models
import holdfast.channels.webhooks.models
import holdfast.conversations.models
import holdfast.core.due
import holdfast.paging.models
import holdfast.people.models
import holdfast.privacy.models
import holdfast.promises.models
import holdfast.routing.models
import holdfast.technical.models
import holdfast.training.models
import holdfast.verification.models  # noqa: F401 - imported for their tables
from holdfast.core.database import Base, sqlalchemy_url

METADATA = Base.metadata
# Two processes that start together must not migrate at the same time.
_LOCK = 0x486F6C6466617374


def _config(dsn: str) -> Config:
    config = Config(stdout=io.StringIO())
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["dsn"] = dsn
    return config


def head() -> str:
    """The newest revision that this version of the code knows."""
    revision = ScriptDirectory.from_config(_config("")).get_current_head()
    if revision is None:
        raise RuntimeError("there is no migration")
    return revision


def current(dsn: str) -> str | None:
    """The database's revision, or None if it is empty."""
    engine = create_engine(sqlalchemy_url(dsn), poolclass=pool.NullPool)
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(dsn: str) -> None:
    """Bring the database to ``head()``; one transaction, one migrator at a time, harmless when it is there."""
    engine = create_engine(sqlalchemy_url(dsn), poolclass=pool.NullPool)
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        config = _config(dsn)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def revise(dsn: str, message: str) -> None:
    """Write a new revision from the difference between the models and the database (developers)."""
    engine = create_engine(sqlalchemy_url(dsn), poolclass=pool.NullPool)
    with engine.begin() as connection:
        config = _config(dsn)
        config.attributes["connection"] = connection
        command.revision(config, message, autogenerate=True)


def differences(dsn: str) -> list[object]:
    """What the models have and the migrated database has not, or the other way round."""
    engine = create_engine(sqlalchemy_url(dsn), poolclass=pool.NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours})
        return list(compare_metadata(context, METADATA))


def ours(_object: object, name: str | None, kind: str, _reflected: bool, _compared: object) -> bool:
    """Leaves the job queue's own tables out of comparisons."""
    return not (kind == "table" and name is not None and name.startswith("procrastinate_"))
