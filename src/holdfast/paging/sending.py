"""The real sender: mail by our own server of mail, web push by ourselves, all else by apprise's services."""

from urllib.parse import quote, urlsplit

import aiosmtplib

from holdfast.core import mail as smtp
from holdfast.core.database import Database
from holdfast.core.outgoing import Outgoing
from holdfast.core.settings import Settings
from holdfast.paging import apprise_way, web_push
from holdfast.paging.ports import Message, Outcome
from holdfast.people.mail import send_later


class RealSender:
    """What ``ports.Sender`` promises. In a demo nothing leaves the house: mails are kept, the rest is refused."""

    def __init__(self, settings: Settings, database: Database, outgoing: Outgoing) -> None:
        self._settings = settings
        self._database = database
        self._outgoing = outgoing

    async def send(self, message: Message) -> Outcome:
        if message.kind == "mail":
            return await self._mail(message)
        if self._settings.demo:
            return Outcome(False, "demo", final=True)
        if message.kind == "push":
            return await web_push.send(self._outgoing, message, self._settings.mail_from)
        url = _address(message)
        if url is None:
            return Outcome(False, "provider", final=True)
        # Spoken, an address is noise.
        text = message.text if message.link is None or message.kind == "call" else f"{message.text}\n{message.link}"
        return await apprise_way.send(self._outgoing, url, message.subject, text)

    async def _mail(self, message: Message) -> Outcome:
        text = f"{message.text}\n\n{message.link}\n" if message.link else f"{message.text}\n"
        if self._settings.demo:
            async with self._database.transaction() as session:
                await send_later(session, message.address, message.subject, text)
            return Outcome(True)
        if self._settings.smtp_url is None:
            return Outcome(False, "smtp", final=True)
        # Its id follows from the delivery's: one that is sent twice after a crash is seen as one.
        composed = smtp.compose(message.id, self._settings.mail_from, message.address, message.subject, text)
        if message.urgent:
            composed["X-Priority"] = "1"
        try:
            await smtp.send(smtp.smtp_server(self._settings.smtp_url), composed)
        except smtp.Refused:
            return Outcome(False, "refused", final=True)
        except (aiosmtplib.SMTPException, OSError):
            return Outcome(False, "connect")
        return Outcome(True)


def _address(message: Message) -> str | None:
    """As apprise writes it; None if the organisation has no account for it."""
    if message.kind in {"ntfy", "webhook"}:
        parts = urlsplit(message.address)
        scheme = {"ntfy": "ntfy", "webhook": "json"}[message.kind] + ("s" if parts.scheme == "https" else "")
        urgent = "&priority=max" if message.urgent and message.kind == "ntfy" else ""
        # Without a mode, ntfy's own public host would be spoken to by a name of apprise's.
        mode = "&mode=private&image=no" if message.kind == "ntfy" else ""
        click = f"&click={quote(message.link, safe='')}" if message.link and message.kind == "ntfy" else ""
        token = f"&auth=token&token={quote(message.secret, safe='')}" if message.secret else ""
        return f"{scheme}://{parts.netloc}{parts.path}?redirect=no{mode}{urgent}{click}{token}"
    if message.provider is None:
        return None
    return apprise_way.with_target(message.provider, message.address, "call" if message.kind == "call" else None)
