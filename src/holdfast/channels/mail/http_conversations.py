"""What the people who answer see of letters in a conversation: by which way its customer is reached, and what went."""

from uuid import UUID

from litestar import get

from holdfast.access.viewer import StaffViewer
from holdfast.channels.mail import queries, reach
from holdfast.channels.mail.outbox import ANSWER
from holdfast.channels.mail.schemas import AnswerByLetter, WaysView
from holdfast.conversations import presences
from holdfast.conversations import queries as conversations
from holdfast.core.database import Database


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
        )


HANDLERS = [ways]
