"""A process that the supervisor keeps: started, logged, started again with back-off, stopped."""

import logging
import logging.handlers
import os
import select
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

SUPERVISOR = "HOLDFAST_SUPERVISOR"
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 15.0
_STABLE_AFTER = 60.0
_ORPHAN_SECONDS = 8.0


def end_with_supervisor() -> None:
    """Called by a child: when the supervisor dies, also from a kill -9, SIGTERM comes, and 8 s later the end."""
    supervisor = int(os.environ.get(SUPERVISOR, "0"))
    if not supervisor:
        return
    try:
        handle = os.pidfd_open(supervisor)
    except ProcessLookupError:
        raise SystemExit("the supervisor is gone") from None
    if os.getppid() != supervisor:  # it died before we held on to it; the number is somebody else's
        raise SystemExit("the supervisor is gone")

    def watch() -> None:
        select.select([handle], [], [])
        os.kill(os.getpid(), signal.SIGTERM)
        # The database ends at the same moment: an orderly end may wait for it in vain.
        time.sleep(_ORPHAN_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def log_file(path: Path) -> logging.Handler:
    """A log of at most 5 x 10 MB, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    return logging.handlers.RotatingFileHandler(path, maxBytes=10 << 20, backupCount=4, encoding="utf-8")


class Service:
    """One child. Its output goes to ``log``, of which the last lines are kept for the report of its death."""

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path, say: Callable[[str], None]
    ) -> None:
        self.name = name
        self.restarts = 0
        self._command = list(command)
        self._environment = {**environment, SUPERVISOR: str(os.getpid()), "PYTHONUNBUFFERED": "1"}
        self._log_path = log
        self._log = log_file(log)
        self._say = say
        self._process: subprocess.Popen[str] | None = None
        self._last: deque[str] = deque(maxlen=5)
        self._begun = 0.0
        self._pause = _FIRST_PAUSE
        self._due = 0.0

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        self._last.clear()
        self._begun = time.monotonic()
        self._process = subprocess.Popen(
            self._command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,  # a terminal's Ctrl-C reaches the supervisor only, which stops things in order
        )
        threading.Thread(target=self._copy, args=(self._process,), daemon=True).start()

    def _copy(self, process: "subprocess.Popen[str]") -> None:
        if process.stdout is None:
            return
        # Not at the top: `holdfast up` says its first words before 20,000 words of ten lists are read.
        from holdfast.redaction import redact  # noqa: PLC0415

        for line in process.stdout:
            # Ours are redacted already; what the interpreter or a library writes by itself is not.
            said = redact(line.rstrip()).text
            self._last.append(said)
            self._log.emit(logging.LogRecord(self.name, logging.INFO, "", 0, said, None, None))

    def keep(self) -> float:
        """Start it again if it has died and the pause is over. Gives the seconds until that is due, 0 if it lives."""
        if self.alive():
            if self._pause > _FIRST_PAUSE and time.monotonic() - self._begun > _STABLE_AFTER:
                self._pause = _FIRST_PAUSE
            return 0.0
        current = time.monotonic()
        if not self._due:
            self._due = current + self._pause
            self._say(
                f"{self.name} ended ({self._how()}), starting it again in {self._pause:g} s; "
                f"its log is {self._log_path}" + "".join(f"\n    {line}" for line in self._last)
            )
            self._pause = min(self._pause * 2, _LONGEST_PAUSE)
        if current >= self._due:
            self._due = 0.0
            self.restarts += 1
            self.start()
            return 0.0
        return self._due - current

    def _how(self) -> str:
        code = self._process.returncode if self._process else 0
        if code < 0:
            return f"killed by {signal.Signals(-code).name}"
        return f"exit status {code}"

    def tell(self, number: int) -> None:
        """Send a signal, if it lives."""
        if self.alive():
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def wait(self, seconds: float) -> bool:
        """Whether it has ended within ``seconds``."""
        if self._process is None:
            return True
        try:
            self._process.wait(max(0.0, seconds))
        except subprocess.TimeoutExpired:
            return False
        return True


def leftovers(supervisor: int) -> list[int]:
    """Living children of a supervisor that is gone, found by the mark in their environment."""
    mark = f"{SUPERVISOR}={supervisor}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with suppress(OSError):
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
    return found
