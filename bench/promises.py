"""How late a warning or breach is announced with many promises open, and what working one out anew costs.

``python -m bench.promises [--promises 100000] [--seconds 30] [--burst 1000]``; starts a PostgreSQL of its own in a
temporary folder. Late is from the instant itself to its line of the timeline at a listener of the live bus, in
milliseconds; for a breach that includes the time in which we wait for answers that were in time. Exit status 1 unless
all of them, also those of one instant, come within a second.

Reference: a bare pg_notify from one connection to a listener on another, in the same run.
"""

import argparse
import asyncio
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from uuid import UUID

import psycopg

from holdfast.access import keys
from holdfast.app import reactions, schema
from holdfast.app.base_data import seed_base
from holdfast.conversations import operations as conversations
from holdfast.conversations.intake import IncomingMessage
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.due import Claimer
from holdfast.core.embedded_postgres import EmbeddedPostgres
from holdfast.core.ids import new_id
from holdfast.core.notify import DUE, LIVE, Listener
from holdfast.core.settings import Settings
from holdfast.people.models import Customer
from holdfast.promises import turns
from holdfast.promises.calendars import Calendar, window
from holdfast.promises.keeping import SETTLE, TURN, read
from holdfast.promises.model import RULES, Clock, Event, Kind, Terms, What, fold, judge, ledger
from holdfast.promises.reader import PromiseReader

TARGET = timedelta(minutes=15)
GOAL = 1000.0
_WORD = re.compile(r"\bc:([0-9a-f]{32}):(\d+)")
# Lines of an open conversation's timeline before anything is announced: opened, and what its customer wrote.
_LINES = 2
# Before the first turn, so that what is measured is not the start.
_LEAD = timedelta(seconds=3)


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def within(values: Sequence[float]) -> bool:
    """Whether all of them were announced in time: one late warning is one customer who waits."""
    return max(values) <= GOAL


def late(name: str, values: Sequence[float]) -> str:
    return (
        f"{name:<34} {len(values):>7,}   p50 {percentile(values, 0.5):>7.1f}   p99 {percentile(values, 0.99):>7.1f}"
        f"   worst {max(values):>7.1f} ms\n"
    )


# --- many open promises ---


async def template(database: Database) -> UUID:
    """One conversation as the application makes it, read by the reader; the others are its copies."""
    async with database.transaction() as session:
        inbox = await seed_base(session, Settings())
        customer = Customer(name="Bench")
        session.add(customer)
        await session.flush()
        message = IncomingMessage("chat-open", new_id().bytes, "customer", customer.id, "Where is my deposit?")
        conversation, _ = await conversations.open_conversation(session, inbox, customer, message, language="en")
    async with database.transaction() as session:
        await read(session, [conversation.id])
    return conversation.id


def fill(dsn: str, of: UUID, plan: Sequence[tuple[datetime, datetime]]) -> list[UUID]:
    """An open conversation for each ``(start, next turn)``, with its timeline, book, promise and turn."""
    ids = [new_id() for _ in plan]
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TEMP TABLE plan (n int, id uuid, promise uuid, start timestamptz, turn timestamptz)")
        with connection.cursor().copy("COPY plan FROM STDIN") as copy:
            for n, (conversation_id, (start, turn)) in enumerate(zip(ids, plan, strict=True)):
                copy.write_row((n, conversation_id, new_id(), start, turn))
        for table, own in (("conversation", "id"), ("message", "conversation_id"), ("promise", "conversation_id")):
            names = [
                row[0]
                for row in connection.execute(
                    "SELECT column_name FROM information_schema.columns WHERE table_name = %s", (table,)
                )
            ]
            instead = {
                own: "plan.id",
                "reference": "'BENCH-' || n",
                "source": "NULL",
                "source_id": "NULL",
                **dict.fromkeys(("opened_at", "last_at", "waiting_since", "created_at", "started_at"), "start"),
                **dict.fromkeys(("next_due", "due_at"), "start + interval '15 min'"),
                "held": "replace(t.held::text, (t.held->'round'->>'start'), "
                "to_char(start AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'))::jsonb",
            }
            if table == "promise":
                instead["id"] = "plan.promise"
            values = ", ".join(instead.get(name, f't."{name}"') for name in names)
            columns = ", ".join(f'"{name}"' for name in names)
            key = "id" if table == "conversation" else "conversation_id"
            connection.execute(
                f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table} t, plan WHERE t.{key} = %s",
                (of,),
            )
        connection.execute(
            "INSERT INTO promise_book SELECT plan.id, seq, replace(book::text, book->'terms'->'first_response'->0->>"
            "'since', to_char(start AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'))::jsonb"
            " FROM promise_book, plan WHERE conversation_id = %s",
            (of,),
        )
        connection.execute("INSERT INTO due (kind, ref, at) SELECT %s, promise, turn FROM plan", (TURN,))
        connection.execute("DELETE FROM due WHERE ref IN (SELECT id FROM promise WHERE conversation_id = %s)", (of,))
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("ANALYZE")
    return ids


