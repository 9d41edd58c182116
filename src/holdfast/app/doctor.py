"""``holdfast doctor``: every part looked at, each fault with its repair. Exit status 1 when something is at fault."""

import importlib.util
import json
import os
import secrets
import shutil
import smtplib
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime
from urllib.parse import urlsplit

import psycopg

from holdfast.access import installation_keys
from holdfast.access.key_sources import FileSource, key_source
from holdfast.access.ports import KeySourceError, WrongMasterKey
from holdfast.app import proofs, revisions, tesseract
from holdfast.app.doctor_phone import phone
from holdfast.app.findings import Finding, fault, ok, warning
from holdfast.app.supervisor import healthy, running_pid
from holdfast.channels.mail import listener
from holdfast.core.clock import now
from holdfast.core.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError, connected
from holdfast.core.embedded_postgres.cluster import program_version
from holdfast.core.settings import Settings, SettingsError

# Below the first the database soon cannot write; below the second somebody should look.
_DISK_FAULT = 500 << 20
_DISK_WARNING = 5 << 30
_SKEW_SECONDS = 2.0
_HEARTBEAT_SECONDS = 20.0
_OLDEST_SERVER = 150000


def examine(settings: Settings) -> Iterator[Finding]:
    """Every finding, in the order in which a repair makes sense. A check that itself fails is a fault."""
    yield python()
    yield from data_folder(settings)
    yield key(settings)
    yield from web_builds(settings)
    yield from _database(settings)
    yield from processes(settings)
    yield mail(settings)
    if settings.mail_listen:
        yield letters(settings.mail_listen, anywhere=settings.mail_listen_anywhere)
    yield texts(settings)
    yield pictures()
    yield from phone(settings)


# The machine ---------------------------------------------------------------------------------------------------


def python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < (3, 11):  # noqa: UP036 - the check is for whoever forced an older one
        return fault("python", f"Python {found}", "install Python 3.11 or newer and run `make run` again")
    names = ("litestar", "sqlalchemy", "psycopg", "procrastinate", "uvicorn", "uvloop")
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    if missing:
        return fault(
            "python", f"{', '.join(missing)} not installed", "run `make run` again: it installs what is missing"
        )
    return ok("python", f"Python {found}")


def data_folder(settings: Settings) -> Iterator[Finding]:
    folder = settings.data_dir
    if not folder.exists():
        yield warning("data folder", f"{folder} does not exist yet", "`holdfast up` makes it at its first start")
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        yield fault(
            "data folder", f"{folder} cannot be written", f"give it to this user: chown -R {os.geteuid()} {folder}"
        )
        return
    open_to_others = [
        path
        for path in (folder / "postgres", folder / "keys", folder / "files", folder / "logs")
        if path.exists() and path.stat().st_mode & 0o007
    ]
    if open_to_others:
        names = " ".join(map(str, open_to_others))
        yield fault("data folder", f"other users of this machine can enter {names}", f"chmod -R go-rwx {names}")
    else:
        yield ok("data folder", f"{folder}")
    free = shutil.disk_usage(folder).free
    fact = f"{free / 1e9:.1f} GB free in {folder}"
    repair = "free some space, or move HOLDFAST_DATA_DIR to a larger disk while Holdfast is stopped"
    if free < _DISK_FAULT:
        yield fault("disk", fact, repair)
    elif free < _DISK_WARNING:
        yield warning("disk", fact, repair)
    else:
        yield ok("disk", fact)


def key(settings: Settings) -> Finding:
    """The source of master keys itself; whether they are this database's: ``sealing_keys``."""
    try:
        source = key_source(settings)
        if isinstance(source, FileSource):
            files = source.files()
            if not files:
                return warning(
                    "key",
                    f"{source.path} does not exist yet",
                    "`holdfast up` makes it; put an old one back after a restore",
                )
            if readable := [str(file) for file in files.values() if file.stat().st_mode & 0o077]:
                return fault("key", f"{', '.join(readable)} readable by others", f"chmod 600 {' '.join(readable)}")
        masters = source.masters()
        if not masters:
            return warning("key", f"the {source.name} source has no master key", "`holdfast keys new` makes one")
        sample = secrets.token_bytes(32)
        for master in masters:
            if source.unwrap(master, source.wrap(master, sample, "doctor"), "doctor") != sample:
                return fault("key", f"{master} does not unwrap what it wrapped", "see docs/operations/keys.md")
    except KeySourceError as error:
        return fault("key", str(error), "see docs/operations/keys.md")
    return ok("key", f"{source.name}: {', '.join(masters)}, wraps and unwraps; is a copy kept apart from the backups?")


