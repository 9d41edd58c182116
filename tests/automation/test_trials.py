"""Dry runs: what a rule would have done in the past, and why; nothing is changed by them."""

from uuid import uuid4

import pytest

from holdfast.automation import trials
from holdfast.automation.errors import NotTried
from holdfast.automation.models import AutomationTrial
from holdfast.automation.rules import Action, Asks, Check, Does, Group, What
from tests.automation.support import House, said


async def test_a_dry_run_says_what_would_have_been_and_changes_nothing(desk: House) -> None:
    fee, other = await desk.taken(), await desk.taken()
    await desk.writes(fee, "The fee is high")
    await desk.label(fee, priority=2)
    await desk.transfer(fee, desk.technical)
    before = [(await desk.row(one)).seq for one in (fee, other)]
    # As it was when the message came, not as it is now.
    wanted = ((Asks.WORDS, "fee"), (Asks.QUEUE, "general"), (Asks.PRIORITY, "1"))
    conditions = Group("all", tuple(Check(asks, "in", (value,)) for asks, value in wanted))
    actions = Action(Does.RESOLVE), Action(Does.PRIORITY, "3")
    rule = await desk.rule("Fees", What.CUSTOMER, *actions, on=False, conditions=conditions)
    trial_id = await desk.tried(rule)
    async with desk.database.transaction() as session:
        trial = await session.get_one(AutomationTrial, trial_id)
    assert (trial.state, trial.seen, trial.total, trial.fired) == ("done", 2, 2, 1)
    (hit,) = [line for line in trial.found if line["fires"]]
    assert hit["reference"] == (await desk.row(fee)).reference
    assert hit["plan"] == [
        {"does": "resolve", "value": "", "by": "customer_waits"},
        {"does": "priority", "value": "3", "by": None},
    ]
    missed = [line for line in trial.found if not line["fires"]]
    assert len(missed) == 2
    assert all(not line["why"]["of"][0]["true"] for line in missed)
    assert "high" not in str(trial.found)
    assert [(await desk.row(one)).seq for one in (fee, other)] == before


async def test_a_dry_run_of_a_time_after_something(desk: House) -> None:
    silent, talking = await desk.taken(), await desk.taken()
    for conversation in (silent, talking):
        await desk.answers(conversation)
    desk.clock.turn(hours=12)
    await desk.writes(talking)
    desk.clock.turn(days=2)
    rule = await desk.rule(
        "Silence", What.ANSWERED, Action(Does.RESOLVE), after_seconds=86_400, unless=(What.CUSTOMER,), on=False
    )
    trial_id = await desk.tried(rule)
    async with desk.database.transaction() as session:
        trial = await session.get_one(AutomationTrial, trial_id)
    assert [line["conversation"] for line in trial.found if line["fires"]] == [str(silent)]


async def test_a_dry_run_is_cancelled(desk: House) -> None:
    await desk.open()
    rule = await desk.rule("Hello", What.OPENED, said(("en", "Hello")), on=False)
    async with desk.database.transaction() as session:
        trial = await trials.ask(session, desk.lead, rule, days=1, network="test")
    async with desk.database.transaction() as session:
        assert (await trials.cancel(session, desk.lead, trial.id)).state == "cancelled"
    await trials.work(desk.database, trial=str(trial.id))
    await trials.work(desk.database, trial=str(uuid4()))
    async with desk.database.transaction() as session:
        assert (await session.get_one(AutomationTrial, trial.id)).seen == 0
    with pytest.raises(NotTried):
        await desk.switch(rule, active=True)
