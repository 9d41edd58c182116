"""Live push: order, no hole, nothing twice, and a slow client that costs nobody anything."""

import asyncio
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.core.ids import new_id
from holdfast.core.live import MAX_FRAMES, SLOW, Audience, Frames, Hub, Peer


class Reader:
    """A socket's far end: keeps what it was sent; may stop reading."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.closed: int | None = None
        self.reading = asyncio.Event()
        self.reading.set()
        self.peer = Peer(self._send, self._close)

    async def _send(self, frame: str) -> None:
        await self.reading.wait()
        self.got.append(frame)

    async def _close(self, code: int) -> None:
        self.closed = code


class Store:
    """The committed timeline, which the hub reads."""

    def __init__(self) -> None:
        self.entries: list[Frames] = []
        self.loads = 0

    def commit(self, *, internal: bool = False) -> Frames:
        seq = len(self.entries) + 1
        frames = Frames(seq, f"s{seq}", None if internal else f"c{seq}")
        self.entries.append(frames)
        return frames

    async def load(self, _conversation: UUID, after: int) -> list[Frames]:
        self.loads += 1
        found = self.entries[after : after + 3]
        await asyncio.sleep(0)
        return found


async def settled(hub: Hub, *readers: Reader) -> None:
    """Until no fill runs and nothing is queued."""
    while hub._fills or any(r.peer._queue for r in readers):
        await asyncio.sleep(0)
    await asyncio.sleep(0)


async def test_history_then_live_without_hole_or_double() -> None:
    store, reader, conversation = Store(), Reader(), new_id()
    hub = Hub(store.load)
    for _ in range(7):
        store.commit()
    await hub.subscribe(conversation, reader.peer, Audience.STAFF, 2)
    hub.publish(conversation, store.commit())
    await settled(hub, reader)
    assert reader.got == [f"s{n}" for n in range(3, 9)]


async def test_an_entry_committed_while_the_history_is_read_is_not_lost() -> None:
    store, reader, conversation = Store(), Reader(), new_id()

    async def load(conversation_id: UUID, after: int) -> list[Frames]:
        found = await store.load(conversation_id, after)
        if len(store.entries) < 3:
            # Committed after our look, published before we are subscribed: the classic lost message.
            hub.publish(conversation, store.commit())
        return found

    hub = Hub(load)
    await hub.subscribe(conversation, reader.peer, Audience.STAFF, 0)
    await settled(hub, reader)
    assert reader.got == ["s1", "s2", "s3"]


async def test_a_gap_is_filled_from_the_store_in_order() -> None:
    store, reader, conversation = Store(), Reader(), new_id()
    hub = Hub(store.load)
    await hub.subscribe(conversation, reader.peer, Audience.STAFF, 0)
    store.commit()
    third = [store.commit(), store.commit()][1]
    hub.publish(conversation, third)
    await settled(hub, reader)
    assert reader.got == ["s1", "s2", "s3"]


async def test_customers_do_not_get_internal_entries_and_miss_nothing_else() -> None:
    store, customer, staff, conversation = Store(), Reader(), Reader(), new_id()
    hub = Hub(store.load)
    await hub.subscribe(conversation, customer.peer, Audience.CUSTOMER, 0)
    await hub.subscribe(conversation, staff.peer, Audience.STAFF, 0)
    for internal in (False, True, False):
        hub.publish(conversation, store.commit(internal=internal))
    await settled(hub, customer, staff)
    assert customer.got == ["c1", "c3"]
    assert staff.got == ["s1", "s2", "s3"]


async def test_a_notice_of_another_process_brings_what_it_names() -> None:
    store, reader, conversation = Store(), Reader(), new_id()
    hub = Hub(store.load)
    await hub.subscribe(conversation, reader.peer, Audience.STAFF, 0)
    store.commit()
    store.commit()
    hub.notice(conversation, 2)
    hub.notice(conversation, 1)
    await settled(hub, reader)
    assert reader.got == ["s1", "s2"]


async def test_a_lost_database_delays_but_loses_nothing() -> None:
    store, reader, conversation = Store(), Reader(), new_id()
    failures = 2

    async def load(conversation_id: UUID, after: int) -> list[Frames]:
        nonlocal failures
        if store.entries and failures:
            failures -= 1
            raise ConnectionError("the database is away")
        return await store.load(conversation_id, after)

    hub = Hub(load)
    await hub.subscribe(conversation, reader.peer, Audience.STAFF, 0)
    store.commit()
    hub.notice(conversation, 1)
    await asyncio.wait_for(settled(hub, reader), 5)
    assert reader.got == ["s1"]
    assert failures == 0


async def test_a_slow_client_is_cut_and_others_go_on() -> None:
    store, slow, quick, conversation = Store(), Reader(), Reader(), new_id()
    hub = Hub(store.load)
    slow.reading.clear()
    await hub.subscribe(conversation, slow.peer, Audience.STAFF, 0)
    await hub.subscribe(conversation, quick.peer, Audience.STAFF, 0)
    for _ in range(MAX_FRAMES + 10):
        hub.publish(conversation, store.commit())
        await asyncio.sleep(0)
    await settled(hub, quick)
    assert slow.closed == SLOW
    assert not slow.peer._queue
    assert len(quick.got) == MAX_FRAMES + 10


async def test_a_frame_that_must_wait_is_sent_before_the_later_ones() -> None:
    reader = Reader()
    reader.reading.clear()
    for n in range(3):
        reader.peer.push(f"f{n}")
    await asyncio.sleep(0)
    assert reader.got == []
    reader.reading.set()
    await reader.peer.drained()
    reader.peer.push("f3")
    await asyncio.sleep(0)
    assert reader.got == ["f0", "f1", "f2", "f3"]


async def test_a_broken_socket_takes_no_more_and_hurts_nobody() -> None:
    async def broken(_frame: str) -> None:
        raise ConnectionResetError

    peer = Peer(broken, Reader()._close)
    peer.push("lost")
    assert peer.closing
    peer.push("not taken")
    await peer.finished()


async def test_an_end_comes_after_what_is_queued_and_a_cut_before() -> None:
    ended, cut = Reader(), Reader()
    for reader in (ended, cut):
        reader.reading.clear()
        reader.peer.push("a")
        reader.peer.push("b")
        await asyncio.sleep(0)
    ended.peer.end(4400)
    cut.peer.cut(SLOW)
    for reader in (ended, cut):
        reader.reading.set()
        await reader.peer.finished()
    assert (ended.got, ended.closed) == (["a", "b"], 4400)
    assert (cut.got, cut.closed) == ([], SLOW)


async def test_a_topic_without_subscribers_is_forgotten() -> None:
    store, reader, conversation = Store(), Reader(), new_id()
    hub = Hub(store.load)
    subscriber = await hub.subscribe(conversation, reader.peer, Audience.STAFF, 0)
    hub.unsubscribe(conversation, subscriber)
    assert hub.topic(conversation) is None


@pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning")
@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(["publish", "lose", "notice", "join", "leave", "catch_up", "turn"]), max_size=40))
def test_whatever_happens_every_reader_has_a_gapless_prefix_and_in_the_end_all(steps: list[str]) -> None:
    """Random losses of direct pushes and notices, joins and leaves: what a reader has is always 1..n in order."""

    async def run() -> None:
        store, conversation = Store(), new_id()
        hub = Hub(store.load)
        readers: list[Reader] = []
        joined = []
        for step in steps:
            match step:
                case "publish":
                    hub.publish(conversation, store.commit())
                case "lose":
                    store.commit()
                case "notice":
                    hub.notice(conversation, len(store.entries))
                case "join":
                    reader = Reader()
                    readers.append(reader)
                    joined.append(await hub.subscribe(conversation, reader.peer, Audience.STAFF, 0))
                case "leave" if joined:
                    hub.unsubscribe(conversation, joined.pop(0))
                    readers.pop(0)
                case "catch_up":
                    hub.catch_up()
                case _:
                    await asyncio.sleep(0)
            for reader in readers:
                assert reader.got == [f"s{n + 1}" for n in range(len(reader.got))]
        hub.catch_up()
        await asyncio.wait_for(settled(hub, *readers), 5)
        for reader in readers:
            assert reader.got == [f"s{n + 1}" for n in range(len(store.entries))]

    asyncio.run(run())
