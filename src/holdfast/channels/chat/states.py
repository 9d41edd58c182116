"""A conversation's state as the customer's window shows it: with what is promised beside the answer."""

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.conversations import presenting
from holdfast.conversations.models import Conversation
from holdfast.conversations.schemas import ConvState, Named, Promise
from holdfast.promises import queries as promises


async def state(session: AsyncSession, conversation: Conversation, assignee: Named | None = None) -> ConvState:
    """``assignee`` saves a look-up where it is known."""
    seen = await presenting.state(session, conversation, assignee)
    # A broken promise stays broken while the matter rests, and nothing is owed then.
    owed = conversation.category != "resolved"
    due = await promises.update_due(session, conversation.id) if owed else None
    return seen if due is None else msgspec.structs.replace(seen, update=Promise(due))
