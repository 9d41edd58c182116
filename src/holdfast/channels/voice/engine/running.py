"""The engine as a process: ``holdfast engine run`` prepares it and becomes it. The supervisor keeps it."""

import ctypes
import os
import secrets
import signal
import socket
from dataclasses import replace
from pathlib import Path

from holdfast.channels.voice.engine import configuration, messages
from holdfast.channels.voice.engine.configuration import Program
from holdfast.channels.voice.engine.errors import EngineError
from holdfast.channels.voice.engine.fetching import architecture, installed, why_not
from holdfast.channels.voice.engine.layout import Layout, Reach, read_reach, write_reach
from holdfast.channels.voice.prompts.sound import NotSound
from holdfast.channels.voice.prompts.store import make_unattended
from holdfast.channels.voice.prompts.voices import NoVoice
from holdfast.channels.voice.settings import VoiceSettings

# Two for each leg of a call; below what kernels give to outgoing connections (32768 and up).
_RTP_FROM, _RTP_TO, _RTP_PORTS = 10_000, 30_000, 2_000
_PR_SET_PDEATHSIG = 1
_FOLDERS = ("lib/x86_64-linux-gnu/asterisk/modules", "lib/aarch64-linux-gnu/asterisk/modules", "lib/asterisk/modules")


def missing(settings: VoiceSettings) -> str:
    """Why no engine of ours can run here, in a sentence; empty if one can."""
    if not settings.on:
        return "it is switched off (HOLDFAST_VOICE)"
    try:
        program(settings)
    except EngineError as error:
        return str(error)
    return ""


def program(settings: VoiceSettings) -> Program:
    """The Asterisk that was fetched, or the installed one that is named. Raises EngineError."""
    if settings.program is not None:
        return _of_this_machine(settings.program)
    found = installed(settings.cache)
    if found is None:
        reason = why_not(settings.cache)
        raise EngineError(
            f"it could not be fetched: {reason}. `holdfast engine fetch` tries again"
            if reason
            else "its engine is not here: `holdfast engine fetch` brings it"
        )
    return Program(
        tuple(found.command("sbin/asterisk")),
        found.libraries / "asterisk" / "modules",
        found.folder / "usr/share/asterisk",
    )


def _of_this_machine(file: Path) -> Program:
    if not os.access(file, os.X_OK):
        raise EngineError(f"HOLDFAST_ASTERISK names {file}, which is not a program")
    prefix = file.resolve().parent.parent
    for folder in _FOLDERS:
        if (prefix / folder).is_dir():
            return Program((str(file),), prefix / folder, prefix / "share" / "asterisk")
    raise EngineError(f"the modules of {file} are in none of {', '.join(str(prefix / it) for it in _FOLDERS)}")


def prepare(settings: VoiceSettings, layout: Layout) -> tuple[list[str], dict[str, str]]:
    """Ports, configuration and first prompts; gives the command and the environment to run. Raises EngineError."""
    found = program(settings)
    layout.make()
    reach = _reach(settings, layout)
    configuration.write(configuration.files(settings, layout, reach, found), layout, found)
    messages.close_unfinished(layout)
    try:
        make_unattended(layout, settings.cache, {"en", settings.language, *configuration.line_languages(layout)})
    except (NoVoice, NotSound) as error:
        # A phone that rings and connects is worth more than none, and the doctor says what is missing.
        print(f"prompts are missing: {error}", flush=True)  # noqa: T201 - the service's log
    write_reach(layout, reach)
    # Memory stays at the peak of a burst anyway; with an arena for each thread the peak is twice as high.
    environment = {
        "PATH": "/usr/bin:/bin",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "MALLOC_ARENA_MAX": "2",
        "HOME": str(layout.home),
    }
    return [*found.command, "-f", "-C", str(layout.etc / "asterisk.conf")], environment


def become(settings: VoiceSettings, layout: Layout) -> None:
    """Prepare, then be the engine. It ends with whoever started it, also if that is killed. Raises EngineError."""
    parent = os.getppid()
    command, environment = prepare(settings, layout)
    # Kept over exec. Whoever died before this line is noticed by the next.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        raise EngineError("whoever started the engine is gone")
    mark = {name: value for name, value in os.environ.items() if name == "HOLDFAST_SUPERVISOR"}
    os.chdir(layout.home)
    os.execve(command[0], command, {**environment, **mark})  # noqa: S606 - to be the engine is the point


def _reach(settings: VoiceSettings, layout: Layout) -> Reach:
    """That of the last time, so that phones and our own processes find the engine again; other ports where they are
    taken meanwhile."""
    last = read_reach(layout)
    host, port = settings.listen
    sip = port or _free(socket.SOCK_DGRAM, host, last.sip if last else 0)
    http = _free(socket.SOCK_STREAM, "127.0.0.1", int(last.url.rpartition(":")[2]) if last else 0)
    if settings.rtp:
        rtp = settings.rtp
    elif last:
        rtp = last.rtp
    else:
        first = _RTP_FROM + 2 * secrets.randbelow((_RTP_TO - _RTP_PORTS - _RTP_FROM) // 2)
        rtp = (first, first + _RTP_PORTS - 1)
    return Reach(
        url=f"http://127.0.0.1:{http}",
        user="holdfast",
        password=last.password if last else secrets.token_urlsafe(32),
        sip_host=host,
        sip=sip,
        rtp=rtp,
        doctor=last.doctor if last else secrets.token_urlsafe(32),
    )


def _free(kind: socket.SocketKind, host: str, wanted: int) -> int:
    """``wanted`` if nobody has it, else any."""
    for port in (wanted, 0):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind) as probe:
            if kind == socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise EngineError(f"no port of {host} is free")


def write_for_elsewhere(settings: VoiceSettings, folder: Path) -> None:
    """Our configuration and first prompts for an Asterisk that we do not start, a container's say.

    ``folder`` must have the same path there. User and password are those of HOLDFAST_ASTERISK_URL. Raises EngineError.
    """
    if settings.elsewhere is None:
        raise EngineError("HOLDFAST_ASTERISK_URL must name the Asterisk that this configuration is for")
    layout, access = Layout(folder), settings.elsewhere
    reach = Reach(
        url=access.url,
        user=access.user,
        password=access.password,
        sip_host="0.0.0.0" if settings.private else settings.listen[0],  # noqa: S104 - in a network of its own
        sip=settings.listen[1] or 5060,
        rtp=settings.rtp or (20_000, 21_999),
        doctor=secrets.token_urlsafe(32),
    )
    there = Program((), Path("/usr/lib") / architecture()[1] / "asterisk" / "modules", Path("/usr/share/asterisk"))
    outside = replace(settings, listen=(reach.sip_host, reach.sip))
    configuration.write(configuration.files(outside, layout, reach, there), layout, there)
    make_unattended(layout, settings.cache, {"en", settings.language})
