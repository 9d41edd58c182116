"""Rows as views; words as their viewer sees them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.masks import shown_text
from holdfast.access.viewer import StaffViewer
from holdfast.automation import queries
from holdfast.automation.models import AutomationFiring, AutomationRule, AutomationTrial
from holdfast.automation.schemas import (
    AutomationRuleView,
    ConditionsView,
    FiringView,
    FollowUpView,
    LaterView,
    RuleActionView,
    ScheduledView,
    TrialFound,
    TrialReport,
    TrialView,
    WhenView,
)
from holdfast.conversations import masking
from holdfast.conversations import queries as conversations
from holdfast.conversations.presenting import attachment_view


async def rules(session: AsyncSession, viewer: StaffViewer) -> list[AutomationRuleView]:
    rows = await queries.shown_rules(session, viewer)
    trials = await queries.newest_trials(session, [row.content_id for row in rows])
    running = await queries.names_of(session, {row.running_id for row in rows if row.running_id is not None})
    versions = {version_id: number for version_id, (_, number) in running.items()}
    return [
        _rule(row, trials.get(row.content_id), versions[row.running_id] if row.running_id else None) for row in rows
    ]


def _rule(row: AutomationRule, tried: AutomationTrial | None, running: int | None) -> AutomationRuleView:
    return AutomationRuleView(
        id=row.rule_id,
        version=row.version,
        name=row.name,
        active=row.active,
        running=running,
        when=msgspec.convert(row.when, WhenView),
        conditions=msgspec.convert(row.conditions, ConditionsView),
        actions=msgspec.convert(row.actions, list[RuleActionView]),
        made_at=row.made_at,
        trial=trial(tried) if tried else None,
    )


def trial(row: AutomationTrial) -> TrialView:
    return msgspec.convert(row, TrialView, from_attributes=True)


def report(row: AutomationTrial) -> TrialReport:
    return TrialReport(trial(row), msgspec.convert(row.found, list[TrialFound]))


def firing(row: AutomationFiring, reference: str, names: Mapping[UUID, tuple[str, int]]) -> FiringView:
    name, version = names[row.version_id]
    return FiringView(
        id=row.id,
        rule=row.rule_id,
        name=name,
        version=version,
        conversation=row.conversation_id,
        reference=reference,
        seq=row.seq,
        event=row.event,
        event_at=row.event_at,
        at=row.at,
        depth=row.depth,
        stopped=row.stopped,
        why=row.why,
        done=row.done,
    )


async def firings(session: AsyncSession, rows: Any) -> list[FiringView]:
    names = await queries.names_of(session, {row[0].version_id for row in rows})
    return [firing(row, reference, names) for row, reference in rows]


async def later(session: AsyncSession, viewer: StaffViewer, conversation_id: UUID) -> LaterView:
    """Raises ConversationNotFound."""
    seen = masking.text_sight(viewer, await conversations.row(session, viewer, conversation_id))
    rows = await queries.scheduled_in(session, viewer, conversation_id)
    coming = await queries.follow_up(session, conversation_id)
    files = await queries.files_of(session, [row for row, _ in rows])
    return LaterView(
        [
            ScheduledView(
                row.id,
                row.agent_id,
                name,
                shown_text(row.body, seen),
                row.at,
                row.anyway,
                row.state,
                row.why,
                [attachment_view(files[one], own=row.agent_id == viewer.id) for one in row.files if one in files],
            )
            for row, name in rows
        ],
        FollowUpView(
            coming.agent_id,
            await queries.agent_name(session, coming.agent_id),
            coming.at,
            shown_text(coming.note, seen),
        )
        if coming
        else None,
    )
