"""Every letter ends in exactly one place, whatever dies meanwhile: worker, PostgreSQL, Dovecot and Postfix.

A real Postfix takes the letters and delivers them to Holdfast's listener (LMTP), or to a real Dovecot, from which
Holdfast fetches them (IMAP). What Holdfast sends goes out over the same Postfix, into Dovecot's mailboxes of the
customers, or comes back. ``HOLDFAST_CHAOS=soak`` plays 2,000 letters (``make soak``).
"""

import os
import re
import smtplib
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from pathlib import Path

import dkim  # type: ignore[import-untyped]
import psycopg
import pytest

from holdfast.core.embedded_postgres.errors import EmbeddedPostgresError
from tests.chaos.letters import CHINESE, ENGLISH, GONE, Sent, letters
from tests.support import mail_servers
from tests.support.mail_desk import ask
from tests.support.mail_servers import PASSWORD, Dovecot, Postfix, free_port
from tests.support.server import Holdfast, running
from tests.support.waiting import until

SOAK = os.environ.get("HOLDFAST_CHAOS") == "soak"
LETTERS = 2_000 if SOAK else 108
LARGE = 5 if SOAK else 1
_SECONDS = 900.0 if SOAK else 150.0
_MARK = re.compile(r"mark\d{5}x")

pytestmark = pytest.mark.skipif(bool(mail_servers.missing()), reason=mail_servers.missing())


def _send(postfix: Postfix, letter: Sent) -> None:
    """Until Postfix says 250. What it took and could not say is sent again, as any programme does."""

    def taken() -> bool:
        try:
            with smtplib.SMTP("127.0.0.1", postfix.port, timeout=60) as server:
                server.sendmail(letter.sender, [letter.to], letter.raw)
        except (OSError, smtplib.SMTPException):
            return False
        return True

    until(taken, 120, f"Postfix takes {letter.kind}: {postfix.report()}")


def _send_all(postfix: Postfix, some: list[Sent]) -> None:
    for letter in some:
        _send(postfix, letter)


def _runs(server: Holdfast) -> bool:
    try:
        return bool(server.service("worker").is_running())
    except LookupError:
        return False


def _deaths(server: Holdfast, dovecot: Dovecot, postfix: Postfix) -> list[Callable[[], object]]:
    def kill_dovecot() -> None:
        dovecot.kill()
        dovecot.start()

    def kill_postfix() -> None:
        postfix.kill()
        postfix.start()

    def kill_worker() -> None:
        until(lambda: _runs(server), 60, "a worker runs")
        server.kill("worker")

    def kill_postgres() -> None:
        server.wait_healthy()
        server.kill("postgres")

    once: list[Callable[[], object]] = [kill_worker, kill_postgres, kill_dovecot, kill_postfix, kill_worker]
    return once * (4 if SOAK else 1)


def _stored(server: Holdfast) -> int:
    """Letters that are stored; none while the database is away."""
    try:
        return int(server.query("SELECT count(*) FROM letter")[0][0])
    except (psycopg.Error, EmbeddedPostgresError):
        return 0


