"""``holdfast restore FILE``: verify an archive, then put it in place of an empty (or, forced, any) installation."""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO
from uuid import UUID

import psycopg

from holdfast.access.key_sources import key_source
from holdfast.app import archive, revisions, schema
from holdfast.app.backup import client
from holdfast.app.operator import OperatorError, database
from holdfast.app.start import started
from holdfast.app.supervisor import running_pid
from holdfast.core.settings import Settings
from holdfast.privacy import jobs

# Names that a dump made by PostgreSQL 17 or later sets, and an older server does not know.
_UNKNOWN_BEFORE_17 = b"SET transaction_timeout = 0;\n"
_EMPTY = """
BEGIN;
SET lock_timeout = '5s';
SET client_min_messages = warning;
DROP SCHEMA public CASCADE;
CREATE SCHEMA public;
ALTER SCHEMA public OWNER TO pg_database_owner;
GRANT USAGE ON SCHEMA public TO PUBLIC;
"""


def restore(settings: Settings, dsn: str, source: Path, *, force: bool) -> archive.Manifest:
    """Put database, files and, if they are in it, keys in place. Raises OperatorError, ArchiveDamaged.

    The database changes in one transaction, and the files are exchanged only after it: a failure leaves the
    installation as it was.
    """
    manifest = archive.verify(source)
    if manifest.revision not in revisions.known():
        raise OperatorError(
            f"{source} was made by Holdfast {manifest.holdfast}, which is newer than this one (its revision "
            f"{manifest.revision} is unknown here): restore it with that version or a later one"
        )
    _check_target(settings, dsn, manifest, force=force)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.data_dir) as folder:
        staging = Path(folder)
        archive.extract(source, archive.DUMP, staging / archive.DUMP)
        archive.extract_folder(source, archive.FILES, staging / "files")
        archive.extract_folder(source, archive.KEYS, staging / "keys")
        _load(dsn, staging / archive.DUMP)
        _place(settings, staging)
    if revisions.behind(dsn):
        schema.upgrade(dsn)
    return manifest


def replay_erasures(settings: Settings, dsn: str, before: set[UUID]) -> int:
    """Erase again whom the backup has brought back: everybody of the ledger, and of the database as it was ``before``.
    How many there were. A worker does the same when it starts, should this be cut off."""

    async def replay() -> int:
        async with started(settings, dsn) as database:
            return await jobs.replay(settings, database, before)

    return asyncio.run(replay())


def _erased_before(dsn: str) -> set[UUID]:
    """Who is erased in the database that is about to be replaced."""
    with psycopg.connect(dsn) as connection:
        known = connection.execute("SELECT to_regclass('public.erasure')").fetchone()
        if known is None or known[0] is None:
            return set()
        return {row[0] for row in connection.execute("SELECT customer_id FROM erasure")}


def _check_target(settings: Settings, dsn: str, manifest: archive.Manifest, *, force: bool) -> None:
    pid = running_pid(settings.data_dir)
    if pid is not None:
        raise OperatorError(f"Holdfast runs (process {pid}): stop it before a restore")
    with psycopg.connect(dsn) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        others = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND application_name LIKE 'holdfast%'"
        ).fetchone()
    if others and others[0]:
        raise OperatorError(f"{others[0]} connections of a running Holdfast are open to this database: stop it first")
    files = settings.data_dir / "files"
    if not force and ((tables and tables[0]) or (files.is_dir() and any(files.iterdir()))):
        raise OperatorError(
            "this installation is not empty. To lose what is in it and have the backup instead: --force "
            "(make a backup of it first)"
        )
    _check_keys(settings, manifest, force=force)


def _check_keys(settings: Settings, manifest: archive.Manifest, *, force: bool) -> None:
    """Another key than the backup's is a mistake that would be found only when nothing opens."""
    present = key_source(settings).masters()
    brought = any(name.startswith(archive.KEYS) for name in manifest.members)
    if not present or manifest.key is None or manifest.key in present or (brought and force):
        return
    if brought:
        raise OperatorError(f"{settings.key_file} is another key than the backup's: move it aside, or use --force")
    raise OperatorError(
        f"the key here ({', '.join(present)}) is another key than the backup's ({manifest.key}), which it cannot open: "
        f"{key_source(settings).repair(manifest.key)}. Nothing was changed"
    )


