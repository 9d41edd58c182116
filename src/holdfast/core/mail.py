"""Plain mails over SMTP. What is queued and how it is kept until it is sent: ``people/mail.py``."""

import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit
from uuid import UUID

import aiosmtplib

from holdfast.core.clock import now
from holdfast.core.settings import SettingsError

_TIMEOUT = 30.0
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail is handed over. ``scheme``: smtp (TLS if offered), smtp+starttls (TLS or nothing), smtps."""

    scheme: str
    host: str
    port: int
    user: str | None = None
    password: str | None = None


class Refused(Exception):
    """The server refused this mail for good (5xx); sending it again would be refused again."""


def smtp_server(url: str) -> SmtpServer:
    """The server of ``smtp[+starttls]://user:password@host:port`` or ``smtps://…``. Raises SettingsError."""
    parts = urlsplit(url)
    # The password stays out of the message: it ends up in logs.
    if parts.scheme not in _PORTS or not parts.hostname:
        raise SettingsError("HOLDFAST_SMTP_URL must look like smtp://user:password@host:587 (smtp+starttls, smtps)")
    try:
        port = parts.port or _PORTS[parts.scheme]
    except ValueError:
        raise SettingsError("HOLDFAST_SMTP_URL has a port that is not a number up to 65535") from None
    scheme = parts.scheme
    if parts.username and scheme == "smtp" and not _loopback(parts.hostname):
        # A password never crosses a network in clear, even if a man in the middle hides the server's offer.
        scheme = "smtp+starttls"
    return SmtpServer(
        scheme,
        parts.hostname,
        port,
        unquote(parts.username) if parts.username else None,
        unquote(parts.password) if parts.password else None,
    )


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def compose(mail_id: UUID, sender: str, to: str, subject: str, text: str) -> EmailMessage:
    """A mail whose Message-ID follows from ``mail_id``: one that is sent twice after a crash is seen as one."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    message["Subject"] = " ".join(subject.split())
    message["Date"] = format_datetime(now())
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    message["Message-ID"] = f"<{mail_id.hex}@{domain}>"
    # Vacation notices must not answer it (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message


async def send(
    server: SmtpServer, message: EmailMessage | bytes, *, sender: str | None = None, to: str | None = None
) -> None:
    """Hand one mail over; one that is signed already comes as its bytes, with ``sender`` and ``to`` of its envelope.

    Raises Refused (never again) or aiosmtplib.SMTPException, OSError (try again).
    """
    try:
        await aiosmtplib.send(
            message,
            sender=sender,
            recipients=to,
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.scheme == "smtps",
            start_tls={"smtps": False, "smtp+starttls": True}.get(server.scheme),
            tls_context=None if server.scheme != "smtp" else _unverified(),
            timeout=_TIMEOUT,
        )
    except aiosmtplib.SMTPRecipientsRefused as error:
        if all(500 <= refusal.code < 600 for refusal in error.recipients):
            raise Refused("the recipient was refused") from error
        raise
    except aiosmtplib.SMTPResponseException as error:
        # 530, 534, 535: our sign-in at the server is wrong. That is for the operator to put right, then it goes.
        if 500 <= error.code < 600 and error.code not in (530, 534, 535):
            raise Refused(f"the server answered {error.code}") from error
        raise


def _unverified() -> ssl.SSLContext:
    """For opportunistic TLS (RFC 7435): an unknown certificate is better than no encryption, which is what
    this scheme falls back to. smtp+starttls and smtps verify."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
