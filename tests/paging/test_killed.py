"""A whole Holdfast whose processes are killed while a page is on its way: it arrives, again rather than never."""

import asyncio
import email
import email.policy
import sys
from collections.abc import Iterator
from threading import Event
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller

from holdfast.core.database import Database
from holdfast.paging import pages
from tests.support.server import Holdfast, free_port, running
from tests.support.waiting import until

# Not a demo: mails go out.
UP = (sys.executable, "-m", "holdfast.app.cli", "up")


class Box:
    """A server of mail that keeps pages. The first never gets its answer: whoever brings it is killed meanwhile."""

    def __init__(self) -> None:
        self.began = Event()
        self.got: list[tuple[str, str]] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802 - its name there
        # A new installation also tells its leads that nobody is on call.
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        if "/page/" not in mail.get_content():
            return "250 OK"
        if not self.began.is_set():
            self.began.set()
            await asyncio.Event().wait()
        self.got.append((envelope.rcpt_tos[0], str(mail["message-id"])))
        return "250 OK"

    def to(self, who: str) -> list[str]:
        return [identity for address, identity in self.got if address.startswith(f"{who}@")]


@pytest.fixture(scope="module")
def box() -> Box:
    return Box()


@pytest.fixture(scope="module")
def holdfast(box: Box) -> Iterator[Holdfast]:
    port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        with running(command=UP, environment={"HOLDFAST_SMTP_URL": f"smtp://127.0.0.1:{port}"}) as made:
            yield made
    finally:
        controller.stop()


def _person(holdfast: Holdfast, who: str) -> str:
    return str(holdfast.query("SELECT id FROM agent WHERE email LIKE %s", [f"{who}@%"])[0][0])


def _policy(holdfast: Holdfast, *people: str) -> None:
    steps = ", ".join(f'{{"minutes": 60, "agents": ["{_person(holdfast, who)}"]}}' for who in people)
    holdfast.execute(
        "INSERT INTO paging_policy VALUES ('health', %s::jsonb, %s, now())",
        [f"[{steps}]", _person(holdfast, "karin")],
    )


async def _raise(dsn: str) -> UUID:
    database = Database(dsn, pool_size=1)
    try:
        async with database.transaction() as session:
            return await pages.raise_page(session, "health_alarm", "health", "disk:var")
    finally:
        await database.close()


def _time_passes(holdfast: Holdfast) -> None:
    """The wait of the step is over. Nobody is told: who looks finds it."""
    holdfast.execute("UPDATE page SET due = now()")
    holdfast.execute("UPDATE due SET at = now() WHERE kind = 'page'")


@pytest.mark.timeout(300)
def test_a_page_survives_the_death_of_every_process(holdfast: Holdfast, box: Box) -> None:
    _policy(holdfast, "ana", "wei", "karin")
    page_id = asyncio.run(_raise(holdfast.dsn))
    assert box.began.wait(30), holdfast.report()
    # Between the claim and the answer: nobody knows whether it went.
    killed = holdfast.kill("worker")
    assert holdfast.query("SELECT state, attempts FROM page_delivery") == [("waiting", 0)]
    until(lambda: _again(holdfast, killed), 60, "the supervisor starts a worker")
    until(lambda: bool(box.to("ana")), 60, f"Ana is told by the next one: {holdfast.report()}")

    # Between two steps: the worker is dead when the time of the second comes.
    until(lambda: not holdfast.query("SELECT 1 FROM page_delivery WHERE state = 'waiting'"), 30, "it is settled")
    holdfast.kill("worker")
    _time_passes(holdfast)
    until(lambda: bool(box.to("wei")), 60, f"Wei is told: {holdfast.report()}")

    # Every process at once, PostgreSQL too.
    until(lambda: not holdfast.query("SELECT 1 FROM page_delivery WHERE state = 'waiting'"), 30, "it is settled")
    _time_passes(holdfast)
    for part in ("worker", "serve", "postgres"):
        holdfast.kill(part)
    until(lambda: bool(box.to("karin")), 120, f"Karin is told: {holdfast.report()}")
    told = holdfast.query("SELECT kind, step FROM page_event WHERE page_id = %s ORDER BY id", [str(page_id)])
    assert told[:4] == [("raised", None), ("told", 0), ("told", 1), ("told", 2)]
    # Sent again under the same id, never as another mail.
    for who in ("ana", "wei", "karin"):
        assert len(set(box.to(who))) == 1


def _again(holdfast: Holdfast, killed: int) -> bool:
    try:
        return bool(holdfast.service("worker").pid != killed)
    except LookupError:
        return False
