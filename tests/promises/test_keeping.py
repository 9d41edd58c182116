"""From timelines to promises, in a real database: what is read, promised, announced, and shown to the customer."""

import asyncio
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import func, select, update

from holdfast.conversations import operations as conversations
from holdfast.conversations import presenting
from holdfast.conversations.models import Conversation, Message, Topic
from holdfast.core.clock import now
from holdfast.core.due import Due
from holdfast.core.notify import LIVE, Listener
from holdfast.promises import queries
from holdfast.promises.keeping import SETTLE, TURN, set_turns
from holdfast.promises.model import Kind
from holdfast.promises.models import PromiseBook, Promised, PromisePolicy
from holdfast.promises.policies import Match
from holdfast.promises.reader import PromiseReader
from tests.promises.support import House, utc

MINUTE = timedelta(minutes=1)


async def topic_id(desk: House, key: str) -> UUID:
    async with desk.database.transaction() as session:
        return (await session.scalars(select(Topic.id).where(Topic.key == key))).one()


async def test_an_opening_promises_a_first_answer_and_the_clock_sets_its_turn(desk: House) -> None:
    conversation_id = await desk.open()
    await desk.follow(conversation_id)
    [first] = await desk.promises(conversation_id)
    assert (first.kind, first.state, first.due_at) == ("first_response", "running", first.started_at + 15 * MINUTE)
    assert await desk.turns() == [first.started_at + 7.5 * MINUTE]


async def test_an_answer_in_time_keeps_it_and_takes_the_turn_away(desk: House) -> None:
    conversation_id = await desk.taken()
    await desk.follow(conversation_id)
    desk.clock.turn(minutes=5)
    await desk.answers(conversation_id)
    await desk.follow(conversation_id)
    [first] = await desk.promises(conversation_id)
    assert (first.state, first.stopped_at) == ("kept", now())
    assert await desk.turns() == []
    assert await desk.lines(conversation_id) == []
    # And each message of the customer's after it is another one.
    desk.clock.turn(minutes=1)
    await desk.writes(conversation_id)
    await desk.follow(conversation_id)
    assert await desk.states(conversation_id) == {"first_response": ["kept"], "next_response": ["running"]}


async def test_warnings_and_the_breach_stand_in_the_timeline(desk: House) -> None:
    conversation_id = await desk.open()
    await desk.follow(conversation_id)
    for minutes, expected in ((7, 0), (0.5, 50), (4.4, 50), (0.1, 80), (3, 80)):
        desk.clock.turn(minutes=minutes)
        await desk.turn_all()
        assert (await desk.promises(conversation_id))[0].told == expected
    [broken] = await desk.promises(conversation_id)
    assert broken.state == "running"
    desk.clock.moment += SETTLE
    await desk.turn_all()
    [broken] = await desk.promises(conversation_id)
    assert (broken.state, broken.told) == ("broken", 100)
    assert broken.due_at is not None
    due = broken.due_at.isoformat()
    assert await desk.lines(conversation_id) == [
        {"type": "promise_warned", "promise": "first_response", "share": 50, "due": due},
        {"type": "promise_warned", "promise": "first_response", "share": 80, "due": due},
        {"type": "promise_broken", "promise": "first_response", "due": due},
    ]
    assert await desk.turns() == []
    # Late is not never: the breach stays, with its instant, and is over with the answer.
    desk.clock.turn(hours=1)
    async with desk.database.transaction() as session:
        await conversations.assign(session, desk.agent_, conversation_id, desk.agent_.id, how="taken")
    await desk.answers(conversation_id)
    await desk.follow(conversation_id)
    [late] = await desk.promises(conversation_id)
    assert (late.state, late.due_at, late.stopped_at) == ("broken", broken.due_at, now())


async def test_the_customer_sees_no_line_of_it(desk: House) -> None:
    conversation_id = await desk.open()
    await desk.follow(conversation_id)
    desk.clock.turn(minutes=16)
    await desk.turn_all()
    async with desk.database.transaction() as session:
        rows = await session.scalars(select(Message).where(Message.conversation_id == conversation_id))
        seen = [presenting.for_customer(presenting.entry(message, None)) for message in rows]
    assert [entry.ev["type"] for entry in seen if entry and entry.ev] == ["opened"]


