"""Attachments: checked by content, kept in the file store, served from an origin that has no session."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.customer_keys import customers_have_keys
from holdfast.access.keys import key_ring
from holdfast.access.viewer import CustomerViewer, StaffViewer
from holdfast.conversations import queries, timeline
from holdfast.conversations.errors import AttachmentUnknown, TooManyFiles
from holdfast.conversations.facts import SecretFound
from holdfast.conversations.intake import clean
from holdfast.conversations.media import Media, inspect
from holdfast.conversations.models import Attachment
from holdfast.core.database import Database, happened, tell
from holdfast.core.files import FileStore, StoredFileMissing
from holdfast.core.notify import PICTURES
from holdfast.core.sealed_files import new_file_key

# Seconds a link to a file is good for, at least; it is signed anew each time an entry is read. A chat that stays open
# for longer than a day and a half must be loaded again.
URL_LIFETIME = 24 * 3600
# Files of one conversation that no message names yet, of the customer and of agents each.
MOST_UNATTACHED = 20

# Two at a time: a decoded picture takes up to 160 MB, and the other processor time is for the chats.
_decoders = ThreadPoolExecutor(2, "decode")

_origin = ""


def use_files_origin(origin: str) -> None:
    """Set the origin of file links (once, at start)."""
    global _origin  # noqa: PLW0603 - entries are built in many places that have no settings
    _origin = origin


def file_url(attachment_id: UUID, ends: datetime | None = None) -> str:
    """A link that expires when it ``ends``, or with the coming day (whole days, so that browsers can cache)."""
    until = int(ends.timestamp()) if ends else (int(time.time()) // URL_LIFETIME + 2) * URL_LIFETIME
    return f"{_origin}/files/{attachment_id}/{until}/{key_ring().sign(f'file:{attachment_id}:{until}')}"


async def signed_attachment(session: AsyncSession, attachment_id: UUID, until: int, signature: str) -> Attachment:
    """The file behind a link. Raises AttachmentUnknown for a forged or expired one too, and when it is destroyed."""
    good = key_ring().signed(f"file:{attachment_id}:{until}", signature) and time.time() < until
    found = await timeline.attachment(session, attachment_id) if good else None
    if found is None or found.state == "secret":
        raise AttachmentUnknown
    return found


async def upload(
    database: Database,
    store: FileStore,
    viewer: CustomerViewer | StaffViewer,
    conversation_id: UUID,
    *,
    data: bytes,
    name: str,
    declared_type: str,
) -> Attachment:
    """Check, re-encode and keep a file; it belongs to no message until one names it. A picture is read by a worker
    before anybody but its uploader sees it.

    No transaction is open while the file is decoded, which takes seconds when several come at once.
    Raises AttachmentType, AttachmentTooLarge, StorageFull, ConversationNotFound, TooManyFiles.
    """
    uploader = "customer" if isinstance(viewer, CustomerViewer) else "agent"
    async with database.transaction() as session:
        await queries.conversation(session, viewer, conversation_id)
        await _has_room(session, conversation_id, uploader)
    file_key = new_file_key() if customers_have_keys() else None
    media, key = await asyncio.get_running_loop().run_in_executor(
        _decoders, _keep, store, data, name, declared_type, file_key
    )
    try:
        async with database.transaction() as session:
            # The lock makes the count exact when several files come at once.
            conversation = await queries.locked(session, viewer, conversation_id)
            await _has_room(session, conversation_id, uploader)
            attachment = Attachment(
                conversation_id=conversation_id,
                customer_id=conversation.customer_id,
                seq=None,
                uploader=uploader,
                uploader_id=viewer.id,
                # A file may be named by what it holds: the name goes the way of every text.
                name=clean(media.name)[0],
                media_type=media.media_type,
                size=len(media.data),
                width=media.width,
                height=media.height,
                key=key,
                file_key=file_key,
                sealed=file_key is not None,
                state="reading" if media.kind == "image" else "clear",
            )
            session.add(attachment)
            tell(session, PICTURES, "new")
            for found in {one.kind: one for one in media.findings}.values():
                fact = SecretFound(
                    conversation_id, None, found.kind, found.words, "attachment", found.certainty, uploader
                )
                happened(session, fact)
    except BaseException:
        await asyncio.to_thread(store.delete, key)
        raise
    return attachment


async def _has_room(session: AsyncSession, conversation_id: UUID, uploader: str) -> None:
    if await timeline.unattached(session, conversation_id, uploader) >= MOST_UNATTACHED:
        raise TooManyFiles(limit=MOST_UNATTACHED)


def _keep(store: FileStore, data: bytes, name: str, declared_type: str, file_key: bytes | None) -> tuple[Media, str]:
    media = inspect(data, name, declared_type)
    return media, store.put(media.data, file_key)


def content(store: FileStore, attachment: Attachment) -> bytes:
    """The file's bytes. Raises StoredFileMissing, also for an erased customer's, and SealedFileDamaged."""
    if attachment.file_key == b"":
        raise StoredFileMissing
    if attachment.sealed:
        return store.read(attachment.key, attachment.file_key)
    # The job that seals it may be at it: the key is stored before the file changes.
    if attachment.file_key is not None and store.is_sealed(attachment.key, attachment.file_key):
        return store.read(attachment.key, attachment.file_key)
    return store.read(attachment.key)
