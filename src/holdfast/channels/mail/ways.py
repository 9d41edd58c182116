"""By which way a conversation's customer is reached, as the people who answer see it."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import StaffViewer
from holdfast.channels.mail import queries, reach
from holdfast.channels.mail.outbox import ANSWER
from holdfast.channels.mail.schemas import AnswerByLetter, CameByLetter, WaysView
from holdfast.conversations import presences
from holdfast.conversations import queries as conversations


async def seen_ways(session: AsyncSession, viewer: StaffViewer, conversation_id: UUID) -> WaysView:
    """Raises ConversationNotFound."""
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
