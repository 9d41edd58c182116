"""Requests about rules, and about what is for later in a conversation."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, post, put
from litestar.params import Parameter

from holdfast.access.audit import record
from holdfast.access.viewer import Role, StaffViewer
from holdfast.automation import followups, presenting, queries, rulebook, scheduled, trials
from holdfast.automation.errors import TrialUnknown
from holdfast.automation.rules import Action, Group, When
from holdfast.automation.schemas import (
    AutomationRuleView,
    FiringView,
    FollowUpInput,
    LaterView,
    RuleInput,
    RuleMove,
    RuleSwitch,
    RuleTry,
    ScheduledInput,
    TrialReport,
)
from holdfast.conversations import outgoing
from holdfast.conversations import queries as conversations
from holdfast.core.database import Database
from holdfast.core.http import STATUS_OK
from holdfast.people.http_viewer import staff
from holdfast.people.sign_in import Browser

_EDITORS = [staff(Role.LEAD, Role.ADMINISTRATOR)]
_ANSWERING = [staff(Role.AGENT, Role.EMERGENCY_AGENT, Role.LEAD)]


@get("/api/automation/rules", guards=_EDITORS)
async def list_rules(database: Database, viewer: StaffViewer) -> list[AutomationRuleView]:
    """The newest version of each, in their order."""
    async with database.transaction() as session:
        return await presenting.rules(session, viewer)


async def _save(
    database: Database, viewer: StaffViewer, browser: Browser, rule_id: UUID | None, data: RuleInput
) -> list[AutomationRuleView]:
    given = msgspec.to_builtins(data)
    async with database.transaction() as session:
        await rulebook.save(
            session,
            viewer,
            rule_id,
            based_on=data.based_on,
            name=data.name,
            when=msgspec.convert(given["when"], When),
            conditions=msgspec.convert(given["conditions"], Group),
            actions=msgspec.convert(given["actions"], list[Action]),
            network=browser.network,
        )
        return await presenting.rules(session, viewer)


@post("/api/automation/rules", guards=_EDITORS)
async def add_rule(
    database: Database, viewer: StaffViewer, browser: Browser, data: RuleInput
) -> list[AutomationRuleView]:
    """A new rule, switched off, behind all others."""
    return await _save(database, viewer, browser, None, data)


@put("/api/automation/rules/{rule_id:uuid}", guards=_EDITORS)
async def change_rule(
    database: Database, viewer: StaffViewer, browser: Browser, rule_id: UUID, data: RuleInput
) -> list[AutomationRuleView]:
    """The next version; until it was tried and is switched on, the one that runs goes on."""
    return await _save(database, viewer, browser, rule_id, data)


@post("/api/automation/rules/{rule_id:uuid}/switch", guards=_EDITORS, status_code=STATUS_OK)
async def switch_rule(
    database: Database, viewer: StaffViewer, browser: Browser, rule_id: UUID, data: RuleSwitch
) -> list[AutomationRuleView]:
    """On (after a dry run of this version, for what happens from now on) or off."""
    async with database.transaction() as session:
        await rulebook.switch(
            session, viewer, rule_id, based_on=data.based_on, active=data.active, network=browser.network
        )
        return await presenting.rules(session, viewer)


@post("/api/automation/rules/{rule_id:uuid}/move", guards=_EDITORS, status_code=STATUS_OK)
async def move_rule(
    database: Database, viewer: StaffViewer, browser: Browser, rule_id: UUID, data: RuleMove
) -> list[AutomationRuleView]:
    """One place up or down: rules are taken in their order."""
    async with database.transaction() as session:
        await rulebook.move(session, viewer, rule_id, based_on=data.based_on, up=data.up, network=browser.network)
        return await presenting.rules(session, viewer)


@delete("/api/automation/rules/{rule_id:uuid}", guards=_EDITORS, status_code=204)
async def remove_rule(database: Database, viewer: StaffViewer, browser: Browser, rule_id: UUID, based_on: int) -> None:
    """Its log stays."""
    async with database.transaction() as session:
        await rulebook.remove(session, viewer, rule_id, based_on=based_on, network=browser.network)


@post("/api/automation/rules/{rule_id:uuid}/trials", guards=_EDITORS)
async def try_rule(
    database: Database, viewer: StaffViewer, browser: Browser, rule_id: UUID, data: RuleTry
) -> TrialReport:
    """A dry run of the newest version over past conversations, in the background."""
    async with database.transaction() as session:
        trial = await trials.ask(session, viewer, rule_id, days=data.days, network=browser.network)
        return presenting.report(trial)


@get("/api/automation/trials/{trial_id:uuid}", guards=_EDITORS)
async def show_trial(database: Database, viewer: StaffViewer, trial_id: UUID) -> TrialReport:
    """What would have fired and why, and some of what would not."""
    async with database.transaction() as session:
        trial = await queries.trial(session, viewer, trial_id)
        if trial is None:
            raise TrialUnknown
        return presenting.report(trial)


@post("/api/automation/trials/{trial_id:uuid}/cancel", guards=_EDITORS, status_code=STATUS_OK)
async def cancel_trial(database: Database, viewer: StaffViewer, trial_id: UUID) -> TrialReport:
    """Stop it; what it has found stays."""
    async with database.transaction() as session:
        return presenting.report(await trials.cancel(session, viewer, trial_id))


@get("/api/automation/rules/{rule_id:uuid}/firings", guards=_EDITORS)
async def list_firings(
    database: Database,
    viewer: StaffViewer,
    rule_id: UUID,
    before: UUID | None = None,
    limit: Annotated[int, Parameter(ge=1, le=100)] = 50,
) -> list[FiringView]:
    """What a rule did in the last 90 days and why, the newest first."""
    async with database.transaction() as session:
        return await presenting.firings(session, await queries.firings_of_rule(session, viewer, rule_id, before, limit))


@get("/api/conversations/{conversation_id:uuid}/firings", guards=_ANSWERING)
async def conversation_firings(database: Database, viewer: StaffViewer, conversation_id: UUID) -> list[FiringView]:
    """Why did this happen? Every rule that did something here in the last 90 days."""
    async with database.transaction() as session:
        await conversations.row(session, viewer, conversation_id)
        record(session, viewer, "conversation.firings_read", ("conversation", conversation_id))
        return await presenting.firings(session, await queries.firings_in(session, viewer, conversation_id, 200))


@get("/api/conversations/{conversation_id:uuid}/later", guards=_ANSWERING)
async def show_later(database: Database, viewer: StaffViewer, conversation_id: UUID) -> LaterView:
    """What is scheduled here, and when the conversation comes back."""
    async with database.transaction() as session:
        view = await presenting.later(session, viewer, conversation_id)
        record(session, viewer, "conversation.opened", ("conversation", conversation_id))
        return view


@post("/api/conversations/{conversation_id:uuid}/scheduled", guards=_ANSWERING)
async def schedule(database: Database, viewer: StaffViewer, conversation_id: UUID, data: ScheduledInput) -> LaterView:
    """A public message for later, in one's own name."""
    async with outgoing.noted(database, viewer, ("conversation", conversation_id)) as session:
        await scheduled.schedule(
            session,
            viewer,
            conversation_id,
            text=data.text,
            at=data.at,
            anyway=data.anyway,
            seen=data.seen,
            files=data.files,
        )
        return await presenting.later(session, viewer, conversation_id)


