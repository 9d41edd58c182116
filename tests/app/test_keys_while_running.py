"""A whole Holdfast under load while its keys are exchanged, its worker is killed, and the old key is taken away."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx
import jwt
import psycopg
import pytest

from holdfast.access.installation_keys import open_ring
from holdfast.access.key_sources import FileSource
from holdfast.access.keys import CUSTOMERS
from holdfast.app.demo_organisation import PASSWORD
from tests.support.server import Holdfast, running
from tests.support.waiting import until

# So many keys of customers that the job runs for long enough to be killed in the middle.
CUSTOMERS_THERE = 5000


@pytest.fixture(scope="module")
def server() -> Iterator[Holdfast]:
    with running(environment={"HOLDFAST_OPENING_RATE": "100000"}) as made:
        yield made


def holdfast(server: Holdfast, *words: str) -> str:
    """A command of the operator's; what it said."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("HOLDFAST_")}
    done = subprocess.run(
        [sys.executable, "-m", "holdfast.app.cli", *words],
        env={**kept, "HOLDFAST_DATA_DIR": str(server.data_dir), "HOLDFAST_DATABASE_URL": server.dsn},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


class Load(threading.Thread):
    """Customers come, write, upload a file and come back; an agent lists; names and files are read again."""

    def __init__(self, server: Holdfast, first: int) -> None:
        super().__init__(daemon=True)
        self.server, self.first = server, first
        self.errors: list[str] = []
        self.rounds = 0
        self.files: list[tuple[str, bytes]] = []
        self.ended = threading.Event()

    def run(self) -> None:
        options = {"base_url": self.server.origin, "headers": {"Origin": self.server.origin}, "trust_env": False}
        with httpx.Client(**options, timeout=30) as browser:  # type: ignore[arg-type]  # mypy tries the dict as every option
            signed_in = browser.post("/api/session", json={"email": "ana@holdfast.example", "password": PASSWORD})
            while not self.ended.is_set():
                try:
                    signed_in.raise_for_status()
                    self.round(browser)
                except (httpx.HTTPError, AssertionError) as error:
                    self.errors.append(f"round {self.rounds}: {error!r}")
                self.rounds += 1

    def identity(self, number: int) -> str:
        claims = {
            "sub": f"user-{self.first + number}",
            "name": f"Name {number}",
            "email": f"user{self.first + number}@example.com",
            "aud": self.server.inbox,
            "iat": int(time.time()),
            "exp": int(time.time()) + 600,
        }
        return jwt.encode(claims, self.server.identity_secret, "HS256")

    def round(self, browser: httpx.Client) -> None:
        number = self.rounds
        said = {"inbox": self.server.inbox, "b": "Hello", "identity": self.identity(number)}
        opening = {**said, "k": str(uuid4())}
        token = self.said(browser.post("/api/widget/conversations", json=opening))["token"]
        words = f"the words of {number}".encode()
        uploaded = browser.post(
            "/api/widget/attachments",
            headers={"Authorization": f"Bearer {token}"},
            files={"file": ("note.txt", words, "text/plain")},
        )
        self.files.append((self.said(uploaded)["url"], words))
        self.read(browser, number)
        self.read(browser, 0)
        self.said(browser.get("/api/conversations", params={"view": "queue", "limit": 20}))

    def read(self, browser: httpx.Client, number: int) -> None:
        """The customer comes back and sees their name; their file is what it was."""
        body = {"inbox": self.server.inbox, "identity": self.identity(number), "language": "en"}
        came = self.said(browser.post("/api/widget/start", json=body))
        assert came["customer"]["name"] == f"Name {number}"
        assert len(came["conversations"]) == 1, "the same customer as before"
        url, words = self.files[number]
        assert browser.get(url).content == words

    @staticmethod
    def said(answer: httpx.Response) -> dict[str, Any]:
        assert answer.is_success, f"{answer.request.url.path}: {answer.status_code} {answer.text[:200]}"
        body: dict[str, Any] = answer.json()
        return body

    def reach(self, more: int) -> None:
        goal = self.rounds + more
        until(lambda: self.rounds >= goal or bool(self.errors), 60, "the load goes on")


@contextmanager
def load(server: Holdfast, first: int) -> Iterator[Load]:
    """``first``: the number of its first customer."""
    made = Load(server, first)
    made.start()
    try:
        yield made
    finally:
        made.ended.set()
        made.join(60)


def test_keys_are_exchanged_under_load_and_the_old_one_is_not_needed(server: Holdfast) -> None:
    source = FileSource(server.data_dir / "keys" / "master.key")
    ring = open_ring(server.dsn, source)
    filling = "COPY customer_key (customer_id, wrapped, created_at) FROM STDIN"
    with psycopg.connect(server.dsn) as connection, connection.cursor() as cursor, cursor.copy(filling) as copy:
        for _ in range(CUSTOMERS_THERE):
            customer = uuid4()
            wrapped = ring.seal_bytes(os.urandom(32), f"customer_key.{customer}", CUSTOMERS)
            copy.write_row((customer, wrapped, "2026-01-01T00:00:00Z"))
    with load(server, 0) as customers:
        customers.reach(3)
        assert "is in use" in holdfast(server, "keys", "rotate")
        until(lambda: server.query("SELECT done > 0 FROM key_work") == [(True,)], 60, "the job has begun")
        server.kill("worker")
        killed_at, state = server.query("SELECT done, state FROM key_work")[0]
        assert 0 < killed_at < CUSTOMERS_THERE
        assert state == "running"
        assert "still needs an older key" in holdfast(server, "keys", "retire")
        customers.reach(2)
        # Not waiting until the dead worker's job is taken up by itself, half a minute later.
        assert "begins anew" in holdfast(server, "keys", "rewrap")
        until(lambda: server.query("SELECT state FROM key_work") == [("done",)], 120, server.report())
        customers.reach(2)
        until(
            lambda: "retired: customers 1, fields 1" in holdfast(server, "keys", "retire"),
            30,
            "the old keys are retired",
        )
        customers.reach(2)
    assert customers.errors == []
    assert "fields: generation 2\n" in holdfast(server, "keys", "status")
    assert server.query("SELECT DISTINCT get_byte(wrapped, 0) FROM customer_key") == [(2,)]

    source.path.unlink()
    for name in ("serve", "worker"):
        server.kill(name)
    server.wait_healthy()
    with load(server, 100_000) as again:
        again.reach(3)
    assert again.errors == []
    server.wait_healthy()
    assert server.service("worker").is_running()


def test_a_wrong_key_stops_the_start_with_its_name_and_the_doctor_says_how_to_repair_it(server: Holdfast) -> None:
    keys = server.data_dir / "keys"
    (right,) = [key for key in keys.glob("*.key") if key.name != "audit-signing.key"]
    aside = right.rename(server.data_dir / "aside")
    try:
        (keys / "master.key").write_text("ef" * 32)
        (keys / "master.key").chmod(0o600)
        for command in ("serve", "worker"):
            said = holdfast(server, command)
            assert "this database was sealed with master key" in said
            assert "Traceback" not in said
        said = holdfast(server, "doctor")
        assert "FAULT    sealing keys: this database was sealed with master key" in said
        assert "put that key back" in said
    finally:
        aside.rename(right)
        (keys / "master.key").unlink()
    assert "ok       sealing keys" in holdfast(server, "doctor")