def _play(server: Holdfast, dovecot: Dovecot, postfix: Postfix, sent: list[Sent]) -> None:
    """Send from two threads, and let something die in the middle of each share of the letters: only what works can be
    stopped in its work, so half a share must have come in since the death before."""
    deaths = _deaths(server, dovecot, postfix)
    share = len(sent) // (len(deaths) + 1)
    for number, death in enumerate([*deaths, None]):
        part = sent[number * share : (number + 1) * share if death else len(sent)]
        threads = [threading.Thread(target=_send_all, args=(postfix, half)) for half in (part[::2], part[1::2])]
        for thread in threads:
            thread.start()
        if death is not None:
            enough = number * share + share // 2
            until(lambda: _stored(server) >= enough, _SECONDS, f"letters come in: {server.report()}")  # noqa: B023
            death()
        for thread in threads:
            thread.join()


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not pytest's own: every run of pytest on the machine closes that to the servers' accounts."""
    with tempfile.TemporaryDirectory(prefix="holdfast-mail-") as name:
        yield Path(name)


def test_every_letter_is_in_one_place_and_answered_once(folder: Path) -> None:
    lmtp, relay = free_port(), free_port()
    environment = {
        "HOLDFAST_MAIL_LISTEN": f"lmtp://127.0.0.1:{lmtp}",
        "HOLDFAST_SMTP_URL": f"smtp://127.0.0.1:{relay}",
        "HOLDFAST_PUBLIC_URL": "https://help.wallet.example",
    }
    command = (sys.executable, "-m", "holdfast.app.cli", "up")
    with mail_servers.dovecot(folder / "dovecot") as dovecot, mail_servers.nobody() as nobody:
        inside = f"lmtp:inet:127.0.0.1:{dovecot.lmtp}"
        routes = {
            ENGLISH: f"lmtp:inet:127.0.0.1:{lmtp}",
            CHINESE: inside,
            # Postfix takes them, learns that there is nobody, and reports it.
            GONE: f"smtp:[127.0.0.1]:{nobody.port}",
            "*": inside,
        }
        with (
            mail_servers.postfix(folder / "postfix", routes, port=relay) as postfix,
            running(command=command, environment=environment) as server,
        ):
            _whole(server, dovecot, postfix)


def _whole(server: Holdfast, dovecot: Dovecot, postfix: Postfix) -> None:
    def desk(what: str, given: object = None) -> object:
        return ask(server.data_dir, server.dsn, what, given)

    desk(
        "mailboxes",
        [
            {"address": ENGLISH, "name": "Wallet help", "way": "lmtp"},
            {
                "address": CHINESE, "name": "Wallet 客服", "language": "zh-Hans", "way": "imap", "host": "127.0.0.1",
                "port": dovecot.imap, "security": "clear", "username": CHINESE, "password": PASSWORD,
            },
        ],
    )  # fmt: skip
    proven = [f"proven{n}@mail.example" for n in range(40)]
    desk("proven", [*proven, *(f"gone{n}@{GONE}" for n in range(9, LETTERS, 18))])

    # One conversation first: a stranger must know its address.
    first = Sent("mark99999x", "first", b"From: first@mail.example\r\nSubject: s\r\n\r\nmark99999x\r\n",
                 "first@mail.example", ENGLISH, "taken")  # fmt: skip
    _send(postfix, first)
    until(lambda: server.query("SELECT count(*) FROM mail_thread") == [(1,)], 60, f"the first came: {server.report()}")
    known = desk("addresses", ["first@mail.example"])
    assert isinstance(known, dict)
    sent = list(letters(LETTERS, LARGE, known["first@mail.example"]))

    _play(server, dovecot, postfix, sent)

    def all_came() -> bool:
        """Reports of delivery come on top."""
        postfix.flush()
        return bool(
            server.healthy()
            and server.query("SELECT count(*) FROM letter WHERE state <> 'bounce'")[0][0] >= len(sent) + 1
        )

    until(all_came, _SECONDS, f"all letters came: {postfix.report()}\n{server.report()}")
    answered = desk("answer", [one.mark for one in sent if one.kind == "gb2312"])
    assert answered
    settled = "SELECT count(*) FROM sent_letter WHERE state = 'waiting'"
    until(lambda: server.query(settled) == [(0,)] and postfix.waiting() == 0, _SECONDS, f"all went: {postfix.report()}")
    bounced = sum(one.kind == "gone" for one in sent)
    until(
        lambda: server.query("SELECT count(*) FROM letter WHERE state = 'bounce'")[0][0] >= bounced,
        _SECONDS,
        f"reports came back: {server.report()}",
    )
    places = desk("places")
    assert isinstance(places, dict)
    deaths = len(_deaths(server, dovecot, postfix))
    _check_places([first, *sent], places, deaths)
    _check_answers(dovecot, sent, int(str(answered)))
    _check_doubles(postfix, server, places["sent"], deaths)


def _check_places(sent: list[Sent], places: dict[str, list[dict[str, str]]], deaths: int) -> None:
    states = Counter(letter["state"] for letter in places["letters"])
    found: dict[str, list[str]] = {}
    for letter in places["letters"]:
        for mark in set(_MARK.findall(letter["text"])):
            found.setdefault(mark, []).append(letter["state"])
    wrong = [(one.mark, one.kind, one.place, found.get(one.mark)) for one in sent if found.get(one.mark) != [one.place]]
    assert not wrong, (wrong[:10], states)
    entries = Counter(mark for body in places["entries"] for mark in set(_MARK.findall(str(body))))
    assert all(entries[one.mark] == (one.place == "taken") for one in sent), entries.most_common(5)
    # Twice is reported what went again since a death left it without an outcome, or what Postfix had reported when it
    # died before it had forgotten the letter: one for each death.
    assert 0 <= states["bounce"] - sum(one.kind == "gone" for one in sent) <= deaths
    assert states["taken"] == sum(one.place == "taken" for one in sent)
    # One more would be a letter that nobody has sent: all others are ours that came back or those above.
    assert sum(states.values()) == len(sent) + states["bounce"]


def _check_answers(dovecot: Dovecot, sent: list[Sent], answered: int) -> None:
    """What customers got: one letter for each Message-ID, signed, with a check code; receipts without their words."""
    boxes = sorted(path.name for path in (dovecot.folder / "mail").iterdir())
    # The house writes to its own people, too: that nobody is on call.
    boxes = [box for box in boxes if not box.endswith("@holdfast.example")]
    assert not [box for box in boxes if box not in (CHINESE, *(one.sender for one in sent))]
    receipts, answers, ids = 0, 0, set[str]()
    for box in boxes:
        for raw in dovecot.stored(box) if box != CHINESE else []:
            message = message_from_bytes(raw, policy=policy.default)
            if message["Message-ID"] in ids:
                # What Postfix and Dovecot doubled between them when one of them died is not ours: see _check_doubles.
                continue
            ids.add(str(message["Message-ID"]))
            body = message.get_body(("plain",))
            assert body is not None
            text = body.get_content()
            if message["Auto-Submitted"] == "auto-replied":
                receipts += 1
                assert not _MARK.search(raw.decode("utf-8", "replace") + text), text
                assert "question" not in text
            else:
                answers += 1
                assert re.search(r"HF-\w{4}-\w{4}-\w{4}-\w{4}", text), text
            assert message.get_body(("html",)) is not None
            assert message["DKIM-Signature"]
    assert answers == answered
    # Within the budget: three a day to each proven address.
    wanted = Counter(one.sender for one in sent if one.kind == "proven")
    assert receipts == sum(min(3, times) for times in wanted.values())


def _check_doubles(postfix: Postfix, server: Holdfast, sent: list[dict[str, str]], deaths: int) -> None:
    """Postfix took a letter of ours twice only if a death left it without an outcome, one letter for each death."""
    log = (server.data_dir / "logs" / "worker.log").read_text(errors="replace")
    unknown = [letter["name"] for letter in sent if f"letter {letter['id']} goes again" in log]
    doubled = [name for name, times in postfix.taken().items() if name.startswith("<hf.") and times > 1]
    assert all(any(name.startswith(f"<{known}") for known in unknown) for name in doubled), (doubled, unknown)
    assert len(unknown) <= deaths


def test_a_signature_is_one_that_receivers_verify() -> None:
    from uuid import uuid4

    from holdfast.access import keys
    from holdfast.authenticity.codes import Stamp
    from holdfast.channels.mail import composing

    before = keys._ring
    keys.use_key_ring(keys.KeyRing(b"k" * 32))
    try:
        pem = composing.new_dkim_key()
        box = composing.From("钱包客服", "zh@wallet.example", "holdfast", pem)
        page = composing.answer(
            "提现",
            "你好\n\nhttps://wallet.example/x",
            composing.About(Stamp("apple", None), "zh-Hans", "https://h", "HF-1"),
        )
        raw = composing.letter(page, box, "li@example.net", uuid4(), 3, answers="a@b.c")
    finally:
        keys._ring = before
    record = composing.dkim_record(pem).encode()
    assert dkim.verify(raw, dnsfunc=lambda name, timeout=5: record)
    assert not dkim.verify(raw.replace(b"li@example.net", b"eve@example.net"), dnsfunc=lambda name, timeout=5: record)
