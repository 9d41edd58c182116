"""Backup and restore: a real database out and in again, damaged archives, wrong keys, a full installation."""

import io
import os
import shutil
import stat
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import psycopg
import pytest

from holdfast.access import installation_keys
from holdfast.access.installation_keys import open_ring
from holdfast.access.key_sources import FileSource
from holdfast.app import archive
from holdfast.app.backup import backup
from holdfast.app.operator import OperatorError
from holdfast.app.restore import restore
from holdfast.core.embedded_postgres import EmbeddedPostgres
from holdfast.core.files import FileStore
from holdfast.core.settings import Settings
from tests.conftest import FAST, Postgres


@pytest.fixture
def source(tmp_path: Path, fresh_database_url: str) -> Settings:
    """An installation with a team, two files and a key."""
    settings = Settings(data_dir=tmp_path / "source", database_url=fresh_database_url)
    with psycopg.connect(fresh_database_url) as connection:
        connection.execute("CREATE TABLE keepsake (words text)")
        connection.execute("INSERT INTO keepsake VALUES (%s)", ["助记词 \\ tab\t it's"])
        connection.execute("INSERT INTO keepsake VALUES ('SET transaction_timeout = 0;')")
    store = FileStore(settings.data_dir / "files")
    store.put(b"a picture")
    store.put(os.urandom(3 << 20))
    settings.key_file.parent.mkdir()
    settings.key_file.write_text("ab" * 32 + "\n")
    return settings


@pytest.fixture
def empty(tmp_path: Path, empty_database_url: str) -> Settings:
    """An installation without anything."""
    settings = Settings(data_dir=tmp_path / "target", database_url=empty_database_url)
    settings.data_dir.mkdir()
    return settings


def dsn(settings: Settings) -> str:
    assert settings.database_url is not None
    return settings.database_url


def words(settings: Settings) -> list[str]:
    with psycopg.connect(dsn(settings)) as connection:
        return sorted(row[0] for row in connection.execute("SELECT words FROM keepsake"))


def contents(settings: Settings) -> dict[str, bytes]:
    files = settings.data_dir / "files"
    return {str(path.relative_to(files)): path.read_bytes() for path in files.rglob("*") if path.is_file()}


def make(source: Settings, *, with_keys: bool = False) -> Path:
    target = source.data_dir.parent / "desk.tar"
    backup(source, dsn(source), target, with_keys=with_keys)
    return target


def test_what_was_backed_up_comes_back_whole(source: Settings, empty: Settings) -> None:
    target = make(source)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [path.name for path in target.parent.iterdir() if path.name.startswith(".")] == []
    restore(empty, dsn(empty), target, force=False)
    assert words(empty) == words(source)
    assert contents(empty) == contents(source)
    assert len(contents(empty)) == 2


def test_the_key_is_only_in_it_when_asked_for(source: Settings, empty: Settings) -> None:
    assert archive.KEYS + "master.key" not in archive.verify(make(source)).members
    target = make(source, with_keys=True)
    restore(empty, dsn(empty), target, force=False)
    assert empty.key_file.read_bytes() == source.key_file.read_bytes()
    assert stat.S_IMODE(empty.key_file.stat().st_mode) == 0o600


def test_a_backup_of_a_restored_installation_can_be_restored(source: Settings, empty: Settings) -> None:
    restore(empty, dsn(empty), make(source), force=False)
    second = empty.data_dir.parent / "second.tar"
    backup(empty, dsn(empty), second, with_keys=False)
    restore(empty, dsn(empty), second, force=True)
    assert words(empty) == words(source)
    assert contents(empty) == contents(source)


def test_a_backup_moves_to_another_server_and_back(source: Settings, empty: Settings, tmp_path: Path) -> None:
    """On the run with Debian's PostgreSQL 15 this goes to 18 and back to 15."""
    with EmbeddedPostgres(tmp_path / "other", settings=FAST) as server:
        between = replace(empty, data_dir=tmp_path / "other", database_url=server.dsn)
        restore(between, server.dsn, make(source), force=False)
        assert words(between) == words(source)
        second = tmp_path / "second.tar"
        backup(between, server.dsn, second, with_keys=False)
    restore(empty, dsn(empty), second, force=False)
    assert words(empty) == words(source)
    assert contents(empty) == contents(source)


def test_a_full_installation_is_refused_and_untouched(source: Settings) -> None:
    target = make(source)
    before = words(source)
    with pytest.raises(OperatorError, match="--force"):
        restore(source, dsn(source), target, force=False)
    assert words(source) == before


def test_force_replaces_and_keeps_the_old_files_aside(source: Settings) -> None:
    target = make(source)
    expected = contents(source)
    with psycopg.connect(dsn(source)) as connection:
        connection.execute("DELETE FROM keepsake")
        connection.execute("CREATE TABLE made_later (x int)")
    FileStore(source.data_dir / "files").put(b"uploaded later")
    restore(source, dsn(source), target, force=True)
    assert len(words(source)) == 2
    assert contents(source) == expected
    with psycopg.connect(dsn(source)) as connection:
        assert connection.execute("SELECT to_regclass('made_later')").fetchone() == (None,)
    (kept,) = source.data_dir.glob("files.before-*")
    assert sum(path.is_file() for path in kept.rglob("*")) == 3


