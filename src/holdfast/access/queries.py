"""Every SELECT on grants, purposes, alarms, canaries, and on the audit log as people read it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, and_, cast, false, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.errors import AlarmsRefused, AuditRefused
from holdfast.access.models import (
    AccessGrant,
    Alarm,
    AuditEntry,
    AuditLeaf,
    AuditSeal,
    Canary,
    CheckpointSent,
    Purpose,
    Verification,
)
from holdfast.access.viewer import CustomerViewer, Role, StaffViewer, SystemViewer, Viewer

# What counts as looking somebody up.
LOOKS_AT_CUSTOMERS = (
    "customer.field_shown",
    "conversation.opened",
    # What may be a secret, and letters as they came: for a purpose.
    "conversation.ambiguous_shown",
    "mail.raw_shown",
    # One entry for each conversation that a technical case shows words of.
    "technical_case.opened",
)
LOOKS = (*LOOKS_AT_CUSTOMERS, "customer.searched", "mail.read")
# Different ones count. A case is one with all its conversations; a search has no subject of its own: each counts.
_LOOKED_AT = func.count(
    func.distinct(
        func.coalesce(AuditEntry.detail["case"].astext, cast(AuditEntry.subject_id, Text), cast(AuditEntry.id, Text))
    )
)


def must_audit(viewer: Viewer) -> None:
    """Raises AuditRefused for all but auditors and administrators."""
    if not isinstance(viewer, StaffViewer) or not viewer.holds(Role.AUDITOR, Role.ADMINISTRATOR):
        raise AuditRefused


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
    must_audit(viewer)
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


async def seals_of(session: AsyncSession, entry_ids: Collection[UUID]) -> dict[UUID, int]:
    """The number of the seal that each entry is in; those not sealed yet are missing."""
    rows = await session.execute(select(AuditLeaf.entry_id, AuditLeaf.seal).where(AuditLeaf.entry_id.in_(entry_ids)))
    return {row[0]: row[1] for row in rows}


async def seals(session: AsyncSession, viewer: Viewer, limit: int = 20) -> Sequence[AuditSeal]:
    """The newest seals first. Raises AuditRefused."""
    must_audit(viewer)
    return (await session.scalars(select(AuditSeal).order_by(AuditSeal.number.desc()).limit(limit))).all()


async def last_verification(session: AsyncSession, viewer: Viewer) -> Verification | None:
    """Raises AuditRefused."""
    must_audit(viewer)
    return await session.scalar(select(Verification).order_by(Verification.at.desc()).limit(1))


async def checkpoints_sent(session: AsyncSession) -> Sequence[CheckpointSent]:
    return (await session.scalars(select(CheckpointSent).order_by(CheckpointSent.place))).all()


# --- grants and purposes ---


def _grants(viewer: Viewer) -> Select[AccessGrant]:
    """An agent's own; auditors' and administrators' all; the customer's the ones on them."""
    mine: ColumnElement[bool]
    match viewer:
        case SystemViewer():
            mine = true()
        case StaffViewer() if viewer.holds(Role.AUDITOR, Role.ADMINISTRATOR):
            mine = true()
        case StaffViewer():
            mine = AccessGrant.agent_id == viewer.id
        case CustomerViewer():
            mine = AccessGrant.customer_id == viewer.id
        case _:
            mine = false()
    return select(AccessGrant).where(mine)


async def grant(session: AsyncSession, viewer: Viewer, grant_id: UUID) -> AccessGrant | None:
    """Locked. An auditor may read another's grant, but only its agent may be told that it is theirs to close."""
    statement = _grants(viewer).where(AccessGrant.id == grant_id)
    if isinstance(viewer, StaffViewer):
        statement = statement.where(AccessGrant.agent_id == viewer.id)
    return await session.scalar(statement.with_for_update())


async def live_grant(
    session: AsyncSession, viewer: StaffViewer, conversation_id: UUID, field_id: UUID, at: datetime
) -> AccessGrant | None:
    found = await live_grants(session, viewer, conversation_id, at)
    return next((row for row in found if row.field_id == field_id), None)


async def live_grants(
    session: AsyncSession, viewer: Viewer, conversation_id: UUID, at: datetime
) -> Sequence[AccessGrant]:
    """The viewer's own in this conversation that have not ended at ``at``."""
    if not isinstance(viewer, StaffViewer):
        return []
    return (
        await session.scalars(
            select(AccessGrant).where(
                AccessGrant.conversation_id == conversation_id,
                AccessGrant.agent_id == viewer.id,
                AccessGrant.ended_at.is_(None),
                AccessGrant.ends_at > at,
            )
        )
    ).all()


