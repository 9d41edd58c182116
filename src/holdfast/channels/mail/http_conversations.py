"""What the people who answer see of letters in a conversation: by which way its customer is reached, and what went."""

from uuid import UUID

from litestar import get, post

from holdfast.access.masks import shown_text
from holdfast.access.policy import Field, Sight, sight
from holdfast.access.viewer import StaffViewer
from holdfast.channels.mail import opening, queries, reach
from holdfast.channels.mail.outbox import ANSWER
from holdfast.channels.mail.schemas import AnswerByLetter, CameByLetter, LetterHtml, LetterRaw, OpenRaw, WaysView
from holdfast.conversations import operations, presences
from holdfast.conversations import queries as conversations
from holdfast.conversations.visibility import stance
from holdfast.core.database import Database
from holdfast.core.files import FileStore
from holdfast.core.http import STATUS_OK


@get("/api/mail/conversations/{conversation_id:uuid}")
async def ways(database: Database, viewer: StaffViewer, conversation_id: UUID) -> WaysView:
    """By which way the customer is reached now."""
    async with database.transaction() as session:
        conversation = await conversations.conversation(session, viewer, conversation_id)
        found = await reach.reach(session, conversation)
        seen = await presences.of(session, conversation_id)
        wrote = await queries.last_came(session, conversation_id)
        goes_at = await queries.answer_due(session, conversation_id, ANSWER)
        by_letter = not seen.here and wrote is not None and (seen.at is None or wrote > seen.at)
        return WaysView(
            here=seen.here,
            seen_at=seen.at,
            now="email" if by_letter else "chat",
            mail=found.state,
            address=found.address,
            goes_at=goes_at if found.state == "on" and not seen.here else None,
            letters=[
                AnswerByLetter(letter.first, letter.seq, letter.state, letter.sent_at)
                for letter in await queries.answers_sent(session, conversation_id)
            ],
            came=[
                CameByLetter(letter.seq or 0, letter.checks, bool(letter.raw) and letter.raw_key is not None)
                for letter in await queries.letters_of(session, conversation_id)
            ],
        )


@get("/api/mail/conversations/{conversation_id:uuid}/letters/{seq:int}")
async def letter_html(
    database: Database, files: FileStore, viewer: StaffViewer, conversation_id: UUID, seq: int
) -> LetterHtml:
    """How the letter was laid out, for whoever sees its words."""
    async with database.transaction() as session:
        conversation = await conversations.conversation(session, viewer, conversation_id)
        at = stance(viewer, conversation.assignee_id, conversation.category)
        _, html = await opening.kept(session, files, conversation, seq)
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
