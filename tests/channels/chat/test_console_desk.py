"""What a console's socket must stop doing at once, and the order it must keep."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from holdfast.access.models import AuditEntry
from holdfast.channels.chat.attending import Attending
from holdfast.channels.chat.boards import Boards
from holdfast.channels.chat.connection import Connection
from holdfast.channels.chat.console_socket import _Desk
from holdfast.channels.chat.feed import Console
from holdfast.channels.chat.frames import Open, Send
from holdfast.channels.chat.looking import Looking
from holdfast.channels.chat.reads import Reads
from holdfast.channels.chat.service import Chat
from holdfast.channels.voice import reporting
from holdfast.conversations import operations, timeline
from holdfast.conversations.intake import chat_source
from holdfast.conversations.writer import FollowUp, Outcome
from holdfast.core.ids import new_id
from holdfast.core.settings import Settings
from holdfast.people.models import Agent
from tests.channels.chat.test_two_processes import Process, Reader
from tests.conversations.support import desk


@pytest.fixture
async def process(fresh_database_url: str) -> AsyncIterator[Process]:
    async with desk(fresh_database_url) as made, Process(made, "one").running() as process:
        yield process


def open_desk(process: Process, agent: Any, reader: Reader) -> _Desk:
    """A console's connection as the socket makes it, without the socket."""
    process_id = new_id()
    chat = Chat(
        settings=Settings(),
        database=process.desk.database,
        writer=process.writer,
        feed=process.feed,
        reads=Reads(process.desk.database),
        looking=Looking(process.feed.hub, process.moments),
        moments=process.moments,
        boards=Boards(process.desk.database, reporting),
        attending=Attending(process.desk.database, process.moments, process_id),
        process_id=process_id,
    )

    async def nothing(*_: Any) -> Any:
        await asyncio.Event().wait()

    connection = Connection({}, nothing, nothing, rate=1000, language="en")
    connection.peer = reader.peer
    console = Console(agent, reader.peer)
    process.feed.consoles.add(console)
    return _Desk(chat, connection, console, new_id())


async def bodies(process: Process, conversation_id: UUID) -> list[str]:
    async with process.desk.database.transaction() as session:
        rows = await timeline.entries_after(session, conversation_id, 2)
        return [message.body for message, _ in rows if message.body]


async def test_a_console_that_may_no_longer_see_a_conversation_gets_nothing_of_it(process: Process) -> None:
    conversation_id = await process.desk.open()
    reader = Reader()
    wei = open_desk(process, process.desk.wei, reader)
    await wei._take(Open(conversation_id))
    await reader.until(lambda f: f.get("t") == "live")
    await process.desk.assign(conversation_id, process.desk.ana)
    await reader.until(lambda f: f.get("t") == "gone")
    note = process.desk.answers(conversation_id, "internal secret", process.desk.ana, "note")
    async with process.desk.database.transaction() as session:
        await operations.post(session, process.desk.ana, conversation_id, note)
    await process.write(conversation_id, "the customer's next words")
    witness = Reader()
    karin = open_desk(process, process.desk.karin, witness)
    await karin._take(Open(conversation_id))
    await witness.until(lambda f: f.get("t") == "msg" and f["e"]["b"] == "the customer's next words")
    hidden = {"internal secret", "the customer's next words"}
    assert not [f for f in reader.frames if f.get("t") == "msg" and f["e"]["b"] in hidden]


async def test_a_place_beyond_the_end_makes_nobody_wait_or_look(process: Process) -> None:
    conversation_id = await process.desk.open()
    honest, liar = Reader(), Reader()
    await open_desk(process, process.desk.ana, honest)._take(Open(conversation_id))
    await open_desk(process, process.desk.karin, liar)._take(Open(conversation_id, 2_000_000_000))
    await liar.until(lambda f: f.get("t") == "live")
    topic = process.feed.hub.topic(conversation_id)
    assert topic is not None
    assert topic.known == 2
    assert not process.feed.hub._fills
    await process.write(conversation_id, "hello")
    for reader in (honest, liar):
        await reader.until(lambda f: f.get("t") == "msg" and f["e"]["b"] == "hello")