def _load(dsn: str, dump: Path) -> None:
    """Empty the database and fill it from the dump, in one transaction."""
    with psycopg.connect(dsn) as connection:
        old = connection.info.server_version < 170000
    reading, _ = client(dsn, "pg_restore")
    reader = subprocess.Popen(
        [reading[0], "--no-owner", "--no-privileges", "--file=-", str(dump)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"LC_ALL": "C"},
    )
    command, variables = client(dsn, "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null")
    writer = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=False, env=variables
    )
    if reader.stdout is None or reader.stderr is None or writer.stdin is None or writer.stderr is None:
        raise OperatorError("pg_restore or psql cannot be started")
    broken = False
    try:
        writer.stdin.write(_EMPTY.encode())
        _pass_on(reader.stdout, writer.stdin, drop=_UNKNOWN_BEFORE_17 if old else b"")
        # Without the reader's success there is no COMMIT: psql's end of input rolls back.
        if reader.wait() == 0:
            writer.stdin.write(b"\nCOMMIT;\n")
        writer.stdin.close()
    except BrokenPipeError:
        broken = True
        reader.kill()
    said = (writer.stderr.read() + reader.stderr.read()).decode(errors="replace").strip()
    if writer.wait() or reader.wait() or broken:
        raise OperatorError(f"the database could not be restored, it is as it was before: {said}")


def _pass_on(source: IO[bytes], target: IO[bytes], *, drop: bytes) -> None:
    for number, line in enumerate(source):
        # Only in the preamble: further down the same words would be somebody's data.
        if number > 60 or not drop or line != drop:
            target.write(line)


def _place(settings: Settings, staging: Path) -> None:
    """Exchange the files, and the keys if the archive has them; what was there is kept beside it."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    files = settings.data_dir / "files"
    (staging / "files").mkdir(exist_ok=True, mode=0o700)
    if files.exists():
        if any(files.iterdir()):
            files.rename(files.with_name(f"files.before-{stamp}"))
        else:
            shutil.rmtree(files)
    (staging / "files").rename(files)
    for brought in sorted((staging / "keys").glob("*")):
        # The first key's file may be named otherwise here; later ones are named by their keys.
        known = brought.name.startswith("master-")
        key = settings.key_file.with_name(brought.name) if known else settings.key_file
        key.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if key.exists():
            key.rename(key.with_name(f"{key.name}.before-{stamp}"))
        # Copied, not renamed: the key may lie on another file system.
        shutil.copyfile(brought, key, follow_symlinks=False)
        key.chmod(0o600)
    os.sync()


def main(settings: Settings, source: Path, *, force: bool) -> int:
    """Restore and say what is left to do."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with database(settings) as dsn:
            before = _erased_before(dsn)
            manifest = restore(settings, dsn, source, force=force)
            missing = manifest.key is not None and manifest.key not in key_source(settings).masters()
            # Without its key nothing of the database opens; then the worker erases again when it starts.
            again = 0 if missing else replay_erasures(settings, dsn, before)
    except (OSError, archive.ArchiveDamaged) as error:
        raise OperatorError(f"nothing was restored: {error}") from error
    except psycopg.OperationalError as error:
        raise OperatorError(f"cannot reach the database: {str(error).strip()}") from error
    sys.stdout.write(f"restored the backup of {manifest.made_at} (Holdfast {manifest.holdfast})\n")
    if again:
        sys.stdout.write(f"{again} customers of the backup had been erased since, and were erased again\n")
    if missing and manifest.key is not None:
        sys.stdout.write(
            f"The master key of that installation is not here. Before you start Holdfast: "
            f"{key_source(settings).repair(manifest.key)}.\n"
        )
    return 0
