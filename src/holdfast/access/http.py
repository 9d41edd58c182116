"""The audit log, for those who check on the house."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import get
from litestar.params import Parameter
from msgspec import Struct

from holdfast.access import queries
from holdfast.access.viewer import StaffViewer
from holdfast.core.database import Database


class AuditView(Struct, frozen=True):
    """One act: who, what, on whom, for what purpose. Names are looked up by the reader: the log keeps ids."""

    id: UUID
    at: datetime
    actor_kind: str
    actor_id: UUID | None
    action: str
    subject_kind: str
    subject_id: UUID | None
    purpose: str | None
    network: str | None
    detail: dict[str, Any]


class AuditPage(Struct, frozen=True):
    """``next`` is the cursor of the following page, or null."""

    entries: list[AuditView]
    next: UUID | None


@get("/api/audit")
async def list_audit(
    database: Database,
    viewer: StaffViewer,
    before: UUID | None = None,
    action: Annotated[str | None, Parameter(max_length=60)] = None,
    actor: UUID | None = None,
    subject: UUID | None = None,
    limit: Annotated[int, Parameter(ge=1, le=200)] = 100,
) -> AuditPage:
    """The newest first. ``action`` is an action or the beginning of one (``sign_in.``). For auditors and
    administrators; nobody else sees an entry."""
    async with database.transaction() as session:
        rows = await queries.audit_entries(
            session, viewer, before=before, action=action, actor=actor, subject=subject, limit=limit
        )
    entries = [
        AuditView(
            id=row.id,
            at=row.at,
            actor_kind=row.actor_kind,
            actor_id=row.actor_id,
            action=row.action,
            subject_kind=row.subject_kind,
            subject_id=row.subject_id,
            purpose=row.purpose,
            network=row.network,
            detail=row.detail,
        )
        for row in rows
    ]
    return AuditPage(entries, rows[-1].id if len(rows) == limit else None)


HANDLERS = [list_audit]
