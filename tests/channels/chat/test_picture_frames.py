"""What came of a picture reaches whoever has the conversation open, and whoever was away meanwhile."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from PIL import Image

from holdfast.channels.chat.feed import Feed
from holdfast.conversations import files, operations
from holdfast.conversations.pictures import Readings
from holdfast.conversations.ports import NoReader
from holdfast.core.files import FileStore
from holdfast.core.live import Audience, Peer, Subscriber
from holdfast.core.notify import LIVE, Listener
from tests.conversations.support import Desk
from tests.conversations.support import desk as make_desk
from tests.support.waiting import eventually


@pytest.fixture
async def desk(fresh_database_url: str) -> AsyncIterator[Desk]:
    async with make_desk(fresh_database_url) as made:
        yield made


class Screen:
    """A peer that keeps what it is sent."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.peer = Peer(self._send, self._close)

    async def _send(self, text: str) -> None:
        self.frames.append(json.loads(text))

    async def _close(self, code: int) -> None:
        raise AssertionError(code)

    def pictures(self) -> list[tuple[str, bool]]:
        return [
            (frame["att"]["state"], frame["att"]["url"] is not None) for frame in self.frames if frame["t"] == "att"
        ]


async def sent_picture(desk: Desk, store: FileStore) -> UUID:
    conversation_id = await desk.open()
    out = io.BytesIO()
    Image.new("RGB", (20, 10), "teal").save(out, "PNG")
    viewer = desk.viewer(conversation_id)
    file = await files.upload(
        desk.database, store, viewer, conversation_id, data=out.getvalue(), name="a.png", declared_type=""
    )
    async with desk.database.transaction() as session:
        message = replace(desk.asks(conversation_id, "see"), attachments=(file.id,))
        await operations.post(session, viewer, conversation_id, message)
    return conversation_id


async def test_each_side_gets_its_own_frame(desk: Desk, tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    conversation_id = await sent_picture(desk, store)
    feed = Feed(desk.database, "test")
    agent, customer, late = Screen(), Screen(), Screen()
    await feed.hub.subscribe(conversation_id, agent.peer, Audience.STAFF, 0)
    await feed.hub.subscribe(conversation_id, customer.peer, Audience.CUSTOMER, 0)
    (sent,) = [frame["e"] for frame in agent.frames if frame["t"] == "msg" and frame["e"]["att"]]
    assert (sent["att"][0]["state"], sent["att"][0]["url"]) == ("reading", None)
    (own,) = [frame["e"] for frame in customer.frames if frame["t"] == "msg" and frame["e"]["att"]]
    assert own["att"][0]["url"]

    listening = Listener(desk.dsn, {LIVE: feed.notice}, feed.listening)
    listener = asyncio.create_task(listening.run())
    try:
        await listening.connected.wait()
        await Readings(desk.database, store, NoReader()).read_all()
        await eventually(lambda: bool(agent.pictures() and customer.pictures()), 20, "a frame on each side")
    finally:
        listener.cancel()
        await feed.close()
    assert agent.pictures() == [("unread", False)]
    assert customer.pictures() == [("unread", True)]
    await feed.recent_pictures(conversation_id, Subscriber(late.peer, Audience.STAFF, 0))
    assert late.pictures() == [("unread", False)]
