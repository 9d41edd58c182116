"""Live push of one process: timelines to whoever has them open, rows and offers to the consoles.

Timelines are exact (core/live.py). Rows, counters and states are pictures: the newest replaces the older one, so
they are pushed at most five times a second for each conversation, however many messages it gets.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from uuid import UUID

from holdfast.access.policy import Field, Sight, sight
from holdfast.access.viewer import Role, StaffViewer, SystemViewer
from holdfast.channels.chat import states
from holdfast.channels.chat.connection import RESTARTING
from holdfast.channels.chat.frames import frame
from holdfast.conversations import masking, presenting, queries, timeline, visibility
from holdfast.conversations.models import Attachment
from holdfast.conversations.schemas import Entry, Row
from holdfast.core.database import Database
from holdfast.core.live import Audience, Frames, Hub, Peer, Subscriber
from holdfast.people import presence
from holdfast.routing import queries as routing_queries
from holdfast.routing.schemas import OfferView

logger = logging.getLogger(__name__)

# Seconds between two pictures of one conversation, and between two sets of counters.
PICTURE = 0.2
COUNTERS = 0.5


class Console:
    """One open console of a signed-in agent, and what it has been shown."""

    __slots__ = ("drop", "offers", "opened", "peer", "recheck", "shown", "viewer")

    def __init__(self, viewer: StaffViewer, peer: Peer) -> None:
        self.viewer = viewer
        self.peer = peer
        self.shown: set[UUID] = set()
        # The timelines it has open, and how it sees their words (None: being looked up); ``drop`` shuts one that its
        # agent may no longer see, or sees otherwise now.
        self.opened: dict[UUID, Sight | None] = {}
        self.drop: Callable[[UUID], object] = lambda conversation_id: self.opened.pop(conversation_id, None)
        # Something about the agent changed: look at the session and the roles again.
        self.recheck = asyncio.Event()
        self.offers: set[UUID] = set()


def frames_of(conversation_id: UUID, entry: Entry) -> Frames:
    """An entry as staff, as staff who see it masked, and as its customer get it (one text for those who see the
    same)."""

    def masked() -> str:
        return frame("msg", c=conversation_id, e=masking.seen_entry(entry, Sight.MASKED))

    staff = frame("msg", c=conversation_id, e=entry)
    seen = presenting.for_customer(entry)
    customer = None if seen is None else staff if seen is entry else frame("msg", c=conversation_id, e=seen)
    return Frames(entry.seq, staff, customer, masked)


def picture_frames(file: Attachment) -> Frames:
    """What came of a picture, as each side may see it: its name is words, too."""

    def made(*, own: str, text: Sight = Sight.CLEAR) -> str:
        view = presenting.attachment_view(file, own=file.uploader == own)
        return frame("att", c=file.conversation_id, seq=file.seq, att=masking.seen_file(view, text))

    # Made now, while the row is at hand.
    masked = made(own="agent", text=Sight.MASKED)
    return Frames(file.seq or 0, made(own="agent"), made(own="customer"), lambda: masked)


class Feed:
    """Ties the hub to the database and to the consoles of this process."""

    def __init__(self, database: Database, process: str) -> None:
        self.database = database
        self.process = process
        self.hub = Hub(self._load)
        self.consoles: set[Console] = set()
        self._dirty: set[UUID] = set()
        self._called: set[UUID] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._painting = self._counting = self._calling = self._ringing = False

    async def _load(self, conversation_id: UUID, after: int) -> list[Frames]:
        async with self.database.transaction() as session:
            rows = await timeline.entries_after(session, conversation_id, after)
            return [frames_of(conversation_id, e) for e in await presenting.entries(session, conversation_id, rows)]

    def wrote(self, conversation_id: UUID, entry: Entry) -> None:
        """This process committed a follow-up: push it without asking the database."""
        if self.hub.topic(conversation_id) is not None:
            self.hub.publish(conversation_id, frames_of(conversation_id, entry))
        self.mark(conversation_id)

    def notice(self, payload: str) -> None:
        """A notice of the LIVE channel (core/notify.py)."""
        words = payload.split(" ")
        own = words[0] == f"p:{self.process}"
        for word in words:
            kind, _, rest = word.partition(":")
            if kind == "c" and not own:
                conversation_id, _, seq = rest.partition(":")
                self.hub.notice(UUID(conversation_id), int(seq))
                self.mark(UUID(conversation_id))
            elif kind == "f":
                conversation_id, _, attachment_id = rest.partition(":")
                if self.hub.topic(UUID(conversation_id)) is not None:
                    self._start(self._show_picture(UUID(attachment_id)))
            elif kind == "a":
                self.call(UUID(rest))
            elif kind == "v":
                self._phone(rest)
            elif kind == "g":
                self._grant_ended(*(UUID(part) for part in rest.split(":")))

    def _phone(self, whose: str) -> None:
        """Of an agent, or ``*``: all calls, which are for leads, and change more often than anybody can look."""
        if whose != "*":
            self._push_to(UUID(whose), frame("phone"))
        elif not self._ringing:
            self._ringing = True
            self._start(self._tell_leads())

    async def _tell_leads(self) -> None:
        await asyncio.sleep(COUNTERS)
        self._ringing = False
        for console in self.consoles:
            if console.viewer.holds(Role.LEAD):
                console.peer.push(frame("phone"))

    def _grant_ended(self, agent_id: UUID, grant_id: UUID, conversation_id: UUID, field_id: UUID) -> None:
        """The agent's consoles hide the field, wherever it is shown."""
        self._push_to(agent_id, frame("grant_end", id=grant_id, c=conversation_id, field=field_id))

    def _push_to(self, agent_id: UUID, text: str) -> None:
        for console in self.consoles:
            if console.viewer.id == agent_id:
                console.peer.push(text)

    async def listening(self) -> None:
        """The listener is (again) connected: whatever was missed is read from the database."""
        self.hub.catch_up()
        for conversation_id in self.hub.topics():
            self.mark(conversation_id)
        for console in list(self.consoles):
            self._start(self._show_inbox_or_cut(console))

    async def _show_picture(self, attachment_id: UUID) -> None:
        try:
            async with self.database.transaction() as session:
                file = await timeline.attachment(session, attachment_id)
        except Exception:
            logger.warning("a picture's state is shown at the next connect", exc_info=True)
            return
        if file is not None:
            self.hub.show(file.conversation_id, picture_frames(file))

    async def recent_pictures(self, conversation_id: UUID, subscriber: Subscriber) -> None:
        """The states of pictures that one who was away may hold older ones of."""
        async with self.database.transaction() as session:
            files = await timeline.recent_pictures(session, conversation_id)
        for file in files:
            subscriber.show(picture_frames(file))

    def problems_changed(self) -> None:
        """Widgets ask what is known to be out of order, and show it without being loaded again."""
        self.hub.push_to_all(frame("problems"), Audience.CUSTOMER)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """End what is on its way: the sockets are going."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def mark(self, conversation_id: UUID) -> None:
        """The conversation's row changed: its picture goes to whoever shows it, soon."""
        if not self.consoles and self.hub.topic(conversation_id) is None:
            return
        self._dirty.add(conversation_id)
        if not self._painting:
            self._painting = True
            self._start(self._paint())
        if self.consoles and not self._counting:
            self._counting = True
            self._start(self._count())

    async def _paint(self) -> None:
        pause = PICTURE
        try:
            while self._dirty:
                ids, self._dirty = self._dirty, set()
                late = await self._paint_or_keep(ids)
                self._dirty |= late
                pause = min(pause * 2, 5.0) if late else PICTURE
                await asyncio.sleep(pause)
        finally:
            self._painting = False

    async def _paint_or_keep(self, ids: set[UUID]) -> set[UUID]:
        """Paint; what fails together is tried one by one, so that a row that cannot be read delays no other."""
        try:
            await self._paint_now(ids)
        except Exception:
            logger.warning("pictures of %d conversations are late", len(ids), exc_info=True)
            if len(ids) == 1:
                return ids
            return {late for one in ids for late in await self._paint_or_keep({one})}
        return set()

    async def _paint_now(self, ids: Iterable[UUID]) -> None:
        async with self.database.transaction() as session:
            for conversation, row in await queries.pictures(session, SystemViewer("live"), list(ids)):
                texts: dict[tuple[Sight, Sight], str] = {}
                for console in self.consoles:
                    if visibility.sees(console.viewer, conversation):
                        console.shown.add(row.id)
                        console.peer.push(self._row_text(console.viewer, row, texts))
                        self._reopen_if_seen_otherwise(console, row)
                    elif row.id in console.shown or row.id in console.opened:
                        console.shown.discard(row.id)
                        console.drop(row.id)
                        console.peer.push(frame("gone", c=row.id))
                if self.hub.topic(row.id) is not None:
                    state = await states.state(session, conversation, row.assignee)
                    self.hub.push(row.id, frame("state", conv=state), Audience.CUSTOMER)

    @staticmethod
    def _row_text(viewer: StaffViewer, row: Row, texts: dict[tuple[Sight, Sight], str]) -> str:
        """The row's frame as the viewer sees it, made once for all who see the same."""
        at = masking.stance_of(viewer, row)
        seen = sight(viewer, Field.NAME, at), sight(viewer, Field.TEXT, at)
        if seen not in texts:
            texts[seen] = frame("row", row=masking.seen_row(row, *seen))
        return texts[seen]

    @staticmethod
    def _reopen_if_seen_otherwise(console: Console, row: Row) -> None:
        """Words that were clear are masked now, or the other way round: the client forgets them and asks again."""
        if row.id not in console.opened:
            return
        before, now = console.opened[row.id], masking.text_sight(console.viewer, row)
        if before is None:
            # It is just being opened, perhaps with an older state: noted, so that it is looked up once more.
            console.opened[row.id] = now
        elif before is not now:
            console.drop(row.id)
            console.peer.push(frame("reopen", c=row.id))

    async def _count(self) -> None:
        try:
            await asyncio.sleep(COUNTERS)
            consoles = list(self.consoles)
            async with self.database.transaction() as session:
                found = await queries.counters(session, [c.viewer for c in consoles])
            for console in consoles:
                console.peer.push(frame("counters", counters=found[console.viewer.id]))
        except Exception:
            logger.warning("counters are late", exc_info=True)
        finally:
            self._counting = False

    def call(self, agent_id: UUID) -> None:
        """An agent's offers or presence changed."""
        if not any(c.viewer.id == agent_id for c in self.consoles):
            return
        self._called.add(agent_id)
        for console in self.consoles:
            if console.viewer.id == agent_id:
                console.recheck.set()
        if not self._calling:
            self._calling = True
            self._start(self._call())

    async def _call(self) -> None:
        pause = 0.05
        try:
            while self._called:
                agents, self._called = self._called, set()
                try:
                    for console in [c for c in self.consoles if c.viewer.id in agents]:
                        await self._call_now(console)
                except Exception:
                    logger.warning("offers are late", exc_info=True)
                    self._called |= agents
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, 2.0)
        finally:
            self._calling = False

    async def _call_now(self, console: Console) -> None:
        async with self.database.transaction() as session:
            ringing = await routing_queries.ringing_offers(session, console.viewer.id)
            ended = await routing_queries.outcomes(session, console.offers - {o.id for o in ringing})
            state = await presence.state_of(session, console.viewer.id)
        for offer in ringing:
            if offer.id not in console.offers:
                console.offers.add(offer.id)
                console.peer.push(frame("offer", offer=offer))
        for offer_id, outcome in ended.items():
            console.offers.discard(offer_id)
            console.peer.push(frame("offer_end", id=offer_id, outcome=outcome))
        console.peer.push(frame("presence", presence=state))

    async def _show_inbox_or_cut(self, console: Console) -> None:
        """A console whose picture cannot be made anew must not go on with the old one."""
        try:
            await self.show_inbox(console)
        except Exception:
            logger.warning("a console's picture failed, it must connect again", exc_info=True)
            console.peer.cut(RESTARTING)

    async def show_inbox(self, console: Console) -> None:
        """The whole picture, which replaces what the console holds."""
        async with self.database.transaction() as session:
            rows = await queries.inbox(session, console.viewer)
            counters = await queries.counters(session, [console.viewer])
            offers: list[OfferView] = await routing_queries.ringing_offers(session, console.viewer.id)
            state = await presence.state_of(session, console.viewer.id)
        console.shown = {r.id for r in rows}
        console.offers = {o.id for o in offers}
        console.peer.push(frame("inbox", rows=rows, counters=counters[console.viewer.id], offers=offers))
        console.peer.push(frame("presence", presence=state))
