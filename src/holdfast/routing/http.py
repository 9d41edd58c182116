"""The console's requests about offers."""

from uuid import UUID

import msgspec
from litestar import get, post

from holdfast.access.viewer import StaffViewer
from holdfast.conversations import queries as conversations
from holdfast.conversations.schemas import Row
from holdfast.core.database import Database
from holdfast.core.http import STATUS_OK
from holdfast.routing import explaining, operations
from holdfast.routing.schemas import Why
from holdfast.routing.transfer import transfer


@post("/api/offers/{offer_id:uuid}/accept", status_code=STATUS_OK)
async def accept_offer(database: Database, viewer: StaffViewer, offer_id: UUID) -> Row:
    """Take what rings; answers with the conversation."""
    async with database.transaction() as session:
        conversation = await operations.accept(session, viewer, offer_id)
        return await conversations.row(session, viewer, conversation.id)


@post("/api/offers/{offer_id:uuid}/decline", status_code=204)
async def decline_offer(database: Database, viewer: StaffViewer, offer_id: UUID) -> None:
    """Do not take it; it rings at the next."""
    async with database.transaction() as session:
        await operations.decline(session, viewer, offer_id)


@post("/api/conversations/{conversation_id:uuid}/take", status_code=STATUS_OK)
async def take(database: Database, viewer: StaffViewer, conversation_id: UUID) -> Row:
    """Take a conversation that nobody has."""
    async with database.transaction() as session:
        await operations.take(session, viewer, conversation_id)
        return await conversations.row(session, viewer, conversation_id)


@post("/api/conversations/{conversation_id:uuid}/reopen", status_code=STATUS_OK)
async def reopen(database: Database, viewer: StaffViewer, conversation_id: UUID) -> Row:
    """Open a resolved conversation again, and have it."""
    async with database.transaction() as session:
        await operations.reopen(session, viewer, conversation_id)
        return await conversations.row(session, viewer, conversation_id)


class TransferTo(msgspec.Struct, frozen=True):
    """Where to: a queue or a person, one of the two."""

    queue: UUID | None = None
    agent: UUID | None = None


@post("/api/conversations/{conversation_id:uuid}/transfer", status_code=204)
async def pass_on(database: Database, viewer: StaffViewer, conversation_id: UUID, data: TransferTo) -> None:
    """Pass a conversation on; it may no longer be the viewer's to see."""
    async with database.transaction() as session:
        await transfer(session, viewer, conversation_id, queue_id=data.queue, agent_id=data.agent)


@get("/api/conversations/{conversation_id:uuid}/why")
async def why(database: Database, viewer: StaffViewer, conversation_id: UUID) -> Why:
    """Who was asked, who had it, and who could be asked now, with the reasons."""
    async with database.transaction() as session:
        return await explaining.why(session, viewer, conversation_id)


HANDLERS = [accept_offer, decline_offer, take, reopen, pass_on, why]
