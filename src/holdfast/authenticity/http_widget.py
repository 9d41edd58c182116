"""The widget's requests about proof: a conversation's token opens them, and only what is of its customer."""

from typing import Any

from litestar import Request, post
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import CustomerViewer
from holdfast.authenticity import codes, impostors, queries
from holdfast.authenticity.http_public import REPORTED
from holdfast.authenticity.rates import Rate
from holdfast.authenticity.schemas import ByToken, CheckableView, CodeChoice, ProofView, Taken, WidgetReport
from holdfast.conversations import queries as conversations
from holdfast.conversations.tokens import open_token
from holdfast.core.database import Database
from holdfast.core.http import STATUS_OK, client_network
from holdfast.core.settings import Settings

# A minute, with one token: the window asks once a code (60 s) while it is open, and again when a message comes.
_PROOFS, _CHOICES = Rate(60), Rate(10)


async def _proof(session: AsyncSession, viewer: CustomerViewer) -> ProofView:
    conversation = await conversations.conversation(session, viewer, viewer.conversation_id)
    both = codes.rotating_of(conversation.id)
    return ProofView(
        words=await queries.personal_code(session, viewer, viewer.id),
        rotating=both.code,
        seconds=both.seconds,
        messages=[CheckableView(m.seq, m.at, m.code) for m in await codes.checkable(session, conversation)],
    )


@post("/api/widget/proof", status_code=STATUS_OK)
async def proof(database: Database, data: ByToken) -> ProofView:
    """The customer's code, the code that both see, and the check codes of what we said last."""
    _PROOFS.take(data.token)
    async with database.transaction() as session:
        return await _proof(session, await open_token(session, data.token))


@post("/api/widget/code", status_code=STATUS_OK)
async def choose_code(database: Database, data: CodeChoice) -> ProofView:
    """The customer chooses their own code, or has one made up."""
    _CHOICES.take(data.token)
    async with database.transaction() as session:
        viewer = await open_token(session, data.token)
        await codes.choose(session, viewer, data.words)
        return await _proof(session, viewer)


@post("/api/widget/impostor", status_code=STATUS_OK)
async def report(database: Database, settings: Settings, data: WidgetReport, request: Request[Any, Any, Any]) -> Taken:
    """Report an impostor; pictures were uploaded to the conversation before."""
    REPORTED.take(client_network(request.scope, settings))
    async with database.transaction() as session:
        viewer = await open_token(session, data.token)
        conversation = await conversations.conversation(session, viewer, viewer.conversation_id)
        await impostors.report(
            session,
            source="widget",
            kind=data.kind,
            target=data.target,
            words=data.words,
            language=conversation.language,
            viewer=viewer,
            conversation_id=conversation.id,
            attachments=data.attachments,
        )
    return Taken()


HANDLERS = [proof, choose_code, report]
