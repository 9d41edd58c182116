"""Every SELECT on the identities that an outside provider vouches for: asked before anybody is known, so without a
viewer."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.people.models import Agent, ExternalIdentity


async def external_identity(
    session: AsyncSession, issuer: str, subject_index: bytes
) -> tuple[ExternalIdentity, Agent] | None:
    row = (
        await session.execute(
            select(ExternalIdentity, Agent)
            .join(Agent, Agent.id == ExternalIdentity.agent_id)
            .where(ExternalIdentity.issuer == issuer, ExternalIdentity.subject_index == subject_index)
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1])


async def has_external_identity(session: AsyncSession, issuer: str, agent_id: UUID) -> bool:
    found = await session.scalar(
        select(ExternalIdentity.id).where(ExternalIdentity.issuer == issuer, ExternalIdentity.agent_id == agent_id)
    )
    return found is not None
