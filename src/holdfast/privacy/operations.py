"""What people do: ask for an export or erasure, stop, resume, withdraw; place and lift holds; change rules."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.errors import CustomerErased
from holdfast.access.viewer import CustomerViewer, Role, StaffViewer, Viewer
from holdfast.core.clock import now
from holdfast.core.due import clear_due, set_due
from holdfast.core.jobs import defer
from holdfast.people.errors import CustomerUnknown
from holdfast.privacy import queries
from holdfast.privacy.errors import (
    ConversationOpen,
    HoldUnknown,
    KindUnknown,
    OnHold,
    PrivacyRefused,
    RequestOver,
    RequestRunning,
    RetentionTooShort,
)
from holdfast.privacy.models import WORK, LegalHold, RetentionRule, SubjectRequest
from holdfast.privacy.retention import KINDS

BEGIN = "privacy_begin"


def _must_handle(viewer: Viewer) -> None:
    if not isinstance(viewer, StaffViewer) or not viewer.holds(Role.ADMINISTRATOR):
        raise PrivacyRefused


async def ask(
    session: AsyncSession,
    viewer: StaffViewer | CustomerViewer,
    customer_id: UUID,
    kind: str,
    *,
    why: str,
    wait: timedelta,
) -> SubjectRequest:
    """A new request. An erasure begins after ``wait``: whoever has stolen a phone must not wipe its traces at once.

    Raises PrivacyRefused, CustomerUnknown, CustomerErased, RequestRunning, and for an erasure OnHold, ConversationOpen.
    """
    if isinstance(viewer, StaffViewer):
        _must_handle(viewer)
    elif viewer.id != customer_id:
        raise PrivacyRefused
    if not await queries.customer_exists(session, customer_id):
        raise CustomerUnknown
    if await queries.is_erased(session, customer_id):
        raise CustomerErased
    if await queries.open_request(session, customer_id, kind) is not None:
        raise RequestRunning
    if kind == "erasure":
        await check_erasable(session, customer_id)
    request = SubjectRequest(
        customer_id=customer_id,
        kind=kind,
        state="waiting" if kind == "erasure" and wait else "ready",
        asked_by="staff" if isinstance(viewer, StaffViewer) else "customer",
        asked_by_id=viewer.id,
        why=why,
        begins_at=now() + (wait if kind == "erasure" else timedelta()),
    )
    session.add(request)
    await session.flush()
    record(session, viewer, f"privacy.{kind}_asked", ("customer", customer_id), request=str(request.id))
    if request.state == "waiting":
        await set_due(session, BEGIN, request.id, request.begins_at)
    else:
        await defer(session, WORK, request=str(request.id))
    return request


async def check_erasable(session: AsyncSession, customer_id: UUID) -> None:
    """Raises OnHold, ConversationOpen."""
    if await queries.on_hold(session, customer_id):
        raise OnHold
    if await queries.has_open_conversation(session, customer_id):
        raise ConversationOpen


async def begin(session: AsyncSession, request_id: UUID) -> None:
    """The waiting time of an erasure is over (deadline)."""
    request = await session.get(SubjectRequest, request_id, with_for_update=True)
    if request is not None and request.state == "waiting":
        request.state = "ready"
        await defer(session, WORK, request=str(request.id))


async def stop(session: AsyncSession, viewer: StaffViewer, request_id: UUID) -> SubjectRequest:
    """The job ends after the step it is at. Raises PrivacyRefused, RequestUnknown, RequestOver."""
    _must_handle(viewer)
    request = await queries.request(session, viewer, request_id, lock=True)
    if request.state not in {"ready", "running"}:
        raise RequestOver
    request.state = "stopped"
    record(session, viewer, "privacy.stopped", ("customer", request.customer_id), request=str(request.id))
    return request


async def resume(session: AsyncSession, viewer: StaffViewer, request_id: UUID) -> SubjectRequest:
    """Go on where it was stopped. Raises PrivacyRefused, RequestUnknown, RequestOver."""
    _must_handle(viewer)
    request = await queries.request(session, viewer, request_id, lock=True)
    if request.state != "stopped":
        raise RequestOver
    request.state = "ready"
    await defer(session, WORK, request=str(request.id))
    record(session, viewer, "privacy.resumed", ("customer", request.customer_id), request=str(request.id))
    return request


async def withdraw(session: AsyncSession, viewer: StaffViewer | CustomerViewer, request_id: UUID) -> SubjectRequest:
    """Before it has begun. Raises RequestUnknown, RequestOver, PrivacyRefused."""
    if isinstance(viewer, StaffViewer):
        _must_handle(viewer)
    request = await queries.request(session, viewer, request_id, lock=True)
    if request.state != "waiting":
        raise RequestOver
    request.state, request.finished_at = "withdrawn", now()
    await clear_due(session, BEGIN, request.id)
    record(session, viewer, "privacy.withdrawn", ("customer", request.customer_id), request=str(request.id))
    return request


async def hold(session: AsyncSession, viewer: StaffViewer, customer_id: UUID, reason: str) -> LegalHold:
    """Keep this customer's data until it is lifted. Raises PrivacyRefused, CustomerUnknown."""
    _must_handle(viewer)
    if not await queries.customer_exists(session, customer_id):
        raise CustomerUnknown
    placed = LegalHold(customer_id=customer_id, reason=reason, placed_by_id=viewer.id)
    session.add(placed)
    await session.flush()
    record(session, viewer, "privacy.hold_placed", ("customer", customer_id), hold=str(placed.id))
    return placed


async def lift(session: AsyncSession, viewer: StaffViewer, hold_id: UUID) -> None:
    """Raises PrivacyRefused, HoldUnknown."""
    _must_handle(viewer)
    placed = await session.get(LegalHold, hold_id, with_for_update=True)
    if placed is None or placed.ended_at is not None:
        raise HoldUnknown
    placed.ended_at, placed.ended_by_id = now(), viewer.id
    record(session, viewer, "privacy.hold_lifted", ("customer", placed.customer_id), hold=str(placed.id))


async def keep_for(session: AsyncSession, viewer: StaffViewer, kind: str, days: int | None) -> None:
    """Change a rule; null keeps for ever. Raises PrivacyRefused, KindUnknown, RetentionTooShort."""
    _must_handle(viewer)
    if kind not in KINDS:
        raise KindUnknown
    if days is not None and days < KINDS[kind].least:
        raise RetentionTooShort(days=KINDS[kind].least)
    values = {"days": days, "changed_by_id": viewer.id, "changed_at": now()}
    await session.execute(
        insert(RetentionRule).values(kind=kind, **values).on_conflict_do_update(index_elements=["kind"], set_=values)
    )
    record(session, viewer, "privacy.retention_changed", ("retention", None), kind=kind, days=days)
