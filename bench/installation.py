"""A whole Holdfast to measure: people with conversations, and as much history as is asked for."""

import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
from tests.support.server import Holdfast, running

from holdfast.app.demo_organisation import PASSWORD, PEOPLE
from holdfast.core.embedded_postgres.cluster import programs

# Conversations in which people write at once, spread over the agents.
TALKING = 32
# Conversations that are only there: idle connections, and the rows that pgbench writes to.
RESTING = 5_000
CLIENTS = 32
ROOT = Path(__file__).resolve().parents[1]

_SETTINGS = {"HOLDFAST_CHAT_RATE": "1000000", "HOLDFAST_PRESENCE_GRACE": "100000"}

# Made of their number, so that no look-up is needed to find the n-th.
_ID = "('00000000-0000-7000-8000-' || lpad(to_hex({n}), 12, '0'))::uuid"

_RESTING = f"""
INSERT INTO conversation (id, reference, customer_id, inbox_id, channel, queue_id, language, category, priority,
  emergency, assignee_id, episode, seq, version, preview, last_from, last_at, answered_at, answer_seconds,
  customer_read, agent_read, tags, opened_at)
SELECT {_ID.format(n="n")}, 'BENCH-' || n, customer_id, inbox_id, channel, queue_id, language, 'open', 1,
  false, %s, 1, 0, 1, '', 'agent', now(), now(), 900, 0, 0, tags, now()
FROM generate_series(1, {RESTING}) n, (SELECT * FROM conversation ORDER BY opened_at LIMIT 1) template
"""

_TOKENS = f"""
INSERT INTO conversation_token (id, token_hash, conversation_id, created_at, expires_at)
SELECT gen_random_uuid(), sha256(convert_to('bench-' || n, 'UTF8')), {_ID.format(n="n")}, now(),
  now() + interval '1 day'
FROM generate_series(1, {RESTING}) n
"""

# History: every resting conversation gets as many messages as the next.
_HISTORY = f"""
INSERT INTO message (conversation_id, seq, kind, author, body, source, source_id, created_at)
SELECT {_ID.format(n="n")}, s, 'public', CASE WHEN s %% 2 = 0 THEN 'agent' ELSE 'customer' END,
  'Hello, my withdrawal of 0.5 ETH has been pending since yesterday evening, could you please check? ' || s,
  'chat', uuid_send({_ID.format(n="n")}) || uuid_send(gen_random_uuid()),
  now() - interval '90 days' + s * interval '1 min'
FROM generate_series(%s::int, %s::int) n, generate_series(1, %s::int) s
"""

_READ = """
INSERT INTO promise_book (conversation_id, seq) SELECT id, seq FROM conversation WHERE reference LIKE 'BENCH-%'
ON CONFLICT (conversation_id) DO UPDATE SET seq = excluded.seq
"""

# The same insert and the same update as the writer's statement does for one message, without notices and batches. Each
# client has a conversation of its own: as few pages as chat touches, and no waiting for row locks. (Spread over 5,000
# conversations it is slower, up to ten times with history, which would flatter us.)
_PGBENCH = f"""
\\set n :client_id + 1
WITH moved AS (
  UPDATE conversation c SET seq = c.seq + 1, version = c.version + 1, preview = 'Hello, my withdrawal', last_at = now(),
    last_from = 'customer', waiting_since = coalesce(c.waiting_since, now()),
    next_due = CASE WHEN c.waiting_since IS NULL THEN now() + make_interval(secs => c.answer_seconds)
      ELSE c.next_due END
  WHERE c.id = {_ID.format(n=":n::int")} RETURNING c.id, c.seq
)
INSERT INTO message (conversation_id, seq, kind, author, author_id, body, source, source_id, event, created_at)
SELECT id, seq, 'public', 'customer', gen_random_uuid(),
  'Hello, my withdrawal of 0.5 ETH has been pending since yesterday evening, could you please check what happened?',
  'chat', uuid_send(id) || uuid_send(gen_random_uuid()), NULL, now()
FROM moved;
"""


