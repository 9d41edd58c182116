"""Telephones for the tests: sipp as callers and phones of the public network, baresip as a desk phone, and an engine of
the tests' own on free ports. sipp sends back all sound that it hears, so that what the engine counts as received has
gone both ways."""

import asyncio
import os
import re
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from holdfast.channels.voice.ari import Ari
from holdfast.channels.voice.engine import trial
from holdfast.channels.voice.engine.layout import Reach
from holdfast.channels.voice.engine.trial import Engine
from holdfast.channels.voice.engine.trunk import Trunk
from holdfast.channels.voice.settings import VoiceSettings, load
from tests.support import dtmf
from tests.support.ari_stand_in import running
from tests.support.waiting import eventually

# The public network lives here: the trunk is known by its address.
NETWORK = "127.0.0.2"
SOUNDS = Path("/usr/share/sip-tester")
_SECONDS = 30.0
# For a phone that is called: the engine asks each minute whether it is there (OPTIONS), which counts as one of them.
_ANY = 100_000

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
_REGISTER = """REGISTER sip:[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:[field0]@[remote_ip]>;tag=[pid]r[call_number]
To: <sip:[field0]@[remote_ip]>
Call-ID: [call_id]
CSeq: {number} REGISTER
Contact: <sip:[field0]@[local_ip]:{port}>
Max-Forwards: 70
Expires: 3600
{more}Content-Length: 0

"""
_OK = """SIP/2.0 {status}
[last_Via:]
[last_From:]
[last_To:]{tag}
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:[local_ip]:[local_port];transport=[transport]>
Content-{rest}"""
_MADE: dict[str, Callable[[str], bytes]] = {
    "tones": dtmf.sound,
    "type": dtmf.keys,
    "hum": lambda seconds: dtmf.sound("5", float(seconds)),
}
_NAMES = {"*": "star", "#": "pound"}


def _send(text: str, again: bool = True) -> str:
    retransmitted = ' retrans="500"' if again else ""
    return f"<send{retransmitted}><![CDATA[\n{text}\n]]></send>"


def _steps(steps: Sequence[str]) -> str:
    """``pause:MS``, ``key:DIGIT``, ``type:DIGITS``, ``tones:DIGIT``, ``hum:SECONDS``, ``speak``, ``until-told`` (by
    ``Phone.tell``); the end is ``bye``, ``until-bye``, or ``patience:MS``: they leave after that time, which is written
    down (``Phone.left``), unless somebody hangs up on them before."""
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
            parts.append(f'<nop><action><exec play_pcap_audio="tones-{value}-{len(parts)}.pcap"/></action></nop>')
        elif kind == "hum":
            parts.append(f'<nop><action><exec play_pcap_audio="hum-{value}-{len(parts)}.pcap"/></action></nop>')
        elif kind == "type":
            parts.append(f'<nop><action><exec play_pcap_audio="type-{value}-{len(parts)}.pcap"/></action></nop>')
            parts.append(f'<pause milliseconds="{300 * len(value)}"/>')
        elif kind == "until-told":
            parts.append('<recv request="MESSAGE" timeout="60000"/>')
        elif kind == "bye":
            parts.append(_send(_IN_DIALOG.format(method="BYE", number=2)) + '<recv response="200"/>')
        elif kind == "until-bye":
            bye = _OK.format(status="200 OK", tag="", rest="Length: 0\n")
            parts.append('<recv request="BYE" timeout="60000"/>' + _send(bye, again=False))
        elif kind == "patience":
            ok = _send(_OK.format(status="200 OK", tag="", rest="Length: 0\n"), again=False)
            bye = _send(_IN_DIALOG.format(method="BYE", number=2)) + '<recv response="200"/>'
            parts.append(
                f'<recv request="BYE" timeout="{value}" ontimeout="1"/>{ok}<nop next="2"/>'
                f'<label id="1"/><nop><action><log message="left"/></action></nop>{bye}<label id="2"/>'
            )
        else:
            raise ValueError(step)
    return "\n".join(parts)