async def test_an_answer_that_nobody_has_read_yet_is_not_called_late(desk: House) -> None:
    conversation_id = await desk.taken()
    await desk.follow(conversation_id)
    desk.clock.turn(minutes=15)
    await desk.answers(conversation_id)
    desk.clock.moment += SETTLE
    await desk.turn_all()
    assert await desk.lines(conversation_id) == []
    assert await desk.states(conversation_id) == {"first_response": ["kept"]}


async def test_a_late_answer_between_two_looks_is_a_breach_at_the_due_instant(desk: House) -> None:
    """What polling every few minutes loses."""
    conversation_id = await desk.taken()
    desk.clock.turn(minutes=16)
    await desk.answers(conversation_id)
    desk.clock.turn(hours=5)
    await desk.follow(conversation_id)
    [first] = await desk.promises(conversation_id)
    assert (first.state, first.due_at) == ("broken", first.started_at + 15 * MINUTE)


async def test_whoever_was_away_hears_of_the_breach_alone(desk: House) -> None:
    conversation_id = await desk.open()
    await desk.follow(conversation_id)
    desk.clock.turn(hours=3)
    await desk.turn_all()
    assert [line["type"] for line in await desk.lines(conversation_id)] == ["promise_broken"]


async def test_a_policy_that_is_edited_rewrites_nothing(desk: House) -> None:
    before = await desk.open()
    await desk.follow(before)
    desk.clock.turn(minutes=1)
    await desk.policy("first-response", Kind.FIRST, 60)
    desk.clock.turn(minutes=1)
    after = await desk.open()
    await desk.follow(before, after)
    [old], [new] = await desk.promises(before), await desk.promises(after)
    assert old.due_at == old.started_at + 15 * MINUTE
    assert new.due_at == new.started_at + MINUTE
    async with desk.database.transaction() as session:
        versions = {p.id: p.version for p in await session.scalars(select(PromisePolicy))}
    assert (versions[old.policy_id], versions[new.policy_id]) == (1, 2)


async def test_opening_hours_are_shown_to_the_customer(desk: House) -> None:
    # Tuesday at ten in Berlin; the hour before five is the last.
    await desk.office()
    await desk.policy("first-response", Kind.FIRST, 7200, calendar="office")
    desk.clock.moment = utc(2026, 11, 24, 15)
    conversation_id = await desk.open()
    await desk.follow(conversation_id)
    tomorrow = utc(2026, 11, 25, 9)
    assert (await desk.read(conversation_id)).next_due == tomorrow
    async with desk.database.transaction() as session:
        state = await presenting.state(session, await session.get_one(Conversation, conversation_id))
    assert state.promise is not None
    assert state.promise.due == tomorrow
    # A holiday that is added later moves those that are made later.
    desk.clock.turn(minutes=1)
    await desk.office(exceptions={"2026-11-25": []})
    desk.clock.turn(minutes=1)
    second = await desk.open()
    await desk.follow(conversation_id, second)
    assert (await desk.read(conversation_id)).next_due == tomorrow
    assert (await desk.read(second)).next_due == utc(2026, 11, 26, 9, 2)


async def test_follow_ups_are_promised_the_time_of_the_next_answer(desk: House) -> None:
    await desk.policy("next-response", Kind.NEXT, 300)
    desk.clock.turn(minutes=1)
    conversation_id = await desk.taken()
    await desk.follow(conversation_id)
    assert (await desk.read(conversation_id)).answer_seconds == 900
    await desk.answers(conversation_id)
    await desk.follow(conversation_id)
    assert (await desk.read(conversation_id)).answer_seconds == 300


async def test_a_held_row_is_shown_its_instant_later(desk: House) -> None:
    await desk.policy("first-response", Kind.FIRST, 60)
    desk.clock.turn(minutes=1)
    conversation_id = await desk.open()
    reader = PromiseReader(desk.database)
    with psycopg.connect(desk.dsn) as connection:
        connection.execute("SELECT 1 FROM conversation WHERE id = %s FOR NO KEY UPDATE", (conversation_id,))
        await reader._look()
        assert (await desk.read(conversation_id)).answer_seconds == 900
    async with asyncio.timeout(5):
        while (await desk.read(conversation_id)).answer_seconds != 60:
            await reader._look()
    assert (await desk.read(conversation_id)).next_due == now() + MINUTE


