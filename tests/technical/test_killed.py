"""A whole Holdfast whose worker is killed while an issue is being made, and while customers are being told."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import httpx
import psycopg
import pytest

from holdfast.app.demo_organisation import DOMAIN, PASSWORD
from tests.support.github import SECRET, TOKEN, GitHub, github
from tests.support.outside import Heard
from tests.support.server import Holdfast, free_port, running
from tests.support.waiting import until

MANY = 6


class Hub:
    """The stand-in in a thread of its own: it goes on while processes die. The first issue that is made there is never
    answered; ``began`` says that it was made."""

    def __init__(self) -> None:
        self.port = free_port()
        self.began = threading.Event()
        self.made: GitHub | None = None
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._end = asyncio.Event()
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._serve()), daemon=True)
        self._thread.start()
        assert self._ready.wait(10)

    async def _serve(self) -> None:
        async with github(self.port) as self.made:
            self.made.after = self._after
            self._ready.set()
            await self._end.wait()

    async def _after(self, heard: Heard) -> None:
        if heard.method == "POST" and not self.began.is_set():
            self.began.set()
            await self._end.wait()

    @property
    def issues(self) -> int:
        assert self.made is not None
        return len(self.made.issues)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(10)


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    made = Hub()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def holdfast(hub: Hub) -> Iterator[Holdfast]:
    outside = {
        "HOLDFAST_OUTGOING_NETWORKS": "127.0.0.0/8",
        "HOLDFAST_OUTGOING_HTTP_HOSTS": f"127.0.0.1:{hub.port}",
    }
    with running(environment=outside) as made:
        yield made


@contextmanager
def _signed_in(holdfast: Holdfast, who: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=holdfast.origin, headers={"origin": holdfast.origin}, timeout=20) as client:
        client.post("/api/session", json={"email": f"{who}@{DOMAIN}", "password": PASSWORD}).raise_for_status()
        yield client


def _linked(holdfast: Holdfast, karin: httpx.Client) -> tuple[str, list[str]]:
    """A case with many conversations."""
    conversations, case = [], None
    for _ in range(MANY):
        opening = {"inbox": "wallet", "k": str(uuid4()), "b": "It stays at zero", "language": "en"}
        made = httpx.post(f"{holdfast.origin}/api/widget/conversations", json=opening).raise_for_status().json()
        at = f"/api/conversations/{made['state']['id']}"
        karin.post(f"{at}/take", json={}).raise_for_status()
        to = {"case_id": case} if case else {"title": "Balances stay at zero"}
        handed = karin.post(f"{at}/handovers", json={"tried": "All of it", "asked": "Why?", **to}).raise_for_status()
        case = handed.json()[0]["case_id"]
        conversations.append(made["state"]["id"])
    assert case is not None
    return case, conversations


def _again(holdfast: Holdfast, killed: int) -> bool:
    try:
        return bool(holdfast.service("worker").pid != killed)
    except LookupError:
        return False


@pytest.mark.timeout(300)
def test_a_killed_worker_makes_one_issue_and_tells_each_customer_once(holdfast: Holdfast, hub: Hub) -> None:
    with _signed_in(holdfast, "lena") as lena:
        given = {"api": f"http://127.0.0.1:{hub.port}", "repository": "acme/wallet", "token": TOKEN, "secret": SECRET}
        lena.put("/api/technical/tracker", json=given).raise_for_status()
    with _signed_in(holdfast, "karin") as karin:
        case, conversations = _linked(holdfast, karin)
        karin.post(f"/api/technical/cases/{case}/issue").raise_for_status()
        # It was made there, and the answer never comes.
        assert hub.began.wait(30), holdfast.report()
        killed = holdfast.kill("worker")
        assert holdfast.query("SELECT state, attempts FROM technical_action") == [("waiting", 1)]
        until(lambda: _again(holdfast, killed), 60, "the supervisor starts a worker")
        holdfast.execute("UPDATE technical_action SET held_until = now()")
        until(
            lambda: holdfast.query("SELECT number FROM technical_issue") == [(1,)],
            60,
            f"it is found: {holdfast.report()}",
        )
        assert hub.issues == 1

        said = {"kind": "update", "texts": [{"language": "en", "text": "We work on it."}]}
        draft = karin.post(f"/api/technical/cases/{case}/announcements", json=said).raise_for_status().json()
        # The worker waits in the middle of them for a row that somebody holds.
        with psycopg.connect(holdfast.dsn) as held:
            held.execute("SELECT FROM conversation WHERE id = %s FOR NO KEY UPDATE", [conversations[MANY // 2]])
            karin.post(f"/api/technical/announcements/{draft['announcements'][0]['id']}/release").raise_for_status()
            until(lambda: _sent(holdfast) == MANY // 2, 60, f"half of them are told: {holdfast.report()}")
            killed = holdfast.kill("worker")
            held.rollback()
        until(lambda: _again(holdfast, killed), 60, "the supervisor starts a worker")
        until(lambda: _sent(holdfast) == MANY, 60, f"all of them are told: {holdfast.report()}")
    told = "SELECT conversation_id::text, count(*) FROM message WHERE source = 'technical' GROUP BY 1"
    assert dict(holdfast.query(told)) == dict.fromkeys(conversations, 1)


def _sent(holdfast: Holdfast) -> int:
    return int(holdfast.query("SELECT count(*) FROM technical_delivery WHERE state = 'sent'")[0][0])
