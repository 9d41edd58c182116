"""Who reads along is read to at once, then at most once in so many seconds; what fails stays noticed."""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import cast
from uuid import UUID, uuid4

import pytest

from holdfast.core import following
from holdfast.core.database import Database
from holdfast.core.following import Following
from holdfast.core.notify import conversations_in


class Along(Following):
    def __init__(self) -> None:
        super().__init__(cast(Database, None), apart=2.0)
        self.unread: list[UUID] = []
        self.read: list[list[UUID]] = []
        self.again: dict[UUID, float] = {}
        self.failing = False

    async def _unread(self) -> Sequence[UUID]:
        return [] if self.idle else list(self.unread)

    async def _read(self, ids: Sequence[UUID]) -> Mapping[UUID, float]:
        if self.failing:
            raise ConnectionError
        self.read.append(list(ids))
        return self.again


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    clock = SimpleNamespace(seconds=1000.0)
    monkeypatch.setattr(following, "time", SimpleNamespace(monotonic=lambda: clock.seconds))
    return clock


def word(*ids: UUID) -> str:
    return " ".join(f"c:{one.hex}:7" for one in ids)


def test_the_conversations_of_a_notice() -> None:
    one, two = uuid4(), uuid4()
    payload = f"c:{one.hex}:12 f:{uuid4().hex}:{uuid4().hex} a:{uuid4().hex} c:{two.hex}:1 c:{one.hex}:13"
    assert conversations_in(payload) == {one, two}


async def test_a_busy_conversation_is_read_at_once_and_then_every_two_seconds(at: SimpleNamespace) -> None:
    along, busy, quiet = Along(), uuid4(), uuid4()
    await along._look()
    for tenth in range(50):
        at.seconds = 1000 + tenth / 10
        along.notice(word(busy))
        if tenth == 5:
            along.notice(word(quiet))
        await along._look()
    assert along.read == [[busy], [quiet], [busy], [busy]]
    assert await along._look() == pytest.approx(1.1)
    assert along._wake.is_set()


async def test_what_cannot_be_read_stays_noticed(at: SimpleNamespace) -> None:
    along, one = Along(), uuid4()
    along.notice(word(one))
    along.failing = True
    with pytest.raises(ConnectionError):
        await along._look()
    along.failing = False
    await along._look()
    assert along.read == [[one]]


async def test_what_is_to_be_read_again_is_when_its_time_has_come(at: SimpleNamespace) -> None:
    along, one = Along(), uuid4()
    along.again = {one: 5.0}
    along.notice(word(one))
    assert await along._look() == 5.0
    at.seconds += 4.9
    await along._look()
    along.again = {}
    at.seconds += 0.2
    await along._look()
    assert along.read == [[one], [one]]


async def test_a_pass_over_all_ends_though_some_stay_unread(at: SimpleNamespace) -> None:
    along = Along()
    along.unread = [uuid4(), uuid4()]
    await along._look()
    assert along.read == [along.unread]
    # Nobody asks again before ten minutes, or a lost line.
    await along._look()
    assert len(along.read) == 1
    along.look_again()
    await along._look()
    at.seconds += 601
    await along._look()
    assert len(along.read) == 3


async def test_whoever_wants_to_know_nothing_notes_nothing(at: SimpleNamespace) -> None:
    along, one = Along(), uuid4()
    along.idle = True
    along.notice(word(one))
    await along._look()
    assert along.read == []
    along.idle = False
    along.notice(word(one))
    await along._look()
    assert along.read == [[one]]