async def test_pipelined_messages_keep_their_order_whichever_way_they_take(process: Process) -> None:
    conversation_id = await process.desk.open()
    await process.desk.assign(conversation_id, process.desk.ana)
    reader = Reader()
    ana = open_desk(process, process.desk.ana, reader)
    sent = []
    for n in range(30):
        kind = "note" if n % 3 == 0 else "public"
        sent.append(f"these are {kind}, {n}")
        await ana._take(Send(uuid4(), sent[-1], c=conversation_id, kind=kind))
    await reader.until(lambda _: sum(f.get("t") == "ack" for f in reader.frames) == 30)
    assert await bodies(process, conversation_id) == sent


async def test_an_agent_in_a_batch_with_the_assigned_one_writes_nothing(process: Process) -> None:
    for first in (process.desk.wei, process.desk.ana):
        conversation_id = await process.desk.open()
        await process.desk.assign(conversation_id, process.desk.ana)
        second = process.desk.ana if first is process.desk.wei else process.desk.wei
        answers: list[asyncio.Future[Outcome]] = []
        for agent in (first, second):
            answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
            source = chat_source(conversation_id, uuid4())
            process.writer.put(
                FollowUp(conversation_id, "agent", agent.id, source, f"of {agent.name}", answer.set_result)
            )
            answers.append(answer)
        await asyncio.gather(*answers)
        assert "of Wei" not in await bodies(process, conversation_id)


async def test_a_console_whose_agents_roles_changed_must_connect_again(process: Process) -> None:
    reader = Reader()
    karin = open_desk(process, process.desk.karin, reader)
    async with process.desk.database.transaction() as session:
        (await session.get_one(Agent, process.desk.karin.id)).roles = ["candidate"]
    karin._console.recheck.set()

    async def alive(_session: Any, ids: list[UUID]) -> set[UUID]:
        return set(ids)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("holdfast.channels.chat.console_socket.sessions_alive", alive)
        async with asyncio.timeout(5):
            await karin._watch_session()
    await reader.until(lambda f: f.get("t") == "closed")
    assert reader.frames[-1]["code"] == 1012


async def test_a_look_by_socket_is_written_down(process: Process) -> None:
    conversation_id = await process.desk.open()
    await open_desk(process, process.desk.ana, Reader())._take(Open(conversation_id))
    async with process.desk.database.transaction() as session:
        looks = await session.scalars(select(AuditEntry).where(AuditEntry.action == "conversation.opened"))
        assert [(e.actor_id, e.subject_id) for e in looks] == [(process.desk.ana.id, conversation_id)]


async def test_what_may_not_go_out_is_refused_and_its_kind_written_down(process: Process) -> None:
    conversation_id = await process.desk.open()
    await process.desk.assign(conversation_id, process.desk.ana)
    reader = Reader()
    ana = open_desk(process, process.desk.ana, reader)
    said = [
        "Please send me your recovery phrase",
        "See https://evil.example.com/x",
        "Never tell anybody your recovery phrase",
    ]
    for text in said:
        await ana._take(Send(uuid4(), text, c=conversation_id, kind="public"))
    await reader.until(lambda _: any(f.get("t") == "ack" for f in reader.frames))
    await asyncio.gather(*ana._chat.tasks)
    refused = [f["problem"]["id"] for f in reader.frames if f.get("t") == "nack"]
    assert refused == ["secret_requested", "link_refused"]
    assert await bodies(process, conversation_id) == said[2:]
    async with process.desk.database.transaction() as session:
        blocks = list(await session.scalars(select(AuditEntry).where(AuditEntry.action == "outgoing.blocked")))
    assert sorted(str(entry.detail) for entry in blocks) == ["{'kind': 'link_refused'}", "{'kind': 'secret_requested'}"]
    assert {(entry.actor_id, entry.subject_id) for entry in blocks} == {(process.desk.ana.id, conversation_id)}
