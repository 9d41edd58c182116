"""How long the phone's figures and one picture of the wall board take over many calls.

``python -m bench.figures [--calls 1000000] [--days 365]``; starts a PostgreSQL of its own in a temporary folder and
fills it with calls over so many days, in 15 languages on 12 lines. Each figure is the median of its runs, by the
application's own code: SQL, and what is made of it.

Reference: ``SELECT 1`` on the same connection, in the same run.
"""

import argparse
import asyncio
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access import keys
from holdfast.access.viewer import SystemViewer
from holdfast.app import reactions, schema
from holdfast.app.base_data import seed_base
from holdfast.channels.voice import reporting
from holdfast.channels.voice.models import Line
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.embedded_postgres import EmbeddedPostgres
from holdfast.core.i18n import LANGUAGES
from holdfast.core.settings import Settings
from holdfast.people.models import Agent

RUNS = 5
# Milliseconds that a lead waits for the figures of a month, and that one picture of the board may take of each second.
MONTH, BOARD = 1000.0, 100.0
_VIEWER = SystemViewer("bench")

# A caller waits up to five minutes; three of four are answered. Their number is sealed in about 70 bytes.
_CALLS = """
INSERT INTO call (id, line_id, direction, application, channel, bridge, number, number_index, language, emergency,
  stage, place, outcome, channel_before, wrap_seconds, held_seconds, requeued_seconds, started_at, queued_at,
  answered_at, talked_until, wrap_until, wrapped_at, survey_at, ended_at)
SELECT gen_random_uuid(), lines[1 + n %% cardinality(lines)], CASE WHEN n %% 20 = 0 THEN 'back' ELSE 'in' END,
  'holdfast', 'c' || n, '', decode(repeat('ab', 70), 'hex'), decode(md5(n::text), 'hex'),
  languages[1 + n %% cardinality(languages)], false, 'over', '{"queue": "general"}',
  CASE WHEN had THEN 'answered' ELSE (ARRAY['abandoned', 'abandoned', 'callback', 'message'])[1 + (n / 4) %% 4] END,
  'email', 60, 0, 0, at, at + interval '20 s', CASE WHEN had THEN at + interval '20 s' + wait END,
  CASE WHEN had THEN done END, CASE WHEN had THEN done + interval '60 s' END,
  CASE WHEN had THEN done + interval '40 s' END, CASE WHEN had THEN done END, done
FROM (SELECT *, at + interval '20 s' + wait + random() * interval '10 min' AS done FROM (
  SELECT n, n %% 4 < 3 AS had, random() * interval '5 min' AS wait,
    now() - %(days)s::int * interval '1 day' * (1 - n::float / %(calls)s::int) AS at,
    %(lines)s::uuid[] AS lines, %(languages)s::text[] AS languages
  FROM generate_series(1, %(calls)s::int) n) spread) timed
"""
_LEGS = """
INSERT INTO call_leg (id, call_id, role, channel, agent_id, device, state, muted, started_at, answered_at, ended_at)
SELECT gen_random_uuid(), id, 'agent', 'a' || channel, %s, 'tab', 'ended', false, queued_at, answered_at, talked_until
FROM call WHERE answered_at IS NOT NULL
"""


async def fill(database: Database, dsn: str, calls: int, days: int) -> None:
    async with database.transaction() as session:
        inbox = await seed_base(session, Settings())
        lines = [Line(number=str(n), name="x", inbox_id=inbox.id) for n in range(12)]
        agent = Agent(email=f"{uuid4()}@example.org", name="x")
        session.add_all([*lines, agent])
        await session.flush()
        ids = [line.id for line in lines]
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        given = {"lines": ids, "languages": list(LANGUAGES), "calls": calls, "days": days}
        await connection.execute(_CALLS, given)
        await connection.execute(_LEGS, (agent.id,))
        await connection.execute("VACUUM ANALYZE")


async def measured(
    database: Database, name: str, work: Callable[[AsyncSession], Awaitable[object]], runs: int = RUNS
) -> float:
    took = []
    for _ in range(runs):
        begun = time.perf_counter()
        async with database.transaction() as session:
            await work(session)
        took.append((time.perf_counter() - begun) * 1000)
    middle = statistics.median(took)
    sys.stdout.write(f"{name:<44} p50 {middle:>8.1f}   worst {max(took):>8.1f} ms\n")
    return middle


async def measure(dsn: str, calls: int, days: int) -> bool:
    database = Database(dsn, answer=reactions.answer)
    begun = time.perf_counter()
    await fill(database, dsn, calls, days)
    sys.stdout.write(f"{calls:,} calls of {days} days made in {time.perf_counter() - begun:.0f} s\n")
    await measured(database, "SELECT 1 (reference)", lambda session: session.execute(text("SELECT 1")))
    today, found = now().date(), {}
    for name, length in (("today", 1), ("a week", 7), ("a month", 30), ("a year", 365)):

        async def figures(session: AsyncSession, length: int = length) -> object:
            since = today - timedelta(days=length - 1)
            return await reporting.of_period(
                session, _VIEWER, since=since, until=today, zone="Europe/Berlin", line=None, language=None
            )

        found[name] = await measured(database, f"figures of {name}", figures)
    board = await measured(database, "a picture of the wall board", lambda s: reporting.board(s, "Europe/Berlin"), 20)
    await database.close()
    return found["a month"] <= MONTH and board <= BOARD


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.figures", description=__doc__)
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=365)
    given = parser.parse_args()
    keys.use_key_ring(keys.KeyRing(b"b" * 32))
    folder = Path(tempfile.mkdtemp(prefix="holdfast-bench-"))
    server = EmbeddedPostgres(folder)
    try:
        server.start()
        schema.upgrade(server.dsn)
        held = asyncio.run(measure(server.dsn, given.calls, given.days))
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.write(
        f"a month within {MONTH:.0f} ms, the board within {BOARD:.0f} ms: {'held' if held else 'MISSED'}\n"
    )
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
