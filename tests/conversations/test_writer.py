"""The hot path stores exactly what the ordinary way would, once, in order, and answers only after the commit."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from holdfast.conversations import operations, queries
from holdfast.conversations.intake import chat_source
from holdfast.conversations.models import Message
from holdfast.conversations.writer import FollowUp, Outcome, Writer
from tests.conversations.support import Desk


class Post:
    """Sends through the writer, and waits for its answer."""

    def __init__(self, writer: Writer, desk: Desk) -> None:
        self.writer = writer
        self.desk = desk

    def put(self, conversation_id: UUID, author: str, author_id: UUID, body: str, key: UUID) -> asyncio.Future[Outcome]:
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        source = chat_source(conversation_id, key)
        self.writer.put(FollowUp(conversation_id, author, author_id, source, body, answer.set_result))
        return answer

    def asks(self, conversation_id: UUID, body: str, key: UUID | None = None) -> asyncio.Future[Outcome]:
        return self.put(conversation_id, "customer", self.desk.customer.id, body, key or uuid4())

    def answers(self, conversation_id: UUID, body: str) -> asyncio.Future[Outcome]:
        return self.put(conversation_id, "agent", self.desk.ana.id, body, uuid4())


@pytest.fixture
async def post(desk: Desk) -> AsyncIterator[Post]:
    writer = Writer(desk.dsn, "test")
    yield Post(writer, desk)
    await writer.close()


async def timeline(desk: Desk, conversation_id: UUID) -> list[tuple[int, str]]:
    async with desk.database.transaction() as session:
        rows = await session.execute(
            select(Message.seq, Message.body)
            .where(Message.conversation_id == conversation_id, Message.kind == "public")
            .order_by(Message.seq)
        )
        return [(seq, body) for seq, body in rows]


async def test_a_batch_keeps_the_order_within_each_conversation(desk: Desk, post: Post) -> None:
    first, second = await desk.open("a"), await desk.open("b")
    answers = [post.asks(c, f"{n}") for n in range(20) for c in (first, second)]
    outcomes = await asyncio.gather(*answers)
    assert all(isinstance(o, tuple) for o in outcomes)
    for conversation_id, opening in ((first, "a"), (second, "b")):
        expected = [(2, opening), *((n + 3, f"{n}") for n in range(20))]
        assert await timeline(desk, conversation_id) == expected


async def test_a_message_is_stored_once_however_often_it_is_sent(desk: Desk, post: Post) -> None:
    conversation_id, key = await desk.open(), uuid4()
    together = await asyncio.gather(*(post.asks(conversation_id, "x", key) for _ in range(5)))
    later = await post.asks(conversation_id, "x", key)
    other = Writer(desk.dsn, "other")
    elsewhere = await Post(other, desk).asks(conversation_id, "x", key)
    await other.close()
    assert {o[0] for o in (*together, later, elsewhere) if isinstance(o, tuple)} == {3}
    assert len(await timeline(desk, conversation_id)) == 2


async def test_two_processes_that_store_the_same_messages_at_once_agree(desk: Desk) -> None:
    conversation_id = await desk.open()
    keys = [uuid4() for _ in range(40)]
    writers = [Writer(desk.dsn, "one"), Writer(desk.dsn, "two")]
    outcomes = await asyncio.gather(
        *(Post(w, desk).asks(conversation_id, f"{n}", k) for n, k in enumerate(keys) for w in writers)
    )
    for writer in writers:
        await writer.close()
    seqs = [o[0] for o in outcomes if isinstance(o, tuple)]
    assert len(seqs) == 80
    assert sorted(seqs) == sorted([*range(3, 43), *range(3, 43)])
    assert [seq for seq, _ in await timeline(desk, conversation_id)] == list(range(2, 43))


async def test_the_row_is_what_the_ordinary_way_leaves(desk: Desk, post: Post) -> None:
    """The same exchange by both ways ends in the same row."""
    hot, ordinary = await desk.open("q"), await desk.open("q")
    for conversation_id in (hot, ordinary):
        await desk.assign(conversation_id, desk.ana)
    await post.answers(hot, "one moment")
    await post.asks(hot, "thanks")
    for message, viewer in (
        (desk.answers(ordinary, "one moment", desk.ana), desk.ana),
        (desk.asks(ordinary, "thanks"), desk.viewer(ordinary)),
    ):
        async with desk.database.transaction() as session:
            await operations.post(session, viewer, ordinary, message)
    a, b = await desk.read(hot), await desk.read(ordinary)
    for name in ("seq", "version", "preview", "last_from", "category", "assignee_id", "episode"):
        assert getattr(a, name) == getattr(b, name), name
    for name in ("waiting_since", "next_due", "answered_at"):
        assert (getattr(a, name) is None) == (getattr(b, name) is None), name
    assert a.next_due is not None
    assert a.waiting_since is not None
    assert (a.next_due - a.waiting_since).total_seconds() == 900


async def test_what_is_no_follow_up_is_left_to_the_ordinary_way(desk: Desk, post: Post) -> None:
    resolved, foreign, asleep = [await desk.open() for _ in range(3)]
    for conversation_id in (resolved, asleep):
        await desk.assign(conversation_id, desk.ana)
    await desk.assign(foreign, desk.wei)
    assert isinstance(await post.answers(asleep, "done"), tuple)
    async with desk.database.transaction() as session:
        await operations.resolve(session, desk.ana, resolved)
        await operations.release(session, desk.ana, asleep, why="agent_absent")
    before = [await timeline(desk, c) for c in (resolved, foreign, asleep)]
    assert await post.asks(resolved, "again") is None
    assert await post.answers(foreign, "not mine") is None
    assert await post.asks(asleep, "anyone?") is None
    assert [await timeline(desk, c) for c in (resolved, foreign, asleep)] == before


async def test_a_bad_message_fails_alone(desk: Desk, post: Post) -> None:
    conversation_id = await desk.open()
    # PostgreSQL refuses NUL; intake removes it, so only a fault of ours would bring it here.
    bad, good = post.asks(conversation_id, "a\0b"), post.asks(conversation_id, "fine")
    assert isinstance(await bad, Exception)
    assert isinstance(await good, tuple)
    assert [body for _, body in await timeline(desk, conversation_id)][1:] == ["fine"]


async def test_nobody_is_answered_before_the_commit(desk: Desk, post: Post) -> None:
    """Another session holds the conversation's row: no answer; it lets go: the answer, and the row is there."""
    conversation_id = await desk.open()
    async with desk.database.transaction() as session:
        await queries.locked(session, desk.ana, conversation_id)
        answer = post.asks(conversation_id, "hello")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(answer), 0.3)
    outcome = await answer
    assert isinstance(outcome, tuple)
    assert (outcome[0], "hello") in await timeline(desk, conversation_id)


async def test_the_plan_of_the_first_day_uses_indexes(desk: Desk, post: Post) -> None:
    """It is kept while the tables grow: made for empty ones, it must not read them whole."""
    await post.asks(await desk.open(), "x")
    connection = post.writer._connection
    assert connection is not None
    found = await connection.execute("SELECT name FROM pg_prepared_statements WHERE statement ~ 'WITH given'")
    ((name,),) = await found.fetchall()
    explained = await connection.execute(f'EXPLAIN EXECUTE "{name}" ({", ".join(["NULL"] * 6)})')
    plan = "\n".join(line for (line,) in await explained.fetchall())
    assert "Seq Scan on" not in plan, plan
    assert "((source = 'chat'::text) AND (source_id = given.source_id))" in plan, plan
    assert "Index Cond: (id = s.conversation_id)" in plan, plan
