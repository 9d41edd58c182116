"""Looking for a phrase and a key everywhere: in texts, files, a dump, a backup and what is restored from it."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg

from holdfast.app.backup import client as program
from tests.redaction.ways import KEY, PHRASE
from tests.support.server import Holdfast
from tests.support.waiting import until

# Sequences of the phrase, and words of it that stand in no file of PostgreSQL or ours.
WORDS = PHRASE.split()
TRACES = [*(" ".join(WORDS[i : i + 3]) for i in range(10)), "slogan", "gorilla", "pelican", KEY[:20]]


def traces_in(text: str) -> list[str]:
    return [trace for trace in TRACES if trace in text]


def traces_under(folder: Path) -> list[str]:
    """Files that hold a trace (grep: the folder has hundreds of megabytes)."""
    patterns = [part for trace in TRACES for part in ("-e", trace)]
    found = subprocess.run(["grep", "-rlaF", *patterns, str(folder)], capture_output=True, text=True, check=False)
    # PostgreSQL's temporary files come and go while grep looks: what is gone is no fault (2), a match would be.
    assert found.returncode in {0, 1, 2}
    return found.stdout.splitlines()


def settle(server: Holdfast) -> None:
    """Everything that the database holds in memory goes to its files, and its log to the archive."""
    with psycopg.connect(server.administrator_dsn, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        row = connection.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()
    assert row is not None
    until((server.data_dir / "archive" / row[0]).exists, 20, "the log is archived")


def dump(server: Holdfast) -> str:
    command, variables = program(server.administrator_dsn, "pg_dump", "--format=plain")
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=True).stdout


def make_backup(server: Holdfast, target: Path) -> Path:
    holdfast_command(server.data_dir, server.dsn, "backup", str(target))
    return target


def holdfast_command(data_dir: Path, dsn: str | None, *arguments: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HOLDFAST_")}
    environment["HOLDFAST_DATA_DIR"] = str(data_dir)
    if dsn is not None:
        environment["HOLDFAST_DATABASE_URL"] = dsn
    command = [sys.executable, "-m", "holdfast.app.cli", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def restored(archive: Path, folder: Path) -> str:
    """The dump inside, as text; and a new installation in ``folder``."""
    members = subprocess.run(["tar", "tf", archive], capture_output=True, text=True, check=True).stdout
    assert "fragment-keys" not in members
    holdfast_command(folder, None, "restore", str(archive))
    member = subprocess.run(["tar", "xOf", archive, "database.dump"], capture_output=True, check=True).stdout
    held = folder / "database.dump"
    held.write_bytes(member)
    command, _ = program("", "pg_restore", "--file=-", str(held))
    text = subprocess.run([*command[:-1]], capture_output=True, text=True, check=True).stdout
    assert "COPY public.message" in text
    held.unlink()
    return text
