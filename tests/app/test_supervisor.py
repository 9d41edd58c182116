"""``holdfast up`` as people run it: a real process tree, killed in every place."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from holdfast.app import revisions
from holdfast.app.operator import running_database
from holdfast.app.service import Service, leftovers
from holdfast.app.supervisor import healthy, running_pid
from holdfast.channels.voice.engine import smoke
from holdfast.channels.voice.engine.errors import EngineError
from holdfast.channels.voice.engine.layout import layout_of, read_reach
from holdfast.core.embedded_postgres import EmbeddedPostgres, processes
from holdfast.core.settings import Settings

READY = 90.0


class Up:
    """A running ``holdfast up`` without a terminal."""

    def __init__(self, settings: Settings, **more: str) -> None:
        self.settings = settings
        extra = {"HOLDFAST_DATA_DIR": str(settings.data_dir), "HOLDFAST_PORT": str(settings.port), **more}
        if settings.database_url:
            extra["HOLDFAST_DATABASE_URL"] = settings.database_url
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("HOLDFAST_")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "holdfast.app.cli", "up"],
            env={**inherited, **extra},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = ""
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._changed:
                self.said += line
                self._changed.notify_all()

    def wait_for(self, words: str, seconds: float = READY) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: words in self.said, seconds), self.said

    def child(self, command: str) -> int:
        """The process id of the living ``serve`` or ``worker``, 0 if there is none; the engine's word is the name of
        its configuration."""
        for pid in leftovers(self.process.pid):
            with suppress(FileNotFoundError):  # a child of PostgreSQL's that has just ended
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                if any(word.endswith(command.encode()) for word in words) and processes.alive(pid):
                    return pid
        return 0

    def postmaster(self) -> int:
        found = processes.postmaster(self.settings.data_dir / "postgres" / "data")
        return found.pid if found and found.status == "ready" else 0

    def end(self) -> int:
        self.process.terminate()
        code = self.process.wait(60)
        self._reader.join(10)
        return code


@contextmanager
def up(settings: Settings, **more: str) -> Iterator[Up]:
    running = Up(settings, **more)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.end()


@pytest.fixture
def settings(tmp_path: Path, free_port: int) -> Settings:
    return Settings(data_dir=tmp_path / "var", port=free_port)


def eventually(what: str, condition: object, seconds: float = READY) -> None:
    assert callable(condition)
    assert processes.wait_until(lambda: bool(condition()), seconds, 0.05), what


def test_it_starts_answers_refuses_a_second_and_stops_in_order(settings: Settings) -> None:
    with up(settings) as first:
        first.wait_for("ready after")
        assert healthy(settings)
        assert running_pid(settings.data_dir) == first.process.pid
        assert f"http://localhost:{settings.port}/console/" in first.said
        first.wait_for("holdfast init")
        second = Up(settings)
        assert second.process.wait(30) == 1
        second.wait_for(f"process {first.process.pid}")
        assert f"http://localhost:{settings.port}" in second.said
        web, worker, postgres = first.child("serve"), first.child("worker"), first.postmaster()
        assert all((web, worker, postgres))
        # An installation that was upgraded has never been begun by this version: its worker brings what is shipped.
        with psycopg.connect(running_database(settings), autocommit=True) as connection:
            eventually("policies", lambda: connection.execute("SELECT 1 FROM promise_policy").fetchone())
        assert first.end() == 0
        assert not any(map(processes.alive, (web, worker, postgres)))
        assert running_pid(settings.data_dir) is None
        log = (settings.data_dir / "logs" / "supervisor.log").read_text()
        assert re.search(r"^\d{4}-\d\d-\d\dT.*Z ready after", log, re.MULTILINE)
        assert "database system is shut down" in (settings.data_dir / "postgres" / "server.log").read_text()
    begun = time.monotonic()
    with up(settings) as again:
        again.wait_for("ready after")
        # Two seconds alone; the bound leaves room for a loaded machine.
        assert time.monotonic() - begun < 20


def test_whatever_is_killed_comes_back(settings: Settings) -> None:
    with up(settings) as running:
        running.wait_for("ready after")
        for command in ("serve", "worker"):
            before = running.child(command)
            os.kill(before, signal.SIGKILL)
            eventually(f"{command} is back", lambda c=command, b=before: running.child(c) not in {0, b})
        eventually("the web process answers", lambda: healthy(settings))
        running.wait_for("killed by SIGKILL")
        before = running.postmaster()
        os.kill(before, signal.SIGKILL)
        eventually("PostgreSQL is back", lambda: running.postmaster() not in {0, before})
        running.wait_for("PostgreSQL is back")
        eventually("the web process answers again", lambda: healthy(settings))
        assert running.end() == 0


def test_the_phone_engine_comes_back_and_is_not_needed(settings: Settings, tmp_path: Path) -> None:
    with up(settings) as running:
        running.wait_for("ready after")
        eventually("the engine answers a call", lambda: calls(settings))
        before = running.child("asterisk.conf")
        assert before
        os.kill(before, signal.SIGKILL)
        running.wait_for("engine ended (killed by SIGKILL)")
        eventually("the engine is back", lambda: running.child("asterisk.conf") not in {0, before} and calls(settings))
        assert healthy(settings)
        engine = running.child("asterisk.conf")
        assert running.end() == 0
        assert not processes.alive(engine)
    with up(settings, HOLDFAST_VOICE_CACHE=str(tmp_path)) as without:
        without.wait_for("the phone is off: its engine is not here")
        without.wait_for("ready after")
        assert healthy(settings)
    with up(settings, HOLDFAST_SIP_TRUNK="nonsense") as wrong:
        wrong.wait_for("the phone is off: HOLDFAST_SIP_TRUNK")
        assert healthy(settings)


def calls(settings: Settings) -> bool:
    """Whether a call goes through, sound and all."""
    reach = read_reach(layout_of(settings))
    try:
        return reach is not None and smoke.call("127.0.0.1", reach.sip, "doctor", reach.doctor, 0.5).received > 0
    except (EngineError, OSError):
        return False


def test_everything_ends_with_a_killed_supervisor_and_starts_again(settings: Settings) -> None:
    with up(settings) as running:
        running.wait_for("ready after")
        eventually("the engine runs", lambda: running.child("asterisk.conf"))
        everything = [running.child("serve"), running.child("worker"), running.postmaster()]
        everything.append(running.child("asterisk.conf"))
        assert all(everything)
        running.process.kill()
        running.process.wait()
        # At once, while the old ones may still be ending and hold the port.
        with up(settings) as again:
            again.wait_for("ready after")
            assert not any(map(processes.alive, everything))
            assert healthy(settings)


def test_a_taken_port_is_named_with_a_way_out(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", settings.port)):
        refused = Up(settings)
        assert refused.process.wait(30) == 1
        refused.wait_for(f"port {settings.port} on 127.0.0.1 is taken")
        assert "HOLDFAST_PORT=" in refused.said
    assert not (settings.data_dir / "postgres").exists()


def test_a_named_database_is_migrated_and_used(tmp_path: Path, free_port: int, empty_database_url: str) -> None:
    settings = Settings(data_dir=tmp_path / "var", port=free_port, database_url=empty_database_url)
    with up(settings) as running:
        running.wait_for("ready after")
        assert not (settings.data_dir / "postgres").exists()
        assert not revisions.behind(empty_database_url)
        assert running.end() == 0


def test_a_newer_database_is_refused(tmp_path: Path, free_port: int, fresh_database_url: str) -> None:
    with psycopg.connect(fresh_database_url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'ffffffffffff'")
    refused = Up(Settings(data_dir=tmp_path / "var", port=free_port, database_url=fresh_database_url))
    assert refused.process.wait(30) == 1
    refused.wait_for("a newer one has migrated it")


def test_an_unreachable_database_is_named(tmp_path: Path, free_port: int) -> None:
    refused = Up(Settings(data_dir=tmp_path / "var", port=free_port, database_url="host=/nowhere dbname=x"))
    assert refused.process.wait(30) == 1
    refused.wait_for("HOLDFAST_DATABASE_URL")


def test_a_database_in_use_by_a_command_is_named(settings: Settings) -> None:
    with EmbeddedPostgres(settings.data_dir):
        refused = Up(settings)
        assert refused.process.wait(30) == 1
        refused.wait_for(f"in use by the running process {os.getpid()}")


def test_a_service_that_keeps_dying_is_started_ever_more_slowly(tmp_path: Path) -> None:
    said: list[str] = []
    service = Service(
        "web", ["sh", "-c", "echo broken pipe dream; exit 3"], os.environ, tmp_path / "web.log", said.append
    )
    service.start()
    pauses = []
    for _ in range(3):
        assert service.wait(10)
        pauses.append(service.keep())
        assert processes.wait_until(lambda: service.keep() == 0.0, 10)
    assert service.wait(10)
    assert service.restarts == 3
    assert [round(pause, 1) for pause in pauses] == [0.5, 1.0, 2.0]
    assert "exit status 3" in said[0]
    assert "broken pipe dream" in (tmp_path / "web.log").read_text()


def test_the_newest_revision_is_the_one_alembic_sees() -> None:
    from holdfast.app import schema

    assert revisions.newest() == schema.head()
