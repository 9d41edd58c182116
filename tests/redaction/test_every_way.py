"""A phrase and a key are really sent through every way in (ways.py), and are found nowhere: not in the database, its
files and its write-ahead log, not in files, logs, answers and frames, not in a backup or what is restored from it."""

import json
import shutil
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, TypeVar

import pytest

from holdfast.app.demo_organisation import PASSWORD
from tests.redaction.outside import send_by_tracker, send_letters
from tests.redaction.sending import (
    read_what_goes_out,
    send_about_impostors,
    send_everything,
    send_otherwise,
    send_to_what_refuses,
)
from tests.redaction.staff import SECRETS, THREE, Staff, set_up
from tests.redaction.traces import dump, make_backup, restored, settle, traces_in, traces_under
from tests.redaction.ways import LETTERS
from tests.support.chat_client import Agent, Client, Customer
from tests.support.github import github
from tests.support.journal import Journal
from tests.support.server import Holdfast, free_port, running
from tests.support.waiting import eventually

AnyClient = TypeVar("AnyClient", bound=Client)


@pytest.fixture(scope="module")
def receiver() -> Iterator[HTTPServer]:
    """Somebody else's system, to which webhooks go; ``bodies`` are what it was sent."""

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["content-length"])).decode())
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the name of its base
            """Nothing on the terminal."""

    bodies: list[str] = []
    server = HTTPServer(("127.0.0.1", 0), Taking)
    server.bodies = bodies  # type: ignore[attr-defined]  # for the test
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(10)


@pytest.fixture(scope="module")
def doors() -> tuple[int, int]:
    """The ports of the listener for letters and of the tracker."""
    return free_port(), free_port()


@pytest.fixture(scope="module")
def holdfast(receiver: HTTPServer, doors: tuple[int, int]) -> Iterator[Holdfast]:
    """A whole installation whose database archives its log."""
    folder = Path(tempfile.mkdtemp(prefix="holdfast-ways-"))
    archive = folder / "archive"
    archive.mkdir()
    archive.chmod(0o777)
    folder.chmod(0o755)
    try:
        prepared = Holdfast(folder, free_port())
        prepared.prepare(50)
        (folder / "postgres" / "local.conf").write_text(
            f"archive_mode = on\narchive_command = 'cp %p {archive}/%f'\nwal_compression = off\n"
        )
        assert traces_under(folder) == [], "the traces are no good: they are there before anything was sent"
        outgoing = {
            "HOLDFAST_OUTGOING_HTTP_HOSTS": f"127.0.0.1:{receiver.server_port},127.0.0.1:{doors[1]}",
            "HOLDFAST_MAIL_LISTEN": f"lmtp://127.0.0.1:{doors[0]}",
            "HOLDFAST_OUTGOING_NETWORKS": "127.0.0.0/8",
        }
        with running(folder=folder, environment=outgoing) as server:
            server.identity_secret = prepared.identity_secret
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal(tmp_path / "journal.jsonl")
    yield made
    made.close()


class Stopping:
    """Ends the clients of a test, however it ends."""

    def __init__(self) -> None:
        self.clients: list[Client] = []

    def __call__(self, client: AnyClient) -> AnyClient:
        self.clients.append(client)
        return client


@pytest.fixture
async def stopping() -> AsyncIterator[Stopping]:
    made = Stopping()
    yield made
    for client in made.clients:
        await client.stop()


@pytest.fixture
async def staff(holdfast: Holdfast) -> AsyncIterator[Staff]:
    made = Staff(holdfast)
    yield made
    await made.close()


