"""Mail health for leads and administrators, mailboxes for administrators, the quarantine for whoever answers."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from litestar import get, patch, post
from litestar.params import Parameter

from holdfast.access.masks import shown, shown_text
from holdfast.access.policy import Field, Sight, Stance, sight
from holdfast.access.viewer import Role, StaffViewer
from holdfast.channels.mail import composing, mailboxes, quarantine, queries, staff_queries
from holdfast.channels.mail.models import Mailbox
from holdfast.channels.mail.schemas import (
    Admitted,
    LetterFileView,
    LetterView,
    MailboxChanges,
    MailboxInput,
    MailboxTried,
    MailboxView,
    MailHealth,
    OutgoingView,
    QuarantineCount,
    QuarantinedView,
    TroubleView,
)
from holdfast.channels.mail.sealed_words import key_folder
from holdfast.channels.mail.watch import SILENT_AFTER
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.files import FileStore
from holdfast.core.http import STATUS_OK
from holdfast.core.settings import Settings
from holdfast.people.http_viewer import FRESH, staff
from holdfast.people.sign_in import Browser

_ADMINISTRATOR = [staff(Role.ADMINISTRATOR)]
_OVERSEER = [staff(Role.ADMINISTRATOR, Role.LEAD)]
_ANSWERING = [staff(Role.AGENT, Role.EMERGENCY_AGENT, Role.LEAD)]
_DAY = timedelta(days=1)


def _mailbox(mailbox: Mailbox, counts: Mapping[tuple[UUID, str], int]) -> MailboxView:
    silent = mailbox.succeeded_at < now() - SILENT_AFTER
    return MailboxView(
        id=mailbox.id,
        address=mailbox.address,
        name=mailbox.name,
        language=mailbox.language,
        way=mailbox.way,  # type: ignore[arg-type]  # one of the two
        host=mailbox.host,
        port=mailbox.port,
        security=mailbox.security,  # type: ignore[arg-type]  # one of the three
        username=mailbox.username,
        folder=mailbox.folder,
        deletes=mailbox.deletes,
        authserv=mailbox.authserv,
        active=mailbox.active,
        state="off" if not mailbox.active else "silent" if silent else "ok",
        failure=mailbox.failure,
        succeeded_at=mailbox.succeeded_at,
        taken=counts.get((mailbox.id, "taken"), 0) + counts.get((mailbox.id, "admitted"), 0),
        quarantined=counts.get((mailbox.id, "quarantined"), 0),
        dkim_selector=mailbox.dkim_selector,
        dkim_record=composing.dkim_record(mailbox.dkim_key) if mailbox.dkim_key else "",
    )


@get("/api/mail/health", guards=_OVERSEER)
async def mail_health(database: Database, settings: Settings, viewer: StaffViewer) -> MailHealth:
    since = now() - _DAY
    async with database.transaction() as session:
        counts = await staff_queries.counts(session, viewer, since)
        outgoing = await staff_queries.outgoing_counts(session, viewer, since)
        return MailHealth(
            mailboxes=[_mailbox(mailbox, counts) for mailbox in await staff_queries.mailboxes(session, viewer)],
            outgoing=OutgoingView(
                possible=settings.smtp_url is not None or settings.demo,
                waiting=outgoing.get("waiting", 0),
                sent=outgoing.get("sent", 0) + outgoing.get("kept", 0),
                failed=outgoing.get("failed", 0),
                bounced=outgoing.get("bounced", 0),
            ),
            troubles=[
                TroubleView(
                    reference=reference,
                    kind=letter.kind,
                    state=letter.state,
                    attempts=letter.attempts,
                    reply=letter.reply,
                    created_at=letter.created_at,
                    next_at=letter.next_at if letter.state == "waiting" else None,
                )
                for letter, reference in await staff_queries.troubled(session, viewer)
            ],
        )


@post("/api/mail/mailboxes", guards=_ADMINISTRATOR, opt=FRESH)
async def add_mailbox(database: Database, viewer: StaffViewer, browser: Browser, data: MailboxInput) -> MailboxView:
    async with database.transaction() as session:
        return _mailbox(await mailboxes.add(session, viewer, data, browser.network), {})


@patch("/api/mail/mailboxes/{mailbox_id:uuid}", guards=_ADMINISTRATOR, opt=FRESH)
async def change_mailbox(
    database: Database, viewer: StaffViewer, browser: Browser, mailbox_id: UUID, data: MailboxChanges
) -> MailboxView:
    async with database.transaction() as session:
        mailbox = await mailboxes.change(session, viewer, mailbox_id, data, browser.network)
        await session.flush()
        return _mailbox(mailbox, await staff_queries.counts(session, viewer, now() - _DAY))


@post("/api/mail/mailboxes/{mailbox_id:uuid}/test", guards=_ADMINISTRATOR, opt=FRESH, status_code=STATUS_OK)
async def test_mailbox(database: Database, settings: Settings, viewer: StaffViewer, mailbox_id: UUID) -> MailboxTried:
    """Connect now, as the worker does, and say what is wrong."""
    async with database.transaction() as session:
        account = await mailboxes.test(session, viewer, mailbox_id)
    if account is None:
        return MailboxTried(None if settings.mail_listen else "listener")
    return MailboxTried(await asyncio.to_thread(mailboxes.try_out, account))


@get("/api/mail/quarantine", guards=_ANSWERING)
async def list_quarantine(
    database: Database,
    viewer: StaffViewer,
    before: datetime | None = None,
    limit: Annotated[int, Parameter(ge=1, le=200)] = 50,
) -> list[QuarantinedView]:
    """The newest first; what they say is asked for one by one, and written down."""
    async with database.transaction() as session:
        rows = await staff_queries.quarantined(session, viewer, limit, before)
        addresses = {mailbox.id: mailbox.address for mailbox in await queries.all_mailboxes(session)}
        return [
            QuarantinedView(row.id, addresses.get(row.mailbox_id, ""), row.why, row.came_at, row.size, row.checks)
            for row in rows
        ]


@get("/api/mail/quarantine/count", guards=_ANSWERING)
async def count_quarantine(database: Database, viewer: StaffViewer) -> QuarantineCount:
    """For the navigation: a letter that waits there waits for an answer, too."""
    async with database.transaction() as session:
        return QuarantineCount(await staff_queries.waiting(session, viewer))


@post("/api/mail/quarantine/{letter_id:uuid}/read", guards=_ANSWERING, status_code=STATUS_OK)
async def read_letter(database: Database, settings: Settings, viewer: StaffViewer, letter_id: UUID) -> LetterView:
    keys = key_folder(settings)
    async with database.transaction() as session:
        row, words = await quarantine.read(session, keys, viewer, letter_id)

    def seen(text: str) -> str:
        return shown_text(text, sight(viewer, Field.TEXT, Stance.SEES)) or ""

    return LetterView(
        id=letter_id,
        why=row.why,
        sender=shown(words.sender, Field.EMAIL, min(sight(viewer, Field.EMAIL, Stance.SEES), Sight.MASKED)) or "",
        sender_name=shown(words.sender_name, Field.NAME, sight(viewer, Field.NAME, Stance.SEES)) or "",
        subject=seen(words.subject),
        text=seen(words.text),
        files=[LetterFileView(seen(file.name), file.media_type, file.size) for file in words.files],
        left_out=words.left_out,
        answerable=bool(words.sender) and not words.unread,
    )


@post("/api/mail/quarantine/{letter_id:uuid}/admit", guards=_ANSWERING, status_code=STATUS_OK)
async def admit_letter(database: Database, settings: Settings, viewer: StaffViewer, letter_id: UUID) -> Admitted:
    async with database.transaction() as session:
        conversation = await quarantine.admit(session, key_folder(settings), viewer, letter_id)
        return Admitted(conversation.id)


@post("/api/mail/quarantine/{letter_id:uuid}/discard", guards=_ANSWERING, status_code=204)
async def discard_letter(
    database: Database, settings: Settings, files: FileStore, viewer: StaffViewer, letter_id: UUID
) -> None:
    async with database.transaction() as session:
        await quarantine.discard(session, key_folder(settings), files, viewer, letter_id)


HANDLERS = [
    mail_health,
    add_mailbox,
    change_mailbox,
    test_mailbox,
    list_quarantine,
    count_quarantine,
    read_letter,
    admit_letter,
    discard_letter,
]
