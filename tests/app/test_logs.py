"""No log holds a secret, whoever wrote the line: we, a library, the web server, the interpreter itself."""

import io
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from holdfast.app import logs
from holdfast.app.service import Service
from tests.redaction.ways import KEY, PHRASE
from tests.support.waiting import until

SECRETS = (PHRASE, KEY)


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What a root handler writes that somebody else has set up before us."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    hooks = sys.excepthook, threading.excepthook
    root.addHandler(handler)
    logs.set_up("info")
    yield stream
    root.removeHandler(handler)
    sys.excepthook, threading.excepthook = hooks


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("name", ["holdfast.channels.chat", "uvicorn.error", "sqlalchemy.engine", "asyncio"])
def test_a_line_and_its_traceback_are_redacted(written: io.StringIO, name: str, secret: str) -> None:
    logger = logging.getLogger(name)
    logger.error("refused: %s", secret)
    try:
        raise ValueError(f"not a number: {secret}")
    except ValueError:
        logger.exception("it failed")
    text = written.getvalue()
    assert secret not in text
    assert text.count("[⛔") >= 2
    assert "Traceback" in text
    assert "ValueError" in text


def test_an_ordinary_line_stays_as_it_is(written: io.StringIO) -> None:
    logging.getLogger("holdfast").error("request 01a2 to GET /api/conversations failed")
    assert written.getvalue().endswith("ERROR holdfast: request 01a2 to GET /api/conversations failed\n")


@pytest.mark.parametrize("where", ["raise ValueError(secret)", "Thread(target=int, args=(secret,)).start()"])
def test_what_ends_a_process_or_a_thread_is_redacted(where: str) -> None:
    code = f"from threading import Thread; from holdfast.app import logs; logs.set_up('info'); secret={KEY!r}; {where}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "ValueError" in done.stderr
    assert KEY not in done.stderr
    assert "[⛔ private_key]" in done.stderr


def test_the_supervisor_redacts_what_a_child_writes_by_itself(tmp_path: Path) -> None:
    said: list[str] = []
    log = tmp_path / "logs" / "child.log"
    code = f"import sys; print({KEY!r}); sys.stderr.write('words: ' + {PHRASE!r}); sys.exit(3)"
    service = Service("child", [sys.executable, "-c", code], {}, log, said.append)
    service.start()
    service.wait(20)
    until(lambda: log.read_text().count("[⛔") == 2, 10, "both lines are in the log")
    service.keep()
    service.wait(20)
    text = log.read_text() + "\n".join(said)
    assert not [secret for secret in SECRETS if secret in text]
