"""Telephones for the tests: sipp as callers and phones of the public network, baresip as a desk phone, and an engine of
the tests' own on free ports. sipp sends back all sound that it hears, so that what the engine counts as received has
gone both ways."""

import asyncio
import os
import re
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from holdfast.channels.voice.ari import Ari
from holdfast.channels.voice.engine import trial
from holdfast.channels.voice.engine.layout import Reach
from holdfast.channels.voice.engine.trial import Engine
from holdfast.channels.voice.engine.trunk import Trunk
from holdfast.channels.voice.prompts.sound import NARROW, tone, wav
from holdfast.channels.voice.settings import VoiceSettings, load
from tests.support import dtmf
from tests.support.ari_stand_in import running
from tests.support.waiting import eventually

# The public network lives here: the trunk is known by its address.
NETWORK = "127.0.0.2"
SOUNDS = Path("/usr/share/sip-tester")
_SECONDS = 30.0

_SDP = """v=0
o=u 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-16
"""
_INVITE = """INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: "Alice" <sip:{caller}@[local_ip]:[local_port]>;tag=[pid]t[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:caller@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

"""
_IN_DIALOG = """{method} sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
[last_From:]
[last_To:]
[last_Call-ID:]
CSeq: {number} {method}
Max-Forwards: 70
Content-Length: 0

"""
_OK = """SIP/2.0 {status}
[last_Via:]
[last_From:]
[last_To:]{tag}
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port];transport=[transport]>
Content-{rest}"""
_NAMES = {"*": "star", "#": "pound"}


def _send(text: str, again: bool = True) -> str:
    retransmitted = ' retrans="500"' if again else ""
    return f"<send{retransmitted}><![CDATA[\n{text}\n]]></send>"


def _steps(steps: Sequence[str]) -> str:
    """``pause:MS``, ``key:DIGIT``, ``type:DIGITS``, ``tones:DIGIT``, ``speak``, ``until-told`` (by ``Phone.tell``),
    ``bye``, ``until-bye``."""
    parts = []
    for step in steps:
        kind, _, value = step.partition(":")
        if kind == "pause":
            parts.append(f'<pause milliseconds="{value}"/>')
        elif kind == "key":
            sound = SOUNDS / f"dtmf_2833_{_NAMES.get(value, value)}.pcap"
            parts.append(f'<nop><action><exec play_pcap_audio="{sound}"/></action></nop>')
        elif kind == "speak":
            # 8 s of speech begin.
            parts.append(f'<nop><action><exec play_pcap_audio="{SOUNDS}/g711a.pcap"/></action></nop>')
        elif kind == "tones":
            # As sound, not as telephone events.
            parts.append(f'<nop><action><exec play_pcap_audio="tones-{value}.pcap"/></action></nop>')
        elif kind == "type":
            parts.append(f'<nop><action><exec play_pcap_audio="type-{value}.pcap"/></action></nop>')
            parts.append(f'<pause milliseconds="{300 * len(value)}"/>')
        elif kind == "until-told":
            parts.append('<recv request="MESSAGE" timeout="60000"/>')
        elif kind == "bye":
            parts.append(_send(_IN_DIALOG.format(method="BYE", number=2)) + '<recv response="200"/>')
        elif kind == "until-bye":
            bye = _OK.format(status="200 OK", tag="", rest="Length: 0\n")
            parts.append('<recv request="BYE" timeout="60000"/>' + _send(bye, again=False))
        else:
            raise ValueError(step)
    return "\n".join(parts)


def _scenario(body: str) -> str:
    return f'<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="x">\n{body}\n</scenario>\n'


def calling(caller: str, steps: Sequence[str]) -> str:
    provisional = "".join(f'<recv response="{status}" optional="true"/>' for status in (100, 180, 183))
    ack = _send(_IN_DIALOG.format(method="ACK", number=1), again=False)
    invite = _send(_INVITE.format(caller=caller) + _SDP)
    return _scenario(f'{invite}{provisional}<recv response="200" rtd="true"/>{ack}{_steps(steps)}')


def called(steps: Sequence[str]) -> str:
    """Rings, answers at once."""
    tag = ";tag=[pid]s[call_number]"
    ringing = _send(_OK.format(status="180 Ringing", tag=tag, rest="Length: 0\n"), again=False)
    answer = _send(_OK.format(status="200 OK", tag=tag, rest=f"Type: application/sdp\nContent-Length: [len]\n\n{_SDP}"))
    return _scenario(f'<recv request="INVITE" crlf="true"/>{ringing}{answer}<recv request="ACK"/>{_steps(steps)}')