async def test_resolved_rests_and_reopened_goes_on(desk: House) -> None:
    conversation_id = await desk.taken()
    await desk.label(conversation_id, topic_id=await topic_id(desk, "fees"))
    desk.clock.turn(minutes=40)
    await desk.answers(conversation_id)
    await desk.resolve(conversation_id)
    await desk.follow(conversation_id)
    assert await desk.states(conversation_id) == {"first_response": ["broken"], "solution": ["resting"]}
    desk.clock.turn(hours=30)
    await desk.writes(conversation_id)
    await desk.follow(conversation_id)
    [solution] = await desk.promises(conversation_id, Kind.SOLUTION)
    assert (solution.state, solution.due_at) == ("running", now() + 20 * MINUTE)


async def test_only_a_handover_makes_a_matter_less_simple(desk: House) -> None:
    conversation_id = await desk.taken()
    await desk.label(conversation_id, topic_id=await topic_id(desk, "fees"))
    await desk.answers(conversation_id)
    desk.clock.turn(minutes=30)
    await desk.transfer(conversation_id, desk.technical)
    await desk.follow(conversation_id)
    [solution] = await desk.promises(conversation_id, Kind.SOLUTION)
    assert (solution.state, solution.due_at) == ("running", None)
    states = await desk.states(conversation_id)
    assert states["update"] == states["internal"] == ["running"]
    [update_promise] = await desk.promises(conversation_id, Kind.UPDATE)
    assert update_promise.due_at == now() + timedelta(days=1)


async def test_a_question_waits_for_the_customer_at_most_a_day(desk: House) -> None:
    conversation_id = await desk.taken()
    await desk.label(conversation_id, topic_id=await topic_id(desk, "fees"))
    desk.clock.turn(minutes=10)
    await desk.answers(conversation_id, "Which wallet is it? Please tell me.")
    asked_at = now()
    await desk.follow(conversation_id)
    [solution] = await desk.promises(conversation_id, Kind.SOLUTION)
    assert solution.due_at == asked_at + timedelta(days=1) + 50 * MINUTE


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("Which one is it?", True),
        ("「どれですか？」", True),
        ("お使いのウォレットは何ですか。", True),
        ("ما هي المحفظة؟", True),
        ('He asked "which one?"', True),
        ("See https://wallet.example/help?topic=fees for more", False),
        ("I am looking into it.", False),
    ],
)
async def test_what_is_a_question(desk: House, text: str, asks: bool) -> None:
    conversation_id = await desk.taken()
    async with desk.database.transaction() as session:
        conversation = await session.get_one(Conversation, conversation_id)
        conversations.append(session, conversation, kind="public", author="agent", body=text)
        seq = conversation.seq
    async with desk.database.transaction() as session:
        [row] = await queries.entries(session, {conversation_id: seq - 1}, 10)
    assert row.asks is asks


async def test_an_emergency_is_promised_within_a_minute(desk: House) -> None:
    opened = await desk.open(emergency=True)
    raised = await desk.taken()
    desk.clock.turn(minutes=5)
    async with desk.database.transaction() as session:
        await conversations.raise_emergency(session, desk.agent_, raised)
    await desk.follow(opened, raised)
    for conversation_id, minutes in ((opened, 5), (raised, 0)):
        [emergency] = await desk.promises(conversation_id, Kind.EMERGENCY)
        assert emergency.due_at == now() + (1 - minutes) * MINUTE
    # The older promise goes on beside it, and the sooner one is shown.
    [first] = await desk.promises(raised, Kind.FIRST)
    assert (first.state, first.due_at) == ("running", now() + 10 * MINUTE)
    assert (await desk.read(raised)).next_due == now() + MINUTE


