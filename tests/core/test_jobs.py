"""Jobs: with the transaction or not at all, soon after it, again after a failure."""

import asyncio
import contextlib
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from procrastinate.jobs import Job
from sqlalchemy import text

from holdfast.core import jobs
from holdfast.core.database import Database
from holdfast.core.jobs import BackOff, Json, PermanentFailure, Task, run_worker
from holdfast.core.pauses import Pauses


@pytest.fixture
async def database(fresh_database_url: str) -> AsyncIterator[Database]:
    found = Database(fresh_database_url)
    yield found
    await found.close()


@asynccontextmanager
async def worker(database: Database, **tasks: Task) -> AsyncIterator[None]:
    running = asyncio.create_task(run_worker(database.dsn, {f"test.{name}": task for name, task in tasks.items()}))
    try:
        yield
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def statuses(database: Database) -> dict[str, int]:
    async with database.transaction() as session:
        rows = await session.execute(text("SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY status"))
        return {row[0]: row[1] for row in rows}


async def test_a_rollback_takes_the_job_with_it(database: Database) -> None:
    async def change_ones_mind() -> None:
        async with database.transaction() as session:
            await jobs.defer(session, "test.note", word="never")
            assert (await session.execute(text("SELECT count(*) FROM procrastinate_jobs"))).scalar_one() == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await change_ones_mind()
    assert await statuses(database) == {}


async def test_a_committed_job_runs_at_once(database: Database) -> None:
    """Woken by NOTIFY: an order of magnitude under the 5 s of the poll that is the safety net."""
    delays: list[float] = []
    came = asyncio.Event()

    async def note(at: float) -> None:
        delays.append(time.monotonic() - at)
        came.set()

    async with worker(database, note=note):
        for _ in range(12):
            came.clear()
            async with database.transaction() as session:
                await jobs.defer(session, "test.note", at=time.monotonic())
            async with asyncio.timeout(20):
                await came.wait()
    # The first waits for the worker's start.
    median = statistics.median(delays[1:])
    print(f"commit to job: median {median * 1000:.0f} ms, worst {max(delays[1:]) * 1000:.0f} ms")  # noqa: T201 - the figure
    assert median < 0.5
    # Done jobs are deleted.
    assert await statuses(database) == {}


async def test_arguments_arrive_as_they_were(database: Database) -> None:
    got: asyncio.Future[dict[str, Json]] = asyncio.get_running_loop().create_future()

    async def note(**arguments: Json) -> None:
        got.set_result(arguments)

    sent: dict[str, Json] = {"word": "鑰匙", "numbers": [1, 2.5, None], "deep": {"a": True}}
    async with worker(database, note=note):
        async with database.transaction() as session:
            await jobs.defer(session, "test.note", **sent)
        async with asyncio.timeout(20):
            assert await got == sent


async def test_a_failure_is_tried_again_with_a_growing_pause(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "PAUSES", Pauses(0.01, 3.0, 3600.0))
    tries: list[int] = []
    done = asyncio.Event()

    async def stumble() -> None:
        tries.append(len(tries))
        if len(tries) < 3:
            raise OSError("the server is away")
        done.set()

    async with worker(database, stumble=stumble):
        async with database.transaction() as session:
            await jobs.defer(session, "test.stumble")
        async with asyncio.timeout(30):
            await done.wait()
    assert len(tries) == 3


async def test_what_cannot_succeed_fails_at_once_and_stays_to_be_seen(database: Database) -> None:
    tries: list[int] = []
    tried = asyncio.Event()

    async def refuse() -> None:
        tries.append(1)
        tried.set()
        raise PermanentFailure("never")

    async with worker(database, refuse=refuse):
        async with database.transaction() as session:
            await jobs.defer(session, "test.refuse")
        async with asyncio.timeout(20):
            await tried.wait()
    # The worker ends only when what it was doing is noted.
    assert await statuses(database) == {"failed": 1}
    assert tries == [1]


def test_the_pauses() -> None:
    assert [jobs.PAUSES.after(n).total_seconds() for n in (1, 2, 3, 4, 8, 12)] == [2, 6, 18, 54, 3600, 3600]
    job = Job(queue="default", lock=None, queueing_lock=None, task_name="test", attempts=jobs.MAX_ATTEMPTS - 1)
    assert BackOff().get_retry_decision(exception=OSError(), job=job) is None


async def test_what_a_dead_worker_was_doing_is_done_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    done = asyncio.Event()

    async def note() -> None:
        done.set()

    async with database.transaction() as session:
        await jobs.defer(session, "test.note")
        await session.execute(
            text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute')")
        )
        await session.execute(
            text("UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM procrastinate_workers)")
        )
    async with worker(database, note=note), asyncio.timeout(20):
        await done.wait()


async def test_a_lost_database_is_found_again(database: Database) -> None:
    did: asyncio.Queue[int] = asyncio.Queue()

    async def note(number: int) -> None:
        did.put_nowait(number)

    async with worker(database, note=note), asyncio.timeout(30):
        for number in range(2):
            async with database.transaction() as session:
                await jobs.defer(session, "test.note", number=number)
            # At least once: one whose end was not noted in time is done again.
            while await did.get() != number:
                pass
            async with database.transaction() as session:
                await session.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                        "WHERE datname = current_database() AND application_name = 'holdfast-worker'"
                    )
                )
