"""The life of a conversation by the ordinary way."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from holdfast.access.viewer import Role, StaffViewer
from holdfast.conversations import operations, presenting, queries, timeline, visibility
from holdfast.conversations.errors import (
    AlreadyAssigned,
    AlreadyRated,
    ConversationNotFound,
    NotAssignedToYou,
    NotResolved,
)
from holdfast.conversations.facts import ConversationOpened, ConversationQueued, ConversationResolved
from holdfast.conversations.models import Conversation
from holdfast.conversations.ratings import rate
from tests.conversations.support import Desk


async def test_an_opening_waits_in_its_queue_with_a_promise(desk: Desk) -> None:
    conversation = await desk.read(await desk.open("Where is my money?"))
    assert (conversation.seq, conversation.category, conversation.preview) == (2, "open", "Where is my money?")
    assert conversation.waiting_since is not None
    assert conversation.next_due == conversation.waiting_since + timedelta(minutes=15)
    assert desk.facts == [ConversationOpened(conversation.id, desk.queue.id, 1, emergency=False)]


async def test_an_emergency_goes_to_its_own_queue_with_a_promise_of_a_minute(desk: Desk) -> None:
    conversation = await desk.read(await desk.open(emergency=True))
    assert conversation.queue_id == desk.emergency.id
    assert conversation.priority == 3
    assert conversation.waiting_since is not None
    assert conversation.next_due == conversation.waiting_since + timedelta(seconds=60)


async def test_the_same_message_twice_is_stored_once(desk: Desk) -> None:
    conversation_id = await desk.open()
    message = desk.asks(conversation_id, "hello")
    for _ in range(2):
        async with desk.database.transaction() as session:
            _, stored = await operations.post(session, desk.viewer(conversation_id), conversation_id, message)
        assert stored.seq == 3
    assert (await desk.read(conversation_id)).seq == 3


async def test_an_answer_ends_the_waiting_and_a_question_starts_it_again(desk: Desk) -> None:
    conversation_id = await desk.open()
    await desk.assign(conversation_id, desk.ana)
    async with desk.database.transaction() as session:
        await operations.post(session, desk.ana, conversation_id, desk.answers(conversation_id, "Hi", desk.ana))
    answered = await desk.read(conversation_id)
    assert (answered.waiting_since, answered.next_due) == (None, None)
    assert answered.answered_at is not None
    assert visibility.category(answered) == "waiting"
    async with desk.database.transaction() as session:
        await operations.post(
            session, desk.viewer(conversation_id), conversation_id, desk.asks(conversation_id, "And now?")
        )
    assert visibility.category(await desk.read(conversation_id)) == "open"


async def test_a_note_changes_no_clock_and_never_reaches_the_customer(desk: Desk) -> None:
    conversation_id = await desk.open()
    before = await desk.read(conversation_id)
    async with desk.database.transaction() as session:
        await operations.post(
            session, desk.ana, conversation_id, desk.answers(conversation_id, "looks like fraud", desk.ana, "note")
        )
        rows = await timeline.entries_after(session, conversation_id, 0)
        shown = [presenting.for_customer(e) for e in await presenting.entries(session, conversation_id, rows)]
    after = await desk.read(conversation_id)
    assert (after.waiting_since, after.preview) == (before.waiting_since, before.preview)
    assert "looks like fraud" not in [e.b for e in shown if e]


async def test_only_the_assigned_agent_answers(desk: Desk) -> None:
    conversation_id = await desk.open()
    await desk.assign(conversation_id, desk.ana)
    with pytest.raises(NotAssignedToYou):
        async with desk.database.transaction() as session:
            await operations.post(session, desk.karin, conversation_id, desk.answers(conversation_id, "Hi", desk.karin))
    assert (await desk.read(conversation_id)).seq == 3


async def test_two_agents_cannot_have_it(desk: Desk) -> None:
    conversation_id = await desk.open()
    results = await asyncio.gather(
        desk.assign(conversation_id, desk.ana), desk.assign(conversation_id, desk.wei), return_exceptions=True
    )
    # The second one finds it taken, or no longer visible to them.
    failures = [r for r in results if isinstance(r, Exception)]
    assert len(failures) == 1
    assert isinstance(failures[0], AlreadyAssigned | ConversationNotFound)


async def test_resolving_and_writing_again_starts_the_next_episode(desk: Desk) -> None:
    conversation_id = await desk.open()
    await desk.assign(conversation_id, desk.ana)
    async with desk.database.transaction() as session:
        await operations.resolve(session, desk.ana, conversation_id)
    assert ConversationResolved(conversation_id, desk.ana.id, 1) in desk.facts
    async with desk.database.transaction() as session:
        await operations.post(
            session, desk.viewer(conversation_id), conversation_id, desk.asks(conversation_id, "Not solved")
        )
    again = await desk.read(conversation_id)
    assert (again.episode, again.category, again.assignee_id) == (2, "open", None)
    assert again.preferred_agent_id == desk.ana.id
    assert again.next_due is not None
    assert desk.facts[-1] == ConversationOpened(conversation_id, desk.queue.id, 2, emergency=False)
    async with desk.database.transaction() as session:
        first, second = await queries.episodes(session, conversation_id)
    assert first.resolved_by_id == desk.ana.id
    assert second.resolved_at is None


async def test_a_rating_belongs_to_a_resolved_episode_and_is_given_once(desk: Desk) -> None:
    conversation_id, key = await desk.open(), uuid4()
    viewer = desk.viewer(conversation_id)
    with pytest.raises(NotResolved):
        async with desk.database.transaction() as session:
            await rate(session, viewer, episode=1, solved="yes", words="", key=key)
    await desk.assign(conversation_id, desk.ana)
    async with desk.database.transaction() as session:
        await operations.resolve(session, desk.ana, conversation_id)
    for _ in range(2):
        async with desk.database.transaction() as session:
            await rate(session, viewer, episode=1, solved="partly", words="slow", key=key)
    with pytest.raises(AlreadyRated):
        async with desk.database.transaction() as session:
            await rate(session, viewer, episode=1, solved="no", words="", key=uuid4())
    async with desk.database.transaction() as session:
        [rating] = await queries.ratings(session, conversation_id)
    assert (rating.solved, rating.words, rating.agent_id) == ("partly", "slow", desk.ana.id)


async def test_releasing_gives_it_back_to_the_queue_and_remembers_who_had_it(desk: Desk) -> None:
    conversation_id = await desk.open()
    await desk.assign(conversation_id, desk.ana)
    async with desk.database.transaction() as session:
        await operations.release(session, desk.ana, conversation_id, why="silent")
    released = await desk.read(conversation_id)
    assert (released.assignee_id, released.preferred_agent_id) == (None, desk.ana.id)
    assert desk.facts[-1] == ConversationQueued(conversation_id, desk.queue.id, "silent")


async def test_raising_an_emergency_takes_it_from_an_uncertified_agent(desk: Desk) -> None:
    conversation_id = await desk.open()
    await desk.assign(conversation_id, desk.ana)
    async with desk.database.transaction() as session:
        await operations.raise_emergency(session, desk.viewer(conversation_id), conversation_id)
    raised = await desk.read(conversation_id)
    assert (raised.emergency, raised.queue_id, raised.assignee_id) == (True, desk.emergency.id, None)
    assert ConversationQueued(conversation_id, desk.emergency.id, "emergency") in desk.facts


@pytest.mark.parametrize("role", list(Role))
async def test_the_rule_of_sight_is_the_same_in_sql_and_in_python(desk: Desk, role: Role) -> None:
    """Live push decides in Python what queries decide in SQL: they must never differ."""
    queued, urgent, mine, others, done = [await desk.open(emergency=n == 1) for n in range(5)]
    await desk.assign(mine, desk.ana)
    await desk.assign(others, desk.wei)
    await desk.assign(done, desk.ana)
    async with desk.database.transaction() as session:
        await operations.resolve(session, desk.ana, done)
    for base in (desk.ana, desk.wei):
        viewer = StaffViewer(base.id, base.name, frozenset([role]))
        async with desk.database.transaction() as session:
            for conversation_id in (queued, urgent, mine, others, done):
                by_sql = bool(await queries.rows(session, viewer, [conversation_id]))
                in_python = visibility.sees(viewer, await session.get_one(Conversation, conversation_id))
                assert by_sql == in_python


async def test_an_ordinary_agent_does_not_see_an_emergency_or_a_colleagues_conversation(desk: Desk) -> None:
    urgent, others = await desk.open(emergency=True), await desk.open()
    await desk.assign(others, desk.wei)
    for hidden in (urgent, others):
        with pytest.raises(ConversationNotFound):
            async with desk.database.transaction() as session:
                await queries.row(session, desk.ana, hidden)