def _scenario(body: str) -> str:
    return f'<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="x">\n{body}\n</scenario>\n'


def calling(caller: str, steps: Sequence[str]) -> str:
    provisional = "".join(f'<recv response="{status}" optional="true"/>' for status in (100, 180, 183))
    ack = _send(_IN_DIALOG.format(method="ACK", number=1), again=False)
    invite = _send(_INVITE.format(caller=caller) + _SDP)
    answered = '<nop><action><log message="answered"/></action></nop>'
    taken = '<recv response="200" rtd="true" timeout="32000"/>'
    return _scenario(f"{invite}{provisional}{taken}{ack}{answered}{_steps(steps)}")


def called(steps: Sequence[str]) -> str:
    """Rings, answers at once."""
    tag = ";tag=[pid]s[call_number]"
    ringing = _send(_OK.format(status="180 Ringing", tag=tag, rest="Length: 0\n"), again=False)
    answer = _send(_OK.format(status="200 OK", tag=tag, rest=f"Type: application/sdp\nContent-Length: [len]\n\n{_SDP}"))
    over = '<nop><action><log message="over"/></action></nop>'
    return _scenario(f'<recv request="INVITE" crlf="true"/>{ringing}{answer}<recv request="ACK"/>{_steps(steps)}{over}')


def free_port(host: str = NETWORK, kind: int = socket.SOCK_DGRAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _media_port(host: str) -> int:
    """With the one two above it, which sipp takes for pictures: without it, it ends at once."""
    while True:
        port = free_port(host)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as above, suppress(OSError):
            above.bind((host, port + 2))
            return port


@dataclass
class Phone:
    """A sipp at work. ``result``: its exit status when it is done, 0 when the call went as its steps say."""

    process: asyncio.subprocess.Process
    port: int
    log: Path
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

    @property
    def answered(self) -> bool:
        return self._said("answered")

    @property
    def over(self) -> bool:
        """Whether a call that it took has ended as its steps say."""
        return self._said("over")

    @property
    def left(self) -> bool:
        """Whether they hung up because their patience was over."""
        return self._said("left")

    @property
    def fault(self) -> str:
        """What went otherwise than its steps say."""
        file = self.log.with_suffix(".fault")
        return file.read_text(errors="replace") if file.exists() else ""

    def _said(self, word: str) -> bool:
        return self.log.exists() and word in self.log.read_text()

    async def result(self, seconds: float = _SECONDS) -> int:
        return await asyncio.wait_for(self.process.wait(), seconds)


@dataclass(frozen=True)
class Exchange:
    """An engine, its settings, and the port of the public network to which its trunk leads."""

    engine: Engine
    settings: VoiceSettings
    network: int


@asynccontextmanager
async def _sipp(
    scenario: str, *arguments: str, port: int, host: str = NETWORK, calls: int = 1, echo: bool = True
) -> AsyncIterator[Phone]:
    with tempfile.TemporaryDirectory(prefix="holdfast-sipp-") as folder:
        file = Path(folder) / "scenario.xml"
        file.write_text(scenario)
        # In the order in which they are played; each has time stamps of its own.
        for made, what, place in re.findall(r"(tones|type|hum)-(.+?)-(\d+)\.pcap", scenario):
            (Path(folder) / f"{made}-{what}-{place}.pcap").write_bytes(_MADE[made](what))
        media = _media_port(host)
        log = Path(folder) / "log"
        command = ["sipp", *arguments, "-sf", str(file), "-i", host, "-p", str(port), "-mi", host, "-mp", str(media)]
        process = await asyncio.create_subprocess_exec(
            *command,
            # -aa: answers the engine's OPTIONS.
            *(
                "-trace_logs",
                "-log_file",
                str(log),
                "-trace_err",
                "-error_file",
                str(log.with_suffix(".fault")),
                "-m",
                str(calls),
                *(["-rtp_echo"] if echo else []),
                "-nostdin",
                "-aa",
            ),
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, "TERM": "dumb"},
        )
        try:
            yield Phone(process, port, log)
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


