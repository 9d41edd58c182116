"""Raising alarms, from what the sealer has just sealed: every audited look passes here, whichever way it took."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access import browsing, queries
from holdfast.access.audit import record
from holdfast.access.browsing import Limits
from holdfast.access.errors import AlarmUnknown
from holdfast.access.facts import AlarmRaised
from holdfast.access.models import Alarm, AuditEntry
from holdfast.access.viewer import StaffViewer, SystemViewer
from holdfast.core.clock import now
from holdfast.core.database import happened

LIMITS = Limits()
ARCHIVE = "privacy.archive_taken"


async def look(session: AsyncSession, entries: Sequence[AuditEntry], limits: Limits = LIMITS) -> None:
    """Whoever looked at a canary, and whoever looks at far more than usual."""
    looks = [entry for entry in entries if entry.actor_kind == "staff" and entry.action in queries.LOOKS]
    await _canaries(session, looks)
    for entry in entries:
        # The one way in which staff get a customer's values without a case: somebody else shall know.
        if entry.action == ARCHIVE and entry.actor_kind == "staff" and entry.actor_id is not None:
            await _raise(session, "archive", entry.actor_id, {"entry": str(entry.id), **entry.detail})
    await _rates(session, sorted({entry.actor_id for entry in looks if entry.actor_id is not None}), limits)


async def _canaries(session: AsyncSession, looks: Sequence[AuditEntry]) -> None:
    touched = {entry.subject_id for entry in looks if entry.subject_id is not None}
    known = await queries.canaries_among(session, touched) if touched else {}
    told: set[tuple[UUID, UUID]] = set()
    for entry in looks:
        canary = known.get(entry.subject_id) if entry.subject_id else None
        if canary is None or entry.actor_id is None or (entry.actor_id, canary.conversation_id) in told:
            continue
        told.add((entry.actor_id, canary.conversation_id))
        detail = {"conversation": str(canary.conversation_id), "action": entry.action, "entry": str(entry.id)}
        await _raise(session, "canary", entry.actor_id, detail)


async def _rates(session: AsyncSession, agent_ids: Sequence[UUID], limits: Limits) -> None:
    moment = now()
    since = moment - timedelta(seconds=limits.seconds)
    quiet = moment - timedelta(seconds=limits.quiet)
    # Of the whole team for a long time: read for the first who looks at much, which is seldom, and once.
    rates: dict[UUID, list[int]] | None = None
    for agent_id in agent_ids:
        count = await queries.looked_at(session, agent_id, since)
        if count <= limits.least or await queries.alarmed_since(session, agent_id, "browse_rate", quiet):
            continue
        if rates is None:
            rates = await queries.rates(session, moment - timedelta(seconds=limits.history), since, limits.seconds)
        team = [counts for other, counts in rates.items() if other != agent_id]
        found = browsing.compare(count, rates.get(agent_id, []), team)
        if browsing.unusual(found, limits):
            detail = {"count": count, "seconds": limits.seconds, "own": found.own, "team": found.team}
            await _raise(session, "browse_rate", agent_id, detail)


async def _raise(session: AsyncSession, kind: str, agent_id: UUID, detail: dict[str, Any]) -> None:
    alarm = Alarm(kind=kind, agent_id=agent_id, detail=detail)
    session.add(alarm)
    await session.flush()
    record(session, SystemViewer("alarm"), "access.alarm_raised", ("agent", agent_id), alarm=str(alarm.id), kind=kind)
    happened(session, AlarmRaised(alarm.id, agent_id, kind))


async def seen(session: AsyncSession, viewer: StaffViewer, alarm_id: UUID) -> Alarm:
    """An auditor or lead has looked into it; not into their own. Raises AlarmsRefused, AlarmUnknown."""
    alarm = await queries.alarm(session, viewer, alarm_id)
    if alarm is None or alarm.seen_at is not None:
        raise AlarmUnknown
    alarm.seen_by_id, alarm.seen_at = viewer.id, now()
    record(session, viewer, "access.alarm_seen", ("agent", alarm.agent_id), alarm=str(alarm.id))
    return alarm