def test_another_key_is_not_overwritten(source: Settings, empty: Settings) -> None:
    target = make(source, with_keys=True)
    empty.key_file.parent.mkdir()
    empty.key_file.write_text("cd" * 32)
    with pytest.raises(OperatorError, match="another key"):
        restore(empty, dsn(empty), target, force=False)
    assert empty.key_file.read_text() == "cd" * 32


def test_a_key_that_cannot_open_the_backup_stops_it_before_anything_changes(source: Settings, empty: Settings) -> None:
    target = make(source)
    empty.key_file.parent.mkdir()
    empty.key_file.write_text("cd" * 32)
    with pytest.raises(OperatorError, match="another key than the backup's") as refused:
        restore(empty, dsn(empty), target, force=True)
    (right,) = FileSource(source.key_file).masters()
    assert right in str(refused.value)
    with psycopg.connect(dsn(empty)) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert tables == (0,)
    assert [path.name for path in empty.data_dir.iterdir()] == ["keys"]


@pytest.mark.parametrize("with_keys", [False, True])
def test_sealed_values_come_back_after_a_rotation(source: Settings, empty: Settings, with_keys: bool) -> None:
    keys = FileSource(source.key_file)
    sealed = open_ring(dsn(source), keys).seal("a secret", "a.b")
    master = installation_keys.rotate(dsn(source), keys)
    target = make(source, with_keys=with_keys)
    assert archive.verify(target).key == master
    if not with_keys:
        empty.key_file.parent.mkdir()
        for path in keys.files().values():
            shutil.copy2(path, empty.key_file.parent)
    restore(empty, dsn(empty), target, force=False)
    assert open_ring(dsn(empty), FileSource(empty.key_file)).open(sealed, "a.b") == "a secret"


def cut(target: Path) -> None:
    data = target.read_bytes()
    target.write_bytes(data[: len(data) // 2])


def flip_a_bit(target: Path) -> None:
    data = bytearray(target.read_bytes())
    at = data.index(b"a picture")
    data[at] ^= 1
    target.write_bytes(data)


def nothing_of_ours(target: Path) -> None:
    target.write_bytes(b"hello")


def climb_out(target: Path) -> None:
    _add(target, "files/../../outside", b"x")


def link_out(target: Path) -> None:
    link = tarfile.TarInfo("files/link")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with tarfile.open(target, "a") as tar:
        tar.addfile(link)


def smuggle(target: Path) -> None:
    _add(target, "files/smuggled", b"x")


def _add(target: Path, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    with tarfile.open(target, "a") as tar:
        tar.addfile(info, io.BytesIO(data))


@pytest.mark.parametrize("damage", [cut, flip_a_bit, nothing_of_ours, climb_out, link_out, smuggle])
def test_a_damaged_archive_is_refused_before_anything_changes(
    source: Settings, empty: Settings, damage: Callable[[Path], None]
) -> None:
    target = make(source)
    damage(target)
    with pytest.raises(archive.ArchiveDamaged):
        restore(empty, dsn(empty), target, force=False)
    with psycopg.connect(dsn(empty)) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert tables == (0,)
    assert list(empty.data_dir.iterdir()) == []


def test_a_backup_of_a_newer_holdfast_is_refused(source: Settings, empty: Settings) -> None:
    target = make(source)
    manifest = archive.verify(target)
    newer = msgspec.structs.replace(manifest, revision="ffffffffffff", holdfast="99.0")
    _add(target, "manifest.json", msgspec.json.encode(newer))
    with pytest.raises(OperatorError, match=r"99\.0"):
        restore(empty, dsn(empty), target, force=False)


def test_a_database_that_fails_to_load_stays_as_it_was(source: Settings, postgres: Postgres) -> None:
    target = make(source)
    before, files = words(source), contents(source)
    with psycopg.connect(dsn(source)) as reader:
        # An open transaction on a table holds its lock: the restore must give up and leave everything.
        reader.execute("SELECT 1 FROM keepsake")
        impatient = replace(source, database_url=psycopg.conninfo.make_conninfo(dsn(source)))
        with pytest.raises(OperatorError, match="as it was before"):
            restore(impatient, dsn(impatient), target, force=True)
    assert words(source) == before
    assert contents(source) == files


def test_an_empty_database_has_nothing_to_back_up(empty: Settings, tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="nothing to back up"):
        backup(empty, dsn(empty), tmp_path / "desk.tar", with_keys=False)
    assert not (tmp_path / "desk.tar").exists()


def test_an_unreachable_database_is_an_error_without_a_trace(source: Settings, tmp_path: Path) -> None:
    target = tmp_path / "desk.tar"
    with pytest.raises(OperatorError, match="cannot reach"):
        backup(source, "host=/nowhere dbname=x", target, with_keys=False)
    assert not target.exists()
