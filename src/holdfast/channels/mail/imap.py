"""One connection to a folder of an IMAP server, in plain blocking calls: made in threads by ``fetching.py``."""

import imaplib
import re
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError, MailboxFolderSelectError, MailboxLoginError

from holdfast.channels.mail.listener import LIMIT

# Seconds until a server that says nothing is given up.
_PATIENCE = 60.0
# Of a letter that is larger than any that we take: its head, its words, and a part of its files.
_BEGINNING = 2 * 1024 * 1024

# What a lost or refused connection raises.
FAILURES = (OSError, imaplib.IMAP4.error, ImapToolsError, ValueError, KeyError)


@dataclass(frozen=True, slots=True)
class Account:
    host: str
    port: int
    security: str
    username: str
    password: str
    folder: str
    deletes: bool


def reason(error: BaseException) -> str:
    """A stable word for why a mailbox cannot be read; the server's own words may hold anything."""
    if isinstance(error, MailboxLoginError):
        return "sign_in"
    if isinstance(error, MailboxFolderSelectError):
        return "folder"
    if isinstance(error, ssl.SSLError):
        return "tls"
    return "connection" if isinstance(error, OSError | imaplib.IMAP4.abort) else "protocol"


class Folder:
    """Open until ``close`` (which may be called from any thread, and ends what another one waits for)."""

    def __init__(self, account: Account, context: ssl.SSLContext | None = None) -> None:
        self._account = account
        context = context or ssl.create_default_context()
        box: BaseMailBox
        if account.security == "tls":
            box = MailBox(account.host, account.port, timeout=_PATIENCE, ssl_context=context)
        elif account.security == "starttls":
            box = MailBoxStartTls(account.host, account.port, timeout=_PATIENCE, ssl_context=context)
        else:
            box = MailBoxUnencrypted(account.host, account.port, timeout=_PATIENCE)
        self._box = box
        try:
            box.login(account.username, account.password, initial_folder=None)
            self.validity, self.next_uid = self._opened(account.folder)
        except BaseException:
            self.close()
            raise
        self.idles = "IDLE" in box.client.capabilities

    def _opened(self, folder: str) -> tuple[int, int]:
        status = self._box.folder.status(folder, ["UIDVALIDITY", "UIDNEXT"])
        self._box.folder.set(folder)
        return status["UIDVALIDITY"], status["UIDNEXT"]

    def after(self, uid: int) -> list[int]:
        """The letters with a higher number, in order."""
        # "n:*" always gives the last one, whatever its number.
        return [found for found in self._search(f"UID {uid + 1}:*") if found > uid]

    def unseen(self, since: date | None = None) -> list[int]:
        """What nobody has read, and everything that came ``since``."""
        found = set(self._search("UNSEEN"))
        if since is not None:
            found.update(self._search(f"SINCE {since.day}-{_MONTHS[since.month - 1]}-{since.year}"))
        return sorted(found)

    def _search(self, criteria: str) -> list[int]:
        return sorted(int(uid) for uid in self._box.uids(criteria))

    def fetch(self, uid: int) -> tuple[bytes, datetime | None] | None:
        """A letter as it is, unread as it was, and when it reached the server; None if it is gone. Of a monster only
        its beginning."""
        client = self._box.client
        _, found = client.uid("FETCH", str(uid), "(RFC822.SIZE INTERNALDATE)")
        size = _size(found)
        if size is None:
            return None
        part = "BODY.PEEK[]" if size <= LIMIT else f"BODY.PEEK[]<0.{_BEGINNING}>"
        _, answer = client.uid("FETCH", str(uid), f"({part})")
        raw = next((bytes(line[1]) for line in answer if isinstance(line, tuple)), None)
        return (raw, arrival(found)) if raw is not None else None

    def done(self, uid: int) -> None:
        """It is stored with us: mark it read, or remove it."""
        client = self._box.client
        if not self._account.deletes:
            client.uid("STORE", str(uid), "+FLAGS.SILENT", "(\\Seen)")
            return
        client.uid("STORE", str(uid), "+FLAGS.SILENT", "(\\Seen \\Deleted)")
        if "UIDPLUS" in client.capabilities:
            client.uid("EXPUNGE", str(uid))
        else:
            client.expunge()

    def wait(self, seconds: float) -> None:
        """Until the server says that something is new, or the time is over."""
        if self.idles:
            self._box.idle.wait(timeout=seconds)
        else:
            self._box.client.noop()

    def close(self) -> None:
        sock = getattr(self._box.client, "sock", None)
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            with suppress(OSError):
                sock.close()


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


_DATE = re.compile(rb'INTERNALDATE "([ \d]\d)-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)"', re.I)


def arrival(found: list[object]) -> datetime | None:
    """INTERNALDATE (RFC 3501, 2.3.3), read without this machine's language; None if the server gives none."""
    for line in found:
        text = line[0] if isinstance(line, tuple) else line
        match = _DATE.search(text) if isinstance(text, bytes) else None
        if match is None:
            continue
        day, month, year, hour, minute, second, sign, east, rest = (part.decode() for part in match.groups())
        try:
            offset = timedelta(hours=int(east), minutes=int(rest))
            zone = timezone(-offset if sign == "-" else offset)
            number = _MONTHS.index(month.title()) + 1
            return datetime(int(year), number, int(day), int(hour), int(minute), min(int(second), 59), tzinfo=zone)
        except ValueError:
            continue
    return None


def _size(found: list[object]) -> int | None:
    for line in found:
        text = line[0] if isinstance(line, tuple) else line
        if isinstance(text, bytes) and b"RFC822.SIZE" in text:
            return int(text.partition(b"RFC822.SIZE")[2].split()[0].rstrip(b")"))
    return None
