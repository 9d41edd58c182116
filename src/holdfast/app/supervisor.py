"""``holdfast up``: everything a desk needs on one machine, in one process tree that repairs itself.

PostgreSQL (unless HOLDFAST_DATABASE_URL names one), the migrations, the web process, the worker and the phone engine.
Works without a terminal. Whatever is killed comes back; when the supervisor itself is killed, everything ends with it.
"""

import errno
import fcntl
import http.client
import json
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO

import psycopg

from holdfast.app import revisions
from holdfast.app.operator import OperatorError
from holdfast.app.service import Service, leftovers, log_file
from holdfast.core.embedded_postgres import AlreadyRunning, EmbeddedPostgres, EmbeddedPostgresError
from holdfast.core.embedded_postgres.processes import signal_all, wait_until
from holdfast.core.settings import Settings, SettingsError

_STOP_SECONDS = 20.0
_READY_SECONDS = 120.0
_LEFTOVER_SECONDS = 12.0


class Supervisor:
    """One per data folder. ``say`` gets short lines for people."""

    def __init__(self, settings: Settings, say: Callable[[str], None]) -> None:
        self.settings = settings
        self.services: list[Service] = []
        self.postgres: EmbeddedPostgres | None = None
        self._print = say
        self._lock: IO[str] | None = None
        self._stopping = 0
        self._begun = time.monotonic()
        self._wake, self._woken = socket.socketpair()

    def run(self) -> int:
        """Until SIGTERM or SIGINT (0), or a start that cannot succeed (OperatorError, EmbeddedPostgresError)."""
        self.settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._take_lock()
        self._log = log_file(self.settings.data_dir / "logs" / "supervisor.log")
        self._listen_to_signals()
        try:
            self._check_port()
            dsn = self._start_database()
            self._migrate(dsn)
            self._start_services(dsn)
            self._wait_ready()
            if not self._stopping:
                self._start_phone(dsn)
                self._welcome(dsn)
            while not self._stopping:
                self._pause(self._keep())
        finally:
            self._stop()
        return 0

    # Alone on the folder and on the port -----------------------------------------------------------------------

    def _take_lock(self) -> None:
        """flock: the kernel gives it back however we die. The file names who we are and where."""
        lock = (self.settings.data_dir / "up.lock").open("a+")
        lock.seek(0)
        before = _state(lock.read())
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise OperatorError(
                f"Holdfast already runs on {self.settings.data_dir}: process {before.get('pid', '?')}, at "
                f"{before.get('origin', '?')}. Stop it first, or name another folder in HOLDFAST_DATA_DIR"
            ) from None
        self._lock = lock
        self._end_leftovers(int(before.get("pid", 0)))
        lock.truncate(0)
        lock.write(json.dumps({"pid": os.getpid(), "origin": self.settings.origin}))
        lock.flush()

    def _end_leftovers(self, supervisor: int) -> None:
        """Children of a killed supervisor end by themselves, but may take seconds over it."""
        if not supervisor or not leftovers(supervisor):
            return
        self._print("waiting for the processes of a killed Holdfast to end")
        if not wait_until(lambda: not leftovers(supervisor), _LEFTOVER_SECONDS, 0.1):
            signal_all(leftovers(supervisor), signal.SIGKILL)

    def _check_port(self) -> None:
        host, port = self.settings.host, self.settings.port
        reason = _bind(host, port)
        if reason is None:
            return
        if reason == errno.EADDRINUSE:
            free = next((p for p in range(port + 1, min(port + 50, 65536)) if _bind(host, p) is None), port + 1)
            raise OperatorError(
                f"port {port} on {host} is taken by another program. Choose another one, for example:\n"
                f"    HOLDFAST_PORT={free} make run        (or: HOLDFAST_PORT={free} holdfast up)"
            )
        raise OperatorError(f"cannot listen on {host}:{port} ({os.strerror(reason)}): see HOLDFAST_HOST, HOLDFAST_PORT")

    # The database ----------------------------------------------------------------------------------------------

    def _start_database(self) -> str:
        if self.settings.database_url:
            return self.settings.database_url
        self.postgres = EmbeddedPostgres(self.settings.data_dir, say=self.say)
        try:
            dsn = self.postgres.start()
        except AlreadyRunning as error:
            raise OperatorError(f"{error} (a backup or another command?): wait for it, or stop it") from error
        self.say(f"PostgreSQL {'adopted' if self.postgres.adopted else 'started'} (process {self.postgres.pid})")
        return dsn

    def _migrate(self, dsn: str) -> None:
        try:
            if not revisions.behind(dsn):
                return
        except psycopg.OperationalError as error:
            raise OperatorError(
                f"cannot reach the database: {str(error).strip()}. See HOLDFAST_DATABASE_URL"
            ) from error
        except revisions.NewerDatabase as error:
            raise OperatorError(str(error)) from error
        self.say("bringing the database's tables up to date")
        self._command(dsn, "migrate")

    def _command(self, dsn: str, *arguments: str) -> str:
        """Run a command of ours in a process of its own (its imports must not stay in this one); its output."""
        done = subprocess.run(
            [sys.executable, "-m", "holdfast.app.cli", *arguments],
            env=self._environment(dsn),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise OperatorError(f"`holdfast {' '.join(arguments)}` failed:\n{(done.stderr or done.stdout).strip()}")
        return done.stdout

    def _environment(self, dsn: str) -> dict[str, str]:
        """What children get: the same settings, with the database's place and the demo spelled out."""
        extra = {"HOLDFAST_DATABASE_URL": dsn, "HOLDFAST_DATA_DIR": str(self.settings.data_dir)}
        if self.settings.demo:
            extra["HOLDFAST_DEMO"] = "1"
        return {**os.environ, **extra}

    # The services ----------------------------------------------------------------------------------------------

    def _start_services(self, dsn: str) -> None:
        # Written at the end, so that a seeding that was interrupted is finished; the seed itself repeats harmlessly.
        seeded = self.settings.data_dir / "demo-is-seeded"
        if self.settings.demo and not (seeded.exists() and _has_agents(dsn)):
            self.say("making the demo's people and conversations")
            self._command(dsn, "demo", "seed")
            seeded.touch()
        self._start_service("web", self._environment(dsn), "serve")
        self._start_service("worker", self._environment(dsn), "worker")

    def _start_service(self, name: str, environment: Mapping[str, str], *command: str) -> None:
        log = self.settings.data_dir / "logs" / f"{name}.log"
        service = Service(name, [sys.executable, "-m", "holdfast.app.cli", *command], environment, log, self.say)
        service.start()
        self.services.append(service)

    def _start_phone(self, dsn: str) -> None:
        """After the web process answers, whose start it would slow down. Without an engine all else goes on."""
        from holdfast.channels.voice import settings as voice  # noqa: PLC0415 - see above: not before the web process
        from holdfast.channels.voice.engine import running  # noqa: PLC0415

        try:
            phone = voice.load()
        except SettingsError as error:
            self.say(f"the phone is off: {error}")
            return
        if phone.elsewhere is not None:
            self.say(f"the phone engine is the one at {phone.elsewhere.url}")
        elif reason := running.missing(phone):
            self.say(f"the phone is off: {reason}")
            return
        else:
            self._start_service("engine", self._environment(""), "engine", "run")
        for number in range(1, phone.workers + 1):
            self._start_service(f"voice-{number}", self._environment(dsn), "voice", str(number))

    def _wait_ready(self) -> None:
        """Until the web process answers. One that dies is started again meanwhile; one that never comes is reported."""
        begun, said = time.monotonic(), 0.0
        while not self._stopping and not healthy(self.settings):
            self._keep()
            waited = time.monotonic() - begun
            if waited > _READY_SECONDS:
                raise OperatorError(
                    f"the web process does not answer after {waited:.0f} s: "
                    f"see {self.settings.data_dir / 'logs' / 'web.log'}"
                )
            if waited - said > 5:
                said = waited
                self.say(f"still waiting for the web process, {waited:.0f} s")
            self._pause(0.05)

    def _welcome(self, dsn: str) -> None:
        origin = self.settings.origin
        self.say(f"ready after {time.monotonic() - self._begun:.1f} s")
        self.say(f"  console     {origin}/console/")
        self.say(f"  help page   {origin}/help-support")
        if self.settings.demo:
            self.say(f"  demo wallet {origin}/demo/wallet")
            try:
                sign_ins = self._command(dsn, "demo", "sign-ins")
            except OperatorError as error:
                self.say(str(error))
            else:
                self.say("sign in as (name, address, password, roles):\n" + sign_ins.rstrip())
        elif not _has_agents(dsn):
            self.say("nobody can sign in yet: run `holdfast init --email you@example.org --name 'Your Name'`")
        self.say("Ctrl-C (or SIGTERM) stops it")

    def _keep(self) -> float:
        """Bring back whatever has died. Gives the seconds until there is something to do again."""
        if self.postgres is not None:
            self.postgres.rotate_log()
            if not self.postgres.running():
                self.say("PostgreSQL is gone, starting it again")
                try:
                    self.postgres.start()
                    self.say(f"PostgreSQL is back (process {self.postgres.pid})")
                except EmbeddedPostgresError as error:
                    self.say(f"PostgreSQL cannot start, trying again in 5 s: {error}")
                    return 5.0
        return min([1.0, *(wait for service in self.services if (wait := service.keep()))])

    # Signals and the end ---------------------------------------------------------------------------------------

    def _listen_to_signals(self) -> None:
        """Every signal wakes the loop; SIGTERM and SIGINT end it, a second one ends it at once."""
        for end in (self._wake, self._woken):
            end.setblocking(False)
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._told_to_stop)

    def _told_to_stop(self, *_: object) -> None:
        self._stopping += 1

    def _pause(self, seconds: float) -> None:
        if select.select([self._woken], [], [], seconds)[0]:
            with suppress(BlockingIOError):
                self._woken.recv(4096)

    def _stop(self) -> None:
        """First those who use the database, then the database: nothing that was accepted is lost."""
        if self._stopping:
            self.say("stopping")
        for service in self.services:
            service.tell(signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        for service in self.services:
            while not service.wait(min(0.2, deadline - time.monotonic())):
                if self._stopping > 1 or time.monotonic() > deadline:
                    self.say(f"{service.name} does not end, killing it")
                    service.tell(signal.SIGKILL)
                    service.wait(5.0)
                    break
        if self.postgres is not None:
            self.postgres.stop()
        if self._lock is not None:
            self._lock.truncate(0)
            self._lock.close()
        if self._stopping:
            self.say("stopped")

    def say(self, line: str) -> None:
        """A short line to standard output, and with its time to logs/supervisor.log."""
        with suppress(BrokenPipeError):
            self._print(line)
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self._log.emit(logging.LogRecord("supervisor", logging.INFO, "", 0, f"{stamp} {line}", None, None))


def _state(text: str) -> dict[str, str]:
    try:
        return {key: str(value) for key, value in json.loads(text).items()}
    except (ValueError, AttributeError):
        return {}


def _bind(host: str, port: int) -> int | None:
    """None if we could listen there, else the errno."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen()
        except OSError as error:
            return error.errno or errno.EINVAL
    return None


def reachable_host(settings: Settings) -> str:
    """Where this machine reaches the web process: a wildcard address is not one to connect to."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - compared, not bound


def healthy(settings: Settings) -> bool:
    """Whether GET /api/health answers 200."""
    connection = http.client.HTTPConnection(reachable_host(settings), settings.port, timeout=5)
    try:
        connection.request("GET", "/api/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _has_agents(dsn: str) -> bool:
    with psycopg.connect(dsn) as connection:
        return connection.execute("SELECT 1 FROM agent LIMIT 1").fetchone() is not None


def running_pid(data_dir: Path) -> int | None:
    """The process id of the supervisor that runs on ``data_dir``, None if there is none."""
    try:
        with (data_dir / "up.lock").open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(_state(lock.read()).get("pid", 0)) or None
    except FileNotFoundError:
        pass
    return None


def main(settings: Settings, *, demo: bool) -> int:
    """Run until told to stop. Raises OperatorError, EmbeddedPostgresError."""
    if demo:
        settings = replace(settings, demo=True)

    def say(line: str) -> None:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    return Supervisor(settings, say).run()
