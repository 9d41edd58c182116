"""What the people who answer see of letters in a conversation: by which way its customer is reached, and what went."""

from uuid import UUID

from litestar import get, post

from holdfast.access.audit import record
from holdfast.access.masks import shown_text
from holdfast.access.policy import Field, Sight, sight
from holdfast.access.viewer import StaffViewer
from holdfast.channels.mail import opening
from holdfast.channels.mail.schemas import LetterHtml, LetterRaw, OpenRaw, WaysView
from holdfast.channels.mail.ways import seen_ways
from holdfast.conversations import operations
from holdfast.conversations import queries as conversations
from holdfast.conversations.visibility import stance
from holdfast.core.database import Database
from holdfast.core.files import FileStore
from holdfast.core.http import STATUS_OK


@get("/api/mail/conversations/{conversation_id:uuid}")
async def ways(database: Database, viewer: StaffViewer, conversation_id: UUID) -> WaysView:
    """By which way the customer is reached now."""
    async with database.transaction() as session:
        return await seen_ways(session, viewer, conversation_id)


@get("/api/mail/conversations/{conversation_id:uuid}/letters/{seq:int}")
async def letter_html(
    database: Database, files: FileStore, viewer: StaffViewer, conversation_id: UUID, seq: int
) -> LetterHtml:
    """How the letter was laid out, for whoever sees its words."""
    async with database.transaction() as session:
        conversation = await conversations.conversation(session, viewer, conversation_id)
        at = stance(viewer, conversation.assignee_id, conversation.category)
        _, html = await opening.kept(session, files, conversation, seq)
        record(session, viewer, "conversation.opened", ("conversation", conversation_id))
        # Words that are masked are masked within text, not within marks: such a viewer has the entry.
        return LetterHtml(html if sight(viewer, Field.TEXT, at) is Sight.CLEAR else "")


@post("/api/mail/conversations/{conversation_id:uuid}/letters/{seq:int}/raw", status_code=STATUS_OK)
async def letter_raw(
    database: Database, files: FileStore, viewer: StaffViewer, conversation_id: UUID, seq: int, data: OpenRaw
) -> LetterRaw:
    """The raw letter, for a purpose; it is written to the audit log."""
    async with database.transaction() as session:
        conversation = await operations.must_have(session, viewer, conversation_id)
        raw = await opening.raw(session, files, viewer, conversation, seq, data.purpose)
        at = stance(viewer, conversation.assignee_id, conversation.category)
        return LetterRaw(shown_text(raw, sight(viewer, Field.TEXT, at)))


HANDLERS = [ways, letter_html, letter_raw]