@asynccontextmanager
async def caller(
    reach: Reach, number: str, *steps: str, caller: str = "+15550001", host: str = NETWORK
) -> AsyncIterator[Phone]:
    """Somebody calls ``number`` over the trunk. Whoever speaks, types or plays tones echoes nothing: of two streams in
    turns the engine takes each for a new one, hears keys twice and loses sound. Without the echo it hears the first
    ``key`` alone: they all begin with the same time stamps."""
    port, echo = free_port(host), not any(step.startswith(("type:", "tones:", "speak")) for step in steps)
    where = (f"127.0.0.1:{reach.sip}", "-s", number)
    async with _sipp(calling(caller, steps), *where, port=port, host=host, echo=echo) as phone:
        yield phone


@dataclass
class Crowd:
    """Many callers at once. ``done``: sipp's own counts, once it has ended; milliseconds from INVITE to answer."""

    phone: Phone
    statistics: Path

    async def done(self, seconds: float) -> dict[str, int]:
        await self.phone.result(seconds)
        names, *_, last = (line.split(";") for line in self.statistics.read_text().splitlines())
        row = dict(zip(names, last, strict=False))
        hours, minutes, rest = row["ResponseTime1(C)"].split(":")[:3]
        milliseconds = 1000 * (3600 * int(hours) + 60 * int(minutes) + float(rest))
        return {"good": int(row["SuccessfulCall(C)"]), "bad": int(row["FailedCall(C)"]), "answered": int(milliseconds)}


@asynccontextmanager
async def crowd(
    reach: Reach, number: str, *steps: str, calls: int, rate: float, echo: bool = False
) -> AsyncIterator[Crowd]:
    """So many callers, ``rate`` a second, each with a number of their own. ``echo``: they send back what they hear."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="holdfast-crowd-") as folder:
        statistics = Path(folder) / "statistics.csv"
        told = ("-s", number, "-r", f"{rate:g}", "-l", str(calls), "-trace_stat", "-stf", str(statistics), "-fd", "1")
        scenario = calling("+1555[call_number]", steps)
        async with _sipp(scenario, f"127.0.0.1:{reach.sip}", *told, port=port, calls=calls, echo=echo) as phone:
            yield Crowd(phone, statistics)


@asynccontextmanager
async def desk_phones(
    reach: Reach, names: Sequence[str], password: str, host: str = "127.0.0.3"
) -> AsyncIterator[None]:
    """Many desk phones that have signed in, answer at once and hum for two minutes. The names need no order."""
    # Behind a router the engine calls where they signed in from: so from the port at which they answer.
    port = free_port(host)
    first = _send(_REGISTER.format(number=1, port=port, more=""))
    # Fields within the word for a password are not filled in: the whole of it is one.
    again = _send(_REGISTER.format(number=2, port=port, more="[field1]\n"))
    scenario = _scenario(f'{first}<recv response="401" auth="true"/>{again}<recv response="200"/>')
    with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
        words = (f"{name};[authentication username={name} password={password}]\n" for name in names)
        file.write("SEQUENTIAL\n" + "".join(words))
        file.flush()
        told = (f"127.0.0.1:{reach.sip}", "-inf", file.name, "-r", "20")
        async with _sipp(scenario, *told, port=port, host=host, calls=len(names)) as phone:
            assert await phone.result() == 0, "they have signed in"
    async with _sipp(called(("hum:120", "until-bye")), port=port, host=host, calls=_ANY, echo=False):
        await eventually(lambda: _taken(port, host), 10, "sipp listens")
        yield


@asynccontextmanager
async def answering(port: int, *steps: str) -> AsyncIterator[Phone]:
    """A phone of the public network that waits at ``port`` (the trunk's) for calls."""
    async with _sipp(called(steps or ("until-bye",)), port=port, calls=_ANY) as phone:
        await eventually(lambda: _taken(port), 10, "sipp listens")
        yield phone


def _taken(port: int, host: str = NETWORK) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, port))
        except OSError:
            return True
        return False


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