async def grants_of(session: AsyncSession, conversation_id: UUID) -> Sequence[AccessGrant]:
    """Those that were not ended, locked."""
    return (
        await session.scalars(
            select(AccessGrant)
            .where(AccessGrant.conversation_id == conversation_id, AccessGrant.ended_at.is_(None))
            .with_for_update()
        )
    ).all()


async def grants_by_id(session: AsyncSession, viewer: Viewer, ids: Collection[UUID]) -> dict[UUID, AccessGrant]:
    """Of these, the ones the viewer may read."""
    rows = await session.scalars(_grants(viewer).where(AccessGrant.id.in_(ids)))
    return {row.id: row for row in rows}


async def purposes(session: AsyncSession) -> Sequence[Purpose]:
    """The whole catalogue, in order."""
    return (await session.scalars(select(Purpose).order_by(Purpose.position, Purpose.key))).all()


async def purpose(session: AsyncSession, key: str) -> Purpose | None:
    return await session.get(Purpose, key)


# --- who looked ---


async def looks(session: AsyncSession, viewer: CustomerViewer, limit: int = 200) -> Sequence[AuditEntry]:
    """Every look of a member of staff at the customer's fields, or at the conversation of their token, newest first."""
    return (
        await session.scalars(
            select(AuditEntry)
            .where(
                AuditEntry.actor_kind == "staff",
                or_(
                    and_(
                        AuditEntry.subject_kind == "customer",
                        AuditEntry.subject_id == viewer.id,
                    ),
                    and_(
                        AuditEntry.subject_kind == "conversation",
                        AuditEntry.subject_id == viewer.conversation_id,
                    ),
                ),
                AuditEntry.action.in_(LOOKS_AT_CUSTOMERS),
            )
            .order_by(AuditEntry.id.desc())
            .limit(limit)
        )
    ).all()


# --- alarms ---


def _must_watch(viewer: Viewer) -> StaffViewer:
    """The viewer, if they look at alarms. Raises AlarmsRefused."""
    if not isinstance(viewer, StaffViewer) or not viewer.holds(Role.AUDITOR, Role.LEAD):
        raise AlarmsRefused
    return viewer


async def alarms(session: AsyncSession, viewer: Viewer, limit: int = 100) -> Sequence[Alarm]:
    """The newest first; one's own are for others to look at. Raises AlarmsRefused."""
    watcher = _must_watch(viewer)
    return (
        await session.scalars(
            select(Alarm).where(Alarm.agent_id != watcher.id).order_by(Alarm.at.desc(), Alarm.id.desc()).limit(limit)
        )
    ).all()


async def alarm(session: AsyncSession, viewer: Viewer, alarm_id: UUID) -> Alarm | None:
    """Locked. Raises AlarmsRefused."""
    watcher = _must_watch(viewer)
    return await session.scalar(
        select(Alarm).where(Alarm.id == alarm_id, Alarm.agent_id != watcher.id).with_for_update()
    )


async def alarmed_since(session: AsyncSession, agent_id: UUID, kind: str, since: datetime) -> bool:
    found = await session.scalar(
        select(func.count()).where(Alarm.agent_id == agent_id, Alarm.kind == kind, Alarm.at > since)
    )
    return bool(found)


async def looked_at(session: AsyncSession, agent_id: UUID, since: datetime) -> int:
    """How many different customers, conversations, letters or searches an agent has looked up since then."""
    found = await session.scalar(
        select(_LOOKED_AT).where(AuditEntry.actor_id == agent_id, AuditEntry.at > since, AuditEntry.action.in_(LOOKS))
    )
    return found or 0


async def rates(session: AsyncSession, since: datetime, until: datetime, seconds: int) -> dict[UUID, list[int]]:
    """What each agent looked up in every stretch of ``seconds`` in which they looked anything up."""
    stretch = func.floor(func.extract("epoch", AuditEntry.at) / seconds)
    rows = await session.execute(
        select(AuditEntry.actor_id, _LOOKED_AT)
        .where(
            AuditEntry.actor_kind == "staff",
            AuditEntry.at > since,
            AuditEntry.at <= until,
            AuditEntry.action.in_(LOOKS),
        )
        .group_by(AuditEntry.actor_id, stretch)
    )
    result: dict[UUID, list[int]] = {}
    for agent_id, count in rows:
        if agent_id is not None:
            result.setdefault(agent_id, []).append(count)
    return result


async def canaries_among(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Canary]:
    """Of these customers' and conversations' ids, those of canaries."""
    rows = await session.scalars(
        select(Canary).where(or_(Canary.conversation_id.in_(ids), Canary.customer_id.in_(ids)))
    )
    return {known: row for row in rows for known in (row.conversation_id, row.customer_id) if known in ids}


def canary_conversations() -> Select[UUID]:
    """For reports: what must not be counted."""
    return select(Canary.conversation_id)
