"""Is the database's schema the one this code expects? Answered in milliseconds: Alembic takes 0.4 s to import."""

import re
from pathlib import Path

import psycopg

_VERSIONS = Path(__file__).parent / "migrations" / "versions"
_REVISION = re.compile(r"^(down_)?revision\b[^=]*=\s*(?:\(?['\"](\w+)['\"]|None)", re.MULTILINE)


class NewerDatabase(RuntimeError):
    """The database was migrated by a newer Holdfast than this one."""


def known() -> set[str]:
    """Every revision that this code knows."""
    return {own for own, _ in _pairs()}


def newest() -> str:
    """The revision that no other one builds on. Raises RuntimeError unless there is exactly one."""
    pairs = _pairs()
    tips = {own for own, _ in pairs} - {below for _, below in pairs}
    if len(tips) != 1:
        raise RuntimeError(f"the migrations have {len(tips)} newest revisions: {sorted(tips)}")
    return tips.pop()


def _pairs() -> list[tuple[str, str]]:
    pairs = []
    for file in _VERSIONS.glob("*.py"):
        found = {bool(down): name for down, name in _REVISION.findall(file.read_text())}
        if found.get(False):
            pairs.append((found[False], found.get(True, "")))
    return pairs


def applied(dsn: str) -> str | None:
    """The database's revision, None when it has none. Raises psycopg.Error."""
    with psycopg.connect(dsn, connect_timeout=10) as connection:
        if connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


def behind(dsn: str) -> bool:
    """Whether the database must be migrated. Raises NewerDatabase, psycopg.Error."""
    found = applied(dsn)
    if found is not None and found not in known():
        raise NewerDatabase(
            f"the database has the revision {found}, which this Holdfast does not know: a newer one has migrated "
            "it. Start that one, or restore a backup made before"
        )
    return found != newest()
