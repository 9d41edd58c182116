"""Who is in the chat: counted by socket, written in batches, and again when the database was away."""

from uuid import UUID

import pytest

from holdfast.channels.chat.attending import Attending
from holdfast.conversations import presences
from holdfast.people import presence
from tests.channels.chat.test_two_processes import Process
from tests.conversations.support import desk


async def test_the_last_socket_of_a_conversation_counts(
    fresh_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(fresh_database_url) as made, Process(made, "one").running() as process:
        first, second = await made.open(), await made.open()
        async with made.database.transaction() as session:
            process_id = await presence.register_process(session, "web")
        attending = Attending(made.database, process.moments, process_id)

        async def here(conversation_id: UUID) -> bool:
            await attending.flush()
            async with made.database.transaction() as session:
                return (await presences.of(session, conversation_id)).here

        attending.enter(first)
        attending.enter(first)
        attending.enter(second)
        assert await here(first)
        attending.leave(first)
        assert await here(first)

        real = presences.write

        async def away(*_: object) -> None:
            raise ConnectionError

        attending.leave(first)
        monkeypatch.setattr(presences, "write", away)
        assert await here(first)
        monkeypatch.setattr(presences, "write", real)
        assert not await here(first)

        # The process was swept: its customers are nobody until it has said so again under its new name.
        async with made.database.transaction() as session:
            await presence.leave_process(session, process_id)
            again = await presence.register_process(session, "web")
        assert not await here(second)
        attending.again(again)
        assert await here(second)
        assert not await here(first)
