"""Which processes belong to a data folder, read from /proc (Linux).

A process id alone proves nothing: after a crash or a reboot the number may belong to somebody else. PostgreSQL makes
the data folder its working directory, so that name, working directory and start time together identify its processes.
"""

import os
import select
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
# postmaster.pid holds whole seconds, /proc hundredths since a boot time that is itself rounded.
_CLOCK_TOLERANCE = 3.0


@dataclass(frozen=True, slots=True)
class PidFile:
    """The lines of ``postmaster.pid``. ``started`` is a Unix time in seconds; ``status`` such as ``ready``."""

    pid: int
    started: int
    socket_dir: str
    status: str


def read_pid_file(data: Path) -> PidFile | None:
    """The pid file of a data folder, or None if there is none or it is not (yet) whole."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        return PidFile(int(lines[0]), int(lines[2]), lines[4], lines[7].strip() if len(lines) > 7 else "")
    except (OSError, ValueError, IndexError):
        return None


def _boot_time() -> float:
    with Path("/proc/stat").open() as lines:
        return next(float(line.split()[1]) for line in lines if line.startswith("btime "))


def _stat(pid: int) -> tuple[str, str, float] | None:
    """Name, state letter and start as a Unix time of a process, or None if it is gone."""
    try:
        text = (PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    # The name stands in parentheses and may hold anything, also parentheses.
    name, _, rest = text.partition("(")[2].rpartition(")")
    fields = rest.split()
    return name, fields[0], _boot_time() + int(fields[19]) / os.sysconf("SC_CLK_TCK")


def alive(pid: int) -> bool:
    """Whether the process exists and is not a zombie."""
    found = _stat(pid)
    return found is not None and found[1] not in "ZX"


def belongs(pid: int, data: Path) -> bool:
    """Whether ``pid`` is a living PostgreSQL process whose data folder is ``data``."""
    found = _stat(pid)
    if found is None or found[0] != "postgres" or found[1] in "ZX":
        return False
    try:
        return (PROC / str(pid) / "cwd").samefile(data)
    except OSError:
        return False


def postmaster(data: Path) -> PidFile | None:
    """The pid file of the server that runs on ``data``, or None if no such server lives (a stale file)."""
    found = read_pid_file(data)
    if found is None or not belongs(found.pid, data):
        return None
    process = _stat(found.pid)
    # The server writes its start some milliseconds after the process began; a later process with the number is not it.
    if process is None or process[2] > found.started + _CLOCK_TOLERANCE:
        return None
    return found


def all_of(data: Path) -> list[int]:
    """The ids of every PostgreSQL process that has ``data`` as its data folder, orphans included."""
    return [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit() and belongs(int(entry.name), data)]


def signal_all(pids: list[int], number: int) -> None:
    """Send a signal to each; those that are gone meanwhile are skipped."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def wait_gone(pid: int, seconds: float) -> bool:
    """Wait until a process that need not be our child has ended; False if it still lives after ``seconds``."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], seconds)[0])
    finally:
        os.close(handle)


def wait_until(condition: Callable[[], bool], seconds: float, every: float = 0.02) -> bool:
    """Look again and again until ``condition`` holds; False after ``seconds``."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True
