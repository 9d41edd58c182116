"""The embedded server's life: real servers in temporary folders, killed the way life kills them."""

import os
import pwd
import signal
import stat
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from holdfast.core.embedded_postgres import (
    AlreadyRunning,
    EmbeddedPostgres,
    EmbeddedPostgresError,
    OtherMajorVersion,
    connected,
    processes,
)
from tests.conftest import FAST


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    made = EmbeddedPostgres(tmp_path, settings=FAST)
    yield made
    made.stop()


def answer(dsn: str, query: str) -> object:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def start_in_another_process(folder: Path, then: str) -> subprocess.Popen[str]:
    """A Python that starts the server of ``folder``, prints the postmaster's pid and does ``then``."""
    program = f"""
        import os, signal, sys, threading
        from pathlib import Path
        from holdfast.core.embedded_postgres import EmbeddedPostgres
        server = EmbeddedPostgres(Path(sys.argv[1]), settings={FAST!r})
        def go():
            server.start()
            print(server.pid, flush=True)
        {then}
    """
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program), str(folder)],
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
        text=True,
    )


def test_starts_stops_and_keeps_what_was_committed(server: EmbeddedPostgres) -> None:
    dsn = server.start()
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE note (words text)")
        connection.execute("INSERT INTO note VALUES ('助记词')")
    server.stop()
    assert not server.running()
    assert processes.all_of(server.data) == []
    assert answer(server.start(), "SELECT words FROM note") == "助记词"


def test_is_durable_checked_and_knows_chinese_by_default(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path) as server:
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
            assert answer(server.dsn, f"SHOW {setting}") == "on", setting
        assert answer(server.dsn, "SHOW jit") == "off"
        assert answer(server.dsn, "SHOW timezone") == "UTC"
        assert answer(server.dsn, "SELECT cardinality(show_trgm('钱包被盗')) > 0") is True


def test_nobody_gets_in_without_the_password(server: EmbeddedPostgres, tmp_path: Path) -> None:
    dsn = server.start()
    for folder in (server.folder, server.data, Path(str(psycopg.conninfo.conninfo_to_dict(dsn)["host"]))):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700, folder
    assert stat.S_IMODE((server.folder / "passwords").stat().st_mode) == 0o600
    without = psycopg.conninfo.make_conninfo(dsn, passfile=str(tmp_path / "none"))
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(without)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(without, password="guess")
    assert answer(dsn, "SHOW listen_addresses") == ""
    assert answer(dsn, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    assert "passfile" in dsn
    assert "password=" not in dsn


def test_the_server_never_runs_as_root(server: EmbeddedPostgres) -> None:
    server.start()
    status = Path(f"/proc/{server.pid}/status").read_text()
    capabilities = next(line.split()[1] for line in status.splitlines() if line.startswith("CapEff"))
    assert int(capabilities, 16) == 0


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGQUIT])
def test_a_killed_postmaster_is_noticed_and_started_again(server: EmbeddedPostgres, number: int) -> None:
    dsn = server.start()
    with psycopg.connect(dsn, options="-c synchronous_commit=on") as connection:
        connection.execute("CREATE TABLE note AS SELECT 1 AS one")
    # A backend that is busy does not notice its postmaster's death: it holds the shared memory on.
    busy = psycopg.connect(dsn)
    thread = threading.Thread(target=_sleep_in_sql, args=(busy,))
    thread.start()
    assert processes.wait_until(lambda: answer(dsn, _SLEEPING) == 1, 10)
    old = server.pid
    os.kill(old, number)
    assert processes.wait_until(lambda: not server.running(), 10)
    again = server.start()
    assert server.pid != old
    assert answer(again, "SELECT one FROM note") == 1
    thread.join(20)
    assert not thread.is_alive()


_SLEEPING = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)' AND state = 'active'"