@put("/api/conversations/{conversation_id:uuid}/scheduled/{scheduled_id:uuid}", guards=_ANSWERING)
async def reschedule(
    database: Database, viewer: StaffViewer, conversation_id: UUID, scheduled_id: UUID, data: ScheduledInput
) -> LaterView:
    """Other words or another time; one that was stopped waits again."""
    async with outgoing.noted(database, viewer, ("conversation", conversation_id)) as session:
        await scheduled.change(
            session,
            viewer,
            scheduled_id,
            text=data.text,
            at=data.at,
            anyway=data.anyway,
            seen=data.seen,
            files=data.files,
        )
        await session.flush()
        return await presenting.later(session, viewer, conversation_id)


@delete("/api/conversations/{conversation_id:uuid}/scheduled/{scheduled_id:uuid}", guards=_ANSWERING, status_code=204)
async def unschedule(database: Database, viewer: StaffViewer, conversation_id: UUID, scheduled_id: UUID) -> None:
    """Take it back; one that was stopped is out of sight then."""
    async with database.transaction() as session:
        await scheduled.cancel(session, viewer, scheduled_id)


@put("/api/conversations/{conversation_id:uuid}/follow-up", guards=_ANSWERING)
async def set_follow_up(
    database: Database, viewer: StaffViewer, conversation_id: UUID, data: FollowUpInput
) -> LaterView:
    """The conversation comes back then, with the note."""
    async with database.transaction() as session:
        await followups.set_follow_up(session, viewer, conversation_id, at=data.at, note=data.note)
        return await presenting.later(session, viewer, conversation_id)


@delete("/api/conversations/{conversation_id:uuid}/follow-up", guards=_ANSWERING, status_code=204)
async def drop_follow_up(database: Database, viewer: StaffViewer, conversation_id: UUID) -> None:
    async with database.transaction() as session:
        await followups.drop(session, viewer, conversation_id)


HANDLERS = [
    list_rules,
    add_rule,
    change_rule,
    switch_rule,
    move_rule,
    remove_rule,
    try_rule,
    show_trial,
    cancel_trial,
    list_firings,
    conversation_firings,
    show_later,
    schedule,
    reschedule,
    unschedule,
    set_follow_up,
    drop_follow_up,
]