def sealing_keys(settings: Settings, dsn: str) -> Finding:
    """Whether the master key that this database needs is here, and opens its keys."""
    try:
        master = installation_keys.master_in_use(dsn)
        if master is None:
            return warning("sealing keys", "not made yet", "`holdfast up` makes them at its first start")
        installation_keys.read(dsn, key_source(settings))
    except (KeySourceError, WrongMasterKey) as error:
        return fault(
            "sealing keys", str(error), "put that key back; what to do when it is lost: docs/operations/keys.md"
        )
    return ok("sealing keys", f"opened with master key {master}")


def web_builds(settings: Settings) -> Iterator[Finding]:
    for name in ("console", "widget"):
        folder = settings.web_dir / name / "dist"
        if folder.is_dir() and any(folder.iterdir()):
            yield ok(f"{name} build", f"{folder}")
        else:
            yield fault(f"{name} build", f"{folder} is missing", "run `make run`, which builds it")


# The database --------------------------------------------------------------------------------------------------


def _database(settings: Settings) -> Iterator[Finding]:
    try:
        if settings.database_url:
            yield from database(settings.database_url)
            yield sealing_keys(settings, settings.database_url)
        elif not (settings.data_dir / "postgres").exists():
            yield warning("database", "not made yet", "`holdfast up` makes it at its first start")
        else:
            with connected(EmbeddedPostgres(settings.data_dir)) as dsn:
                yield ok("embedded PostgreSQL", f"binaries {program_version()}")
                yield from database(dsn)
                yield sealing_keys(settings, dsn)
    except EmbeddedPostgresError as error:
        yield fault("embedded PostgreSQL", str(error), "see docs/operations/embedded-postgresql.md")
    except psycopg.OperationalError as error:
        yield fault(
            "database",
            f"cannot be reached: {str(error).strip()}",
            "start the server; check address, user and password in HOLDFAST_DATABASE_URL",
        )


def database(dsn: str) -> Iterator[Finding]:
    """What a connection can tell: version, durability, search, schema, clock, the processes' heartbeat."""
    with psycopg.connect(dsn, autocommit=True, connect_timeout=10) as connection:
        version = connection.info.parameter_status("server_version") or "?"
        if connection.info.server_version < _OLDEST_SERVER:
            yield fault("database", f"PostgreSQL {version}", "use PostgreSQL 15 or newer")
        else:
            yield ok("database", f"PostgreSQL {version}")
        yield durability(connection)
        yield trigrams(connection)
        yield clock(connection)
    yield schema(dsn)
    yield heartbeats(dsn)


def durability(connection: psycopg.Connection[tuple[object, ...]]) -> Finding:
    names = ("fsync", "full_page_writes", "synchronous_commit")
    off = [name for name in names if _value(connection, f"SHOW {name}") == "off"]
    if off:
        return fault(
            "durability",
            f"{', '.join(off)} off: an acknowledged message can be lost in a power cut",
            "set them to on in postgresql.conf (embedded: remove them from postgres/local.conf) and restart",
        )
    return ok("durability", "fsync, full_page_writes and synchronous_commit are on")


def trigrams(connection: psycopg.Connection[tuple[object, ...]]) -> Finding:
    try:
        count = _value(connection, "SELECT cardinality(show_trgm('助记词'))")
    except psycopg.errors.UndefinedFunction:
        return fault("search", "the extension pg_trgm is missing", "as its owner: CREATE EXTENSION pg_trgm;")
    if not count:
        return fault(
            "search",
            "Chinese text has no trigrams: the database's locale is C",
            "back up, make the database anew with LC_CTYPE C.UTF-8 (or any UTF-8 locale), restore",
        )
    return ok("search", "finds Chinese text")


def clock(connection: psycopg.Connection[tuple[object, ...]]) -> Finding:
    """Half the round trip is the error of the measurement."""
    before = now()
    there = _value(connection, "SELECT clock_timestamp()")
    after = now()
    if not isinstance(there, datetime):
        return fault("clock", "the database does not tell its time", "restart the server")
    skew = (there - (before + (after - before) / 2)).total_seconds()
    if abs(skew) > _SKEW_SECONDS + (after - before).total_seconds() / 2:
        return fault("clock", f"the database's clock differs by {skew:+.1f} s", "run NTP on both machines")
    return ok("clock", f"differs from the database's by {skew * 1000:+.0f} ms")


def schema(dsn: str) -> Finding:
    try:
        if revisions.behind(dsn):
            return fault("migrations", f"the newest is {revisions.newest()}, not applied", "run `holdfast migrate`")
    except revisions.NewerDatabase as error:
        return fault("migrations", str(error), "install the newer Holdfast again")
    return ok("migrations", f"at {revisions.newest()}")


