"""baresip for the tests: as a desk phone, and as a provider that speaks TLS."""

import asyncio
import json
import math
import socket
from array import array
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from holdfast.channels.voice.engine.layout import Reach
from holdfast.channels.voice.prompts.sound import NARROW, Samples, tone, wav
from tests.support.phones import NETWORK, free_port


@asynccontextmanager
async def desk_phone(
    reach: Reach, name: str, password: str, folder: Path, frequency: float = 440, *, answers: bool = True
) -> AsyncIterator[Path]:
    """baresip, which signs in, answers at once (or only rings) and speaks a tone; gives its log. What it hears it
    writes into ``*-dec.wav`` beside it (``heard``)."""
    account = f"<sip:{name}@127.0.0.1:{reach.sip}>;auth_pass={password};regint=15"
    network = f"sip_listen 127.0.0.3:{free_port('127.0.0.3')}\n"
    way = "auto" if answers else "manual"
    async with _baresip(folder, account, network, answers=way, frequency=frequency) as log:
        yield log


async def press(folder: Path, command: str, what: str) -> None:
    """A key of the desk phone in ``folder``: one of baresip's commands."""
    reader, writer = await asyncio.open_connection("127.0.0.3", int((folder / "control").read_text()))
    words = json.dumps({"command": command, "params": what}).encode()
    writer.write(b"%d:%s," % (len(words), words))
    await writer.drain()
    said = await asyncio.wait_for(_answer(reader), 10)
    assert said["ok"], said
    writer.close()


async def _answer(reader: asyncio.StreamReader) -> dict[str, object]:
    """What it says to a command; it tells of events in between."""
    while True:
        size = int((await reader.readuntil(b":"))[:-1])
        said: dict[str, object] = json.loads(await reader.readexactly(size))
        await reader.readexactly(1)
        if said.get("response"):
            return said


@asynccontextmanager
async def provider(folder: Path, port: int, certificate: Path, authorities: Path, *dialled: str) -> AsyncIterator[Path]:
    """baresip as a provider that speaks TLS at ``port`` and takes no sound but SRTP: calls the address ``dialled``, and
    answers; gives its log. ``certificate``: with its key."""
    account = f"<sip:provider@{NETWORK}:{port};transport=tls>;regint=0;mediaenc=srtp-mand"
    # It listens for TLS beside UDP, one port higher.
    listen = f"sip_listen {NETWORK}:{port - 1}\nsip_certificate {certificate}\nsip_cafile {authorities}\n"
    async with _baresip(folder, account, listen, "srtp", dialled=dialled) as log:
        yield log


@asynccontextmanager
async def _baresip(
    folder: Path,
    account: str,
    network: str,
    *more: str,
    dialled: Sequence[str] = (),
    answers: str = "auto",
    frequency: float = 440,
) -> AsyncIterator[Path]:
    log = folder / "log"
    spoken = folder / "spoken.wav"
    spoken.write_bytes(wav(tone(frequency, 60.0, NARROW), NARROW))
    modules = ("g711", "aufile", "sndfile", "ctrl_tcp", *more, "account", "menu")
    control = free_port("127.0.0.3", socket.SOCK_STREAM)
    (folder / "control").write_text(str(control))
    (folder / "accounts").write_text(f"{account};answermode={answers};audio_codecs=PCMA\n")
    (folder / "contacts").touch()
    (folder / "config").write_text(
        f"{network}ctrl_tcp_listen 127.0.0.3:{control}\naudio_source aufile,{spoken}\n"
        "audio_alert aufile,/dev/null\nausrc_srate 8000\nauplay_srate 8000\nausrc_channels 1\nauplay_channels 1\n"
        f"snd_path {folder}\nmodule_path /usr/lib/baresip/modules\n"
        + "".join(f"module{'_app' if name in {'account', 'menu'} else ''} {name}.so\n" for name in modules)
    )
    said = [word for number in dialled for word in ("-e", f"/dial {number}")]
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *("baresip", "-f", str(folder), *said), stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        yield log
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await asyncio.wait_for(process.wait(), 10)


def heard(folder: Path, seconds: float = 1.0) -> Samples:
    """The last that a desk phone with this folder has heard; nothing before it was in a call."""
    files = sorted(folder.glob("*-dec.wav"))
    content = files[-1].read_bytes()[44:] if files else b""
    whole = content[: len(content) // 2 * 2]
    return array("h", whole[-int(seconds * NARROW) * 2 :])


def share(samples: Samples, frequency: float) -> float:
    """How much of the sound is a tone of this frequency, from 0 to 1 (Goertzel)."""
    power = sum(one * one for one in samples)
    if not power:
        return 0.0
    turn = 2 * math.cos(2 * math.pi * frequency / NARROW)
    before = last = 0.0
    for one in samples:
        before, last = last, one + turn * last - before
    return 2 * (last * last + before * before - turn * last * before) / (len(samples) * power)
