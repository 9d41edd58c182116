"""A dry run: what a version of a rule would have done in past conversations, and why. Nothing is changed by it.

Each conversation's timeline is gone through entry by entry, with the conversation as it stood at each. What the rule
itself would have changed is not played through, and the customer's group is today's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.audit import record
from holdfast.access.viewer import StaffViewer
from holdfast.automation import queries
from holdfast.automation.errors import RuleUnknown, TrialUnknown
from holdfast.automation.events import Entry, Names, after, event_of, opening
from holdfast.automation.following import calendars_of, open_at, stands
from holdfast.automation.models import AutomationTrial
from holdfast.automation.rulebook import rule_of
from holdfast.automation.rules import Decision, Facts, Happened, Rule, judge
from holdfast.core.clock import now
from holdfast.core.database import Database
from holdfast.core.ids import new_id
from holdfast.core.jobs import defer
from holdfast.promises.calendars import Calendar

TASK = "automation.trial"
MOST = 5_000
_STEP = 50
_ENTRIES = 2_000
_FIRED_SHOWN, _OTHERS_SHOWN = 100, 20
_DAY = timedelta(days=1)


async def ask(session: AsyncSession, viewer: StaffViewer, rule_id: UUID, *, days: int, network: str) -> AutomationTrial:
    """Begin one of the newest version. Raises RuleUnknown."""
    row = next((row for row in await queries.shown_rules(session, viewer) if row.rule_id == rule_id), None)
    if row is None:
        raise RuleUnknown
    since = now() - timedelta(days=days)
    trial = AutomationTrial(
        id=new_id(),
        version_id=row.content_id,
        since=since,
        total=min(await queries.past_count(session, since), MOST),
        asked_by_id=viewer.id,
        state="running",
        seen=0,
        fired=0,
        found=[],
        asked_at=now(),
    )
    session.add(trial)
    record(session, viewer, "automation.tried", ("automation_rule", rule_id), network=network, version=row.version)
    await session.flush()
    await defer(session, TASK, trial=str(trial.id))
    return trial


async def cancel(session: AsyncSession, viewer: StaffViewer, trial_id: UUID) -> AutomationTrial:
    """What it has found is kept. Raises TrialUnknown."""
    trial = await queries.trial(session, viewer, trial_id, lock=True)
    if trial is None:
        raise TrialUnknown
    if trial.state == "running":
        trial.state, trial.finished_at = "cancelled", now()
    return trial


async def work(database: Database, *, trial: str) -> None:
    """The job: to its end, or until it is cancelled; each step is a transaction, so that a killed worker's job goes on
    where it was."""
    going_on = True
    while going_on:
        async with database.transaction() as session:
            going_on = await step(session, UUID(trial))


async def step(session: AsyncSession, trial_id: UUID) -> bool:
    """The next conversations; whether there are more."""
    trial = await queries.locked_trial(session, trial_id)
    if trial is None or trial.state != "running":
        return False
    ids = await queries.past(session, trial.since, trial.after_id, min(_STEP, trial.total - trial.seen))
    if not ids:
        trial.state, trial.finished_at = "done", now()
        return False
    rule = rule_of(await queries.version(session, trial.version_id))
    calendars = await calendars_of(session, [rule])
    queues, topics = await queries.keys(session)
    cases = await queries.case_of(session, ids)
    lines: dict[UUID, list[Entry]] = {conversation_id: [] for conversation_id in ids}
    for conversation_id, *rest in await queries.entries(session, dict.fromkeys(ids, 0), _ENTRIES):
        lines[conversation_id].append(Entry(*rest))
    found = list(trial.found)
    for conversation_id in ids:
        case = cases[conversation_id]
        names = Names(
            {queue.name: key for key, queue in queues.items()},
            {topic.name: key for key, topic in topics.items()},
            case.first_queue,
            case.emergency_queue,
        )
        past = Past(lines[conversation_id], Facts(**stands(case)), names)
        for event, decision in replayed(rule, past, calendars, trial.since, now()):
            trial.fired += decision.fires
            found.append(_line(case, event, decision))
    trial.found = _shown(found)
    trial.seen, trial.after_id = trial.seen + len(ids), ids[-1]
    return True


def _shown(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first of each kind: a list that is read to its end."""
    fired = [line for line in found if line["fires"]][:_FIRED_SHOWN]
    return [*fired, *[line for line in found if not line["fires"]][:_OTHERS_SHOWN]]


def _line(case: Any, event: Happened, decision: Decision) -> dict[str, Any]:
    return {
        "conversation": str(case.id),
        "reference": case.reference,
        "event": event.what.value,
        "at": event.at.isoformat(),
        "fires": decision.fires,
        "stopped": decision.stopped,
        "why": decision.why,
        "plan": [{"does": p.action.does.value, "value": p.action.value, "by": p.refused} for p in decision.plan],
    }


@dataclass(frozen=True, slots=True)
class Past:
    """A timeline, and the conversation as it stands now."""

    entries: list[Entry]
    present: Facts
    names: Names


def replayed(
    rule: Rule, past: Past, calendars: dict[str, Calendar], since: datetime, until: datetime
) -> Iterator[tuple[Happened, Decision]]:
    """Each event that the rule would have looked at: pure."""
    fired: list[datetime] = []
    for event, facts in _moments(rule, past, since, until):
        seen = replace(
            facts,
            hours=open_at(calendars, event.at),
            fired={rule.id: len(fired)},
            today={rule.id: sum(at > event.at - _DAY for at in fired)},
        )
        for decision in judge([rule], event, seen):
            if decision.fires:
                fired.append(event.at)
            yield event, decision


def _moments(rule: Rule, past: Past, since: datetime, until: datetime) -> Iterator[tuple[Happened, Facts]]:
    """The rule's events with the conversation behind each; the time after an event is over between two entries."""
    wait = rule.when.after_seconds
    facts = opening(past.entries, past.present, past.names)
    running: Happened | None = None
    for entry in past.entries:
        if running is not None and running.at <= entry.at:
            yield running, facts
            running = None
        facts = after(facts, entry, past.names)
        what = event_of(entry)
        if what in rule.when.unless:
            running = None
        if what is rule.when.event and entry.at >= since:
            if wait is None:
                yield Happened(what, entry.seq, entry.at), facts
            else:
                running = Happened(what, entry.seq, entry.at + timedelta(seconds=wait), timer_of=rule.id)
    if running is not None and running.at <= until:
        yield running, facts
