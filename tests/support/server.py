"""A whole Holdfast as an operator runs it: ``holdfast up`` in a temporary data folder, and its parts by name."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg

from holdfast.core.embedded_postgres import EmbeddedPostgres
from tests.support.waiting import until

_ROOT = Path(__file__).resolve().parents[2]
_READY_SECONDS = 120.0
UP: Sequence[str] = (sys.executable, "-m", "holdfast.app.cli", "up", "--demo")


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listened on a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass(slots=True)
class Holdfast:
    """One running installation. ``said`` is what its supervisor has printed so far."""

    data_dir: Path
    port: int
    command: Sequence[str] = UP
    environment: Mapping[str, str] = field(default_factory=dict)
    inbox: str = "wallet"
    identity_secret: str = ""
    said: list[str] = field(default_factory=list)
    process: "subprocess.Popen[str] | None" = None

    @property
    def origin(self) -> str:
        """What browsers are told: passkeys need the name, not the address."""
        return f"http://localhost:{self.port}"

    @property
    def dsn(self) -> str:
        return EmbeddedPostgres(self.data_dir).dsn

    @property
    def administrator_dsn(self) -> str:
        return EmbeddedPostgres(self.data_dir).administrator_dsn

    def prepare(self, chats: int) -> None:
        """People without conversations, each able to hold ``chats`` chats."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.support.organisation", str(self.data_dir), str(chats)],
            cwd=_ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        made = json.loads(done.stdout.splitlines()[-1])
        self.inbox, self.identity_secret = made["inbox"], made["identity_secret"] or ""
        # The supervisor's own mark (app/supervisor.py): it must not add the demo's conversations.
        (self.data_dir / "demo-is-seeded").touch()

    def start(self) -> None:
        """Start, and return when the web process answers."""
        ready = threading.Event()
        self.process = subprocess.Popen(
            self.command,
            cwd=_ROOT,
            env={
                **{k: v for k, v in os.environ.items() if not k.startswith("HOLDFAST_")},
                "HOLDFAST_DATA_DIR": str(self.data_dir),
                "HOLDFAST_PORT": str(self.port),
                **self.environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._listen, args=(self.process, ready), daemon=True).start()
        assert ready.wait(_READY_SECONDS), f"no Holdfast: {self.report()}"
        assert self.process.poll() is None, f"Holdfast ended while starting: {self.report()}"
        # Tables of a new installation are empty: the first statements of a test must not be planned for that.
        until(self.healthy, 10, "the web process answers")

    def _listen(self, process: "subprocess.Popen[str]", ready: threading.Event) -> None:
        for line in process.stdout or ():
            self.said.append(line.rstrip())
            if line.startswith("ready after"):
                ready.set()
        ready.set()

    def stop(self) -> None:
        """As Ctrl-C does; whatever is still there after 30 s is killed."""
        if self.process is None or self.process.poll() is not None:
            return
        whole = [self.process.pid, *(p.pid for p in psutil.Process(self.process.pid).children(recursive=True))]
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            for pid in whole:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.process.wait(10)
            raise AssertionError(f"Holdfast did not stop: {self.report()}") from None

    def healthy(self) -> bool:
        """GET /api/health answers 200: web process and database work."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/api/health")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def wait_healthy(self, seconds: float = 60.0) -> None:
        until(self.healthy, seconds, f"Holdfast is healthy: {self.report()}")

    # The parts -------------------------------------------------------------------------------------------------

    def service(self, name: str) -> psutil.Process:
        """The ``serve`` or ``worker`` process that runs now."""
        assert self.process is not None
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.Error):
                if child.cmdline()[-1:] == [name]:
                    return child
        raise LookupError(f"no {name} runs now")

    def postmaster(self) -> psutil.Process:
        """PostgreSQL's first process."""
        return psutil.Process(int((self.data_dir / "postgres/data/postmaster.pid").read_text().splitlines()[0]))

    def kill(self, name: str) -> int:
        """kill -9 of ``serve``, ``worker`` or ``postgres``; its process id. Returns when it is gone."""
        victim = self.postmaster() if name == "postgres" else self.service(name)
        victim.kill()
        with suppress(psutil.NoSuchProcess):
            victim.wait(10)
        return int(victim.pid)

    def kill_backend(self, application: str) -> None:
        """kill -9 of the PostgreSQL process behind one connection: the whole server goes through crash recovery."""
        with psycopg.connect(self.administrator_dsn) as connection:
            row = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE application_name = %s", [application]
            ).fetchone()
        assert row is not None, f"no connection of {application}"
        psutil.Process(row[0]).kill()

    def query(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Rows, as the application's role sees them."""
        with psycopg.connect(self.dsn) as connection:
            return connection.execute(statement.encode(), values or None).fetchall()

    def execute(self, statement: str, values: Sequence[object] = ()) -> None:
        with psycopg.connect(self.dsn) as connection:
            connection.execute(statement.encode(), values or None)

    def report(self) -> str:
        """The last words of every part, for a failure's message."""
        parts = ["\n".join(self.said[-15:])]
        for name in ("web", "worker"):
            log = self.data_dir / "logs" / f"{name}.log"
            if log.exists():
                parts.append(f"--- {name}\n" + "\n".join(log.read_text(errors="replace").splitlines()[-25:]))
        return "\n".join(parts)


@contextmanager
def running(
    *,
    conversations: bool = False,
    chats: int = 4,
    command: Sequence[str] = UP,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Iterator[Holdfast]:
    """A Holdfast for the time of the block. ``conversations``: with the demo's own; else its people only, each with
    room for ``chats``. The folder is removed at the end (not a given ``folder``)."""
    data_dir = folder or Path(tempfile.mkdtemp(prefix="holdfast-whole-"))
    made = Holdfast(data_dir, free_port(), command, dict(environment or {}))
    try:
        if not conversations and not (data_dir / "postgres").exists():
            made.prepare(chats)
        made.start()
        yield made
    finally:
        try:
            made.stop()
        finally:
            if folder is None:
                shutil.rmtree(data_dir, ignore_errors=True)
