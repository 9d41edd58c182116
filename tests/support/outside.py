"""The world outside, on this machine: an authority that signs certificates, and HTTPS servers that do as told."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from holdfast.core.outgoing import Outgoing, Rules


class Authority:
    """Signs certificates for names; ``file`` is what its believers load."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
        certificate = self._signed(self._name, self._key.public_key(), x509.BasicConstraints(ca=True, path_length=0))
        self.file = folder / "authority.pem"
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def _signed(
        self, name: x509.Name, key: ec.EllipticCurvePublicKey, *extensions: x509.ExtensionType
    ) -> x509.Certificate:
        moment = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(moment - timedelta(days=1))
            .not_valid_after(moment + timedelta(days=1))
        )
        for extension in extensions:
            builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        return builder.sign(self._key, hashes.SHA256())

    def server(self, *names: str) -> ssl.SSLContext:
        """A server's side of TLS, with a certificate for these names."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        alternatives = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        certificate = self._signed(subject, key.public_key(), alternatives)
        file = self._folder / f"{names[0]}.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


@dataclass
class Heard:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Reply = Callable[[Heard, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Outside:
    """A server: where it is, and what it heard."""

    port: int
    heard: list[Heard] = field(default_factory=list)
    connections: int = 0
    came: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def until(self, true: Callable[[], bool], seconds: float = 15.0) -> None:
        async with self.came:
            try:
                await asyncio.wait_for(self.came.wait_for(true), seconds)
            except TimeoutError:
                said = [(h.path, h.body[:200]) for h in self.heard]
                raise AssertionError(f"not within {seconds:g} s; heard {said}") from None


def raw(status: int, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"content-length: {len(body)}", "connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def answering(status: int, body: bytes = b"", *headers: str) -> Reply:
    async def reply(_heard: Heard, writer: asyncio.StreamWriter) -> None:
        writer.write(raw(status, body, *headers))
        await writer.drain()

    return reply


@asynccontextmanager
async def outside(reply: Reply, tls: ssl.SSLContext | None = None, *, port: int = 0) -> AsyncIterator[Outside]:
    """A server on 127.0.0.1 that gives each request to ``reply``."""
    server_side: Outside
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_side.connections += 1
        if (task := asyncio.current_task()) is not None:
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            method, path, _ = head[0].split(" ", 2)
            headers = {n.lower(): v.strip() for n, _, v in (line.partition(":") for line in head[1:] if line)}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            heard = Heard(method, path, headers, body)
            await reply(heard, writer)
            async with server_side.came:
                server_side.heard.append(heard)
                server_side.came.notify_all()
        except (OSError, EOFError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port, ssl=tls)
    server_side = Outside(server.sockets[0].getsockname()[1])
    try:
        yield server_side
    finally:
        server.close()
        for task in tasks:
            task.cancel()


def believer(authority: Authority, *addresses: str, **rules: object) -> Outgoing:
    """An outgoing client that believes the authority, and for whom every name stands for ``addresses``."""

    async def resolve(_host: str, _port: int) -> list[str]:
        return list(addresses)

    return Outgoing(Rules(**rules), resolve, str(authority.file))  # type: ignore[arg-type]  # the fields of Rules
