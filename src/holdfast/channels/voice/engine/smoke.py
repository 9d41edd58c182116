"""A call to the engine as a telephone makes it: SIP over UDP, sound over RTP, packets counted both ways.

The doctor's own caller, since nothing else proves that modules, prompts and sound work together. The extension
``smoke`` plays a prompt and then sends back what it hears.
"""

import hashlib
import re
import secrets
import socket
import struct
import time
from dataclasses import dataclass, field

from holdfast.channels.voice.engine.errors import EngineError

_LOCAL = "127.0.0.1"
_FRAME = 160  # samples of 20 ms at 8 kHz, a byte each
_FRAME_SECONDS = 0.02
_ULAW_SILENCE = 0xFF
_ANSWER_SECONDS = 10.0
# Packets, half a second: fewer may be a click.
_ENOUGH = 25


@dataclass(frozen=True, slots=True)
class Heard:
    """``sent`` and ``received``: RTP packets; of those received, ``spoken`` were the prompt, ``echoed`` our own sound
    coming back, the rest silence. ``answered``: seconds until the call was answered."""

    sent: int
    received: int
    spoken: int
    echoed: int
    answered: float

    @property
    def whole(self) -> bool:
        """Whether both directions have carried sound."""
        return self.spoken >= _ENOUGH and self.echoed >= _ENOUGH


@dataclass
class _Dialog:
    """One call's SIP, as far as it is needed to make and end a call."""

    host: str
    port: int
    user: str
    password: str
    sip: socket.socket
    rtp_port: int
    call: str = field(default_factory=lambda: secrets.token_hex(12))
    tag: str = field(default_factory=lambda: secrets.token_hex(6))
    to_tag: str = ""
    number: int = 1
    branch: str = ""

    @property
    def target(self) -> str:
        return f"sip:smoke@{self.host}:{self.port}"

    def send(self, method: str, body: str = "", *extra: str) -> None:
        # The ACK of a refusal belongs to the INVITE's transaction, hence has its branch.
        if method != "ACK":
            self.branch = f"z9hG4bK{secrets.token_hex(8)}"
        local = f"{_LOCAL}:{self.sip.getsockname()[1]}"
        lines = [
            f"{method} {self.target} SIP/2.0",
            f"Via: SIP/2.0/UDP {local};branch={self.branch};rport",
            "Max-Forwards: 70",
            f"From: <sip:{self.user}@{self.host}>;tag={self.tag}",
            f"To: <{self.target}>{self.to_tag}",
            f"Call-ID: {self.call}",
            f"CSeq: {self.number} {method}",
            f"Contact: <sip:{self.user}@{local}>",
            *extra,
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
            "",
            body,
        ]
        self.sip.sendto("\r\n".join(lines).encode(), (self.host, self.port))

    def invite(self, *extra: str) -> None:
        body = "\r\n".join(
            (
                "v=0",
                f"o=- 1 1 IN IP4 {_LOCAL}",
                "s=-",
                f"c=IN IP4 {_LOCAL}",
                "t=0 0",
                f"m=audio {self.rtp_port} RTP/AVP 0",
                "a=rtpmap:0 PCMU/8000",
                "",
            )
        )
        self.send("INVITE", body, *extra)

    def answer(self) -> tuple[int, str]:
        """The next answer that is final, as status and text. Raises EngineError when none comes."""
        deadline = time.monotonic() + _ANSWER_SECONDS
        while (left := deadline - time.monotonic()) > 0:
            self.sip.settimeout(left)
            try:
                text = self.sip.recv(65536).decode(errors="replace")
            except (TimeoutError, ConnectionError):
                break
            status = re.match(r"SIP/2\.0 (\d{3})", text)
            # Answers to what was asked before may be repeated.
            ours = re.search(rf"^CSeq: *{self.number} ", text, re.MULTILINE | re.IGNORECASE)
            if status and ours and int(status[1]) >= 200:
                tag = re.search(r"^To:[^\r\n]*(;tag=[^;\s]+)", text, re.MULTILINE | re.IGNORECASE)
                self.to_tag = tag[1] if tag else ""
                return int(status[1]), text
        raise EngineError(
            f"the engine does not answer a call to {self.host}:{self.port} within {_ANSWER_SECONDS:.0f} s"
        )

    def credentials(self, challenge: str) -> str:
        """The answer to a digest challenge (RFC 2617, MD5, since that is what every SIP phone can)."""
        asked = dict(re.findall(r'(\w+)="?([^",\r\n]+)"?', challenge))

        def md5(*parts: str) -> str:
            return hashlib.md5(":".join(parts).encode(), usedforsecurity=False).hexdigest()

        once = secrets.token_hex(8)
        secret, request = md5(self.user, asked["realm"], self.password), md5("INVITE", self.target)
        response = md5(secret, asked["nonce"], "00000001", once, "auth", request)
        return (
            f'Authorization: Digest username="{self.user}", realm="{asked["realm"]}", nonce="{asked["nonce"]}", '
            f'uri="{self.target}", response="{response}", algorithm=MD5, qop=auth, nc=00000001, cnonce="{once}"'
            + (f', opaque="{asked["opaque"]}"' if "opaque" in asked else "")
        )


def call(host: str, port: int, user: str, password: str, seconds: float) -> Heard:
    """Call, speak and listen until sound has gone both ways, at most ``seconds``; hang up. Raises EngineError."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sip,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as rtp,
    ):
        sip.bind((_LOCAL, 0))
        rtp.bind((_LOCAL, 0))
        dialog = _Dialog(host, port, user, password, sip, rtp.getsockname()[1])
        begun = time.monotonic()
        dialog.invite()
        status, text = dialog.answer()
        dialog.send("ACK")
        if status == 401:
            dialog.to_tag = ""
            dialog.number += 1
            dialog.invite(dialog.credentials(text))
            status, text = dialog.answer()
            dialog.send("ACK")
        found = re.search(r"^m=audio (\d+) ", text, re.MULTILINE)
        if status != 200 or not found:
            raise EngineError(f"the engine refuses a call: {text.splitlines()[0]}")
        answered = time.monotonic() - begun
        try:
            return _talk(rtp, (host, int(found[1])), seconds, answered)
        finally:
            dialog.number += 1
            dialog.send("BYE")
            dialog.answer()


def _talk(rtp: socket.socket, there: tuple[str, int], seconds: float, answered: float) -> Heard:
    """Send a frame every 20 ms, and count what comes meanwhile. Our frames are one byte repeated, as no speech is."""
    ours = bytes([secrets.choice(range(0x20, 0x60))]) * _FRAME
    source, sent, received, spoken, echoed = secrets.randbits(32), 0, 0, 0, 0
    begun = time.monotonic()
    while (now := time.monotonic() - begun) < seconds and echoed < _ENOUGH:
        if now >= sent * _FRAME_SECONDS:
            header = struct.pack("!BBHII", 0x80, 0, sent & 0xFFFF, (sent * _FRAME) & 0xFFFFFFFF, source)
            rtp.sendto(header + ours, there)
            sent += 1
        rtp.settimeout(max(0.001, sent * _FRAME_SECONDS - (time.monotonic() - begun)))
        try:
            payload = rtp.recv(2048)[12:]
        except (TimeoutError, ConnectionError):
            continue
        received += 1
        if payload == ours:
            echoed += 1
        elif any(byte | 0x80 != _ULAW_SILENCE for byte in payload):
            spoken += 1
    return Heard(sent, received, spoken, echoed, answered)
