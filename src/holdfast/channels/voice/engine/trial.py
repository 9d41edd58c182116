"""An engine of one's own for the time of a block, on free ports of loopback: for the doctor, and for tests."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from holdfast.channels.voice.engine import running
from holdfast.channels.voice.engine.errors import EngineError
from holdfast.channels.voice.engine.layout import Layout, Reach, read_reach
from holdfast.channels.voice.settings import VoiceSettings

_READY = b"Asterisk Ready."
_READY_SECONDS, _STOP_SECONDS = 30.0, 10.0


@dataclass
class Engine:
    """A running engine: its folders, how it is reached, its process and what it has said."""

    layout: Layout
    reach: Reach
    process: "subprocess.Popen[bytes]"
    log: Path


@contextmanager
def engine(settings: VoiceSettings, folder: Path) -> Iterator[Engine]:
    """Ready when the block begins, gone when it ends. Raises EngineError with its last words when it does not start."""
    layout = Layout(folder)
    started = start(settings, layout)
    try:
        yield started
    finally:
        stop(started)


def start(settings: VoiceSettings, layout: Layout) -> Engine:
    command, environment = running.prepare(settings, layout)
    reach = read_reach(layout)
    if reach is None:
        raise EngineError(f"{layout.home} cannot be read")
    log = layout.home / "log" / "console.log"
    # Into a file: a pipe that nobody reads would stop it.
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=layout.home, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    begun = time.monotonic()
    while _READY not in (said := log.read_bytes()):
        if process.poll() is not None or time.monotonic() - begun > _READY_SECONDS:
            process.kill()
            last = said.decode(errors="replace").strip().splitlines()[-5:]
            raise EngineError(f"the engine does not start: {' / '.join(last) or 'it says nothing'}")
        time.sleep(0.02)
    return Engine(layout, reach, process, log)


def stop(it: Engine) -> None:
    it.process.terminate()
    try:
        it.process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        it.process.kill()
        it.process.wait()