def heartbeats(dsn: str) -> Finding:
    """Each process writes every 5 s that it lives."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        try:
            age = _value(
                connection,
                "SELECT extract(epoch FROM clock_timestamp() - max(beat_at))::float FROM process WHERE kind = 'worker'",
            )
        except psycopg.errors.UndefinedTable:
            return warning("worker", "there are no tables yet", "run `holdfast migrate`")
    if not isinstance(age, float):
        return warning("worker", "no worker has registered", "start `holdfast up`, or `holdfast worker`")
    if age > _HEARTBEAT_SECONDS:
        return fault("worker", f"its last heartbeat is {age:.0f} s old", "see logs/worker.log; restart it")
    return ok("worker", f"heartbeat {age:.0f} s ago")


def _value(connection: psycopg.Connection[tuple[object, ...]], query: str) -> object:
    row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


# The processes and the mail server -----------------------------------------------------------------------------


def processes(settings: Settings) -> Iterator[Finding]:
    pid = running_pid(settings.data_dir)
    if pid is not None:
        yield ok("supervisor", f"process {pid}")
    if healthy(settings):
        yield ok("web", f"answers at {settings.origin}")
    elif pid is not None:
        yield fault("web", f"does not answer on port {settings.port}", "see logs/web.log, then restart `holdfast up`")
    else:
        yield warning("web", f"does not answer on port {settings.port}", "start `holdfast up`")


def mail(settings: Settings) -> Finding:
    if settings.smtp_url is None:
        if settings.demo:
            return ok("mail", "the demo keeps mail at /demo/mail")
        return warning("mail", "no server is set: invitations and resets cannot be sent", "set HOLDFAST_SMTP_URL")
    url = urlsplit(settings.smtp_url)
    host, port = url.hostname or "localhost", url.port or (465 if url.scheme == "smtps" else 25)
    make: Callable[..., smtplib.SMTP] = smtplib.SMTP_SSL if url.scheme == "smtps" else smtplib.SMTP
    try:
        with make(host, port, timeout=10) as server:
            code, _ = server.noop()
    except (OSError, smtplib.SMTPException) as error:
        return fault("mail", f"{host}:{port} does not answer: {error}", "check HOLDFAST_SMTP_URL and the mail server")
    return ok("mail", f"{host}:{port} answers ({code})")


def letters(listen: str, *, anywhere: bool) -> Finding:
    """Whether a stranger may reach the listener, where nobody signs in."""
    try:
        where = listener.place(listen, anywhere=anywhere)
    except SettingsError as error:
        return fault("letters", str(error), "correct HOLDFAST_MAIL_LISTEN")
    if where.host and not listener.is_closed(where.host):
        return warning(
            "letters",
            f"whoever reaches {where.host}:{where.port} can deliver letters that count as genuine",
            "listen on this machine, a private network or a socket, or let a firewall admit the mail server alone",
        )
    return ok("letters", f"come to {where.path or f'{where.host}:{where.port}'}")


def texts(settings: Settings) -> Finding:
    """Whether codes can go to telephones. No account is asked: a text costs money, and most have no other question."""
    if settings.demo:
        return ok("texts", "the demo keeps text messages at /demo/mail")
    if settings.sms_url is None:
        return warning("texts", "no account is set: no codes go to telephones", "set HOLDFAST_SMS_URL")
    try:
        proofs.texts(settings)
    except SettingsError as error:
        return fault("texts", str(error), "correct HOLDFAST_SMS_URL")
    return ok("texts", f"by {settings.sms_url.partition('://')[0]}")


def pictures() -> Finding:
    lacking = tesseract.missing()
    if lacking:
        return warning(
            "pictures",
            f"cannot be checked for secrets, {lacking} is missing: they stay blurred",
            f"install the packages {tesseract.PACKAGES}",
        )
    return ok("pictures", "are checked for secrets before anybody at the desk sees them")


def main(settings: Settings, *, as_json: bool) -> int:
    """Print every finding as it is found (or all as JSON); 1 if one is a fault."""
    findings = []
    marks = {"ok": "ok     ", "warning": "WARNING", "fault": "FAULT  "}
    for finding in examine(settings):
        findings.append(finding)
        if not as_json:
            sys.stdout.write(f"{marks[finding.state]}  {finding.part}: {finding.fact}\n")
            if finding.repair:
                sys.stdout.write(f"         -> {finding.repair}\n")
            sys.stdout.flush()
    faults = sum(finding.state == "fault" for finding in findings)
    if as_json:
        sys.stdout.write(json.dumps({"faults": faults, "findings": [asdict(f) for f in findings]}, indent=1) + "\n")
    elif not faults:
        sys.stdout.write("no faults\n")
    return 1 if faults else 0
