"""Pictures are read before anybody at the desk sees them; one that shows a secret is destroyed.

The states of an attachment: *reading* (nobody but its uploader sees it), *clear*, *unread* (it could not be read, or
something in it may be a secret: blurred until somebody with the right opens it, which is audited), *secret* (its bytes
are gone, and what was read in them is neither stored nor logged). Text was redacted when it came; it is clear.

The state is in the table: a worker that is killed loses nothing, and the next one reads the same picture again.
"""

import asyncio
import logging
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import StaffViewer, SystemViewer
from holdfast.conversations import queries, timeline
from holdfast.conversations.errors import AttachmentUnknown, PictureNotYours
from holdfast.conversations.facts import SecretFound
from holdfast.conversations.files import content, file_url
from holdfast.conversations.models import Attachment
from holdfast.conversations.picture_text import reading
from holdfast.conversations.ports import PictureReader, PictureUnreadable
from holdfast.conversations.visibility import EMERGENCY_STAFF
from holdfast.core.clock import now
from holdfast.core.database import Database, happened, tell
from holdfast.core.files import FileStore, StoredFileMissing
from holdfast.core.looking import Looking
from holdfast.core.notify import LIVE
from holdfast.redaction import Finding, redact

logger = logging.getLogger(__name__)

# Seconds: a look each minute finds what no notice told of.
_SAFETY_NET = 60.0
# How long somebody sees a picture that was not read.
SHOWN_FOR = timedelta(minutes=5)

_WORKER = SystemViewer("look for secrets in a picture")


class Readings(Looking):
    """One per worker process, one picture at a time: reading takes a whole processor."""

    def __init__(self, database: Database, store: FileStore, reader: PictureReader) -> None:
        super().__init__()
        self._database = database
        self._store = store
        self._reader = reader

    async def _look(self) -> float:
        await self.read_all()
        return _SAFETY_NET

    async def read_all(self) -> None:
        """Everything that waits, oldest first, and what a worker that died had not destroyed yet."""
        while True:
            async with self._database.transaction() as session:
                waiting = await timeline.pictures_to_read(session)
            done = [attachment_id for attachment_id in waiting if await self._one(attachment_id)]
            # What is left is another worker's.
            if not done:
                return

    async def _one(self, attachment_id: UUID) -> bool:
        """Whether it was this worker's. No row is locked while the picture is read: its message is not held up."""
        async with self._database.transaction() as session:
            if not await timeline.claimed_picture(session, attachment_id):
                return False
            file = await timeline.attachment(session, attachment_id)
            if file is None:
                return False
            if file.state == "reading":
                state, found = await self._judge(file)
                await _settle(session, attachment_id, state, found)
        if file.state == "secret":
            await self._destroy(file)
        return True

    async def _judge(self, file: Attachment) -> tuple[str, list[Finding]]:
        """The state it comes to, and the secrets that are certain enough to destroy it for."""
        doubtful = False
        try:
            picture = await asyncio.to_thread(content, self._store, file)
            async for seen in self._reader.read(picture):
                made = reading(seen)
                findings = [finding for text in made.texts for finding in redact(text).findings]
                loud = [finding for finding in findings if finding.certainty != "ambiguous"]
                if loud:
                    return "secret", loud
                doubtful = doubtful or bool(findings) or made.like_a_phrase
        except (PictureUnreadable, StoredFileMissing):
            doubtful = True
        except Exception:
            # A fault of the reader must not stop the queue behind this picture.
            logger.exception("a picture could not be read")
            doubtful = True
        # A picture of our own people is theirs to answer for: its customer sees it.
        return ("unread" if doubtful and file.uploader == "customer" else "clear"), []

    async def _destroy(self, file: Attachment) -> None:
        """After the commit that says so: a worker that dies in between leaves the key, by which the next one knows."""
        await asyncio.to_thread(self._store.delete, file.key)
        async with self._database.transaction() as session:
            gone = await session.get_one(Attachment, file.id)
            gone.key, gone.file_key = "", b""


async def _settle(session: AsyncSession, attachment_id: UUID, state: str, found: list[Finding]) -> None:
    file = await timeline.locked_attachment(session, attachment_id)
    if file is None:
        return
    file.state = state
    if found:
        _tell_of_secret(session, file, found)
    tell(session, LIVE, f"f:{file.conversation_id.hex}:{file.id.hex}")


def _tell_of_secret(session: AsyncSession, file: Attachment, found: list[Finding]) -> None:
    """The facts, which tell both sides, and an audit entry: of what kind, never what it was."""
    largest = {finding.kind: finding for finding in sorted(found, key=lambda finding: finding.words)}
    for finding in largest.values():
        fact = SecretFound(
            file.conversation_id, file.seq, finding.kind, finding.words, "picture", finding.certainty, file.uploader
        )
        happened(session, fact)
    record(session, _WORKER, "attachment.destroyed", ("attachment", file.id), kinds=sorted(largest))


async def show(
    session: AsyncSession, viewer: StaffViewer, attachment_id: UUID, *, purpose: str, network: str | None
) -> tuple[str, datetime]:
    """A link, good for SHOWN_FOR, to a picture that could not be read; it is written to the audit log.

    Raises AttachmentUnknown (also while it is being read, and when it is gone), ConversationNotFound, PictureNotYours.
    """
    file = await timeline.attachment(session, attachment_id)
    if file is None or file.state != "unread":
        raise AttachmentUnknown
    await queries.conversation(session, viewer, file.conversation_id)
    if not viewer.holds(*EMERGENCY_STAFF):
        raise PictureNotYours
    record(session, viewer, "attachment.shown", ("attachment", attachment_id), purpose=purpose, network=network)
    until = now() + SHOWN_FOR
    return file_url(file.id, until), until