@dataclass
class Installation:
    """A running server with everything a load needs. ``history`` is the number of stored messages it began with."""

    server: Holdfast
    history: int
    conversations: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    agents: list[dict[str, Any]] = field(default_factory=list)
    _http: list[httpx.Client] = field(default_factory=list)

    @property
    def _each(self) -> int:
        """Stored messages of each resting conversation."""
        return -(-self.history // RESTING)

    def fill(self) -> None:
        """Conversations of both kinds, and the history."""
        self._sign_in()
        client = httpx.Client(base_url=self.server.origin, timeout=30, trust_env=False)
        for i in range(TALKING):
            key = hashlib.md5(f"{i}".encode(), usedforsecurity=False).hexdigest()
            opening = {"inbox": self.server.inbox, "k": key, "b": "Hello", "language": "en"}
            opened = client.post("/api/widget/conversations", json=opening).raise_for_status().json()
            self.tokens.append(opened["token"])
            self.conversations.append(opened["state"]["id"])
        (holder,) = self.server.query("SELECT id FROM agent ORDER BY email LIMIT 1")
        self.server.execute(_RESTING, holder)
        self.server.execute(_TOKENS)
        if each := self._each:
            # 250 conversations at once: progress, and statements that end.
            for first in range(1, RESTING + 1, 250):
                self.server.execute(_HISTORY, [first, first + 249, each])
            self.server.execute("UPDATE conversation SET seq = %s WHERE reference LIKE 'BENCH-%%'", [each])
            # History that promises read long ago: catching up with it would be measured as chat's, and beside it.
            self.server.execute(_READ)
        self._maintain()

    def _maintain(self) -> None:
        """What autovacuum would do in the middle of a measurement."""
        for table in ("message", "conversation"):
            self._psql(f"VACUUM ANALYZE {table}")
        self._psql("CHECKPOINT", administrator=True)

    def _psql(self, statement: str, *, administrator: bool = False) -> None:
        dsn = self.server.administrator_dsn if administrator else self.server.dsn
        subprocess.run([programs() / "psql", dsn, "-qc", statement], check=True, capture_output=True)

    def _sign_in(self) -> None:
        for person in PEOPLE:
            if "general" not in person.skills:
                continue
            client = httpx.Client(
                base_url=self.server.origin, headers={"Origin": self.server.origin}, timeout=30, trust_env=False
            )
            client.post("/api/session", json={"email": person.email, "password": PASSWORD}).raise_for_status()
            cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
            self._http.append(client)
            self.agents.append({"cookie": cookie, "conversations": []})

    def assign(self) -> dict[str, int]:
        """Every talking conversation is its agent's (again: somebody absent for long has lost theirs). Their
        sequences, from which the load goes on."""
        found = self.server.query(
            "SELECT id::text, assignee_id IS NULL, seq FROM conversation WHERE id = ANY(%s::uuid[])",
            [self.conversations],
        )
        for i, conversation in enumerate(self.conversations):
            place = i % len(self.agents)
            if conversation in {c for c, free, _ in found if free}:
                self._http[place].post(f"/api/conversations/{conversation}/take").raise_for_status()
            if conversation not in self.agents[place]["conversations"]:
                self.agents[place]["conversations"].append(conversation)
        return {conversation: seq for conversation, _, seq in found}

    # Measured --------------------------------------------------------------------------------------------------

    def load(self, mode: str, seconds: float, *, window: int = 0, rate: float = 0) -> dict[str, float]:
        """Run the load generator; its figures, with the CPU seconds of server and PostgreSQL meanwhile."""
        since = self.assign()
        plan: dict[str, Any] = {
            "mode": mode,
            "port": self.server.port,
            "seconds": seconds,
            "window": window,
            "rate": rate,
            "widgets": [
                {"token": token, "since": since[c]} for token, c in zip(self.tokens, self.conversations, strict=True)
            ],
            "agents": self.agents,
            "since": since,
        }
        generator = _generator(plan)
        assert generator.stdout is not None
        busy = 0.0
        before: dict[str, float] = {}
        spent: dict[str, float] = {}
        figures: dict[str, float] = {}
        for line in generator.stdout:
            if line == "begin\n":
                before = self._cpu()
                busy = _machine()
            elif line == "end\n":
                after = self._cpu()
                spent = {name: after[name] - before[name] for name in after}
                spent["machine"] = _machine() - busy
            else:
                figures = json.loads(line)
        if generator.wait() or not figures.get("delivered"):
            raise RuntimeError(f"the load generator failed: {generator.stderr.read() if generator.stderr else ''}")
        return {**figures, **{f"cpu_{name}": value for name, value in spent.items()}}

    def _cpu(self) -> dict[str, float]:
        """CPU seconds so far of everything but PostgreSQL, and of PostgreSQL."""
        assert self.server.process is not None
        database = {p.pid: _seconds(p) for p in _tree(self.server.postmaster())}
        every = {p.pid: _seconds(p) for p in _tree(psutil.Process(self.server.process.pid))}
        return {
            "server": sum(value for pid, value in every.items() if pid not in database),
            "postgres": sum(database.values()),
        }

    def idle(self, connections: int) -> float:
        """Bytes of memory that each of so many idle connections costs the web process (USS)."""
        serve = self.server.service("serve")
        widgets = [{"token": f"bench-{n}", "since": self._each} for n in range(1, connections + 1)]
        plan: dict[str, Any] = {"mode": "idle", "port": self.server.port, "widgets": widgets}
        # The first thousand also fill caches and pools which do not grow any more.
        first = {**plan, "widgets": widgets[:1000]}
        self._hold(first)
        before = serve.memory_full_info().uss
        after = self._hold(plan)
        return float(after - before) / connections

    def _hold(self, plan: dict[str, Any]) -> int:
        generator = _generator(plan)
        assert generator.stdout is not None
        assert generator.stdin is not None
        line = generator.stdout.readline()
        if line != "begin\n":
            raise RuntimeError(f"the idle connections failed: {generator.stderr.read() if generator.stderr else ''}")
        used = self.server.service("serve").memory_full_info().uss
        generator.stdin.close()
        generator.wait()
        return int(used)

    def ceiling(self, seconds: float) -> float:
        """Messages a second of pgbench with the same insert and update, 32 clients, over the same socket."""
        script = self.server.data_dir / "ceiling.sql"
        script.write_text(_PGBENCH)
        command = [
            str(programs() / "pgbench"),
            "-n",
            "-M",
            "prepared",
            "-c",
            str(CLIENTS),
            "-j",
            "2",
            "-f",
            str(script),
        ]
        done = subprocess.run(
            [*command, "-f", str(script), "-T", str(int(seconds)), "-d", self.server.dsn],
            check=True,
            capture_output=True,
            text=True,
        )
        (rate,) = [line.split("=")[1].split()[0] for line in done.stdout.splitlines() if line.startswith("tps")]
        return float(rate)


def _generator(plan: dict[str, Any]) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.load"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(plan) + "\n")
    process.stdin.flush()
    return process


def _tree(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def _machine() -> float:
    """CPU seconds that all processors have been busy so far, with whatever."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - times.iowait - times.guest - times.guest_nice)


def _seconds(process: psutil.Process) -> float:
    try:
        spent = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(spent.user + spent.system)


@contextmanager
def installation(history: int) -> Iterator[Installation]:
    """A filled installation for the time of the block."""
    begun = time.monotonic()
    with running(chats=TALKING, environment=_SETTINGS) as server:
        made = Installation(server, history)
        made.fill()
        sys.stderr.write(f"installation with {history:,} stored messages: {time.monotonic() - begun:.0f} s\n")
        yield made
