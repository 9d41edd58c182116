"""A backup of yesterday does not bring back whoever was erased today."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from holdfast.app import restore
from holdfast.app.backup import backup
from holdfast.core.database import Database
from holdfast.privacy import jobs, ledger, operations
from tests.privacy.support import WORDS, House


def written(dsn: str) -> str:
    with psycopg.connect(dsn) as connection:
        return "\n".join(row[0] for row in connection.execute("SELECT body FROM message"))


async def test_the_erased_stay_erased(
    house: House, empty_database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = replace(house.settings, database_url=house.desk.dsn)
    settings.key_file.parent.mkdir(parents=True, exist_ok=True)
    settings.key_file.write_text((b"k" * 32).hex())
    archive = tmp_path / "yesterday.tar"
    await asyncio.to_thread(backup, settings, house.desk.dsn, archive, with_keys=True)
    async with house.desk.database.transaction() as session:
        await operations.ask(session, house.admin, house.customer, "erasure", why="a letter", wait=timedelta())
    await house.run_jobs()

    # The same machine: its ledger is there, its database is new.
    files = settings.data_dir / "files"
    files.rename(files.with_name("files.lost"))
    settings.key_file.unlink()
    after = replace(settings, database_url=empty_database_url)
    assert await asyncio.to_thread(restore.main, after, archive, force=False) == 0
    assert "1 customers of the backup had been erased since" in capsys.readouterr().out
    words = written(empty_database_url)
    assert f"{WORDS[2]} says user-1" not in words
    assert f"{WORDS[2]} says user-2" in words


async def test_a_worker_makes_up_for_a_restore_that_was_cut_off(house: House) -> None:
    ledger.append(jobs.ledger_path(house.settings), house.customer, house.customer)
    database = Database(house.desk.dsn)
    try:
        assert await jobs.replay(house.settings, database) == 1
        assert await jobs.replay(house.settings, database) == 0
    finally:
        await database.close()
    assert f"{WORDS[2]} says user-1" not in await house.dump()
