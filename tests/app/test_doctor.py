"""The doctor: each fault is made for real and must be found, with a repair."""

import json
import re
from pathlib import Path

import psycopg
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink

from holdfast.app import doctor
from holdfast.app.findings import Finding
from holdfast.core.embedded_postgres import EmbeddedPostgres
from holdfast.core.settings import Settings
from tests.conftest import FAST


@pytest.fixture
def installation(tmp_path: Path, fresh_database_url: str, free_port: int, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A healthy one, as far as files and database go; nothing runs. The phone's part: test_doctor_phone.py."""
    monkeypatch.setenv("HOLDFAST_VOICE", "off")
    web = tmp_path / "web"
    for name in ("console", "widget"):
        (web / name / "dist").mkdir(parents=True)
        (web / name / "dist" / "index.html").write_text("built")
    settings = Settings(data_dir=tmp_path / "var", database_url=fresh_database_url, port=free_port, web_dir=web)
    settings.key_file.parent.mkdir(parents=True, mode=0o700)
    settings.key_file.touch(mode=0o600)
    settings.key_file.write_text("ab" * 32)
    with psycopg.connect(fresh_database_url) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    return settings


def faults(settings: Settings) -> dict[str, Finding]:
    found = {finding.part: finding for finding in doctor.examine(settings) if finding.state == "fault"}
    assert all(finding.repair for finding in found.values())
    # The suite's own server is fast, not durable, which is rightly found.
    found.pop("durability", None)
    return found


def run(sql: str, settings: Settings) -> None:
    assert settings.database_url is not None
    with psycopg.connect(settings.database_url) as connection:
        connection.execute(sql.encode())


def test_a_healthy_installation_has_no_fault(installation: Settings) -> None:
    assert faults(installation) == {}


def test_nothing_made_yet_is_no_fault_but_said(tmp_path: Path, installation: Settings) -> None:
    fresh = Settings(data_dir=tmp_path / "new", web_dir=installation.web_dir, port=installation.port)
    findings = {finding.part: finding for finding in doctor.examine(fresh)}
    assert {findings[part].state for part in ("data folder", "key", "database", "web")} == {"warning"}
    assert not (tmp_path / "new").exists()


def test_missing_migrations_are_found(installation: Settings) -> None:
    run("DELETE FROM alembic_version", installation)
    assert "holdfast migrate" in faults(installation)["migrations"].repair


def test_a_newer_database_is_found(installation: Settings) -> None:
    run("UPDATE alembic_version SET version_num = 'ffffffffffff'", installation)
    assert "ffffffffffff" in faults(installation)["migrations"].fact


def test_a_missing_extension_is_found(installation: Settings) -> None:
    run("DROP EXTENSION pg_trgm CASCADE", installation)
    assert "CREATE EXTENSION" in faults(installation)["search"].repair


def test_a_silent_worker_is_found(installation: Settings) -> None:
    run(
        "INSERT INTO process (id, kind, started_at, beat_at)"
        " VALUES (gen_random_uuid(), 'worker', now(), now() - interval '1 hour')",
        installation,
    )
    assert re.search(r"is 36\d\d s old", faults(installation)["worker"].fact)


def test_open_folders_and_keys_are_found(installation: Settings) -> None:
    installation.key_file.chmod(0o644)
    (installation.data_dir / "files").mkdir(mode=0o755)
    found = faults(installation)
    assert "chmod 600" in found["key"].repair
    assert "chmod -R" in found["data folder"].repair


def test_a_missing_build_is_found(installation: Settings) -> None:
    (installation.web_dir / "widget" / "dist" / "index.html").unlink()
    assert list(faults(installation)) == ["widget build"]


def test_an_unreachable_database_is_found(installation: Settings) -> None:
    gone = Settings(database_url="host=/nowhere dbname=x", data_dir=installation.data_dir, web_dir=installation.web_dir)
    assert "HOLDFAST_DATABASE_URL" in faults(gone)["database"].repair


def test_lost_durability_is_found(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path, settings=FAST) as server:
        found = {finding.part: finding for finding in doctor.database(server.dsn)}
    assert found["durability"].state == "fault"
    assert "fsync" in found["durability"].fact


def test_the_mail_server_is_asked(installation: Settings, free_port: int) -> None:
    server = Controller(Sink(), hostname="127.0.0.1", port=free_port)
    server.start()
    try:
        assert doctor.mail(Settings(smtp_url=f"smtp://127.0.0.1:{free_port}")).state == "ok"
    finally:
        server.stop()
    dead = doctor.mail(Settings(smtp_url=f"smtp://127.0.0.1:{free_port}"))
    assert dead.state == "fault"
    assert "HOLDFAST_SMTP_URL" in dead.repair
    assert doctor.mail(Settings()).state == "warning"


def test_a_listener_that_strangers_could_reach_is_found() -> None:
    assert doctor.letters("lmtp://127.0.0.1:8424", anywhere=False).state == "ok"
    assert doctor.letters("lmtp:///run/holdfast/lmtp.sock", anywhere=False).state == "ok"
    assert doctor.letters("lmtp://0.0.0.0:8424", anywhere=False).state == "fault"
    assert doctor.letters("lmtp://0.0.0.0:8424", anywhere=True).state == "warning"


def test_the_exit_status_and_the_json_tell_the_faults(
    installation: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    run("DELETE FROM alembic_version", installation)
    assert doctor.main(installation, as_json=True) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["faults"] >= 1
    assert {"part", "state", "fact", "repair"} == set(told["findings"][0])
    doctor.main(installation, as_json=False)
    assert "FAULT    migrations" in capsys.readouterr().out
