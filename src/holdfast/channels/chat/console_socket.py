"""/ws/console: a signed-in agent's inbox, offers and open conversations (docs/protocol.md)."""

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta
from http.cookies import SimpleCookie
from uuid import UUID

from holdfast.access.audit import record
from holdfast.access.policy import Sight
from holdfast.access.viewer import StaffViewer
from holdfast.channels.chat import connection as wire
from holdfast.channels.chat.connection import Connection, Gone, Receive, Scope, SendEvent
from holdfast.channels.chat.feed import Console
from holdfast.channels.chat.frames import PONG, Hello, Open, Ping, Read, Send, Shut, Typing, Watch, frame
from holdfast.channels.chat.service import Chat, Sender
from holdfast.conversations import masking, queries
from holdfast.conversations.errors import ConversationNotFound
from holdfast.conversations.schemas import Row
from holdfast.core.errors import HoldfastError
from holdfast.core.http import cookie_name
from holdfast.core.live import Audience, Subscriber
from holdfast.people import me, presence
from holdfast.people import queries as people
from holdfast.people.sessions import authenticate, sessions_alive, viewer_of

logger = logging.getLogger(__name__)

# Seconds between two looks whether the session still lives: one that was ended loses its socket within this time.
SESSION_CHECK = 15.0
# A console that shows more conversations at once than this is not a person's.
MAX_OPEN = 50


async def console_socket(chat: Chat, scope: Scope, receive: Receive, send: SendEvent) -> None:
    """Serve one connection until it ends."""
    headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
    connection = Connection(scope, receive, send, rate=chat.settings.chat_rate * 3, language="en")
    with suppress(Gone):
        await wire.accept(receive, send)
        if headers.get("origin") != chat.settings.origin:
            # A page of another origin would ride on the agent's cookie.
            connection.end(wire.FORBIDDEN)
        if not isinstance(await connection.hello(), Hello):
            connection.end(wire.MALFORMED)
        console, session_id = await _sign_in(chat, connection, headers.get("cookie", ""))
        await _Desk(chat, connection, console, session_id).run()
    await connection.peer.finished()


async def _sign_in(chat: Chat, connection: Connection, cookies: str) -> tuple[Console, UUID]:
    cookie = SimpleCookie(cookies).get(cookie_name(chat.settings))
    try:
        async with chat.database.transaction() as session:
            found = await authenticate(session, cookie.value) if cookie else None
            if found is None:
                connection.end(wire.UNAUTHORISED)
            viewer, sign_in = found
            shown = await me.view(session, viewer, chat.settings)
    except Gone:
        raise
    except Exception:
        logger.exception("a console could not be greeted")
        connection.end(wire.RESTARTING)
    if shown.must_enrol:
        # Until the second factor is set up there is nothing to see.
        connection.end(wire.FORBIDDEN)
    connection.language = viewer.language
    connection.peer.push(frame("ready", me=shown))
    return Console(viewer, connection.peer), sign_in.id


