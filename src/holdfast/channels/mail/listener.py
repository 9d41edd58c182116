"""The listener for a mail server of the house (LMTP, or SMTP behind a filter). It takes letters for our mailboxes only,
and says 250 after the commit: what it has not stored, the server keeps and brings again."""

import asyncio
import logging
import stat
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from urllib.parse import urlsplit

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from holdfast.channels.mail import queries
from holdfast.channels.mail.intake import Intake
from holdfast.core.database import Database
from holdfast.core.settings import SettingsError

logger = logging.getLogger(__name__)

# Bytes of one letter, and letters that are on their way at once: each is held in memory until it is stored.
LIMIT = 36 * 1024 * 1024
_MOST_SESSIONS = 16
# RFC 5321 allows 998 characters, but broken programmes write a whole letter in one line: refusing it for good would
# lose it. What bounds the memory is the letter's size.
_LONGEST_LINE = LIMIT
_NAME = "holdfast"


@dataclass(frozen=True, slots=True)
class Place:
    """Where to listen: ``path`` of a socket, or ``host`` and ``port``."""

    protocol: str
    host: str = ""
    port: int = 0
    path: str = ""


def place(url: str, *, anywhere: bool = False) -> Place:
    """Of ``lmtp://127.0.0.1:8424``, ``smtp://…`` or ``lmtp:///run/holdfast/lmtp.sock``. Nobody signs in there, and
    whoever delivers says which letters are genuine: only what no stranger reaches, unless ``anywhere``.

    Raises SettingsError.
    """
    wrong = SettingsError("HOLDFAST_MAIL_LISTEN must look like lmtp://127.0.0.1:8424 or lmtp:///run/holdfast/lmtp.sock")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise wrong from None
    if parts.scheme not in ("lmtp", "smtp"):
        raise wrong
    if parts.hostname and port:
        if not anywhere and not is_closed(parts.hostname):
            raise SettingsError(
                "HOLDFAST_MAIL_LISTEN must be an address of this machine or of a private network: whoever reaches it "
                "delivers as genuine what they like (HOLDFAST_MAIL_LISTEN_ANYWHERE=1 if a firewall stands before it)"
            )
        return Place(parts.scheme, parts.hostname, port)
    if not parts.netloc and parts.path.startswith("/"):
        return Place(parts.scheme, path=parts.path)
    raise wrong


def is_closed(host: str) -> bool:
    """Whether only this machine or a private network reaches it; of a name other than localhost nobody knows."""
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost"
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    # 0.0.0.0 is every network, and lies in a block that counts as private.
    return address.is_private and not address.is_unspecified


class _Handler:
    """The hooks of aiosmtpd, for all sessions."""

    def __init__(self, intake: Intake, database: Database, protocol: str) -> None:
        self._intake = intake
        self._database = database
        self._protocol = protocol

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's hook
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        try:
            async with self._database.transaction() as transaction:
                mailbox = await queries.mailbox_by_address(transaction, without_token(address))
        except Exception as error:
            logger.warning("a recipient could not be looked up: %s", type(error).__name__)
            return "451 4.3.0 Try again later"
        if mailbox is None:
            return "550 5.1.1 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 - as above
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
    ) -> str:
        """One answer for each recipient by LMTP (RFC 2033), one for all by SMTP: the letter is one."""
        content = envelope.content
        raw = content if isinstance(content, bytes) else b""
        envelope.content = envelope.original_content = None
        reply = await self._take(raw, tuple(address.lower() for address in envelope.rcpt_tos))
        return "\r\n".join([reply] * len(envelope.rcpt_tos)) if self._protocol == "lmtp" else reply

    async def _take(self, raw: bytes, recipients: tuple[str, ...]) -> str:
        try:
            async with self._database.transaction() as transaction:
                mailbox = await queries.mailbox_by_address(transaction, without_token(recipients[0]))
            if mailbox is None:
                return "550 5.1.1 No such mailbox"
            await self._intake.take(mailbox.id, raw, recipients)
        except Exception as error:
            # The letter's words may stand in the error's own: only its kind is logged.
            logger.warning("a letter was not stored, its server keeps it: %s", type(error).__name__)
            return "451 4.3.0 Not stored, try again later"
        return "250 2.0.0 Stored"


def without_token(address: str) -> str:
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


class Listener:
    """One per worker process, if ``HOLDFAST_MAIL_LISTEN`` names a place; ``listening`` while it does."""

    def __init__(self, place: Place, intake: Intake, database: Database) -> None:
        self._place = place
        self._handler = _Handler(intake, database, place.protocol)
        self._sessions = 0
        self.listening = False

    async def run(self) -> None:
        """Until cancelled. A place that another process has is waited for: its server keeps the letters."""
        # aiosmtpd writes every line of a letter there.
        logging.getLogger("mail.log").setLevel(logging.WARNING)
        while True:
            try:
                server = await self._listen()
            except OSError as error:
                logger.warning("no listener for mail: %s", error.strerror)
                await asyncio.sleep(5)
                continue
            self.listening = True
            try:
                # Not ``serve_forever``: cancelled, it waits for sessions to end by themselves (Python 3.12). Servers
                # send again what was cut.
                await asyncio.get_running_loop().create_future()
            finally:
                self.listening = False
                server.close()

    async def _listen(self) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        where = self._place
        if not where.path:
            return await loop.create_server(self._session, where.host, where.port)
        await asyncio.to_thread(_clear, Path(where.path))
        server = await loop.create_unix_server(self._session, where.path)
        await asyncio.to_thread(Path(where.path).chmod, 0o660)
        return server

    def _session(self) -> SMTP:
        kind = _Lmtp if self._place.protocol == "lmtp" else _Smtp
        return kind(
            self._handler, data_size_limit=LIMIT, enable_SMTPUTF8=True, hostname=_NAME, ident="Holdfast", timeout=120
        )


def _clear(path: Path) -> None:
    """A socket of a worker that was killed."""
    with suppress(FileNotFoundError):
        if stat.S_ISSOCK(path.stat().st_mode):
            path.unlink()


class _Bounded(SMTP):
    """Of all sessions of this process at most so many at once; the rest is told to come back."""

    line_length_limit = _LONGEST_LINE
    _open = 0
    _counted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if _Bounded._open >= _MOST_SESSIONS and isinstance(transport, asyncio.Transport):
            transport.write(b"421 4.3.2 Too many at once\r\n")
            transport.close()
            return
        _Bounded._open += 1
        self._counted = True
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self._counted:
            _Bounded._open -= 1
            super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        if self._counted:
            super().data_received(data)

    def eof_received(self) -> bool | None:
        return super().eof_received() if self._counted else None


class _Smtp(_Bounded):
    pass


class _Lmtp(_Bounded, LMTP):
    pass
