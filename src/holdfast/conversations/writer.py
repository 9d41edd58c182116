"""The batching writer: the hot path of a follow-up message.

While one commit is on its way, messages collect; when it returns, the next statement takes all of them at once. No
timer is involved, so a single message waits for nobody, and at saturation the cost of a commit is shared. One
statement inserts the messages, advances the conversations' sequence, waiting-since and next-due, and tells the other
processes; it enqueues no job. A sender is answered only after the commit.

What is not an ordinary follow-up (the conversation is resolved, nobody is looking for an agent, the agent no longer
has it) is not stored here: its sender is told to take the ordinary way (``operations.post``).
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg import AsyncConnection

from holdfast.core.notify import watched

logger = logging.getLogger(__name__)

# What a second try can cure: the server restarts, another process stored the same message or holds a lock.
_LOST = (
    OSError,
    psycopg.errors.AdminShutdown,
    psycopg.errors.CannotConnectNow,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    psycopg.errors.UniqueViolation,
)
PATIENCE = 5.0
# Longer than any lock is held: a connection that is silent for so long is dead, whatever TCP thinks.
SILENCE = 20.0

# 150 conversations' words stay below the 8,000 bytes of one notice (51 bytes each).
MAX_BATCH = 150

# The plan is made once and kept, perhaps on the first day, when tables are empty and nothing is known of them. It must
# not be one that reads all messages for each batch (3,800 us of PostgreSQL's time a message instead of 28): so no table
# is read whole, each source is looked up by itself (OFFSET 0 keeps the planner from joining instead), and each
# conversation by its key: at a server's default of 4.0 for a page in memory, reading all open ones looks cheaper.
_OPTIONS = (
    "-c timezone=UTC -c synchronous_commit=on -c plan_cache_mode=force_generic_plan -c enable_seqscan=off"
    " -c random_page_cost=1.1"
)

_STATEMENT = """
WITH given AS MATERIALIZED (
  SELECT * FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::bytea[], %s::text[]) WITH ORDINALITY
    AS g(conversation_id, author, author_id, source_id, body, place)
), known AS MATERIALIZED (
  SELECT m.conversation_id, m.source_id, m.seq, m.created_at
  FROM given CROSS JOIN LATERAL (
    SELECT * FROM message WHERE source = 'chat' AND source_id = given.source_id OFFSET 0
  ) m
), fresh AS MATERIALIZED (
  SELECT given.*, row_number() OVER (PARTITION BY conversation_id ORDER BY place) AS nth
  FROM given WHERE source_id NOT IN (SELECT source_id FROM known)
), summary AS (
  SELECT conversation_id, count(*)::int AS n, bool_or(author = 'agent') AS answered,
    array_agg(DISTINCT author_id) FILTER (WHERE author = 'agent') AS agents,
    (array_agg(author ORDER BY place DESC))[1] AS last_from,
    (array_agg(left(body, 140) ORDER BY place DESC))[1] AS preview
  FROM fresh GROUP BY conversation_id
), moved AS (
  UPDATE conversation c SET
    seq = c.seq + s.n,
    version = c.version + 1,
    preview = s.preview,
    last_from = s.last_from,
    last_at = now(),
    answered_at = CASE WHEN s.answered THEN coalesce(c.answered_at, now()) ELSE c.answered_at END,
    waiting_since = CASE WHEN s.last_from = 'agent' THEN NULL
      WHEN s.answered THEN now() ELSE coalesce(c.waiting_since, now()) END,
    next_due = CASE WHEN s.last_from = 'agent' THEN NULL
      WHEN s.answered OR c.waiting_since IS NULL THEN now() + make_interval(secs => c.answer_seconds)
      ELSE c.next_due END
  FROM summary s
  WHERE c.id = s.conversation_id AND c.category = 'open'
    AND (c.assignee_id IS NOT NULL OR c.waiting_since IS NOT NULL)
    AND (NOT s.answered OR s.agents = ARRAY[c.assignee_id])
  RETURNING c.id, c.seq, c.seq - s.n AS base
), stored AS (
  INSERT INTO message (conversation_id, seq, kind, author, author_id, body, source, source_id, created_at)
  SELECT f.conversation_id, moved.base + f.nth, 'public', f.author, f.author_id, f.body, 'chat', f.source_id,
    now()
  FROM fresh f JOIN moved ON moved.id = f.conversation_id
  RETURNING source_id, seq, created_at
), told AS (
  SELECT pg_notify('holdfast_live', %s || string_agg(
    'c:' || replace(moved.id::text, '-', '') || ':' || moved.seq, ' ')) AS done
  FROM moved HAVING count(*) > 0
)
SELECT source_id, seq, created_at, (SELECT count(*) FROM told) FROM stored
UNION ALL SELECT source_id, seq, created_at, 0 FROM known
"""


@dataclass(slots=True)
class FollowUp:
    """A message on its way in. ``done`` is called once, after the commit: with its sequence and instant, or with None
    (take the ordinary way), or with the exception that kept it from being stored."""

    conversation_id: UUID
    author: str
    author_id: UUID
    source_id: bytes
    body: str
    done: Callable[["Outcome"], None]


Outcome = tuple[int, datetime] | None | Exception


class Writer:
    """One lane: one dedicated connection, one statement at a time, so that order holds."""

    def __init__(self, dsn: str, process: str = "") -> None:
        self._dsn = dsn
        # The other processes read from the database; this one pushes what it wrote itself and skips its own notice.
        self._prefix = f"p:{process} " if process else ""
        self._waiting: list[FollowUp] = []
        self._connection: AsyncConnection[Any] | None = None
        self._running = False
        self._task: asyncio.Task[None] | None = None

    def put(self, message: FollowUp) -> None:
        """Take a message; ``message.done`` answers."""
        self._waiting.append(message)
        if not self._running:
            self._running = True
            self._task = asyncio.get_running_loop().create_task(self._drain())

    async def close(self) -> None:
        """Finish what waits, then close the connection."""
        if self._task is not None:
            await self._task
        if self._connection is not None:
            await self._connection.close()

    async def _drain(self) -> None:
        try:
            # One turn of the loop: what other sockets have just received goes along.
            await asyncio.sleep(0)
            while self._waiting:
                batch, self._waiting = self._waiting[:MAX_BATCH], self._waiting[MAX_BATCH:]
                await self._store(batch)
        finally:
            self._running = False

    async def _store(self, batch: list[FollowUp]) -> None:
        """Store a batch and answer everyone in it. Storing twice is harmless, so a lost connection is tried again
        for up to 5 s; any other failure of a batch is narrowed down to its message, so that nobody suffers from
        another's."""
        started = time.monotonic()
        while True:
            try:
                async with asyncio.timeout(SILENCE):
                    found = await self._execute(batch)
            except _LOST as error:
                if time.monotonic() - started < PATIENCE:
                    await asyncio.sleep(0.1)
                    continue
                self._refuse(batch, error)
            except Exception as error:
                if len(batch) == 1:
                    self._refuse(batch, error)
                for message in batch if len(batch) > 1 else ():
                    await self._store([message])
            else:
                for message in batch:
                    message.done(found.get(message.source_id))
            return

    @staticmethod
    def _refuse(batch: list[FollowUp], error: Exception) -> None:
        logger.warning("%d messages were not stored: %s", len(batch), error)
        for message in batch:
            message.done(error)

    async def _execute(self, batch: list[FollowUp]) -> dict[bytes, tuple[int, datetime]]:
        unique = list({m.source_id: m for m in reversed(batch)}.values())[::-1]
        connection = await self._connected()
        try:
            cursor = connection.cursor(binary=True)
            await cursor.execute(
                _STATEMENT,
                (
                    [m.conversation_id for m in unique],
                    [m.author for m in unique],
                    [m.author_id for m in unique],
                    [m.source_id for m in unique],
                    [m.body for m in unique],
                    self._prefix,
                ),
                prepare=True,
            )
            return {source_id: (seq, at) for source_id, seq, at, _ in await cursor.fetchall()}
        except asyncio.CancelledError:
            # Cut off in the middle: what the server made of it is known when it is asked again.
            self._connection = None
            await connection.close()
            raise
        except psycopg.Error as error:
            if connection.closed:
                raise ConnectionResetError from error
            raise

    async def _connected(self) -> AsyncConnection[Any]:
        if self._connection is None or self._connection.closed:
            try:
                self._connection = await AsyncConnection.connect(
                    watched(self._dsn),
                    autocommit=True,
                    application_name="holdfast-writer",
                    options=_OPTIONS,
                    connect_timeout=5,
                )
            except psycopg.OperationalError as error:
                raise ConnectionRefusedError from error
        return self._connection