class _Desk:
    """One console's connection."""

    def __init__(self, chat: Chat, connection: Connection, console: Console, session_id: UUID) -> None:
        self._chat = chat
        self._connection = connection
        self._console = console
        self._viewer: StaffViewer = console.viewer
        self._session_id = session_id
        self._open: dict[UUID, Subscriber] = {}
        console.drop = self._shut
        self._sender = Sender(chat, connection, self._viewer, "agent", self._viewer.name)

    async def run(self) -> None:
        chat = self._chat
        socket_id: UUID | None = None
        check = asyncio.get_running_loop().create_task(self._watch_session())
        try:
            async with chat.database.transaction() as session:
                socket_id = await presence.socket_opened(session, self._viewer.id, chat.process_id)
            chat.sockets.add(socket_id)
            chat.feed.consoles.add(self._console)
            await chat.feed.show_inbox(self._console)
            while True:
                await self._take(await self._connection.next())
        except Gone:
            raise
        except Exception:
            logger.exception("a console's connection failed")
            self._connection.peer.end(wire.RESTARTING)
        finally:
            check.cancel()
            chat.feed.consoles.discard(self._console)
            chat.boards.leave(self._console)
            for conversation_id in list(self._open):
                self._shut(conversation_id)
            if socket_id is not None:
                chat.sockets.discard(socket_id)
                chat.start(_close(chat, socket_id))

    async def _watch_session(self) -> None:
        """An ended session loses its socket; changed roles make it connect again and see with the new ones."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(SESSION_CHECK):
                    await self._console.recheck.wait()
            self._console.recheck.clear()
            try:
                async with self._chat.database.transaction() as session:
                    alive = await sessions_alive(session, [self._session_id])
                    agent = await people.agent_by_id(session, self._viewer.id)
            except Exception:
                logger.warning("a session could not be checked", exc_info=True)
                continue
            if self._session_id not in alive or agent is None:
                self._connection.peer.cut(wire.UNAUTHORISED)
                return
            if viewer_of(agent) != self._viewer:
                self._connection.peer.cut(wire.RESTARTING)
                return

    async def _take(self, received: object) -> None:
        try:
            match received:
                case Ping():
                    self._connection.peer.push(PONG)
                case Open(c=conversation_id, since=since):
                    await self._show(conversation_id, since)
                case Shut(c=conversation_id):
                    self._shut(conversation_id)
                case Send(k=key, c=UUID() as conversation_id, b=text, kind=("public" | "note") as kind, att=files):
                    try:
                        self._sender.take(conversation_id, self._viewer.id, key, text, kind=kind, files=tuple(files))
                    except HoldfastError as error:
                        self._connection.refuse(key, error, c=conversation_id)
                case Read(c=UUID() as conversation_id, seq=seq) if conversation_id in self._open:
                    self._read(conversation_id, seq)
                case Typing(c=UUID() as conversation_id, on=on) if conversation_id in self._open:
                    self._type(conversation_id, on)
                case Read() | Typing():
                    raise ConversationNotFound
                case Watch(on=True, zone=zone):
                    self._chat.boards.watch(self._console, zone)
                case Watch():
                    self._chat.boards.leave(self._console)
                case _:
                    self._connection.end(wire.MALFORMED)
        except HoldfastError as error:
            self._connection.refuse(None, error, c=getattr(received, "c", None))

    async def _show(self, conversation_id: UUID, since: int) -> None:
        """Open a timeline; opening it again resumes from ``since``."""
        self._shut(conversation_id)
        if len(self._open) >= MAX_OPEN:
            self._shut(next(iter(self._open)))
        opened = self._console.opened
        try:
            row = await self._look(conversation_id, first=True)
            # A change that came meanwhile may be newer than what was read.
            while conversation_id in opened and opened[conversation_id] is not None:
                row = await self._look(conversation_id)
        except BaseException:
            opened.pop(conversation_id, None)
            raise
        if conversation_id not in opened:
            return
        peer = self._connection.peer
        text = opened[conversation_id] = masking.text_sight(self._viewer, row)
        peer.push(frame("opened", c=conversation_id, seq=row.seq, row=row))
        # A place beyond the end would wait for entries that nobody has written.
        subscriber = await self._chat.feed.hub.subscribe(
            conversation_id, peer, Audience.STAFF, min(max(since, 0), row.seq), masked=text is not Sight.CLEAR
        )
        if conversation_id not in opened:
            self._chat.feed.hub.unsubscribe(conversation_id, subscriber)
            return
        self._open[conversation_id] = subscriber
        if since:
            await self._chat.feed.recent_pictures(conversation_id, subscriber)
        peer.push(frame("live", c=conversation_id))
        self._chat.looking.enter(conversation_id, self._console)

    async def _look(self, conversation_id: UUID, *, first: bool = False) -> Row:
        """The row now. It counts as open from before the look, so that no change is missed (feed.py)."""
        self._console.opened[conversation_id] = None
        async with self._chat.database.transaction() as session:
            if first:
                record(session, self._viewer, "conversation.opened", ("conversation", conversation_id))
            return await queries.row(session, self._viewer, conversation_id)

    def _shut(self, conversation_id: UUID) -> None:
        self._console.opened.pop(conversation_id, None)
        subscriber = self._open.pop(conversation_id, None)
        if subscriber is not None:
            self._chat.feed.hub.unsubscribe(conversation_id, subscriber)
            self._chat.looking.leave(conversation_id, self._console)

    def _read(self, conversation_id: UUID, seq: int) -> None:
        seq = min(seq, self._open[conversation_id].cursor)
        self._chat.reads.mark(conversation_id, "agent", seq)
        self._chat.moments.push(
            conversation_id,
            frame("read", c=conversation_id, by="agent", seq=seq),
            but=self._connection.peer,
        )

    def _type(self, conversation_id: UUID, on: bool) -> None:
        """Colleagues see who writes; the customer sees that their agent does."""
        self._chat.looking.write(conversation_id, self._console, on)
        who = {"id": self._viewer.id, "name": self._viewer.name, "role": "agent"}
        self._chat.moments.push(
            conversation_id,
            frame("typing", c=conversation_id, who=who, name=self._viewer.name, on=on),
            Audience.CUSTOMER,
        )


async def _close(chat: Chat, socket_id: UUID) -> None:
    """Say that the console is gone, until the database has heard it: its agent must not be asked any more."""
    while True:
        try:
            async with chat.database.transaction() as session:
                await presence.socket_closed(session, socket_id, timedelta(seconds=chat.settings.presence_grace))
        except Exception:
            logger.warning("a closed console could not be noted, trying again", exc_info=True)
            await asyncio.sleep(1)
        else:
            return
