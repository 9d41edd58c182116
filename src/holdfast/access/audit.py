"""Writing the audit log, in the transaction of the act itself."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.models import AuditEntry
from holdfast.access.viewer import CustomerViewer, StaffViewer, Viewer


def record(
    session: AsyncSession,
    viewer: Viewer,
    action: str,
    subject: tuple[str, UUID | None],
    *,
    purpose: str | None = None,
    network: str | None = None,
    **detail: Any,
) -> None:
    """Append one entry. ``action`` is ``domain.verb`` ("customer.field_shown"), ``subject`` its kind and id."""
    match viewer:
        case StaffViewer():
            actor: tuple[str, UUID | None] = ("staff", viewer.id)
        case CustomerViewer():
            actor = ("customer", viewer.id)
        case _:
            actor, purpose = ("system", None), purpose or viewer.purpose
    session.add(
        AuditEntry(
            actor_kind=actor[0],
            actor_id=actor[1],
            action=action,
            subject_kind=subject[0],
            subject_id=subject[1],
            purpose=purpose,
            network=network,
            detail=detail,
        )
    )
