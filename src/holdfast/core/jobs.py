"""Work that is due now and may take its time: mail, hooks, exports. Enqueued in the transaction that wants it.

Jobs are procrastinate's, in our database, so that there is no outbox: a rollback takes the job with it. Deadlines
are not jobs (see ``core/due.py``).
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import cast

import procrastinate
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job
from procrastinate.schema import SchemaManager
from psycopg import AsyncConnection
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.core.clock import now
from holdfast.core.pauses import Pauses

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]

# A task gets the keyword arguments it was deferred with; what else it needs is bound to it in app/worker.py.
Task = Callable[..., Awaitable[None]]

MAX_ATTEMPTS = 12
PAUSES = Pauses(2.0, 3.0, 3600.0)
# A worker beats each 10 s; without a beat for 30 s it is dead, and what it was doing is done again.
_DEAD_AFTER = 30
# NOTIFY wakes the worker (4 ms at the median), but one that comes while it looks for the next job is lost: with
# procrastinate's 5 s one job in a dozen came 5 s late.
_POLL = 0.5

logger = logging.getLogger(__name__)

# Never opened: it only knows how to insert on a connection that it is given.
_inserting = procrastinate.App(connector=procrastinate.PsycopgConnector())


def schema_sql() -> str:
    """The SQL that creates procrastinate's tables and functions, of the installed version (for the migration)."""
    return SchemaManager.get_schema()


async def defer(session: AsyncSession, task_name: str, **arguments: Json) -> None:
    """Enqueue a job in this session's transaction: it runs soon after the commit, or never after a rollback.

    ``arguments`` are stored as JSON and in clear: pass ids, not personal values.
    """
    connection = await (await session.connection()).get_raw_connection()
    raw = cast(AsyncConnection[object], connection.driver_connection)
    await _inserting.configure_task(task_name, connection=raw).defer_async(**arguments)


class BackOff(procrastinate.BaseRetryStrategy):
    """Try again after 2, 6, 18 … seconds, at most an hour apart; after 12 tries the job stays as failed."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> procrastinate.RetryDecision | None:
        if isinstance(exception, PermanentFailure) or job.attempts + 1 >= MAX_ATTEMPTS:
            return None
        return procrastinate.RetryDecision(retry_at=now() + PAUSES.after(job.attempts + 1))


class PermanentFailure(Exception):
    """Raised by a task that would fail in the same way again: the job fails at once."""


def _app(dsn: str, tasks: Mapping[str, Task], pool_size: int) -> procrastinate.App:
    app = procrastinate.App(
        connector=procrastinate.PsycopgConnector(
            conninfo=dsn,
            min_size=1,
            max_size=pool_size,
            kwargs={"application_name": "holdfast-worker", "options": "-c timezone=UTC"},
        )
    )
    for name, function in tasks.items():
        app.task(name=name, retry=BackOff())(_as_coroutine_function(function))
    return app


def _as_coroutine_function(function: Task) -> Callable[..., Awaitable[None]]:
    """procrastinate tells coroutine functions by inspection, which fails for bound and partial ones."""

    async def run(**arguments: Json) -> None:
        await function(**arguments)

    return run


async def _revive(app: procrastinate.App) -> None:
    """Each 30 s put back what dead workers were doing."""
    while True:
        try:
            for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=_DEAD_AFTER):
                logger.warning("job %s (%s) is done again: its worker died", job.id, job.task_name)
                await app.job_manager.retry_job(job, retry_at=now())
        except ConnectorException:
            logger.warning("jobs of dead workers could not be looked for", exc_info=True)
        await asyncio.sleep(_DEAD_AFTER)


async def run_worker(dsn: str, tasks: Mapping[str, Task], *, concurrency: int = 4) -> None:
    """Run jobs until cancelled; ``tasks`` maps each name to its function. A lost database is retried each second.

    On cancellation running jobs have 10 s to end; what is cut then is done again by the next worker.
    """
    while True:
        app = _app(dsn, tasks, concurrency + 3)
        try:
            async with app.open_async():
                reviving = asyncio.create_task(_revive(app))
                try:
                    await app.run_worker_async(
                        concurrency=concurrency,
                        install_signal_handlers=False,
                        fetch_job_polling_interval=_POLL,
                        delete_jobs="successful",
                        shutdown_graceful_timeout=10.0,
                    )
                finally:
                    reviving.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await reviving
        except Exception as error:
            if (task := asyncio.current_task()) is not None and task.cancelling():
                # A database that is lost while the worker stops: its error takes the cancellation's place.
                raise asyncio.CancelledError from error
            logger.exception("the worker lost its database, trying again")
        await asyncio.sleep(1)
