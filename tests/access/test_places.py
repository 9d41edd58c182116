"""Second places really get checkpoints, and the command reads them back: file, mail, and a server on the web."""

import json
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from holdfast.access import sealing
from holdfast.access.audit import record
from holdfast.access.checkpoints import DamagedCheckpoints, File, NotTaken, Web, read
from holdfast.access.seals import Checkpoint, Statement, public_hex, sign
from holdfast.access.signing import load_signing_key, read_public_key
from holdfast.access.viewer import SystemViewer
from holdfast.app import cli
from holdfast.app.audit_sealing import Mail, second_places
from holdfast.core.database import Database
from holdfast.core.outgoing import Outgoing, Rules
from holdfast.core.settings import Settings, SettingsError, load
from tests.access.support import KEY, PUBLIC, Log
from tests.people.support import House


def checkpoint(number: int = 1) -> Checkpoint:
    return sign(KEY, Statement(number, "2026-11-26T00:00:00.000000+00:00", 1, number, "00" * 32, "00" * 32))


class Shelf(BaseHTTPRequestHandler):
    """An object store that never replaces what is there."""

    kept: dict[str, str]
    asked: list[dict[str, str]]

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        self.asked.append({name.lower(): value for name, value in self.headers.items()})
        status = 412 if self.path in self.kept else 201
        self.kept.setdefault(self.path, body)
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def shelf() -> Iterator[tuple[str, type[Shelf]]]:
    handler = type("OneShelf", (Shelf,), {"kept": {}, "asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/seals/", handler
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
async def log(fresh_database_url: str) -> AsyncIterator[Log]:
    database = Database(fresh_database_url)
    yield Log(database, fresh_database_url)
    await database.close()


async def test_a_file_gets_a_line_each_and_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "elsewhere" / "seals.jsonl"
    place = File(path)
    made = [checkpoint(number) for number in (1, 2, 3)]
    for one in made:
        await place.put(one)
    assert list(read(path)) == made
    path.write_text(path.read_text() + '{"statement": 1}\n')
    with pytest.raises(DamagedCheckpoints, match="line 4"):
        list(read(path))


async def test_the_web_gets_one_object_a_seal_and_a_refusal_is_an_error(shelf: tuple[str, type[Shelf]]) -> None:
    address, handler = shelf
    host = urlsplit(address).netloc
    rules = Rules(networks=(ip_network("127.0.0.0/8"),), clear=frozenset({host}))
    place = Web(Outgoing(rules), address, "Bearer a-token", every=0)
    await place.put(checkpoint(42))
    assert json.loads(handler.kept["/seals/seal-000000000042.json"])["statement"]["number"] == 42
    assert handler.asked[0]["authorization"] == "Bearer a-token"
    assert handler.asked[0]["if-none-match"] == "*"
    with pytest.raises(NotTaken, match="412"):
        await place.put(checkpoint(42))
    with pytest.raises(ValueError, match="http"):
        Web(Outgoing(rules), "file:///etc/passwd", None, 0)


async def test_a_mail_is_given_back_to_the_command_as_it_is(house: House, tmp_path: Path) -> None:
    place = Mail(house.database, "archive@example.org", "Lantern", 60)
    await place.put(checkpoint(7))
    (mail,) = await house.mails()
    assert (mail.to, mail.subject) == ("archive@example.org", "Checkpoint 7 of the audit log of Lantern")
    saved = tmp_path / "saved.eml"
    saved.write_text(f"From: hotline\nSubject: {mail.subject}\n\n{mail.text}")
    assert list(read(saved)) == [checkpoint(7)]


async def test_what_did_not_arrive_is_sent_with_the_next_seal(log: Log, tmp_path: Path) -> None:
    class Away(File):
        away = True

        async def put(self, checkpoint: Checkpoint) -> None:
            if self.away:
                raise OSError("the disk is away")
            await super().put(checkpoint)

    quick, away = File(tmp_path / "quick"), Away(tmp_path / "away")
    slow = File(tmp_path / "slow", every=3600)
    places = [quick, away, slow]
    for size in (2, 3):
        await log.sealed(size)
        await sealing.send_checkpoints(log.database, places)
        # Nothing new: nothing is sent.
        await sealing.send_checkpoints(log.database, places)
    away.away = False
    await sealing.send_checkpoints(log.database, places)
    assert [one.statement.number for one in read(tmp_path / "quick")] == [1, 2]
    assert [one.statement.number for one in read(tmp_path / "away")] == [2]
    assert [one.statement.number for one in read(tmp_path / "slow")] == [1]
    assert await log.findings(list(read(tmp_path / "quick"))) == []


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "audit-signing.key"
    key = load_signing_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert public_hex(load_signing_key(path).public_key()) == public_hex(key.public_key())
    given = load_signing_key(tmp_path / "none", "73" * 32)
    assert public_hex(given.public_key()) == public_hex(PUBLIC)
    assert not (tmp_path / "none").exists()
    with pytest.raises(SettingsError, match="HOLDFAST_AUDIT_KEY"):
        load({"HOLDFAST_AUDIT_KEY": "short"})


async def test_each_place_that_is_set_up_is_used(house: House, tmp_path: Path) -> None:
    settings = replace(
        Settings(),
        checkpoint_file=tmp_path / "seals",
        checkpoint_mail="archive@example.org",
        checkpoint_url="https://store.example/seals?secret=1",
    )
    names = [place.name for place in second_places(settings, house.database)]
    assert names == [f"file:{tmp_path / 'seals'}", "mail:archive@example.org", "https://store.example/seals"]
    assert second_places(Settings(), house.database) == []


class Command:
    """``holdfast audit`` on a test's database."""

    def __init__(self, dsn: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
        self.capsys = capsys
        monkeypatch.setenv("HOLDFAST_DATABASE_URL", dsn)
        monkeypatch.setenv("HOLDFAST_DATA_DIR", str(folder))
        monkeypatch.setenv("HOLDFAST_AUDIT_KEY", "73" * 32)

    def __call__(self, *words: str) -> tuple[int, str]:
        status = cli.main(["audit", *words])
        said = self.capsys.readouterr()
        return status, said.out + said.err


def write_and_seal(dsn: str) -> list[str]:
    """In a loop of its own: the command has its own too."""
    import asyncio

    async def work() -> list[str]:
        database = Database(dsn)
        log = Log(database, dsn)
        async with database.transaction() as session:
            record(session, SystemViewer("test"), "test.done", ("thing", uuid4()), network="203.0.113.7")
        made = await log.sealed(3) if await log.seal() else []
        kept = [one.line() for one in await log.checkpoints()]
        await database.close()
        assert made
        return kept

    return asyncio.run(work())


def test_the_command_says_what_is_wrong_and_how_fast(
    fresh_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    audit = Command(fresh_database_url, tmp_path, monkeypatch, capsys)
    kept = write_and_seal(fresh_database_url)
    status, said = audit("verify")
    assert status == 0, said
    assert "4 entries in 2 seals" in said
    assert "entries/s" in said
    assert "No checkpoints were given" in said
    second = tmp_path / "second"
    second.write_text("\n".join(kept) + "\n")
    status, said = audit("verify", "--checkpoints", str(second))
    assert (status, "2 checkpoints" in said, "No checkpoints" in said) == (0, True, False)

    public = tmp_path / "public"
    status, said = audit("public-key")
    assert said.strip() == public_hex(PUBLIC)
    public.write_text(said)
    assert public_hex(read_public_key(public)) == public_hex(PUBLIC)
    public.write_text("00" * 32)
    status, said = audit("verify", "--public-key", str(public))
    assert (status, "WRONG  signature_wrong: seal 1" in said) == (1, True)

    exported = tmp_path / "log.jsonl"
    assert audit("export", str(exported))[0] == 0
    rows = [json.loads(line) for line in exported.read_text().splitlines()]
    assert [("action" in row, "statement" in row) for row in rows] == [(True, False)] * 4 + [(False, True)] * 2
    assert "203.0.113.7" not in exported.read_text()

    Log(None, fresh_database_url).vandal("UPDATE audit_entry SET action = 'test.nothing'")  # type: ignore[arg-type]  # vandal asks no database
    status, said = audit("verify")
    assert status == 1
    assert said.count("WRONG  entry_changed: ") == 4
    assert "THE LOG WAS CHANGED" in said


def test_a_proof_is_checked_without_a_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    audit = Command("postgresql://nowhere.invalid/none", tmp_path, monkeypatch, capsys)
    from holdfast.access import merkle, seals

    entry = {"id": "1", "at": "2026-11-26", "action": "customer.field_shown"}
    leaves = [seals.leaf(entry), b"2" * 32, b"3" * 32]
    statement = Statement(1, "2026-11-26T00:00:00.000000+00:00", 3, 3, merkle.root(leaves).hex(), "00" * 32)
    path = [step.hex() for step in merkle.path(leaves, 0)]
    proof = {
        "entry": entry,
        "index": 0,
        "path": path,
        "seal": json.loads(sign(KEY, statement).line()),
        "public_key": public_hex(PUBLIC),
    }
    file = tmp_path / "proof.json"
    file.write_text(json.dumps([proof]))
    status, said = audit("verify-proof", str(file))
    assert status == 0
    assert said.startswith("proven 2026-11-26 customer.field_shown in seal 1")
    file.write_text(json.dumps({**proof, "entry": {**entry, "action": "nothing"}}))
    status, said = audit("verify-proof", str(file))
    assert (status, said.startswith("WRONG")) == (1, True)
    file.write_text("{}")
    assert audit("verify-proof", str(file))[0] == 1
