"""The console's requests about proof."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from litestar import get, post, put
from litestar.params import Parameter
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import Role, StaffViewer
from holdfast.conversations import queries
from holdfast.conversations.intake import clean
from holdfast.core.database import Database
from holdfast.core.http import STATUS_OK
from holdfast.people.http_viewer import FRESH, SignedIn
from holdfast.verification import http_widget, operations, presenting
from holdfast.verification.policy import Rule
from holdfast.verification.schemas import Asked, CompromiseSaid, ProofCaseView, ProofPurpose, PurposeChanged


@get("/api/verification/purposes")
async def list_purposes(database: Database, viewer: StaffViewer) -> list[ProofPurpose]:
    """All of them, those that are switched off too: the same for everybody who is signed in."""
    async with database.transaction() as session:
        return [presenting.purpose(rule) for rule in (await operations.rules(session)).values()]


@put("/api/verification/purposes/{key:str}", opt=FRESH)
async def change_purpose(
    database: Database,
    viewer: StaffViewer,
    key: Annotated[str, Parameter(pattern=r"^[a-z][a-z0-9_]{1,39}$")],
    data: PurposeChanged,
) -> ProofPurpose:
    """Change a purpose or add one. Administrators only; it is written down."""
    rule = Rule(
        key=key,
        level=data.level,
        statement=clean(data.statement, may_be_empty=True)[0],
        methods=frozenset(data.methods),
        holds=timedelta(seconds=data.holds_seconds),
        enrolled_before=timedelta(hours=data.enrolled_hours),
        chain_required=data.chain_required,
        name=clean(data.name, may_be_empty=True)[0],
        active=data.active,
    )
    async with database.transaction() as session:
        await operations.keep_rule(session, viewer, rule)
    return presenting.purpose(rule)


async def _case(session: AsyncSession, viewer: StaffViewer, conversation_id: UUID) -> ProofCaseView:
    """Raises ConversationNotFound."""
    conversation = await queries.conversation(session, viewer, conversation_id)
    return await presenting.case(session, conversation, may_lift=viewer.holds(Role.LEAD))


@get("/api/conversations/{conversation_id:uuid}/verification")
async def read_case(database: Database, viewer: StaffViewer, conversation_id: UUID) -> ProofCaseView:
    async with database.transaction() as session:
        return await _case(session, viewer, conversation_id)


@post("/api/conversations/{conversation_id:uuid}/verification", status_code=STATUS_OK)
async def ask(database: Database, viewer: StaffViewer, conversation_id: UUID, data: Asked) -> ProofCaseView:
    """Ask the customer for proof for a purpose."""
    async with database.transaction() as session:
        await operations.ask(session, viewer, conversation_id, data.purpose, data.level)
        return await _case(session, viewer, conversation_id)


@post("/api/conversations/{conversation_id:uuid}/verification/{proof_id:uuid}/withdraw", status_code=STATUS_OK)
async def withdraw(database: Database, viewer: StaffViewer, conversation_id: UUID, proof_id: UUID) -> ProofCaseView:
    async with database.transaction() as session:
        await operations.withdraw(session, viewer, conversation_id, proof_id)
        return await _case(session, viewer, conversation_id)


@put("/api/conversations/{conversation_id:uuid}/compromise")
async def say_compromised(
    database: Database, signed_in: SignedIn, conversation_id: UUID, data: CompromiseSaid
) -> ProofCaseView:
    """The customer's wallet may be in other hands: said at once. That it is safe again, leads say, by step-up."""
    viewer = signed_in.viewer
    if not data.compromised and viewer.holds(Role.LEAD):
        signed_in.demand_fresh()
    async with database.transaction() as session:
        await operations.claim_compromise(session, viewer, conversation_id, claimed=data.compromised)
        return await _case(session, viewer, conversation_id)


HANDLERS = [list_purposes, change_purpose, read_case, ask, withdraw, say_compromised, *http_widget.HANDLERS]
