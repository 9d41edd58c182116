"""Live push: who listens to which conversation on this process, and how nothing is lost on the way.

The bus carries ids, the database carries the truth. Every subscriber has a cursor, the last sequence it was given.
An entry that follows its cursor is sent at once; one that leaves a gap makes the topic read what is missing from
the database. So a lost notice, a reconnect or a late commit costs time, never an entry.

A slow client is cut, and resumes from its cursor: memory never grows with its slowness.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any
from uuid import UUID

logger = logging.getLogger(__name__)

# A client that does not read: at most these many frames and characters wait for it (1 MiB of ASCII).
MAX_FRAMES = 512
MAX_CHARACTERS = 1 << 20
SLOW = 4408

Send = Callable[[str], Coroutine[Any, Any, None]]
Close = Callable[[int], Awaitable[None]]


class Audience(Enum):
    STAFF = "staff"
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class Frames:
    """One timeline entry as each audience gets it; ``customer`` is None for what a customer does not see. ``masked``
    is for staff who see personal values masked (None: they get the same): made when somebody does, because looking
    for the values takes longer than all else here."""

    seq: int
    staff: str
    customer: str | None
    masked: Callable[[], str] | None = None


class _Begun:
    """A coroutine that was run to its first wait outside a task: awaiting it goes on from there."""

    def __init__(self, coroutine: Coroutine[Any, Any, None], waits_for: Any) -> None:
        self._coroutine = coroutine
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, None]:
        waits_for = self._waits_for
        while True:
            try:
                try:
                    value = yield waits_for
                except BaseException as error:
                    waits_for = self._coroutine.throw(error)
                else:
                    waits_for = self._coroutine.send(value)
            except StopIteration:
                return


class Peer:
    """One socket's way out: an outbox with a limit. A task exists only while something is on its way
    (an idle connection costs no task: 25 KB each at 5,000 is the goal)."""

    __slots__ = ("_characters", "_close", "_code", "_drained", "_queue", "_send", "_task", "closing")

    def __init__(self, send: Send, close: Close) -> None:
        self._send = send
        self._close = close
        self._queue: deque[str] = deque()
        self._characters = 0
        self._task: asyncio.Task[None] | None = None
        self._drained: asyncio.Event | None = None
        self._code: int | None = None
        self.closing = False

    def push(self, frame: str) -> None:
        """Queue a frame; a peer beyond the limit is cut with 4408."""
        if self.closing:
            return
        if self._task is None:
            self._send_now(frame)
            return
        self._queue.append(frame)
        self._characters += len(frame)
        if len(self._queue) > MAX_FRAMES or self._characters > MAX_CHARACTERS:
            self.cut(SLOW)

    def _send_now(self, frame: str) -> None:
        """Send without a task of its own while the transport takes it at once, which is nearly always (a task for
        each frame was a tenth of the server's CPU); if it must wait, a task goes on from there."""
        sending = self._send(frame)
        try:
            waits_for = sending.send(None)
        except StopIteration:
            return
        except Exception:
            self._lost()
            return
        self._task = asyncio.get_running_loop().create_task(self._flush(_Begun(sending, waits_for)))

    def _lost(self) -> None:
        self.closing = True
        self._queue.clear()
        logger.debug("a socket closed while it was written to", exc_info=True)

    def cut(self, code: int) -> None:
        """Close with ``code`` at once; what is queued is dropped (the client resumes from its cursor)."""
        if self.closing:
            return
        self._queue.clear()
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self.end(code)

    def end(self, code: int) -> None:
        """Close with ``code`` after what is queued was sent; nothing more is taken."""
        if self.closing:
            return
        self.closing = True
        self._code = code
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._flush())

    async def finished(self) -> None:
        """Wait until a close that was asked for is on its way, at most 5 s (the far end may not read)."""
        if self.closing and self._task is not None:
            await asyncio.wait([self._task], timeout=5)

    async def drained(self) -> None:
        """Wait until everything queued was handed to the transport."""
        while self._queue and not self.closing:
            self._drained = self._drained or asyncio.Event()
            await self._drained.wait()

    async def _flush(self, begun: "_Begun | None" = None) -> None:
        try:
            if begun is not None:
                await begun
            while self._queue:
                frame = self._queue.popleft()
                self._characters -= len(frame)
                await self._send(frame)
            if self._code is not None:
                await self._close(self._code)
        except Exception:
            self._lost()
        finally:
            if not self.closing:
                self._task = None
            if self._drained is not None:
                self._drained.set()
                self._drained = None


