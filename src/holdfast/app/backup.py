"""``holdfast backup FILE``: database and uploaded files in one archive, made while everything runs."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from holdfast import __version__
from holdfast.access import installation_keys
from holdfast.access.key_sources import FileSource, key_source
from holdfast.app import archive, revisions
from holdfast.app.operator import OperatorError, database
from holdfast.core.embedded_postgres.cluster import environment, programs
from holdfast.core.settings import Settings


def client(dsn: str, program: str, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """Command and environment of a PostgreSQL client program; the password goes by the environment, not by argument."""
    parts = {name: str(value) for name, value in conninfo_to_dict(dsn).items() if value is not None}
    password = parts.pop("password", None)
    # TLS files and the like keep working: the operator's own environment, only without another server's PG* names.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    secret = {} if password is None else {"PGPASSWORD": password}
    command = [str(programs() / program), *arguments, f"--dbname={make_conninfo(**parts)}"]
    return command, {**inherited, **environment(), **secret}


def dump(dsn: str, target: Path) -> None:
    """A consistent snapshot in pg_dump's custom format (compressed). Raises OperatorError."""
    command, variables = client(
        dsn, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--no-comments", f"--file={target}"
    )
    done = subprocess.run(command, env=variables, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OperatorError(f"the database cannot be dumped: {done.stderr.strip()}")


def backup(settings: Settings, dsn: str, target: Path, *, with_keys: bool) -> archive.Manifest:
    """Write the archive. The dump comes first: every file it mentions is still there when the files are read."""
    if target.is_dir() or not target.absolute().parent.is_dir():
        raise OperatorError(f"{target} cannot be written: name a file in a folder that exists")
    try:
        revision = revisions.applied(dsn)
        with psycopg.connect(dsn) as connection:
            server = connection.info.parameter_status("server_version") or "?"
    except psycopg.OperationalError as error:
        raise OperatorError(f"cannot reach the database: {str(error).strip()}") from error
    if revision is None:
        raise OperatorError("the database is empty: there is nothing to back up")
    source = key_source(settings)
    key = installation_keys.master_in_use(dsn) or next(iter(source.masters()), None)
    if with_keys and not isinstance(source, FileSource):
        raise OperatorError(f"keys of the {source.name} source cannot be put into a backup")
    described = archive.Description(__version__, revision, server, key)
    files = settings.data_dir / "files"
    with tempfile.TemporaryDirectory(prefix=".holdfast-backup-", dir=target.absolute().parent) as folder:
        dumped = Path(folder) / archive.DUMP
        dump(dsn, dumped)
        with archive.writing(target) as writer:
            writer.add(archive.DUMP, dumped)
            for path in sorted(files.rglob("*")) if files.is_dir() else []:
                if path.is_file() and not path.is_symlink():
                    writer.add(archive.FILES + path.relative_to(files).as_posix(), path)
            if with_keys and isinstance(source, FileSource):
                for path in source.files().values():
                    writer.add(archive.KEYS + path.name, path)
            return writer.finish(described)


def main(settings: Settings, target: Path, *, with_keys: bool) -> int:
    """Make the archive and say what is in it and, above all, what is not. Raises OperatorError."""
    try:
        with database(settings) as dsn:
            manifest = backup(settings, dsn, target, with_keys=with_keys)
    except OSError as error:
        raise OperatorError(f"the backup failed, nothing was left at {target}: {error}") from error
    files = sum(name.startswith(archive.FILES) for name in manifest.members)
    size = target.stat().st_size / 1e6
    sys.stdout.write(f"{target}: database at revision {manifest.revision} and {files} files, {size:.1f} MB\n")
    if any(name.startswith(archive.KEYS) for name in manifest.members):
        sys.stdout.write("It holds the key: whoever has this archive reads everything. Guard it like the key.\n")
    else:
        sys.stdout.write(
            f"It does not hold the master key ({manifest.key}), without which names, contact points, files and\n"
            "sign-in secrets stay unreadable. Keep a copy of that key, apart from the backups.\n"
            "Messages and ratings are NOT sealed: whoever has this archive reads them. Guard it.\n"
        )
    return 0
