"""Reading the audit log."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.errors import AuditRefused
from holdfast.access.models import AuditEntry
from holdfast.access.viewer import Role, StaffViewer, Viewer


async def audit_entries(
    session: AsyncSession,
    viewer: Viewer,
    *,
    before: UUID | None = None,
    action: str | None = None,
    actor: UUID | None = None,
    subject: UUID | None = None,
    limit: int = 100,
) -> Sequence[AuditEntry]:
    """The newest first; ids are in the order of time. Raises AuditRefused for all but auditors, administrators."""
    if not isinstance(viewer, StaffViewer) or not viewer.holds(Role.AUDITOR, Role.ADMINISTRATOR):
        raise AuditRefused
    statement = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(AuditEntry.id < before)
    if action is not None:
        statement = statement.where(AuditEntry.action.startswith(action, autoescape=True))
    if actor is not None:
        statement = statement.where(AuditEntry.actor_id == actor)
    if subject is not None:
        statement = statement.where(AuditEntry.subject_id == subject)
    return (await session.scalars(statement)).all()