class Heard:
    """When each conversation's line was announced on the live bus."""

    def __init__(self) -> None:
        self.at: dict[UUID, datetime] = {}
        self.wanted: set[UUID] = set()
        self.all = asyncio.Event()

    def notice(self, payload: str) -> None:
        moment = now()
        for word, seq in _WORD.findall(payload):
            if int(seq) > _LINES and (found := UUID(word)) not in self.at:
                self.at[found] = moment
                self.wanted.discard(found)
        if not self.wanted:
            self.all.set()


def schedule(promises: int, seconds: float, burst: int) -> tuple[list[tuple[datetime, datetime]], dict[int, str]]:
    """What turns when. As many promises turn in each second as of so many with a quarter of an hour do: three times in
    their life; two thirds of them with a warning, a third with the breach. Then a burst at one instant, and the rest
    later than we look."""
    begin = now() + timedelta(seconds=promises / 4000) + _LEAD
    count = min(int(promises * 3 / TARGET.total_seconds() * seconds), promises - burst)
    shares = (0.5, 0.8, 1.0)
    plan, kinds = [], {}
    for n in range(count):
        turn = begin + timedelta(seconds=seconds * n / count)
        share = shares[n % 3]
        kinds[n] = "warnings" if share < 1 else "breaches"
        plan.append((turn - TARGET * share, turn if share < 1 else turn + SETTLE))
    for n in range(count, count + burst):
        at = begin + timedelta(seconds=seconds + 2)
        kinds[n] = "warnings, all at one instant"
        plan.append((at - TARGET * 0.5, at))
    for n in range(promises - len(plan)):
        start = begin + timedelta(hours=1, milliseconds=n)
        plan.append((start, start + TARGET * 0.5))
    return plan, kinds


async def bare(dsn: str, times: int = 500) -> list[float]:
    """The reference: from pg_notify to a listener."""
    took: list[float] = []
    heard = asyncio.Event()
    listener = Listener(dsn, {LIVE: lambda _: heard.set()})
    task = asyncio.create_task(listener.run())
    await listener.connected.wait()
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        for _ in range(times):
            heard.clear()
            begun = time.perf_counter()
            await connection.execute("SELECT pg_notify(%s, 'c:')", (LIVE,))
            await heard.wait()
            took.append((time.perf_counter() - begun) * 1000)
    task.cancel()
    return took


