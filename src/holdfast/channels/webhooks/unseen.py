"""The event that an answer waits which its customer has not seen: the wallet's back end may send a push message of its
own. It says which conversation, and no word of the answer."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import SystemViewer
from holdfast.channels.webhooks import queries
from holdfast.channels.webhooks.events import UNSEEN
from holdfast.channels.webhooks.models import WebhookDelivery
from holdfast.conversations import presences
from holdfast.conversations import queries as conversations
from holdfast.core.clock import now
from holdfast.core.database import tell
from holdfast.core.due import set_due
from holdfast.core.notify import WEBHOOKS

DUE = "answer_unseen"
# After an answer: until then whoever has the chat before them has read it. Whoever is there and has not is looked for
# again, as they may leave.
SOON, AGAIN = timedelta(seconds=10), timedelta(minutes=1)
_SYSTEM = SystemViewer("webhook")


async def told(session: AsyncSession, conversation_id: UUID) -> None:
    """The deadline: once for each last answer."""
    conversation = await conversations.conversation(session, _SYSTEM, conversation_id)
    answers = await presences.answers_after(session, conversation_id, conversation.customer_read)
    endpoints = [endpoint for endpoint in await queries.active_endpoints(session) if UNSEEN in endpoint.events]
    if not answers or not endpoints:
        return
    if (await presences.of(session, conversation_id)).here:
        await set_due(session, DUE, conversation_id, now() + AGAIN)
        return
    seq, _, _ = answers[-1]
    known = await queries.told_of(session, conversation_id, UNSEEN, seq)
    new = [
        {
            "endpoint_id": endpoint.id,
            "event": UNSEEN,
            "conversation_id": conversation_id,
            "seq": seq,
            "happened_at": now(),
            "next_at": now(),
        }
        for endpoint in endpoints
        if endpoint.id not in known
    ]
    if new:
        await session.execute(insert(WebhookDelivery), new)
        tell(session, WEBHOOKS, "due")