class Subscriber:
    """A peer's place in one conversation's timeline."""

    __slots__ = ("audience", "cursor", "masked", "peer")

    def __init__(self, peer: Peer, audience: Audience, cursor: int, masked: bool = False) -> None:
        self.peer = peer
        self.audience = audience
        self.cursor = cursor
        self.masked = masked

    def give(self, frames: Frames) -> None:
        """Send if it is the next one; older ones are known, and a later one waits for the gap to be filled."""
        if frames.seq == self.cursor + 1:
            self.cursor = frames.seq
            self.show(frames)

    def show(self, frames: Frames) -> None:
        """Send what its audience may see, wherever it is in the timeline."""
        if self.audience is Audience.CUSTOMER:
            frame = frames.customer
        else:
            frame = frames.masked() if self.masked and frames.masked is not None else frames.staff
        if frame is not None:
            self.peer.push(frame)


class Topic:
    """One conversation with at least one subscriber on this process."""

    __slots__ = ("again", "filling", "joining", "known", "subscribers", "unsure")

    def __init__(self) -> None:
        self.subscribers: list[Subscriber] = []
        # Those still reading their history: an entry committed meanwhile must leave its mark in ``known``.
        self.joining = 0
        self.known = 0
        self.filling = False
        # Asked to read while a read was on its way, which may have looked too early.
        self.again = False
        # Notices may have been missed: read until nothing more comes, not only up to ``known``.
        self.unsure = False

    def behind(self) -> int | None:
        """The lowest cursor of those that miss something, or None."""
        late = [s.cursor for s in self.subscribers if s.cursor < self.known]
        return min(late) if late else None


# Entries after a sequence, in order, at most one page.
Load = Callable[[UUID, int], Awaitable[list[Frames]]]


