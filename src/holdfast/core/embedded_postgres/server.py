"""Start, adopt, watch and stop the one PostgreSQL server of a data folder."""

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import psycopg

from holdfast.core.embedded_postgres import account, cluster, processes
from holdfast.core.embedded_postgres.errors import AlreadyRunning, EmbeddedPostgresError

_PORT = 5432
# The kernel allows 107 bytes for a socket's path.
_LONGEST_SOCKET_PATH = 100
_START_SECONDS = 600.0
_FAST_STOP_SECONDS = 30.0
_LOG_LIMIT = 10 << 20


def _silent(_line: str) -> None:
    """Where progress goes when nobody asked for it."""


class EmbeddedPostgres:
    """The PostgreSQL of ``data_dir`` (its files are in ``data_dir/postgres``), one object in one process at a time.

    ``settings`` are server settings (name to value) on top of ours. ``say`` gets a line when something takes long.
    Start it from the main thread where possible: then the kernel ends the server when this process dies.
    """

    def __init__(
        self, data_dir: Path, *, settings: Mapping[str, str] | None = None, say: Callable[[str], None] = _silent
    ) -> None:
        self.folder = data_dir.absolute() / "postgres"
        self.data = self.folder / "data"
        self.log = self.folder / "server.log"
        self._passwords = self.folder / "passwords"
        self._settings = dict(settings or {})
        self._say = say
        self._lock: IO[str] | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._pid = 0
        self.adopted = False

    # What others ask -------------------------------------------------------------------------------------------

    @property
    def pid(self) -> int:
        """The postmaster's process id; 0 before the first start."""
        return self._pid

    @property
    def dsn(self) -> str:
        """A libpq connection string as the database's owner. It names a password file and holds no secret."""
        return self._connection_string(cluster.OWNER, cluster.DATABASE)

    @property
    def administrator_dsn(self) -> str:
        """The same as PostgreSQL's superuser, in the database ``postgres`` (tests, repairs)."""
        return self._connection_string(cluster.ADMINISTRATOR, "postgres")

    def running(self) -> bool:
        """Whether the server started (or adopted) by this object lives."""
        if self._child is not None:
            return self._child.poll() is None
        return bool(self._pid) and processes.belongs(self._pid, self.data)

    def running_elsewhere(self) -> bool:
        """Whether some process, such as ``holdfast up``, runs the server of this folder now."""
        found = processes.postmaster(self.data)
        return found is not None and found.status == "ready"

    # Start -----------------------------------------------------------------------------------------------------

    def start(self) -> str:
        """Start the server, or adopt the one that a killed process of ours left, and return ``dsn``.

        Returns when it accepts connections: crash recovery may take minutes. Raises AlreadyRunning, OtherMajorVersion
        or EmbeddedPostgresError; then nothing is left running.
        """
        if self.running():
            return self.dsn
        self._child, self._pid, self.adopted = None, 0, False
        who = account.choose(self.folder, cluster.programs())
        self._make_folder(who)
        self._take_lock()
        try:
            if (self.data / "PG_VERSION").exists():
                cluster.check_version(self.data)
            passwords = cluster.read_or_make_passwords(self._passwords, self.data)
            if not self._adopt(who):
                self._clear_leftovers()
                if not self.data.exists():
                    self._say("making the database folder")
                    cluster.create(self.data, who, passwords[cluster.ADMINISTRATOR])
                self._launch(who)
            self._prepare(passwords)
            self._check()
        except BaseException:
            self.stop()
            raise
        return self.dsn

    def _make_folder(self, who: account.Account) -> None:
        try:
            self.folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        except OSError as error:
            raise EmbeddedPostgresError(f"cannot make {self.folder}: {error.strerror}") from error
        self.folder.chmod(0o700)
        who.own(self.folder)

    def _take_lock(self) -> None:
        """flock, since the kernel gives it back however its holder dies."""
        if self._lock is not None:
            return
        lock = (self.folder / "lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip()
            lock.close()
            raise AlreadyRunning(self.folder, int(holder) if holder.isdigit() else 0) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock

    def _adopt(self, who: account.Account) -> bool:
        """Take over a living server of this folder. One that is stopping, or ends meanwhile, is waited for."""
        found = processes.postmaster(self.data)
        if found is None:
            return False
        if found.status == "stopping":
            processes.wait_gone(found.pid, _FAST_STOP_SECONDS)
            return False
        self._pid, self.adopted = found.pid, True
        cluster.configure(self.data, who, Path(found.socket_dir), self._settings)
        with suppress(EmbeddedPostgresError, ProcessLookupError):
            os.kill(found.pid, signal.SIGHUP)
            self._wait_ready()
            return True
        self._pid, self.adopted = 0, False
        return False

    def _clear_leftovers(self) -> None:
        """Wait for the orphans of a killed server, end those that stay, then remove the stale pid file."""
        if not processes.wait_until(lambda: not processes.all_of(self.data), 5.0):
            self._say("ending processes that a killed PostgreSQL left behind")
            processes.signal_all(processes.all_of(self.data), signal.SIGQUIT)
            if not processes.wait_until(lambda: not processes.all_of(self.data), 15.0):
                processes.signal_all(processes.all_of(self.data), signal.SIGKILL)
                processes.wait_until(lambda: not processes.all_of(self.data), 15.0)
        # We hold the lock and no process has the folder: the file is stale, and its number may be anybody's by now.
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _launch(self, who: account.Account) -> None:
        self._rotate_log()
        socket = self._socket_dir(who)
        cluster.configure(self.data, who, socket, {**self._shared_memory(), **self._settings})
        command = list(who.command)
        if threading.current_thread() is threading.main_thread() and shutil.which("setpriv"):
            # The signal comes when the thread that started the server ends, so only the main thread may ask for it.
            command += ["setpriv", "--pdeathsig", "INT", "--"]
        command += [str(cluster.programs() / "postgres"), "-D", str(self.data), "-p", str(_PORT)]
        with self.log.open("ab") as log:
            self.log.chmod(0o600)
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=cluster.environment(),
                start_new_session=True,  # a terminal's Ctrl-C is for the supervisor, which stops things in order
            )
        self._pid = self._child.pid
        self._wait_ready()

    def _wait_ready(self) -> None:
        """Until the server says that it accepts connections; raises with its last words when it ends instead."""
        begun, said = time.monotonic(), 0.0
        while True:
            found = processes.read_pid_file(self.data)
            if found is not None and found.pid == self._pid and found.status == "ready":
                return
            if not self.running():
                raise EmbeddedPostgresError(f"PostgreSQL ended while starting: {cluster.explain(self._last_words())}")
            waited = time.monotonic() - begun
            if waited > _START_SECONDS:
                raise EmbeddedPostgresError(f"PostgreSQL is not ready after {waited:.0f} s: see {self.log}")
            if waited - said > 5:
                said = waited
                self._say(f"PostgreSQL is still starting (recovery after a crash?), {waited:.0f} s")
            time.sleep(0.01)

    def _last_words(self) -> str:
        with suppress(OSError), self.log.open("rb") as file:
            file.seek(max(0, self.log.stat().st_size - 4000))
            return file.read().decode(errors="replace")
        return ""

    @staticmethod
    def _shared_memory() -> Mapping[str, str]:
        """Containers give /dev/shm 64 MB, too little for parallel queries: then ordinary files serve."""
        try:
            enough = shutil.disk_usage("/dev/shm").total >= 256 << 20  # noqa: S108 - the kernel's name for it
        except OSError:
            enough = False
        return {} if enough else {"dynamic_shared_memory_type": "mmap"}

    def _socket_dir(self, who: account.Account) -> Path:
        """A folder that only the server's account enters, with a path short enough for a socket."""
        folder = self.folder / "socket"
        if len(os.fsencode(folder / f".s.PGSQL.{_PORT}")) > _LONGEST_SOCKET_PATH:
            base = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
            key = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]
            folder = base / f"holdfast-{who.uid}-{key}"
        folder.mkdir(mode=0o700, exist_ok=True)
        who.own(folder)
        found = folder.lstat()
        if folder.is_symlink() or found.st_uid != who.uid or found.st_mode & 0o077:
            raise EmbeddedPostgresError(f"{folder} exists and is not a private folder of ours: remove it")
        return folder

    # The database in it ----------------------------------------------------------------------------------------

    def _prepare(self, passwords: Mapping[str, str]) -> None:
        """Role, database and extension, once; every step may be repeated after an interruption."""
        done = self.folder / "prepared"
        if done.exists():
            return
        # Durable before "prepared" says so, whatever the settings are.
        durable = "-c synchronous_commit=on"
        with psycopg.connect(self.administrator_dsn, autocommit=True, options=durable) as connection:
            # Our own hash, so that the password itself never stands in a statement or a log.
            verifier = connection.pgconn.encrypt_password(
                passwords[cluster.OWNER].encode(), cluster.OWNER.encode(), b"scram-sha-256"
            ).decode()
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [cluster.OWNER]).fetchone():
                connection.execute(f"CREATE ROLE {cluster.OWNER} LOGIN")
            connection.execute(f"ALTER ROLE {cluster.OWNER} PASSWORD '{verifier}'")
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [cluster.DATABASE]).fetchone():
                connection.execute(f"CREATE DATABASE {cluster.DATABASE} OWNER {cluster.OWNER}")
        with psycopg.connect(self.dsn, autocommit=True, options=durable) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        done.touch(mode=0o600)

    def _check(self) -> None:
        """Search lives on trigrams: with a C locale Chinese would have none, silently."""
        with psycopg.connect(self.dsn) as connection:
            row = connection.execute("SELECT show_trgm('助记词')").fetchone()
        if not row or not row[0]:
            raise EmbeddedPostgresError(
                f"the database in {self.data} finds no trigrams in Chinese text (its locale is not C.UTF-8), so search "
                "would miss it: make a backup, move the folder aside and restore"
            )

    def _connection_string(self, user: str, database: str) -> str:
        found = processes.read_pid_file(self.data)
        if found is None:
            raise EmbeddedPostgresError(f"the PostgreSQL in {self.folder} is not running")
        parts = {"host": found.socket_dir, "port": str(_PORT), "user": user, "dbname": database}
        return psycopg.conninfo.make_conninfo(**parts, passfile=str(self._passwords))

    # Stop ------------------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Stop the server: connections are cut, everything committed is kept. Harmless when it does not run."""
        for number, seconds in ((signal.SIGINT, _FAST_STOP_SECONDS), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0)):
            if not self.running():
                break
            with suppress(ProcessLookupError):
                os.kill(self._pid, number)
            self._wait_end(seconds)
        self._child, self._pid = None, 0
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _wait_end(self, seconds: float) -> None:
        if self._child is None:
            processes.wait_gone(self._pid, seconds)
            return
        with suppress(subprocess.TimeoutExpired):
            self._child.wait(seconds)

    def rotate_log(self) -> None:
        """Keep the log below 10 MB: copied aside and emptied in place, since the server holds it open."""
        self._rotate_log()

    def _rotate_log(self) -> None:
        with suppress(FileNotFoundError):
            if self.log.stat().st_size > _LOG_LIMIT:
                shutil.copyfile(self.log, self.log.with_suffix(".log.1"))
                os.truncate(self.log, 0)

    def __enter__(self) -> "EmbeddedPostgres":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


@contextmanager
def connected(server: EmbeddedPostgres) -> Iterator[str]:
    """A connection string for a command: of the server that runs already, else of one that runs meanwhile."""
    if server.running_elsewhere():
        yield server.dsn
        return
    with server:
        yield server.dsn