def _sleep_in_sql(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT pg_sleep(60)")


def test_the_server_ends_with_a_killed_starter(tmp_path: Path) -> None:
    starter = start_in_another_process(tmp_path, "go(); sys.stdin.read()")
    assert starter.stdout is not None
    pid = int(starter.stdout.readline())
    starter.kill()
    starter.wait()
    assert processes.wait_gone(pid, 20)
    with EmbeddedPostgres(tmp_path, settings=FAST) as server:
        assert answer(server.dsn, "SELECT 1") == 1


def test_an_orphan_is_adopted(server: EmbeddedPostgres, tmp_path: Path) -> None:
    # Started from a thread there is no signal at the starter's death, so that the server stays behind.
    starter = start_in_another_process(
        tmp_path, "t = threading.Thread(target=go); t.start(); t.join(); sys.stdin.read()"
    )
    assert starter.stdout is not None
    pid = int(starter.stdout.readline())
    starter.kill()
    starter.wait()
    dsn = server.start()
    assert server.adopted
    assert server.pid == pid
    assert server.running()
    assert answer(dsn, "SELECT 1") == 1
    server.stop()
    assert not processes.alive(pid)


def test_a_second_start_is_refused_and_names_the_first(server: EmbeddedPostgres, tmp_path: Path) -> None:
    server.start()
    second = EmbeddedPostgres(tmp_path)
    with pytest.raises(AlreadyRunning, match=str(os.getpid())) as raised:
        second.start()
    assert raised.value.pid == os.getpid()
    assert server.running()
    with connected(second) as dsn:
        assert answer(dsn, "SELECT 1") == 1
    assert server.running()


def test_a_command_starts_the_server_for_itself(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path, settings=FAST)
    with connected(server) as dsn:
        assert answer(dsn, "SELECT 1") == 1
    assert not server.running_elsewhere()


def test_a_stale_pid_file_with_a_reused_number_does_not_stop_the_start(server: EmbeddedPostgres) -> None:
    server.start()
    file = server.data / "postmaster.pid"
    lines = file.read_text().splitlines()
    server.stop()
    # After a reboot the number belongs to somebody else: to us here, of the same user.
    file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert answer(server.start(), "SELECT 1") == 1


def test_an_interrupted_initdb_leaves_no_half_database(server: EmbeddedPostgres) -> None:
    half = server.folder / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    assert answer(server.start(), "SELECT 1") == 1
    assert not half.exists()


def test_an_interrupted_preparation_is_repeated(server: EmbeddedPostgres) -> None:
    server.start()
    (server.folder / "prepared").unlink()
    server.stop()
    assert answer(server.start(), "SELECT 1") == 1


def test_another_major_version_is_refused_with_advice(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()
    (server.data / "PG_VERSION").write_text("16\n")
    with pytest.raises(OtherMajorVersion, match="holdfast backup") as raised:
        server.start()
    assert "PostgreSQL 16" in str(raised.value)
    assert processes.all_of(server.data) == []


def test_a_lost_password_file_is_explained(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()
    (server.folder / "passwords").unlink()
    with pytest.raises(EmbeddedPostgresError, match="passwords is missing"):
        server.start()
    assert not (server.folder / "passwords").exists()


def test_a_server_that_cannot_start_says_why(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()
    (server.folder / "local.conf").write_text("shared_buffers = 'plenty'\n")
    with pytest.raises(EmbeddedPostgresError, match="shared_buffers"):
        server.start()
    (server.folder / "local.conf").write_text("shared_buffers = '32MB'\n")
    assert answer(server.start(), "SHOW shared_buffers") == "32MB"


def test_a_long_path_still_gets_a_socket(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 40)
    with EmbeddedPostgres(folder, settings=FAST) as server:
        host = Path(str(psycopg.conninfo.conninfo_to_dict(server.dsn)["host"]))
        assert folder not in host.parents
        assert stat.S_IMODE(host.stat().st_mode) == 0o700
        assert answer(server.dsn, "SELECT 1") == 1
    host.rmdir()


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    program = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"])]
    script = """
        import sys
        from pathlib import Path
        from holdfast.core.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError
        try:
            EmbeddedPostgres(Path(sys.argv[1])).start()
        except EmbeddedPostgresError as error:
            print(error)
    """
    mounted = 'mount -t tmpfs -o size=8m,mode=0700 none "$1" && exec "$2" -c "$3" "$1"'
    done = subprocess.run(
        [*program, "sh", "-c", mounted, "sh", str(tmp_path), sys.executable, textwrap.dedent(script)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "the disk is full" in done.stdout


def test_somebody_elses_folder_is_refused_to_an_ordinary_user(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        folder, who = Path("/root"), []
        with pytest.raises(EmbeddedPostgresError):
            EmbeddedPostgres(folder).start()
        return
    nobody = pwd.getpwnam("nobody")
    (tmp_path / "postgres").mkdir()
    who = ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
    script = (
        "from pathlib import Path; import sys; sys.path[:0] = sys.argv[2:];"
        "from holdfast.core.embedded_postgres import account;"
        "account.choose(Path(sys.argv[1]), Path('/'))"
    )
    for parent in tmp_path.parents:
        if parent.name.startswith(("pytest-", "popen-")):
            parent.chmod(0o755)
    tmp_path.chmod(0o755)
    done = subprocess.run(
        [*who, sys.executable, "-c", script, str(tmp_path / "postgres"), *sys.path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "belongs to user root" in done.stderr