def free_port(host: str = NETWORK, kind: int = socket.SOCK_DGRAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


@dataclass
class Phone:
    """A sipp at work. ``result``: its exit status when it is done, 0 when the call went as its steps say."""

    process: asyncio.subprocess.Process
    port: int
    told: int = 0

    def tell(self) -> None:
        """It goes on, where it is ``until-told``."""
        self.told += 1
        message = (
            f"MESSAGE sip:{NETWORK}:{self.port} SIP/2.0",
            f"Via: SIP/2.0/UDP {NETWORK}:9;branch=z9hG4bK-told-{self.told}",
            f"From: <sip:test@{NETWORK}>;tag=test",
            f"To: <sip:phone@{NETWORK}>;tag=phone",
            # As sipp names its first call.
            f"Call-ID: 1-{self.process.pid}@{NETWORK}",
            f"CSeq: {1000 + self.told} MESSAGE",
            "Content-Length: 0",
        )
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as network:
            network.sendto("".join(f"{line}\r\n" for line in (*message, "")).encode(), (NETWORK, self.port))

    async def result(self, seconds: float = _SECONDS) -> int:
        return await asyncio.wait_for(self.process.wait(), seconds)


@asynccontextmanager
async def _sipp(
    scenario: str, *arguments: str, port: int, host: str = NETWORK, echo: bool = True
) -> AsyncIterator[Phone]:
    with tempfile.TemporaryDirectory(prefix="holdfast-sipp-") as folder:
        file = Path(folder) / "scenario.xml"
        file.write_text(scenario)
        # In the order in which they are played.
        for made, digits in dict.fromkeys(re.findall(r"(tones|type)-(.+?)\.pcap", scenario)):
            content = dtmf.sound(digits) if made == "tones" else dtmf.keys(digits)
            (Path(folder) / f"{made}-{digits}.pcap").write_bytes(content)
        media = free_port(host)
        command = ["sipp", *arguments, "-sf", str(file), "-i", host, "-p", str(port), "-mi", host, "-mp", str(media)]
        process = await asyncio.create_subprocess_exec(
            *command,
            # -aa: the engine asks a trunk each minute whether it is there, which would else be taken for the call.
            *("-m", "1", *(("-rtp_echo",) if echo else ()), "-nostdin", "-aa"),
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, "TERM": "dumb"},
        )
        try:
            yield Phone(process, port)
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


@asynccontextmanager
async def caller(
    reach: Reach, number: str, *steps: str, caller: str = "+15550001", host: str = NETWORK
) -> AsyncIterator[Phone]:
    """Somebody calls ``number`` over the trunk. Whoever types or plays tones echoes nothing: of two streams in turns
    the engine takes each for a new one, hears keys twice and loses sound."""
    port, echo = free_port(host), not any(step.startswith(("type:", "tones:")) for step in steps)
    where = (f"127.0.0.1:{reach.sip}", "-s", number)
    async with _sipp(calling(caller, steps), *where, port=port, host=host, echo=echo) as phone:
        yield phone


@asynccontextmanager
async def answering(port: int, *steps: str) -> AsyncIterator[Phone]:
    """A phone of the public network that waits at ``port`` (the trunk's) for one call."""
    async with _sipp(called(steps or ("until-bye",)), port=port) as phone:
        await eventually(lambda: _taken(port), 10, "sipp listens")
        yield phone


def _taken(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((NETWORK, port))
        except OSError:
            return True
        return False


@asynccontextmanager
async def desk_phone(reach: Reach, name: str, password: str, folder: Path) -> AsyncIterator[Path]:
    """baresip, which signs in, answers at once and speaks a tone; gives its log."""
    log = folder / "log"
    port = free_port("127.0.0.3")
    spoken = folder / "spoken.wav"
    spoken.write_bytes(wav(tone(440, 60.0, NARROW), NARROW))
    modules = ("g711", "aufile", "account", "menu")
    (folder / "accounts").write_text(
        f"<sip:{name}@127.0.0.1:{reach.sip}>;auth_pass={password};answermode=auto;regint=60;audio_codecs=PCMA\n"
    )
    (folder / "contacts").touch()
    (folder / "config").write_text(
        f"sip_listen 127.0.0.3:{port}\naudio_source aufile,{spoken}\n"
        "audio_alert aufile,/dev/null\nausrc_srate 8000\nauplay_srate 8000\nausrc_channels 1\nauplay_channels 1\n"
        "module_path /usr/lib/baresip/modules\n"
        + "".join(f"module{'_app' if name in {'account', 'menu'} else ''} {name}.so\n" for name in modules)
    )
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *("baresip", "-f", str(folder)), stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        yield log
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await asyncio.wait_for(process.wait(), 10)


def settings(trunk_port: int, **changed: object) -> VoiceSettings:
    """The fetched engine on loopback, with a trunk to the tests' public network."""
    trunk = Trunk(host=NETWORK, port=trunk_port, match=(f"{NETWORK}/32",))
    return replace(VoiceSettings(cache=load().cache, trunk=trunk), **changed)  # type: ignore[arg-type]  # by their names


@contextmanager
def engine(given: VoiceSettings) -> Iterator[Engine]:
    """Its folder has a short name: a socket's path has at most 107 signs."""
    with tempfile.TemporaryDirectory(prefix="hf-phone-") as folder, trial.engine(given, Path(folder)) as it:
        yield it


@asynccontextmanager
async def connected(it: Engine, application: str = "holdfast") -> AsyncIterator[Ari]:
    """Our client, connected to it."""
    async with running(Ari(lambda: it.reach.access, application)) as ari:
        await asyncio.wait_for(ari.connected.wait(), 10)
        yield ari
