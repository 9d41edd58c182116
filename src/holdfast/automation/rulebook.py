"""What leads do with rules. Nothing is edited: each act adds a version."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import StaffViewer
from holdfast.automation import queries
from holdfast.automation.checking import checked
from holdfast.automation.errors import NotTried, RuleChanged, RuleUnknown, TooManyRules
from holdfast.automation.models import AutomationRule
from holdfast.automation.rules import Action, Group, Rule, When
from holdfast.conversations.intake import clean
from holdfast.core.clock import now
from holdfast.core.database import tell
from holdfast.core.ids import new_id
from holdfast.core.notify import AUTOMATION

MOST = 100


def rule_of(row: AutomationRule) -> Rule:
    return Rule(
        id=row.rule_id,
        version_id=row.id,
        version=row.version,
        name=row.name,
        position=row.position,
        when=msgspec.convert(row.when, When),
        conditions=msgspec.convert(row.conditions, Group),
        actions=tuple(msgspec.convert(row.actions, list[Action])),
        since=row.since if row.active else None,
    )


async def active(session: AsyncSession) -> list[Rule]:
    """Those that are switched on, in their order; of one that was changed since, what ran before."""
    rules = await queries.newest(session)
    before = await queries.versions(session, [row.running_id for row in rules if row.running_id is not None])
    return [
        replace(rule_of(row if row.running_id is None else before[row.running_id]), position=row.position)
        for row in rules
        if _runs(row)
    ]


def _runs(row: AutomationRule) -> bool:
    return row.active or row.running_id is not None


async def save(
    session: AsyncSession,
    viewer: StaffViewer,
    rule_id: UUID | None,
    *,
    based_on: int,
    name: str,
    when: When,
    conditions: Group,
    actions: Sequence[Action],
    network: str,
) -> AutomationRule:
    """A new rule, or the next version of one; it is off until it was tried and is switched on, and what ran before goes
    on meanwhile. ``based_on`` is the version that was changed. Raises RuleUnknown, RuleChanged, RuleRefused,
    TooManyRules, and what the outgoing filter gives."""
    rules = await queries.newest(session)
    before = _of(rules, rule_id, based_on) if rule_id is not None else None
    if before is None and len(rules) >= MOST:
        raise TooManyRules(most=MOST)
    conditions, actions = await checked(session, when, conditions, actions)
    values = {
        "name": clean(" ".join(name.split()))[0],
        "position": before.position if before else max((row.position for row in rules), default=0) + 1,
        "active": False,
        "when": msgspec.to_builtins(when),
        "conditions": msgspec.to_builtins(conditions),
        "actions": msgspec.to_builtins(actions),
        "since": None,
        "running_id": (before.id if before.active else before.running_id) if before else None,
    }
    return await _add(session, viewer, "automation.rule_saved", network, before, values)


async def switch(
    session: AsyncSession, viewer: StaffViewer, rule_id: UUID, *, based_on: int, active: bool, network: str
) -> AutomationRule:
    """The newest version on, for what happens from now on (in the place of one that runs, without a gap between them),
    or all of the rule off. Raises RuleUnknown, RuleChanged, NotTried."""
    rules = await queries.newest(session)
    before = _of(rules, rule_id, based_on)
    if before.active if active else not _runs(before):
        return before
    since = now() if active else None
    if active:
        tried = (await queries.newest_trials(session, [before.content_id])).get(before.content_id)
        if tried is None or tried.state != "done":
            raise NotTried
        if not any(_runs(row) for row in rules):
            await _from_now_on(session)
        if before.running_id is not None:
            ran = await queries.version(session, before.running_id)
            # What was not read yet, and what waits for its time, is this version's: it waits for the same.
            since = ran.since if ran.when == before.when else since
    act = "automation.rule_on" if active else "automation.rule_off"
    return await _add(session, viewer, act, network, before, {"active": active, "since": since, "running_id": None})


async def move(
    session: AsyncSession, viewer: StaffViewer, rule_id: UUID, *, based_on: int, up: bool, network: str
) -> None:
    """Before or behind its neighbour. Raises RuleUnknown, RuleChanged."""
    rules = await queries.newest(session)
    row = _of(rules, rule_id, based_on)
    place = rules.index(row) + (-1 if up else 1)
    if not 0 <= place < len(rules):
        return
    other = rules[place]
    for one, position in ((row, other.position), (other, row.position)):
        await _add(session, viewer, "automation.rule_moved", network, one, {"position": position})


async def remove(session: AsyncSession, viewer: StaffViewer, rule_id: UUID, *, based_on: int, network: str) -> None:
    """Its versions stay, for what they did. Raises RuleUnknown, RuleChanged."""
    before = _of(await queries.newest(session), rule_id, based_on)
    values = {"active": False, "removed": True, "since": None, "running_id": None}
    await _add(session, viewer, "automation.rule_removed", network, before, values)


def _of(rules: Sequence[AutomationRule], rule_id: UUID, based_on: int) -> AutomationRule:
    found = next((row for row in rules if row.rule_id == rule_id), None)
    if found is None:
        raise RuleUnknown
    if found.version != based_on:
        raise RuleChanged
    return found


async def _add(
    session: AsyncSession,
    viewer: StaffViewer,
    act: str,
    network: str,
    before: AutomationRule | None,
    values: dict[str, Any],
) -> AutomationRule:
    """Two who add the same version at once: the second one is refused by its key, and asked to look again."""
    made = new_id()
    kept = ("content_id", "name", "position", "active", "when", "conditions", "actions", "since", "running_id")
    carried: dict[str, Any] = {name: getattr(before, name) for name in kept} if before and "when" not in values else {}
    row = AutomationRule(
        id=made,
        rule_id=before.rule_id if before else new_id(),
        version=before.version + 1 if before else 1,
        made_by_id=viewer.id,
        made_at=_later(before),
        **{"content_id": made, **carried, **values},
    )
    session.add(row)
    record(session, viewer, act, ("automation_rule", row.rule_id), network=network, version=row.version)
    tell(session, AUTOMATION, "changed")
    await session.flush()
    return row


def _later(before: AutomationRule | None) -> datetime:
    return max(now(), before.made_at) if before else now()


async def _from_now_on(session: AsyncSession) -> None:
    """The first rule is switched on: whatever stands in timelines now is history. One statement: what commits after its
    snapshot has a higher sequence than the cursor."""
    await session.execute(
        text(
            "INSERT INTO automation_cursor (conversation_id, seq) SELECT id, seq FROM conversation"
            " ON CONFLICT (conversation_id) DO UPDATE SET seq = excluded.seq"
        )
    )
