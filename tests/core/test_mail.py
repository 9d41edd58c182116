"""Mail over a real SMTP server, started by the test."""

import asyncio
import ssl
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

import aiosmtplib
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509

from holdfast.core.ids import new_id
from holdfast.core.mail import Refused, SmtpServer, compose, send, smtp_server
from holdfast.core.settings import SettingsError


class Box:
    """What the server received; ``answer`` is what it says to a recipient."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.answer = "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's hook
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the same
        content = envelope.content
        assert isinstance(content, bytes)
        parsed = message_from_bytes(content, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        self.mails.append(parsed)
        return "250 taken"


def sign_in(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"hotline", b"s/cret")
    return AuthResult(success=good, handled=False)


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def server(box: Box, free_port: int) -> Iterator[Controller]:
    controller = Controller(box, hostname="127.0.0.1", port=free_port, authenticator=sign_in, auth_require_tls=False)
    controller.start()
    yield controller
    controller.stop()


async def test_a_mail_arrives_whole(box: Box, server: Controller) -> None:
    text = "مرحبا — 你好\n\nhttp://localhost:8420/console/reset/" + "x" * 120 + "\n"
    mail_id = new_id()
    message = compose(mail_id, "Hotline <hotline@example.org>", "ana@example.org", "密码\r\nBcc: x@y", text)
    await send(smtp_server(f"smtp://hotline:s%2Fcret@127.0.0.1:{server.port}"), message)
    (mail,) = box.mails
    assert mail["Subject"] == "密码 Bcc: x@y"
    assert mail["Bcc"] is None
    assert mail["Message-ID"] == f"<{mail_id.hex}@example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    # A link may not be broken by the transfer encoding.
    assert mail.get_content().replace("\r\n", "\n") == text


async def test_a_refusal_for_good_and_one_for_now(box: Box, server: Controller) -> None:
    message = compose(new_id(), "h@example.org", "ana@example.org", "Hi", "Hi")
    to = SmtpServer("smtp", "127.0.0.1", server.port)
    box.answer = "550 no such mailbox"
    with pytest.raises(Refused):
        await send(to, message)
    box.answer = "451 try later"
    with pytest.raises(aiosmtplib.SMTPException):
        await send(to, message)
    box.answer = "250 OK"
    with pytest.raises(aiosmtplib.SMTPAuthenticationError):
        await send(smtp_server(f"smtp://hotline:wrong@127.0.0.1:{server.port}"), message)
    assert box.mails == []


async def test_tls_is_demanded_where_it_is_named(box: Box, server: Controller) -> None:
    message = compose(new_id(), "h@example.org", "ana@example.org", "Hi", "Hi")
    # This server offers none: rather no mail than one in clear.
    with pytest.raises(aiosmtplib.SMTPException):
        await send(SmtpServer("smtp+starttls", "127.0.0.1", server.port), message)
    assert box.mails == []


async def test_an_unknown_certificate_is_refused_where_tls_is_named(
    box: Box, free_port: int, self_signed: tuple[Path, Path]
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*self_signed)
    controller = Controller(box, hostname="127.0.0.1", port=free_port, tls_context=context)
    controller.start()
    try:
        message = compose(new_id(), "h@example.org", "ana@example.org", "Hi", "Hi")
        with pytest.raises((aiosmtplib.SMTPException, ssl.SSLError)):
            await send(SmtpServer("smtp+starttls", "127.0.0.1", free_port), message)
        assert box.mails == []
        # Opportunistic: encrypted with whatever certificate, as the alternative is none.
        await send(SmtpServer("smtp", "127.0.0.1", free_port), message)
        assert len(box.mails) == 1
    finally:
        await asyncio.to_thread(controller.stop)


@pytest.fixture
def self_signed(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate and its key that nobody vouches for."""
    from datetime import UTC, datetime, timedelta

    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    moment = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(moment - timedelta(days=1))
        .not_valid_after(moment + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    files = tmp_path / "certificate.pem", tmp_path / "key.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.org", SmtpServer("smtp", "mail.example.org", 25)),
        ("smtps://u:p%40w@mail.example.org", SmtpServer("smtps", "mail.example.org", 465, "u", "p@w")),
        ("smtp+starttls://u:p@mail.example.org:2587", SmtpServer("smtp+starttls", "mail.example.org", 2587, "u", "p")),
        # A password makes TLS a condition, except on this machine.
        ("smtp://u:p@mail.example.org:25", SmtpServer("smtp+starttls", "mail.example.org", 25, "u", "p")),
        ("smtp://u:p@localhost:25", SmtpServer("smtp", "localhost", 25, "u", "p")),
    ],
)
def test_addresses_of_servers(url: str, server: SmtpServer) -> None:
    assert smtp_server(url) == server


@pytest.mark.parametrize("url", ["mail.example.org", "http://mail.example.org", "smtp://", "smtp://h:99999"])
def test_a_wrong_address_is_named(url: str) -> None:
    with pytest.raises(SettingsError, match="HOLDFAST_SMTP_URL"):
        smtp_server(url)


def test_the_same_mail_has_the_same_message_id() -> None:
    one, two = (compose(UUID(int=7), "h@example.org", "a@b.c", "s", "t")["Message-ID"] for _ in range(2))
    assert one == two
