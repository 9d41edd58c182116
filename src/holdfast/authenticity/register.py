"""The register of official channels: changing it, the signed document of it, and the list of links that may go out."""

import base64
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import Role, StaffViewer
from holdfast.authenticity import queries, targets
from holdfast.authenticity.errors import ChannelKnown, ChannelUnreadable, PeriodWrong, RegisterRefused
from holdfast.authenticity.lookalikes import Official, below
from holdfast.authenticity.models import OfficialChannel
from holdfast.authenticity.secrets import register_key
from holdfast.conversations.intake import clean
from holdfast.core.clock import now
from holdfast.core.database import Database, tell
from holdfast.redaction import redact

# Says to every process that the register has changed.
CHANNEL = "holdfast_register"
FORMAT = "holdfast-official-channels/1"


async def lines(session: AsyncSession, viewer: StaffViewer) -> list[OfficialChannel]:  # noqa: ARG001 - public
    """The whole register, for whoever is signed in."""
    return await queries.channels(session)


async def add(
    session: AsyncSession,
    viewer: StaffViewer,
    *,
    kind: str,
    value: str,
    note: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> OfficialChannel:
    """A new line. Raises RegisterRefused, ChannelUnreadable, ChannelKnown, PeriodWrong."""
    _may(viewer)
    # The register is public. An app's hash cannot be told from a key (ambiguous) and stays.
    if any(finding.certainty != "ambiguous" for finding in redact(value).findings):
        raise ChannelUnreadable
    target = targets.read(value, "domain" if kind == "reference" else kind)
    if target.kind != ("domain" if kind == "reference" else kind) or (kind == "link" and not target.host):
        raise ChannelUnreadable
    if target.kind == "link" and targets.winding(target.key):
        raise ChannelUnreadable
    if await queries.channel_by_key(session, kind, target.key) is not None:
        raise ChannelKnown
    begin = since or now()
    _period(begin, until)
    line = OfficialChannel(
        kind=kind,
        key=target.key,
        shown=target.named,
        note=clean(note, may_be_empty=True)[0],
        since=begin,
        until=until,
    )
    session.add(line)
    await session.flush()
    record(session, viewer, "register.added", ("official_channel", line.id), kind=kind, address=line.shown)
    tell(session, CHANNEL, "changed")
    return line


async def change(
    session: AsyncSession,
    viewer: StaffViewer,
    channel_id: UUID,
    *,
    note: str,
    since: datetime,
    until: datetime | None,
) -> OfficialChannel:
    """Another note or another time. Raises RegisterRefused, ChannelUnknown, PeriodWrong."""
    _may(viewer)
    line = await queries.channel(session, viewer, channel_id)
    _period(since, until)
    line.note, _ = clean(note, may_be_empty=True)
    line.since, line.until, line.changed_at = since, until, now()
    record(session, viewer, "register.changed", ("official_channel", line.id), kind=line.kind, address=line.shown)
    tell(session, CHANNEL, "changed")
    await session.flush()
    return line


def _may(viewer: StaffViewer) -> None:
    if not viewer.holds(Role.ADMINISTRATOR):
        raise RegisterRefused


def _period(since: datetime, until: datetime | None) -> None:
    if until is not None and until <= since:
        raise PeriodWrong


async def document(session: AsyncSession, organisation: str) -> dict[str, Any]:
    """The register as an app embeds it: ``payload`` (JSON text), and its Ed25519 signature over exactly those bytes."""
    key = await register_key(session)
    return signed(key, organisation, await queries.channels(session), now())


def signed(key: Ed25519PrivateKey, organisation: str, lines: Sequence[OfficialChannel], at: datetime) -> dict[str, Any]:
    """Pure: the document of these lines."""
    channels = [
        {"kind": line.kind, "value": line.key, "shown": line.shown, "note": line.note, **_times(line)}
        for line in lines
        if line.until is None or line.until > at
    ]
    payload = json.dumps(
        {
            "format": FORMAT,
            "organisation": organisation,
            "made": at.isoformat(timespec="seconds"),
            "channels": channels,
        },
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    return {
        "payload": payload,
        "signature": base64.b64encode(key.sign(payload.encode())).decode(),
        "public_key": base64.b64encode(key.public_key().public_bytes_raw()).decode(),
        "algorithm": "Ed25519",
    }


def _times(line: OfficialChannel) -> dict[str, str | None]:
    return {
        "since": line.since.isoformat(timespec="seconds"),
        "until": line.until.isoformat(timespec="seconds") if line.until else None,
    }


class OfficialLinks:
    """Which links may go out: those of the register at this moment, and this installation's own. One a process, read
    at the start and after every notice that the register has changed; before that it allows nothing but its own."""

    def __init__(self) -> None:
        self._own: Official | None = None
        self._domains: dict[str, Official] = {}
        self._links: list[Official] = []
        self._mails: dict[str, Official] = {}

    def own(self, host: str) -> None:
        """The installation's own host, which is never unlisted."""
        self._own = Official("domain", host, host)
        self._domains[host] = self._own

    async def load(self, database: Database) -> None:
        async with database.transaction() as session:
            self.use(await queries.register(session))

    def use(self, lines: Sequence[Official]) -> None:
        self._domains = {line.key: line for line in lines if line.kind in ("domain", "reference")}
        if self._own is not None:
            self._domains[self._own.key] = self._own
        self._links = [line for line in lines if line.kind in ("link", "handle")]
        self._mails = {line.key: line for line in lines if line.kind == "mail"}

    def allows(self, link: str) -> bool:
        """Whether this link, host or mail address may stand in a message to a customer."""
        if len(link) > targets.LIMIT:
            # Only its beginning would be read, and it may lead elsewhere by its end.
            return False
        target = targets.read(link)
        moment = now()
        if target.kind == "mail":
            mail = self._mails.get(target.key)
            return mail is not None and mail.valid(moment)
        if target.kind == "handle":
            return any(line.key == target.key and line.valid(moment) for line in self._links)
        if target.kind not in ("domain", "link") or target.disguise:
            return False
        host = target.host
        while host:
            line = self._domains.get(host)
            if line is not None and line.valid(moment):
                return True
            host = host.partition(".")[2]
        return any(line.valid(moment) and below(target.key, line.key) for line in self._links)


OFFICIAL_LINKS = OfficialLinks()
