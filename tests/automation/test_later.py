"""Messages for later and follow-ups: at their time, once, and not past a customer who wrote meanwhile."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select

from holdfast.access.viewer import Role
from holdfast.automation import followups, scheduled
from holdfast.automation.errors import ScheduledNotYours, ScheduledUnknown, TimeRefused, TooManyScheduled
from holdfast.automation.models import FollowUp, ScheduledMessage
from holdfast.automation.reader import RuleReader
from holdfast.conversations import operations as conversations
from holdfast.conversations import outgoing, presenting
from holdfast.conversations.errors import ConversationNotFound, NotAssignedToYou, PaymentRequested
from holdfast.conversations.models import Message
from holdfast.core import clock
from holdfast.core.due import Due
from holdfast.people import presence
from tests.automation.support import House
from tests.redaction.ways import PHRASE


async def _schedule(desk: House, conversation: UUID, text: str = "Your deposit is there.", **more: object) -> UUID:
    values = {
        "text": text,
        "at": clock.now() + timedelta(hours=1),
        "anyway": False,
        "seen": (await desk.row(conversation)).seq,
        **more,
    }
    async with desk.database.transaction() as session:
        row = await scheduled.schedule(session, desk.agent_, conversation, **values)  # type: ignore[arg-type]
        return row.id


async def _state(desk: House, scheduled_id: UUID) -> tuple[str, str | None]:
    async with desk.database.transaction() as session:
        row = await session.get_one(ScheduledMessage, scheduled_id)
        return row.state, row.why


async def _ours(desk: House, conversation: UUID) -> list[str]:
    return [words for author, words in await desk.said(conversation) if author == "agent"]


async def test_it_goes_out_at_its_time_and_once(desk: House) -> None:
    conversation = await desk.taken()
    scheduled_id = await _schedule(desk, conversation)
    await desk.work()
    assert await _ours(desk, conversation) == []
    desk.clock.turn(hours=1)
    await desk.work()
    assert await _ours(desk, conversation) == ["Your deposit is there."]
    assert await _state(desk, scheduled_id) == ("sent", None)
    async with desk.database.transaction() as session:
        assert (await session.get_one(ScheduledMessage, scheduled_id)).body == ""
        (sent,) = await session.scalars(select(Message).where(Message.source == scheduled.SOURCE))
        shown = presenting.for_customer(presenting.entry(sent, "Ana"))
    assert shown is not None
    # The customer is told that nobody sent it at that moment.
    assert (shown.author, shown.via, shown.k) == ("agent", "scheduled", None)
    assert (await desk.row(conversation)).waiting_since is None
    # As after a crash: the deadline comes again, even if the row's state was lost.
    async with desk.database.transaction() as session:
        await scheduled.send(session, scheduled_id)
        row = await session.get_one(ScheduledMessage, scheduled_id)
        row.state = "waiting"
        await session.flush()
        await scheduled.send(session, scheduled_id)
    assert await _ours(desk, conversation) == ["Your deposit is there."]


async def test_a_crash_between_sending_and_the_commit_loses_and_doubles_nothing(desk: House) -> None:
    conversation = await desk.taken()
    scheduled_id = await _schedule(desk, conversation)
    desk.clock.turn(hours=1)
    with pytest.raises(KeyboardInterrupt):
        async with desk.database.transaction() as session:
            await session.execute(delete(Due).where(Due.ref == scheduled_id))
            await scheduled.send(session, scheduled_id)
            raise KeyboardInterrupt
    assert await _ours(desk, conversation) == []
    await desk.work()
    assert await _ours(desk, conversation) == ["Your deposit is there."]


async def test_a_customer_who_writes_stops_it_at_once_and_the_agent_is_told(desk: House) -> None:
    conversation = await desk.taken()
    stopped, anyway = (
        await _schedule(desk, conversation),
        await _schedule(desk, conversation, "It goes anyway.", anyway=True),
    )
    await desk.writes(conversation)
    await RuleReader(desk.database)._read([conversation])
    assert await _state(desk, stopped) == ("stopped", "customer_wrote")
    assert await _state(desk, anyway) == ("waiting", None)
    assert "scheduled_stopped" in await desk.types(conversation)
    desk.clock.turn(hours=1)
    await desk.work()
    assert await _ours(desk, conversation) == ["It goes anyway."]


async def test_it_is_looked_at_again_when_it_is_sent(desk: House) -> None:
    """Also when no reader came by."""
    conversation = await desk.taken()
    scheduled_id = await _schedule(desk, conversation)
    await desk.writes(conversation)
    desk.clock.turn(hours=1)
    async with desk.database.transaction() as session:
        await scheduled.send(session, scheduled_id)
    assert await _state(desk, scheduled_id) == ("stopped", "customer_wrote")


async def test_what_the_customer_wrote_before_the_agent_saw_it_counts(desk: House) -> None:
    conversation = await desk.taken()
    seen = (await desk.row(conversation)).seq
    await desk.writes(conversation)
    scheduled_id = await _schedule(desk, conversation, seen=seen)
    desk.clock.turn(hours=1)
    await desk.work()
    assert await _state(desk, scheduled_id) == ("stopped", "customer_wrote")


async def test_the_filter_looks_when_it_is_written_and_when_it_is_sent(
    desk: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = await desk.taken()
    with pytest.raises(PaymentRequested):
        await _schedule(desk, conversation, "Send 0.1 BTC to unlock your wallet.")

    class Everything:
        def allows(self, link: str) -> bool:
            return True

    with monkeypatch.context() as patched:
        patched.setattr(outgoing, "_allowed", Everything())
        scheduled_id = await _schedule(desk, conversation, "See https://example.org/help")
    desk.clock.turn(hours=1)
    await desk.work()
    assert await _state(desk, scheduled_id) == ("stopped", "link_refused")
    assert await _ours(desk, conversation) == []


async def test_it_goes_out_while_its_agent_is_away_but_not_over_another(desk: House) -> None:
    alone, taken = await desk.taken(), await desk.taken()
    first, second = await _schedule(desk, alone), await _schedule(desk, taken)
    other = await desk.agent("wei")
    for conversation in (alone, taken):
        async with desk.database.transaction() as session:
            await conversations.give_back(session, desk.agent_, conversation)
    async with desk.database.transaction() as session:
        await conversations.assign(session, other, taken, other.id, how="taken")
    desk.clock.turn(hours=1)
    await desk.work()
    assert await _state(desk, first) == ("sent", None)
    assert await _state(desk, second) == ("stopped", "not_assigned")


async def test_a_resolved_matter_stops_it(desk: House) -> None:
    conversation = await desk.taken()
    scheduled_id = await _schedule(desk, conversation)
    await desk.resolve(conversation)
    desk.clock.turn(hours=1)
    await desk.work()
    assert await _state(desk, scheduled_id) == ("stopped", "already_resolved")


async def test_it_is_changed_and_taken_back_by_who_wrote_it_alone(desk: House) -> None:
    conversation = await desk.taken()
    scheduled_id = await _schedule(desk, conversation, PHRASE)
    stranger = await desk.agent("wei")
    later: Any = {"text": "Other words", "at": clock.now() + timedelta(hours=3), "anyway": False, "seen": 9}
    async with desk.database.transaction() as session:
        assert "pelican" not in (await session.get_one(ScheduledMessage, scheduled_id)).body
        with pytest.raises(ScheduledNotYours):
            await scheduled.change(session, desk.lead, scheduled_id, **later)
        with pytest.raises(ConversationNotFound):
            await scheduled.cancel(session, stranger, scheduled_id)
        await scheduled.change(session, desk.agent_, scheduled_id, **later)
    desk.clock.turn(hours=2)
    await desk.work()
    assert await _ours(desk, conversation) == []
    async with desk.database.transaction() as session:
        await scheduled.cancel(session, desk.agent_, scheduled_id)
        with pytest.raises(ScheduledUnknown):
            await scheduled.cancel(session, desk.agent_, scheduled_id)
    desk.clock.turn(hours=2)
    await desk.work()
    assert await _ours(desk, conversation) == []


async def test_times_and_numbers_have_bounds(desk: House) -> None:
    conversation = await desk.taken()
    for wrong in (timedelta(0), timedelta(days=-1), timedelta(days=91)):
        with pytest.raises(TimeRefused):
            await _schedule(desk, conversation, at=clock.now() + wrong)
    for _ in range(scheduled.MOST):
        await _schedule(desk, conversation)
    with pytest.raises(TooManyScheduled):
        await _schedule(desk, conversation)
    async with desk.database.transaction() as session:
        with pytest.raises(NotAssignedToYou):
            await scheduled.schedule(
                session, desk.lead, conversation, text="x", at=clock.now() + timedelta(hours=1), anyway=False, seen=0
            )


async def _follow_up(desk: House, conversation: UUID, note: str = "Ask whether it came.") -> None:
    async with desk.database.transaction() as session:
        at = clock.now() + timedelta(days=1)
        await followups.set_follow_up(session, desk.agent_, conversation, at=at, note=note)


async def test_a_follow_up_brings_the_conversation_back_to_its_agent(desk: House) -> None:
    conversation = await desk.taken()
    await desk.answers(conversation)
    await _follow_up(desk, conversation)
    await desk.work()
    assert (await desk.row(conversation)).waiting_since is None
    desk.clock.turn(days=1)
    await desk.work()
    row = await desk.row(conversation)
    assert row.waiting_since == clock.now()
    assert row.assignee_id == desk.agent_.id
    assert await desk.said(conversation, "note") == [("agent", "Ask whether it came.")]
    assert "follow_up" in await desk.types(conversation)
    async with desk.database.transaction() as session:
        assert await session.scalar(select(FollowUp)) is None


async def test_a_follow_up_goes_to_the_queue_when_its_agent_is_away(desk: House) -> None:
    conversation = await desk.taken()
    await desk.answers(conversation)
    await _follow_up(desk, conversation)
    async with desk.database.transaction() as session:
        await presence.choose(session, desk.agent_, "away")
    other = await desk.agent("wei", Role.AGENT)
    desk.clock.turn(days=1)
    await desk.come(other)
    await desk.work()
    await desk.decide()
    assert (await desk.row(conversation)).assignee_id is None
    assert await desk.rings_at(conversation) == other.id


async def test_a_follow_up_of_a_resolved_matter_and_one_that_was_dropped_do_nothing(desk: House) -> None:
    resolved, dropped = await desk.taken(), await desk.taken()
    for conversation in (resolved, dropped):
        await _follow_up(desk, conversation)
    await desk.resolve(resolved)
    async with desk.database.transaction() as session:
        await followups.drop(session, desk.agent_, dropped)
    desk.clock.turn(days=1)
    await desk.work()
    for conversation in (resolved, dropped):
        assert await desk.said(conversation, "note") == []
        assert "follow_up" not in await desk.types(conversation)