class Hub:
    """The topics of one process."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._topics: dict[UUID, Topic] = {}
        self._fills: set[asyncio.Task[None]] = set()

    def topic(self, conversation_id: UUID) -> Topic | None:
        return self._topics.get(conversation_id)

    def topics(self) -> Iterable[UUID]:
        return list(self._topics)

    async def subscribe(
        self, conversation_id: UUID, peer: Peer, audience: Audience, since: int, *, masked: bool = False
    ) -> Subscriber:
        """Give the peer everything after ``since``, then keep it live. Pages wait for the peer to drain, so that a
        long history does not count as slowness."""
        subscriber = Subscriber(peer, audience, since, masked)
        topic = self._topics.setdefault(conversation_id, Topic())
        topic.joining += 1
        try:
            while page := await self._load(conversation_id, subscriber.cursor):
                for frames in page:
                    subscriber.give(frames)
                if page[-1].seq > subscriber.cursor:
                    raise RuntimeError(f"a hole in the timeline of {conversation_id} after {subscriber.cursor}")
                await peer.drained()
                if peer.closing:
                    return subscriber
            topic.subscribers.append(subscriber)
            topic.known = max(topic.known, subscriber.cursor)
            self._fill_if_behind(conversation_id, topic)
            return subscriber
        finally:
            topic.joining -= 1
            self._forget_if_empty(conversation_id, topic)

    def unsubscribe(self, conversation_id: UUID, subscriber: Subscriber) -> None:
        topic = self._topics.get(conversation_id)
        if topic is None:
            return
        if subscriber in topic.subscribers:
            topic.subscribers.remove(subscriber)
        self._forget_if_empty(conversation_id, topic)

    def _forget_if_empty(self, conversation_id: UUID, topic: Topic) -> None:
        if not topic.subscribers and not topic.joining and self._topics.get(conversation_id) is topic:
            del self._topics[conversation_id]

    def publish(self, conversation_id: UUID, frames: Frames) -> None:
        """A committed entry, straight from the writer of this process."""
        topic = self._topics.get(conversation_id)
        if topic is None:
            return
        topic.known = max(topic.known, frames.seq)
        behind = False
        for subscriber in topic.subscribers:
            subscriber.give(frames)
            behind |= subscriber.cursor < topic.known
        if behind:
            self._fill_if_behind(conversation_id, topic)

    def notice(self, conversation_id: UUID, seq: int) -> None:
        """Another process, or an ordinary transaction of this one, committed up to ``seq``."""
        topic = self._topics.get(conversation_id)
        if topic is None or (seq <= topic.known and topic.behind() is None):
            return
        topic.known = max(topic.known, seq)
        self._fill_if_behind(conversation_id, topic)

    def push(
        self, conversation_id: UUID, frame: str, audience: Audience | None = None, *, but: Peer | None = None
    ) -> None:
        """A frame that is live only (typing, reads, state), to everyone of ``audience`` but one."""
        topic = self._topics.get(conversation_id)
        for subscriber in topic.subscribers if topic else ():
            if subscriber.peer is not but and audience in (None, subscriber.audience):
                subscriber.peer.push(frame)

    def push_to_all(self, frame: str, audience: Audience) -> None:
        """A frame about no conversation, to everyone of ``audience``, once for each of their sockets."""
        for topic in list(self._topics.values()):
            for subscriber in topic.subscribers:
                if subscriber.audience is audience:
                    subscriber.peer.push(frame)

    def show(self, conversation_id: UUID, frames: Frames) -> None:
        """What became of an entry that was given before, to everyone as they may see it."""
        topic = self._topics.get(conversation_id)
        for subscriber in topic.subscribers if topic else ():
            subscriber.show(frames)

    def catch_up(self) -> None:
        """Read again for every topic (the listener was away: any notice may have been missed)."""
        for conversation_id, topic in list(self._topics.items()):
            topic.unsure = True
            self._start_fill(conversation_id, topic)

    def _fill_if_behind(self, conversation_id: UUID, topic: Topic) -> None:
        if topic.behind() is not None:
            self._start_fill(conversation_id, topic)

    def _start_fill(self, conversation_id: UUID, topic: Topic) -> None:
        if topic.filling or not topic.subscribers:
            topic.again = True
            return
        topic.filling = True
        task = asyncio.get_running_loop().create_task(self._fill(conversation_id, topic))
        self._fills.add(task)
        task.add_done_callback(self._fills.discard)

    async def _fill(self, conversation_id: UUID, topic: Topic) -> None:
        """Read from the lowest cursor until nobody is behind. A lost database is retried."""
        pause = 0.05
        try:
            while topic.subscribers:
                topic.again = False
                try:
                    page = await self._load(conversation_id, min(s.cursor for s in topic.subscribers))
                except Exception:
                    logger.warning("cannot read the timeline of %s, trying again", conversation_id, exc_info=True)
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, 2.0)
                    continue
                for frames in page:
                    topic.known = max(topic.known, frames.seq)
                    for subscriber in topic.subscribers:
                        subscriber.give(frames)
                if topic.again or not topic.subscribers:
                    continue
                if not page:
                    # A notice comes with its commit, so the entry is there; unless it was erased since.
                    topic.known = max(s.cursor for s in topic.subscribers)
                    topic.unsure = False
                if topic.behind() is None and not topic.unsure:
                    return
        finally:
            topic.filling = False
