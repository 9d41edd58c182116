"""Grants: one personal field of a customer, opened to one agent for a stated purpose and a time, and how they end."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access import queries
from holdfast.access.audit import record
from holdfast.access.errors import FieldRefused, GrantUnknown, PurposeMissing, PurposesRefused, PurposeUnknown
from holdfast.access.masks import masked
from holdfast.access.models import AccessGrant, Purpose
from holdfast.access.policy import Field, Grant, Stance, may_ask
from holdfast.access.viewer import Role, StaffViewer, SystemViewer
from holdfast.core.clock import now
from holdfast.core.database import tell
from holdfast.core.due import clear_due, set_due
from holdfast.core.notify import LIVE

# The kind of deadline (app/worker.py) that ends a grant when its time is up.
DUE = "access_grant"
LEAST_WORDS = 3


def as_grant(row: AccessGrant) -> Grant:
    """As the policy takes it."""
    return Grant(row.agent_id, row.customer_id, Field(row.field), row.field_id, row.ends_at)


async def ask(
    session: AsyncSession,
    viewer: StaffViewer,
    *,
    stance: Stance,
    customer_id: UUID,
    conversation_id: UUID,
    field: Field,
    field_id: UUID,
    purpose: str | None,
    words: str | None = None,
) -> AccessGrant:
    """The viewer's live grant of this field, or a new one for ``purpose`` (a key of the catalogue; ``words`` where it
    asks for them, already redacted).

    Raises FieldRefused, PurposeMissing, PurposeUnknown.
    """
    if not may_ask(viewer, field, stance):
        raise FieldRefused
    live = await queries.live_grant(session, viewer, conversation_id, field_id, now())
    if live is not None:
        return live
    chosen = await queries.purpose(session, purpose) if purpose else None
    if purpose is None:
        raise PurposeMissing
    if chosen is None or not chosen.active or field.value not in chosen.fields:
        raise PurposeUnknown
    said = words.strip()[:200] if words and chosen.own_words else ""
    if chosen.own_words and len(said) < LEAST_WORDS:
        raise PurposeMissing
    grant = AccessGrant(
        agent_id=viewer.id,
        customer_id=customer_id,
        conversation_id=conversation_id,
        field=field.value,
        field_id=field_id,
        purpose=chosen.key,
        # The customer reads these words, and so do auditors: no number of anybody belongs in them.
        words=masked(Field.TEXT, said) or None,
        ends_at=now() + timedelta(seconds=chosen.seconds),
    )
    session.add(grant)
    await session.flush()
    await set_due(session, DUE, grant.id, grant.ends_at)
    return grant


async def close(session: AsyncSession, viewer: StaffViewer, grant_id: UUID) -> None:
    """The agent needs it no longer. Raises GrantUnknown, also for another's."""
    grant = await queries.grant(session, viewer, grant_id)
    if grant is None or grant.ended_at is not None:
        raise GrantUnknown
    await _end(session, grant, "closed")


async def end_of_time(session: AsyncSession, grant_id: UUID) -> None:
    """The deadline: its time is up."""
    grant = await queries.grant(session, SystemViewer("grant"), grant_id)
    if grant is not None and grant.ended_at is None:
        await _end(session, grant, "time")


async def end_of_case(session: AsyncSession, conversation_id: UUID, why: str, but: UUID | None = None) -> None:
    """The conversation is no longer the agent's, or is settled: what it opened closes (not that of agent ``but``)."""
    for grant in await queries.grants_of(session, conversation_id):
        if grant.agent_id != but:
            await _end(session, grant, why)


async def _end(session: AsyncSession, grant: AccessGrant, why: str) -> None:
    grant.ended_at, grant.ended_why = now(), why
    await clear_due(session, DUE, grant.id)
    tell(session, LIVE, f"g:{grant.agent_id.hex}:{grant.id.hex}:{grant.conversation_id.hex}:{grant.field_id.hex}")
    record(
        session,
        SystemViewer("grant"),
        "customer.field_closed",
        ("customer", grant.customer_id),
        grant=str(grant.id),
        why=why,
    )


async def put_purpose(session: AsyncSession, viewer: StaffViewer, purpose: Purpose) -> None:
    """Add or change a purpose of the catalogue; one that is no longer used is made inactive. Raises PurposesRefused."""
    if not viewer.holds(Role.ADMINISTRATOR):
        raise PurposesRefused
    await session.merge(purpose)
    record(session, viewer, "access.purpose_changed", ("purpose", None), key=purpose.key, active=purpose.active)
