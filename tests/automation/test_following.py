"""Rules at work: what happens in timelines sets them off, and what they do is done once."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from holdfast.access.models import AuditEntry
from holdfast.authenticity import queries as authenticity
from holdfast.automation import acting, following, presenting, rulebook
from holdfast.automation.errors import NotTried, RuleChanged, RuleRefused
from holdfast.automation.models import AutomationCursor
from holdfast.automation.reader import RuleReader
from holdfast.automation.rules import MOST_A_DAY, Action, Asks, Checks, Does, Group, What, When
from holdfast.channels.webhooks.events import event_of
from holdfast.conversations import outgoing
from holdfast.conversations.errors import LinkRefused, SecretRequested
from holdfast.conversations.intake import clean
from holdfast.paging.models import Page
from tests.automation.support import House, results, said, when
from tests.redaction.ways import PHRASE


async def test_a_customers_message_sets_a_rule_off_and_the_log_says_why(desk: House) -> None:
    fees = when(Asks.WORDS, "in", "fee", "手续费")
    rule = await desk.rule(
        "Fees", What.CUSTOMER, Action(Does.TOPIC, "fees"), Action(Does.NOTE, texts={"": "Look at the network."}),
        said(("en", "The network sets this."), ("de", "Das bestimmt das Netz.")), conditions=fees,
    )  # fmt: skip
    conversation = await desk.taken()
    await desk.work()
    assert await desk.fired(conversation) == []

    await desk.writes(conversation, "The fee is high")
    await desk.work()
    (firing,) = await desk.fired(conversation)
    assert firing.rule_id == rule
    assert firing.event == "customer_wrote"
    assert results(firing) == ["topic:done", "note:done", "message:done"]
    assert firing.why["of"] == [{"asks": "words", "op": "in", "values": ["fee", "手续费"], "seen": True, "true": True}]
    assert "high" not in str(firing.why) + str(firing.done)
    assert (await desk.said(conversation))[-1] == ("system", "The network sets this.")
    assert await desk.said(conversation, "note") == [("system", "Look at the network.")]
    row = await desk.row(conversation)
    # What a rule says is no answer: the customer still waits, and the list shows their words.
    assert row.waiting_since is not None
    assert row.preview == "The fee is high"

    # Followed again it is done once, also after the cursor was lost.
    async with desk.database.transaction() as session:
        await session.execute(delete(AutomationCursor))
    await desk.work()
    assert len(await desk.fired(conversation)) == 1
    assert len(await desk.said(conversation, "note")) == 1


async def test_the_message_is_in_the_customers_language_and_carries_a_stamp(desk: House) -> None:
    await desk.rule("Hello", What.OPENED, said(("en", "Hello"), ("zh-Hans", "您好")))
    chinese, thai = await desk.open(language="zh-Hans"), await desk.open(language="th")
    await desk.work()
    assert (await desk.said(chinese))[-1] == ("system", "您好")
    assert (await desk.said(thai))[-1] == ("system", "Hello")
    # The page of proof knows it as ours.
    async with desk.database.transaction() as session:
        row = await desk.row(chinese)
        assert len(await authenticity.sent(session, row.reference, row.opened_at - timedelta(seconds=1))) == 1


async def test_a_killed_worker_does_nothing_twice(desk: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.rule("Hello", What.OPENED, said(("en", "Hello")), Action(Does.PRIORITY, "2"))
    conversation = await desk.open()

    async def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        # After all is done, before the cursor moves.
        patched.setattr(following._Walk, "end", dies)
        with pytest.raises(KeyboardInterrupt):
            await RuleReader(desk.database)._look()
    assert await desk.fired(conversation) == []
    assert len(await desk.said(conversation)) == 1
    await desk.work()
    await desk.work()
    assert len(await desk.fired(conversation)) == 1
    assert len(await desk.said(conversation)) == 2


async def test_one_conversation_that_fails_holds_up_no_other(desk: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.rule("Hello", What.OPENED, said(("en", "Hello")))
    bad, good = await desk.open(), await desk.open()
    real = acting.do

    async def fails(session: object, conversation_id: object, *rest: object) -> object:
        if conversation_id == bad:
            raise RuntimeError("no")
        return await real(session, conversation_id, *rest)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(acting, "do", fails)
        await RuleReader(desk.database)._look()
    assert len(await desk.fired(good)) == 1
    assert await desk.fired(bad) == []
    await desk.work()
    assert len(await desk.fired(bad)) == 1


async def test_an_emergency_is_neither_resolved_nor_lowered_nor_moved(desk: House) -> None:
    await desk.rule(
        "Away", What.OPENED, Action(Does.RESOLVE), Action(Does.PRIORITY, "0"), Action(Does.QUEUE, "technical"),
        Action(Does.TOPIC, "fees"),
    )  # fmt: skip
    conversation = await desk.open(emergency=True)
    await desk.work()
    (firing,) = await desk.fired(conversation)
    assert results(firing) == [
        "resolve:refused:emergency",
        "priority:refused:emergency",
        "queue:refused:emergency",
        "topic:done",
    ]
    row = await desk.row(conversation)
    assert (row.category, row.priority, row.queue_id) == ("open", 3, desk.emergency.id)


async def test_after_three_days_without_an_answer_of_the_customer(desk: House) -> None:
    days = 3 * 86_400
    await desk.rule(
        "Silence", What.ANSWERED, said(("en", "We close this for now.")), Action(Does.RESOLVE),
        after_seconds=days, unless=(What.CUSTOMER, What.RESOLVED),
    )  # fmt: skip
    silent, talking = await desk.taken(), await desk.taken()
    for conversation in (silent, talking):
        await desk.answers(conversation)
    await desk.work()
    desk.clock.turn(days=2)
    await desk.writes(talking)
    # Another answer begins the time anew.
    await desk.answers(silent)
    await desk.work()
    desk.clock.turn(days=2)
    await desk.work()
    assert await desk.fired(silent) == []
    desk.clock.turn(days=1, seconds=1)
    await desk.work()
    (firing,) = await desk.fired(silent)
    assert results(firing) == ["message:done", "resolve:done"]
    assert (await desk.row(silent)).category == "resolved"
    assert await desk.fired(talking) == []
    assert (await desk.row(talking)).category == "open"


async def test_nobody_who_waits_is_resolved_away(desk: House) -> None:
    await desk.rule("Rude", What.CUSTOMER, Action(Does.RESOLVE))
    conversation = await desk.taken()
    await desk.writes(conversation)
    await desk.work()
    assert results((await desk.fired(conversation))[-1]) == ["resolve:refused:customer_waits"]


async def test_rules_that_set_each_other_off_come_to_an_end(desk: House) -> None:
    await desk.rule(
        "To technical", What.QUEUED, Action(Does.QUEUE, "technical"), conditions=when(Asks.QUEUE, "in", "general")
    )
    await desk.rule(
        "To general", What.QUEUED, Action(Does.QUEUE, "general"), conditions=when(Asks.QUEUE, "in", "technical")
    )
    conversation = await desk.taken()
    await desk.transfer(conversation, desk.technical)
    await desk.work()
    await desk.work()
    fired = await desk.fired(conversation)
    assert [(one.stopped, one.depth) for one in fired] == [(None, 0), (None, 1), ("chain", 2)]


async def test_a_rule_that_fires_too_often_is_held_until_the_next_day(desk: House) -> None:
    await desk.rule("Note", What.CUSTOMER, Action(Does.NOTE, texts={"": "Again"}))
    conversation = await desk.taken()
    for _ in range(MOST_A_DAY + 1):
        await desk.writes(conversation)
    await desk.work()
    stopped = [one.stopped for one in await desk.fired(conversation)]
    # The first message opened it and counts too.
    assert stopped.count(None) == MOST_A_DAY
    assert set(stopped) == {None, "often"}
    desk.clock.turn(days=1, hours=1)
    await desk.writes(conversation)
    await desk.work()
    assert (await desk.fired(conversation))[-1].stopped is None


async def test_a_broken_promise_pages_somebody_and_tells_webhooks(desk: House) -> None:
    await desk.rule(
        "Broken", What.BROKEN, Action(Does.PAGE, "technical"), Action(Does.WEBHOOK, "promise_broken"),
        conditions=when(Asks.FIRED, "at_most", "0"),
    )  # fmt: skip
    conversation = await desk.open()
    await desk.follow(conversation)
    desk.clock.turn(hours=2)
    await desk.turn_all()
    await desk.work()
    fired = await desk.fired(conversation)
    assert [results(one) for one in fired] == [["page:done", "webhook:done"]]
    async with desk.database.transaction() as session:
        page = (await session.scalars(select(Page))).one()
    assert (page.kind, page.duty, page.reference) == (
        "rule_fired",
        "technical",
        (await desk.row(conversation)).reference,
    )
    line = {"type": "rule", "webhooks": ["promise_broken"]}
    assert event_of("system", line) == "automation.rule"
    assert event_of("system", {"type": "rule"}) is None


async def test_what_happened_before_a_rule_was_switched_on_is_history(desk: House) -> None:
    before = await desk.open()
    desk.clock.turn(seconds=1)
    rule = await desk.rule("Hello", What.OPENED, said(("en", "Hello")))
    await desk.work()
    assert await desk.fired(before) == []
    during = await desk.open()
    await desk.work()
    assert len(await desk.fired(during)) == 1
    await desk.switch(rule, active=False)
    off = await desk.open()
    await desk.work()
    assert await desk.fired(off) == []
    # What was tried stays tried: the same words may be switched on again.
    desk.clock.turn(seconds=1)
    await desk.switch(rule, active=True)
    await desk.work()
    assert await desk.fired(off) == []


async def test_what_may_not_go_out_is_no_rule_and_is_stopped_again_when_it_is_sent(
    desk: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SecretRequested):
        await desk.rule("Ask", What.OPENED, said(("en", "Send me your recovery phrase.")))

    class Everything:
        def allows(self, link: str) -> bool:
            return True

    with monkeypatch.context() as patched:
        patched.setattr(outgoing, "_allowed", Everything())
        await desk.rule("Link", What.OPENED, said(("en", "Look at https://example.org/help")))
    # The register has changed meanwhile.
    conversation = await desk.open()
    await desk.work()
    (firing,) = await desk.fired(conversation)
    assert results(firing) == [f"message:refused:{LinkRefused.id}"]
    assert len(await desk.said(conversation)) == 1
    async with desk.database.transaction() as session:
        blocked = (await session.scalars(select(AuditEntry).where(AuditEntry.action == outgoing.BLOCKED))).one()
    assert blocked.detail == {"kind": LinkRefused.id}


async def test_secrets_stay_out_of_rules(desk: House) -> None:
    rule = await desk.rule(
        PHRASE, What.OPENED, Action(Does.NOTE, texts={"": PHRASE}), conditions=when(Asks.WORDS, "in", *PHRASE.split()),
        on=False,
    )  # fmt: skip
    row = await desk.version(rule)
    assert "pelican" not in f"{row.name}{row.conditions}{row.actions}"
    assert clean(PHRASE)[0] == row.name


@pytest.mark.parametrize(
    ("action", "conditions"),
    [
        (Action(Does.QUEUE, "emergency"), Group()),
        (Action(Does.QUEUE, "nowhere"), Group()),
        (Action(Does.PRIORITY, "4"), Group()),
        (Action(Does.PAGE, "everybody"), Group()),
        (Action(Does.WEBHOOK, "Two words"), Group()),
        (Action(Does.MESSAGE, texts={"de": "Hallo"}), Group()),
        (Action(Does.MESSAGE, texts={"en": "Hello", "xx": "?"}), Group()),
        (Action(Does.RESOLVE), when(Asks.HOURS, "in", "nine-to-five")),
        (Action(Does.RESOLVE), when(Asks.TOPIC, "at_least", "1")),
        (Action(Does.RESOLVE), when(Asks.MESSAGES, "at_least", "many")),
        (Action(Does.RESOLVE), Group("all", (), (Checks("any", ()),))),
    ],
)
async def test_a_rule_that_cannot_be_kept_is_refused(desk: House, action: Action, conditions: Group) -> None:
    with pytest.raises(RuleRefused):
        await desk.rule("No", What.OPENED, action, conditions=conditions)


async def test_a_rule_is_never_edited_and_what_ran_goes_on_until_the_new_one_was_tried(desk: House) -> None:
    rule = await desk.rule("Hello", What.OPENED, said(("en", "Hello")))
    first = await desk.version(rule)
    async with desk.database.transaction() as session:
        row = await rulebook.save(
            session, desk.lead, rule, based_on=first.version, name="Hello again", when=When(What.OPENED),
            conditions=Group(), actions=[said(("en", "Hello again"))], network="test",
        )  # fmt: skip
    assert (row.version, row.active) == (first.version + 1, False)
    with pytest.raises(NotTried):
        await desk.switch(rule, active=True)
    with pytest.raises(RuleChanged):
        async with desk.database.transaction() as session:
            await rulebook.switch(session, desk.lead, rule, based_on=first.version, active=True, network="test")
    conversation = await desk.open()
    await desk.work()
    (firing,) = await desk.fired(conversation)
    assert (firing.version_id, await desk.said(conversation)) == (
        first.id,
        [
            ("customer", "Where is my deposit?"),
            ("system", "Hello"),
        ],
    )
    # One more change does not forget what runs.
    async with desk.database.transaction() as session:
        await rulebook.save(
            session, desk.lead, rule, based_on=row.version, name="Hello again", when=When(What.OPENED),
            conditions=Group(), actions=[said(("en", "Hello again"))], network="test",
        )  # fmt: skip
        (shown,) = await presenting.rules(session, desk.lead)
    assert (shown.active, shown.version, shown.running) == (False, row.version + 1, first.version)
    await desk.tried(rule)
    await desk.switch(rule, active=True)
    later = await desk.open()
    await desk.work()
    (firing,) = await desk.fired(later)
    assert (firing.version_id, firing.rule_id) == ((await desk.version(rule)).id, rule)
    second = await desk.rule("Second", What.OPENED, Action(Does.PRIORITY, "2"))
    async with desk.database.transaction() as session:
        await rulebook.move(session, desk.lead, second, based_on=2, up=True, network="test")
    # What waits keeps its place in what runs, and is switched off with it.
    async with desk.database.transaction() as session:
        waiting = await rulebook.save(
            session, desk.lead, second, based_on=3, name="Third", when=When(What.OPENED),
            conditions=Group(), actions=[Action(Does.PRIORITY, "3")], network="test",
        )  # fmt: skip
        assert [one.name for one in await rulebook.active(session)] == ["Second", "Hello again"]
        await rulebook.move(session, desk.lead, second, based_on=waiting.version, up=False, network="test")
        assert [one.name for one in await rulebook.active(session)] == ["Hello again", "Second"]
    await desk.switch(second, active=False)
    async with desk.database.transaction() as session:
        assert [one.name for one in await rulebook.active(session)] == ["Hello again"]


async def test_what_waits_for_its_time_is_taken_over_by_the_next_version(desk: House) -> None:
    """An hour's wait that began before the change ends with the new words; another event's does not."""
    rule = await desk.rule("Late", What.OPENED, said(("en", "Old")), after_seconds=3600)
    conversation = await desk.open()
    await desk.work()
    for what in (What.OPENED, What.ANSWERED):
        async with desk.database.transaction() as session:
            await rulebook.save(
                session, desk.lead, rule, based_on=(await desk.version(rule)).version, name="Late",
                when=When(what, after_seconds=3600), conditions=Group(), actions=[said(("en", "New"))], network="test",
            )  # fmt: skip
        await desk.tried(rule)
        await desk.switch(rule, active=True)
        desk.clock.turn(hours=1)
        await desk.work()
        assert [words for _, words in await desk.said(conversation)] == ["Where is my deposit?", "New"]


async def test_rules_are_taken_in_their_order(desk: House) -> None:
    await desk.rule("Hello again", What.OPENED, said(("en", "Hello again")))
    second = await desk.rule("Second", What.OPENED, Action(Does.PRIORITY, "2"))
    async with desk.database.transaction() as session:
        await rulebook.move(session, desk.lead, second, based_on=2, up=True, network="test")
    async with desk.database.transaction() as session:
        assert [one.name for one in await rulebook.active(session)] == ["Second", "Hello again"]


async def test_opening_hours_decide(desk: House) -> None:
    await desk.office()
    await desk.rule(
        "Closed", What.OPENED, said(("en", "We open at nine.")), conditions=when(Asks.HOURS, "not_in", "office")
    )
    # Tuesday, ten in Berlin.
    day = await desk.open()
    await desk.work()
    desk.clock.turn(hours=12)
    night = await desk.open()
    await desk.work()
    assert await desk.fired(day) == []
    assert len(await desk.fired(night)) == 1


async def test_the_log_is_kept_for_90_days(desk: House) -> None:
    await desk.rule("Hello", What.OPENED, said(("en", "Hello")))
    conversation = await desk.open()
    await desk.work()
    desk.clock.turn(days=89)
    async with desk.database.transaction() as session:
        await following.purge(session)
    assert len(await desk.fired(conversation)) == 1
    desk.clock.turn(days=2)
    async with desk.database.transaction() as session:
        await following.purge(session)
    assert await desk.fired(conversation) == []