async def test_no_way_in_leads_anywhere(
    holdfast: Holdfast,
    receiver: HTTPServer,
    doors: tuple[int, int],
    staff: Staff,
    journal: Journal,
    stopping: Stopping,
) -> None:
    await set_up(staff, receiver)
    customer = stopping(Customer("lin", holdfast.origin, journal))
    await customer.open("Good morning")
    await customer.live.wait()
    agent = stopping(Agent("karin", holdfast.origin, journal))
    await agent.sign_in("karin@holdfast.example", PASSWORD)
    await eventually(lambda: customer.conversation in agent.mine, 20, "karin has the conversation")
    for secret in SECRETS:
        customer.say(f"Here it is: {secret}")
        agent.say(customer.conversation, f"You sent {secret}")
        last = agent.say(customer.conversation, secret, kind="note")
    await agent.until(
        lambda: any(entry.key == last for view in agent.views.values() for entry in view.entries), seconds=20
    )
    await customer.until(lambda: sum(e.event == "redacted" for e in customer.view.entries) >= 4)
    await send_everything(staff)
    await send_otherwise(staff)
    await send_about_impostors(staff)
    await send_to_what_refuses(staff)
    assert await send_letters(staff, doors[0]) == LETTERS.keys()
    async with github(port=doors[1]) as hub:
        await send_by_tracker(staff, hub)
    await read_what_goes_out(staff)
    bodies: list[str] = receiver.bodies  # type: ignore[attr-defined]  # of the fixture
    await eventually(lambda: any("conversation.rated" in body for body in bodies), 30, "the webhook has all")
    assert any("recovery_phrase" in body for body in bodies)
    assert traces_in("".join(bodies)) == []
    heard = json.dumps([customer.frames, agent.frames], ensure_ascii=False)

    assert len(staff.answers) > 80
    assert [answer for answer in staff.answers if traces_in(answer)] == []
    assert traces_in(heard) == []
    settle(holdfast)
    assert traces_in(dump(holdfast)) == []
    assert traces_under(holdfast.data_dir) == []
    found = holdfast.query("SELECT kind, place, author, count(*) FROM exposure GROUP BY 1, 2, 3")
    assert {(kind, place, author) for kind, place, author, _ in found} >= {
        (kind, place, author)
        for kind in ("recovery_phrase", "private_key")
        for place, author in (
            ("message", "customer"),
            ("message", "agent"),
            ("note", "agent"),
            ("attachment", "customer"),
            ("attachment", "agent"),
        )
    }


async def test_a_phrase_in_three_messages_is_not_on_the_disk(
    holdfast: Holdfast, journal: Journal, stopping: Stopping, tmp_path: Path
) -> None:
    """Neither while it is typed, nor when the process is killed in between, nor when it is complete; nor in a backup
    made at any of these times, nor in what is restored from it."""
    customer = stopping(Customer("typist", holdfast.origin, journal))
    await customer.open("Hello")
    await customer.live.wait()
    for piece in THREE[:2]:
        key = customer.say(piece)
        await customer.until(lambda key=key: any(e.key == key for e in customer.view.entries))  # type: ignore[misc]  # mypy infers no lambda that has a default
    assert [e.body for e in customer.view.entries if e.body][-2:] == THREE[:2]
    row = holdfast.query(
        "SELECT array_agg(replace(id::text, '-', '')) FROM fragment WHERE conversation_id = %s", [customer.conversation]
    )
    keys = [holdfast.data_dir / "fragment-keys" / name[-2:] / name for name in row[0][0]]
    assert [key.exists() for key in keys] == [True, True]
    settle(holdfast)
    assert traces_under(holdfast.data_dir) == []
    early = make_backup(holdfast, tmp_path / "early.tar")

    holdfast.kill("serve")
    holdfast.wait_healthy()
    key = customer.say(THREE[2])
    await customer.until(lambda: any(e.event == "redacted" for e in customer.view.entries), seconds=30)
    said = [e.body for e in customer.view.entries if e.key == key]
    assert said == ["[⛔ recovery_phrase·12]"]
    await eventually(lambda: not any(key.exists() for key in keys), 20, "the keys are destroyed")
    settle(holdfast)
    assert traces_in(dump(holdfast)) == []
    assert traces_under(holdfast.data_dir) == []
    late = make_backup(holdfast, tmp_path / "late.tar")
    for archive in (early, late):
        assert traces_in(restored(archive, tmp_path / archive.stem)) == []
        assert traces_under(tmp_path / archive.stem) == []
