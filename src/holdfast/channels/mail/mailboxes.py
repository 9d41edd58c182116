"""What administrators do with mailboxes."""

import asyncio
import re
from ipaddress import ip_address
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import Role, StaffViewer
from holdfast.channels.mail import composing, queries
from holdfast.channels.mail.entering import CHANNEL
from holdfast.channels.mail.errors import MailboxTaken, MailboxUnfit, MailboxUnknown
from holdfast.channels.mail.fetching import account
from holdfast.channels.mail.imap import FAILURES, Account, Folder, reason
from holdfast.channels.mail.models import Mailbox
from holdfast.channels.mail.schemas import MailboxChanges, MailboxInput
from holdfast.conversations import queries as conversations
from holdfast.core.clock import now
from holdfast.core.database import tell
from holdfast.core.i18n import LANGUAGES
from holdfast.redaction import redact

_ADDRESS = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}@(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}")
_HOST = re.compile(r"[A-Za-z0-9:][A-Za-z0-9.:-]{0,252}")
_SELECTOR = re.compile(r"[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?")


async def add(session: AsyncSession, viewer: StaffViewer, data: MailboxInput, network: str | None) -> Mailbox:
    """With a DKIM key of its own. Raises MailboxUnfit, MailboxTaken."""
    address = data.address.strip().lower()
    if not _ADDRESS.fullmatch(address):
        raise MailboxUnfit(field="address")
    inbox = await conversations.inbox_by_key(session, data.inbox)
    mailbox = Mailbox(
        address=address,
        name=redact(data.name).text,
        language=data.language,
        inbox_id=inbox.id,
        way=data.way,
        host=data.host.strip(),
        port=data.port,
        security=data.security,
        username=data.username,
        password=data.password,
        folder=data.folder,
        deletes=data.deletes,
        authserv=data.authserv.strip(),
        dkim_selector=data.dkim_selector,
        dkim_key=await asyncio.to_thread(composing.new_dkim_key),
    )
    _check(mailbox)
    session.add(mailbox)
    try:
        await session.flush()
    except IntegrityError:
        raise MailboxTaken from None
    record(session, viewer, "mailbox.added", ("mailbox", mailbox.id), network=network, way=mailbox.way)
    tell(session, CHANNEL, "changed")
    return mailbox


async def change(
    session: AsyncSession, viewer: StaffViewer, mailbox_id: UUID, data: MailboxChanges, network: str | None
) -> Mailbox:
    """What is null stays. Another host, user or folder is read from its beginning. Raises MailboxUnknown,
    MailboxUnfit."""
    mailbox = await queries.mailbox(session, mailbox_id, lock=True) if viewer.holds(Role.ADMINISTRATOR) else None
    if mailbox is None:
        raise MailboxUnknown
    given = {
        name: value
        for name in ("language", "host", "port", "security", "username", "password", "folder", "deletes", "authserv",
                     "active", "dkim_selector")
        if (value := getattr(data, name)) is not None
    }  # fmt: skip
    if given.keys() & {"host", "username", "folder"}:
        mailbox.uid_validity, mailbox.uid = None, 0
    if data.name is not None:
        mailbox.name = redact(data.name).text
    for name, value in given.items():
        setattr(mailbox, name, value)
    # It has its five minutes again.
    mailbox.succeeded_at, mailbox.alarmed_at, mailbox.failure = now(), None, None
    _check(mailbox)
    record(session, viewer, "mailbox.changed", ("mailbox", mailbox.id), network=network, fields=sorted(given))
    tell(session, CHANNEL, "changed")
    return mailbox


async def test(session: AsyncSession, viewer: StaffViewer, mailbox_id: UUID) -> Account | None:
    """What to connect with, to see whether it works; None for a mailbox that is delivered to. Raises MailboxUnknown."""
    mailbox = await queries.mailbox(session, mailbox_id) if viewer.holds(Role.ADMINISTRATOR) else None
    if mailbox is None:
        raise MailboxUnknown
    record(session, viewer, "mailbox.tested", ("mailbox", mailbox.id))
    return account(mailbox) if mailbox.way == "imap" else None


def try_out(account: Account) -> str | None:
    """Connect, sign in, open the folder: why not, in a stable word (``imap.reason``), or None. Blocking."""
    try:
        Folder(account).close()
    except FAILURES as error:
        return reason(error)
    return None


def _check(mailbox: Mailbox) -> None:
    """Raises MailboxUnfit with the field's name."""
    checks = [
        ("language", mailbox.language in LANGUAGES),
        ("dkim_selector", bool(_SELECTOR.fullmatch(mailbox.dkim_selector))),
        ("authserv", not mailbox.authserv or bool(_HOST.fullmatch(mailbox.authserv))),
    ]
    # None of these is ever a secret, so what looks like one is a mistake of whoever typed it.
    named = ("address", "host", "username", "folder", "authserv", "dkim_selector")
    checks += [(name, not redact(getattr(mailbox, name)).findings) for name in named]
    if mailbox.way == "imap":
        checks += [
            ("host", bool(_HOST.fullmatch(mailbox.host))),
            ("username", bool(mailbox.username)),
            ("folder", bool(mailbox.folder)),
            ("password", bool(mailbox.password)),
            # A password never crosses a network in clear.
            ("security", mailbox.security != "clear" or _loopback(mailbox.host)),
        ]
    for field, good in checks:
        if not good:
            raise MailboxUnfit(field=field)


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
