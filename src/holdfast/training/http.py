"""The console's requests about the right to answer."""

from uuid import UUID

from litestar import get, post
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import StaffViewer
from holdfast.core.database import Database
from holdfast.training import operations
from holdfast.training.schemas import Attestation, RevocationInput, RightView


async def _views(session: AsyncSession, viewer: StaffViewer, agent_id: UUID) -> list[RightView]:
    found = await operations.rights(session, viewer, agent_id)
    return [RightView(skill, r.held, r.from_, r.until, list(r.why)) for skill, r in found.items()]


@get("/api/agents/{agent_id:uuid}/rights")
async def agent_rights(database: Database, viewer: StaffViewer, agent_id: UUID) -> list[RightView]:
    """What the agent may answer now, until when, and why."""
    async with database.transaction() as session:
        return await _views(session, viewer, agent_id)


@post("/api/agents/{agent_id:uuid}/attestations")
async def attest(database: Database, viewer: StaffViewer, agent_id: UUID, data: Attestation) -> list[RightView]:
    """Testify to a skill; answers with the agent's rights as they are then."""
    async with database.transaction() as session:
        await operations.attest(session, viewer, agent_id, data.skill, data.note)
        return await _views(session, viewer, agent_id)


@post("/api/agents/{agent_id:uuid}/revocations")
async def revoke(database: Database, viewer: StaffViewer, agent_id: UUID, data: RevocationInput) -> list[RightView]:
    """Take a right away at once; answers with the agent's rights as they are then."""
    async with database.transaction() as session:
        await operations.revoke(session, viewer, agent_id, data.skill, data.why)
        return await _views(session, viewer, agent_id)


HANDLERS = [agent_rights, attest, revoke]