async def announcements(dsn: str, promises: int, seconds: float, burst: int) -> bool:
    database = Database(dsn, answer=reactions.answer)
    of = await template(database)
    sys.stdout.write(late("bare pg_notify (reference)", await bare(dsn)))
    plan, kinds = schedule(promises, seconds, burst)
    begun = time.perf_counter()
    ids = fill(dsn, of, plan)
    sys.stdout.write(f"{promises:,} open promises made in {time.perf_counter() - begun:.0f} s\n")
    if plan[0][1] < now():
        raise RuntimeError("filling took longer than was thought: the first turns were over")
    heard = Heard()
    heard.wanted = {ids[n] for n in kinds}
    claimer, reader = Claimer(database, {TURN: turns.turn}), PromiseReader(database)

    def live(payload: str) -> None:
        heard.notice(payload)
        reader.notice(payload)

    listener = Listener(dsn, {LIVE: live, DUE: lambda _: claimer.wake()})
    tasks = [asyncio.create_task(work) for work in (listener.run(), claimer.run(), reader.run())]
    try:
        async with asyncio.timeout(seconds + 120):
            await heard.all.wait()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await database.close()
    held = True
    for kind in dict.fromkeys(kinds.values()):
        # The instant of a breach is the due instant, before the time in which we wait for answers.
        wait = SETTLE if kind == "breaches" else timedelta(0)
        values = [
            (heard.at[ids[n]] - (plan[n][1] - wait)).total_seconds() * 1000 for n, k in kinds.items() if k == kind
        ]
        sys.stdout.write(late(kind, values))
        held &= within(values)
    return held


# --- the cost of working one out ---


def cost(name: str, work: Callable[[], object], unit: int = 1) -> None:
    times = []
    for _ in range(7):
        begun, count = time.perf_counter(), 0
        while time.perf_counter() - begun < 0.15:
            work()
            count += unit
        times.append((time.perf_counter() - begun) / count * 1e6)
    sys.stdout.write(f"{name:<62} {statistics.median(times):>9.1f} us\n")


def recalculations() -> None:
    start = datetime(2026, 11, 24, 9, tzinfo=UTC)
    office = Calendar("Europe/Berlin", dict.fromkeys(range(5), (window(clock_time(9), clock_time(17)),)), ("DE",))
    first = fold(RULES[Kind.FIRST], [Event(start, 1, What.CUSTOMER)])[0]
    whole_day = Clock(first, (Terms(start, TARGET),))
    hours = Clock(first, (Terms(start, timedelta(hours=30), office),))
    cost("due and verdict of a promise, all hours", lambda: judge(whole_day))
    cost("due and verdict, 30 h in office hours with holidays", lambda: judge(hours))
    cost("ledger of two weeks in office hours", lambda: ledger(hours, start + timedelta(days=14)))
    words = (What.CUSTOMER, What.ANSWER, What.CUSTOMER, What.QUESTION)
    log = [Event(start + timedelta(minutes=n), n, words[n % 4]) for n in range(1000)]
    cost("fold of a log, an event (of 1,000)", lambda: fold(RULES[Kind.NEXT], log), len(log))


async def readings(dsn: str, count: int = 400) -> None:
    """Conversations that are read for the first time, from the timeline to the row of the promise and its turn."""
    database = Database(dsn, answer=reactions.answer)
    async with database.transaction() as session:
        inbox = await seed_base(session, Settings())
        customer = Customer(name="Bench")
        session.add(customer)
        await session.flush()
        made = []
        for _ in range(count):
            message = IncomingMessage("chat-open", new_id().bytes, "customer", customer.id, "Where is my deposit?")
            made.append((await conversations.open_conversation(session, inbox, customer, message, language="en"))[0].id)
    begun = time.perf_counter()
    for n in range(0, count, 200):
        async with database.transaction() as session:
            await read(session, made[n : n + 200])
    took = (time.perf_counter() - begun) / count * 1e6
    await database.close()
    sys.stdout.write(f"{'a new conversation from timeline to promise and turn':<62} {took:>9.1f} us\n")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.promises", description=__doc__)
    parser.add_argument("--promises", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--burst", type=int, default=1_000)
    given = parser.parse_args()
    keys.use_key_ring(keys.KeyRing(b"b" * 32))
    folder = Path(tempfile.mkdtemp(prefix="holdfast-bench-"))
    server = EmbeddedPostgres(folder)
    try:
        server.start()
        schema.upgrade(server.dsn)
        recalculations()
        asyncio.run(readings(server.dsn))
        held = asyncio.run(announcements(server.dsn, given.promises, given.seconds, given.burst))
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.write(f"all within {GOAL:.0f} ms: {'held' if held else 'MISSED'}\n")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
