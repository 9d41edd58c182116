"""The wall board reaches whoever watches it, painted once for all, and only for those who may see it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from holdfast.access.viewer import StaffViewer
from holdfast.channels.chat import boards
from holdfast.channels.chat.boards import Boards
from holdfast.channels.chat.frames import Watch
from holdfast.channels.voice import reporting
from holdfast.channels.voice.models import Device
from holdfast.channels.voice.schemas_figures import BoardView
from holdfast.core.ids import new_id
from holdfast.people.models import Agent, Presence
from tests.channels.chat.test_console_desk import open_desk
from tests.channels.chat.test_two_processes import Process, Reader
from tests.conversations.support import desk


class Painter:
    """The phone's own, counted."""

    def __init__(self) -> None:
        self.painted: list[str] = []

    def admit(self, viewer: StaffViewer, zone: str) -> None:
        reporting.admit(viewer, zone)

    async def board(self, session: AsyncSession, zone: str) -> BoardView:
        self.painted.append(zone)
        return await reporting.board(session, zone)


@pytest.fixture
async def process(fresh_database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Process]:
    monkeypatch.setattr(boards, "SOONEST", 0.05)
    async with desk(fresh_database_url) as made, Process(made, "one").running() as process:
        yield process


def is_board(frame: dict[str, Any]) -> bool:
    return frame.get("t") == "board"


async def watch(process: Process, viewer: StaffViewer, given: Boards, zone: str = "UTC") -> tuple[Any, Reader]:
    reader = Reader()
    one = open_desk(process, viewer, reader)
    one._chat.boards = given
    await one._take(Watch(zone=zone))
    return one, reader


async def test_one_picture_is_for_all_who_watch_and_another_comes_when_it_changed(process: Process) -> None:
    painter = Painter()
    made = Boards(process.desk.database, painter)
    try:
        _, first = await watch(process, process.desk.karin, made)
        before = await first.until(is_board)
        assert before["board"]["agents"]["ready"] == 0
        painter.painted.clear()
        others = [(await watch(process, process.desk.karin, made))[1] for _ in range(20)]
        for reader in others:
            assert await reader.until(is_board) == before, "the last picture is there at once"
        async with process.desk.database.transaction() as session:
            # What the board shows of nobody by name.
            agent = Agent(id=new_id(), email="x@example.com", name="Secret", capacity={"voice": 1})
            session.add(agent)
            await session.flush()
            await add_phone(session, agent)
        made.notice()
        for reader in (first, *others):
            changed = await reader.until(lambda f: is_board(f) and f["board"]["agents"]["ready"] == 1)
            assert "Secret" not in str(changed)
        assert len(painter.painted) <= 3, "not once for each of 21"
        assert sum(map(is_board, first.frames)) == 2, "the same is not sent twice"
    finally:
        await made.close()


async def add_phone(session: AsyncSession, agent: Agent) -> None:
    session.add(Device(agent_id=agent.id, name="tab-1", password="x", online=True))
    session.add(Presence(agent_id=agent.id, chosen="online", state="online"))


async def test_nothing_is_painted_when_nobody_watches(process: Process) -> None:
    painter = Painter()
    made = Boards(process.desk.database, painter)
    one, reader = await watch(process, process.desk.karin, made)
    await reader.until(is_board)
    await one._take(Watch(on=False))
    task = made._task
    assert task
    async with asyncio.timeout(5):
        await task
    painter.painted.clear()
    made.notice()
    assert made._task is task
    assert task.done()
    await one._take(Watch())
    try:
        await reader.until(lambda _: sum(map(is_board, reader.frames)) == 2)
    finally:
        await made.close()


async def test_each_zone_has_its_own_day(process: Process) -> None:
    painter = Painter()
    made = Boards(process.desk.database, painter)
    try:
        for zone in ("Asia/Tokyo", "America/Lima"):
            _, reader = await watch(process, process.desk.karin, made, zone)
            assert (await reader.until(is_board))["board"]["zone"] == zone
    finally:
        await made.close()


@pytest.mark.parametrize(
    ("name", "zone", "error"), [("ana", "UTC", "board_refused"), ("karin", "Mars/Olympus", "zone_unknown")]
)
async def test_who_may_not_is_told_why(process: Process, name: str, zone: str, error: str) -> None:
    painter = Painter()
    made = Boards(process.desk.database, painter)
    _, reader = await watch(process, getattr(process.desk, name), made, zone)
    assert (await reader.until(lambda f: f.get("t") == "error"))["problem"]["id"] == error
    assert made._task is None


async def test_a_picture_that_cannot_be_made_is_made_later(process: Process) -> None:
    class Broken(Painter):
        async def board(self, session: AsyncSession, zone: str) -> BoardView:
            if not self.painted:
                self.painted.append(zone)
                made.notice()
                raise RuntimeError("the database is away")
            return await super().board(session, zone)

    made = Boards(process.desk.database, Broken())
    try:
        _, reader = await watch(process, process.desk.karin, made)
        await reader.until(is_board)
    finally:
        await made.close()