async def test_priority_takes_the_new_target_and_a_transfer_no_other(desk: House) -> None:
    await desk.policy("first-urgent", Kind.FIRST, 300, Match(priorities=frozenset({3})))
    await desk.policy("first-technical", Kind.FIRST, 7200, Match(queues=frozenset({"technical"})))
    desk.clock.turn(minutes=1)
    conversation_id = await desk.taken()
    start = now()
    await desk.label(conversation_id, priority=3)
    await desk.transfer(conversation_id, desk.technical)
    await desk.follow(conversation_id)
    [first] = await desk.promises(conversation_id, Kind.FIRST)
    assert (first.started_at, first.due_at) == (start, start + 5 * MINUTE)
    assert [term["since"] for term in first.held["terms"]] == [start.isoformat().replace("+00:00", "Z")] * 2


async def test_read_twice_is_read_once(desk: House) -> None:
    conversation_id = await desk.open()
    await asyncio.gather(*(desk.follow(conversation_id) for _ in range(4)))
    assert len(await desk.promises(conversation_id)) == 1
    async with desk.database.transaction() as session:
        assert await queries.unread(session, 10) == []


async def test_what_was_erased_is_read_past(desk: House) -> None:
    conversation_id = await desk.open()
    async with desk.database.transaction() as session:
        await session.execute(update(Message).where(Message.seq == 2).values(seq=-2))
    await desk.follow(conversation_id)
    async with desk.database.transaction() as session:
        assert (await session.get_one(PromiseBook, conversation_id)).seq == 2
        assert await queries.unread(session, 10) == []


async def test_a_conversation_that_somebody_holds_has_its_turn_a_moment_later(desk: House) -> None:
    conversation_id = await desk.open()
    await desk.follow(conversation_id)
    desk.clock.turn(minutes=8)
    with psycopg.connect(desk.dsn) as connection:
        connection.execute("SELECT 1 FROM conversation WHERE id = %s FOR NO KEY UPDATE", (conversation_id,))
        await desk.turn_all()
        assert await desk.lines(conversation_id) == []
    desk.clock.turn(seconds=1)
    await desk.turn_all()
    assert [line["share"] for line in await desk.lines(conversation_id)] == [50]


async def test_many_turns_are_one_transaction(desk: House) -> None:
    ids = [await desk.open() for _ in range(30)]
    await desk.follow(*ids)
    desk.clock.turn(minutes=7.5)
    async with desk.database.transaction() as session:
        before = await session.scalar(select(func.txid_current()))
    await desk.turn_all()
    async with desk.database.transaction() as session:
        after = await session.scalar(select(func.txid_current()))
    assert after - before <= 4  # type: ignore[operator]
    assert {p.told for i in ids for p in await desk.promises(i)} == {50}


async def test_a_turn_that_comes_once_too_often_says_nothing(desk: House) -> None:
    conversation_id = await desk.open()
    await desk.follow(conversation_id)
    [first] = await desk.promises(conversation_id)
    async with desk.database.transaction() as session:
        await set_turns(session, {first.id: now()})
    await desk.turn_all()
    assert await desk.lines(conversation_id) == []
    assert await desk.turns() == [first.started_at + 7.5 * MINUTE]


async def test_the_reader_follows_the_live_bus(desk: House) -> None:
    reader = PromiseReader(desk.database)
    listener = Listener(desk.dsn, {LIVE: reader.notice})
    tasks = [asyncio.create_task(listener.run()), asyncio.create_task(reader.run())]
    try:
        await listener.connected.wait()
        conversation_id = await desk.taken()
        async with asyncio.timeout(10):
            while await desk.states(conversation_id) != {"first_response": ["running"]}:
                await asyncio.sleep(0.01)
        # Again within the two seconds: read when they are over.
        await desk.answers(conversation_id)
        async with asyncio.timeout(10):
            while await desk.states(conversation_id) != {"first_response": ["kept"]}:
                await asyncio.sleep(0.01)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_the_reader_finds_what_no_notice_told_of(desk: House) -> None:
    ids = [await desk.open() for _ in range(3)]
    await PromiseReader(desk.database)._look()
    async with desk.database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Promised)) == len(ids)
        assert await session.scalar(select(func.count()).where(Due.kind == TURN)) == len(ids)
